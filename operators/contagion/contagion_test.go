package contagion

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/codec"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %.9f, want %.9f ± %g", what, got, want, within)
	}
}

func TestClosedForms(t *testing.T) {
	near(t, "w0(.5, 1)", sames[1], .213061, 5e-7)
	near(t, "w0(2, 1)", sames[0], 1-(1-math.Exp(-2))/2, 1e-15)
	near(t, "2^(-1/900)^900", power(forget, 900), .5, 1e-13)
	near(t, "2^(-1/300)^300", power(fadeShares, 300), .5, 1e-13)
	n, slope, ok := ratio(.541370, sames[1])
	near(t, "n of b=.541370", n, .6, 5e-7)
	up, _, _ := ratio(.541370+1e-6, sames[1])
	near(t, "dn/db", slope, (up-n)/1e-6, 1e-5)
	if !ok {
		t.Error("a ratio of .6 is one")
	}
	if _, _, ok := ratio(-.76, sames[0]); ok {
		t.Error("b at the pole has no ratio")
	}
	// Of equal parts of two kernels the part within the pane is the mean of theirs.
	near(t, "mixed", mixed([]float64{.2, .2, 0}), (sames[0]+sames[1])/2, 1e-15)
	near(t, "mixed of one negative", mixed([]float64{0, -.2, 0}), sames[1], 1e-15)
	near(t, "mixed of nothing", mixed([]float64{0, 0, 0}), sames[2], 0)
}

// One use leaves (1-ρ)ρ^m in its word's traces after m panes: in all later panes together, one.
func TestTracesSumToOne(t *testing.T) {
	w := word{uses: 1, prompts: true}
	w.step()
	w.uses, w.prompts = 0, false
	var sum [kernels]float64
	var replies [replyKernels]float64
	for range 400 {
		for j, x := range w.trace {
			sum[j] += x
		}
		for j, y := range w.reply {
			replies[j] += y
		}
		w.step()
	}
	for j := range sum { // less what is taken for nothing
		near(t, "Σ X", sum[j], 1, nothing/(1-rhos[j]))
	}
	for j := range replies {
		near(t, "Σ Y", replies[j], 1, nothing/(1-rhos[j+1]))
	}
	if !w.quiet() {
		t.Error("after 400 panes something is left")
	}
}

func TestEstimateDropsTheMostNegativeButKeepsOne(t *testing.T) {
	for _, c := range []struct {
		name    string
		c, want []float64
		answers int
	}{
		{"all positive", []float64{1, 2, 3}, []float64{1, 2, 3}, 0},
		{"one negative", []float64{1, -2, 3}, []float64{1, 0, 3}, 0},
		{"all negative: the last that is left keeps its sign", []float64{-1, -2, -3}, []float64{-1, 0, 0}, 0},
		{"what is no answer keeps its sign", []float64{-5, -2, 3}, []float64{-5, 0, 3}, 1},
	} {
		r := &regression{n: 3, a: []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}, c: c.c}
		theta, _, ok := r.estimate(c.answers, []float64{1, 1, 1})
		if !ok {
			t.Fatalf("%s: no estimate", c.name)
		}
		for i := range theta {
			near(t, c.name, theta[i], c.want[i], 1e-6)
		}
	}
	if _, _, ok := (&regression{n: 1, a: []float64{0}, c: []float64{0}}).estimate(0, []float64{1}); ok {
		t.Error("no information, and an estimate")
	}
}

// noteAny is what a word says to g, for any number of unknowns: Σ dr/v, then the upper triangle of Σ ddᵀ/v.
func noteAny(g, d []float64, r, weight float64) {
	at := len(d)
	for i, x := range d {
		g[i] += x * r * weight
		for _, y := range d[i:] {
			g[at] += x * y * weight
			at++
		}
	}
}

// The sums that are written out are those of the loop.
func TestNote(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var three lexicalScore
	var five replyScore
	var d [kernels + replyKernels]float64
	for range 20 {
		for j := range d {
			d[j] = r.Float64() - .5
		}
		residual, weight := r.Float64()-.5, r.Float64()
		wantThree, wantFive := slices.Clone(three[:]), slices.Clone(five[:])
		noteAny(wantThree, d[:kernels], residual, weight)
		noteAny(wantFive, d[:], residual, weight)
		three.note((*[kernels]float64)(d[:]), residual, weight)
		five.note(&d, residual, weight)
		for i, want := range wantThree {
			near(t, fmt.Sprint("of three, ", i), three[i], want, 1e-12)
		}
		for i, want := range wantFive {
			near(t, fmt.Sprint("of five, ", i), five[i], want, 1e-12)
		}
	}
}

// The sandwich from Σ ggᵀ is that of the panes' own scores.
func TestSandwich(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	s := newSums(2)
	var panes [][]float64
	for range 50 {
		g := make([]float64, 5)
		for range 3 {
			noteAny(g, []float64{r.Float64(), r.Float64()}, r.Float64(), .5)
		}
		panes = append(panes, g)
	}
	for i := len(panes) - 1; i >= 0; i-- { // sums forget, so the panes weigh 1, f, f², …
		s.add(panes[i])
	}
	theta, z := []float64{.3, -.2}, []float64{1.5, .7}
	var want float64
	for i, g := range panes {
		score := z[0]*(g[0]-g[2]*theta[0]-g[3]*theta[1]) + z[1]*(g[1]-g[3]*theta[0]-g[4]*theta[1])
		want += score * score * math.Pow(forget, float64(i))
	}
	near(t, "zᵀBz", s.square(influence(theta, z)), want, 1e-9*want)
}

// Uses that follow shares and traces exactly have no score left, however the room's rate varies: g cancels.
func TestWhatDrivesAllWordsAlikeCancels(t *testing.T) {
	b := []float64{.1, .3, .05}
	for _, g := range []float64{0, .01, 1, 70, 3000} {
		s := New()
		r := rand.New(rand.NewPCG(2, 2))
		for slot := range uint16(20) {
			w := word{slot: slot, num: 1 + 10*r.Float64(), exp: 300}
			for j := range w.trace {
				w.trace[j] = r.Float64()
			}
			s.enter([]word{w})
		}
		s.wholes()
		for i := range s.words {
			w := &s.words[i]
			w.uses = w.share * g
			for j, x := range w.trace {
				w.uses += b[j] * x
			}
		}
		open, _ := s.wholes()
		score := s.score(&open)
		left := influence(b, []float64{1, 1, 1})
		var sum float64
		for i := range score {
			sum += left[i] * score[i]
		}
		near(t, "score", sum, 0, 1e-9*(1+g))
	}
}

// Words that are still are summed without being looked at one by one: to the same score.
func TestStillWordsCountAsOthers(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	s := New()
	for slot := range uint16(60) {
		w := word{slot: slot, num: 1 + 10*r.Float64(), exp: 300, ever: slot%7 == 0, still: slot%3 > 0}
		if !w.still {
			w.uses = float64(slot % 2)
			for j := range w.trace {
				w.trace[j] = r.Float64()
			}
			for j := range w.reply {
				w.reply[j] = r.Float64()
			}
		}
		s.enter([]word{w})
	}
	scores := func() (all []float64) {
		open, whole := s.wholes()
		return append(slices.Clone(s.score(&open)), s.scoreReplies(&whole)...)
	}
	short := scores()
	for i := range s.words {
		s.words[i].still = false
	}
	for i, want := range scores() {
		near(t, fmt.Sprint("of the score, ", i), short[i], want, 1e-12*(1+math.Abs(want)))
	}
}

func TestFirstUsesInAMinute(t *testing.T) {
	var w window
	uses := 0
	at := func(pane int64, person uint64, slot uint16, want bool) {
		t.Helper()
		w.turn(pane)
		uses++
		if got := w.first(person, slot, pane); got != want {
			t.Errorf("use %d, pane %d: first %v", uses, pane, got)
		}
	}
	at(0, 1, 7, true)
	at(0, 1, 7, false) // again in the pane
	at(0, 2, 7, true)  // someone else
	at(0, 1, 8, true)  // another word
	at(59, 1, 7, false)
	at(60, 2, 7, true)   // 60 panes later
	at(118, 1, 7, false) // 59 after the last, though not the first
	at(177, 1, 7, false)
	at(237, 1, 7, true)
	w.drop(7, 237)
	at(238, 1, 7, true) // the slot stands for another word
	at(239, 1, 7, false)
}

// At the bound the window is shorter, never wrong about what has just been said.
func TestWindowAtItsBound(t *testing.T) {
	var w window
	for k := range int64(200) {
		w.turn(k)
		for p := range uint64(1000) {
			if !w.first(uint64(k)*1000+p+1, 3, k) {
				t.Fatalf("pane %d: a person who never spoke", k)
			}
		}
		if k > 0 && w.first(uint64(k-1)*1000+1, 3, k) {
			t.Fatalf("pane %d: who spoke a second ago is new", k)
		}
		if n := w.young.n + w.old.n; n > 2*generationMax+2002 {
			t.Fatalf("%d uses are remembered", n)
		}
	}
}

// drawPanes are a room of few people and words, so that they meet; some panes are empty, and of many some minutes.
func drawPanes(t *rapid.T, n int) []*Pane {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	people, vocabulary := 1+r.Uint64N(30), 1+r.IntN(12)
	var all []*Pane
	for k := range n {
		p := &Pane{Number: int64(k) - 100, Transcript: r.IntN(4) > 0, Pins: k > n/2}
		all = append(all, p)
		if r.IntN(3) == 0 || k > n/4 && k < n/4+n/2-50 {
			continue
		}
		for range r.IntN(6) {
			said := Said{Person: 1 + r.Uint64N(people)}
			for _, slot := range r.Perm(vocabulary)[:r.IntN(min(vocabulary, 3)+1)] {
				said.Slots = append(said.Slots, uint16(slot*37))
			}
			p.Said = append(p.Said, said)
		}
		p.Acts = int64(len(p.Said))
		for range r.IntN(3) / 2 {
			p.Prompted = append(p.Prompted, uint16(r.IntN(vocabulary)*37))
		}
		p.Call = r.IntN(20) == 0
	}
	return all
}

func play(s *State, panes []*Pane) *State {
	for _, p := range panes {
		s.Step(p)
	}
	return s
}

func encoded(s *State) []byte {
	w := codec.NewWriter(1)
	s.Encode(w)
	return w.Done()
}

func decode(b []byte) (*State, error) {
	r := codec.NewReader(b, 1)
	s := New()
	s.Decode(r)
	return s, r.End()
}

func TestOrderAndDuplicatesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes := drawPanes(t, 300)
		want := encoded(play(New(), panes))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		for _, p := range panes {
			for range len(p.Said) / 2 {
				p.Said = append(p.Said, p.Said[r.IntN(len(p.Said))])
			}
			p.Prompted = append(p.Prompted, p.Prompted...)
			r.Shuffle(len(p.Said), func(i, j int) { p.Said[i], p.Said[j] = p.Said[j], p.Said[i] })
			r.Shuffle(len(p.Prompted), func(i, j int) { p.Prompted[i], p.Prompted[j] = p.Prompted[j], p.Prompted[i] })
			for i := range p.Said {
				slots := append([]uint16(nil), p.Said[i].Slots...)
				r.Shuffle(len(slots), func(i, j int) { slots[i], slots[j] = slots[j], slots[i] })
				p.Said[i].Slots = append(slots, Slots, 65535) // and words that nobody follows
			}
		}
		if got := encoded(play(New(), panes)); !bytes.Equal(got, want) {
			t.Fatal("the state differs")
		}
	})
}

func TestDecodedStateGoesOnAsTheOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes := drawPanes(t, 1100)
		cut := rapid.IntRange(0, len(panes)).Draw(t, "cut")
		s := play(New(), panes[:cut])
		if rapid.Bool().Draw(t, "renew") {
			s.Renew(37)
		}
		b := encoded(s)
		d, err := decode(b)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(encoded(d), b) {
			t.Fatal("what was decoded encodes to something else")
		}
		if s.View() != d.View() {
			t.Fatalf("views differ: %+v, %+v", s.View(), d.View())
		}
		if !bytes.Equal(encoded(play(s, panes[cut:])), encoded(play(d, panes[cut:]))) {
			t.Fatal("what was decoded goes on differently")
		}
	})
}

func TestViewIsFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		for i, p := range drawPanes(t, 500) {
			s.Step(p)
			if i%10 == 0 {
				finite(t, s.View())
			}
		}
	})
}

func finite(t interface{ Fatalf(string, ...any) }, v View) {
	for _, x := range []float64{v.Lexical, v.LexicalLo, v.LexicalHi, v.LexicalSE, v.Total, v.TotalLo, v.TotalHi,
		v.RS, v.RSLo, v.RSHi, v.RSSE} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			t.Fatalf("%+v", v)
		}
	}
}

// A word has no number of its own: only the order of float sums depends on which slot it has.
func TestRelabellingWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes := drawPanes(t, 400)
		a := play(New(), panes).View()
		slots := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "labels"), 1)).Perm(Slots)
		for _, p := range panes {
			for i := range p.Prompted {
				p.Prompted[i] = uint16(slots[p.Prompted[i]])
			}
			for i := range p.Said {
				for j := range p.Said[i].Slots {
					p.Said[i].Slots[j] = uint16(slots[p.Said[i].Slots[j]])
				}
			}
		}
		b := play(New(), panes).View()
		if a.Tokens != b.Tokens || math.Abs(a.Lexical-b.Lexical) > 1e-6 || math.Abs(a.LexicalSE-b.LexicalSE) > 1e-6 {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func TestSilence(t *testing.T) {
	s := New()
	empty := func(from, n int64) {
		for k := range n {
			s.Step(&Pane{Number: from + k})
		}
	}
	empty(5, 10)
	if !s.Frozen() {
		t.Error("a show in which nothing was said is not frozen")
	}
	said := &Pane{Number: 100, Said: []Said{{1, []uint16{3, 4}}}, Prompted: []uint16{9}, Acts: 1, Call: true}
	s.Step(said)
	empty(101, silentPanes-1)
	if s.Frozen() {
		t.Error("frozen a pane too early")
	}
	empty(100+silentPanes, 1)
	if !s.Frozen() || !bytes.Equal(encoded(s), encoded(New())) {
		t.Error("after 1800 empty panes something is left")
	}
	s.Step(&Pane{Number: 1 << 40, Said: said.Said}) // the gap was left out
	if s.Frozen() || s.tokens != 0 {
		t.Error("the show does not begin anew")
	}
}

// Panes in which nothing is said and no trace is left are not looked at one by one, and shares fade all the same.
func TestQuietPanesFadeShares(t *testing.T) {
	s := New()
	s.Step(&Pane{Number: 0, Said: []Said{{1, []uint16{3}}, {2, []uint16{4}}}})
	for k := range int64(1200) {
		s.Step(&Pane{Number: k + 1})
	}
	if s.quiet < 700 {
		t.Errorf("%d panes were quiet", s.quiet)
	}
	s.Step(&Pane{Number: 1201, Said: []Said{{1, []uint16{5}}}})
	near(t, "what is left of a use after 1201 s", s.words[0].num, math.Exp2(-1201./300), 1e-12)
	s.Step(&Pane{Number: 1202, Said: []Said{{2, []uint16{5}}}})
	near(t, "what is left of a use after 1202 s", s.words[0].num, math.Exp2(-1202./300), 1e-12)
}

// A prompted word is out for 90 s, in a busy room for 120.
func TestMask(t *testing.T) {
	for _, c := range []struct {
		age   int64
		trace float64
		want  bool
	}{{0, 1, true}, {89, 1, true}, {90, 1, false}, {90, 301, true}, {119, 301, true}, {120, 301, false}} {
		s := New()
		s.pane = 1000
		s.enter([]word{{slot: 1, ever: true, prompted: 1000 - c.age}, {slot: 2, trace: [kernels]float64{0, 0, c.trace}}})
		if open, _ := s.wholes(); s.words[0].masked != c.want || s.words[1].masked || open.words != 2 != c.want {
			t.Errorf("%d s after a prompt, %g uses a second: masked %v", c.age, c.trace, s.words[0].masked)
		}
	}
}

// Counts that follow the model of the total rate exactly, but for rounding: baseline with a bend, calls, answers. The
// ring has lost its first minutes, and what they left is in its first traces.
func TestTotalOfExactCounts(t *testing.T) {
	b := [kernels]float64{.1, .3, .15}
	var all total
	var trace [kernels]float64
	var pulse [pulses]float64
	for k := range 1020 {
		// The ring will hold panes 120 to 1019: knots at 120, 232.5, …
		rate := 2e6 + 3e3*math.Abs(float64(k)+.5-(120+4*112.5))
		for j, x := range trace {
			rate += b[j] * x
		}
		rate += 1e6*pulse[0] + 4e5*pulse[1] + 2e5*pulse[2]
		at := second{int32(math.Round(rate)), k%173 == 100 || k == 117 || k%211 == 5}
		all.step(int64(at.acts), at.call)
		trace, pulse = after(trace, pulse, at)
	}
	theta, _, ok := all.fit()
	if !ok {
		t.Fatal("no fit")
	}
	for j := range theta {
		near(t, "b", theta[j], b[j], 2e-3)
	}
}

func TestRenewForgets(t *testing.T) {
	s := New()
	s.Step(&Pane{Number: 0, Said: []Said{{1, []uint16{3, 4}}}, Prompted: []uint16{4}})
	s.Renew(4)
	s.Renew(Slots) // nobody's
	if len(s.words) != 1 || s.at[4] != 0 || s.at[3] != 1 {
		t.Errorf("words %v", s.words)
	}
	s.Step(&Pane{Number: 1, Said: []Said{{1, []uint16{3, 4}}}})
	if len(s.words) != 2 || s.words[1].num != 1 || s.words[1].ever || s.words[0].num > 1 {
		t.Errorf("words %+v", s.words)
	}
}

func TestInsufficient(t *testing.T) {
	// Two people say one word or two, by turns; long ago or just now.
	room := func(seconds int64, slots ...uint16) View {
		s := New()
		for k := range seconds {
			p := &Pane{Number: k, Pins: true, Acts: 2}
			for i := range uint64(2) {
				p.Said = append(p.Said, Said{uint64(k)*2 + i + 1, slots[:1+int(k+int64(i))%len(slots)]})
			}
			s.Step(p)
		}
		return s.View()
	}
	for _, c := range []struct {
		name string
		v    View
		want string
	}{
		{"nothing", New().View(), TooFewWords},
		{"one word", room(500, 1), TooFewWords},
		{"a minute", room(60, 1, 2), TooYoung},
		{"few tokens", play(New(), func() (p []*Pane) {
			for k := range int64(130) {
				p = append(p, &Pane{Number: k, Said: []Said{{uint64(k) + 1, []uint16{uint16(k % 3)}}}, Acts: 1})
			}
			return p
		}()).View(), TooFewTokens},
	} {
		if c.v.Insufficient != c.want || c.v.Grade != None {
			t.Errorf("%s: %q, grade %v; want %q", c.name, c.v.Insufficient, c.v.Grade, c.want)
		}
		finite(t, c.v)
	}
	if v := room(500, 1); v.Lexical != 0 || v.LexicalHi != 0 {
		t.Errorf("one word: n = %v", v.Lexical)
	}
	if v := New().View(); v.TotalInsufficient != TooYoung || v.RSInsufficient != TooFewWords {
		t.Errorf("nothing: %+v", v)
	}
}

func TestGrade(t *testing.T) {
	for _, c := range []struct {
		name             string
		transcript, pins bool
		seen             float64
		want             Grade
	}{
		{"transcript and pins", true, true, 95, A},
		{"the transcript has begun only now", true, true, 50, B},
		{"the transcript has ended", false, true, 95, B},
		{"pins only", false, true, 0, B},
		{"a transcript only", true, false, 95, B},
		{"neither", false, false, 0, C},
	} {
		s := &State{transcript: c.transcript, pins: c.pins, seen: c.seen, tokens: 100}
		if g := s.grade(); g != c.want {
			t.Errorf("%s: %v, want %v", c.name, g, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	f.Add(encoded(New()))
	for _, n := range []int64{1, 30, 950} {
		s := New()
		for k := range n {
			s.Step(&Pane{Number: k, Said: []Said{{r.Uint64N(50), []uint16{uint16(r.IntN(9))}}},
				Prompted: []uint16{uint16(k % 99)}, Acts: 1, Call: k%50 == 0})
		}
		f.Add(encoded(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decode(b)
		if err != nil {
			return
		}
		again, err := decode(encoded(s))
		if err != nil || !bytes.Equal(encoded(again), encoded(s)) {
			t.Fatalf("what was decoded is not encoded: %v", err)
		}
		for k := range int64(3) {
			s.Step(&Pane{Number: s.pane + 1 + k, Said: []Said{{1, []uint16{1, 2, 3}}}, Acts: 1})
		}
		finite(t, s.View())
	})
}

// The digest is the contract between architectures: it was computed on amd64, and every other must reproduce it.
func TestBitsAreTheSameEverywhere(t *testing.T) {
	s, _ := busy(20)
	h := fnv.New64a()
	h.Write(encoded(s))
	fmt.Fprintf(h, "%+v", s.View())
	if got, want := fmt.Sprintf("%016x", h.Sum64()), "c16a789b5c2086f8"; got != want {
		t.Errorf("digest %s, want %s: the estimators have changed, or this machine rounds otherwise", got, want)
	}
}
