package show

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// BenchmarkApply folds a hot room as it is live: likes and comments of 5,000 heads at rate events per second of append
// time, in blocks of 5 ms, a checkpoint every 5 s, with a lexicon of 500 terms. It reports events per CPU second and allocations per event.
func BenchmarkApply(b *testing.B) {
	for _, rate := range []int{20, 1_000, 20_000} {
		b.Run(fmt.Sprintf("%d per second", rate), func(b *testing.B) { benchmarkApply(b, rate, brandEntries500(), false) })
		b.Run(fmt.Sprintf("%d per second, heard twice", rate), func(b *testing.B) {
			benchmarkApply(b, rate, brandEntries500(), true)
		})
	}
	corpus := append(brandEntries500(), speakers()[1:]...)
	corpus[1].Show.BrandIds = []string{"b", "b0"}
	b.Run("20000 per second of a brand with a corpus", func(b *testing.B) { benchmarkApply(b, 20_000, corpus, false) })
}

func benchmarkApply(b *testing.B, rate int, entries []*eventpb.Catalog, twice bool) {
	m := state.Memory{}
	f, store := newFold(b, m)
	random := rand.New(rand.NewPCG(1, 2))
	per := max(1, rate/200)
	r := &operators.Record{}
	for range per {
		r.Events = append(r.Events, &eventpb.Event{ShowId: "S1", Count: 1})
	}
	for _, c := range entries {
		f.learn(c)
	}
	texts := make([]string, 1000)
	for i := range texts {
		// Of 2 to 20 characters of eighty: as long and as different as what a room says.
		for range 2 + random.IntN(19) {
			texts[i] += string(rune(0x3042 + random.IntN(80)))
		}
	}
	var out operators.Outputs
	n := uint64(0)
	ms := int64(base)
	cutMS := ms
	step := int64(per) * 1000 / int64(rate)
	once := func() {
		ms += step
		r.Offset, r.AppendMS = r.Offset+1, ms
		for _, e := range r.Events {
			n++
			x := random.Uint64()
			e.IdHi, e.IdLo = n*0x9e3779b97f4a7c15, x
			e.TimeMs = ms - int64(x%1500)
			e.PersonHi = (x>>20%5000 + 1) * 0x9e3779b97f4a7c15
			e.PersonLo = e.PersonHi
			e.Kind, e.Text = eventpb.Kind_KIND_LIKE, ""
			if x%4 == 0 {
				e.Kind, e.Text = eventpb.Kind_KIND_COMMENT, texts[x>>40%1000]
			}
		}
		out.Reset()
		if err := f.Apply(r, &out); err != nil {
			b.Fatal(err)
		}
		if ms-cutMS >= 5000 {
			cutMS = ms
			m.Write(store.Cut())
			store.Written()
		}
	}
	for ms < base+60_000 {
		once()
	}
	if st := f.shows["S1"].study; twice { // as if somebody who is not believed said something now and again
		st.everyone, st.ear.doubted = st.heard.copied(), 1<<40
	}
	b.ReportAllocs()
	b.ResetTimer()
	events := 0
	before := cpu()
	for i := 0; i < b.N; i += per {
		once()
		events += per
	}
	b.ReportMetric(float64(events)/(cpu()-before).Seconds(), "events/cpu-s")
}

// cpu is what the process has used: the machine's other work does not show in it.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// brandEntries500 are a brand with a lexicon of 500 terms, and the show that is about it.
func brandEntries500() []*eventpb.Catalog {
	brand := &eventpb.Brand{}
	for i := range 500 {
		brand.Lexicon = append(brand.Lexicon, &eventpb.Term{Id: fmt.Sprint(i), Forms: []string{
			fmt.Sprintf("term %d", i), string([]rune{rune(0x3042 + i%80), rune(0x3042 + i/80*7%80), rune(0x3050 + i%60)}),
		}})
	}
	return []*eventpb.Catalog{
		{Kind: "brand", Id: "b", Brand: brand}, {Kind: "show", Id: "S1", Show: &eventpb.Show{BrandIds: []string{"b"}}},
	}
}

// BenchmarkRush folds a second in which so many people order a product, and what follows until it is final.
func BenchmarkRush(b *testing.B) {
	for _, orders := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(orders, " orders"), func(b *testing.B) {
			for b.Loop() {
				th := newTheater(b)
				for n := range uint64(orders) {
					o := th.order(n+1, fmt.Sprint("o", n), "p")
					o.Order.Currency, o.Order.Lines[0].UnitPriceMinor = "JPY", 1_980
					th.apply(o)
				}
				th.pass(60_000)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*orders), "ns/order")
		})
	}
}

// BenchmarkRefer makes anew where the brands of a catalog stand, as many as stand anywhere, with as much of a corpus, and of
// a target, as is read.
func BenchmarkRefer(b *testing.B) {
	for _, targets := range []bool{false, true} {
		b.Run(fmt.Sprint("targets ", targets), func(b *testing.B) {
			c := &catalog{entries: map[string]*eventpb.Catalog{}}
			for i := range stancesMax {
				brand := &eventpb.Brand{Corpus: corpusOfRunes(uint64(i), corpusRunes)}
				if targets {
					brand.Target = corpusOfRunes(uint64(stancesMax+i), corpusRunes)
				}
				id := fmt.Sprint("b", i)
				c.entries["brand/"+id] = &eventpb.Catalog{Kind: "brand", Id: id, Brand: brand}
			}
			before := cpu()
			for b.Loop() {
				if r := c.refer(); len(r.ids) != stancesMax {
					b.Fatal(len(r.ids))
				}
			}
			b.ReportMetric((cpu()-before).Seconds()/float64(b.N), "cpu-s/op")
		})
	}
}

// corpusOfRunes are texts of 200 runes, so many runes in all.
func corpusOfRunes(seed uint64, runes int) (all []string) {
	random := rand.New(rand.NewPCG(1, seed))
	for range runes / 200 {
		t := make([]rune, 200)
		for i := range t {
			t[i] = rune(0x3042 + random.IntN(80))
		}
		all = append(all, string(t))
	}
	return all
}
