package journey

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

const (
	created   = eventpb.OrderStatus_ORDER_STATUS_CREATED
	paid      = eventpb.OrderStatus_ORDER_STATUS_PAID
	cancelled = eventpb.OrderStatus_ORDER_STATUS_CANCELLED
	refunded  = eventpb.OrderStatus_ORDER_STATUS_REFUNDED
	partially = eventpb.OrderStatus_ORDER_STATUS_PARTIALLY_REFUNDED
)

// desk is a fold with the latest credit of each scope and order.
type desk struct {
	t       testing.TB
	fold    *Fold
	credits map[string]*eventpb.Credit // by "scope order", without the cause, which is no function of the set
	causes  map[string]eventpb.Cause   // of the latest, also where it took the credit away
	said    int
}

func newDesk(t testing.TB) *desk {
	f, err := New(state.NewStore(state.Memory{}, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, fold: f.(*Fold), credits: map[string]*eventpb.Credit{}, causes: map[string]eventpb.Cause{}}
}

func (d *desk) apply(events ...*eventpb.Event) {
	d.t.Helper()
	var out operators.Outputs
	if err := d.fold.Apply(&operators.Record{Events: events}, &out); err != nil {
		d.t.Fatal(err)
	}
	var again []*eventpb.Event
	for _, o := range out.Events {
		if o.Log == operators.LogJourneys { // one partition has all: what it writes comes back to it
			again = append(again, o.Event)
			continue
		}
		c := o.Event.Credit
		kind, key := eventpb.Kind_KIND_CREDIT, c.Scope
		if of, id, _ := event.SplitScope(c.Scope); of == event.ScopeDeal || of == event.ScopeArm {
			campaign, _, _ := event.SplitDealID(id)
			kind, key = eventpb.Kind_KIND_DEAL, "campaign/"+campaign
		}
		if o.Log != operators.LogCredits || o.Key != key || o.Event.Kind != kind {
			d.t.Fatalf("credit of %s went to log %d under %s as %v", c.Scope, o.Log, o.Key, o.Event.Kind)
		}
		d.causes[c.Scope+" "+c.OrderId], c.Cause = c.Cause, eventpb.Cause_CAUSE_UNSPECIFIED
		d.credits[c.Scope+" "+c.OrderId] = c
		if c.Currency == "" {
			delete(d.credits, c.Scope+" "+c.OrderId)
		}
		d.said++
	}
	if len(again) > 0 {
		d.apply(again...)
	}
}

func (d *desk) net(key string) string {
	c := d.credits[key]
	if c == nil {
		return "none"
	}
	return fmt.Sprintf("%d-%d-%d=%d %s", c.PaidMinor, c.RefundedMinor, c.CancelledMinor, c.NetMinor, c.Currency)
}

func version(n int64, status eventpb.OrderStatus, amount int64, lines ...*eventpb.OrderLine) *eventpb.Event {
	return &eventpb.Event{
		Kind: eventpb.Kind_KIND_ORDER, IdLo: uint64(n) + 1, TimeMs: 1000 * n, ShowId: "s", EsolId: "e",
		Order: &eventpb.Order{
			OrderId: "o", Version: n, Status: status, HasAmount: true, AmountMinor: amount, Currency: "USD",
			Lines: lines,
		},
	}
}

// update is a version without an amount.
func update(n int64, status eventpb.OrderStatus, refunds ...*eventpb.Refund) *eventpb.Event {
	e := version(n, status, 0)
	e.Order.HasAmount, e.Order.Refunds = false, refunds
	return e
}

func in(currency string, e *eventpb.Event) *eventpb.Event {
	e.Order.Currency = currency
	return e
}

func refund(id string, amount int64, lines ...*eventpb.OrderLine) *eventpb.Refund {
	return &eventpb.Refund{RefundId: id, AmountMinor: amount, Lines: lines}
}

func line(brand string, quantity, price int64) *eventpb.OrderLine {
	return &eventpb.OrderLine{LineId: "l-" + brand, BrandId: brand, Quantity: quantity, UnitPriceMinor: price}
}

func catalogEntry(kind, id string, fill func(*eventpb.Catalog)) *eventpb.Event {
	c := &eventpb.Catalog{Kind: kind, Id: id}
	fill(c)
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: c}
}

var tick = &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, Tick: &eventpb.Tick{}}

// What the versions of an order come to. Each is applied in order, backwards, and twice over.
func TestOrderComesTo(t *testing.T) {
	a, b := line("a", 1, 600), line("b", 2, 200)
	for _, c := range []struct {
		name     string
		versions []*eventpb.Event
		want     map[string]string // paid-refunded-cancelled=net by scope
	}{
		{"not paid yet", []*eventpb.Event{version(1, created, 1000, a, b)},
			map[string]string{"esol/e": "0-0-0=0 USD", "brand/a": "0-0-0=0 USD"}},
		{"paid later, by a status alone", []*eventpb.Event{version(1, created, 1000, a, b), update(2, paid)},
			map[string]string{
				"esol/e": "1000-0-0=1000 USD", "brand/a": "600-0-0=600 USD", "brand/b": "400-0-0=400 USD",
			}},
		{"paid later, by a payment that does not know the goods",
			[]*eventpb.Event{version(1, created, 1000, a, b), version(2, paid, 1100)},
			map[string]string{
				"esol/e": "1100-0-0=1100 USD", "brand/a": "660-0-0=660 USD", "brand/b": "440-0-0=440 USD",
			}},
		{"a status before its amount", []*eventpb.Event{update(1, paid)}, map[string]string{"esol/e": "none"}},
		{"a pay-at-door order cancelled before it was paid",
			[]*eventpb.Event{version(1, created, 1000, a), update(2, cancelled)},
			map[string]string{"esol/e": "0-0-0=0 USD"}},
		{"cancelled after it was paid", []*eventpb.Event{version(1, paid, 1000, a, b), update(2, cancelled)},
			map[string]string{"esol/e": "1000-0-1000=0 USD", "brand/b": "400-0-400=0 USD"}},
		{"cancelled after part was refunded",
			[]*eventpb.Event{
				version(1, paid, 1000, a, b), update(2, partially, refund("r", 300)), update(3, cancelled),
			},
			map[string]string{"esol/e": "1000-300-700=0 USD", "brand/a": "600-180-420=0 USD"}},
		{"a refund of one brand's line",
			[]*eventpb.Event{version(1, paid, 1000, a, b), update(2, partially, refund("r", 200, line("b", 1, 0)))},
			map[string]string{
				"esol/e": "1000-200-0=800 USD", "brand/a": "600-0-0=600 USD", "brand/b": "400-200-0=200 USD",
			}},
		{"a refund without lines, by what one with lines has left",
			[]*eventpb.Event{
				version(1, paid, 1000, a, b),
				update(2, partially, refund("q", 300, line("a", 1, 0)), refund("r", 70)),
			},
			map[string]string{"brand/a": "600-330-0=270 USD", "brand/b": "400-40-0=360 USD"}},
		{"refunds absolute and identified",
			[]*eventpb.Event{
				version(1, paid, 1000, a, b), update(2, partially, refund("r", 200)),
				update(3, partially, refund("r", 100), refund("q", 50)),
			},
			map[string]string{"esol/e": "1000-150-0=850 USD"}},
		{"refunded without amounts is refunded whole",
			[]*eventpb.Event{version(1, paid, 1000, a, b), update(2, refunded)},
			map[string]string{"esol/e": "1000-1000-0=0 USD", "brand/a": "600-600-0=0 USD"}},
		{"refunded above the amount", []*eventpb.Event{version(1, paid, 1000), update(2, refunded, refund("r", 1100))},
			map[string]string{"esol/e": "1000-1100-0=-100 USD"}},
		{"a refund in another currency is not of this money",
			[]*eventpb.Event{
				version(1, paid, 1000), in("JPY", update(2, partially, refund("r", 30))), update(3, partially, refund("q", 40)),
			},
			map[string]string{"esol/e": "1000-40-0=960 USD"}},
		{"a refund of an unknown order", []*eventpb.Event{update(2, refunded, refund("r", 300))},
			map[string]string{"esol/e": "0-300-0=-300 USD"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			backwards := slices.Clone(c.versions)
			slices.Reverse(backwards)
			for _, arrival := range [][]*eventpb.Event{c.versions, backwards, slices.Concat(c.versions, backwards)} {
				d := newDesk(t)
				d.apply(arrival...)
				for scope, want := range c.want {
					if got := d.net(scope + " o"); got != want {
						t.Errorf("%s: %s, want %s", scope, got, want)
					}
				}
			}
		})
	}
}

// An order that leaves a show takes its credit there back, and one that turns out to be a test takes back all.
func TestCreditLeavesWithItsOrder(t *testing.T) {
	d := newDesk(t)
	d.apply(version(1, paid, 1000))
	moved := version(2, paid, 1000)
	moved.ShowId = "t"
	d.apply(moved)
	if got := d.net("show/s o") + ", " + d.net("show/t o"); got != "none, 1000-0-0=1000 USD" {
		t.Errorf("after the move: %s", got)
	}
	test := update(3, paid)
	test.Order.Test = true
	d.apply(test)
	if len(d.credits) != 0 {
		t.Errorf("a test order holds %v", d.credits)
	}
}

// Nothing is said twice: neither for a version seen before nor for one that changes nothing.
func TestSaysOnlyChanges(t *testing.T) {
	d := newDesk(t)
	d.apply(version(1, paid, 1000, line("a", 1, 1)))
	said := d.said
	d.apply(version(1, paid, 1000, line("a", 1, 1)), update(2, paid), tick, tick)
	if said != 3 || d.said != said {
		t.Errorf("said %d credits, then %d more; want 3 and none", said, d.said-said)
	}
}

// A campaign holds the part of its brand, within its dates, through its ESOLs, through the show or by name.
func TestCampaigns(t *testing.T) {
	campaign := func(id string, c *eventpb.Campaign) *eventpb.Event {
		return catalogEntry("campaign", id, func(e *eventpb.Catalog) { e.Campaign = c })
	}
	d := newDesk(t)
	d.apply(
		campaign("mine", &eventpb.Campaign{BrandId: "a", EsolIds: []string{"e"}}),
		campaign("whole", &eventpb.Campaign{EsolIds: []string{"e"}}),
		campaign("over", &eventpb.Campaign{BrandId: "a", EsolIds: []string{"e"}, EndMs: 1000}),
		campaign("early", &eventpb.Campaign{BrandId: "a", EsolIds: []string{"e"}, StartMs: 1001}),
		campaign("other-brand", &eventpb.Campaign{BrandId: "z", EsolIds: []string{"e"}}),
		campaign("other-esol", &eventpb.Campaign{BrandId: "a", EsolIds: []string{"f"}}),
		campaign("shown", &eventpb.Campaign{BrandId: "b"}),
		catalogEntry("show", "s", func(e *eventpb.Catalog) { e.Show = &eventpb.Show{CampaignIds: []string{"shown"}} }),
		version(1, paid, 1000, line("a", 1, 600), line("b", 2, 200)),
	)
	want := map[string]string{
		"mine": "600-0-0=600 USD", "whole": "1000-0-0=1000 USD", "shown": "400-0-0=400 USD",
		"over": "none", "early": "none", "other-brand": "none", "other-esol": "none",
	}
	for id, want := range want {
		if got := d.net("campaign/" + id + " o"); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

// A credit settles a return window after the payment: of its brand, and of an order's slowest brand for the whole.
func TestSettlementTime(t *testing.T) {
	d := newDesk(t)
	d.apply(
		catalogEntry("brand", "b", func(e *eventpb.Catalog) { e.Brand = &eventpb.Brand{ReturnWindowMs: 5000} }),
		version(1, created, 1000, line("a", 1, 600), line("b", 2, 200)),
		update(7, paid), update(3, paid), update(5, paid),
	)
	for scope, want := range map[string]int64{
		"brand/b": 3000 + 5000, "brand/a": 3000 + defaultReturnWindowMS, "show/s": 3000 + defaultReturnWindowMS,
	} {
		if got := d.credits[scope+" o"].SettlesMs; got != want {
			t.Errorf("%s settles at %d, want %d", scope, got, want)
		}
	}
}

// Guarantee 2: the parts of an order sum to it, layer by layer, and a full refund or a cancellation leaves nobody
// anything.
func TestSharesSumToTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *eventpb.OrderLine {
			return line(rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "brand"),
				rapid.Int64Range(0, 5).Draw(t, "quantity"), rapid.Int64Range(0, 1000).Draw(t, "price"))
		}), 0, 5)
		amount := rapid.Int64Range(0, 1<<40).Draw(t, "amount")
		e := version(1, rapid.SampledFrom([]eventpb.OrderStatus{created, paid, cancelled, refunded}).Draw(t, "status"),
			amount, lines.Draw(t, "lines")...)
		back := int64(0)
		for i := range rapid.IntRange(0, 4).Draw(t, "refunds") {
			r := refund(strconv.Itoa(i), rapid.Int64Range(0, amount).Draw(t, "back"), lines.Draw(t, "back lines")...)
			e.Order.Refunds = append(e.Order.Refunds, r)
			back += r.AmountMinor
		}
		if len(e.Order.Refunds) > 0 && rapid.Bool().Draw(t, "fill up") && back < amount {
			e.Order.Refunds = append(e.Order.Refunds, refund("rest", amount-back))
			back = amount
		}
		f, _ := New(state.NewStore(state.Memory{}, 0), 0)
		fold := f.(*Fold)
		var out operators.Outputs
		if err := fold.Apply(&operators.Record{Events: []*eventpb.Event{e, update(0, paid)}}, &out); err != nil {
			t.Fatal(err)
		}
		o, _, _ := fold.orders.Get("o")
		shares, err := fold.shares(o)
		if err != nil {
			t.Fatal(err)
		}
		var sum layers
		for _, s := range shares {
			if err := sum.add(s.layers); err != nil {
				t.Fatal(err)
			}
			sum.net += s.net
		}
		want := layers{created: amount, paid: amount, refunded: back}
		if len(e.Order.Refunds) == 0 && e.Order.Status == refunded {
			want.refunded = amount
		}
		if e.Order.Status == cancelled {
			want.cancelled = max(0, amount-want.refunded)
		}
		want.net = want.paid - want.refunded - want.cancelled
		if sum != want {
			t.Fatalf("shares %+v sum to %+v, want %+v", shares, sum, want)
		}
		for _, s := range shares {
			if amount > 0 && want.net == 0 && s.net != 0 {
				t.Fatalf("nothing is left of the order, and %+v of brand %q", s, s.brand)
			}
		}
	})
}

// Whatever came first, the catalog or the orders, and however small the steps of the sweep: in the end the same
// credits.
func TestSweepCatchesUpWithTheCatalog(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		swept, plain := newDesk(t), newDesk(t)
		swept.fold.perTick = rapid.IntRange(1, 3).Draw(rt, "per tick")
		last := map[string]*eventpb.Event{}
		var orders []*eventpb.Event
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"order", "order", "show", "tick"}).Draw(rt, "do") {
			case "order":
				e := version(1, paid, 100)
				e.EsolId, e.ShowId = "", rapid.SampledFrom([]string{"s", "t"}).Draw(rt, "show")
				e.Order.OrderId = rapid.StringMatching(`[a-d]{1,2}`).Draw(rt, "order")
				e.IdLo = uint64(len(orders) + 1)
				orders = append(orders, e)
				swept.apply(e)
			case "show":
				id := rapid.SampledFrom([]string{"s", "t"}).Draw(rt, "show")
				e := catalogEntry("show", id, func(c *eventpb.Catalog) {
					c.Show = &eventpb.Show{EsolId: rapid.SampledFrom([]string{"", "e", "f"}).Draw(rt, "esol")}
				})
				last[e.Catalog.Id] = e
				swept.apply(e)
			case "tick":
				swept.apply(tick)
			}
		}
		for range 2*len(orders) + 3 {
			swept.apply(tick)
		}
		for _, key := range []string{sweepOrders, sweepPersons} {
			if s, _, _ := swept.fold.sweeps.Get(key); s.GetActive() {
				rt.Fatal("the sweep does not end: ", key)
			}
		}
		for _, id := range []string{"s", "t"} {
			if last[id] != nil {
				plain.apply(last[id])
			}
		}
		plain.apply(orders...)
		for key, want := range plain.credits {
			if !want.EqualVT(swept.credits[key]) {
				rt.Fatalf("%s: %v, want %v", key, swept.credits[key], want)
			}
		}
		if len(swept.credits) != len(plain.credits) {
			rt.Fatalf("%d credits, want %d", len(swept.credits), len(plain.credits))
		}
	})
}

// A sum beyond int64 stops the fold and says which order.
func TestOverflowIsRefused(t *testing.T) {
	d := newDesk(t)
	err := d.fold.Apply(&operators.Record{Events: []*eventpb.Event{
		update(1, refunded, refund("r", math.MaxInt64), refund("q", 1)),
	}}, &operators.Outputs{})
	if !errors.Is(err, event.ErrOverflow) || err.Error() != `crediting order "o": `+event.ErrOverflow.Error() {
		t.Errorf("error is %v", err)
	}
}

// The refunds of one order are bounded, and which are left out does not depend on arrival.
func TestRefundsAreBounded(t *testing.T) {
	forth, back := newDesk(t), newDesk(t)
	for i := range int64(maxRefunds + 10) {
		forth.apply(update(i, partially, refund(fmt.Sprintf("%08d", i), i)))
	}
	for i := int64(maxRefunds + 9); i >= 0; i-- {
		back.apply(update(i, partially, refund(fmt.Sprintf("%08d", i), i)))
	}
	want := int64(maxRefunds) * (maxRefunds - 1) / 2
	if a, b := forth.credits["esol/e o"].RefundedMinor, back.credits["esol/e o"].RefundedMinor; a != want || b != want {
		t.Errorf("refunded %d forwards and %d backwards, want %d", a, b, want)
	}
}

// What cannot be counted is held for somebody to look at, and only as long as that is so.
func TestRefundInAnotherCurrencyIsHeld(t *testing.T) {
	d := newDesk(t)
	d.apply(version(1, paid, 1000), in("JPY", update(2, partially, refund("r", 30))))
	if got := d.credits["esol/e o"].Holds; !slices.Equal(got, []string{"refund_currency"}) {
		t.Errorf("holds %v", got)
	}
	d.apply(update(3, partially, refund("r", 20)))
	if c := d.credits["esol/e o"]; len(c.Holds) > 0 || c.RefundedMinor != 20 {
		t.Errorf("after the refund came in the order's currency: %v", c)
	}
}

// Spend goes to its campaign; what names none is nobody's cost.
func TestSpendGoesToItsCampaign(t *testing.T) {
	var out operators.Outputs
	spend(&eventpb.Event{Kind: eventpb.Kind_KIND_SPEND, IdHi: 1, IdLo: 2, CampaignId: "c", AmountMinor: 5, Currency: "JPY"}, &out)
	spend(&eventpb.Event{Kind: eventpb.Kind_KIND_SPEND, IdHi: 1, IdLo: 3, AmountMinor: 5, Currency: "JPY"}, &out)
	if len(out.Events) != 1 || out.Events[0].Key != "campaign/c" || out.Events[0].Log != operators.LogCredits ||
		out.Events[0].Event.AmountMinor != 5 || out.Events[0].Event.IdLo != 2 {
		t.Errorf("%+v", out.Events)
	}
}
