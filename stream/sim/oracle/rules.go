package oracle

import (
	"math"

	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event"
)

// Rules are the numbers of the model and the readings of what it leaves open. Start from Default.
type Rules struct {
	Lag        int64 // ms from a show's greatest event time back to its watermark
	Lateness   int64 // ms from a pane's end to the watermark that makes it final
	IdleAfter  int64 // ms of ingested time without an event after which ticks move the watermark
	IdleBehind int64 // ms that such a watermark stays behind ingested time

	HalfLife  float64 // panes; of heat
	E0        float64 // J; saturation of a head
	A0        float64 // heads at ambient
	Lurkers   float64 // weight of viewers who do nothing
	Active    int64   // panes in which an act makes a head active
	Silent    int64   // empty panes in a row after which nothing is left: no heat, no heads, viewers unknown
	CopyPanes int64   // panes in which texts are copies, the current one included
	T25, T75  float64 // reference quartiles of the gauge, J/head
	MaxCount  int64   // of a like's taps

	// Normalise makes texts equal that say the same: operators/text, which is tested on its own.
	Normalise func(string) string
	// GiftYen is the value of a gift in yen. Read as: only yen count, other currencies as nothing. Set it to the fold's
	// table to compare gifts in other currencies.
	GiftYen func(minor int64, currency string) float64
	// SaturatedV2: are the e_i of V2 what heads contribute after saturation, per head and pane, instead of what single
	// acts radiate? Read as: yes, as N_eff sets V2 beside the Q that these contributions make.
	SaturatedV2 bool
	// RetractPanes is how many panes after its comment's a retraction may be. A comment that is taken back counts among
	// the events of its kind, as it was said, and in nothing else: no heat, no head made active, no copy of another.
	RetractPanes int64
	// Branching estimates n_tot for the interval, from the number of heating acts in each pane so far. Nil:
	// FanoBranching.
	Branching func(acts []int64) float64
	// Credulous believes everybody: for closed forms, whose heads speak like clockwork.
	Credulous bool
	// Hasher makes the ids of raw events and people, which trust breaks ties by. Nil: ids are hashes already.
	Hasher *event.Hasher
	// ReturnWindow is the default time from payment to settlement, ms.
	ReturnWindow int64
}

// Default is the model as this package reads it.
func Default() Rules {
	return Rules{
		Lag: 5_000, Lateness: 30_000, IdleAfter: 10_000, IdleBehind: 15_000,
		HalfLife: 60, E0: 3, A0: 5, Lurkers: .1, Active: 300, CopyPanes: 60, T25: .3, T75: 1.5, MaxCount: 1000,
		Normalise: text.Normalise,
		GiftYen: func(minor int64, currency string) float64 {
			if currency == "JPY" {
				return float64(minor)
			}
			return 0
		},
		SaturatedV2:  true,
		RetractPanes: 10, Silent: 1800,
		Branching:    FanoBranching,
		ReturnWindow: 14 * 24 * 3600 * 1000,
	}
}

// joules are the fixed energies of MODEL §1; gifts and orders have their own formula.
var joules = map[string]float64{
	"like": .3, "comment": 1, "product_click": 1.5, "link_visit": 1.5, "inquiry": 2, "share": 3, "follow": 3,
	"coupon_claim": 3, "add_to_cart": 5, "checkout": 8, "join": .05,
}

const orderJoules, repeatOrderJoules = 12, 15

func (r *Rules) decay() float64 { return math.Exp2(-1 / r.HalfLife) }

func (r *Rules) saturated(x float64) float64 { return r.E0 * math.Log1p(x/r.E0) }

// gauge maps the reference quartiles to 25, 50 (their geometric mean) and 75.
func (r *Rules) gauge(t float64) float64 {
	if t <= 0 {
		return 0
	}
	t50, s := math.Sqrt(r.T25*r.T75), math.Log(9)/math.Log(r.T75/r.T25)
	return 100 / (1 + math.Pow(t50/t, s))
}

// FanoBranching reads n_tot from the excess of variance of counts in blocks of 32 panes, n = 1 - 1/sqrt(F), as Hardiman
// and Bouchaud do; 0 where counts vary no more than chance, at most .95.
func FanoBranching(acts []int64) float64 {
	const block, most = 32, .95
	var n, sum, squares float64
	for i := 0; i+block <= len(acts); i += block {
		var c float64
		for _, a := range acts[i : i+block] {
			c += float64(a)
		}
		n, sum, squares = n+1, sum+c, squares+c*c
	}
	if n < 2 || sum == 0 {
		return 0
	}
	mean := sum / n
	variance := (squares - sum*mean) / (n - 1)
	if variance <= mean {
		return 0
	}
	return min(most, 1-math.Sqrt(mean/variance))
}
