package show

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Limits of the trend. Marks beyond the limit of a chunk are dropped, the latest by event time first. Chunks beyond
// theirs (a week on the air) are taken back, the oldest first.
const (
	chunkPanes   = 600
	pointPanes   = 10
	marksMax     = 200
	publishedMax = 1008
)

// trend is the history of a show's final numbers, in chunks of ten minutes. Only chunks that can still change are
// held.
type trend struct {
	chunks    []*chunk // by from
	published []int64  // chunks that have a meter, in order of their first publication
	comments  int64    // totals at the last point
	orders    int64
}

// chunk is one eventpb.Trend in the making.
type chunk struct {
	from    int64
	changed bool
	points  []*eventpb.TrendPoint
	marks   []mark
}

type mark struct {
	kind    eventpb.Kind
	ms      int64
	id      string
	product string
}

func trendPart(from int64) string { return "trend/" + strconv.FormatInt(from, 10) }

func (t *trend) chunk(k int64) *chunk {
	from := event.FloorDiv(k, chunkPanes) * chunkPanes
	i, found := slices.BinarySearchFunc(t.chunks, from, func(c *chunk, from int64) int {
		return cmp.Compare(c.from, from)
	})
	if !found {
		t.chunks = slices.Insert(t.chunks, i, &chunk{from: from})
	}
	return t.chunks[i]
}

// mark puts a pin or a call where its event time says; it need not wait to be final, because it is never revised.
func (t *trend) mark(e *eventpb.Event) {
	c := t.chunk(event.FloorDiv(e.TimeMs, 1000))
	m := mark{e.Kind, e.TimeMs, strings.Clone(e.Id), strings.Clone(e.ProductId)}
	i, found := slices.BinarySearchFunc(c.marks, m, func(a, b mark) int {
		return cmp.Or(cmp.Compare(a.ms, b.ms), strings.Compare(a.id, b.id))
	})
	if found || i == marksMax {
		return
	}
	c.marks = slices.Insert(c.marks, i, m)
	c.marks = c.marks[:min(len(c.marks), marksMax)]
	c.changed = true
}

// point adds a point after every tenth pane, from the final room.
func (t *trend) point(k int64, r *room) {
	if !due(k, pointPanes) || !r.started {
		return
	}
	comments := r.totals[eventpb.Kind_KIND_COMMENT].events
	c := t.chunk(k)
	c.points = append(c.points, &eventpb.TrendPoint{
		Pane: k, Heat: r.view(&r.heat), Comments: comments - t.comments, Orders: r.orders - t.orders, Viewers: r.viewers,
	})
	c.changed = true
	t.comments, t.orders = comments, r.orders
}

// publish says the chunks that have changed, and lets go of those that are final.
func (t *trend) publish(f *Fold, s *show, out *operators.Outputs) {
	for _, c := range t.chunks {
		if !c.changed {
			continue
		}
		c.changed = false
		out.Meter(f.meter(s, trendPart(c.from), &eventpb.Meter{Trend: c.publish()}))
		if !slices.Contains(t.published, c.from) {
			t.published = append(t.published, c.from)
		}
	}
	t.chunks = slices.DeleteFunc(t.chunks, func(c *chunk) bool { return s.final.pane >= c.from+chunkPanes-1 })
	for len(t.published) > publishedMax {
		out.DropMeter(event.Scope(event.ScopeShow, s.id), trendPart(t.published[0]))
		t.published = slices.Delete(t.published, 0, 1)
	}
}

func (c *chunk) publish() *eventpb.Trend {
	t := &eventpb.Trend{FromPane: c.from, Points: slices.Clone(c.points)}
	for _, m := range c.marks {
		t.Marks = append(t.Marks, &eventpb.Mark{Kind: m.kind, TimeMs: m.ms, ProductId: m.product, Id: m.id})
	}
	return t
}
