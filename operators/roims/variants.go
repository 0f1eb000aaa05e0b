package roims

import (
	"math/big"

	"github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/stream/event"
)

// Campaign is what all variants are made of, for one scope and currency.
type Campaign struct {
	Currency string
	Sums     Sums
	// CostMinor is all that the brand spent, in the GMV's currency: fees, commission, samples, ads, production, coupons; of
	// less than all of it a ROIMS is too good.
	CostMinor int64
	// MarginPPM is the contribution margin, already less returns' handling and fees; 0: not known.
	MarginPPM int64
	// Phi is how over-dispersed orders come (pacing.Phi); below 1 counts as 1.
	Phi float64
}

// Gross is paid GMV over cost, as platforms report it.
func (c Campaign) Gross() Result {
	return c.over(Result{Name: "gross", Claim: Attributed, Basis: GrossGMV}, c.Sums.Paid)
}

// Net is net GMV over cost.
func (c Campaign) Net() Result {
	return c.over(Result{Name: "net", Claim: Attributed, Basis: NetGMV}, c.Sums.Net)
}

// Profit is what is left of the margin on net GMV after cost, over cost: 0 is break-even.
func (c Campaign) Profit() Result {
	r := Result{Name: "profit", Claim: Attributed, Basis: MarginGMV}
	if c.MarginPPM <= 0 {
		r.Currency, r.Orders = c.Currency, c.Sums.Net.N
		r.DenominatorMinor = c.CostMinor
		return r.lacking(NoMargin)
	}
	r = c.over(r, c.Sums.Net)
	margin, ok := scaled(c.Sums.Net.Minor, c.MarginPPM, 1_000_000)
	numerator, err := event.Sub(margin, r.DenominatorMinor)
	if !ok || err != nil {
		r.NumeratorMinor, r.Value, r.Lo, r.Hi, r.Grade = 0, 0, 0, 0, ""
		return r.lacking(Overflow)
	}
	r.NumeratorMinor = numerator
	if r.Insufficient != "" {
		return r
	}
	rate := float64(c.MarginPPM) / 1e6
	r.Value, r.Lo, r.Hi = r.ratio(), float64(rate*r.Lo)-1, float64(rate*r.Hi)-1
	return r
}

// Blended is the marketing efficiency ratio: all net revenue of the brand over all that it spent on marketing, whoever is
// credited. c is of the brand's whole business then.
func (c Campaign) Blended() Result {
	return c.over(Result{Name: "blended", Claim: Blended, Basis: NetGMV}, c.Sums.Net)
}

// BreakEven is 1 / margin: the Net at which the margin pays the cost.
func (c Campaign) BreakEven() Result {
	r := Result{Name: "break_even", Claim: Threshold, Basis: NetGMV, NumeratorMinor: 1_000_000,
		DenominatorMinor: c.MarginPPM}
	if c.MarginPPM <= 0 {
		return r.lacking(NoMargin)
	}
	r.Value = r.ratio()
	r.Lo, r.Hi = r.Value, r.Value
	return r
}

// over is the sum over the cost, with its interval.
func (c Campaign) over(r Result, s amounts.Sum) Result {
	r.Currency, r.NumeratorMinor, r.Orders = c.Currency, s.Minor, s.N
	r.DenominatorMinor = c.CostMinor
	switch {
	case c.CostMinor <= 0:
		return r.lacking(NoCost)
	case s.Minor <= 0:
		return r.lacking(NoGMV)
	case s.N < OrdersMin:
		return r.lacking(TooFewOrders)
	}
	factor := Interval(s, c.Phi)
	r.Value = r.ratio()
	r.Lo, r.Hi = r.Value/factor, float64(r.Value*factor)
	r.Grade = gradeOf(r.Lo, r.Hi)
	return r
}

// scaled is x·by/per to the nearest unit, halves to even: exact in between. ok is false beyond int64.
func scaled(x, by, per int64) (y int64, ok bool) {
	product := new(big.Int).Mul(big.NewInt(x), big.NewInt(by))
	quotient, rest := new(big.Int).DivMod(product, big.NewInt(per), new(big.Int)) // 0 ≤ rest < per
	twice := rest.Lsh(rest, 1).Cmp(big.NewInt(per))
	if twice > 0 || twice == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient.Int64(), quotient.IsInt64()
}
