package show

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// oracle is the room after the pane `until`, computed from the list of events in the most direct way there is: no
// panes kept open, no undo, no windows that slide, no bounds. It shares only the energies and the recursion with the
// fold.
type oracle struct {
	room
	heads map[event.ID]*oracleHead
	sold  map[string]bool
}

type oracleHead struct {
	heat   float64
	acted  []int64
	bought bool
}

func id(hi, lo uint64) event.ID { return event.ID{Hi: hi, Lo: lo} }

func newOracle(events []*eventpb.Event, until int64) *oracle {
	o := &oracle{heads: map[event.ID]*oracleHead{}, sold: map[string]bool{}}
	o.viewers = viewerUnknown
	pane := func(e *eventpb.Event) int64 { return e.TimeMs / 1000 }
	first := slices.MinFunc(events, func(a, b *eventpb.Event) int { return cmp.Compare(a.TimeMs, b.TimeMs) })
	o.started, o.start, o.people = true, pane(first), 0
	last := o.start
	retracted := func(c *eventpb.Event) bool {
		return slices.ContainsFunc(events, func(e *eventpb.Event) bool {
			return e.Kind == eventpb.Kind_KIND_RETRACT && id(e.RefHi, e.RefLo) == id(c.IdHi, c.IdLo) &&
				pane(c) <= pane(e) && pane(e) <= pane(c)+10
		})
	}
	said := func(e *eventpb.Event) bool {
		return e.Kind == eventpb.Kind_KIND_COMMENT && audience(e.Role) && !retracted(e)
	}
	byPane := map[int64][]*eventpb.Event{}
	for _, e := range events {
		byPane[pane(e)] = append(byPane[pane(e)], e)
	}
	for k := o.start; k <= until; k++ {
		o.room.pane = k
		in := byPane[k]
		slices.SortFunc(in, func(a, b *eventpb.Event) int {
			return cmp.Or(cmp.Compare(a.TimeMs, b.TimeMs), compareIDs(id(a.IdHi, a.IdLo), id(b.IdHi, b.IdLo)))
		})
		if len(in) > 0 {
			last, o.silent = k, 0
		} else if o.silent = k - last; o.silent >= silentPanes {
			o.silent = silentPanes
			o.freeze()
			clear(o.heads)
			continue
		}
		joules := map[event.ID]int64{}
		var sum input
		for _, e := range in {
			o.totals[e.Kind].events++
			reading := new(text.Reader).Read(e.Text, nil)
			energy := scale(baseMicrojoules(e), quality(&reading, noLexicon))
			if e.Kind == eventpb.Kind_KIND_COMMENT && energy > 0 {
				if !said(e) {
					continue
				}
				copies := -1
				for _, c := range events {
					if said(c) && k-60 < pane(c) && pane(c) <= k && text.Hash(c.Text) == text.Hash(e.Text) {
						copies++
					}
				}
				full := energy
				energy = int64(math.Round(float64(energy) / math.Sqrt(1+float64(copies)/5)))
				sum.repeated += full - energy
			}
			o.totals[e.Kind].microjoules += energy
			sum.radiated[e.Kind] += energy
			joules[id(e.PersonHi, e.PersonLo)] += energy
			if e.Kind == eventpb.Kind_KIND_VIEWERS {
				o.viewers = e.Count
			}
		}
		o.sell(in, joules, &sum)
		o.close(k, joules, &sum)
	}
	return o
}

func (o *oracle) sell(in []*eventpb.Event, joules map[event.ID]int64, sum *input) {
	first := map[string]*eventpb.Event{}
	for _, e := range in {
		if e.Order == nil || o.sold[e.Order.OrderId] || e.Order.Test || e.Order.Status > 2 {
			continue
		}
		old := first[e.Order.OrderId]
		if old == nil || id(old.PersonHi, old.PersonLo).IsZero() && !id(e.PersonHi, e.PersonLo).IsZero() {
			first[e.Order.OrderId] = e
		}
	}
	for _, e := range in {
		if e.Order == nil || first[e.Order.OrderId] != e {
			continue
		}
		o.sold[e.Order.OrderId] = true
		o.orders++
		buyer := id(e.PersonHi, e.PersonLo)
		h := o.head(buyer)
		energy := int64(12 * joule)
		if h.bought && !buyer.IsZero() {
			energy = 15 * joule
		}
		if !h.bought {
			h.bought = true
			o.buyers++
		}
		o.totals[e.Kind].microjoules += energy
		sum.radiated[e.Kind] += energy
		joules[buyer] += energy
	}
}

func (o *oracle) head(person event.ID) *oracleHead {
	if o.heads[person] == nil {
		o.heads[person] = &oracleHead{}
		o.people++
	}
	return o.heads[person]
}

func (o *oracle) close(k int64, joules map[event.ID]int64, in *input) {
	for person, e := range joules {
		if e <= 0 {
			continue
		}
		h := o.head(person)
		before := 0.
		if n := len(h.acted); n > 0 {
			before = h.heat * math.Pow(2, -float64(k-h.acted[n-1])/60)
		}
		after := before + float64(e)/1e6
		c := int64(math.Round(1e6 * (3*math.Log(1+after/3) - 3*math.Log(1+before/3))))
		h.heat = after
		h.acted = append(h.acted, k)
		in.heat.add(c)
		in.raw.add(c)
		in.acts++
	}
	for _, h := range o.heads {
		if n := len(h.acted); n > 0 && h.acted[n-1] > k-300 {
			in.active++
		}
	}
	o.step(in)
}

// The fold agrees with the oracle on every final pane that it says, through disorder and duplicates: exactly in what
// is counted, within rounding in what is not.
func TestFoldAgreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		events := broadcast(r, true)
		rs := records(r, arrive(r, events, 24_000, "arrival"), 0)
		last := rs[len(rs)-1]
		rs = append(rs, ticks(last.Offset+1, last.AppendMS, last.AppendMS+90_000)...)
		s, _ := run(t, rs)
		final := s.room.Final
		o := newOracle(events, final.Pane)
		want := o.publish()
		if len(final.Totals) != len(want.Totals) {
			r.Fatalf("totals %v, want %v", final.Totals, want.Totals)
		}
		for i, w := range want.Totals {
			if !final.Totals[i].EqualVT(w) {
				r.Fatalf("total %v, want %v", final.Totals[i], w)
			}
		}
		if final.PeopleTotal != want.PeopleTotal || final.BuyersTotal != want.BuyersTotal ||
			final.OrdersTotal != want.OrdersTotal || final.Heat.ActiveHeads != want.Heat.ActiveHeads ||
			final.Heat.Viewers != want.Heat.Viewers || !final.Raw.EqualVT(final.Heat) ||
			len(final.Sources) != len(want.Sources) || len(final.Sinks) != len(want.Sinks) || final.Heat.Insufficient != want.Heat.Insufficient ||
			final.Heat.Grade != want.Heat.Grade {
			r.Fatalf("got  %v\nwant %v", final, want)
		}
		h, w := final.Heat, want.Heat
		for i, s := range want.Sources {
			if got := final.Sources[i]; got.Name != s.Name || math.Abs(got.Amount-s.Amount) > 1e-6*s.Amount {
				r.Fatalf("source %v, want %v", got, s)
			}
		}
		for i, s := range want.Sinks {
			if got := final.Sinks[i]; got.Name != s.Name || math.Abs(got.Amount-s.Amount) > 1e-5*s.Amount {
				r.Fatalf("sink %v, want %v", got, s)
			}
		}
		for name, p := range map[string][2]float64{
			"contributed": {float64(h.MicrojoulesTotal), float64(w.MicrojoulesTotal)},
			"heat":        {h.HeatJoules, w.HeatJoules}, "temperature": {h.Temperature, w.Temperature},
			"lower": {h.TemperatureLo, w.TemperatureLo}, "upper": {h.TemperatureHi, w.TemperatureHi},
			"power": {h.PowerWatts, w.PowerWatts}, "gauge": {h.Gauge, w.Gauge},
			"acts": {h.EffectiveActs, w.EffectiveActs},
		} {
			if math.Abs(p[0]-p[1]) > 1e-6*(math.Abs(p[1])+1e-6) {
				r.Fatalf("%s is %v, want %v", name, p[0], p[1])
			}
		}
	})
}

// One text all over again for two minutes, each pane said and evaluated several times while it fills, and the one before
// once more for a straggler: the copies that leave the window of 60 panes are those of the oracle.
func TestCopiesLeaveTheWindowOnce(t *testing.T) {
	th := newTheater(t)
	var events []*eventpb.Event
	for range 120 {
		for i := range int64(4) {
			e := th.event(eventpb.Kind_KIND_COMMENT, th.ids%40+1)
			e.Text = "kawaii"
			if i == 2 {
				e.TimeMs -= 1000
			}
			th.apply(e)
			events = append(events, e)
			th.ms += 250
		}
	}
	th.pass(60_000)
	final := th.said.room.Final
	want := newOracle(events, final.Pane).publish()
	if !final.Totals[0].EqualVT(want.Totals[0]) {
		t.Errorf("got %v, want %v", final.Totals[0], want.Totals[0])
	}
}
