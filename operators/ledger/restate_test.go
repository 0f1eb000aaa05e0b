package ledger_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// drawCredit is any credit of few orders in few scopes, as no journey would tell them: what is restated has to be right all
// the same.
func drawCredit(t *rapid.T) *eventpb.Event {
	c := &eventpb.Credit{
		Scope:   pick(t, "scope", "esol/a", "esol/a", "show/s", "campaign/c", "brand/b"),
		OrderId: fmt.Sprint("o", rapid.IntRange(0, 12).Draw(t, "order")),
		Cause:   eventpb.Cause(rapid.SampledFrom([]int32{0, 0, 1, 1, 1, 2, 3, 4}).Draw(t, "cause")),
	}
	if rapid.IntRange(0, 5).Draw(t, "gone") == 0 {
		return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: c}
	}
	n := func(label string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, label) }
	c.Currency = pick(t, "currency", "JPY", "JPY", "JPY", "USD")
	c.OrderedMs, c.CreatedMinor, c.Units = 1000+n("ordered", 3), 10*n("created", 2), n("units", 2)
	c.PersonLo = uint64(n("person", 2))
	if c.Paid = rapid.Bool().Draw(t, "paid"); c.Paid {
		c.PaidMinor, c.SettlesMs = c.CreatedMinor, 900+100*n("settles", 12)
		c.RefundedMinor = n("refunded", 2)
		if c.Cancelled = n("cancelled", 4) == 0; c.Cancelled {
			c.CancelledMinor = c.PaidMinor - c.RefundedMinor
		}
	} else if n("refund only", 4) == 0 {
		c.RefundOnly, c.CreatedMinor, c.RefundedMinor = true, 0, n("refunded", 2)
	}
	c.NetMinor = c.PaidMinor - c.RefundedMinor - c.CancelledMinor
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: c}
}

// The restatements of a scope, and what its new orders and time brought, sum to its meter, layer by layer, at every emission.
// What was restated is a function of the log: it is the same to the byte wherever the fold was begun again. And what changes
// nothing is no restatement.
func TestRestatementsSumToTheMeter(t *testing.T) {
	reasons := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		var log []*operators.Record
		now := int64(1000)
		for range rapid.IntRange(1, 60).Draw(t, "records") {
			now += rapid.SampledFrom([]int64{0, 10, 30, 100, 250}).Draw(t, "pause")
			r := &operators.Record{AppendMS: now, Events: rapid.SliceOfN(rapid.Custom(drawCredit), 0, 3).Draw(t, "credits")}
			if n := len(r.Events); n > 0 && rapid.IntRange(0, 3).Draw(t, "again") == 0 {
				again := operators.Owned(r.Events[n-1].Credit)
				again.Cause = eventpb.Cause(rapid.Int32Range(1, 4).Draw(t, "of another cause"))
				r.Events = append(r.Events, &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: again})
			}
			if rapid.IntRange(0, 5).Draw(t, "tick") == 0 {
				r.Events = append(r.Events, tick)
			}
			log = append(log, r)
		}
		w := newWitness(t)
		first := runLog(t, log, nil, func(r *operators.Record, out *operators.Outputs) {
			for _, e := range r.Events {
				w.event(e, r.AppendMS)
			}
			w.record(out)
		})
		for reason, n := range w.reasons {
			reasons[reason] += n
		}
		restarts := rapid.SliceOfN(rapid.IntRange(0, len(log)-1), 0, 5).Draw(t, "restarts")
		if again := runLog(t, log, restarts, nil); !bytes.Equal(first, again) {
			t.Fatalf("with restarts at %v it said otherwise", restarts)
		}
	})
	for _, reason := range []string{
		"REFUND", "CANCEL", "ORDER_CORRECTED", "ORDER_FOUND", "ATTRIBUTED", "REATTRIBUTED", "CATALOG_CHANGED",
	} {
		if reasons[reason] < 3 {
			t.Errorf("%s was seen %d times: the test has lost its teeth (%v)", reason, reasons[reason], reasons)
		}
	}
}

// runLog is all restatements of a log, encoded. It checkpoints after every third record, and before a record of restarts
// goes back to the last checkpoint.
func runLog(
	t rapid.TB, log []*operators.Record, restarts []int, heard func(*operators.Record, *operators.Outputs),
) []byte {
	memory, mark, said := newShelf(), 0, make([][]byte, len(log))
	var store *state.Store
	var fold operators.Fold
	restart := func() {
		var err error
		store = state.NewStore(memory, 1)
		if fold, err = ledger.New(store, 0); err != nil {
			t.Fatal(err)
		}
	}
	restart()
	for i := 0; i < len(log); i++ {
		if at := slices.Index(restarts, i); at >= 0 {
			restarts = slices.Delete(slices.Clone(restarts), at, at+1)
			restart()
			i = mark
		}
		var out operators.Outputs
		if err := fold.Apply(log[i], &out); err != nil {
			t.Fatal(err)
		}
		var b []byte
		for _, a := range out.Alerts {
			one, err := a.Alert.MarshalVTStrict()
			if err != nil {
				t.Fatal(err)
			}
			b = append(append(b, a.Key...), one...)
		}
		if said[i] != nil && !bytes.Equal(said[i], b) {
			t.Fatalf("record %d again said otherwise", i)
		}
		said[i] = append([]byte{}, b...)
		if heard != nil {
			heard(log[i], &out)
		}
		if i%3 == 2 {
			memory.Write(store.Cut())
			store.Written()
			mark = i + 1
		}
	}
	return bytes.Join(said, []byte("|"))
}

// heard is what restatements say: "scope reason net commission/held orders".
func heard(out *operators.Outputs) string {
	var said []string
	for _, a := range out.Alerts {
		r := a.Alert.Restatement
		text := fmt.Sprint(a.Alert.Scope, " ", strings.ToLower(r.Reason.String()))
		for _, m := range r.Amounts {
			text += fmt.Sprintf(" %s%+d%+d/%d", m.Money.Currency, m.Money.NetMinor, m.CommissionMinor, m.OrdersHeld)
			if m.TotalNetMinor != 0 || m.TotalPaidMinor != 0 {
				text += fmt.Sprintf(" total%+d%+d", m.TotalNetMinor, m.TotalPaidMinor)
			}
		}
		said = append(said, fmt.Sprint(text, " ", r.OrderIds))
	}
	return strings.Join(said, ", ")
}

func (d *desk) restated(appendMS int64, events ...*eventpb.Event) string {
	d.t.Helper()
	var out operators.Outputs
	if err := d.fold.Apply(&operators.Record{AppendMS: appendMS, Events: events}, &out); err != nil {
		d.t.Fatal(err)
	}
	return heard(&out)
}

func because(cause eventpb.Cause, e *eventpb.Event, more ...func(*eventpb.Credit)) *eventpb.Event {
	e.Credit.Cause = cause
	for _, change := range more {
		change(e.Credit)
	}
	return e
}

// What is told of an order's life, and what is not.
func TestWhatIsRestated(t *testing.T) {
	d := newDesk(t, 1)
	const version, first, again, catalog = eventpb.Cause_CAUSE_ORDER, eventpb.Cause_CAUSE_ATTRIBUTION,
		eventpb.Cause_CAUSE_REATTRIBUTION, eventpb.Cause_CAUSE_CATALOG
	created := func(c *eventpb.Credit) { c.Paid, c.PaidMinor, c.NetMinor = false, 0, 0 }
	back := func(n int64) func(*eventpb.Credit) {
		return func(c *eventpb.Credit) { c.RefundedMinor, c.NetMinor = n, c.PaidMinor-n }
	}
	cancelled := func(c *eventpb.Credit) { c.Cancelled, c.CancelledMinor, c.NetMinor = true, c.PaidMinor, 0 }
	cheaper := func(c *eventpb.Credit) { c.CreatedMinor, c.PaidMinor, c.NetMinor = 60, 60, 60 }
	now := int64(1000)
	for _, c := range []struct {
		name  string
		event *eventpb.Event
		want  string
	}{
		{"a new order", because(0, sold("esol/a", "1", 100, 0), created), ""},
		{"it is paid", because(version, sold("esol/a", "1", 100, 0)), ""},
		{"the same again", because(version, sold("esol/a", "1", 100, 0)), ""},
		{"a refund", because(version, sold("esol/a", "1", 100, 0), back(30)), "esol/a refund JPY-30+0/0 [1]"},
		{"the same again", because(again, sold("esol/a", "1", 100, 0), back(30)), ""},
		{"another return window", because(catalog, sold("esol/a", "1", 100, 1<<50), back(30)), ""},
		{"cancelled", because(version, sold("esol/a", "1", 100, 0), cancelled), "esol/a cancel JPY-70+0/0 [1]"},
		{"a late touch brings one", because(again, sold("esol/a", "2", 50, 0)), "esol/a reattributed JPY+50+0/0 [2]"},
		{"and takes it", because(again, gone("esol/a", "2")), "esol/a reattributed JPY-50+0/0 [2]"},
		{"one that touches have led to", because(first, sold("esol/a", "3", 50, 0)), ""},
		{"one that was the order's own", because(0, sold("esol/a", "4", 80, 0)), ""},
		{"of which touches leave half", because(first, sold("esol/a", "4", 40, 0)), "esol/a attributed JPY-40+0/0 [4]"},
		{"a price that was wrong", because(version, sold("esol/a", "4", 40, 0), cheaper),
			"esol/a order_corrected JPY+20+0/0 [4]"},
		{"a test after all", because(version, gone("esol/a", "4")), "esol/a order_corrected JPY-60+0/0 [4]"},
		{"another show's ESOL", because(catalog, gone("esol/a", "3")), "esol/a catalog_changed JPY-50+0/0 [3]"},
	} {
		now += 100
		if got := d.restated(now, c.event); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What nobody has been told is not restated: an order that comes, is shared and is refunded between two emissions.
func TestWhatWasNotSaidIsNotRestated(t *testing.T) {
	d := newDesk(t, 1)
	d.at(1000, tick)
	for i, e := range []*eventpb.Event{
		sold("esol/a", "1", 100, 0), because(eventpb.Cause_CAUSE_ATTRIBUTION, sold("esol/a", "1", 50, 0)),
		because(eventpb.Cause_CAUSE_ORDER, sold("esol/a", "1", 40, 0)),
	} {
		if got := d.restated(1010+int64(i), e); got != "" {
			t.Errorf("restated %q", got)
		}
		d.checkpoint()
		d.restart()
	}
	if got := d.restated(1100); got != "" {
		t.Errorf("restated %q", got)
	}
	if got, want := d.restated(1200, sold("esol/a", "1", 30, 0)), "esol/a order_corrected JPY-10+0/0 [1]"; got != want {
		t.Errorf("then restated %q, want %q", got, want)
	}
}

// What waits to be restated is bounded, and the same whether or not the fold was begun again meanwhile.
func TestRestatementsThatWaitAreBounded(t *testing.T) {
	waiting := func(restartAt int) (n int) {
		d := newDesk(t, 1)
		change := func(i int, net int64) *eventpb.Event {
			return sold(fmt.Sprint("esol/", i%1000), fmt.Sprint(i), net, 0)
		}
		for i := range 3000 {
			d.at(1000, change(i, 10))
		}
		d.at(1000, tick)
		var out operators.Outputs
		for len(out.Alerts) == 0 && n < 3000 {
			if n == restartAt {
				d.checkpoint()
				d.restart()
			}
			r := operators.Record{AppendMS: 1001, Events: []*eventpb.Event{change(n, 9)}}
			if err := d.fold.Apply(&r, &out); err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	n := waiting(-1)
	if limit := 256 << 10 / 128; n > limit {
		t.Errorf("%d changes waited, at most %d should", n, limit)
	}
	if again := waiting(n / 2); again != n {
		t.Errorf("%d changes waited, and %d where the fold was begun again", n, again)
	}
}

// A restatement names eight orders and counts them all.
func TestRestatementsAreBounded(t *testing.T) {
	d := newDesk(t, 1)
	var many []*eventpb.Event
	for i := range 20 {
		many = append(many, sold("esol/b", fmt.Sprint(i), 10, 0))
	}
	d.at(2000, many...)
	for i := range many {
		many[i] = sold("esol/b", fmt.Sprint(i), 8, 0)
		many[i].Credit.OrderedMs = int64(7*i+5) % 20
	}
	var out operators.Outputs
	if err := d.fold.Apply(&operators.Record{AppendMS: 3000, Events: many}, &out); err != nil {
		t.Fatal(err)
	}
	r := out.Alerts[0].Alert.Restatement
	if len(out.Alerts) != 1 || r.Orders != 20 || len(r.OrderIds) != 8 || r.FromMs != 0 || r.ToMs != 19 ||
		r.Amounts[0].Money.NetMinor != -40 {
		t.Errorf("%v", out.Alerts)
	}
}

// Commissions are restated with their reasons: on the deal what the ESOL has, on the campaign what all have.
func TestCommissionsAreRestated(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{CommissionPpm: 100_000})
	deal := event.DealID("c", "e")
	credit := func(order string, at, net int64, holds ...string) *eventpb.Event {
		return &eventpb.Event{Kind: eventpb.Kind_KIND_DEAL, Credit: &eventpb.Credit{
			Scope: "deal/" + deal, OrderId: order, Currency: "JPY", CreatedMinor: 100_000, PaidMinor: 100_000,
			RefundedMinor: 100_000 - net, NetMinor: net, Paid: true, OrderedMs: at, SettlesMs: 1 << 50, Holds: holds,
			Cause: eventpb.Cause_CAUSE_ORDER,
		}}
	}
	campaign := func(change func(*eventpb.Campaign)) *eventpb.Event {
		c := &eventpb.Campaign{Currency: "JPY", CommissionPpm: 100_000}
		change(c)
		return catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: c})
	}
	fresh := func(e *eventpb.Event) *eventpb.Event { return because(0, e) }
	now := int64(10_000)
	for _, c := range []struct {
		name   string
		events []*eventpb.Event
		want   string
	}{
		{"sold", []*eventpb.Event{fresh(credit("1", 5, 100_000)), fresh(credit("2", 6, 100_000))}, ""},
		{"held", []*eventpb.Event{credit("1", 5, 100_000, "brushing")}, "deal/1:ce held JPY+0+0/1 [1]"},
		{"still", []*eventpb.Event{credit("1", 5, 100_000, "brushing", "self_purchase")}, ""},
		{"released", []*eventpb.Event{credit("1", 5, 100_000)}, "deal/1:ce released JPY+0+0/-1 [1]"},
		{"refunded", []*eventpb.Event{credit("1", 5, 60_000)},
			"campaign/c refund JPY+0-4000/0 [1], deal/1:ce refund JPY-40000-4000/0 [1]"},
		{"a better contract", []*eventpb.Event{campaign(func(c *eventpb.Campaign) { c.CommissionPpm = 200_000 }), tick},
			"campaign/c terms_changed JPY+0+16000/0 [1 2], deal/1:ce terms_changed JPY+0+16000/0 [1 2]"},
		{"one with brackets", []*eventpb.Event{campaign(func(c *eventpb.Campaign) {
			c.Contract = &eventpb.Contract{Tiers: []*eventpb.Tier{
				{FromMinor: 0, Ppm: 200_000}, {FromMinor: 160_000, Ppm: 100_000},
			}}
		}), tick}, "campaign/c terms_changed []"},
		{"an order before them takes up the bracket", []*eventpb.Event{fresh(credit("0", 1, 100_000))},
			"campaign/c rated_again JPY+0-10000/0 [2], deal/1:ce rated_again JPY+0-10000/0 [2]"},
		{"an order after them", []*eventpb.Event{fresh(credit("3", 9, 100_000))}, ""},
	} {
		now += 100
		if got := o.restated(now, c.events...); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		o.checkpoint()
		o.restart()
	}
}
