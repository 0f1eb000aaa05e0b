package fade

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWeightDoublesOverAHalfLife(t *testing.T) {
	for _, panes := range []int{1, 7, 300, 3600} {
		h := New(panes)
		for k := int64(-2 * int64(panes)); k < 2*int64(panes); k++ {
			phase := float64(((k % int64(panes)) + int64(panes)) % int64(panes))
			want := math.Exp2(phase / float64(panes))
			if got := h.Weight(k); math.Abs(got/want-1) > 1e-15 || got < 1 || got >= 2 {
				t.Fatalf("half-life %d: pane %d weighs %v, want %v", panes, k, got, want)
			}
		}
	}
}

func TestACountOfOneIsForgottenAtItsFifthHalving(t *testing.T) {
	if Halved(1, 4) != Forgotten || Halved(1, 5) != 0 || Halved(1.999, 5) != 0 {
		t.Error(Halved(1, 4), Halved(1, 5), Halved(1.999, 5))
	}
}

func TestKishOfEqualWeightsIsTheirNumber(t *testing.T) {
	var m Mass
	m.Add(40, 1.7)
	if math.Abs(m.Kish()-40) > 1e-12 {
		t.Error(m.Kish())
	}
	if before := m.Kish(); true {
		m.Halve(3)
		if m.Kish() != before {
			t.Error("halving changed the effective number", before, m.Kish())
		}
	}
}

// A gap at once is the gap pane by pane, bit for bit.
func TestLazyDecayIsStepByStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := New(rapid.IntRange(1, 50).Draw(t, "half-life"))
		var lazy, eager Mass
		pane := int64(rapid.IntRange(-100, 100).Draw(t, "start"))
		for range rapid.IntRange(1, 20).Draw(t, "counts") {
			n := int64(rapid.IntRange(0, 1000).Draw(t, "n"))
			lazy.Add(n, h.Weight(pane))
			eager.Add(n, h.Weight(pane))
			to := pane + int64(rapid.IntRange(1, 3000).Draw(t, "gap"))
			lazy.Halve(h.Halvings(pane, to))
			for ; pane < to; pane++ {
				eager.Halve(h.Halvings(pane, pane+1))
			}
			if lazy != eager {
				t.Fatalf("lazy %v, step by step %v", lazy, eager)
			}
		}
	})
}
