package roims_test

import (
	"errors"
	"math"
	"testing"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/roims"
	"github.com/netsu/netsu/stream/event"
	"pgregory.net/rapid"
)

// sums is of n orders of the given amount, each with back taken back.
func sums(t *testing.T, n int, paid, back int64) (s roims.Sums) {
	t.Helper()
	for range n {
		if err := s.Replace(roims.Order{}, roims.Order{PaidMinor: paid, BackMinor: back}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(b)) }

// 100 orders of 1000, 100 of each back, cost 20,000, margin 40 %: by hand.
func TestVariants(t *testing.T) {
	c := roims.Campaign{Currency: "JPY", Sums: sums(t, 100, 1000, 100), MarginPPM: 400_000, Phi: 1,
		CostMinor: 20_000}
	f := math.Exp(.196) // Σx² = 100x², Σx = 100x: a spread of 1/10
	for _, w := range []roims.Result{
		{Name: "gross", Claim: roims.Attributed, Basis: roims.GrossGMV, NumeratorMinor: 100_000, Value: 5, Lo: 5 / f,
			Hi: 5 * f},
		{Name: "net", Claim: roims.Attributed, Basis: roims.NetGMV, NumeratorMinor: 90_000, Value: 4.5, Lo: 4.5 / f,
			Hi: 4.5 * f},
		{Name: "profit", Claim: roims.Attributed, Basis: roims.MarginGMV, NumeratorMinor: 16_000, Value: .8,
			Lo: 1.8/f - 1, Hi: 1.8*f - 1},
		{Name: "blended", Claim: roims.Blended, Basis: roims.NetGMV, NumeratorMinor: 90_000, Value: 4.5, Lo: 4.5 / f,
			Hi: 4.5 * f},
	} {
		r := map[string]roims.Result{"gross": c.Gross(), "net": c.Net(), "profit": c.Profit(), "blended": c.Blended()}[w.Name]
		if r.Name != w.Name || r.Claim != w.Claim || r.Basis != w.Basis || r.NumeratorMinor != w.NumeratorMinor ||
			r.DenominatorMinor != 20_000 || r.Currency != "JPY" || r.Orders != 100 || r.Insufficient != "" ||
			!near(r.Value, w.Value) || !near(r.Lo, w.Lo) || !near(r.Hi, w.Hi) || r.Grade != roims.A {
			t.Errorf("%+v\nwant %+v", r, w)
		}
	}
	if r := c.BreakEven(); r.Value != 2.5 || r.NumeratorMinor != 1_000_000 || r.DenominatorMinor != 400_000 ||
		r.Claim != roims.Threshold || r.Lo != 2.5 || r.Hi != 2.5 || r.Grade != "" {
		t.Errorf("break-even %+v", r)
	}
	c.Phi = 4
	if r := c.Net(); !near(r.Hi, 4.5*f*f) || r.Grade != roims.B {
		t.Errorf("over-dispersion must widen the interval: %+v", r)
	}
	c.Phi = 25
	if r := c.Net(); r.Grade != roims.C {
		t.Errorf("grade %v", r.Grade)
	}
}

func TestInsufficient(t *testing.T) {
	const spent = 100
	for _, c := range []struct {
		name string
		of   roims.Campaign
		want string
	}{
		{"nothing spent", roims.Campaign{Sums: sums(t, 40, 10, 0)}, roims.NoCost},
		{"nothing sold", roims.Campaign{CostMinor: spent}, roims.NoGMV},
		{"more refunded than sold", roims.Campaign{CostMinor: spent, Sums: sums(t, 40, 10, 12)}, roims.NoGMV},
		{"29 orders", roims.Campaign{CostMinor: spent, Sums: sums(t, 29, 10, 0)}, roims.TooFewOrders},
		{"30 orders", roims.Campaign{CostMinor: spent, Sums: sums(t, 30, 10, 0)}, ""},
	} {
		r := c.of.Net()
		if r.Insufficient != c.want || c.want != "" && (r.Value != 0 || r.Lo != 0 || r.Hi != 0 || r.Grade != "") {
			t.Errorf("%s: %+v, want %q", c.name, r, c.want)
		}
		if r.NumeratorMinor != c.of.Sums.Net.Minor {
			t.Errorf("%s: the numerator is a fact and must be there", c.name)
		}
	}
	c := roims.Campaign{CostMinor: spent, Sums: sums(t, 40, 10, 0)}
	if c.Profit().Insufficient != roims.NoMargin || c.BreakEven().Insufficient != roims.NoMargin {
		t.Error("without a margin there is neither profit nor break-even")
	}
	c.MarginPPM = 500_000
	c.CostMinor = 0
	if r := c.Profit(); r.Insufficient != roims.NoCost || r.NumeratorMinor != 200 {
		t.Errorf("%+v", r)
	}
}

// Fully refunded orders are no orders any more for net, and are for gross.
func TestRefundedOrdersDoNotCount(t *testing.T) {
	s := sums(t, 30, 10, 0)
	if err := s.Replace(roims.Order{PaidMinor: 10}, roims.Order{PaidMinor: 10, BackMinor: 10}); err != nil {
		t.Fatal(err)
	}
	c := roims.Campaign{Sums: s, CostMinor: 1}
	if c.Gross().Insufficient != "" || c.Net().Insufficient != roims.TooFewOrders || c.Net().Orders != 29 {
		t.Errorf("gross %+v, net %+v", c.Gross(), c.Net())
	}
}

// 200 treated against 100 held out: a baseline of twice the control's GMV.
func TestIncremental(t *testing.T) {
	c := roims.Campaign{Currency: "USD", Sums: sums(t, 50, 1000, 0), CostMinor: 10_000}
	h := roims.Holdout{Randomised: true, TreatedPersons: 200, ControlPersons: 100,
		Treated: sums(t, 100, 1000, 0), Control: sums(t, 30, 1000, 0)}
	r := c.Incremental(&h)
	half := 1.96 * math.Sqrt(100e6+4*30e6) / 10_000
	if r.Claim != roims.Incremental || r.NumeratorMinor != 40_000 || r.DenominatorMinor != 10_000 || r.Value != 4 ||
		!near(r.Lo, 4-half) || !near(r.Hi, 4+half) || r.TreatedPersons != 200 || r.ControlPersons != 100 {
		t.Errorf("%+v", r)
	}
	few := h
	few.Control = sums(t, 29, 1000, 0)
	if r := c.Incremental(&few); r.Insufficient != roims.TooFewOrders {
		t.Errorf("%+v", r)
	}
	third := roims.Holdout{Randomised: true, TreatedPersons: 1, ControlPersons: 2, Control: sums(t, 1, 5, 0),
		Treated: sums(t, 1, 5, 0)}
	if r := c.Incremental(&third); r.NumeratorMinor != 3 { // a baseline of 2.5 is 2: halves to even
		t.Errorf("%+v", r)
	}
}

// Without people held out by chance, the word is never said.
func TestAttributedIsNeverIncremental(t *testing.T) {
	c := roims.Campaign{Currency: "JPY", Sums: sums(t, 100, 1000, 0), CostMinor: 100, MarginPPM: 1}
	picked := roims.Holdout{TreatedPersons: 10, ControlPersons: 10, Treated: c.Sums, Control: c.Sums}
	for _, r := range []roims.Result{c.Gross(), c.Net(), c.Profit(), c.Blended(), c.BreakEven(), c.Incremental(nil),
		c.Incremental(&roims.Holdout{Randomised: true}), c.Incremental(&picked)} {
		if r.Claim == roims.Incremental {
			t.Errorf("%+v", r)
		}
	}
	if r := c.Incremental(&picked); r.Insufficient != roims.NotRandomised || r.Value != 0 {
		t.Errorf("%+v", r)
	}
}

// Whatever versions an order went through, and in which partition they were summed, only the last one counts.
func TestSumsAreAFunctionOfTheLastVersions(t *testing.T) {
	version := rapid.Custom(func(t *rapid.T) roims.Order {
		amount := rapid.Int64Range(0, 1e12)
		return roims.Order{PaidMinor: amount.Draw(t, "paid"), BackMinor: amount.Draw(t, "back")}
	})
	rapid.Check(t, func(t *rapid.T) {
		var a, want roims.Sums
		for _, versions := range rapid.SliceOfN(rapid.SliceOfN(version, 1, 4), 0, 20).Draw(t, "orders") {
			former := roims.Order{}
			for _, v := range versions {
				if err := a.Replace(former, v); err != nil {
					t.Fatal(err)
				}
				former = v
			}
			if err := want.Replace(roims.Order{}, former); err != nil {
				t.Fatal(err)
			}
		}
		if a != want {
			t.Fatalf("%+v, want %+v", a, want)
		}
		w := codec.NewWriter(1)
		a.Encode(w)
		r := codec.NewReader(w.Done(), 1)
		if got := roims.Decode(r); r.End() != nil || got != want {
			t.Fatalf("decoded %+v, %v", got, r.End())
		}
	})
}

func TestAnOverflowChangesNothing(t *testing.T) {
	s := sums(t, 2, math.MaxInt64/2, 0)
	before := s
	for _, next := range []roims.Order{{PaidMinor: 2}, {PaidMinor: 1, BackMinor: -math.MaxInt64}} {
		if err := s.Replace(roims.Order{}, next); !errors.Is(err, event.ErrOverflow) || s != before {
			t.Errorf("%+v: %v, %+v", next, err, s)
		}
	}
}
