package journey

import (
	"fmt"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// One version of an order after another, created then paid, in blocks of 100, with a checkpoint every 20,000
// versions: two lines of two brands, a show with an ESOL, a campaign.
func BenchmarkApply(b *testing.B) {
	memory := state.Memory{}
	store := state.NewStore(memory, 0)
	fold, err := New(store, 0)
	if err != nil {
		b.Fatal(err)
	}
	var out operators.Outputs
	apply := func(events ...*eventpb.Event) {
		out.Reset()
		if err := fold.Apply(&operators.Record{Events: events}, &out); err != nil {
			b.Fatal(err)
		}
	}
	apply(
		catalogEntry("show", "s", func(c *eventpb.Catalog) { c.Show = &eventpb.Show{EsolId: "e"} }),
		catalogEntry("campaign", "c", func(c *eventpb.Catalog) {
			c.Campaign = &eventpb.Campaign{BrandId: "a", EsolIds: []string{"e"}}
		}),
	)
	block := make([]*eventpb.Event, 100)
	credits, n := 0, int64(0)
	b.ReportAllocs()
	for n < int64(b.N) {
		for i := range block {
			status := created
			if n%2 == 1 {
				status = paid
			}
			e := version(n, status, 1000, line("a", 1, 600), line("b", 2, 200))
			e.EsolId, e.Order.OrderId, e.PersonLo = "", fmt.Sprint("order-", n/2%100_000), uint64(n)
			block[i] = e
			n++
		}
		apply(block...)
		credits += len(out.Events)
		if n%20_000 == 0 {
			memory.Write(store.Cut())
			store.Written()
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(credits)/float64(n), "credits/event")
}
