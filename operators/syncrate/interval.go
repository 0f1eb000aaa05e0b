package syncrate

import "math"

// z is the normal quantile of two-sided 95%.
const z = 1.959963984540054

// wilson is the interval of a share of k out of n (Wilson 1927). It is used where MODEL §2 says "exact": what is
// counted here are effective numbers, faded and not whole, so that Clopper–Pearson has no exactness to offer; it would
// be wider than it says and need an incomplete beta function in the fold. k and n may be any real numbers, 0 ≤ k ≤ n.
func wilson(k, n float64) (lo, hi float64) {
	if n <= 0 {
		return 0, 1
	}
	p, zz := k/n, float64(z*z)
	middle := (p + zz/(2*n)) / (1 + zz/n)
	half := float64(z / (1 + zz/n) * math.Sqrt(float64(p*(1-p))/n+float64(zz/n/n/4)))
	return max(middle-half, 0), min(middle+half, 1)
}

// newcombe is the interval of p1 - p2 from those of either (Newcombe 1998, method 10).
func newcombe(p1, n1, p2, n2 float64) (lo, hi float64) {
	lo1, hi1 := wilson(float64(p1*n1), n1)
	lo2, hi2 := wilson(float64(p2*n2), n2)
	return p1 - p2 - hypot(p1-lo1, hi2-p2), p1 - p2 + hypot(hi1-p1, p2-lo2)
}

func hypot(a, b float64) float64 { return math.Sqrt(float64(a*a) + float64(b*b)) }

func clamp(x float64) float64 { return min(max(x, 0), 1) }
