package pacing

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event"
)

// Why there is no probability.
const (
	NoCommitment = "no_commitment"  // there is nothing to reach
	NoSchedule   = "no_schedule"    // no show of the campaign, or one whose end is open
	TooFewOrders = "too_few_orders" // below 10 [JUDG]
	TooEarly     = "too_early"      // below 5 % of all exposure [JUDG]
)

const (
	ordersMin  = 10
	elapsedMin = .05

	fanoWeight = .25
	phiPrior   = 6.0

	priorOrders = .5 // in no time: what is known before the first order [JUDG]

	z80 = 1.2815515655446004 // a tenth of the standard normal is above
)

// Plan is what is known beforehand.
type Plan struct {
	TargetMinor int64
	Shows       []Show
	Profile     Profile
	Phi         float64      // of the category; 0: from the orders so far
	Calibration *Calibration // nil: P is the raw model's
}

// View is how it stands.
type View struct {
	TargetMinor, CurrentMinor int64
	Orders                    int64
	Hit                       bool // current has reached target; refunds may yet take it back
	// ElapsedSeconds and LeftSeconds are exposure.
	ElapsedSeconds, LeftSeconds float64
	// RunRate and NeededRate are minor units per hour of exposure: so far, and from now on to reach the target exactly.
	// NeededRate is 0 after a hit, and +Inf where no time is left.
	RunRate, NeededRate float64
	Phi                 float64

	// P is the probability of the target being reached, calibrated; RawP is the model's own. Final is the mean of final
	// GMV, and [FinalLo, FinalHi] holds it with 80 %, calibrated too, in minor units. All mean nothing if Insufficient.
	P, RawP                 float64
	Final, FinalLo, FinalHi float64
	Calibration             string // version of the table; "" for raw
	Insufficient            string

	logMean, logSD float64 // of what is yet to be sold, lognormal
}

// Score is where final GMV came out, in standard deviations of the model from its mean, on the logarithm of what was yet
// to be sold: for Fit. NaN where there was no forecast, or less than nothing was sold.
func (v View) Score(finalMinor int64) float64 {
	if !(v.logSD > 0) {
		return math.NaN()
	}
	return (stable.Log(float64(finalMinor-v.CurrentMinor)) - v.logMean) / v.logSD
}

// View judges the state at a time: that up to which all orders are known.
func (s *State) View(p Plan, nowMS int64) View {
	v := View{TargetMinor: p.TargetMinor, CurrentMinor: s.Sum.Minor, Orders: s.Sum.N}
	v.Hit = p.TargetMinor > 0 && v.CurrentMinor >= p.TargetMinor
	if !closed(p.Shows) {
		v.Insufficient = NoSchedule
		return v
	}
	v.ElapsedSeconds = exposure(p.Shows, p.Profile, math.MinInt64, nowMS)
	v.LeftSeconds = exposure(p.Shows, p.Profile, nowMS, math.MaxInt64)
	v.Phi = s.Phi(p, nowMS)
	v.rates()
	switch {
	case p.TargetMinor <= 0:
		v.Insufficient = NoCommitment
	case v.LeftSeconds <= 0:
		v.over()
	case s.Sum.N < ordersMin:
		v.Insufficient = TooFewOrders
	case v.ElapsedSeconds < float64(elapsedMin*(v.ElapsedSeconds+v.LeftSeconds)):
		v.Insufficient = TooEarly
	default:
		s.foresee(p, &v)
	}
	return v
}

// Phi is how over-dispersed orders come: max(1, .25·Fano + .75·6), with Fano the Pearson dispersion of the orders in the
// whole slots on the air so far, given the profile. Without two such slots, 6.
func (s *State) Phi(p Plan, nowMS int64) float64 {
	if p.Phi > 0 {
		return max(1, p.Phi)
	}
	if !closed(p.Shows) {
		return phiPrior
	}
	fano, ok := s.fano(p, nowMS)
	if !ok {
		return phiPrior
	}
	return max(1, float64(fanoWeight*fano)+float64((1-fanoWeight)*phiPrior))
}

// fano walks the slots that lie in one show and are over, as far as they are counted.
func (s *State) fano(p Plan, nowMS int64) (fano float64, ok bool) {
	type cell struct{ n, exposure float64 }
	var cells []cell
	var orders, all float64
	next := 0
	for _, show := range p.Shows {
		first := event.FloorDiv(show.StartMS+slotMS-1, slotMS)
		for k := first; (k+1)*slotMS <= min(show.EndMS, nowMS) && len(cells) < slotsMax && !(s.full && k >= s.end); k++ {
			c := cell{exposure: exposure([]Show{show}, p.Profile, k*slotMS, (k+1)*slotMS)}
			for next > 0 && s.slots[next-1].number >= k {
				next--
			}
			for next < len(s.slots) && s.slots[next].number < k {
				next++
			}
			if next < len(s.slots) && s.slots[next].number == k {
				c.n = float64(s.slots[next].n)
			}
			cells = append(cells, c)
			orders, all = orders+c.n, all+c.exposure
		}
	}
	if len(cells) < 2 || !(orders > 0 && all > 0) {
		return 0, false
	}
	for _, c := range cells {
		if want := orders * c.exposure / all; want > 0 {
			off := c.n - want
			fano += float64(off*off) / want
		}
	}
	return fano / float64(len(cells)-1), true
}

// rates are in minor units per hour of exposure.
func (v *View) rates() {
	if v.ElapsedSeconds > 0 {
		v.RunRate = float64(v.CurrentMinor) / v.ElapsedSeconds * 3600
	}
	if v.TargetMinor > 0 && !v.Hit {
		v.NeededRate = float64(v.TargetMinor-v.CurrentMinor) / v.LeftSeconds * 3600
	}
}

// over is a campaign whose last show has ended: nothing is uncertain but refunds.
func (v *View) over() {
	if v.Hit {
		v.P, v.RawP = 1, 1
	}
	v.Final = float64(v.CurrentMinor)
	v.FinalLo, v.FinalHi = v.Final, v.Final
}

// foresee is the lognormal match of doc.go.
func (s *State) foresee(p Plan, v *View) {
	shape, rate := priorOrders+float64(s.Sum.N)/v.Phi, v.ElapsedSeconds/v.Phi
	orders := float64(v.LeftSeconds*shape) / rate
	lambdaVar := shape / float64(rate*rate)
	ordersVar := float64(v.Phi*orders) + float64(float64(v.LeftSeconds*v.LeftSeconds)*lambdaVar)
	m, s2 := s.Sum.Mean(), s.Sum.Variance()
	mean := float64(orders * m)
	variance := float64(orders*s2) + float64(float64(m*m)*ordersVar) +
		float64(float64(orders*orders)*s2)/float64(s.Sum.N)
	current := float64(v.CurrentMinor)
	v.Final = current + mean
	if !(mean > 0) { // more refunded than sold: nothing lognormal about it
		v.FinalLo, v.FinalHi = v.Final, v.Final
		v.Insufficient = TooFewOrders
		return
	}
	sigma2 := stable.Log(1 + variance/float64(mean*mean))
	mu, sigma := stable.Log(mean)-float64(.5*sigma2), math.Sqrt(sigma2)
	v.logMean, v.logSD = mu, sigma
	calibration := p.Calibration
	if calibration == nil {
		calibration = &Calibration{}
	}
	v.Calibration = calibration.Version
	lo, hi := calibration.BandLo, calibration.BandHi
	if lo == 0 && hi == 0 {
		lo, hi = -z80, z80
	}
	v.FinalLo = current + stable.Exp(mu+float64(lo*sigma))
	v.FinalHi = current + stable.Exp(mu+float64(hi*sigma))
	if v.Hit {
		v.P, v.RawP = 1, 1
		return
	}
	v.RawP = stable.Normal((mu - stable.Log(float64(p.TargetMinor-v.CurrentMinor))) / sigma)
	v.P = calibration.Apply(v.RawP)
}

// closed tells whether there are shows, and all have an end after their start.
func closed(shows []Show) bool {
	for _, s := range shows {
		if s.EndMS <= s.StartMS {
			return false
		}
	}
	return len(shows) > 0
}
