package feed

import (
	"math"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// The relative context of a show: its last ten minutes against the ten before and against the other shows on the air,
// since nobody knows by heart whether 240 comments are many.

// What a pace is of.
const (
	paceTemperature = iota
	paceComments
	paceOrders
	paceViewers
	paceCount
)

// pace is what a show's trend says of its last ten minutes and of the ten before. It is made when a chunk changes, each
// 10 s, and costs one walk over at most 180 points.
type pace [paceCount]window

// window is ten minutes and the ten before.
type window struct{ last, before tally }

// tally adds up the points of one window. Ratios are taken between means a point, so that windows with a point missing
// here and there stay comparable.
type tally struct {
	sum    float64
	points int
}

// enoughPoints are five minutes: with less, a window is set against nothing.
const enoughPoints = 30

func (t *tally) add(v float64) {
	t.sum += v
	t.points++
}

func (t tally) enough() bool  { return t.points >= enoughPoints }
func (t tally) mean() float64 { return t.sum / float64(t.points) }

// minutes rounds to a tenth; a point is of ten seconds.
func (t tally) minutes() float64 { return math.Round(float64(t.points)*10/6) / 10 }

// paceOf reads chunks that are in order of time.
func paceOf(chunks []*eventpb.Trend) pace {
	var p pace
	newest, ok := newestPane(chunks)
	if !ok {
		return p
	}
	for _, c := range chunks {
		for _, at := range c.Points {
			if at.Pane <= newest-2*trendSeconds {
				continue
			}
			p.add(at, at.Pane > newest-trendSeconds)
		}
	}
	return p
}

func newestPane(chunks []*eventpb.Trend) (pane int64, ok bool) {
	for _, c := range chunks {
		for _, at := range c.Points {
			if !ok || at.Pane > pane {
				pane, ok = at.Pane, true
			}
		}
	}
	return pane, ok
}

func (p *pace) add(at *eventpb.TrendPoint, last bool) {
	put := func(of int, v float64) {
		if last {
			p[of].last.add(v)
		} else {
			p[of].before.add(v)
		}
	}
	if at.Heat != nil {
		put(paceTemperature, at.Heat.Temperature)
	}
	put(paceComments, float64(at.Comments))
	put(paceOrders, float64(at.Orders))
	if at.Viewers >= 0 {
		put(paceViewers, float64(at.Viewers))
	}
}

// change is the relative change of the mean; nil where a window has too little in it, or the base is 0.
func (w window) change() *float64 {
	if !w.last.enough() || !w.before.enough() || w.before.sum == 0 {
		return nil
	}
	return finite(w.last.mean()/w.before.mean() - 1)
}

// fewOthers is how many other shows it takes to have a standing among them.
const fewOthers = 5

// percentile is the share of the other shows that are lower over the last ten minutes; nil where fewer than fewOthers
// have enough to compare, or this one has not.
func (p pace) percentile(of int, others []pace) *float64 {
	if !p[of].last.enough() {
		return nil
	}
	lower, n := 0, 0
	for i := range others {
		o := &others[i][of].last
		if !o.enough() {
			continue
		}
		n++
		if o.mean() < p[of].last.mean() {
			lower++
		}
	}
	if n < fewOthers {
		return nil
	}
	return finite(float64(lower) / float64(n))
}

// contextDocument sets a show's pace against those of the others on the air; nil before its first point.
func contextDocument(p pace, others []pace) *Context {
	if p[paceComments].last.points == 0 {
		return nil
	}
	relative := func(of int, figure func(tally) *float64) Relative {
		return Relative{
			Last: figure(p[of].last), LastMinutes: p[of].last.minutes(),
			Before: figure(p[of].before), BeforeMinutes: p[of].before.minutes(),
			ChangeRatio: p[of].change(), Percentile: p.percentile(of, others),
		}
	}
	d := &Context{
		Temperature: relative(paceTemperature, meanOf), Comments: relative(paceComments, sumOf),
		Orders: relative(paceOrders, sumOf), Viewers: relative(paceViewers, meanOf),
	}
	d.Viewers.Percentile = nil // platforms do not count viewers alike
	return d
}

func meanOf(t tally) *float64 {
	if t.points == 0 {
		return nil
	}
	return finite(t.mean())
}

func sumOf(t tally) *float64 {
	if t.points == 0 {
		return nil
	}
	return finite(t.sum)
}
