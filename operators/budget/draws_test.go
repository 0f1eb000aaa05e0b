package budget

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestGammaHasItsMoments(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const n = 40_000
	for _, shape := range []float64{.5, 1, 3, 400} {
		var sum, squares float64
		for range n {
			x := gamma(r, shape)
			sum, squares = sum+x, squares+x*x
		}
		mean, variance := sum/n, squares/n-(sum/n)*(sum/n)
		if math.Abs(mean-shape) > 5*math.Sqrt(shape/n) || math.Abs(variance/shape-1) > .06 {
			t.Errorf("Gamma(%v): mean %v, variance %v", shape, mean, variance)
		}
	}
}

// Ten ESOLs with the same curve but for chance: the prior is as narrow as it may be. Far apart: wide.
func TestShrinkageByMoments(t *testing.T) {
	of := make([]curve, 10)
	for i := range of {
		of[i].units, of[i].sums[0] = 100+10*float64(i%3-1), 10
	}
	if shape, rate := shrinkage(of, 0); shape != shapeMax || math.Abs(shape/rate-9.9) > 1e-9 {
		t.Errorf("shape %v, mean %v", shape, shape/rate)
	}
	for i := range of {
		of[i].units = float64(40 + 120*(i%2)) // rates 4 and 16: mean 10, of chance 1, between 36-ish
	}
	between := (10*10*36 - 9*10) / 90.
	if shape, rate := shrinkage(of, 0); math.Abs(shape-100/between) > 1e-9 || math.Abs(shape/rate-10) > 1e-9 {
		t.Errorf("shape %v, mean %v", shape, shape/rate)
	}
	if shape, _ := shrinkage(of[:1], 0); shape != shapeMin {
		t.Errorf("of one ESOL nothing is known of the others: %v", shape)
	}
}
