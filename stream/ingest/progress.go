package ingest

import (
	"sync/atomic"

	"github.com/netsu/netsu/stream/relay"
)

// span is a stretch of ingest's work: everything produced in it, and how far the raw partitions had been taken at its
// end. Its offsets may be committed when all of it, and all before it, is acknowledged.
type span struct {
	pending atomic.Int64 // records not acknowledged
	reach
}

// reach is how far ingest is: before which offsets everything has been taken, and what time was reached by that.
type reach struct {
	offsets relay.Offsets
	timeMS  int64
}

// progress is the row of spans, oldest first; the last is open. Bounded: a span is closed only when the one before has
// been committed, or at a revocation.
type progress struct{ spans []*span }

func newProgress() *progress { return &progress{spans: []*span{{}}} }

// open is the span that what is produced now belongs to.
func (p *progress) open() *span { return p.spans[len(p.spans)-1] }

// closed tells whether any closed span waits for acknowledgement or commit.
func (p *progress) closed() bool { return len(p.spans) > 1 }

// close ends the open span.
func (p *progress) close(at reach) {
	p.open().reach = at
	p.spans = append(p.spans, &span{})
}

// acknowledged removes the closed spans of which everything is acknowledged, from the oldest on, and returns how
// far the last of them came.
func (p *progress) acknowledged() (at reach) {
	for p.closed() && p.spans[0].pending.Load() == 0 {
		at = p.spans[0].reach
		p.spans = p.spans[1:]
	}
	return at
}

// forget takes partitions out of what is to be committed. Who joins the group again may commit for any partition: what was written
// while they were ours, and is acknowledged when they have long been another's, would set those back.
func (p *progress) forget(partitions map[string][]int32) {
	for _, s := range p.spans {
		for topic, ps := range partitions {
			for _, p := range ps {
				delete(s.offsets[topic], p)
			}
			if len(s.offsets[topic]) == 0 {
				delete(s.offsets, topic)
			}
		}
	}
}
