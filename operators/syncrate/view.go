package syncrate

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
)

// Component is one of the ways to be in step: 0 is chance, 1 complete; Lo and Hi are an interval of 95%. N is how many
// it rests on: effective words, uses, or people. Where Missing has a reason the numbers are 0 and mean nothing.
type Component struct {
	Value, Lo, Hi float64
	N             float64
	Missing       string
}

// Reasons why a number is missing.
const (
	TooFewWords      = "too_few_words"
	NoESOLWords      = "no_esol_words" // she said none, or for the echo none that could be watched for 60 s either way
	NoBrandWords     = "no_brand_words"
	NoCalls          = "no_calls"
	NoQuietBefore    = "no_quiet_before" // a call had no 20 s before it that no other call reaches into
	TooFewPeople     = "too_few_people"
	NoPossessions    = "no_possessions"
	TooFewComponents = "too_few_components"
)

// What the components weigh, and what stands for 0 in logarithms. [JUDG]
const (
	amountWeight     = .20
	echoWeight       = .20
	actionWeight     = .35
	possessionWeight = .25
	least            = .02
	componentsMin    = 2
)

// View is the sync rate of a show after its last pane.
type View struct {
	Amount, Echo, Action, Possession Component
	// Sync is in [2, 100], with an interval of 95%; 0 where Insufficient has a reason. Used and Missing name the
	// components that are in it and that are not.
	Sync, SyncLo, SyncHi float64
	Used, Missing        []string
	Insufficient         string

	// How much audience and ESOL speak as the brand does. Not in Sync.
	AudienceBrand, ESOLBrand Component

	// EchoLatencySeconds is the median time from a mention to a person's first use that it caused; NaN if unknown.
	EchoLatencySeconds float64
	Calls              []CallView // the last eight that are over, oldest first
}

// CallView is what came of a call to action in the 20 s after it.
type CallView struct {
	ID                         uint64
	Action                     uint8
	Pane                       int64
	People, Active             int64   // who followed, of who was there
	Uplift, UpliftLo, UpliftHi float64 // beyond what was done anyway, as a share of what could be
	Concentration              float64 // how close together, 0 is chance
	Sync, SyncLo, SyncHi       float64
	Missing                    string
}

// View is the sync rate as of the last pane.
func (s *State) View() View {
	w := halfLife.Weight(s.pane)
	v := View{
		Amount:             amount(&s.bags[audience], &s.bags[esol], w, NoESOLWords),
		Echo:               s.echo.component(w),
		Action:             s.calls.component(s.pane),
		Possession:         s.possession.component(),
		AudienceBrand:      amount(&s.bags[audience], &s.bags[brand], w, NoBrandWords),
		ESOLBrand:          amount(&s.bags[esol], &s.bags[brand], w, NoBrandWords),
		EchoLatencySeconds: s.echo.latency(w),
		Calls:              s.calls.views(),
	}
	v.combine()
	return v
}

// combine is the weighted geometric mean of what is there: the same words and acts and things, so that one cannot buy
// the lack of another. Intervals join in logarithms, each side by itself.
func (v *View) combine() {
	parts := []struct {
		name   string
		weight float64
		c      *Component
	}{
		{"amount", amountWeight, &v.Amount},
		{"echo", echoWeight, &v.Echo},
		{"action", actionWeight, &v.Action},
		{"possession", possessionWeight, &v.Possession},
	}
	var weight, mean, down, up float64
	for _, p := range parts {
		if p.c.Missing != "" {
			v.Missing = append(v.Missing, p.name)
			continue
		}
		v.Used = append(v.Used, p.name)
		l := stable.Log(max(p.c.Value, least))
		below := float64(p.weight * (l - stable.Log(max(p.c.Lo, least))))
		above := float64(p.weight * (stable.Log(max(p.c.Hi, least)) - l))
		weight += p.weight
		mean += float64(p.weight * l)
		down += float64(below * below)
		up += float64(above * above)
	}
	if len(v.Used) < componentsMin {
		v.Insufficient = TooFewComponents
		return
	}
	mean /= weight
	v.Sync = 100 * stable.Exp(min(mean, 0))
	v.SyncLo = 100 * stable.Exp(mean-math.Sqrt(down)/weight)
	v.SyncHi = 100 * stable.Exp(min(mean+math.Sqrt(up)/weight, 0))
}
