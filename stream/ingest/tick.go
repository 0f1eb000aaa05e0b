package ingest

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/relay"
)

// surveyed takes in how far the raw topics reach.
func (in *ingest) surveyed(s *survey) {
	if s.starts != nil {
		in.full = s
	}
	var lag int64
	for p, l := range in.lanes {
		if in.full.starts != nil {
			l.surveyed(in.full.starts[p], s.ends[p], in.full.committed[p], in.full.said(p))
		}
		lag += max(0, l.end-max(l.next, l.start))
	}
	in.metrics.lag.Store(lag)
	in.abreast(s, lag > 0, time.Now())
	in.latest = s
	in.claimed()
}

// abreast takes in how far others are, and whether they and this member are catching up side by side.
func (in *ingest) abreast(s *survey, behind bool, now time.Time) {
	if s == in.full && in.Align > 0 {
		in.drift.surveyed(s, in.lanes, in.SessionTimeout+2*relay.RebalanceTimeout, now)
	}
	reached := in.reachedMS(now)
	old := reached < in.clock.now().Add(-maxDrift).UnixMilli()
	in.hurried.Store(old && (behind || reached > in.drift.mineMS) && in.drift.beside)
	in.drift.mineMS = reached
}

// claimed moves on what ticks may say: the time of a survey all of which has been ingested. One survey is pursued until
// it is reached, then the newest: were it always the newest, a steady stream would never let any be reached.
func (in *ingest) claimed() {
	for range 2 {
		if in.claim == nil {
			in.claim, in.latest = in.latest, nil
		}
		if in.claim == nil || !in.claim.reached(in.lanes, in.full) {
			return
		}
		in.ingestedMS = max(in.ingestedMS, in.claim.at.UnixMilli())
		in.metrics.ingestedMS.Store(in.ingestedMS)
		in.claim = nil
	}
}

// tick tells every partition of the logs what time it is and up to when all is ingested. The member that owns the
// catalog's partition does it for all. Blocks are flushed first: what a tick says has been ingested lies before it in
// the log. While something is on its way for longer than a tick's interval, none is written, so they never pile up.
func (in *ingest) tick() {
	if in.lanes[place{in.Topics.Catalog, 0}] == nil {
		in.ingestedMS = 0
		in.metrics.ingestedMS.Store(0)
		in.metrics.tickingMS.Store(0)
		return
	}
	// Who works off what came while nobody ingested has nothing to claim for minutes, and is stale and not absent.
	in.metrics.tickingMS.CompareAndSwap(0, time.Now().UnixMilli())
	if in.ticking.Load() > 0 || in.sink.Full() {
		return
	}
	in.claimed()
	in.router.flush()
	now := in.clock.now()
	e := &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, TimeMs: now.UnixMilli(),
		Tick: &eventpb.Tick{IngestedMs: in.ingestedMS}}
	var b block
	b.addOwn(e)
	value := b.seal()
	for _, t := range in.router.all {
		in.metrics.blocks.Inc()
		in.metrics.blockBytes.Add(float64(len(value)))
		in.sink.Produce(in.sink.logs, &kgo.Record{Topic: t.topic, Partition: t.partition, Value: value, Timestamp: now},
			&in.ticking)
	}
}
