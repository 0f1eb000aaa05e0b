package trust

import "github.com/netsu/netsu/operators/stable"

// Features is what is held against somebody, each in [0,1]. What is not judged is 0.
type Features struct {
	Dup    float64 // says what many others say at the same time
	Reg    float64 // comes like a timer
	New    float64 // the account is younger than a day
	Lock   float64 // does the same at the same seconds as another account, in several shows
	Refund float64 // buys and sends back
	View   float64 // comes and stays with a crowd that no show has
}

// Log-odds of the features and of a bot in general (2 %). [JUDG], MODEL §4: no labels were at hand.
const (
	prior      = -3.9
	dupOdds    = 1.5
	regOdds    = 2.5
	lockOdds   = 4
	refundOdds = 3
	viewOdds   = 2.5
	newOdds    = 1
)

const (
	minWeight = .05
	// SuspectBelow is the weight under which somebody is a suspect.
	SuspectBelow = .5
)

// Default is the weight of whom nothing is held against.
var Default = Score(Features{})

// Score is w = max(.05, 1-σ(-3.9 + Σ b·r)) (MODEL §4). Of dup and lock, which see the same thing, only the stronger
// counts. Values outside [0,1] count as the nearest in it.
func Score(r Features) float64 {
	z := max(float64(dupOdds*unit(r.Dup)), float64(lockOdds*unit(r.Lock)))
	z += float64(regOdds * unit(r.Reg))
	z += float64(refundOdds * unit(r.Refund))
	z += float64(viewOdds * unit(r.View))
	z += float64(newOdds * unit(r.New))
	return max(minWeight, 1/(1+stable.Exp(prior+z)))
}

// unit clips to [0,1]; NaN is 0.
func unit(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}
