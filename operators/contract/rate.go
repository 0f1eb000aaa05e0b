package contract

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/netsu/netsu/stream/event"
)

// Order is what the contract asks of an order.
type Order struct {
	Currency string
	NetMinor int64
	Units    int64
	Lines    []Line // of known products; where their nets do not sum to the order's, they are the weights of it
}

// Line is a part of an order.
type Line struct {
	ProductID string
	Units     int64
	NetMinor  int64
}

// Place is what the earlier orders of the month have used up: GMV of the brackets, and commission of the month's cap
// (before that cap).
type Place struct{ GMVMinor, FullMinor int64 }

// Share is what an order earns. Minor and the brand's part sum to Base.
type Share struct {
	GMVMinor  int64 // what it uses of the brackets: its net, if above zero
	BaseMinor int64 // what is divided: net, or net × margin
	FullMinor int64 // after the caps of item and order, before the month's
	Minor     int64 // the commission
	Capped    bool
}

// Then is the place of the order after.
func (p Place) Then(s Share) (next Place, err error) {
	if next.GMVMinor, err = event.Add(p.GMVMinor, s.GMVMinor); err != nil {
		return Place{}, fmt.Errorf("the month's GMV: %w", err)
	}
	if next.FullMinor, err = event.Add(p.FullMinor, s.FullMinor); err != nil {
		return Place{}, fmt.Errorf("the month's commission: %w", err)
	}
	return next, nil
}

// Rate says what an order earns. versions are those of InForce, before is what the month's earlier orders have used.
func (t *Terms) Rate(o *Order, esolTier string, versions []int, before Place) Share {
	if o.NetMinor <= 0 {
		return Share{}
	}
	foreign := o.Currency != t.campaign.GetCurrency()
	if foreign {
		before = Place{}
	}
	s := Share{GMVMinor: o.NetMinor, BaseMinor: scale(o.NetMinor, t.basePPM)}
	at, uncapped := before.GMVMinor, int64(0)
	for _, l := range o.lines() {
		minor := t.line(l, esolTier, versions, at, foreign)
		uncapped += minor // at most the net, as all rates are at most one
		if limit := t.contract.GetCapItemMinor(); limit > 0 && !foreign {
			minor = min(minor, times(limit, l.Units))
		}
		s.FullMinor += minor
		if !foreign {
			at = event.AddCapped(at, l.NetMinor)
		}
	}
	s.FullMinor = min(s.FullMinor, s.BaseMinor) // each line rounded up can be more than the whole rounded down
	if limit := t.contract.GetCapOrderMinor(); limit > 0 && !foreign {
		s.FullMinor = min(s.FullMinor, limit)
	}
	s.Minor = s.FullMinor
	if limit := t.contract.GetCapMonthMinor(); limit > 0 && !foreign {
		s.Minor = min(s.Minor, max(0, limit-before.FullMinor))
	}
	s.Capped = s.Minor < min(uncapped, s.BaseMinor)
	return s
}

// lines are the order's lines so that they sum to its net, which is above zero.
func (o *Order) lines() []Line {
	weights, sum := make([]int64, len(o.Lines)), int64(0)
	for i, l := range o.Lines {
		weights[i] = max(0, l.NetMinor)
		sum = event.AddCapped(sum, weights[i])
	}
	if sum == 0 {
		return []Line{{Units: o.Units, NetMinor: o.NetMinor}}
	}
	lines := make([]Line, len(o.Lines))
	for i, net := range event.Alloc(o.NetMinor, weights) {
		lines[i] = o.Lines[i]
		lines[i].NetMinor = net
	}
	return lines
}

// line is the commission of a line that begins at a point of the month's GMV: the sum of its parts by bracket, each at
// the greatest rate of the versions, times the base, rounded once, half to even.
func (t *Terms) line(l Line, esolTier string, versions []int, at int64, foreign bool) int64 {
	var hi, lo uint64
	for left := l.NetMinor; left > 0; {
		part := left
		if cut := t.nextCut(at); !foreign && cut < math.MaxInt64 { // at the end of all amounts there is no bracket to fill
			part = min(left, cut-at)
		}
		h, m := bits.Mul64(uint64(part), uint64(t.best(l.ProductID, esolTier, versions, at)))
		var carry uint64
		lo, carry = bits.Add64(lo, m, 0)
		hi += h + carry
		left -= part
		at = event.AddCapped(at, part)
	}
	// At most net × 10^12 < 2^103, so neither this nor the division overflows.
	h, m := bits.Mul64(lo, uint64(t.basePPM))
	return roundDiv(h+hi*uint64(t.basePPM), m, PPM*PPM)
}

func (t *Terms) best(product, tier string, versions []int, at int64) int64 {
	if len(t.legs) > 0 {
		return t.legsPPM
	}
	best := int64(0)
	for _, i := range versions {
		best = max(best, t.versions[i].rate(product, tier, at))
	}
	return min(best, PPM)
}

// nextCut is the first bracket's beginning after a point.
func (t *Terms) nextCut(at int64) int64 {
	for _, c := range t.cuts {
		if c > at {
			return c
		}
	}
	return math.MaxInt64
}

// Alike tells that orders which use up so much in all earn the same after one place as after another: all of it lies
// in one bracket, and the month's cap leaves all of it or nothing, both times.
func (t *Terms) Alike(was, is Place, gmvMinor, fullMinor int64) bool {
	if was == is {
		return true
	}
	// A bracket that begins where they end is not theirs, and one that begins where they begin is.
	cut := t.nextCut(was.GMVMinor)
	if len(t.cuts) > 0 && (cut != t.nextCut(is.GMVMinor) || event.AddCapped(was.GMVMinor, gmvMinor) > cut ||
		event.AddCapped(is.GMVMinor, gmvMinor) > cut) {
		return false
	}
	limit := t.contract.GetCapMonthMinor()
	return limit == 0 || untouched(limit, was, fullMinor) && untouched(limit, is, fullMinor) ||
		was.FullMinor >= limit && is.FullMinor >= limit
}

func untouched(limit int64, p Place, full int64) bool {
	return event.AddCapped(p.FullMinor, full) <= limit
}

// Part is what a party gets.
type Part struct {
	Party string
	Minor int64
}

// Divide gives a commission to the parties, in the contract's order: by the legs, which sum to it exactly (largest
// remainder), or where there are none, all to the ESOL.
func (t *Terms) Divide(minor int64) []Part {
	if len(t.legs) == 0 {
		return []Part{{Esol, minor}}
	}
	weights, parts := make([]int64, len(t.legs)), make([]Part, len(t.legs))
	for i, l := range t.legs {
		weights[i] = int64(l.Ppm)
	}
	for i, share := range event.Alloc(minor, weights) {
		parts[i] = Part{t.legs[i].Party, share}
	}
	return parts
}
