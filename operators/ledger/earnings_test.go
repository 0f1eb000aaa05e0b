package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// office is a desk for commissions: one campaign c, whose terms a test sets, with ESOLs e and f.
type office struct {
	*desk
	nowMS int64
	last  map[string]*eventpb.Meter
	// What the latest record had restated.
	alerts []operators.AlertOut
}

func newOffice(t testing.TB, c *eventpb.Campaign) *office {
	o := &office{desk: newDesk(t, 1), nowMS: 1, last: map[string]*eventpb.Meter{}}
	o.terms(c)
	return o
}

func (o *office) terms(c *eventpb.Campaign) {
	c.Currency = "JPY"
	o.apply(catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: c}))
}

func (o *office) apply(events ...*eventpb.Event) {
	o.t.Helper()
	o.applyOn(events...)
	o.checkpoint()
	o.restart()
}

// applyOn is apply without a restart.
func (o *office) applyOn(events ...*eventpb.Event) {
	o.t.Helper()
	var out operators.Outputs
	if err := o.fold.Apply(&operators.Record{AppendMS: o.nowMS, Events: events}, &out); err != nil {
		o.t.Fatal(err)
	}
	for _, m := range out.Meters {
		o.last[m.Key] = m.Meter
	}
	o.alerts = out.Alerts
}

// until lets time pass to a tick at ms, and two more.
func (o *office) until(ms int64) {
	o.t.Helper()
	for ; o.nowMS < ms; o.nowMS = ms {
	}
	for range 3 {
		o.apply(tick)
		o.nowMS++
	}
}

// sale is what e has of a paid order, whose return window is over at 1000.
func (o *office) sale(order string, orderedMS, net int64, more ...func(*eventpb.Credit)) {
	o.t.Helper()
	c := &eventpb.Credit{
		Scope: "deal/1:ce", OrderId: order, Currency: "JPY", PaidMinor: net, NetMinor: net, Units: 1, Paid: true,
		OrderedMs: orderedMS, SettlesMs: 1000, Touches: []string{"t1", "t2"}, Model: "linear",
	}
	for _, f := range more {
		f(c)
	}
	o.nowMS += 100
	o.apply(&eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: c})
}

// sales is what e has of so many orders that come at once.
func (o *office) sales(n int, net int64, currency string) {
	o.t.Helper()
	var events []*eventpb.Event
	for i := range n {
		events = append(events, &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
			Scope: "deal/1:ce", OrderId: fmt.Sprint(i), Currency: currency, NetMinor: net, Paid: true, SettlesMs: 1000,
		}})
	}
	o.nowMS += 100
	o.apply(events...)
}

func (o *office) payout(throughMS int64) {
	o.t.Helper()
	o.apply(catalogEvent(&eventpb.Catalog{Kind: "payout", Id: "p", Payout: &eventpb.Payout{CampaignId: "c",
		ThroughMs: throughMS}}))
	o.until(o.nowMS + 1)
}

func refunded(minor int64) func(*eventpb.Credit) {
	return func(c *eventpb.Credit) { c.RefundedMinor = minor }
}

func held(why string) func(*eventpb.Credit) {
	return func(c *eventpb.Credit) { c.Holds = []string{why} }
}

// has is the ESOL's states as the last meter has them: estimated/approved/payable/paid/clawed back.
func (o *office) has() string {
	o.t.Helper()
	m := o.last["deal/1:ce/earnings"]
	if m == nil || len(m.Earnings.Earned) == 0 {
		return "nothing"
	}
	s := m.Earnings.Earned[0].Esol
	return fmt.Sprintf("%d/%d/%d/%d/%d", s.EstimatedMinor, s.ApprovedMinor, s.PayableMinor, s.PaidMinor, s.ClawedBackMinor)
}

// entries lists a book's as "from>to amount why", from the number on.
func (o *office) entries(from int) string {
	o.t.Helper()
	books, err := ledger.ReadBooks(o.memory, "c", "e")
	if err != nil {
		o.t.Fatal(err)
	}
	var said []string
	for _, e := range books[0].Entries[from:] {
		said = append(said, fmt.Sprintf("%s>%s %d %s", e.From, e.To, e.Amount, e.Why))
	}
	return strings.Join(said, ", ")
}

// An order's commission goes its way, and what takes it back depends on how far it has come.
func TestLifeOfACommission(t *testing.T) {
	terms := func() *eventpb.Campaign {
		return &eventpb.Campaign{CommissionPpm: 100_000, Contract: &eventpb.Contract{PayoutDelayMs: 500}}
	}
	for _, c := range []struct {
		name string
		do   func(*office)
		want string
	}{
		{"a sale is estimated", func(o *office) { o.sale("1", 0, 1000) }, "100/0/0/0/0"},
		{"approved when the return window is over", func(o *office) { o.sale("1", 0, 1000); o.until(1000) }, "0/100/0/0/0"},
		{"payable when the statement's date is there", func(o *office) { o.sale("1", 0, 1000); o.until(1500) },
			"0/0/100/0/0"},
		{"paid", func(o *office) { o.sale("1", 0, 1000); o.until(1500); o.payout(1500) }, "0/0/0/100/0"},
		{"a payout through an earlier date does not cover it",
			func(o *office) { o.sale("1", 0, 1000); o.until(1500); o.payout(1499) }, "0/0/100/0/0"},
		{"the same payout again pays nothing that came after it", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("2", 0, 50)
			o.until(2000)
			o.payout(1500)
			o.sale("2", 0, 60)
		}, "0/0/6/100/0"},
		{"a payout does not pay ahead", func(o *office) {
			o.sale("1", 0,
				1000)
			o.until(1100)
			o.payout(9999)
			o.until(1600)
		},
			"0/0/100/0/0"},
		{"a refund reduces an estimate", func(o *office) { o.sale("1", 0, 1000); o.sale("1", 0, 400, refunded(600)) },
			"40/0/0/0/0"},
		{"all of it", func(o *office) { o.sale("1", 0, 1000); o.sale("1", 0, 0, refunded(1000)) }, "0/0/0/0/0"},
		{"a refund after approval", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1000)
			o.sale("1", 0, 400,
				refunded(600))
		},
			"0/40/0/0/0"},
		{"a refund after payment is clawed back", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 400, refunded(600))
		}, "0/0/0/100/60"},
		{"and set off against the next payout", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 400, refunded(600))
			o.sale("2", 0, 2000)
			o.until(2000)
			o.payout(2000)
		}, "0/0/0/240/0"},
		{"an order that goes to another after it was paid is set off too", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 0, func(c *eventpb.Credit) { c.Currency = "" })
			o.sale("2", 0, 2000)
			o.until(2000)
			o.payout(2000)
		}, "0/0/0/200/0"},
		{"and owes nothing if it comes back", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 0, func(c *eventpb.Credit) { c.Currency = "" })
			o.sale("1", 0, 1000)
			o.until(2000)
			o.payout(2000)
		}, "0/0/0/100/0"},
		{"many of them, in many ticks", func(o *office) {
			o.sales(5000, 1000, "JPY")
			o.until(600_000)
			o.payout(600_000)
			o.sales(5000, 0, "")
			o.until(2_000_000)
			o.payout(2_000_000)
			for range 8 {
				o.until(o.nowMS + 1)
			}
		}, "0/0/0/0/0"},
		{"a tier outlives its ESOL's entry in the catalog", func(o *office) {
			tier := &eventpb.Catalog{Kind: "esol", Id: "e", Esol: &eventpb.Esol{Tier: "gold"}}
			o.apply(catalogEvent(tier))
			o.terms(&eventpb.Campaign{Contract: &eventpb.Contract{Rates: []*eventpb.Rate{{EsolTier: "gold", Ppm: 300_000}}}})
			o.sale("1", 0, 1000)
			o.apply(catalogEvent(&eventpb.Catalog{Kind: "esol", Id: "e", Deleted: true}))
			o.until(500)
		}, "300/0/0/0/0"},
		{"a refund that is taken back before it was set off", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 400, refunded(600))
			o.sale("1", 0, 1000)
		}, "0/0/0/100/0"},
		{"more than was paid is payable again", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 1200)
		}, "0/0/20/100/0"},
		{"held orders stay estimated", func(o *office) { o.sale("1", 0, 1000, held("brushing")); o.until(5000) },
			"100/0/0/0/0"},
		{"and go on when they are released",
			func(o *office) { o.sale("1", 0, 1000, held("brushing")); o.until(5000); o.sale("1", 0, 1000) }, "0/0/100/0/0"},
		{"held after approval", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1000)
			o.sale("1", 0, 1000,
				held("brushing"))
		},
			"100/0/0/0/0"},
		{"a hold does not take back what is paid", func(o *office) {
			o.sale("1", 0, 1000)
			o.until(1500)
			o.payout(1500)
			o.sale("1", 0, 1000, held("brushing"))
		}, "0/0/0/100/0"},
		{"an order that goes", func(o *office) {
			o.sale("1", 0, 1000)
			o.sale("1", 0, 0,
				func(c *eventpb.Credit) { c.Currency = "" })
		},
			"0/0/0/0/0"},
		{"a campaign that the catalog takes back owes all the same", func(o *office) {
			o.sale("1", 0, 1000)
			o.apply(catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Deleted: true}))
			o.sale("2", 0, 1000)
		}, "200/0/0/0/0"},
		{"a raise by correction of the contract", func(o *office) {
			o.sale("1", 0, 1000)
			k := terms()
			k.CommissionPpm = 200_000
			o.terms(k)
			o.until(500)
		}, "200/0/0/0/0"},
	} {
		o := newOffice(t, terms())
		c.do(o)
		if got := o.has(); got != c.want {
			entries := o.entries(0)
			t.Errorf("%s: %s, want %s\n%s", c.name, got, c.want, entries[:min(len(entries), 4000)])
		}
	}
}

// The entries say what has happened, and none is changed.
func TestEntries(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000})
	o.sale("1", 0, 1000)
	o.sale("1", 0, 400, refunded(600))
	o.sale("2", 0, 10, held("too fast"))
	o.until(1000)
	o.payout(1000)
	o.sale("1", 0, 0, refunded(1000))
	want := "brand:accrued>esol:estimated 100 sale, " +
		"esol:estimated>brand:accrued 100 refund, brand:accrued>esol:estimated 40 refund, " +
		"brand:accrued>esol:estimated 1 sale, held: too fast, " +
		"esol:estimated>esol:payable 40 on the statement, esol:payable>esol:paid 40 payout, " +
		"esol:clawback>brand:accrued 40 refund"
	if got := o.entries(0); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A month's orders use up its brackets and its cap in order of time, whatever the order in which they come.
func TestLateOrderTakesItsPlace(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000, Contract: &eventpb.Contract{
		Tiers: []*eventpb.Tier{{FromMinor: 1000, Ppm: 200_000}}, CapMonthMinor: 500,
	}})
	o.sale("b", 20, 1000) // 100
	o.sale("c", 30, 2500) // 400 of 500
	o.sale("d", 3_000_000_000, 1000)
	n := len(strings.Split(o.entries(0), ", "))
	o.sale("a", 10, 500) // 50; b: 50 + 100; c: 300 left of 500
	want := "brand:accrued>esol:estimated 50 sale, " +
		"esol:estimated>brand:accrued 100 terms, or the month's brackets and caps, " +
		"brand:accrued>esol:estimated 150 terms, or the month's brackets and caps, " +
		"esol:estimated>brand:accrued 400 terms, or the month's brackets and caps, " +
		"brand:accrued>esol:estimated 300 terms, or the month's brackets and caps"
	if got := o.entries(n); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := o.has(); got != "600/0/0/0/0" { // with 100 of the next month
		t.Error(got)
	}
}

// Fees are owed to ESOLs that the campaign names, from its first credit on; what depends on its total comes at its end.
func TestFeesOfADeal(t *testing.T) {
	contract := func() *eventpb.Campaign {
		return &eventpb.Campaign{
			CommissionPpm: 100_000, EsolIds: []string{"f", "e"}, EndMs: 2000, SpendMinor: 7, GmvCommitmentMinor: 5000,
			Contract: &eventpb.Contract{
				FixedFeeMinor: 1000, GuaranteeMinor: 150, CommitmentMinor: 2000, Shortfall: "pro_rata", CloseMs: 1000,
				PayoutDelayMs: 500,
			},
		}
	}
	o := newOffice(t, contract())
	if o.last["deal/1:ce/earnings"] != nil {
		t.Error("a deal in a partition that may be another's")
	}
	o.apply(&eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{Scope: "campaign/c", OrderId: "x"}})
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"the fee in full", func() { o.until(500) }, "1000/0/0/0/0"},
		{"and a commission", func() { o.sale("1", 0, 500) }, "1050/0/0/0/0"},
		{"the commission alone is approved", func() { o.until(1200) }, "1000/50/0/0/0"},
		{"at the end: a quarter of the fee, and the top-up", func() { o.until(2000) }, "350/0/50/0/0"},
		{"a late refund: a fifth, and more of a top-up", func() { o.sale("1", 0, 400, refunded(100)) }, "310/0/40/0/0"},
		{"approved at the close", func() { o.until(3000) }, "0/310/40/0/0"},
		{"payable", func() { o.until(3500) }, "0/0/350/0/0"},
		{"paid", func() { o.payout(3500) }, "0/0/0/350/0"},
		{"a refund after that: the top-up grows, the rest goes back", func() { o.sale("1", 0, 0, refunded(500)) },
			"0/0/40/350/240"},
	} {
		c.do()
		if got := o.has(); got != c.want {
			t.Errorf("%s: %s, want %s\n%s", c.name, got, c.want, o.entries(0))
		}
	}
	e := o.last["deal/1:ce/earnings"].Earnings.Earned[0]
	if e.FixedFeeMinor != 0 || e.TopUpMinor != 150 || e.CommitmentMinor != 2000 || e.ShortfallMinor != 2000 ||
		e.Orders != 1 ||
		e.VariableMinor != 0 || e.Exponent != 0 {
		t.Error(e)
	}
	in := o.last["campaign/c/cost"].Cost.Costs[0]
	// e: 150 of top-up; f: a guarantee of 150, and no fee as it sold nothing.
	if in.TotalMinor != 150+150+7 || in.TopUpMinor != 300 || in.FixedFeeMinor != 0 || in.SpendMinor != 7 ||
		in.CommitmentMinor != 5000 || in.ShortfallMinor != 5000 {
		t.Error(in)
	}
}

// A penalty is owed back, at most the fee, when the campaign closes.
func TestPenalty(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{EsolIds: []string{"e"}, EndMs: 2000, Contract: &eventpb.Contract{
		FixedFeeMinor: 1000, CommitmentMinor: 3000, Shortfall: "penalty", PenaltyPpm: 100_000, CloseMs: 1000,
	}})
	o.sale("1", 0, 1000)
	o.until(3000)
	if got := o.has(); got != "0/0/1000/0/200" {
		t.Error(got)
	}
	if e := o.last["deal/1:ce/earnings"].Earnings.Earned[0]; e.PenaltyMinor != 200 {
		t.Error(e)
	}
	o.payout(3000)
	if got := o.has(); got != "0/0/0/800/0" {
		t.Errorf("paid: %s\n%s", got, o.entries(0))
	}
}

// A chunk of a month that is divided before its orders are rated loses none of them.
func TestDividedBeforeRated(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000})
	var events []*eventpb.Event
	for i := range 129 {
		at := int64(10 * i)
		if i == 128 {
			at = 5 // full, and this one belongs in its first half
		}
		events = append(events, &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
			Scope: "deal/1:ce", OrderId: fmt.Sprint(i), Currency: "JPY", NetMinor: 10, Paid: true, OrderedMs: at,
			SettlesMs: 99_999,
		}})
	}
	o.nowMS = 1000
	o.apply(events...)
	if got := o.has(); got != "129/0/0/0/0" {
		t.Error(got)
	}
}

// A change of terms is applied some chunks at a time.
func TestChangeOfTermsIsBounded(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000})
	const orders = 5000
	var events []*eventpb.Event
	for i := range orders {
		events = append(events, &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
			Scope: "deal/1:ce", OrderId: fmt.Sprint(i), Currency: "JPY", NetMinor: 10, Paid: true,
			OrderedMs: int64(i % 1000), SettlesMs: 99_999,
		}})
	}
	o.nowMS = 1000
	o.apply(events...)
	if got := o.has(); got != fmt.Sprintf("%d/0/0/0/0", orders) {
		t.Fatal(got)
	}
	o.terms(&eventpb.Campaign{CommissionPpm: 200_000})
	var steps []string
	for range 8 {
		o.nowMS += 1000
		o.apply(tick)
		steps = append(steps, o.has())
	}
	if last := steps[len(steps)-1]; last != fmt.Sprintf("%d/0/0/0/0", 2*orders) || steps[0] == last {
		t.Error(steps)
	}
}

// What would leave an int64 stops the fold and says whose it is.
func TestCommissionOverflowIsRefused(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 1_000_000})
	o.sale("1", 0, math.MaxInt64)
	err := o.fold.Apply(&operators.Record{AppendMS: o.nowMS + 1000, Events: []*eventpb.Event{{
		Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
			Scope: "deal/1:ce", OrderId: "2", Currency: "JPY", NetMinor: 1, Paid: true, SettlesMs: 1000,
		},
	}}}, &operators.Outputs{})
	if !errors.Is(err, event.ErrOverflow) || !strings.Contains(err.Error(), `"2"`) {
		t.Errorf("error %v", err)
	}
}

// Scopes that are no deal's, and keys that look like another's, do no harm.
func TestForeignScopes(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000})
	for _, scope := range []string{"deal/", "deal/x", "deal/-1:c", "deal/9:c", "deal/:"} {
		o.apply(&eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
			Scope: scope, OrderId: "1", Currency: "JPY", NetMinor: 1000, Paid: true,
		}})
	}
	if len(o.last) != 0 {
		t.Error(o.last)
	}
	for key, in := range map[string]bool{
		"entry/4:1:ce0": true, "owed/4:1:ceo": true, "deal/1:ce": true, "deal/1:cf": false, "deal/2:ce": false,
		"month/4:1:cex": false,
		"entry/4:1:ge0": false, "entry/x": false, "deal/": false,
	} {
		if got := ledger.InBook(key, "c", "e"); got != in {
			t.Errorf("%q in the book: %v", key, got)
		}
	}
}
