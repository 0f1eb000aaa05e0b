package branching

import (
	"math"
	"sort"
)

// simplex minimises f from a start (Nelder & Mead 1965: reflect, expand, contract, shrink), until the corners' values
// differ by less than tolerance of theirs; first roughly and then once more from there: a simplex that has collapsed
// on the way is opened again. ok is false if it needs more than 2,000 steps.
func simplex(f func([]float64) float64, start []float64, tolerance float64) (best []float64, ok bool) {
	best, ok = descend(f, start, .5, 1e3*tolerance)
	if !ok {
		return best, false
	}
	return descend(f, best, .05, tolerance)
}

type corner struct {
	v []float64
	f float64
}

func descend(f func([]float64) float64, start []float64, size, tolerance float64) ([]float64, bool) {
	n := len(start)
	eval := func(v []float64) corner {
		y := f(v)
		if math.IsNaN(y) {
			y = math.Inf(1)
		}
		return corner{v, y}
	}
	corners := []corner{eval(start)}
	for i := range start {
		v := append([]float64(nil), start...)
		v[i] += size
		corners = append(corners, eval(v))
	}
	for range 2000 {
		sort.SliceStable(corners, func(i, j int) bool { return corners[i].f < corners[j].f })
		low, high := corners[0], corners[n]
		if high.f-low.f <= tolerance*(1+math.Abs(low.f)) {
			return low.v, true
		}
		// along is the point at that multiple of the way from the worst corner through the middle of the others.
		along := func(by float64) corner {
			v := make([]float64, n)
			for i := range v {
				for _, c := range corners[:n] {
					v[i] += c.v[i] / float64(n)
				}
				v[i] += by * (v[i] - high.v[i])
			}
			return eval(v)
		}
		reflected := along(1)
		switch {
		case reflected.f < low.f:
			if expanded := along(2); expanded.f < reflected.f {
				reflected = expanded
			}
			corners[n] = reflected
		case reflected.f < corners[n-1].f:
			corners[n] = reflected
		default:
			by := -.5
			if reflected.f < high.f {
				by = .5
			}
			if c := along(by); c.f < min(reflected.f, high.f) {
				corners[n] = c
				continue
			}
			for i := 1; i <= n; i++ {
				v := make([]float64, n)
				for j := range v {
					v[j] = (low.v[j] + corners[i].v[j]) / 2
				}
				corners[i] = eval(v)
			}
		}
	}
	return corners[0].v, false
}
