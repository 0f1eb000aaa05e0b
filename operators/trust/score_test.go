package trust_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/trust"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s: %.6f, want %.6f", what, got, want)
	}
}

// Weights of single features and of their sums, by hand: 1/(1+e^(-3.9+Σ)).
func TestScoreInClosedForm(t *testing.T) {
	for _, c := range []struct {
		name string
		r    trust.Features
		want float64
	}{
		{"nothing", trust.Features{}, .980160},
		{"dup", trust.Features{Dup: 1}, .916827},
		{"half a dup", trust.Features{Dup: .5}, .958909},
		{"reg", trust.Features{Reg: 1}, .802184},
		{"new", trust.Features{New: 1}, .947846},
		{"refund", trust.Features{Refund: 1}, .710950},
		{"view", trust.Features{View: 1}, .802184},
		{"lock", trust.Features{Lock: 1}, .475021},
		{"lock and dup see the same", trust.Features{Lock: 1, Dup: 1}, .475021},
		{"dup and reg", trust.Features{Dup: 1, Reg: 1}, .475021},
		{"dup, reg and new", trust.Features{Dup: 1, Reg: 1, New: 1}, .249740},
		{"everything is the floor", trust.Features{1, 1, 1, 1, 1, 1}, .05},
		{"beyond 1 is 1, below 0 is 0", trust.Features{Dup: 9, Reg: -9, New: math.NaN()}, .916827},
	} {
		near(t, c.name, trust.Score(c.r), c.want, 1e-6)
	}
	if trust.Default != trust.Score(trust.Features{}) {
		t.Error("Default is not the score of nothing")
	}
}

func TestScoreFallsInEveryFeature(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(0, 1), 6, 6).Draw(t, "r")
		i := rapid.IntRange(0, 5).Draw(t, "which")
		before := trust.Score(trust.Features{x[0], x[1], x[2], x[3], x[4], x[5]})
		x[i] = rapid.Float64Range(x[i], 1).Draw(t, "more")
		after := trust.Score(trust.Features{x[0], x[1], x[2], x[3], x[4], x[5]})
		if after > before+1e-15 || after < .05 || before > trust.Default {
			t.Fatalf("%v → %v", before, after)
		}
	})
}

func TestVariation(t *testing.T) {
	if cv, ok := trust.Variation([]uint32{1000, 1000, 1000}); cv != 0 || !ok {
		t.Errorf("a clock: %v, %v", cv, ok)
	}
	cv, _ := trust.Variation([]uint32{1, 2, 3}) // sd 1, mean 2
	near(t, "1, 2, 3", cv, .5, 1e-15)
	if _, ok := trust.Variation(make([]uint32, 20)); ok {
		t.Error("no time at all is a rhythm")
	}
	for cv, want := range map[float64]float64{0: 1, .2: 1, .375: .5, .55: 0, 2: 0} {
		near(t, "regularity", trust.Regularity(cv), want, 1e-12)
	}
}

// The table of MODEL §4: quantiles of the CV of 20 gaps, 20,000 draws. It has .55 and .56 for people; 200,000 draws
// give .521 and .578 (with n instead of n-1: .508 and .563).
func TestVariationOfPeopleAndTimers(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for _, c := range []struct {
		name     string
		quantile float64
		want     float64
		within   float64
		gap      func() float64
	}{
		{"Poisson, .1 %", .001, .521, .02, func() float64 { return rng.ExpFloat64() }},
		{"lognormal 1.2, .1 %", .001, .578, .03, func() float64 { return math.Exp(1.2 * rng.NormFloat64()) }},
		{"timer with 10 % jitter, 99 %", .99, .14, .01, func() float64 { return 1 + .1*rng.NormFloat64() }},
		{"timer with 30 % jitter, 99 %", .99, .43, .02, func() float64 { return max(0, 1+.3*rng.NormFloat64()) }},
	} {
		var all []float64
		for range 20_000 {
			gaps := make([]uint32, 20)
			for i := range gaps {
				gaps[i] = uint32(10_000 * c.gap())
			}
			cv, _ := trust.Variation(gaps)
			all = append(all, cv)
		}
		slices.Sort(all)
		near(t, c.name, all[int(c.quantile*float64(len(all)))], c.want, c.within)
	}
}

// P(p > ½ | Beta(1+r, 9+o-r)) = P(Binomial(9+o, ½) ≤ r), by hand.
func TestRefunding(t *testing.T) {
	for _, c := range []struct {
		orders, refunds int64
		want            float64
	}{
		{0, 0, 0}, {1, 1, 0}, {100, 1, 0},
		{2, 2, 67. / 2048}, // 1 + 11 + 55 of 2^11
		{3, 3, 299. / 4096},
		{40, 40, 1}, {1000, 100, 0}, {3_000_000, 3_000_000, 1}, {2, 9, 67. / 2048},
	} {
		near(t, "refunding", trust.Refunding(c.orders, c.refunds), c.want, 1e-6)
	}
}

func TestViewing(t *testing.T) {
	near(t, "half of it", trust.Viewing([]float64{1, 0}, []float64{.5, .5}), .311278, 1e-6)
	near(t, "disjoint", trust.Viewing([]float64{3, 0}, []float64{0, 7}), 1, 1e-12)
	near(t, "the same shape", trust.Viewing([]float64{2, 4}, []float64{1, 2}), 0, 1e-12)
	near(t, "nothing known", trust.Viewing([]float64{2, 4}, []float64{0, 0}), 0, 0)
	near(t, "other bins", trust.Viewing([]float64{2, 4}, []float64{1}), 0, 0)
}

func TestLockstep(t *testing.T) {
	a, b, back := trust.NewSignature(), trust.NewSignature(), trust.NewSignature()
	for i := range uint64(300) { // 200 in common of 400
		a.Add(i)
		b.Add(i + 100)
		back.Add(299 - i)
	}
	near(t, "jaccard", trust.Jaccard(a, b), .5, 3./16)
	if *a != *back || trust.Jaccard(a, back) != 1 {
		t.Error("the order of a set matters")
	}
	near(t, "empty sets", trust.Jaccard(trust.NewSignature(), trust.NewSignature()), 0, 0)
	for _, c := range []struct {
		j              float64
		matches, shows int
		want           float64
	}{{.8, 10, 3, .8}, {.5, 10, 3, .5}, {.49, 10, 3, 0}, {.8, 9, 3, 0}, {.8, 10, 2, 0}, {math.NaN(), 99, 9, 0}} {
		near(t, "lock", trust.Lockstep(c.j, c.matches, c.shows), c.want, 0)
	}
}
