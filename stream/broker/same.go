package broker

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ErrMadeAnew says that a topic was deleted and made anew while it was in use: its name is the same, and nothing of what
// was in it is.
var ErrMadeAnew = errors.New("was deleted and made anew while this process used it")

// Changes asks the cluster whether the topics are still those of the layout, by their ids, and says of each that is
// missing, made anew or cannot be seen what is wrong with it. err means that the cluster did not answer.
func (l *Layout) Changes(ctx context.Context, c *Cluster, cl *kgo.Client, topics ...string) (wrong map[string]error, err error) {
	now, err := describe(ctx, cl, topics)
	if err != nil {
		return nil, err
	}
	wrong = map[string]error{}
	for _, name := range topics {
		if err := l.same(c, name, now[name]); err != nil {
			wrong[name] = err
		}
	}
	return wrong, nil
}

// Same is nil if Changes has nothing to say: nothing may be read from or written to another topic as if it were the one
// before.
func (l *Layout) Same(ctx context.Context, c *Cluster, cl *kgo.Client, topics ...string) error {
	wrong, err := l.Changes(ctx, c, cl, topics...)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range topics { // in their order: who says it once compares the words
		errs = append(errs, wrong[name])
	}
	return errors.Join(errs...)
}

// Renewed is the layout with these topics as they are now; one that is missing stays as it was.
func (l *Layout) Renewed(ctx context.Context, cl *kgo.Client, topics ...string) (*Layout, error) {
	now, err := describe(ctx, cl, topics)
	if err != nil {
		return nil, err
	}
	renewed := &Layout{Partitions: maps.Clone(l.Partitions), IDs: maps.Clone(l.IDs)}
	for name, t := range now {
		if t.ErrorCode == 0 {
			renewed.IDs[name], renewed.Partitions[name] = hex.EncodeToString(t.TopicID[:]), int32(len(t.Partitions))
		}
	}
	return renewed, nil
}

// describe asks for metadata, of each topic for itself: kadm gives none at all if one is not permitted, and may answer from
// memory.
func describe(ctx context.Context, cl *kgo.Client, topics []string) (map[string]kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	req.AllowAutoTopicCreation = false
	for _, name := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = &name
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return nil, fmt.Errorf("asking about topics: %w", err)
	}
	all := map[string]kmsg.MetadataResponseTopic{}
	for _, t := range resp.Topics {
		if t.Topic != nil {
			all[*t.Topic] = t
		}
	}
	return all, nil
}

// noID is the id of a topic in a cluster too old to have ids.
var noID = strings.Repeat("0", 32)

func (l *Layout) same(c *Cluster, name string, t kmsg.MetadataResponseTopic) error {
	err := kerr.ErrorForCode(t.ErrorCode)
	switch {
	case t.Topic == nil || errors.Is(err, kerr.UnknownTopicOrPartition):
		return fmt.Errorf("topic %s is gone: it was deleted, or a broker does not know it yet: %w", name, kerr.UnknownTopicOrPartition)
	case kerr.IsRetriable(err):
		return nil // it is there: a leader is being found
	case err != nil:
		return fmt.Errorf("topic %s cannot be seen: %w", name, c.Denied(err, Use{Operation: "Describe", Topic: name}))
	}
	id, was := hex.EncodeToString(t.TopicID[:]), l.IDs[name]
	if id != was && id != noID && was != noID && was != "" {
		return fmt.Errorf("topic %s %w (topic id %s, it was %s); RUNBOOK.md, \"A topic was deleted\", says what to do",
			name, ErrMadeAnew, id, was)
	}
	return nil
}
