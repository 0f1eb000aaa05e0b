package journey

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

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
	credits, n, before := 0, int64(0), cpu(b)
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
	b.ReportMetric(float64(n)/(cpu(b)-before).Seconds(), "events/cpu-s")
	b.ReportMetric(float64(credits)/float64(n), "credits/event")
}

// Ten touches of one person after another, in blocks of 100, with a checkpoint every 20,000 events; with orders, each
// tenth is followed by two versions of an order that a model shares, and by its question and answer.
func BenchmarkTouches(b *testing.B) {
	for _, orders := range []bool{false, true} {
		b.Run(fmt.Sprint("orders=", orders), func(b *testing.B) { benchmarkTouches(b, orders) })
	}
}

func benchmarkTouches(b *testing.B, orders bool) {
	memory := state.Memory{}
	store := state.NewStore(memory, 0)
	fold, err := New(store, 0)
	if err != nil {
		b.Fatal(err)
	}
	events, cut := 0, 20_000
	var apply func(...*eventpb.Event)
	apply = func(block ...*eventpb.Event) {
		var out operators.Outputs
		if err := fold.Apply(&operators.Record{Events: block}, &out); err != nil {
			b.Fatal(err)
		}
		if events += len(block); events >= cut {
			memory.Write(store.Cut())
			store.Written()
			cut = events + 20_000
		}
		var again []*eventpb.Event
		for _, o := range out.Events {
			if o.Log == operators.LogJourneys {
				again = append(again, o.Event)
			}
		}
		if len(again) > 0 {
			apply(again...)
		}
	}
	apply(spring("time_decay", nil)...)
	block := make([]*eventpb.Event, 0, 200)
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	for n := range b.N {
		e := touched(uint64(n+1)*0x9e3779b97f4a7c15, int64(n%10)*60_000, func(e *eventpb.Event) {
			e.Kind, e.PersonLo, e.PersonHi = eventpb.Kind_KIND_PRODUCT_CLICK, uint64(n/10)+1, 1<<63
			e.ShowId, e.EsolId, e.ProductId = "asadew-evening-2026-11-24", []string{"e", "f"}[n%2], "dew-serum-30ml"
		})
		if block = append(block, e); orders && n%10 == 9 {
			for v, status := range []eventpb.OrderStatus{created, paid} {
				o := sold(fmt.Sprint("order-", n), int64(v), hourMS, status, 1000)
				o.PersonLo, o.PersonHi = e.PersonLo, e.PersonHi
				block = append(block, o)
			}
		}
		if len(block) >= 100 {
			apply(block...)
			block = block[:0]
		}
	}
	apply(block...)
	memory.Write(store.Cut())
	store.Written()
	bytes, persons := 0, 0
	for key, value := range memory {
		if strings.HasPrefix(key, "person/") {
			bytes, persons = bytes+len(key)+len(value), persons+1
		}
	}
	b.ReportMetric(float64(events)/(cpu(b)-before).Seconds(), "events/cpu-s")
	b.ReportMetric(float64(bytes)/float64(persons), "B/person")
}

// cpu is how long this process has computed.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
