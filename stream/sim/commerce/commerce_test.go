package commerce

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// MODEL §5 has .92 for 30 orders and .94 for 100; 600 trials have a standard error of .01.
func TestTheIntervalOfROIMSHolds(t *testing.T) {
	p := CoveragePlan{Orders: []int{30, 100}, Reps: 600, Seed: 3}
	table, err := RunCoverage(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	at := map[[2]int]Coverage{}
	for _, c := range table {
		at[[2]int{c.Orders, int(c.Dispersion)}] = c
	}
	few, many, flocks := at[[2]int{30, 1}], at[[2]int{100, 1}], at[[2]int{100, 4}]
	if few.LogDelta < .88 || many.LogDelta < .91 || many.LogDelta > .965 {
		t.Errorf("log-delta holds in %.3f (30 orders) and %.3f (100)", few.LogDelta, many.LogDelta)
	}
	if few.LogDelta <= few.Normal || few.LogDelta <= few.Bootstrap {
		t.Errorf("log-delta is chosen because it is the best of three at few orders: %+v", few)
	}
	if flocks.LogDelta > .87 || flocks.Dispersed < .95 {
		t.Errorf("orders in flocks need their dispersion: %+v", flocks)
	}
}

func TestCalibrationIsWorthIt(t *testing.T) {
	p := PacePlan{Shows: 1000, Seed: 11, Wander: 300e9}
	r, err := RunPace(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if r.Raw.Brier > r.Poisson.Brier-.005 || r.Calibrated.Brier > r.Raw.Brier-.002 || r.Shipped.Brier > r.Raw.Brier-.002 {
		t.Errorf("Brier: Poisson %.4f, raw %.4f, calibrated %.4f, as shipped %.4f", r.Poisson.Brier, r.Raw.Brier,
			r.Calibrated.Brier, r.Shipped.Brier)
	}
	for i, b := range r.Shipped.Bins {
		if se := math.Sqrt(.25 / float64(b.N)); math.Abs(b.Said-b.Happens) > .05+2*se {
			t.Errorf("as shipped, fifth %d says %.2f and it happens %.2f (%d shows)", i, b.Said, b.Happens, b.N)
		}
	}
	if r.Banded < .76 || r.Banded > .84 || r.BandedRaw > .75 {
		t.Errorf("the 80 %% band holds in %.3f, raw %.3f", r.Banded, r.BandedRaw)
	}
	if r.Insufficient > p.Shows/10 {
		t.Errorf("%d of the shows are not judged", r.Insufficient)
	}
}

func TestTheSamePlanPrintsTheSame(t *testing.T) {
	var prints [2]bytes.Buffer
	for i := range prints {
		c := CoveragePlan{Orders: []int{5}, Reps: 20, Seed: 1}
		table, err := RunCoverage(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		p := PacePlan{Shows: 30, Seed: 1, Wander: 60e9}
		r, err2 := RunPace(t.Context(), p)
		if err2 != nil {
			t.Fatal(err2)
		}
		if err := PrintCoverage(&prints[i], c, table); err != nil {
			t.Fatal(err)
		}
		if err := PrintPace(&prints[i], p, r); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(prints[0].Bytes(), prints[1].Bytes()) {
		t.Errorf("%s\n%s", prints[0].String(), prints[1].String())
	}
}

// What is drawn has the moments that the truth is computed from.
func TestDraws(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const n = 20_000
	for name, c := range map[string]struct {
		draw           func() float64
		mean, variance float64
	}{
		"poisson .3":  {func() float64 { return float64(poisson(r, .3)) }, .3, .3},
		"poisson 600": {func() float64 { return float64(poisson(r, 600)) }, 600, 600},
		"gamma 2.5":   {func() float64 { return gamma(r, 2.5) }, 2.5, 2.5},
		"gamma .5":    {func() float64 { return gamma(r, .5) }, .5, .5},
		"in flocks of 4": {func() float64 {
			_, sum := sell(r, 50, 4)
			return float64(sum.N)
		}, 50, 200},
	} {
		var sum, squares float64
		for range n {
			x := c.draw()
			sum, squares = sum+x, squares+x*x
		}
		mean := sum / n
		variance := squares/n - mean*mean
		if math.Abs(mean-c.mean) > 5*math.Sqrt(c.variance/n) || math.Abs(variance/c.variance-1) > .08 {
			t.Errorf("%s: mean %.3f, variance %.3f; want %g, %g", name, mean, variance, c.mean, c.variance)
		}
	}
}

// Half of the orders have a parent, so that a show sells what is expected of it.
func TestAShowSellsWhatIsExpected(t *testing.T) {
	var sold, expected float64
	for i := range 400 {
		sales, target := show(5, i, 300)
		for j, s := range sales {
			if s.second < 0 || s.second >= showSeconds || j > 0 && s.second < sales[j-1].second {
				t.Fatalf("sale %d at %v", j, s.second)
			}
			sold += float64(s.minor)
		}
		expected += float64(target) * math.Exp(-targetSD*targetSD/2) // the target's mean is that much above
	}
	if ratio := sold / expected; ratio < .88 || ratio > 1.08 { // followers after the end are lost
		t.Errorf("sold %.3f of what is expected", ratio)
	}
}
