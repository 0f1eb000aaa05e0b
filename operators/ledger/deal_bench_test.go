package ledger_test

import (
	"fmt"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Deal credits in blocks of 100 at 10 blocks a second, each order twice (paid, then refunded in part 20,000 orders
// later), over 50 ESOLs of one campaign, with a tick each second and a checkpoint every 20,000 credits: a contract
// whose orders stand alone, and one whose month matters to each.
func BenchmarkDeals(b *testing.B) {
	for name, contract := range map[string]*eventpb.Contract{
		"alone": {CapOrderMinor: 500, PayoutDelayMs: 1},
		"month": {Tiers: []*eventpb.Tier{{FromMinor: 100_000, Ppm: 150_000}, {FromMinor: 300_000, Ppm: 200_000}},
			CapMonthMinor: 80_000},
	} {
		b.Run(name, func(b *testing.B) { benchmarkDeals(b, contract) })
	}
}

func benchmarkDeals(b *testing.B, contract *eventpb.Contract) {
	d := newDesk(b, 0)
	var out operators.Outputs
	now := int64(1_788_264_000_000)
	apply := func(events ...*eventpb.Event) {
		out.Reset()
		if err := d.fold.Apply(&operators.Record{AppendMS: now, Events: events}, &out); err != nil {
			b.Fatal(err)
		}
	}
	apply(catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: &eventpb.Campaign{
		Currency: "JPY", CommissionPpm: 100_000, Contract: contract,
	}}))
	block := make([]*eventpb.Event, 100)
	n := int64(0)
	b.ReportAllocs()
	for n < int64(b.N) {
		for i := range block {
			order, net := n/2, int64(1000)
			if n%2 == 1 {
				order, net = max(0, n/2-20_000), 700
			}
			block[i] = &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
				Scope: "deal/" + event.DealID("c", fmt.Sprint("e", order%50)), OrderId: fmt.Sprint("order-", order),
				Currency: "JPY", NetMinor: net, Paid: true, OrderedMs: 1_788_264_000_000 + order*10,
				SettlesMs: 1_788_264_000_000 + order*10 + 600_000,
				Lines:     []*eventpb.CreditLine{{ProductId: "p", Units: 1, NetMinor: net}},
			}}
			n++
		}
		now += 100
		apply(block...)
		if n%1000 == 0 {
			apply(tick)
		}
		if n%20_000 == 0 {
			d.checkpoint()
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "credits/s")
}
