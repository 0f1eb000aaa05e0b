package trust_test

import (
	"math/rand/v2"
	"testing"

	"github.com/netsu/netsu/operators/trust"
)

// BenchmarkStep folds panes of comments, a third of them one of 50 texts again: a room as large as rooms get, where
// what is touched is in no cache, and a busy one.
func BenchmarkStep(b *testing.B) {
	b.Run("1000 comments of 20000 people", func(b *testing.B) { step(b, 1000, 20_000) })
	b.Run("100 comments of 2000 people", func(b *testing.B) { step(b, 100, 2000) })
}

func step(b *testing.B, comments, people int) {
	const lap = 120
	rng := rand.New(rand.NewPCG(1, 1))
	c := &chat{}
	panes := make([][]trust.Act, lap)
	for i := range panes {
		for range comments {
			text := rng.Uint64()
			if rng.IntN(3) == 0 {
				text = 1 + uint64(rng.IntN(50))
			}
			panes[i] = append(panes[i], c.says(rng.IntN(people), int64(i)*1000+rng.Int64N(1000), text))
		}
	}
	s := trust.New()
	pane := int64(0)
	fold := func() {
		acts := panes[pane%lap]
		s.Step(pane, acts, int64(people))
		for i := range acts {
			acts[i].MS += lap * 1000
		}
		pane++
	}
	for range 2 * lap { // until as many texts go as come
		fold()
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		fold()
		n++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n*comments), "ns/act")
	w := encode(s)
	size := len(w.head)
	for _, part := range w.people {
		size += len(part)
	}
	for _, part := range w.texts {
		size += len(part)
	}
	b.ReportMetric(float64(size)/1e6, "state-MB")
}
