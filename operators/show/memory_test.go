package show

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A show with 50,000 active people, each of whom has spoken, clicked and liked within five minutes, with a lexicon of 500
// terms, stays within 64 MB: everything that the fold and its study remember of it, open panes included.
func TestFiftyThousandPeopleFitIn64MB(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	before := heap()
	f, _ := newFold(t, state.Memory{})
	for _, c := range brandEntries500() {
		f.learn(c)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var out operators.Outputs
	const people, seconds = 50_000, 280
	id := uint64(0)
	for s := range int64(seconds) {
		var events []*eventpb.Event
		for p := s * people / seconds; p < (s+1)*people/seconds; p++ {
			who := (uint64(p) + 1) * 0x9e3779b97f4a7c15
			for _, kind := range []eventpb.Kind{
				eventpb.Kind_KIND_COMMENT, eventpb.Kind_KIND_LIKE, eventpb.Kind_KIND_PRODUCT_CLICK,
			} {
				id++
				e := &eventpb.Event{
					Kind: kind, ShowId: "S1", IdHi: id * 0xbf58476d1ce4e5b9, IdLo: id, Id: fmt.Sprint("event-", id), Count: 1,
					TimeMs: base + s*1000 + rng.Int64N(1000), PersonHi: who, PersonLo: ^who, ProductId: "p1",
				}
				if kind == eventpb.Kind_KIND_COMMENT {
					for range 4 + rng.IntN(16) {
						e.Text += string(rune(0x3042 + rng.IntN(80)))
					}
				}
				events = append(events, e)
			}
		}
		out.Reset()
		if err := f.Apply(&operators.Record{AppendMS: base + s*1000 + 999, Events: events}, &out); err != nil {
			t.Fatal(err)
		}
	}
	active := f.shows["S1"].room.active
	used := heap() - before
	t.Logf("%d active people: %.1f MB", active, float64(used)/1e6)
	if active < people*9/10 || used > 64e6 {
		t.Errorf("%d active people take %.1f MB", active, float64(used)/1e6)
	}
	runtime.KeepAlive(f)
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
