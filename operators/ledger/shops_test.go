package ledger_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// What shops send, through mapper, decoder, journeys and ledger, forwards and backwards: the money that it amounts to.
func TestMoneyOfShopPayloads(t *testing.T) {
	const (
		order = `{"id":1,"created_at":"2026-09-01T12:00:00Z","updated_at":"2026-09-01T12:00:00Z","currency":"USD",` +
			`"total_price":"100.00","financial_status":"paid","taxes_included":true,"total_tax":"9.09",` +
			`"line_items":[{"id":1,"product_id":9,"quantity":2,"price":"50.00"}]}`
		refund = `{"id":21,"order_id":1,"created_at":"2026-09-02T00:00:00Z","refund_line_items":[{"line_item_id":1,"quantity":1}],` +
			`"transactions":[{"kind":"refund","status":"success","amount":"30.00","currency":"USD"}]}`
		charge = `{"id":"ch_1","object":"charge","created":1788264000,"amount":10000,"amount_captured":10000,"amount_refunded":0,` +
			`"captured":true,"currency":"usd","status":"succeeded"}`
	)
	now := func(what string) string { return strings.Replace(order, `"paid"`, what, 1) }
	total := func(at, refunded string) string {
		return `{"id":"evt_` + at + `","object":"event","created":` + at + `,"data":{"object":` +
			strings.Replace(charge, `"amount_refunded":0`, `"amount_refunded":`+refunded, 1) + `}}`
	}
	for name, c := range map[string]struct {
		format   string
		payloads []string
		want     totals
	}{
		"paid":                     {"shopify", []string{order}, totals{paid: 10000, net: 10000, orders: 1}},
		"given back in part":       {"shopify", []string{order, refund}, totals{paid: 10000, refunded: 3000, net: 7000, orders: 1}},
		"the refund alone":         {"shopify", []string{refund}, totals{refunded: 3000, net: -3000, unknown: 3000, refundsUnknown: 1}},
		"a refund under way":       {"shopify", []string{order, strings.Replace(refund, "success", "pending", 1)}, totals{paid: 10000, net: 10000, orders: 1}},
		"cash on delivery":         {"shopify", []string{now(`"pending","gateway":"COD"`)}, totals{}},
		"and sent back unpaid":     {"shopify", []string{now(`"pending","gateway":"COD"`), strings.Replace(refund, "success", "pending", 1)}, totals{}},
		"a test":                   {"shopify", []string{now(`"paid","test":true`)}, totals{}},
		"never captured":           {"shopify", []string{now(`"authorized"`), now(`"voided"`)}, totals{}},
		"cancelled after a refund": {"shopify", []string{now(`"partially_refunded","cancelled_at":"2026-09-03T00:00:00Z","refunds":[` + refund + `]`)}, totals{paid: 10000, refunded: 3000, orders: 1}},
		"running totals":           {"stripe", []string{total("1788264000", "0"), total("1788264100", "1000"), total("1788264200", "2500")}, totals{paid: 10000, refunded: 2500, net: 7500, orders: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			events := shopEvents(t, c.format, c.payloads)
			for range 2 {
				if got := moneyOf(t, events); got != c.want {
					t.Errorf("%+v, want %+v", got, c.want)
				}
				slices.Reverse(events)
			}
		})
	}
}

func shopEvents(t *testing.T, format string, payloads []string) (events []*eventpb.Event) {
	t.Helper()
	hasher, err := event.NewHasher(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	d := ingest.NewDecoder(hasher, time.Unix(0, 0), time.Now)
	p := source.Payloads{Name: "shop", ShowID: "S1", RunningTotals: true}
	for r, err := range p.Read(format, strings.NewReader(strings.Join(payloads, "\n"))) {
		if err != nil {
			t.Fatal(err)
		}
		e, bad := d.Decode(&ingest.Input{Raw: ingest.RawOrders, Topic: source.Orders, Key: r.Key, Value: r.Value})
		if bad != nil {
			t.Fatalf("ingest refuses %s: %v", r.Value, bad)
		}
		if e.ShowId == "" {
			e.ShowId = "S1" // of a refund that comes alone nobody says the show
		}
		events = append(events, proto.Clone(e).(*eventpb.Event))
	}
	return events
}

// moneyOf is what the show's ledger says in the end.
func moneyOf(t *testing.T, events []*eventpb.Event) totals {
	c := newChain(t, 1, 1, 1<<20)
	for _, e := range events {
		c.order(e)
	}
	c.finish(t, time.Date(2026, 9, 5, 0, 0, 0, 0, time.UTC).UnixMilli(), 1)
	m := c.money()["show/S1"]
	if m == nil || len(m.Gmv) == 0 {
		return totals{}
	}
	g := m.Gmv[0]
	return totals{g.PaidMinor, g.RefundedMinor, g.NetMinor, g.RefundedUnknownMinor, g.OrdersPaid, g.RefundsUnknown}
}
