package fx

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// State is how an amount was converted, or why not.
type State string

// States.
const (
	Same     State = "same_currency"
	Direct   State = "direct"
	Inverse  State = "inverse"
	Cross    State = "cross"
	NoRate   State = "no_rate"
	Overflow State = "overflow" // beyond int64 in the other currency
)

// Leg is one rate that was used, as the catalog has it.
type Leg struct {
	Base, Quote string
	Rate        string // of Quote for one Base
	FromMS      int64  // the date of the rate
	Inverse     bool   // it was divided by
}

// Conversion is an amount in another currency. Minor is 0 and means nothing for NoRate and Overflow.
type Conversion struct {
	Minor    int64
	Currency string
	State    State
	Legs     []Leg  // one, or two for Cross; none for Same
	Version  string // of the table at that time
	// FromMS is the date of the oldest rate used; 0 where none was, or one of them has no date.
	FromMS int64
}

// OK tells whether Minor holds.
func (c Conversion) OK() bool { return c.State != NoRate && c.State != Overflow }

// Convert says what an amount of minor units of one currency was in another at a time.
func (t *Table) Convert(minor int64, from, to string, atMS int64) Conversion {
	c := Conversion{Currency: to, Version: t.Version(atMS)}
	rate, legs, state := t.rate(from, to, atMS)
	c.State, c.Legs, c.FromMS = state, legs, oldest(legs)
	if state == NoRate {
		return c
	}
	exact := new(big.Rat).SetInt64(minor)
	var ok bool
	if c.Minor, ok = round(exact.Mul(exact, rate)); !ok {
		c.State = Overflow
	}
	return c
}

// Amount is money of one currency.
type Amount struct {
	Minor    int64
	Currency string
}

// Total is a sum over currencies. It is of those that have a rate; Missing names the others, sorted.
type Total struct {
	Minor    int64
	Currency string
	Version  string
	FromMS   int64 // the date of the oldest rate used; 0 where none was, or one of them has no date
	Missing  []string
	Overflow bool // Minor is 0 and means nothing
}

// Sum adds amounts of any currencies, each exactly, and rounds once. The order of the amounts makes no difference.
func (t *Table) Sum(of []Amount, to string, atMS int64) Total {
	total := Total{Currency: to, Version: t.Version(atMS)}
	exact, used := new(big.Rat), []Leg(nil)
	for _, a := range of {
		rate, legs, state := t.rate(a.Currency, to, atMS)
		if state == NoRate {
			total.Missing = append(total.Missing, a.Currency)
			continue
		}
		used = append(used, legs...)
		exact.Add(exact, rate.Mul(rate, new(big.Rat).SetInt64(a.Minor)))
	}
	total.FromMS = oldest(used)
	slices.Sort(total.Missing)
	total.Missing = slices.Compact(total.Missing)
	minor, ok := round(exact)
	total.Minor, total.Overflow = minor, !ok
	return total
}

// rate is how many minor units of one currency a minor unit of another is; the caller's to change.
func (t *Table) rate(from, to string, atMS int64) (*big.Rat, []Leg, State) {
	fromDigits, known := event.Exponent(from)
	toDigits, known2 := event.Exponent(to)
	if !known || !known2 {
		return nil, nil, NoRate
	}
	if from == to {
		return big.NewRat(1, 1), nil, Same
	}
	rate, legs, state := t.pair(from, to, atMS)
	if state == NoRate && t.pivot != "" && t.pivot != from && t.pivot != to {
		first, in, state1 := t.pair(from, t.pivot, atMS)
		second, out, state2 := t.pair(t.pivot, to, atMS)
		if state1 != NoRate && state2 != NoRate {
			rate, legs, state = first.Mul(first, second), append(in, out...), Cross
		}
	}
	if state == NoRate {
		return nil, nil, NoRate
	}
	return rate.Mul(rate, tens(toDigits-fromDigits)), legs, state
}

// pair is a rate without a pivot, in major units.
func (t *Table) pair(from, to string, atMS int64) (*big.Rat, []Leg, State) {
	if e := t.direct(from, to, atMS); e != nil {
		return new(big.Rat).Set(e.rate), []Leg{{e.base, e.quote, e.text, e.fromMS, false}}, Direct
	}
	if e := t.direct(to, from, atMS); e != nil {
		return new(big.Rat).Inv(e.rate), []Leg{{e.base, e.quote, e.text, e.fromMS, true}}, Inverse
	}
	return nil, nil, NoRate
}

// round is the nearest integer, halves to even: the only rounding there is.
func round(x *big.Rat) (int64, bool) {
	quotient, rest := new(big.Int).DivMod(x.Num(), x.Denom(), new(big.Int)) // 0 ≤ rest < denominator
	half := rest.Lsh(rest, 1).Cmp(x.Denom())
	if half > 0 || half == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	if !quotient.IsInt64() {
		return 0, false
	}
	return quotient.Int64(), true
}

// tens is 10^n.
func tens(n int) *big.Rat {
	power := big.NewInt(1)
	for range max(n, -n) {
		power.Mul(power, big.NewInt(10))
	}
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), power)
	}
	return new(big.Rat).SetInt(power)
}

// oldest is the date of the oldest of some legs; 0 where there are none.
func oldest(legs []Leg) int64 {
	if len(legs) == 0 {
		return 0
	}
	return slices.MinFunc(legs, func(a, b Leg) int { return cmp.Compare(a.FromMS, b.FromMS) }).FromMS
}
