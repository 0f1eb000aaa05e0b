package ingest

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// maxEventBytes bounds an encoded event, so that one with its source always fits a block.
const maxEventBytes = event.MaxBlockBytes - 1024

// target is one partition of an internal log and the block that is being filled for it.
type target struct {
	topic     string
	partition int32
	block     block
}

// router puts events into the blocks of the partitions they belong to:
//
//	names a show                            → journal   by show id
//	order, click, cart, touch, spend …      → journeys  by event.JourneyKey
//	catalog                                 → every partition of journal, journeys and credits
//	cannot be an event                      → dead letters, at once
type router struct {
	in                         *ingest
	journal, journeys, credits []*target
	all                        []*target
	filled                     []*target // with a block that is not empty, in order of first event
	oldest                     time.Time // when the first of them was begun
}

func newRouter(in *ingest) *router {
	r := &router{in: in}
	partitions := func(topic string) []*target {
		ts := make([]*target, in.Layout.Partitions[topic])
		for p := range ts {
			ts[p] = &target{topic: topic, partition: int32(p)}
		}
		r.all = append(r.all, ts...)
		return ts
	}
	r.journal = partitions(in.Topics.Journal)
	r.journeys = partitions(in.Topics.Journeys)
	r.credits = partitions(in.Topics.Credits)
	return r
}

// route sends one taken record where it belongs. The encoding of an event is far from eight times as long as its JSON, so
// few are measured. e is nil for a transaction marker, which belongs nowhere.
func (r *router) route(l *lane, rec *kgo.Record, e *eventpb.Event, rejected *Reject, now time.Time) {
	if rejected == nil && e != nil && len(rec.Value) > maxEventBytes/8 && e.SizeVT() > maxEventBytes {
		rejected = reject(TooLarge, "expected an event of at most %d bytes, got %d", maxEventBytes, e.SizeVT())
	}
	switch {
	case rejected != nil:
		r.bury(l, rec, rejected)
		return
	case e == nil:
		return
	}
	r.in.metrics.events[l.raw].Inc()
	e.SourceOffset = rec.Offset
	if e.Kind == eventpb.Kind_KIND_CATALOG {
		for _, t := range r.all {
			r.add(t, l, e, now)
		}
		return
	}
	if e.ShowId != "" {
		r.add(pickTarget(r.journal, e.ShowId), l, e, now)
	}
	if onJourney(e.Kind) {
		person := event.ID{Hi: e.PersonHi, Lo: e.PersonLo}
		r.add(pickTarget(r.journeys, event.JourneyKey(e.GetOrder().GetOrderId(), person)), l, e, now)
	}
}

func pickTarget(ts []*target, key string) *target { return ts[event.Partition(key, int32(len(ts)))] }

func (r *router) add(t *target, l *lane, e *eventpb.Event, now time.Time) {
	if !t.block.add(e, l.source) {
		r.seal(t, now)
		t.block.add(e, l.source)
		return
	}
	if t.block.count == 1 {
		if len(r.filled) == 0 {
			r.oldest = now
		}
		r.filled = append(r.filled, t)
	}
}

// seal sends a target's block. The record's timestamp is the append time that folds go by, wherever the broker does not
// stamp records itself.
func (r *router) seal(t *target, now time.Time) {
	r.send(t, t.block.seal(), now)
}

func (r *router) send(t *target, value []byte, now time.Time) {
	in := r.in
	in.metrics.blocks.Inc()
	in.metrics.blockBytes.Add(float64(len(value)))
	in.sink.Produce(in.sink.logs, &kgo.Record{Topic: t.topic, Partition: t.partition, Value: value, Timestamp: now},
		&in.progress.open().pending)
}

// flush sends every block that holds something.
func (r *router) flush() {
	now := time.Now()
	for i, t := range r.filled {
		r.seal(t, now)
		r.filled[i] = nil
	}
	r.filled = r.filled[:0]
}

// flushAfter flushes if the oldest block has waited so long; else it returns how much longer it may, 0 if there is
// none.
func (r *router) flushAfter(limit time.Duration, now time.Time) time.Duration {
	if len(r.filled) == 0 {
		return 0
	}
	if left := limit - now.Sub(r.oldest); left > 0 {
		return left
	}
	r.flush()
	return 0
}
