package broker

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// Layout is what the cluster says of the topics.
type Layout struct {
	Partitions map[string]int32  // topic → number of partitions
	IDs        map[string]string // topic → Kafka's topic id, 32 hex digits; another one means it was deleted and made anew
}

// ErrTopics is wrapped by Load's error if topics are missing or unfit, as opposed to the cluster not answering.
var ErrTopics = errors.New("topics are not ready")

// Load reads the topics and checks them. If any is missing or unfit, the one error lists all that is wrong and names
// the command that makes them.
func Load(ctx context.Context, c *Cluster, t Topics) (*Layout, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	cl, err := c.reached(ctx)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	details, err := adm.ListTopics(ctx, t.All()...)
	if Unauthorized(err) { // kadm does not say of which
		err = errors.Join(err, (&Layout{}).Same(ctx, c, cl, t.All()...))
	}
	if err != nil {
		return nil, fmt.Errorf("listing topics: %w", err)
	}
	var exist []string
	for _, name := range t.All() {
		if d, ok := details[name]; ok && d.Err == nil {
			exist = append(exist, name)
		}
	}
	configs := map[string]kadm.ResourceConfig{}
	if len(exist) > 0 {
		described, err := adm.DescribeTopicConfigs(ctx, exist...)
		if err != nil {
			return nil, fmt.Errorf("reading topic configurations: %w", err)
		}
		for _, r := range described {
			configs[r.Name] = r
		}
	}
	var wrong []string
	l := &Layout{Partitions: map[string]int32{}, IDs: map[string]string{}}
	for _, s := range t.specs(0) {
		d := details[s.topic]
		if p := s.problems(d, configs[s.topic], details[s.likeTopic]); len(p) > 0 {
			wrong = append(wrong, "  "+s.topic+": "+strings.Join(p, "; "))
			continue
		}
		l.Partitions[s.topic] = int32(len(d.Partitions))
		l.IDs[s.topic] = hex.EncodeToString(d.ID[:])
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("%w:\n%s\n`netsu topics create` makes the missing ones; "+
			"what is configured otherwise must be altered or deleted by hand", ErrTopics, strings.Join(wrong, "\n"))
	}
	return l, nil
}

// problems says what keeps a topic from being used, in words for the operator.
func (s spec) problems(d kadm.TopicDetail, conf kadm.ResourceConfig, like kadm.TopicDetail) []string {
	switch {
	case d.Topic == "" || errors.Is(d.Err, kerr.UnknownTopicOrPartition):
		return []string{"missing"}
	case d.Err != nil:
		return []string{"cannot be read: " + d.Err.Error()}
	}
	var out []string
	n := len(d.Partitions)
	if s.partitions > 0 && n != int(s.partitions) {
		out = append(out, fmt.Sprintf("has %d partitions, must have %d", n, s.partitions))
	}
	if s.likeTopic != "" && like.Err == nil && like.Topic != "" && n != len(like.Partitions) {
		out = append(out, fmt.Sprintf("has %d partitions, must have %d as %s has", n, len(like.Partitions), s.likeTopic))
	}
	if s.users {
		return out
	}
	if conf.Err != nil {
		return append(out, "configuration cannot be read: "+conf.Err.Error())
	}
	return append(out, s.misconfigured(conf)...)
}

func (s spec) misconfigured(conf kadm.ResourceConfig) []string {
	has := map[string]string{}
	for _, kv := range conf.Configs {
		if kv.Value != nil {
			has[kv.Key] = *kv.Value
		}
	}
	var out []string
	must := func(key, want string) {
		if has[key] != want {
			out = append(out, fmt.Sprintf("%s is %q, must be %q", key, has[key], want))
		}
	}
	if s.compact {
		must("cleanup.policy", "compact")
	} else {
		must("cleanup.policy", "delete")
	}
	if s.appendTime {
		must("message.timestamp.type", "LogAppendTime")
	}
	if s.maxBytes > 0 {
		if n, err := strconv.Atoi(has["max.message.bytes"]); err != nil || n < s.maxBytes {
			out = append(out, fmt.Sprintf("max.message.bytes is %q, must be at least %d", has["max.message.bytes"], s.maxBytes))
		}
	}
	return out
}

// check refuses names that are empty or used twice: Kafka would take the second use for the same topic.
func (t Topics) check() error {
	seen := map[string]bool{}
	for _, name := range t.All() {
		if name == "" || seen[name] {
			return fmt.Errorf("topic name %q is empty or used twice", name)
		}
		seen[name] = true
	}
	return nil
}
