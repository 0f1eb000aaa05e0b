package ingest

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/relay"
)

// TestForgotten: whatever is written when, and lost before it is acknowledged, what is to be committed is of partitions that are
// held, and never behind what was said before while they were.
func TestForgotten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const partitions = 3
		p := newProgress()
		next, said := map[int32]int64{}, map[int32]int64{}
		held := map[int32]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"take": func(t *rapid.T) {
				at := rapid.Int32Range(0, partitions-1).Draw(t, "partition")
				if held[at] {
					next[at]++
					p.open().pending.Add(1)
				}
			},
			"close": func(t *rapid.T) {
				at := relay.Offsets{}
				for i := range held {
					at.Set("raw", i, kgo.EpochOffset{Offset: next[i]})
				}
				p.close(reach{offsets: at})
			},
			"acknowledge": func(t *rapid.T) {
				p.spans[rapid.IntRange(0, len(p.spans)-1).Draw(t, "span")].pending.Store(0)
				for i, o := range p.acknowledged().offsets["raw"] {
					if !held[i] || o.Offset < said[i] {
						t.Fatalf("partition %d (held: %v) is to be committed at %d, after %d", i, held[i], o.Offset, said[i])
					}
					said[i] = o.Offset
				}
			},
			"lose": func(t *rapid.T) {
				at := rapid.Int32Range(0, partitions-1).Draw(t, "partition")
				delete(held, at)
				p.forget(map[string][]int32{"raw": {at}})
			},
			"gain": func(t *rapid.T) { // from wherever another has come to
				at := rapid.Int32Range(0, partitions-1).Draw(t, "partition")
				if !held[at] {
					held[at] = true
					next[at] += rapid.Int64Range(0, 3).Draw(t, "further")
					said[at] = next[at]
				}
			},
		})
	})
}
