package likeness_test

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators/likeness"
	"github.com/netsu/netsu/stream/event"
	"pgregory.net/rapid"
)

func personOf(n uint64) event.ID { return event.ID{Hi: n, Lo: ^n} }

// drawShow draws a profile of one show of the ESOL.
func drawShow(t *rapid.T, esol string) *likeness.Profile {
	count := rapid.Int64Range(0, 1000)
	p := &likeness.Profile{
		Esol: esol, Name: rapid.SampledFrom([]string{"", "Hanako", "花子"}).Draw(t, "name"),
		Pane: rapid.Int64Range(0, 3).Draw(t, "pane"), Shows: 1, Microjoules: count.Draw(t, "heat"),
	}
	for _, list := range [][]int64{p.Words[:], p.Prices[:], p.Hours[:]} {
		for i := range list {
			list[i] = count.Draw(t, "count")
		}
	}
	var named []likeness.Named
	for range rapid.IntRange(0, 6).Draw(t, "named") {
		id := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id")
		dim := likeness.CategoryDim(id)
		if rapid.Bool().Draw(t, "interest") {
			dim = likeness.InterestDim(id)
		}
		named = append(named, likeness.Named{
			Dim: dim, ID: id, Name: rapid.SampledFrom([]string{"A", "B"}).Draw(t, "its name"),
			Amount: count.Draw(t, "amount"),
		})
	}
	p.Named = likeness.Collect(named)
	for n := range rapid.Uint64Range(50, 400).Draw(t, "people") {
		p.People.Add(personOf(n + 100*rapid.Uint64Range(0, 3).Draw(t, "from")))
		p.Largest++
	}
	for range rapid.IntRange(150, 160).Draw(t, "samples") {
		p.Theta.Add(rapid.Float64Range(.8, 1.2).Draw(t, "theta"))
	}
	p.Theta = likeness.ThetaOf(p.Theta.Samples, p.Theta.Sum, p.Theta.Squares)
	return p
}

func merged(all ...*likeness.Profile) *likeness.Profile {
	m := &likeness.Profile{}
	for _, p := range all {
		m.Merge(p)
	}
	return m
}

func TestMerging(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := drawShow(t, "e"), drawShow(t, "e"), drawShow(t, "e")
		want := merged(a, b, c)
		for _, got := range []*likeness.Profile{
			merged(c, a, b), merged(b, c, a), merged(merged(a, b), c),
			merged(a, merged(b, c)), merged(want, &likeness.Profile{}),
		} {
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("the order of merging shows:\n%+v\n%+v", got, want)
			}
		}
		again := merged(a, a)
		if again.People != a.People || again.Largest != a.Largest || again.Pane != a.Pane || again.Name != a.Name {
			t.Fatal("minima and maxima care how often they are merged")
		}
		if again.Shows != 2 || again.Microjoules != 2*a.Microjoules {
			t.Fatal("sums do not count each merge")
		}
		if one := merged(a); !reflect.DeepEqual(one, a) {
			t.Fatalf("alone it is\n%+v\nnot\n%+v", one, a)
		}
	})
}

func TestMatchesAreSymmetricAndOneForItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := likeness.NewEntry(merged(drawShow(t, "a"), drawShow(t, "a")))
		b := likeness.NewEntry(merged(drawShow(t, "b"), drawShow(t, "b")))
		if a.Insufficient+b.Insufficient != "" {
			t.Skip("insufficient: " + a.Insufficient + b.Insufficient)
		}
		ab, ok1 := likeness.MatchOf(a, b)
		ba, ok2 := likeness.MatchOf(b, a)
		if ab != ba || ok1 != ok2 || !ok1 {
			t.Fatalf("%+v one way, %+v the other", ab, ba)
		}
		for _, f := range []float64{ab.Score, ab.Cosine, ab.HeatMatch, ab.LowerBound} {
			if !(f >= 0 && f <= 1) {
				t.Fatalf("beyond 0..1: %+v", ab)
			}
		}
		if self, ok := likeness.MatchOf(a, a); !ok || math.Abs(self.Score-1) > 1e-6 {
			t.Fatalf("with itself: %+v", self)
		}
		share := 0.
		for _, tr := range likeness.Traits(a, b, math.MaxInt) {
			share += tr.Share
		}
		if math.Abs(share-1) > 1e-9 && ab.Cosine > 0 {
			t.Fatalf("the traits are %g of the cosine", share)
		}
	})
}

// TestJaccard: random sets of known overlap are estimated within 4 standard errors, and about the right one on average.
func TestJaccard(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for _, c := range []struct{ a, b, both int }{
		{60, 60, 30}, {500, 500, 0}, {500, 500, 500}, {1000, 300, 200}, {20_000, 20_000, 2_000}, {40_000, 5_000, 4_000},
	} {
		truth := float64(c.both) / float64(c.a+c.b-c.both)
		se := math.Sqrt(truth * (1 - truth) / likeness.SketchSize)
		const runs = 60
		mean := 0.
		for range runs {
			var a, b likeness.Sketch
			from := r.Uint64()
			for i := range uint64(c.a) {
				a.Add(personOf(from + i))
			}
			for i := range uint64(c.b) {
				b.Add(personOf(from + uint64(c.a-c.both) + i))
			}
			j, said := a.Jaccard(&b)
			if math.Abs(j-truth) > 4*max(se, said) {
				t.Errorf("%+v: %.3f, in truth %.3f (se %.3f)", c, j, truth, se)
			}
			if said > .0443 && c.a >= 500 {
				t.Errorf("%+v: a standard error of %.4f", c, said)
			}
			mean += j / runs
		}
		if math.Abs(mean-truth) > 4*se/math.Sqrt(runs)+1e-9 {
			t.Errorf("%+v: %.4f on average, in truth %.4f", c, mean, truth)
		}
	}
}

func TestSketchIsOfASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.Uint64(), 1, 300).Draw(t, "ids")
		var want, got, left, right, none likeness.Sketch
		for i, n := range ids {
			want.Add(personOf(n))
			if i%2 == 0 {
				left.Add(personOf(n))
			} else {
				right.Add(personOf(n))
			}
		}
		for _, n := range rapid.Permutation(append(slices.Clone(ids), ids...)).Draw(t, "order") {
			got.Add(personOf(n))
		}
		left.Merge(&right)
		if got != want || left != want {
			t.Fatal("the sketch depends on order, repetition or parts")
		}
		if j, se := got.Jaccard(&want); j != 1 || se != 0 {
			t.Fatalf("J of a set with itself is %g ± %g", j, se)
		}
		if j, _ := got.Jaccard(&none); j != 0 {
			t.Fatalf("J with nobody is %g", j)
		}
	})
}

func TestSketchSize(t *testing.T) {
	var s likeness.Sketch
	if s.Size() != 0 {
		t.Errorf("nobody is %g", s.Size())
	}
	n := 0.
	for _, upTo := range []float64{50, 200, 1000, 10_000, 100_000} {
		for ; n < upTo; n++ {
			s.Add(personOf(uint64(n)))
		}
		if got := s.Size(); math.Abs(got/n-1) > 4/math.Sqrt(likeness.SketchSize) {
			t.Errorf("%g people are %.0f", n, got)
		}
	}
}

func TestTheta(t *testing.T) {
	var th likeness.Theta
	for range 200 {
		th.Add(2)
	}
	if m, lo, hi, ok := th.Interval(); !ok || math.Abs(m-2) > .002 || lo != m || hi != m {
		t.Errorf("2 all the time: %g in %g..%g", m, lo, hi)
	}
	var swing likeness.Theta
	for i := range 400 {
		swing.Add([]float64{1, 4}[i%2])
	}
	m, lo, hi, ok := swing.Interval()
	// ln θ is ±ln 2 about ln 2; 4000 panes are 22.99 windows.
	want := math.Exp(1.96 * math.Ln2 / math.Sqrt(4000./174-1))
	if !ok || math.Abs(m-2) > .002 || math.Abs(hi/m-want) > .003 || math.Abs(m/lo-want) > .003 {
		t.Errorf("1 and 4 by turns: %g in %g..%g, want a spread of %g", m, lo, hi, want)
	}
	var brief likeness.Theta
	for range 170 {
		brief.Add(1)
	}
	if _, _, _, ok := brief.Interval(); ok {
		t.Error("28 minutes are enough")
	}
}

// TestShowsThatDisagreeWidenTheInterval: long shows are sure of themselves, and not of the next one.
func TestShowsThatDisagreeWidenTheInterval(t *testing.T) {
	show := func(theta float64) *likeness.Profile {
		p := &likeness.Profile{Esol: "e", Shows: 1}
		for range 2000 {
			p.Theta.Add(theta)
		}
		p.Theta = likeness.ThetaOf(p.Theta.Samples, p.Theta.Sum, p.Theta.Squares)
		return p
	}
	p := merged(show(1), show(4))
	_, lo, hi, _ := p.Theta.Interval()
	if lo > 1 || hi < 4 {
		t.Errorf("shows at 1 and 4 say %g..%g", lo, hi)
	}
}

func TestInsufficient(t *testing.T) {
	enough := func() *likeness.Profile {
		p := &likeness.Profile{Esol: "e", Shows: 2, Largest: 50}
		p.Words[3] = 1
		for range 174 {
			p.Theta.Add(1)
		}
		return p
	}
	for _, c := range []struct {
		name  string
		spoil func(*likeness.Profile)
		want  string
	}{
		{"enough", func(*likeness.Profile) {}, ""},
		{"one show", func(p *likeness.Profile) { p.Shows = 1 }, likeness.TooFewShows},
		{"49 people", func(p *likeness.Profile) { p.Largest = 49 }, likeness.TooFewPeople},
		{"29 minutes", func(p *likeness.Profile) { p.Theta.Samples = 173 }, likeness.TooShort},
		{"nothing said or sold", func(p *likeness.Profile) { p.Words[3] = 0 }, likeness.NoTraits},
	} {
		p, other := enough(), enough()
		other.Esol = "other"
		c.spoil(p)
		e, o := likeness.NewEntry(p), likeness.NewEntry(other)
		if e.Insufficient != c.want {
			t.Errorf("%s: %q", c.name, e.Insufficient)
		}
		hits := len(likeness.Search([]*likeness.Entry{e}, o, likeness.Options{Limit: 9}))
		if hits != 1 && c.want == "" || hits != 0 && c.want != "" {
			t.Errorf("%s: %d hits", c.name, hits)
		}
		if _, ok := likeness.OverlapOf(e, o); ok == (c.want == likeness.TooFewPeople) {
			t.Errorf("%s: the overlap of people who can be told apart", c.name)
		}
	}
}

func TestPriceBand(t *testing.T) {
	for yen, want := range map[int64]int{0: 0, 499: 0, 500: 1, 1999: 2, 2000: 3, 49_999: 6, 50_000: 7, 1 << 60: 7} {
		if got := likeness.PriceBand(yen); got != want {
			t.Errorf("%d yen: band %d", yen, got)
		}
	}
}

func TestMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawShow(t, "e")
		got, err := likeness.Read(p.Message("S"))
		if err != nil || !reflect.DeepEqual(got, p) {
			t.Fatalf("%v:\n%+v\n%+v", err, got, p)
		}
	})
}
