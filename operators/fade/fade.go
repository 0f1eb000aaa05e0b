package fade

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event"
)

// Forgotten is what a sum must reach after a halving to be kept: a count of one is forgotten at its fifth. [JUDG]
const Forgotten = 1. / 16

// HalfLife is a half-life in panes.
type HalfLife struct{ weights []float64 }

// New is a half-life of the given number of panes, at least 1.
func New(panes int) *HalfLife {
	h := &HalfLife{make([]float64, panes)}
	for i := range h.weights {
		h.weights[i] = stable.Exp(float64(i) * math.Ln2 / float64(panes))
	}
	h.weights[0] = 1
	return h
}

// Weight is what one count of a pane weighs, in [1, 2).
func (h *HalfLife) Weight(pane int64) float64 {
	n := int64(len(h.weights))
	return h.weights[((pane%n)+n)%n]
}

// Halvings is how often sums that were of pane from are halved to be of pane to.
func (h *HalfLife) Halvings(from, to int64) int {
	n := int64(len(h.weights))
	return int(min(max(event.FloorDiv(to, n)-event.FloorDiv(from, n), 0), 1<<12))
}

// Halved is x halved so many times, 0 when that is below Forgotten.
func Halved(x float64, times int) float64 {
	if x = math.Ldexp(x, -times); x < Forgotten {
		return 0
	}
	return x
}

// Mass is a faded count together with what says how many counts it is worth.
type Mass struct{ Sum, Squares float64 }

// Add counts n of weight w.
func (m *Mass) Add(n int64, w float64) {
	m.Sum += float64(float64(n) * w)
	m.Squares += float64(float64(float64(n)*w) * w)
}

// Halve halves the sum so many times, and the squares with it.
func (m *Mass) Halve(times int) {
	if times == 0 {
		return
	}
	if m.Sum = Halved(m.Sum, times); m.Sum == 0 {
		m.Squares = 0
		return
	}
	m.Squares = math.Ldexp(m.Squares, -2*times)
}

// Kish is the effective number of counts, (Σw)²/Σw²: fading does not change it, so a silence does not either.
func (m Mass) Kish() float64 {
	if m.Squares == 0 {
		return 0
	}
	return m.Sum / m.Squares * m.Sum
}
