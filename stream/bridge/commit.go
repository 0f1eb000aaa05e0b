package bridge

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/twmb/franz-go/pkg/kerr"
)

// commit ends the open span, and commits the one before once all that was written in it is acknowledged.
func (b *bridge) commit() {
	if b.done == nil {
		if at := b.positions(); len(at) > 0 {
			b.open.at = at
			b.done, b.open = b.open, &span{}
		}
	}
	if b.done == nil || b.done.pending.Load() > 0 || b.out.err() != nil {
		return
	}
	if err := b.commitNow(b.done.at); err != nil {
		// The group is rebalancing or the broker is away: positions still lists the lanes, so the next makes it good.
		b.Logger.Warn("bridge: committing offsets", "err", err)
	}
	b.done = nil
}

// handOver writes and commits everything taken so far.
func (b *bridge) handOver() error {
	if err := b.out.settle(settleTimeout); err != nil {
		return err
	}
	at := b.positions()
	b.done, b.open = nil, &span{}
	if len(at) == 0 {
		return nil
	}
	return b.commitNow(at)
}

func (b *bridge) commitNow(at offsets) error {
	ctx, cancel := context.WithTimeout(context.Background(), rebalanceTimeout-settleTimeout)
	defer cancel()
	var err error
	b.consumer.CommitOffsetsSync(ctx, at, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, r *kmsg.OffsetCommitResponse, e error) {
		err = commitError(r, e)
	})
	if err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	for topic, partitions := range at {
		for p, o := range partitions {
			if l := b.lanes[place{topic, p}]; l != nil {
				l.committed = o.Offset
			}
		}
	}
	return nil
}

// positions are the lanes that have moved since their last commit.
func (b *bridge) positions() offsets {
	at := offsets{}
	for _, l := range b.order {
		if l.next == unknown || l.next == l.committed {
			continue
		}
		if at[l.topic] == nil {
			at[l.topic] = map[int32]kgo.EpochOffset{}
		}
		at[l.topic][l.partition] = kgo.EpochOffset{Epoch: l.epoch, Offset: l.next}
	}
	return at
}

func commitError(r *kmsg.OffsetCommitResponse, err error) error {
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
