package show

import (
	"math"
	"slices"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: are questions answered, and do those who ask buy? A question is answered by whoever is not the audience,
// as a reply to it within two minutes, or by naming the product that it is about within half a minute. [JUDG]
type questions struct {
	open                    []question // oldest first
	asked, answered, bought int64
	delays                  [delayBins]int64 // from question to order, by the logarithm of seconds
}

type question struct {
	id    event.ID
	ms    int64
	about []uint64 // products, as words
}

// Limits: of more than openMax open questions the oldest count as not answered.
const (
	openMax     = 256
	answerMS    = 120_000
	namingMS    = 30_000
	delayBins   = 64
	lnDelayStep = 0x1.7565011e49675p-3 // ln 1.2: a bin is 20 % wide
)

// rest lets open questions go. Counts stay.
func (q *questions) rest() { q.open = nil }

func (q *questions) step(sc *scene) {
	for len(q.open) > 0 && q.open[0].ms+answerMS < sc.ms() {
		q.open = q.open[1:]
	}
	for _, c := range sc.said {
		switch {
		case !audience(c.role):
			q.answer(c)
		case c.question:
			q.ask(sc, c)
		}
	}
	for i := range sc.deeds {
		if d := &sc.deeds[i]; d.kind == eventpb.Kind_KIND_INQUIRY && !d.person.IsZero() {
			q.asked++
			sc.show.study.people.ask(d.person, d.ms, sc.pane)
		}
	}
	for _, x := range sc.sales {
		q.sell(sc, &x)
	}
}

func (q *questions) ask(sc *scene, c *remark) {
	q.asked++
	about := slices.DeleteFunc(slices.Clone(c.terms), func(w uint64) bool {
		_, ok := sc.lx.productOf(w)
		return !ok
	})
	if len(q.open) == openMax {
		q.open = q.open[1:]
	}
	q.open = append(q.open, question{c.id, c.ms, about})
	if !c.person.IsZero() {
		sc.show.study.people.ask(c.person, c.ms, sc.pane)
	}
}

func (q *questions) answer(c *remark) {
	q.open = slices.DeleteFunc(q.open, func(o question) bool {
		named := slices.ContainsFunc(o.about, func(w uint64) bool { return slices.Contains(c.terms, w) })
		if o.id != c.ref && !(named && c.ms <= o.ms+namingMS) || c.ms < o.ms {
			return false
		}
		q.answered++
		return true
	})
}

// sell notes the order of somebody who has asked: once for each who asked, with the time that it took.
func (q *questions) sell(sc *scene, x *extra) {
	people := &sc.show.study.people
	who := people.get(x.buyer)
	if who == nil || who.asked == 0 || who.asked > x.ms {
		return
	}
	seconds := float64(x.ms-who.asked) / 1000
	bin := int(math.Round(stable.Log(1+seconds) / lnDelayStep))
	q.delays[min(bin, delayBins-1)]++
	q.bought++
	who.asked = 0
	people.dirty.Add(partOf(x.buyer))
}

// ask notes when somebody first asked what no order of theirs has followed.
func (p *people) ask(id event.ID, ms, pane int64) {
	if who := p.at(id, pane); who.asked == 0 || ms < who.asked {
		who.asked = ms
	}
}

func (q *questions) view() *eventpb.Questions {
	return &eventpb.Questions{Asked: q.asked, Answered: q.answered, Bought: q.bought, SecondsToBuy: q.median()}
}

// median is within a tenth of the true one.
func (q *questions) median() float64 {
	seen := int64(0)
	for i, n := range q.delays {
		if seen += n; n > 0 && 2*seen >= q.bought {
			return stable.Exp(float64(float64(i)*lnDelayStep)) - 1
		}
	}
	return 0
}
