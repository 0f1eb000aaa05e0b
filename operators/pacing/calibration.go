package pacing

import (
	"cmp"
	"slices"
)

// Calibration maps a probability that the model said to how often it came true. Immutable once made.
type Calibration struct {
	Version string
	Source  string // what it was fitted on, in words
	Steps   []Step // by Said, Happens never falling
	// BandLo and BandHi are the ends of the 80 % band, in standard deviations of the model from its mean: the tenth and
	// ninetieth percentiles of past Scores. Both zero: the normal's ∓1.28.
	BandLo, BandHi float64
}

// Step is a point of the map. Between two it is a line, outside them flat: so it never says 0 or 1.
type Step struct {
	Said, Happens float64
	N             int64 // forecasts that it rests on
}

// Outcome is one forecast of the past.
type Outcome struct {
	Said  float64 // View.RawP
	Hit   bool
	Score float64 // View.Score of what was sold at last
}

// binEnds are of the bins of Said before neighbours are pooled [JUDG]: finer where the model is nearly sure, as there it
// is worst.
var binEnds = [...]float64{.0001, .001, .005, .01, .025, .05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7,
	.75, .8, .85, .9, .95, .975, .99, .995, .999, .9999, 1}

// Fit pools adjacent violators (isotonic regression: Ayer et al. 1955) over 30 bins, each with half a hit and half
// a miss added, so that a bin where all came true does not promise it. The order of the outcomes makes no difference.
func Fit(version, source string, outcomes []Outcome) *Calibration {
	var bins [len(binEnds)]block
	sorted := slices.SortedFunc(slices.Values(outcomes), func(a, b Outcome) int { return cmp.Compare(a.Said, b.Said) })
	for _, o := range sorted {
		if !(o.Said >= 0 && o.Said <= 1) {
			continue
		}
		i, _ := slices.BinarySearch(binEnds[:], o.Said)
		b := &bins[i]
		b.n++
		b.said += o.Said
		if o.Hit {
			b.hits++
		}
	}
	var pooled []block
	for _, b := range bins {
		if b.n == 0 {
			continue
		}
		b.weight, b.hits = float64(b.n)+1, b.hits+.5
		pooled = append(pooled, b)
		for n := len(pooled); n > 1 && pooled[n-2].happens() >= pooled[n-1].happens(); n = len(pooled) {
			pooled[n-2].add(pooled[n-1])
			pooled = pooled[:n-1]
		}
	}
	c := &Calibration{Version: version, Source: source}
	for _, b := range pooled {
		c.Steps = append(c.Steps, Step{b.said / float64(b.n), b.happens(), b.n})
	}
	c.BandLo, c.BandHi = tenths(outcomes)
	return c
}

// tenths are the tenth and ninetieth percentiles of the scores; zeros of fewer than 100.
func tenths(outcomes []Outcome) (lo, hi float64) {
	scores := make([]float64, 0, len(outcomes))
	for _, o := range outcomes {
		if o.Score == o.Score {
			scores = append(scores, o.Score)
		}
	}
	n := len(scores)
	if n < 100 {
		return 0, 0
	}
	slices.Sort(scores)
	return scores[n/10], scores[n-1-n/10]
}

// Apply is what p means. Without steps it is p.
func (c *Calibration) Apply(p float64) float64 {
	n := len(c.Steps)
	switch {
	case n == 0:
		return p
	case !(p > c.Steps[0].Said):
		return c.Steps[0].Happens
	case p >= c.Steps[n-1].Said:
		return c.Steps[n-1].Happens
	}
	i, _ := slices.BinarySearchFunc(c.Steps, p, func(s Step, p float64) int { return cmp.Compare(s.Said, p) })
	a, b := c.Steps[i-1], c.Steps[i]
	return a.Happens + float64((b.Happens-a.Happens)*((p-a.Said)/(b.Said-a.Said)))
}

type block struct {
	n                  int64
	said, hits, weight float64 // sums; weight is n and the pseudo-counts
}

func (b block) happens() float64 { return b.hits / b.weight }

func (b *block) add(o block) {
	b.n, b.said, b.hits, b.weight = b.n+o.n, b.said+o.said, b.hits+o.hits, b.weight+o.weight
}
