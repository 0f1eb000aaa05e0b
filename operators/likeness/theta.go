package likeness

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
)

// Theta is how hot audiences were, over their reference: samples of ln θ in thousandths, one every SamplePanes panes in
// which the heat was known. All are integers, so that merging is exact.
type Theta struct {
	Samples int64
	Sum     int64 // of ln θ
	Squares int64
	// Of the shows: how many have samples, and the sum and the squares of their means. ThetaOf fills them in.
	Shows, Means, MeanSquares int64
}

// SamplePanes is how far apart samples are.
const SamplePanes = 10

// memoryPanes is over how many panes heat is one sample: twice its relaxation time of 60 s / ln 2. Nearer ones say the
// same.
const memoryPanes = 174

// windowsMin is how many independent samples it takes to say how hot an ESOL's rooms are: half an hour. [JUDG]
const windowsMin = 10

const (
	thousandth = 1000
	normal95   = 1.96
)

// Add takes in a sample; θ > 0.
func (t *Theta) Add(theta float64) {
	v := int64(math.Round(float64(stable.Log(theta) * thousandth)))
	t.Samples, t.Sum, t.Squares = t.Samples+1, t.Sum+v, t.Squares+v*v
}

// ThetaOf is the Theta of one show with the samples given.
func ThetaOf(samples, sum, squares int64) Theta {
	t := Theta{Samples: samples, Sum: sum, Squares: squares}
	if samples > 0 {
		mean := int64(math.Round(float64(sum) / float64(samples)))
		t.Shows, t.Means, t.MeanSquares = 1, mean, mean*mean
	}
	return t
}

func (t *Theta) merge(o *Theta) {
	t.Samples, t.Sum, t.Squares = t.Samples+o.Samples, t.Sum+o.Sum, t.Squares+o.Squares
	t.Shows, t.Means, t.MeanSquares = t.Shows+o.Shows, t.Means+o.Means, t.MeanSquares+o.MeanSquares
}

// windows is how many independent samples there are.
func (t *Theta) windows() float64 { return float64(t.Samples*SamplePanes) / memoryPanes }

// log is ln θ and its standard error; false where it is not known. The error is the larger of two that neither knows
// all: what is seen from window to window over the root of the windows, which takes the shows for one, and what is seen
// from show to show over the root of the shows, which has few to go by.
func (t *Theta) log() (mean, se float64, ok bool) {
	w := t.windows()
	if w < windowsMin {
		return 0, 0, false
	}
	se = errorOf(t.Samples, t.Sum, t.Squares, w)
	if t.Shows > 1 {
		se = max(se, errorOf(t.Shows, t.Means, t.MeanSquares, float64(t.Shows)))
	}
	return float64(t.Sum) / float64(t.Samples) / thousandth, se / thousandth, true
}

// errorOf is the standard error of a mean of n values that are worth independent ones.
func errorOf(n, sum, squares int64, independent float64) float64 {
	mean := float64(sum) / float64(n)
	variance := max(0, float64(squares)/float64(n)-float64(mean*mean))
	return math.Sqrt(variance / (independent - 1))
}

// Interval is θ with its 95 % interval; false where it is not known.
func (t *Theta) Interval() (mean, lo, hi float64, ok bool) {
	l, se, ok := t.log()
	if !ok {
		return 0, 0, 0, false
	}
	mean, spread := stable.Exp(l), stable.Exp(float64(normal95*se))
	return mean, mean / spread, float64(mean * spread), true
}
