package bridge

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/relay"
)

// commit ends the open span, and commits the one before once all that was written in it is acknowledged.
func (b *bridge) commit() {
	if b.done == nil {
		if at := b.positions(); len(at) > 0 {
			b.open.at = at
			b.done, b.open = b.open, &span{}
		}
	}
	if b.done == nil || b.done.pending.Load() > 0 || b.out.Err() != nil {
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
	if err := b.out.Settle(relay.SettleTimeout); err != nil {
		return err
	}
	at := b.positions()
	b.done, b.open = nil, &span{}
	if len(at) == 0 {
		return nil
	}
	return b.commitNow(at)
}

func (b *bridge) commitNow(at relay.Offsets) error {
	if err := relay.Commit(b.consumer, at); err != nil {
		return err
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
func (b *bridge) positions() relay.Offsets {
	at := relay.Offsets{}
	for _, l := range b.order {
		if l.next == unknown || l.next == l.committed {
			continue
		}
		at.Set(l.topic, l.partition, kgo.EpochOffset{Epoch: l.epoch, Offset: l.next})
	}
	return at
}
