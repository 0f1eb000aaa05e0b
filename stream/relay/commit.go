package relay

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Offsets are positions by topic and partition, as kgo commits them. A note may go with them, which whoever asks for the
// group's offsets is told: Kafka calls it their metadata, and keeps 4 KiB at most.
type Offsets map[string]map[int32]kgo.EpochOffset

// Set notes a position.
func (o Offsets) Set(topic string, partition int32, at kgo.EpochOffset) {
	if o[topic] == nil {
		o[topic] = map[int32]kgo.EpochOffset{}
	}
	o[topic][partition] = at
}

// CommitRequest is a request to commit offsets as the member that cl is now. ids are the topics' ids, in hexadecimal. To make it
// takes no longer than the broker does: the client's own ways wait in the caller's goroutine while the group is joined, which is
// for as long as its slowest member takes.
func (m Member) CommitRequest(cl *kgo.Client, ids map[string]string, at Offsets, note string) (*kmsg.OffsetCommitRequest, error) {
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group = m.Group
	req.MemberID, req.Generation = cl.GroupMetadata()
	if m.InstanceID != "" {
		req.InstanceID = &m.InstanceID
	}
	for name, partitions := range at {
		topic := kmsg.NewOffsetCommitRequestTopic()
		topic.Topic = name
		// From version 10 on, the topic goes by its id.
		if _, err := hex.Decode(topic.TopicID[:], []byte(ids[name])); err != nil {
			return nil, fmt.Errorf("reading the id of topic %s: %w", name, err)
		}
		for p, o := range partitions {
			part := kmsg.NewOffsetCommitRequestTopicPartition()
			part.Partition, part.Offset, part.LeaderEpoch, part.Metadata = p, o.Offset, o.Epoch, &note
			topic.Partitions = append(topic.Partitions, part)
		}
		req.Topics = append(req.Topics, topic)
	}
	return req, nil
}

// CommitNow commits offsets within what a rebalance leaves, and waits for the answer. It may be called amid a rebalance, as long as
// this member has not answered what it was told of that.
func (m Member) CommitNow(cl *kgo.Client, ids map[string]string, at Offsets, note string) error {
	ctx, cancel := context.WithTimeout(context.Background(), RebalanceTimeout-SettleTimeout)
	defer cancel()
	as, _ := cl.GroupMetadata()
	for {
		req, err := m.CommitRequest(cl, ids, at, note)
		if err != nil {
			return err
		}
		err = CommitError(req.RequestWith(ctx, cl))
		if err == nil {
			return nil
		}
		passing := errors.Is(err, kerr.RebalanceInProgress) || errors.Is(err, kerr.IllegalGeneration)
		if !passing || req.MemberID != as { // who joined anew may own other partitions
			return fmt.Errorf("committing: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("committing: %w", err)
		case <-time.After(commitAgain):
		}
	}
}

// commitAgain is how long a commit waits that came amid a rebalance.
const commitAgain = 50 * time.Millisecond

// Commit commits offsets within what a rebalance leaves, and waits for the answer.
func Commit(cl *kgo.Client, at Offsets) error {
	ctx, cancel := context.WithTimeout(context.Background(), RebalanceTimeout-SettleTimeout)
	defer cancel()
	var err error
	cl.CommitOffsetsSync(ctx, at, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, r *kmsg.OffsetCommitResponse, e error) {
		err = CommitError(r, e)
	})
	if err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// CommitError is why a commit failed: the request, or the first partition.
func CommitError(r *kmsg.OffsetCommitResponse, err error) error {
	if err != nil || r == nil {
		return err
	}
	for _, t := range r.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}
