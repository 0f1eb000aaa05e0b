package likeness_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators/likeness"
)

// world is ESOLs drawn from tastes: which words are said, what is sold, when, how hot, to how many. Nothing but the
// noise of counting depends on how many.
type world struct{ r *rand.Rand }

type taste struct {
	words      [64]float64
	hours      [24]float64
	categories [6]float64
	theta      float64
	people     int
}

func (w *world) taste(people int) *taste {
	t := &taste{theta: math.Exp(.6 * w.r.NormFloat64()), people: people}
	for _, list := range [][]float64{t.words[:], t.hours[:], t.categories[:]} {
		for i := range list {
			list[i] = math.Exp(1.2 * w.r.NormFloat64())
		}
	}
	return t
}

// shows draws an ESOL's shows from a taste.
func (w *world) shows(id string, of *taste, shows int) *likeness.Profile {
	m := &likeness.Profile{}
	from := w.r.Uint64()
	for range shows {
		p := &likeness.Profile{Esol: id, Shows: 1, Largest: int64(of.people)}
		w.count(p.Words[:], of.words[:], 4*of.people)
		w.count(p.Hours[:], of.hours[:], 2*of.people)
		var sold [6]int64
		w.count(sold[:], of.categories[:], of.people)
		for i, n := range sold {
			c := fmt.Sprint("category ", i)
			p.Named = append(p.Named, likeness.Named{Dim: likeness.CategoryDim(c), ID: c, Name: c, Amount: n * 1e6})
		}
		p.Named = likeness.Collect(p.Named)
		for i := range uint64(of.people) {
			p.People.Add(personOf(from + i))
		}
		for range 360 {
			p.Theta.Add(of.theta * math.Exp(.25*w.r.NormFloat64()))
		}
		p.Theta = likeness.ThetaOf(p.Theta.Samples, p.Theta.Sum, p.Theta.Squares)
		m.Merge(p)
	}
	return m
}

func (w *world) count(into []int64, weights []float64, n int) {
	sum := 0.
	for _, x := range weights {
		sum += x
	}
	for i, x := range weights {
		mean := float64(n) * x / sum
		into[i] = max(0, int64(math.Round(mean+math.Sqrt(mean)*w.r.NormFloat64())))
	}
}

// TestTwinsAreFoundBeforePopularStrangers: 500 ESOLs, each of 25 small ones with a twin of the same taste, among
// strangers of whom many have a hundred times their people.
func TestTwinsAreFoundBeforePopularStrangers(t *testing.T) {
	w := world{rand.New(rand.NewPCG(6, 8))}
	var all []*likeness.Entry
	const twins = 25
	for i := range twins {
		of := w.taste(100 + w.r.IntN(200))
		for _, which := range []string{"a", "b"} {
			all = append(all, likeness.NewEntry(w.shows(fmt.Sprint("twin", i, which), of, 3)))
		}
	}
	for i := range 500 - 2*twins {
		people := int(100 * math.Exp(4.6*w.r.Float64())) // 100 to 10,000
		all = append(all, likeness.NewEntry(w.shows(fmt.Sprint("stranger", i), w.taste(people), 3)))
	}
	found := 0
	for i := range twins {
		hits := likeness.Search(all, all[2*i], likeness.Options{Limit: 5})
		if len(hits) > 0 && hits[0].Entry == all[2*i+1] {
			found++
		} else {
			t.Logf("twin %d: %+v", i, hits)
		}
	}
	if found < twins-1 {
		t.Errorf("%d of %d twins come first", found, twins)
	}
	rank := 0.
	for _, e := range all[:100] {
		hits := likeness.Search(all, e, likeness.Options{Limit: 500})
		var scores, sizes []float64
		for _, h := range hits {
			scores, sizes = append(scores, h.Score), append(sizes, float64(h.Entry.Audience))
		}
		rank += spearman(scores, sizes) / 100
	}
	t.Logf("%d of %d twins come first; rank correlation of score and audience %.3f", found, twins, rank)
	if math.Abs(rank) > .25 {
		t.Errorf("the rank correlation of score and audience is %.3f", rank)
	}
}

// spearman is the correlation of the ranks of two lists.
func spearman(a, b []float64) float64 {
	ranks := func(v []float64) []float64 {
		order := make([]int, len(v))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int {
			switch {
			case v[i] < v[j]:
				return -1
			case v[i] > v[j]:
				return 1
			}
			return 0
		})
		r := make([]float64, len(v))
		for rank, i := range order {
			r[i] = float64(rank) - float64(len(v)-1)/2
		}
		return r
	}
	x, y := ranks(a), ranks(b)
	var xy, xx, yy float64
	for i := range x {
		xy, xx, yy = xy+x[i]*y[i], xx+x[i]*x[i], yy+y[i]*y[i]
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx*yy)
}

// TestSearchDoesNotCareForOrderAndPrunesNothing: the same hits for any order of the entries, and those that comparing
// with each one finds.
func TestSearchDoesNotCareForOrderAndPrunesNothing(t *testing.T) {
	w := world{rand.New(rand.NewPCG(6, 9))}
	var all []*likeness.Entry
	for i := range 120 {
		all = append(all, likeness.NewEntry(w.shows(fmt.Sprint("e", i), w.taste(60+i*3), 2)))
	}
	copied := *all[7].Profile // an equal, to be told from by id only
	copied.Esol = "a copy"
	all = append(all, likeness.NewEntry(&copied))
	for _, asked := range all[:20] {
		o := likeness.Options{Limit: 8, MinAudience: 150}
		want := likeness.Search(all, asked, o)
		shuffled := slices.Clone(all)
		w.r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := likeness.Search(shuffled, asked, o); !slices.Equal(got, want) {
			t.Fatalf("in another order: %+v, %+v", got, want)
		}
		for _, e := range all {
			m, ok := likeness.MatchOf(asked, e)
			if !ok || e == asked || e.Audience < o.MinAudience {
				continue
			}
			is := slices.ContainsFunc(want, func(h likeness.Hit) bool { return h.Entry == e })
			if worst := want[len(want)-1]; !is && (len(want) < o.Limit || m.Score > worst.Score) {
				t.Fatalf("%s with %g was not found, %g was", e.Profile.Esol, m.Score, worst.Score)
			}
		}
		for _, h := range want {
			if h.Entry.Audience < o.MinAudience || h.HeatMatch < .5 || h.Entry == asked {
				t.Fatalf("a hit that must not be: %+v", h)
			}
		}
	}
}

func TestTraitsNameWhatBothHave(t *testing.T) {
	seller := func(esol string, words, lip, hair int64) *likeness.Entry {
		p := &likeness.Profile{Esol: esol, Shows: 2, Largest: 100}
		p.Words[likeness.WordDim(77)] = words
		p.Words[likeness.WordDim(77)^1] = words
		p.Prices[3], p.Hours[20] = 5, 5
		p.Named = likeness.Collect([]likeness.Named{
			{Dim: likeness.WordDim(77), ID: "brand/glow", Name: "glow", Amount: words},
			{Dim: likeness.CategoryDim("lip"), ID: "lip", Name: "lip", Amount: lip},
			{Dim: likeness.CategoryDim("hair"), ID: "hair", Name: "hair", Amount: hair},
		})
		return likeness.NewEntry(p)
	}
	got := map[string]float64{}
	for _, tr := range likeness.Traits(seller("a", 10, 9e6, 0), seller("b", 1000, 9e6, 5e6), 99) {
		got[fmt.Sprintf("%v%v%d", tr.Kind, tr.Names, tr.Band)] += tr.Share
	}
	for _, key := range []string{"word[glow]0", "word[]0", "category[lip]0", "price[]3", "hour[]20"} {
		if got[key] <= 0 {
			t.Errorf("no %s among %v", key, got)
		}
		delete(got, key)
	}
	for key := range got {
		if key != "category[hair]0" { // named by both, with nothing of it in one: no share, no trait
			t.Errorf("they share %s", key)
		}
	}
}

func many(n int) []*likeness.Entry {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]*likeness.Entry, n)
	for i := range all {
		p := &likeness.Profile{Esol: fmt.Sprint("esol", i), Shows: 2, Largest: 100}
		for j := range p.Words {
			p.Words[j] = r.Int64N(1000)
		}
		for j := range p.Hours {
			p.Hours[j] = r.Int64N(1000)
		}
		p.Prices[r.IntN(8)] = 7
		theta := math.Exp(.5 * r.NormFloat64())
		for range 180 {
			p.Theta.Add(theta)
		}
		all[i] = likeness.NewEntry(p)
	}
	return all
}

func BenchmarkSearch50000(b *testing.B) {
	all := many(50_000)
	for i := 0; b.Loop(); i++ {
		if len(likeness.Search(all, all[i%len(all)], likeness.Options{Limit: 10})) == 0 {
			b.Fatal("nothing")
		}
	}
}

func BenchmarkNewEntry(b *testing.B) {
	p := many(1)[0].Profile
	for b.Loop() {
		likeness.NewEntry(p)
	}
}

func BenchmarkAddPerson(b *testing.B) {
	var s likeness.Sketch
	for i := uint64(0); b.Loop(); i++ {
		s.Add(personOf(i))
	}
}

// of is an ESOL with the words and the heat given, and nothing else.
func of(esol string, theta float64, words ...int64) *likeness.Entry {
	p := &likeness.Profile{Esol: esol, Shows: 2, Largest: 100}
	copy(p.Words[:], words)
	for range 200 {
		p.Theta.Add(theta)
	}
	return likeness.NewEntry(p)
}

// TestMatchInClosedForm: the cosine of word distributions is their Bhattacharyya coefficient, whatever their sizes;
// heats more than a factor of two apart do not match.
func TestMatchInClosedForm(t *testing.T) {
	for _, c := range []struct {
		a, b      *likeness.Entry
		cosine    float64
		heatMatch float64 // 0: none
	}{
		{of("a", 1, 1, 0), of("b", 1, 50, 50), math.Sqrt(.5), 1},
		{of("a", 1, 9, 1), of("b", 1.6, 100, 900), 2 * math.Sqrt(.9*.1), 1 / 1.6},
		{of("a", 1, 1, 0), of("b", 1, 0, 1), 0, 1},
		{of("a", 1, 3, 1), of("b", 1.99, 3, 1), 1, 1 / 1.99},
		{of("a", 1, 3, 1), of("b", 2.01, 3, 1), 1, 0},
		{of("a", 2.01, 3, 1), of("b", 1, 3, 1), 1, 0},
	} {
		m, ok := likeness.MatchOf(c.a, c.b)
		if ok != (c.heatMatch > 0) {
			t.Errorf("%+v: %t", c, ok)
		}
		if ok && (math.Abs(m.Cosine-c.cosine) > 1e-6 || math.Abs(m.HeatMatch-c.heatMatch) > .001 || m.LowerBound != 1 ||
			math.Abs(m.Score-m.Cosine*m.HeatMatch) > 1e-12) {
			t.Errorf("%+v, want a cosine of %g and a heat match of %g", m, c.cosine, c.heatMatch)
		}
	}
}
