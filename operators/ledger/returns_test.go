package ledger_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/returncurve"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// campaignCredit is what the campaign c has of an order, paid unless its net is all that is left of a refund.
func campaignCredit(order string, orderedMS, paid, back int64) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
		Scope: "campaign/c", OrderId: order, Currency: "JPY", PaidMinor: paid, RefundedMinor: back, NetMinor: paid - back,
		Units: 1, Paid: paid > 0, OrderedMs: orderedMS, SettlesMs: 1e12,
	}}
}

func (o *office) returns(scope string) *eventpb.ReturnsIn {
	o.t.Helper()
	m := o.last[scope+"/returns"]
	if m == nil {
		o.t.Fatalf("%s has said nothing of what it returned", scope)
	}
	return m.Returns.Returns[0]
}

func variantOf(in *eventpb.ReturnsIn, name string) *eventpb.Variant {
	for _, v := range in.Variants {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// ROIMS is of the latest credit of each order, whatever came before it, over all that the campaign costs; its interval
// needs 30 orders, and is that of MODEL §5.
func TestReturnsAreOfTheLatestCredits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		orders := rapid.IntRange(1, 60).Draw(rt, "orders")
		o := newOffice(t, &eventpb.Campaign{SpendMinor: 5000, MarginPpm: 300_000})
		var paid, net, counted int64
		var squares float64
		for i := range orders {
			id := fmt.Sprint(i)
			for range r.IntN(3) { // versions that the last one replaces
				o.nowMS += 100
				o.apply(campaignCredit(id, 1, 1+r.Int64N(9000), r.Int64N(2)))
			}
			p := 1 + r.Int64N(9000)
			back := r.Int64N(3) * p / 2
			o.nowMS += 100
			o.apply(campaignCredit(id, 1, p, back))
			paid, net, squares = paid+p, net+p-back, squares+float64((p-back)*(p-back))
			if p != back {
				counted++
			}
		}
		o.nowMS += 100
		o.apply(tick)
		in := o.returns("campaign/c")
		v := variantOf(in, "net")
		if v.NumeratorMinor != net || v.DenominatorMinor != 5000 || v.Orders != counted ||
			variantOf(in, "gross").NumeratorMinor != paid {
			rt.Fatalf("%v; want net %v of %d orders, paid %v", in, net, counted, paid)
		}
		if in.NetSquaresHi != 0 || in.NetSquaresLo != uint64(squares) || in.Phi != 0 {
			rt.Fatalf("%v; want squares of %.0f in all, and no φ where no shows are planned", in, squares)
		}
		switch {
		case counted < 30 || net <= 0:
			if v.Insufficient == "" {
				rt.Fatalf("%d orders of %v: %v", counted, net, v)
			}
		default: // φ is 1 where no shows are planned
			of := float64(net)
			f := math.Exp(1.96 * math.Sqrt(squares) / of)
			if math.Abs(v.Value-of/5000) > 1e-9 || math.Abs(v.Lo-of/5000/f) > 1e-9 || math.Abs(v.Hi-of/5000*f) > 1e-9 {
				rt.Fatalf("%v; want %v ×÷ %v", v, of/5000, f)
			}
			if p := variantOf(in, "profit"); math.Abs(p.Value-(.3*of/5000-1)) > 1e-3 {
				rt.Fatalf("profit %v", p)
			}
		}
		if v := variantOf(in, "incremental"); v.Insufficient != "no_holdout" || v.Claim == "incremental" {
			rt.Fatalf("without a holdout: %v", v)
		}
	})
}

// What nothing is left of is taken back, and not said for good.
func TestReturnsAndCostAreTakenBack(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000, SpendMinor: 7})
	keys := []string{"campaign/c/cost", "campaign/c/returns", "deal/1:ce/returns"}
	o.apply(campaignCredit("1", 0, 3000, 0))
	o.sale("1", 0, 3000)
	o.until(500)
	for _, key := range keys {
		if o.last[key] == nil {
			t.Errorf("%s is not said", key)
		}
	}
	gone := campaignCredit("1", 0, 0, 0)
	gone.Credit.Currency = ""
	o.apply(gone)
	o.sale("1", 0, 0, func(c *eventpb.Credit) { c.Currency = "" })
	o.until(1000)
	for _, key := range keys[1:] {
		if m := o.last[key]; m != nil {
			t.Errorf("%s is still %v", key, m)
		}
	}
	o = newOffice(t, &eventpb.Campaign{SpendMinor: 7})
	o.apply(campaignCredit("1", 0, 3000, 0))
	o.until(500)
	o.terms(&eventpb.Campaign{})
	o.until(1000)
	if m := o.last[keys[0]]; m != nil {
		t.Errorf("what a campaign cost that costs nothing: %v", m)
	}
}

// What is expected to stay grows as goods are not sent back, also while nothing happens, and a refund takes the place of
// what was expected.
func TestExpectedNet(t *testing.T) {
	const day = int64(24 * 3_600_000)
	o := newOffice(t, &eventpb.Campaign{SpendMinor: 1})
	sale := func(net int64, kept ...*eventpb.Kept) {
		c := campaignCredit("1", day, 10_000, 10_000-net)
		c.Credit.PaidMs, c.Credit.SettlesMs, c.Credit.Kept = day, 15*day, kept
		o.nowMS += 100
		o.apply(c)
	}
	sale(10_000, &eventpb.Kept{NetMinor: 4000}, &eventpb.Kept{ReturnRatePpm: 500_000, NetMinor: 6000})
	expect := func(what string, net, coming int64) {
		t.Helper()
		if e := o.returns("campaign/c").Expected; e == nil || e.NetMinor != net || e.ComingMinor != coming ||
			e.Curve != returncurve.Default().Version {
			t.Errorf("%s: %v, want %d and %d to come", what, e, net, coming)
		}
	}
	expect("before any time is known", 7000, 3000)
	o.until(day)
	expect("when it is paid", 7000, 3000)
	for range 7*24 + 4 {
		o.nowMS += 3_600_000
		o.apply(tick)
	}
	if e := o.returns("campaign/c").Expected; e.ComingMinor < 1780 || e.ComingMinor > 1830 { // at 7 days less 3 hours: 6000·(1-.5/.715)
		t.Errorf("half way: %v", e)
	}
	sale(8000, &eventpb.Kept{NetMinor: 4000}, &eventpb.Kept{ReturnRatePpm: 500_000, NetMinor: 4000})
	if e := o.returns("campaign/c").Expected; e.ComingMinor < 1180 || e.ComingMinor > 1220 || e.NetMinor != 8000-e.ComingMinor {
		t.Errorf("a third of it came back: %v", e)
	}
	o.until(16 * day)
	expect("when the window is over", 8000, 0)
}

// Pacing follows the shows that the catalog plans, or without any the campaign's own dates; a deal has none.
func TestPaceFollowsThePlan(t *testing.T) {
	const hour = 3_600_000
	o := newOffice(t, &eventpb.Campaign{StartMs: 1, EndMs: 100 * hour, GmvCommitmentMinor: 100_000, SpendMinor: 1})
	show := func(id string, from, to int64, campaigns ...string) {
		o.apply(catalogEvent(&eventpb.Catalog{Kind: "show", Id: id, Deleted: to == 0,
			Show: &eventpb.Show{StartMs: from, EndMs: to, CampaignIds: campaigns}}))
	}
	sell := func(n int, at int64) {
		for i := range n {
			o.nowMS = max(o.nowMS+100, at)
			o.apply(campaignCredit(fmt.Sprint(at, i), at+int64(i)*60_000, 2000, 0))
		}
	}
	pace := func() *eventpb.Pace {
		o.nowMS += 100
		o.apply(tick)
		o.nowMS += 100
		o.apply(tick)
		return o.returns("campaign/c").Pace
	}
	sell(20, 2*hour)
	if p := pace(); p.Insufficient != "too_early" || p.CurrentMinor != 40_000 || math.Abs(p.LeftSeconds-98*3600) > 60 {
		t.Errorf("by the campaign's dates: %v", p)
	}
	show("s1", 2*hour, 3*hour, "c", "other")
	show("s2", 5*hour, 6*hour, "c")
	show("s3", 7*hour, 8*hour, "other")
	show("s4", 9*hour, 0, "c") // no end: not planned
	o.nowMS = 3 * hour
	if p := pace(); p.Insufficient != "" || !(p.Probability > 0 && p.Probability < 1) || p.Hit ||
		math.Abs(p.LeftSeconds-3600) > 1 || math.Abs(p.ElapsedSeconds-3600) > 1 || p.Calibration == "" {
		t.Errorf("half of two shows: %v", p)
	}
	if in := o.returns("campaign/c"); !(in.Phi >= 1) || in.NetSquaresLo != 20*2000*2000 {
		t.Errorf("of 20 orders in planned shows φ and Σx² are known: %v", in)
	}
	o.nowMS = 5*hour + hour/2 // while nobody buys
	for range 40 {
		o.nowMS += 60_000
		o.apply(tick)
	}
	if p := o.returns("campaign/c").Pace; p.LeftSeconds != 0 || p.Probability != 0 || p.ElapsedSeconds != 7200 {
		t.Errorf("ten minutes after the end of the last: %v", p)
	}
	show("s2", 0, 0)
	if p := pace(); p.LeftSeconds != 0 || p.Probability != 0 {
		t.Errorf("no show is left: %v", p)
	}
	sell(40, 3*hour)
	if p := pace(); !p.Hit {
		t.Errorf("it is reached: %v", p)
	}
	o.sale("x", 1, 3000)
	o.until(o.nowMS + 100)
	if in := o.returns("deal/1:ce"); in.Pace != nil || variantOf(in, "net").NumeratorMinor != 3000 {
		t.Errorf("a deal: %v", in)
	}
}
