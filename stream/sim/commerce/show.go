package commerce

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/netsu/netsu/operators/pacing"
)

// The law of a show. How much the rate wanders is a guess: no public data has orders by the second.
const (
	showSeconds  = 7200
	branching    = .5
	delaySeconds = 20.
	wanderSD     = .5
	ratesMedian  = 1.5 // orders a minute, lognormal(.8) over shows
	ratesSD      = .8
	targetSD     = .3 // of the logarithm of the target over what the show is expected to sell
	elapsedPart  = .4
)

// profile is how a show sells in each tenth.
var profile = pacing.SimulatedProfile

// sale is one order of a show.
type sale struct {
	second float64
	minor  int64
}

// show simulates one: its sales in order of time, and a target that does not know them. tau is the seconds until the
// wandering of the rate has forgotten 1-1/e of where it was.
func show(seed uint64, number int, tau float64) (sales []sale, targetMinor int64) {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	perSecond := ratesMedian / 60 * math.Exp(ratesSD*r.NormFloat64())
	var times []float64
	wander := wanderSD * r.NormFloat64()
	keep := math.Exp(-1 / tau)
	for t := range showSeconds {
		wander = keep*wander + wanderSD*math.Sqrt(1-keep*keep)*r.NormFloat64()
		rate := perSecond * (1 - branching) * profile[t*len(profile)/showSeconds] * math.Exp(wander-wanderSD*wanderSD/2)
		for range poisson(r, rate) {
			times = append(times, float64(t)+r.Float64())
		}
	}
	for i := 0; i < len(times); i++ { // those who follow have followers too
		for range poisson(r, branching) {
			if at := times[i] + delaySeconds*r.ExpFloat64(); at < showSeconds {
				times = append(times, at)
			}
		}
	}
	slices.Sort(times)
	for _, t := range times {
		sales = append(sales, sale{t, basket(r)})
	}
	expected := perSecond * showSeconds * meanBasket
	return sales, max(1, int64(expected*math.Exp(targetSD*r.NormFloat64())))
}
