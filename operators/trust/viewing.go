package trust

import "github.com/netsu/netsu/operators/stable"

// Viewing is the feature view, of a whole show: how far its histogram of (join time, stay) is from the usual one, as
// Jensen-Shannon divergence in bits: 0 for equal shapes, 1 for disjoint ones. The histograms have the same bins; one
// without entries, or of other bins, says nothing (0).
func Viewing(show, usual []float64) float64 {
	p, q := total(show), total(usual)
	if len(show) != len(usual) || !(p > 0) || !(q > 0) {
		return 0
	}
	sum := 0.0
	for i := range show {
		x, y := show[i]/p, usual[i]/q
		m := (x + y) / 2
		if x > 0 {
			sum += float64(x * stable.Log2(x/m))
		}
		if y > 0 {
			sum += float64(y * stable.Log2(y/m))
		}
	}
	return unit(sum / 2)
}

func total(bins []float64) (sum float64) {
	for _, x := range bins {
		sum += x
	}
	return sum
}
