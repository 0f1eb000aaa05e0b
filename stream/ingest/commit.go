package ingest

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
)

// closeSpan ends the open span, twice a second, or more often where others wait to be told, unless the one before is still
// under way.
func (in *ingest) closeSpan(now time.Time) {
	if in.progress.closed() || in.committing || !in.hurried.Load() && now.Sub(in.closedAt) < commitEvery {
		return
	}
	at := in.reach(now)
	if len(at.offsets) == 0 {
		return
	}
	in.closedAt = now
	in.router.flush()
	in.progress.close(at)
}

// reach is how far this member is. Its offsets are of the lanes that have moved since their last commit, or lie behind while
// time went on.
func (in *ingest) reach(now time.Time) reach {
	at := reach{relay.Offsets{}, in.reachedMS(now)}
	for _, l := range in.order {
		still := l.next == l.committed && (l.caughtUp() || at.timeMS < l.saidMS+sayEvery.Milliseconds())
		if still || l.next == unknown || !l.taken && at.timeMS == math.MinInt64 {
			continue
		}
		at.offsets.Set(l.topic, l.partition, kgo.EpochOffset{Epoch: l.epoch, Offset: l.next})
	}
	return at
}

// sayEvery is the step, in event time, by which a lane is said to have come further though nothing was taken from it.
const sayEvery = time.Second

// reachedMS is the event time before which this member has nothing left, as far as it knows: what it would take next, or had
// taken last. math.MinInt64 is that it does not know.
func (in *ingest) reachedMS(now time.Time) int64 {
	least := int64(math.MaxInt64)
	for _, l := range in.order {
		switch {
		case l.buffered() > 0:
			least = min(least, l.peek())
		case !l.caughtUp() && !l.dryFor(in.Align, now):
			least = min(least, l.reachedMS())
		}
	}
	if least == math.MaxInt64 {
		return in.takenMS
	}
	return least
}

// advance commits what has been acknowledged, in the background, and reports failures to write.
func (in *ingest) advance() error {
	if err := call(in.hooks.everyPass); err != nil {
		return err
	}
	if err := in.sink.Err(); err != nil {
		return err
	}
	if in.committing {
		return nil
	}
	at := in.progress.acknowledged()
	if len(at.offsets) == 0 {
		return nil
	}
	if err := call(in.hooks.beforeCommit); err != nil {
		return err
	}
	req, err := in.me.CommitRequest(in.consumer, in.Layout.IDs, at.offsets, noteOf(at.timeMS))
	if err != nil {
		return err
	}
	in.committing = true
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), relay.RebalanceTimeout)
		defer cancel()
		in.commits <- commitResult{at, relay.CommitError(req.RequestWith(ctx, in.consumer))} // ends with the client at the latest
	}()
	return nil
}

// committedUpTo notes a commit. One that failed (the group is rebalancing, the broker is away) is made good by the
// next: positions still lists the lanes.
func (in *ingest) committedUpTo(r commitResult) {
	in.committing = false
	if errors.Is(r.err, kerr.RebalanceInProgress) || errors.Is(r.err, kerr.IllegalGeneration) {
		return // it will be over soon
	}
	err := in.Cluster.Denied(r.err, broker.Use{Group: Group(in.Topics)})
	in.Trouble("committing offsets", err)
	if err != nil {
		return
	}
	in.noteCommitted(r.at)
}

func (in *ingest) noteCommitted(at reach) {
	for topic, partitions := range at.offsets {
		for p, o := range partitions {
			if l := in.lanes[place{topic, p}]; l != nil {
				l.committed, l.saidMS = o.Offset, at.timeMS
			}
		}
	}
}

func call(hook func() error) error {
	if hook == nil {
		return nil
	}
	return hook()
}
