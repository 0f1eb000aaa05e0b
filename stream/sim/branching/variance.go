package branching

import "math"

// HardimanBouchaud is n = 1 - sqrt(mean/var) of the counts in windows of that many seconds; NaN of fewer than two.
func HardimanBouchaud(times []float64, seconds, window float64) float64 {
	counts := make([]float64, int(seconds/window))
	for _, t := range times {
		if i := int(t / window); i < len(counts) {
			counts[i]++
		}
	}
	var sum, squares float64
	for _, c := range counts {
		sum += c
	}
	mean := sum / float64(len(counts))
	for _, c := range counts {
		squares += (c - mean) * (c - mean)
	}
	variance := squares / float64(len(counts)-1)
	if !(variance > 0) {
		return math.NaN()
	}
	return 1 - math.Sqrt(mean/variance)
}

// Fano is the variance over the mean that the counts in windows of w seconds have in a stationary Hawkes process with
// an exponential kernel. It grows to 1/(1-n)², so that HardimanBouchaud gives 1 - 1/sqrt(Fano) < n: its bias is
// structural.
func Fano(n, beta, w float64) float64 {
	x := beta * (1 - n) * w
	return 1 + (math.Pow(1-n, -2)-1)*(1-(1-math.Exp(-x))/x)
}
