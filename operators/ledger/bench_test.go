package ledger_test

import (
	"fmt"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// One credit after another, in blocks of 100, each order twice (created, then paid), over 50 scopes, with a tick
// every 25 blocks and a checkpoint every 20,000 credits.
func BenchmarkApply(b *testing.B) {
	d := newDesk(b, 0)
	var out operators.Outputs
	block := make([]*eventpb.Event, 100)
	n, meters := int64(0), 0
	apply := func(events ...*eventpb.Event) {
		out.Reset()
		if err := d.fold.Apply(&operators.Record{AppendMS: n / 100, Events: events}, &out); err != nil {
			b.Fatal(err)
		}
		meters += len(out.Meters)
	}
	b.ReportAllocs()
	for n < int64(b.N) {
		for i := range block {
			order := n / 2
			c := sold(fmt.Sprint("esol/", order%50), fmt.Sprint("order-", order%100_000), 1000, n+1_000_000)
			c.Credit.Paid, c.Credit.PersonLo, c.Credit.OrderedMs = n%2 == 1, uint64(order%30_000)+1, order
			block[i] = c
			n++
		}
		apply(block...)
		if n%2500 == 0 {
			apply(tick)
		}
		if n%20_000 == 0 {
			d.checkpoint()
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(meters)/float64(n), "meters/event")
}
