package budget

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
)

// Why an ESOL got what it got.
const (
	Given              = "given"                // units, as often as it was drawn the best
	NotDrawn           = "not_drawn"            // others were drawn better, each time
	BelowMinimumSample = "below_minimum_sample" // fewer than 30 orders, or nothing was ever spent on it
	TooMany            = "too_many"             // beyond 200 ESOLs
	NotJudged          = "not_judged"           // there is no advice at all: Advice.Left says why
)

// Why some of the budget is left, and why there is no advice at all.
const (
	BelowHurdle = "below_hurdle" // of some units, nobody was drawn above the hurdle
	NobodyKnown = "nobody_known" // no ESOL has the minimum sample
	NoMargin    = "no_margin"
	NoBudget    = "no_budget"
)

// Share is the advice on one ESOL.
type Share struct {
	ID     string
	Minor  int64 // of the budget
	Reason string
	Orders int64 // that it rests on
	// Best is the probability that its next unit returns the most of all, before any of this budget is given. Marginal
	// is its marginal ROIMS there, the mean of the draws, and [Lo, Hi] holds 80 % of them. They mean something where the
	// reason is Given or NotDrawn.
	Best, Marginal, Lo, Hi float64
}

// Advice is the answer.
type Advice struct {
	Rule      string
	Seed      uint64
	UnitMinor int64
	Shares    []Share // of all ESOLs, by id
	LeftMinor int64
	Left      string // why; "" if nothing is left
}

// Advise answers.
func Advise(q Question) Advice {
	a := Advice{Rule: RuleVersion, Seed: hash64(q.Campaign, q.Hour), LeftMinor: max(0, q.BudgetMinor)}
	all := q.samples()
	known := enough(all)
	for _, s := range all {
		share := Share{ID: s.id, Orders: s.orders, Reason: BelowMinimumSample}
		if s.enough() {
			share.Reason = TooMany
		}
		a.Shares = append(a.Shares, share)
	}
	for _, k := range known {
		a.Shares[k].Reason = NotJudged
	}
	switch {
	case q.BudgetMinor <= 0:
		a.Left = NoBudget
	case q.MarginPPM <= 0:
		a.Left = NoMargin
	case len(known) == 0:
		a.Left = NobodyKnown
	default:
		a.divide(q, all, known)
	}
	return a
}

// enough is which samples are judged, as indexes in order; the others are below the minimum or too many.
func enough(all []sample) (known []int) {
	for i, s := range all {
		if s.enough() {
			known = append(known, i)
		}
	}
	if len(known) > esolsMax {
		slices.SortFunc(known, func(a, b int) int {
			return cmp.Or(cmp.Compare(all[b].orders, all[a].orders), strings.Compare(all[a].id, all[b].id))
		})
		known = known[:esolsMax]
		slices.Sort(known)
	}
	return known
}

// divide gives the units away.
func (a *Advice) divide(q Question, all []sample, known []int) {
	judged := make([]sample, len(known))
	streams := make([]*rand.Rand, len(known))
	for i, k := range known {
		judged[i] = all[k]
		streams[i] = rand.New(rand.NewPCG(a.Seed, hash64(all[k].id, 0)))
		a.Shares[k].Reason = NotDrawn
	}
	c, margin := fit(judged, q.Phi), float64(q.MarginPPM)/1e6
	marginal := func(i int) float64 {
		slope, s := c.draw(streams[i], i)
		spent := float64(judged[i].spent) + float64(a.Shares[known[i]].Minor)
		return float64(margin*slope)/(s+spent) - 1
	}
	a.judge(known, marginal)

	a.UnitMinor = unitOf(q)
	hurdle := float64(q.HurdlePPM) / 1e6
	left := q.BudgetMinor
	a.LeftMinor = 0
	for left > 0 {
		give := min(a.UnitMinor, left)
		left -= give
		best, most := -1, hurdle
		for i := range known {
			if m := marginal(i); m > most {
				best, most = i, m
			}
		}
		if best < 0 {
			a.LeftMinor += give
			a.Left = BelowHurdle
			continue
		}
		a.Shares[known[best]].Minor += give
		a.Shares[known[best]].Reason = Given
	}
}

// judge says what each ESOL's next unit would return, by draws of its own.
func (a *Advice) judge(known []int, marginal func(i int) float64) {
	draws := make([][]float64, len(known))
	wins := make([]int, len(known))
	for range drawsBest {
		best := 0
		for i := range known {
			m := marginal(i)
			draws[i] = append(draws[i], m)
			if m > draws[best][len(draws[best])-1] {
				best = i
			}
		}
		wins[best]++
	}
	for i, k := range known {
		share := &a.Shares[k]
		share.Best = float64(wins[i]) / drawsBest
		slices.Sort(draws[i])
		for _, m := range draws[i] {
			share.Marginal += m / drawsBest
		}
		share.Lo, share.Hi = draws[i][drawsBest/10], draws[i][drawsBest-1-drawsBest/10]
	}
}

// unitOf is the unit: a tenth of the budget where none is asked for, and never below a thousandth.
func unitOf(q Question) int64 {
	parts := int64(10)
	if q.UnitMinor > 0 {
		parts = unitsMax
	}
	least := q.BudgetMinor / parts
	if q.BudgetMinor%parts > 0 {
		least++
	}
	return max(q.UnitMinor, least)
}
