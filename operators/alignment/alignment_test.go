package alignment

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func near(a, b, by float64) bool { return math.Abs(a-b) <= by }

func TestHeatMatch(t *testing.T) {
	for _, c := range []struct {
		a, b, want float64
		missing    string
	}{
		{2, 2, 1, ""}, {1, 4, .25, ""}, {4, 1, .25, ""}, {0, 1, 0, NoHeat}, {1, math.NaN(), 0, NoHeat},
		{math.Inf(1), -1, 0, NoHeat},
	} {
		if got := HeatMatch(c.a, c.b); got.Value != c.want || got.Missing != c.missing {
			t.Errorf("of %v and %v: %+v", c.a, c.b, got)
		}
	}
}

func TestAlignmentOfKnownTerms(t *testing.T) {
	one := func(x float64) Term { return Term{Value: x} }
	v := Align(Terms{one(.5), one(.25), one(1), one(.8)})
	want := math.Pow(.5, .4) * math.Pow(.25, .2) * math.Pow(.8, .2)
	if !near(v.Value, want, 1e-12) || len(v.Used) != 4 {
		t.Errorf("%+v, want %v", v, want)
	}
	v = Align(Terms{one(.5), one(.25), Term{Missing: TooFewBrands}, Term{Missing: NoTarget}})
	if want = math.Pow(.5, .4/.6) * math.Pow(.25, .2/.6); !near(v.Value, want, 1e-12) {
		t.Errorf("%+v, want %v", v, want)
	}
	if fmt.Sprint(v.Used, v.Missing) != "[heat knowledge] [worldview direction]" {
		t.Error(v.Used, v.Missing)
	}
	missing := Term{Missing: NoHeat}
	if v := Align(Terms{missing, one(1), missing, missing}); v.Insufficient != TooFewTerms || v.Value != 0 {
		t.Errorf("%+v", v)
	}
}

func TestAlignmentIsAtMostItsLargestTermAndMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(0, 1)
		terms := Terms{Term{Value: share.Draw(t, "heat")}, Term{Value: share.Draw(t, "knowledge")},
			Term{Value: share.Draw(t, "worldview")}, Term{Value: share.Draw(t, "direction")}}
		v := Align(terms).Value
		largest := max(terms.Heat.Value, terms.Knowledge.Value, terms.Worldview.Value, terms.Direction.Value, least)
		terms.Worldview.Value += (1 - terms.Worldview.Value) * share.Draw(t, "more")
		if v > largest+1e-12 || v < least-1e-12 || Align(terms).Value < v-1e-12 {
			t.Fatal(v, largest, Align(terms).Value)
		}
	})
}

var alike = new(Grams).Weights()

// speaker says sentences of its own words, and of a few that everybody says.
type speaker struct {
	random *rand.Rand
	words  []string
}

func newSpeaker(seed uint64) *speaker {
	s := &speaker{random: rand.New(rand.NewPCG(seed, 3))}
	for range 30 {
		word := make([]rune, 2+s.random.IntN(3))
		for i := range word {
			word[i] = 'あ' + rune(s.random.IntN(80))
		}
		s.words = append(s.words, string(word))
	}
	return s
}

func (s *speaker) say() string {
	words := []string{"です", "これは"}
	for range 3 + s.random.IntN(5) {
		words = append(words, s.words[s.random.IntN(len(s.words))])
	}
	return strings.Join(words, " ")
}

func (s *speaker) texts(n int, w *Weights) (t Texts) {
	for range n {
		t.Add(s.say(), w)
	}
	return t
}

func TestATextIsAsLongAsAnyOther(t *testing.T) {
	for _, text := range []string{"ab", "これはコメントです", strings.Repeat("とても長い", 400), "สวัสดี", "👍🏽👍🏽"} {
		var sum Texts
		sum.Add(text, alike)
		v := sum.Mean()
		if n := v.dot(&v); sum.N != 1 || !near(n, 1, 1e-4) {
			t.Errorf("%.12q has length² %v", text, n)
		}
	}
	var none Texts
	none.Add("", alike)
	none.Add("草", alike)
	if none != (Texts{}) {
		t.Error("a text of one rune counts")
	}
}

func TestARunThatIsEverywhereWeighsLittle(t *testing.T) {
	var g Grams
	for range 100 {
		g.Add("です")
	}
	g.Add("まつげ")
	weight := func(text string) (w int64) {
		eachGram([]rune(text), func(h uint64) { w = int64(g.Weights()[bucket(h)]) })
		return w
	}
	if often, once := weight("です"), weight("xy"); often > once/500 || once != fixedWeight {
		t.Error(often, once)
	}
}

func TestTextsComeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.String(), 0, 20).Draw(t, "texts")
		g := &Grams{}
		for _, text := range list {
			g.Add(text)
		}
		w := g.Weights()
		var a, b, rest Texts
		for i, text := range list {
			a.Add(text, w)
			if i%2 == 0 {
				rest.Add(list[len(list)-1-i], w)
			} else {
				b.Add(list[len(list)-1-i], w)
			}
		}
		b.Merge(&rest)
		if a != b {
			t.Fatal("the sums differ")
		}
	})
}

func brands(n int) (speakers []*speaker, texts []*Texts, w *Weights) {
	g := &Grams{}
	for i := range n {
		speakers = append(speakers, newSpeaker(uint64(50+i)))
		for range 200 {
			g.Add(speakers[i].say())
		}
	}
	w = g.Weights()
	for _, s := range speakers {
		said := s.texts(100, w)
		texts = append(texts, &said)
	}
	return speakers, texts, w
}

func TestARoomThatSpeaksAsABrandRanksItFirst(t *testing.T) {
	speakers, texts, w := brands(8)
	room := speakers[2].texts(40, w)
	ranks := map[float64]bool{}
	for i := range texts {
		others := append(append([]*Texts{}, texts[:i]...), texts[i+1:]...)
		got := NewBrands(texts[i], others).Worldview(&room)
		if got.Missing != "" || (got.Value == 1) != (i == 2) || got.N != 7 {
			t.Errorf("brand %d: %+v", i, got)
		}
		ranks[got.Value] = true
		others[0], others[3] = others[3], others[0]
		if again := NewBrands(texts[i], others).Worldview(&room); again != got {
			t.Errorf("in another order: %+v and %+v", got, again)
		}
	}
	if len(ranks) != len(texts) {
		t.Errorf("%d brands have %d ranks", len(texts), len(ranks))
	}
	quiet, silent := speakers[6].texts(9, w), speakers[0].texts(9, w)
	withQuiet := append(texts[1:5:5], &quiet)
	for _, c := range []struct {
		name        string
		room, brand *Texts
		others      []*Texts
		want        string
	}{
		{"four others", &room, texts[0], texts[1:5], TooFewBrands},
		{"five others", &room, texts[0], texts[1:6], ""},
		{"five others, one of whom says little", &room, texts[0], withQuiet, TooFewBrands},
		{"a silent room", &silent, texts[0], texts[1:], TooFewTexts},
		{"a silent brand", &room, &Texts{}, texts[1:], TooFewTexts},
	} {
		if got := NewBrands(c.brand, c.others).Worldview(c.room); got.Missing != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// One brand speaks as the whole category does, only more so: a room that does, too, is not near to it for that.
func TestWhatABrandSharesWithItsCategoryCountsForNone(t *testing.T) {
	at := func(common float64, own int, much float64) *Texts {
		t := &Texts{N: 100}
		t.Sum[200] = int64(common * fixed * 100)
		t.Sum[own] += int64(much * fixed * 100)
		return t
	}
	brands := []*Texts{at(.4, 0, .3), at(.4, 1, .3), at(.4, 2, .3), at(.4, 3, .3), at(.4, 4, .3), at(.8, 5, 0)}
	var room Texts
	for i := range brands {
		room.Merge(brands[i])
	}
	room.Sum[0] += fixed * 20
	if got := NewBrands(brands[0], brands[1:]).Worldview(&room); got.Value != 1 {
		t.Errorf("%+v", got)
	}
}

// A room that has nothing to do with any brand ranks them at random.
func TestTheRankOfAStrangerIsUniform(t *testing.T) {
	_, texts, w := brands(10)
	mean, first := 0., 0
	const rooms = 100
	for seed := range uint64(rooms) {
		room := newSpeaker(9000+seed).texts(20, w)
		got := NewBrands(texts[0], texts[1:]).Worldview(&room).Value
		mean += got / rooms
		if got == 1 {
			first++
		}
	}
	t.Logf("mean rank %.3f, first in %d of %d", mean, first, rooms)
	if !near(mean, .5, .1) || first > rooms/5 {
		t.Errorf("mean rank %.3f, first in %d of %d", mean, first, rooms)
	}
}

// drifting is a show whose people first speak as a and then more and more as b.
func drifting(seed uint64, panes int64, moves bool) (d *Direction, from, to Vector) {
	d = &Direction{}
	a, b := newSpeaker(seed), newSpeaker(seed+1)
	for k := range panes {
		var pane Texts
		who := a
		if moves && k > panes*3/4 {
			who = b
		}
		pane.Add(who.say(), alike)
		d.Step(k, &pane)
	}
	x, y := a.texts(300, alike), b.texts(300, alike)
	return d, x.Mean(), y.Mean()
}

func TestWhereAShowMoves(t *testing.T) {
	d, from, to := drifting(1, 3600, true)
	if got := d.Toward(&to, &from); got.Value < .8 {
		t.Errorf("towards the target: %+v", got)
	}
	if got := d.Toward(&from, &to); got.Value != 0 || got.Missing != "" {
		t.Errorf("away from the target: %+v", got)
	}
	if got := d.Toward(&to, &to); got.Missing != NoTarget {
		t.Errorf("no target: %+v", got)
	}
	if got := (&Direction{}).Toward(&to, &from); got.Missing != TooFewTexts {
		t.Errorf("nothing said: %+v", got)
	}
	d.Step(3600+2700, &Texts{})
	if got := d.Toward(&to, &from); got.Missing != TooFewTexts {
		t.Errorf("a long silence: %+v", got)
	}
}

func TestAShowThatDoesNotMoveHasNoDirection(t *testing.T) {
	moved := 0
	for seed := range uint64(20) {
		d, from, to := drifting(10*seed, 1200, false)
		if d.Toward(&to, &from).Missing != NoMovement {
			moved++
		}
	}
	t.Logf("%d of 20 move by chance", moved)
	if moved > 1 {
		t.Errorf("%d of 20 move by chance", moved)
	}
}

// Gaps pane by pane are gaps at once, and a decoded direction goes on as the one that was encoded.
func TestGapsAndRestartsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		lazy, eager, s := &Direction{}, &Direction{}, newSpeaker(1)
		k := int64(random.IntN(5000))
		for range rapid.IntRange(1, 12).Draw(t, "panes") {
			pane := s.texts(random.IntN(3), alike)
			lazy.Step(k, &pane)
			eager.Step(k, &pane)
			for gap := []int{0, 1, 60, 700}[random.IntN(4)]; gap > 0; gap-- {
				k++
				eager.Step(k, &Texts{})
			}
			k++
			again, err := DecodeDirection(lazy.Encode())
			if err != nil {
				t.Fatal(err)
			}
			lazy = again
		}
		lazy.Step(k, &Texts{})
		eager.Step(k, &Texts{})
		if !bytes.Equal(lazy.Encode(), eager.Encode()) {
			t.Fatal("the states differ")
		}
	})
}

func FuzzDecode(f *testing.F) {
	d, _, _ := drifting(1, 400, true)
	f.Add(d.Encode())
	f.Add((&Direction{}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := DecodeDirection(b)
		if err != nil {
			return
		}
		first := d.Encode()
		again, err := DecodeDirection(first)
		if err != nil || !bytes.Equal(first, again.Encode()) {
			t.Fatal("a direction does not come back:", err)
		}
		d.Step(d.pane+1, &Texts{N: 1})
		d.Toward(&Vector{1}, &Vector{})
	})
}

func BenchmarkAdd(b *testing.B) {
	s := newSpeaker(1)
	text := s.say()
	var t Texts
	b.ReportAllocs()
	for b.Loop() {
		t.Add(text, alike)
	}
}

func BenchmarkStep(b *testing.B) {
	d, pane := &Direction{}, int64(0)
	t := newSpeaker(1).texts(20, alike)
	for b.Loop() {
		d.Step(pane, &t)
		pane++
	}
}
