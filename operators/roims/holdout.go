package roims

import (
	"math"

	"github.com/netsu/netsu/stream/event"
)

// Holdout is an experiment: of all people who could have been reached, some were held out by chance. Both arms count all
// their net orders in the same time, whoever is credited.
type Holdout struct {
	// Randomised is the caller's word that chance alone decided who is in which arm. Without it, nothing is incremental.
	Randomised bool
	// TreatedPersons and ControlPersons are how many people each arm is of, or numbers in that ratio: where each person was
	// held out with a known probability, that probability is better than a count, as nobody can count who did not buy.
	TreatedPersons, ControlPersons int64
	// Treated and Control sum one amount per person, that of all their orders: people who buy twice are one sample.
	Treated, Control Sums
}

// Incremental is what the treated bought beyond what as many of the held-out did, net, over cost. h is nil where nobody
// was held out. Its interval is symmetric, as a difference has no logarithm: ±1.96·√(Σx²_t + r²·Σx²_c)/cost, r the
// treated per held-out person: people are independent, and a person's orders need not be. With a ratio that is known and
// not counted that is exact where the campaign causes nothing, and of treated who buy more errs on the wide side.
// φ is not in it: what makes orders come in bursts reaches both arms alike.
func (c Campaign) Incremental(h *Holdout) Result {
	r := Result{Name: "incremental", Claim: Incremental, Basis: NetGMV, Currency: c.Currency}
	r.DenominatorMinor = c.CostMinor
	if h == nil || h.TreatedPersons <= 0 || h.ControlPersons <= 0 {
		return r.asAttributed(c, NoHoldout)
	}
	r.TreatedPersons, r.ControlPersons = h.TreatedPersons, h.ControlPersons
	if !h.Randomised {
		return r.asAttributed(c, NotRandomised)
	}
	t, k := h.Treated.Net, h.Control.Net
	r.Orders = t.N + k.N
	baseline, ok := scaled(k.Minor, h.TreatedPersons, h.ControlPersons)
	numerator, err := event.Sub(t.Minor, baseline)
	if !ok || err != nil {
		return r.lacking(Overflow)
	}
	r.NumeratorMinor = numerator
	switch {
	case c.CostMinor <= 0:
		return r.lacking(NoCost)
	case min(t.N, k.N) < OrdersMin:
		return r.lacking(TooFewOrders)
	}
	per := float64(h.TreatedPersons) / float64(h.ControlPersons)
	variance := t.Squares.Float() + float64(float64(per*per)*k.Squares.Float())
	half := z95 * math.Sqrt(variance) / float64(c.CostMinor)
	r.Value = r.ratio()
	r.Lo, r.Hi = r.Value-half, r.Value+half
	r.Grade = gradeOf(r.Lo, r.Hi)
	return r
}

// asAttributed refuses to be incremental: what is known is the attributed GMV, and it is called that.
func (r Result) asAttributed(c Campaign, why string) Result {
	r.Claim, r.NumeratorMinor, r.Orders = Attributed, c.Sums.Net.Minor, c.Sums.Net.N
	return r.lacking(why)
}
