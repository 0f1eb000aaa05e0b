package contagion

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
)

// kernels is J: infection is a sum of J exponential delays.
const kernels = 3

// betas are their rates, 1/s: answers within a second, within some, within half a minute. A real delay is a mixture of
// them or near to one; what has a longer tail than 10 s is not seen (MODEL §3.2, S6b).
var betas = [kernels]float64{2, .5, .1}

// rhos is e^(-βΔ), what one pane leaves of a trace; gains is 1 - ρ, what one use adds to it; sames is w0, the part of
// an answer's delays that ends in the pane of what it answers.
var rhos, gains, sames = func() (r, g, s [kernels]float64) {
	for j, beta := range betas {
		r[j] = stable.Exp(-beta)
		g[j] = 1 - r[j]
		s[j] = 1 - g[j]/beta
	}
	return r, g, s
}()

// ratio turns b, the answers in later panes to one use, of which the part same of all answers falls in the use's own
// pane, into the branching ratio n: b = n(1-w0) / (1-n·w0), because who answers within the pane is answered too. slope
// is dn/db. For b near -(1-w0)/w0, which is noise of a room that nobody can judge, there is no n: ok is false.
func ratio(b, same float64) (n, slope float64, ok bool) {
	rest := 1 - same
	d := rest + float64(b*same)
	if d < .1 {
		return 0, 0, false
	}
	return b / d, rest / float64(d*d), true
}

// mixed is the part w0 of the answers that the coefficients theta make within the pane: the mean over the kernels. A
// single coefficient may be zero or negative; then it is its kernel's.
func mixed(theta []float64) float64 {
	var b, same float64
	last := kernels - 1
	for j, v := range theta {
		b += v
		same += float64(v * sames[j])
		if v != 0 {
			last = j
		}
	}
	if math.Abs(b) < 1e-12 {
		return sames[last]
	}
	return same / b
}
