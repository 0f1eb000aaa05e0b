package feed

import (
	"math"
	"slices"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// The reference quartiles of a room's temperature until one is measured: 0.3 and 1.5 J/head (MODEL §1). They map to 25
// and 75 on the gauge.
const (
	quartileLow  = 0.3
	quartileHigh = 1.5
)

// gaugeOf maps a temperature to 0..100: 100/(1+(T50/T)^s).
func gaugeOf(temperature float64) float64 {
	if temperature <= 0 {
		return 0
	}
	t50 := math.Sqrt(quartileLow * quartileHigh)
	s := math.Log(9) / math.Log(quartileHigh/quartileLow)
	return 100 / (1 + math.Pow(t50/temperature, s))
}

// rollUp takes several bodies for one. Only extensive quantities add: heat Q, capacity C, power, heads, and the sum of
// squares V2 = Q²/N_eff behind the effective acts. Temperature, gauge, interval and sufficiency are then made of the
// sums by a show's own rules. Nil where there is no heat to sum.
func rollUp(heats []*eventpb.Heat) *RollUp {
	if len(heats) == 0 {
		return nil
	}
	var q, c, power, squares, variance float64
	var heads int64
	intervals, young := true, true
	for _, h := range heats {
		q, c, power, heads = q+h.HeatJoules, c+h.CapacityHeads, power+h.PowerWatts, heads+h.ActiveHeads
		if h.EffectiveActs > 0 {
			squares += h.HeatJoules * h.HeatJoules / h.EffectiveActs
		}
		young = young && h.Insufficient == "too_young"
		sd, ok := deviation(h)
		variance += sd * sd
		intervals = intervals && ok
	}
	d := &RollUp{
		RollUp: true, Shows: len(heats), Joules: finite(q), PowerWatts: finite(power),
		ActiveHeads: heads, CapacityHeads: finite(c),
	}
	t := 0.0
	if c > 0 {
		t = q / c
	}
	d.Temperature = finite(t)
	d.Insufficient = insufficient(young, q, squares, heads)
	if d.Insufficient != nil {
		return d
	}
	d.Gauge = finite(gaugeOf(t))
	if intervals && q > 0 {
		ratio := math.Exp(1.96 * math.Sqrt(variance) / q)
		d.TemperatureLo, d.TemperatureHi = finite(t/ratio), finite(t*ratio)
		d.GaugeLo, d.GaugeHi = finite(gaugeOf(t/ratio)), finite(gaugeOf(t*ratio))
		d.Grade = gradeOf(ratio * ratio)
	}
	return d
}

// with is the funnel and one more show's, which may be nil. A show names its stages in the same order as all others; those
// that another version of the show fold does not have count as zero.
func (f *EsolFunnel) with(show *eventpb.Funnel) *EsolFunnel {
	if show == nil {
		return f
	}
	if f == nil {
		f = &EsolFunnel{}
	}
	f.Shows++
	for _, s := range show.Stages {
		at := slices.IndexFunc(f.Stages, func(have Stage) bool { return have.Name == s.Name })
		if at < 0 {
			f.Stages = append(f.Stages, stageDocument(s))
			continue
		}
		f.Stages[at].People += s.People
		f.Stages[at].Bought += s.Bought
		f.Stages[at].Trusted += s.People - s.Doubted
	}
	return f
}

// deviation is the standard deviation of Q, read back from the interval T·exp(±1.96·sd/Q); false where there is none.
func deviation(h *eventpb.Heat) (float64, bool) {
	if h.Insufficient != "" || h.Temperature <= 0 || h.TemperatureHi < h.Temperature {
		return 0, false
	}
	return h.HeatJoules * math.Log(h.TemperatureHi/h.Temperature) / 1.96, true
}

// insufficient is MODEL §1's rule: fewer than ten effective acts or three heads, or too young.
func insufficient(young bool, q, squares float64, heads int64) *string {
	switch {
	case young:
		return nonEmpty("too_young")
	case squares <= 0 || q*q/squares < 10:
		return nonEmpty("too_few_acts")
	case heads < 3:
		return nonEmpty("too_few_people")
	}
	return nil
}

// gradeOf grades an interval by hi/lo: A below 1.5, B below 2.5, else C.
func gradeOf(ratio float64) *string {
	switch {
	case ratio < 1.5:
		return nonEmpty("A")
	case ratio < 2.5:
		return nonEmpty("B")
	}
	return nonEmpty("C")
}
