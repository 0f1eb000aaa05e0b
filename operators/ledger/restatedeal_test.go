package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// auditor holds what restatements say of one deal's commission against the entries of its book.
type auditor struct {
	t      *rapid.T
	memory *shelf
	store  *state.Store
	fold   operators.Fold
	was    map[[3]string]int64 // by order, currency and party, at the last emission
	said   map[string]bool     // orders that were there then
}

func (a *auditor) restart() {
	a.store = state.NewStore(a.memory, 1)
	var err error
	if a.fold, err = ledger.New(a.store, 0); err != nil {
		a.t.Fatal(err)
	}
}

// What restatements say of a deal's commission is what the entries of its book have changed by of orders that had been there,
// whatever has become of them, of the contract and of the month: the rest is of new orders.
func TestCommissionRestatementsSum(t *testing.T) {
	reasons := map[eventpb.Restatement_Reason]int{}
	rapid.Check(t, func(t *rapid.T) {
		a := &auditor{t: t, memory: newShelf(), was: map[[3]string]int64{}, said: map[string]bool{}}
		a.restart()
		for i := range rapid.Int64Range(1, 25).Draw(t, "records") {
			now := 1000 + 100*i
			var out operators.Outputs
			events := a.draw(now)
			if err := a.fold.Apply(&operators.Record{AppendMS: now, Events: events}, &out); err != nil {
				t.Fatal(err)
			}
			a.memory.Write(a.store.Cut())
			a.store.Written()
			if rapid.Bool().Draw(t, "restart") {
				a.restart()
			}
			a.check(&out, reasons)
			for _, e := range events {
				if c := e.Credit; c != nil {
					a.said[c.OrderId] = c.Currency != ""
				}
			}
		}
	})
	for _, r := range []eventpb.Restatement_Reason{
		eventpb.Restatement_REFUND, eventpb.Restatement_ORDER_CORRECTED, eventpb.Restatement_REATTRIBUTED,
		eventpb.Restatement_TERMS_CHANGED, eventpb.Restatement_RATED_AGAIN,
	} {
		if reasons[r] == 0 {
			t.Errorf("%v was not seen: the test has lost its teeth (%v)", r, reasons)
		}
	}
}

// draw is a record: credits, at most one for an order, perhaps other terms or a payout, and a tick.
func (a *auditor) draw(now int64) (events []*eventpb.Event) {
	orders := rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 3, rapid.ID[int]).Draw(a.t, "orders")
	for _, n := range orders {
		events = append(events, a.credit(fmt.Sprint("o", n)))
	}
	if rapid.IntRange(0, 4).Draw(a.t, "terms") == 0 {
		c := &eventpb.Campaign{Currency: "JPY", Contract: &eventpb.Contract{PayoutDelayMs: 1}}
		c.CommissionPpm = rapid.SampledFrom([]uint32{0, 100_000, 300_000}).Draw(a.t, "ppm")
		c.Contract.CapMonthMinor = rapid.SampledFrom([]int64{0, 60}).Draw(a.t, "cap")
		if rapid.Bool().Draw(a.t, "agency") {
			c.Contract.Legs = []*eventpb.Leg{{Party: "esol", Ppm: 100_000}, {Party: "agency", Ppm: 50_000}}
		}
		if rapid.Bool().Draw(a.t, "brackets") {
			c.Contract.Tiers = []*eventpb.Tier{{FromMinor: 0, Ppm: 200_000}, {FromMinor: 150, Ppm: 400_000}}
		}
		events = append(events, catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: c}))
	}
	if rapid.IntRange(0, 5).Draw(a.t, "payout") == 0 {
		events = append(events, catalogEvent(&eventpb.Catalog{
			Kind: "payout", Id: fmt.Sprint(now), Payout: &eventpb.Payout{CampaignId: "c", EsolId: "e", ThroughMs: now},
		}))
	}
	return append(events, tick)
}

func (a *auditor) credit(order string) *eventpb.Event {
	c := &eventpb.Credit{Scope: "deal/" + event.DealID("c", "e"), OrderId: order}
	if a.said[order] {
		c.Cause = eventpb.Cause(rapid.SampledFrom([]int32{1, 3}).Draw(a.t, "cause"))
	}
	if rapid.IntRange(0, 5).Draw(a.t, "gone") > 0 {
		c.Currency, c.Paid = pick(a.t, "currency", "JPY", "JPY", "JPY", "USD"), true
		c.OrderedMs = rapid.Int64Range(0, 9).Draw(a.t, "ordered")
		c.CreatedMinor, c.PaidMinor, c.RefundedMinor = 100, 100, 10*rapid.Int64Range(0, 4).Draw(a.t, "refunded")
		c.NetMinor = c.PaidMinor - c.RefundedMinor
		c.SettlesMs = rapid.SampledFrom([]int64{1100, 1600, 1 << 50}).Draw(a.t, "settles")
	}
	return &eventpb.Event{Kind: eventpb.Kind_KIND_DEAL, Credit: c}
}

func (a *auditor) check(out *operators.Outputs, reasons map[eventpb.Restatement_Reason]int) {
	is := a.posted()
	want, all, campaign, deal := map[string]int64{}, map[string]int64{}, map[string]int64{}, map[string]int64{}
	expect := func(at [3]string, minor int64) {
		if !a.said[at[0]] {
			return
		}
		if all[at[1]] += minor; at[2] == "esol" {
			want[at[1]] += minor
		}
	}
	for at, minor := range is {
		expect(at, minor)
	}
	for at, minor := range a.was {
		expect(at, -minor)
	}
	for _, one := range out.Alerts {
		to := deal
		if strings.HasPrefix(one.Alert.Scope, "campaign/") {
			to = campaign
		}
		for _, m := range one.Alert.Restatement.Amounts {
			if to[m.Money.Currency] += m.CommissionMinor; m.CommissionMinor != 0 {
				reasons[one.Alert.Restatement.Reason]++
			}
		}
	}
	for _, currency := range []string{"JPY", "USD"} {
		if deal[currency] != want[currency] || campaign[currency] != all[currency] {
			a.t.Fatalf("restated %d of the deal and %d of the campaign in %s, the book says %d and %d",
				deal[currency], campaign[currency], currency, want[currency], all[currency])
		}
	}
	a.was = is
}

// posted is what each party has of each order, by what was ever posted to and from the brand's account.
func (a *auditor) posted() map[[3]string]int64 {
	books, err := ledger.ReadBooks(a.memory, "c", "e")
	if err != nil {
		a.t.Fatal(err)
	}
	all := map[[3]string]int64{}
	for _, b := range books {
		for _, e := range b.Entries {
			if party, _, _ := strings.Cut(e.To, ":"); e.From == "brand:accrued" {
				all[[3]string{e.Order, e.Currency, party}] += e.Amount
			}
			if party, _, _ := strings.Cut(e.From, ":"); e.To == "brand:accrued" {
				all[[3]string{e.Order, e.Currency, party}] -= e.Amount
			}
		}
	}
	return all
}
