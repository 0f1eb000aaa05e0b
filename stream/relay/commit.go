package relay

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Offsets are positions by topic and partition, as kgo commits them.
type Offsets map[string]map[int32]kgo.EpochOffset

// Set notes a position.
func (o Offsets) Set(topic string, partition int32, at kgo.EpochOffset) {
	if o[topic] == nil {
		o[topic] = map[int32]kgo.EpochOffset{}
	}
	o[topic][partition] = at
}

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
