package roims

import (
	"math"

	"github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/operators/stable"
)

// Claim is what a number says about cause.
type Claim string

// Claims.
const (
	Attributed  Claim = "attributed"  // credited by rules; what would have happened anyway is not known
	Incremental Claim = "incremental" // against people who were held out by chance
	Blended     Claim = "blended"     // all that was sold over all that was spent: nobody is credited
	Threshold   Claim = "threshold"   // no measurement: what Net must exceed
)

// Basis is which GMV a number is made of.
type Basis string

// Bases.
const (
	GrossGMV  Basis = "gross"  // paid, refunds and cancellations still in it
	NetGMV    Basis = "net"    // paid less refunded and cancelled
	MarginGMV Basis = "margin" // net × contribution margin
)

// Grade is how wide the interval is: A where its ends differ by a factor below 1.5, B below 2.5, else C (as MODEL §1
// grades heat). For profit the ends are those of the margin before cost. "" where there is no interval.
type Grade string

// Grades.
const (
	A Grade = "A"
	B Grade = "B"
	C Grade = "C"
)

// Why there is no number. See doc.go.
const (
	NoCost        = "no_cost"
	NoGMV         = "no_gmv"
	NoMargin      = "no_margin"
	TooFewOrders  = "too_few_orders"
	NoHoldout     = "no_holdout"
	NotRandomised = "not_randomised"
	Overflow      = "overflow"
)

// OrdersMin is how many orders a ROIMS needs.
const OrdersMin = 30

// Result is one number with all that it is made of.
type Result struct {
	Name     string // gross, net, profit, incremental, blended, break_even
	Claim    Claim
	Basis    Basis
	Currency string // of both amounts; "" for break_even, whose amounts are parts per million
	// Value is NumeratorMinor / DenominatorMinor.
	NumeratorMinor, DenominatorMinor int64
	Value                            float64
	// Lo and Hi hold 95 %. Both are Value for break_even, which is not measured.
	Lo, Hi float64
	Grade  Grade
	// Orders with an amount on the basis: of a holdout, the people of both arms who have one.
	Orders int64
	// TreatedPersons and ControlPersons are of Incremental alone.
	TreatedPersons, ControlPersons int64
	Insufficient                   string // "" where the value holds
}

// z95 is the two-sided 95 % point of the normal distribution.
const z95 = 1.96

// Interval is the factor f such that the sum lies in [sum/f, sum·f] with 95 %: exp(1.96·√φ·√Σx²/Σx). A φ below 1 counts
// as 1. 1 for a sum that is not above zero, which has no logarithm.
func Interval(s amounts.Sum, phi float64) (factor float64) {
	if !(phi > 1) {
		phi = 1
	}
	return stable.Exp(z95 * math.Sqrt(phi) * s.Spread())
}

// gradeOf grades an interval by the ratio of its ends.
func gradeOf(lo, hi float64) Grade {
	switch {
	case !(lo > 0):
		return C
	case hi < 1.5*lo:
		return A
	case hi < 2.5*lo:
		return B
	}
	return C
}

// ratio divides, once, last.
func (r *Result) ratio() float64 { return float64(r.NumeratorMinor) / float64(r.DenominatorMinor) }

// lacking sets the reason, if there is one.
func (r Result) lacking(why string) Result {
	r.Insufficient = why
	return r
}
