package text

import (
	"testing"

	"pgregory.net/rapid"
)

// TestMajority checks the counters in planes against counters.
func TestMajority(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfN(rapid.Uint64(), 1, 300).Draw(t, "hashes")
		var planes [16]uint64
		var counts [64]int
		for _, h := range hashes {
			add(&planes, h)
			for i := range counts {
				counts[i] += int(h >> i & 1)
			}
		}
		want := uint64(0)
		for i, n := range counts {
			if 2*n > len(hashes) {
				want |= 1 << i
			}
		}
		if got := majority(&planes, len(hashes)); got != want {
			t.Fatalf("got %#x, want %#x", got, want)
		}
	})
}
