package syncrate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netsu/netsu/operators/fade"
	"pgregory.net/rapid"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

func TestDivergenceOfKnownDistributions(t *testing.T) {
	for _, c := range []struct {
		name string
		p, q []float64
		want float64
		k    int
	}{
		{"equal", []float64{.25, .75}, []float64{.25, .75}, 0, 2},
		{"one word against two", []float64{1, 0}, []float64{.5, .5}, .311278, 2},
		{"disjoint", []float64{1, 0, 0}, []float64{0, 1, 0}, 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d, k, _ := divergence(c.p, c.q, 10, 10); !near(d, c.want, 5e-7) || k != c.k {
				t.Errorf("%v of %d words, want %v of %d", d, k, c.want, c.k)
			}
		})
	}
}

func drawShares(t *rapid.T, label string) []float64 {
	counts := rapid.SliceOfN(rapid.IntRange(0, 50), 12, 12).Draw(t, label)
	sum := 1
	for _, n := range counts {
		sum += n
	}
	p := make([]float64, len(counts)+1)
	for i, n := range counts {
		p[i] = float64(n) / float64(sum)
	}
	p[len(counts)] = 1 / float64(sum)
	return p
}

func TestDivergenceIsSymmetricAndBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := drawShares(t, "p"), drawShares(t, "q")
		d, k, v := divergence(p, q, 40, 90)
		e, l, u := divergence(q, p, 90, 40)
		if d != e || k != l || !near(v, u, 1e-15) || d < 0 || d > 1 || v < 0 {
			t.Fatal(d, e, k, l, v, u)
		}
		if same, _, _ := divergence(p, p, 40, 40); same != 0 {
			t.Fatal("not 0 from itself:", same)
		}
	})
}

// drawn is a bag of n words drawn from p.
func drawn(random *rand.Rand, p []float64, n int) *bag {
	var b bag
	for range n {
		u, slot := random.Float64(), 0
		for ; slot < len(p)-1 && u >= p[slot]; slot++ {
			u -= p[slot]
		}
		b.counts[slot]++
	}
	b.tokens.Add(int64(n), 1)
	return &b
}

// zipf gives the word of rank r, of so many, a share of 1/r^s; there are skip other words before them.
func zipf(words int, s float64, skip int) []float64 {
	p, sum := make([]float64, 120), 0.
	for i := range words {
		p[i+skip] = math.Pow(float64(i+1), -s)
		sum += p[i+skip]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// The table of MODEL §2: equal distributions of 50 words (Zipf), so that all divergence is sampling.
func TestCorrectionTakesTheBiasOfSmallSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct {
		n1, n2          int
		plain, left, by float64
	}{
		{20, 100, .364, .024, .012},
		{50, 500, .202, .018, .009},
		{100, 100, .186, .043, .02},
		{1000, 1000, .018, .002, .002},
	} {
		const reps = 300
		var plain, left float64
		for range reps {
			p, q := drawn(random, zipf(50, 1, 0), c.n1).shares(), drawn(random, zipf(50, 1, 0), c.n2).shares()
			d, k, _ := divergence(p[:], q[:], 1, 1)
			bias, _ := sampling(k, float64(c.n1), float64(c.n2))
			plain += d / reps
			left += max(0, d-bias) / reps
		}
		if !near(plain, c.plain, .02) || !near(left, c.left, c.by) {
			t.Errorf("%d and %d words: %.3f, corrected %.3f; the model has %.3f and %.3f",
				c.n1, c.n2, plain, left, c.plain, c.left)
		}
	}
}

func TestAmountOfEqualTextsComesToOneAndOfOthersToZero(t *testing.T) {
	var a, b, c bag
	for slot := range 100 {
		a.counts[slot], b.counts[slot], c.counts[slot+200] = 1e6, 1e6, 1e6
	}
	for _, x := range []*bag{&a, &b, &c} {
		x.tokens.Add(100e6, 1)
	}
	if got := amount(&a, &b, 1, NoESOLWords); got.Value != 1 || got.Lo < .999 {
		t.Errorf("equal: %+v", got)
	}
	if got := amount(&a, &c, 1, NoESOLWords); got.Value > 1e-4 || got.Hi > 1e-3 {
		t.Errorf("disjoint: %+v", got)
	}
}

func TestAmountSaysWhyItIsMissing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	big, small := drawn(random, zipf(10, 0, 0), 100), drawn(random, zipf(10, 0, 0), 29)
	for _, c := range []struct {
		name string
		a, b *bag
		w    float64
		want string
	}{
		{"no words of the ESOL", big, &bag{}, 1, NoESOLWords},
		{"29 words", big, small, 1, TooFewWords},
		{"29 words on the other side", small, big, 1, TooFewWords},
		{"all but forgotten", big, big, 7, TooFewWords},
		{"enough", big, big, 1, ""},
	} {
		if got := amount(c.a, c.b, c.w, NoESOLWords).Missing; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAmountDoesNotChangeWithScaleOrPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a, b := drawn(random, zipf(40, 0, 0), 400), drawn(random, zipf(60, 0, 0), 300)
		scale := rapid.Float64Range(.3, 20).Draw(t, "scale")
		places := random.Perm(Slots)
		scaled := func(b *bag) *bag {
			c := bag{tokens: fade.Mass{Sum: b.tokens.Sum * scale, Squares: b.tokens.Squares * scale * scale}}
			for slot, n := range b.counts {
				c.counts[places[slot]] = n * scale
			}
			return &c
		}
		x, y := amount(a, b, 1, ""), amount(scaled(a), scaled(b), scale, "")
		if !near(x.Value, y.Value, 1e-12) || !near(x.Lo, y.Lo, 1e-12) || !near(x.N, y.N, 1e-9) {
			t.Fatalf("%+v and %+v", x, y)
		}
	})
}

// The interval covers the truth about as often as it says, for texts that differ and for texts that do not.
func TestIntervalOfTheAmountCovers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		name   string
		p, q   []float64
		n1, n2 int
		least  float64
	}{
		{"equal", zipf(50, 1, 0), zipf(50, 1, 0), 100, 300, .9},
		{"half of the words", zipf(30, 0, 0), zipf(60, 0, 0), 200, 600, .9},
		{"other favourites", zipf(50, 1, 0), zipf(50, 1, 10), 300, 300, .85},
		{"nothing shared", zipf(50, 1, 0), zipf(50, 1, 50), 100, 100, .9},
	} {
		d, _, _ := divergence(c.p, c.q, 1, 1)
		const reps = 300
		in, mean := 0, 0.
		for range reps {
			got := amount(drawn(random, c.p, c.n1), drawn(random, c.q, c.n2), 1, "")
			mean += got.Value / reps
			if got.Lo <= 1-d && 1-d <= got.Hi {
				in++
			}
		}
		t.Logf("%s: the truth is %.3f, the mean %.3f, covered in %d of %d", c.name, 1-d, mean, in, reps)
		if float64(in) < reps*c.least {
			t.Errorf("%s: covered in %d of %d", c.name, in, reps)
		}
	}
}
