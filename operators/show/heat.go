package show

import (
	"math"
	"math/bits"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Constants of MODEL §1, for the audience.
const (
	ambientHeads  = 5  // A0: pseudo-heads at ambient; they keep a room of one from being infinitely passionate
	viewerShare   = .1 // c_p: what a silent viewer counts as capacity
	saturation    = 3. // E0, joules
	activePanes   = 300
	ageMinPanes   = 120 // two half-lives
	actsMin       = 10  // N_eff
	peopleMin     = 3
	silentPanes   = 1800                  // after that many empty panes in a row nothing is left of the heat
	kappa         = 0x1.7a8cffee8c654p-7  // ln 2 / 60 s
	lnT50         = -0x1.98d60031b821bp-2 // ln sqrt(.3 · 1.5)
	gaugeSteep    = 0x1.5d7e8f22ba887p+0  // ln 9 / ln 5
	normal95      = 1.96
	kinds         = int(eventpb.Kind_KIND_ORDER) + 1
	viewerUnknown = -1
)

// room is everything about a show that is small, after one pane. It is copied before each pane, which is what undoing
// the pane restores.
type room struct {
	pane    int64 // the last one that is in
	started bool
	start   int64 // first pane with an event
	silent  int64 // empty panes in a row up to here, at most silentPanes

	heat        warmth  // by what is believed
	raw         warmth  // with every act believed
	acts, acts2 float64 // decayed counts of acts, by d and by d²
	active      int64
	viewers     int64
	fano        fano
	balance     balance

	people int64
	buyers int64
	orders int64
	totals [kinds]kindTotal
}

type kindTotal struct{ events, microjoules int64 }

// warmth is one recursion of MODEL §1: the room's, or its twin's that believes everything.
type warmth struct {
	q, v2       float64 // heat, and the decayed sum of squares of what made it
	power       float64
	contributed int64 // microjoules
}

// input is what one pane adds to the recursions.
type input struct {
	heat, raw fuel
	radiated  [kinds]int64 // microjoules, believed, by kind
	repeated  int64        // microjoules that copies lost by repeating
	doubted   int64        // microjoules that trust took away
	acts      int64        // heads that contributed
	active    int64        // A after the pane
}

// fuel is what the heads of a pane contribute to one recursion.
type fuel struct {
	microjoules int64
	squares     [2]uint64 // of each head's, 128 bits: high, low
}

// add adds one head's contribution, at most 2^32 µJ, so that no sum of squares depends on the order of heads.
func (f *fuel) add(microjoules int64) {
	f.microjoules += microjoules
	hi, lo := bits.Mul64(uint64(microjoules), uint64(microjoules))
	var carry uint64
	f.squares[1], carry = bits.Add64(f.squares[1], lo, 0)
	f.squares[0], _ = bits.Add64(f.squares[0], hi, carry)
}

// step is the recursion of MODEL §1: leavers carry their share of the heat away, the rest cools, the pane's energy is
// added. An act, for N_eff and the variance, is what one head contributed in one pane.
func (r *room) step(in *input) {
	leave := 1.0
	if in.active < r.active {
		leave = float64(in.active) / float64(r.active)
	}
	keep := float64(leave * stable.Decay)
	r.balance.step(r.heat.q, leave, in)
	r.heat.step(keep, &in.heat)
	r.raw.step(keep, &in.raw)
	r.acts = float64(r.acts*keep) + float64(in.acts)
	r.acts2 = float64(r.acts2*float64(keep*keep)) + float64(in.acts)
	r.active = in.active
	r.fano.add(r.pane, in.acts)
}

func (w *warmth) step(keep float64, in *fuel) {
	joules := float64(in.microjoules) / joule
	squares := (float64(float64(in.squares[0])*0x1p64) + float64(in.squares[1])) / (joule * joule)
	w.q = float64(w.q*keep) + joules
	w.v2 = float64(w.v2*float64(keep*keep)) + squares
	w.power = float64(w.power*stable.Decay) + float64((1-stable.Decay)*joules)
	w.contributed += in.microjoules
}

// freeze is what silentPanes empty panes leave: exactly nothing. Without it the same zero would be approached for
// ever, and a show that comes back after a day would have to be walked through pane by pane.
func (r *room) freeze() {
	r.heat, r.raw = warmth{contributed: r.heat.contributed}, warmth{contributed: r.raw.contributed}
	r.acts, r.acts2, r.active, r.viewers, r.fano, r.balance = 0, 0, 0, viewerUnknown, fano{}, balance{}
}

func (r *room) frozen() bool { return !r.started || r.silent >= silentPanes }

// capacity is C: the heads that the heat is spread over.
func (r *room) capacity() float64 {
	c := float64(r.active + ambientHeads)
	if r.viewers > r.active {
		c += float64(viewerShare * float64(r.viewers-r.active))
	}
	return c
}

// contribution is how far energy takes a head's heat from before to after, joules, in microjoules of the room:
// sat(after) - sat(before), with sat(x) = E0·ln(1+x/E0). One fanatic must not heat a room.
func contribution(before, after float64) int64 {
	joules := float64(saturation * stable.Log((saturation+after)/(saturation+before)))
	return max(0, int64(math.Round(float64(joules*joule))))
}

// gauge maps J/head to 0..100: 25 and 75 at the quartiles of the reference rooms, .3 and 1.5 J/head until there is a
// reference (MODEL §1, cold start).
func gauge(temperature float64) float64 {
	if temperature <= 0 {
		return 0
	}
	return 100 / (1 + stable.Exp(float64(gaugeSteep*(lnT50-stable.Log(temperature)))))
}

// view is the heat of one recursion for people, with its uncertainty.
func (r *room) view(w *warmth) *eventpb.Heat {
	capacity := r.capacity()
	h := &eventpb.Heat{
		MicrojoulesTotal: w.contributed,
		HeatJoules:       w.q,
		Temperature:      w.q / capacity,
		PowerWatts:       w.power,
		ActiveHeads:      r.active,
		CapacityHeads:    capacity,
		Viewers:          r.viewers,
	}
	if w.v2 > 0 {
		h.EffectiveActs = float64(w.q*w.q) / w.v2
	}
	ratio := 1.0 // of the upper bound to the estimate, and of the estimate to the lower
	if w.q > 0 {
		ratio = stable.Exp(float64(normal95*math.Sqrt(r.variance(w))) / w.q)
	}
	h.TemperatureLo, h.TemperatureHi = h.Temperature/ratio, float64(h.Temperature*ratio)
	switch {
	case h.EffectiveActs < actsMin:
		h.Insufficient = "too_few_acts"
	case r.active < peopleMin:
		h.Insufficient = "too_few_people"
	case r.pane+1-r.start < ageMinPanes:
		h.Insufficient = "too_young"
	default:
		h.Gauge, h.GaugeLo, h.GaugeHi = gauge(h.Temperature), gauge(h.TemperatureLo), gauge(h.TemperatureHi)
		h.Grade = grade(float64(ratio * ratio))
	}
	return h
}

func grade(ciRatio float64) eventpb.Grade {
	switch {
	case ciRatio < 1.5:
		return eventpb.Grade_GRADE_A
	case ciRatio < 2.5:
		return eventpb.Grade_GRADE_B
	}
	return eventpb.Grade_GRADE_C
}

// variance is Var(Q) = V2 + ē²·(Λ/2κ)·(F-1)·γ/(γ+κ): shot noise plus what clustering of acts adds. Λ/2κ is the decayed
// count by d² and ē the mean energy of an act still warm.
func (r *room) variance(w *warmth) float64 {
	if r.acts == 0 {
		return w.v2
	}
	mean := w.q / r.acts
	n := r.fano.branching()
	gamma := float64(.5 * (1 - n)) // β = .5/s
	excess := 1/float64((1-n)*(1-n)) - 1
	return w.v2 + float64(float64(float64(mean*mean)*r.acts2)*float64(excess*(gamma/(gamma+kappa))))
}
