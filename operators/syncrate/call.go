package syncrate

import (
	"cmp"
	"math"
	"slices"
)

// The same acts: a producer asks whether the room did what it was called to do, and whether it did so together.

// call is a call to action: from its pane on until 20 panes later it gathers who follows.
type call struct {
	id      uint64
	action  uint8
	pane    int64
	bins    [responsePanes]int64 // heads by the pane of their first act after the call
	before  float64              // share of the active heads that did it anyway
	beforeN float64              // of how many
	windows int                  // in how many windows that was seen
	active  int64                // heads active at the end
}

const (
	openCallsMax   = 8
	closedCallsMax = 128     // calls of the last half hour that are remembered, the last ones
	callPanes      = 30 * 60 // how long a call counts
	shownCalls     = 8

	followersMin = 5  // heads that make a concentration
	ignoredBy    = 30 // so many active heads make fewer followers than that an answer: nobody followed [JUDG]
)

type calls struct {
	open   []call // by pane, id, action
	closed []call // the same
}

// follow counts a head that does an action for the first time in pane k and did it before in pane before.
func (c *calls) follow(k int64, action uint8, before int64) {
	for i := range c.open {
		if o := &c.open[i]; o.action == action && before <= o.pane {
			o.bins[k-o.pane-1]++
		}
	}
}

// close ends the calls that are 20 panes old.
func (c *calls) close(k, active int64) {
	for len(c.open) > 0 && c.open[0].pane == k-responsePanes {
		o := c.open[0]
		o.active = active
		c.open = slices.Delete(c.open, 0, 1)
		if len(c.closed) == closedCallsMax {
			c.closed = slices.Delete(c.closed, 0, 1)
		}
		c.closed = append(c.closed, o)
	}
}

// begin opens the calls of pane k. When eight are open, more are not looked at; of those of one pane the ones with the
// smaller id come first. An id that is open already is the same call.
func (c *calls) begin(k int64, list []Call, a *acts) {
	if len(list) == 0 {
		return
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(x, y Call) int {
		if d := cmp.Compare(x.ID, y.ID); d != 0 {
			return d
		}
		return cmp.Compare(x.Action, y.Action)
	})
	for _, one := range list {
		same := func(o call) bool { return o.id == one.ID }
		if len(c.open) == openCallsMax || one.Action >= Actions || slices.ContainsFunc(c.open, same) {
			continue
		}
		o := call{id: one.ID, action: one.Action, pane: k}
		o.before, o.beforeN, o.windows = a.before(k, one.Action)
		c.open = append(c.open, o)
	}
}

// measure is what a closed call shows, and what its view has cut off at chance.
type measure struct {
	CallView
	uplift, upliftLo float64
	index, deviation float64 // of Morisita; deviation is 0 where there are too few followers
}

func (c *call) measure() measure {
	m := measure{CallView: CallView{ID: c.id, Action: c.action, Pane: c.pane, Active: c.active}}
	squares := 0.
	for _, n := range c.bins {
		m.People += n
		squares += float64(float64(n) * float64(n-1))
	}
	n, active := float64(m.People), float64(max(c.active, m.People))
	switch {
	case c.windows == 0:
		m.Missing = NoQuietBefore
		return m
	case m.People < followersMin && c.active < ignoredBy:
		m.Missing = TooFewPeople
		return m
	}
	after := n / active
	lo, hi := newcombe(after, active, c.before, c.beforeN)
	room := max(1-c.before, 1/active)
	m.uplift, m.upliftLo = (after-c.before)/room, lo/room
	m.Uplift, m.UpliftLo, m.UpliftHi = clamp(m.uplift), clamp(m.upliftLo), clamp(hi/room)
	if m.People < followersMin {
		m.SyncHi = math.Sqrt(m.UpliftHi)
		return m
	}
	m.index, m.deviation = responsePanes*squares/float64(n*(n-1)), c.indexDeviation(n)
	m.Concentration = concentration(m.index)
	m.Sync = math.Sqrt(float64(m.Uplift * m.Concentration))
	m.SyncLo = math.Sqrt(float64(m.UpliftLo * concentration(m.index-float64(z*m.deviation))))
	m.SyncHi = math.Sqrt(float64(m.UpliftHi * concentration(m.index+float64(z*m.deviation))))
	return m
}

// concentration is 1 - 1/I of the index of Morisita, 0 where the heads are no closer than by chance.
func concentration(index float64) float64 { return 1 - 1/max(1, index) }

// indexDeviation is the standard deviation of the index of Morisita: B times that of an unbiased estimate of Σp², a
// U-statistic of n heads; at least that of heads who act at random, for few heads look surer than they are.
func (c *call) indexDeviation(n float64) float64 {
	second, third := 0., 0.
	for _, b := range c.bins {
		p := float64(b) / n
		second += float64(p * p)
		third += float64(float64(p*p) * p)
	}
	square := float64(second * second)
	one, two := max(third-square, 0), max(second-square, 0)
	const random = (responsePanes - 1.) / responsePanes / responsePanes
	return responsePanes * math.Sqrt(max(float64(4*(n-2)*one)+float64(2*two), 2*random)/float64(n*(n-1)))
}

// component is the mean over the measured calls of the last half hour before pane k, each weighted by the heads that
// heard it: were the weights those who followed, a call that all ignore would weigh nothing. Its interval joins those
// of the calls (Zou & Donner 2008); but as a mean of what is cut off at 0 is above 0 by chance alone, Lo is at most
// what uplift and concentration prove that are pooled before anything is cut off.
func (c *calls) component(k int64) Component {
	var value, uplift, index pooled
	people, heard := 0., false
	for i := range c.closed {
		if c.closed[i].pane <= k-callPanes {
			continue
		}
		heard = true
		m := c.closed[i].measure()
		if m.Missing != "" {
			continue
		}
		w := float64(m.Active)
		value.add(w, m.Sync, m.Sync-m.SyncLo, m.SyncHi-m.Sync)
		uplift.add(w, m.uplift, m.uplift-m.upliftLo, 0)
		if m.deviation > 0 {
			index.add(w, m.index, float64(z*m.deviation), 0)
		}
		people += float64(m.People)
	}
	switch {
	case !heard:
		return Component{Missing: NoCalls}
	case value.weight == 0:
		return Component{Missing: TooFewPeople}
	}
	proved := 0.
	if index.weight > 0 {
		proved = math.Sqrt(float64(clamp(uplift.lo()) * concentration(index.lo())))
	}
	return Component{
		Value: value.mean(), Lo: min(clamp(value.lo()), proved), Hi: clamp(value.hi()), N: people,
	}
}

// pooled is a weighted mean of independent numbers and the join of their intervals.
type pooled struct{ weight, sum, down, up float64 }

func (p *pooled) add(w, x, below, above float64) {
	p.weight += w
	p.sum += float64(w * x)
	p.down += float64(float64(w*below) * float64(w*below))
	p.up += float64(float64(w*above) * float64(w*above))
}

func (p *pooled) mean() float64 { return p.sum / p.weight }
func (p *pooled) lo() float64   { return (p.sum - math.Sqrt(p.down)) / p.weight }
func (p *pooled) hi() float64   { return (p.sum + math.Sqrt(p.up)) / p.weight }

// views are the last calls that are over, oldest first.
func (c *calls) views() []CallView {
	var list []CallView
	for _, o := range c.closed[max(0, len(c.closed)-shownCalls):] {
		list = append(list, o.measure().CallView)
	}
	return list
}
