package syncrate

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawPane draws a pane full of everything.
func drawPane(t *rapid.T, k int64) *Pane {
	counts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Count {
		return Count{uint16(rapid.IntRange(0, 12).Draw(t, "slot")) * 50, int32(rapid.IntRange(-1, 5).Draw(t, "n"))}
	}), 0, 8)
	person := rapid.Uint64Range(1, 30)
	return &Pane{
		Number:   k,
		Audience: counts.Draw(t, "audience"), Esol: counts.Draw(t, "esol"), Brand: counts.Draw(t, "brand"),
		AudienceTokens: rapid.Int64Range(0, 60).Draw(t, "words"), EsolTokens: rapid.Int64Range(0, 60).Draw(t, "words"),
		Uses: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Use {
			return Use{person.Draw(t, "person"), uint16(rapid.IntRange(0, 12).Draw(t, "slot")) * 50}
		}), 0, 8).Draw(t, "uses"),
		Calls: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Call {
			return Call{rapid.Uint64Range(1, 40).Draw(t, "id"), uint8(rapid.IntRange(0, 3).Draw(t, "action"))}
		}), 0, 1).Draw(t, "calls"),
		Acted: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Acted {
			return Acted{person.Draw(t, "person"), uint8(rapid.IntRange(0, 17).Draw(t, "action"))}
		}), 0, 12).Draw(t, "acted"),
		Active: rapid.Int64Range(0, 60).Draw(t, "active"),
	}
}

// shuffled is the same pane in another order, some of it twice, a count in two parts.
func shuffled(p *Pane, random *rand.Rand) *Pane {
	q := *p
	q.Audience, q.Uses, q.Acted = slices.Clone(p.Audience), slices.Clone(p.Uses), slices.Clone(p.Acted)
	q.Esol, q.Calls = slices.Clone(p.Esol), slices.Clone(p.Calls)
	if n := len(q.Audience); n > 0 && q.Audience[n-1].N > 1 {
		q.Audience[n-1].N--
		q.Audience = append(q.Audience, Count{q.Audience[n-1].Slot, 1})
	}
	q.Uses, q.Acted, q.Calls = append(q.Uses, p.Uses...), append(q.Acted, p.Acted...), append(q.Calls, p.Calls...)
	random.Shuffle(len(q.Audience), func(i, j int) { q.Audience[i], q.Audience[j] = q.Audience[j], q.Audience[i] })
	random.Shuffle(len(q.Esol), func(i, j int) { q.Esol[i], q.Esol[j] = q.Esol[j], q.Esol[i] })
	random.Shuffle(len(q.Uses), func(i, j int) { q.Uses[i], q.Uses[j] = q.Uses[j], q.Uses[i] })
	random.Shuffle(len(q.Acted), func(i, j int) { q.Acted[i], q.Acted[j] = q.Acted[j], q.Acted[i] })
	return &q
}

// same fails when two states or their views differ.
func same(t *rapid.T, k int64, a, b *State) {
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Fatalf("pane %d: the states differ", k)
	}
	v, w := a.View(), b.View()
	if math.Float64bits(v.Sync) != math.Float64bits(w.Sync) || v.Echo != w.Echo || v.Action != w.Action ||
		v.Amount != w.Amount || math.Float64bits(v.EchoLatencySeconds) != math.Float64bits(w.EchoLatencySeconds) {
		t.Fatalf("pane %d: %+v\nand %+v", k, v, w)
	}
}

// One run has the panes as they are; the other has each in another order, gaps pane by pane, and restarts in between.
func TestOrderGapsAndRestartsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a, b := New(), New()
		k := int64(rapid.IntRange(-200, 2000).Draw(t, "start"))
		// The same few panes again and again: drawing hundreds of them would take rapid too long.
		var some []*Pane
		for range 6 {
			some = append(some, drawPane(t, 0))
		}
		for range rapid.IntRange(1, 80).Draw(t, "panes") {
			p := *some[random.IntN(len(some))]
			p.Number = k
			a.Step(&p)
			b.Step(shuffled(&p, random))
			if random.IntN(20) == 0 {
				slot := uint16(random.IntN(13)) * 50
				a.Renew(slot)
				b.Renew(slot)
			}
			if random.IntN(10) == 0 {
				same(t, k, a, b)
				again, err := Decode(b.Encode())
				if err != nil {
					t.Fatal(err)
				}
				b = again
			}
			gap := int64(1)
			if random.IntN(8) == 0 {
				gap = []int64{2, 20, 61, 300, 700}[random.IntN(5)]
			}
			for range gap - 1 {
				k++
				b.Step(&Pane{Number: k})
			}
			k++
		}
		a.Step(&Pane{Number: k})
		b.Step(&Pane{Number: k})
		same(t, k, a, b)
	})
}

func TestWhatOneHeadRepeatsChangesNoActionSync(t *testing.T) {
	run := func(repeats int) Component {
		s := New()
		for k := range int64(300) {
			p := &Pane{Number: k, Active: 100}
			if k%100 == 90 {
				p.Calls = []Call{{ID: uint64(k), Action: 3}}
			}
			if since := k%100 - 90; since > 2 && since < 6 {
				for head := range uint64(10) {
					p.Acted = append(p.Acted, Acted{Person: 1 + head + 10*uint64(since), Action: 3})
				}
			}
			if k%100 > 93 {
				for range repeats {
					p.Acted = append(p.Acted, Acted{Person: 31, Action: 3}) // one of the first ten
				}
			}
			s.Step(p)
		}
		return s.View().Action
	}
	if once, often := run(0), run(7); once != often || once.Missing != "" || once.Value == 0 {
		t.Errorf("%+v, and with one head who repeats itself %+v", once, often)
	}
}

func TestAnyActionFollowsACallForNone(t *testing.T) {
	s := New()
	for k := range int64(130) {
		p := &Pane{Number: k, Active: 40}
		if k == 100 {
			p.Calls = []Call{{ID: 1}, {ID: 2, Action: 5}, {ID: 3, Action: 200}}
		}
		if k == 103 {
			for head := range uint64(20) {
				p.Acted = append(p.Acted, Acted{head + 1, uint8(4 + head%2)}, Acted{head + 1, 99})
			}
		}
		s.Step(p)
	}
	v := s.View()
	if len(v.Calls) != 2 || v.Calls[0].People != 20 || v.Calls[1].People != 10 || v.Calls[1].Active != 40 {
		t.Errorf("%+v", v.Calls)
	}
}

func TestCallsAreBounded(t *testing.T) {
	s := New()
	p := &Pane{Number: 0, Active: 40}
	for id := range uint64(12) {
		p.Calls = append(p.Calls, Call{ID: 12 - id})
	}
	s.Step(p)
	s.Step(&Pane{Number: 20, Active: 40})
	if n := len(s.View().Calls); n != openCallsMax || s.View().Calls[7].ID != 8 {
		t.Errorf("%d calls are measured, the last being %+v", n, s.View().Calls[n-1])
	}
}

func TestTheWindowsBeforeACallAreQuiet(t *testing.T) {
	for _, c := range []struct {
		name    string
		calls   []int64 // before the one at 200
		start   int64
		windows int
	}{
		{"no other calls", nil, 0, 3},
		{"the show has just begun", nil, 190, 0},
		{"the show is 45 s old", nil, 156, 2},
		{"a call a minute", []int64{80, 140}, 0, 3},
		{"a call each 40 s", []int64{80, 120, 160}, 0, 3},
		{"a call each 30 s", []int64{80, 110, 140, 170}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New()
			for k := c.start; k <= 200; k++ {
				p := &Pane{Number: k, Active: 10}
				if slices.Contains(c.calls, k) || k == 200 {
					p.Calls = []Call{{ID: uint64(k)}}
				}
				s.Step(p)
			}
			if got := s.calls.open[len(s.calls.open)-1].windows; got != c.windows {
				t.Errorf("%d windows, want %d", got, c.windows)
			}
		})
	}
}

// room makes panes of an audience that draws its words from its own favourites, at a rate that surges at random, and of
// an ESOL who says words independently. echoes of the heads take up what she says, after 2 to 13 s.
type room struct {
	random *rand.Rand
	people []float64
	esol   []float64
	surge  float64
	copies float64 // uses that a use brings about, in turn
	later  map[int64][]Use
}

func newRoom(seed uint64) *room {
	r := &room{random: rand.New(rand.NewPCG(seed, 7)), later: map[int64][]Use{}}
	r.people, r.esol = zipf(40, 1, 0), zipf(40, .5, 0)
	r.random.Shuffle(40, func(i, j int) { r.people[i], r.people[j] = r.people[j], r.people[i] })
	return r
}

func (r *room) draw(p []float64) uint16 {
	u := r.random.Float64()
	for slot, share := range p {
		if u -= share; u < 0 {
			return uint16(slot)
		}
	}
	return 0
}

func (r *room) poisson(mean float64) (n int) {
	for u := r.random.ExpFloat64(); u < mean; u += r.random.ExpFloat64() {
		n++
	}
	return n
}

func (r *room) pane(k int64, echoes float64) *Pane {
	p := &Pane{Number: k, Active: 200}
	r.surge = r.surge*.9 + .4*r.random.NormFloat64()
	uses := r.later[k]
	delete(r.later, k)
	for range r.poisson(6 * math.Exp(r.surge-.4)) {
		uses = append(uses, Use{r.random.Uint64N(200), r.draw(r.people)})
	}
	p.Uses = uses
	for _, u := range uses {
		for range r.poisson(r.copies) {
			at := k + 1 + r.random.Int64N(10)
			r.later[at] = append(r.later[at], Use{r.random.Uint64N(200), u.Slot})
		}
		p.Audience = append(p.Audience, Count{u.Slot, 1})
	}
	for range r.poisson(.1) {
		slot := r.draw(r.esol)
		p.Esol = append(p.Esol, Count{slot, 1})
		for range r.poisson(echoes) {
			at := k + 2 + r.random.Int64N(12)
			r.later[at] = append(r.later[at], Use{r.random.Uint64N(200), slot})
		}
	}
	return p
}

func TestAnEchoIsFoundAndItsLatency(t *testing.T) {
	s, r := New(), newRoom(1)
	for k := range int64(900) {
		s.Step(r.pane(k, 5))
	}
	v := s.View()
	t.Logf("echo %+v after %.1f s", v.Echo, v.EchoLatencySeconds)
	if v.Echo.Lo < .05 || !near(v.EchoLatencySeconds, 7.5, 2.5) {
		t.Errorf("echo %+v after %v s: 7.5 s were planted", v.Echo, v.EchoLatencySeconds)
	}
}

func TestWordsThatOnlyFollowAMentionAreAFullEcho(t *testing.T) {
	s := New()
	for k := range int64(700) {
		p := &Pane{Number: k, AudienceTokens: 5}
		if k >= 100 && k%70 == 0 {
			p.Esol = []Count{{uint16(k / 70), 1}}
		}
		if k >= 100 && k%70 == 3 {
			p.Audience = []Count{{uint16(k / 70), int32(3 + k/70%2)}}
		}
		s.Step(p)
	}
	if e := s.View().Echo; e.Value != 1 || e.Lo < .5 {
		t.Errorf("%+v", e)
	}
}

// An independent ESOL has no echo, nor where the room copies from itself, so that uses come in bursts: Lo is above 0 in
// about 2.5% of the shows.
func TestIndependentWordsHaveNoEcho(t *testing.T) {
	for _, copies := range []float64{0, .6} {
		const shows = 100
		alarms, mean, known := 0, 0., 0
		for seed := range uint64(shows) {
			s, r := New(), newRoom(100+seed)
			r.copies = copies
			for k := range int64(600) {
				s.Step(r.pane(k, 0))
			}
			e := s.View().Echo
			if e.Missing == "" {
				known++
				mean += e.Value
			}
			if e.Lo > 0 {
				alarms++
			}
		}
		t.Logf("copies %v: %d alarms in %d shows with a number; mean %.3f", copies, alarms, known, mean/float64(known))
		if alarms > shows*6/100 || known < shows*9/10 || mean/float64(known) > .1 {
			t.Errorf("copies %v: %d alarms, %d known, mean %.3f", copies, alarms, known, mean/float64(known))
		}
	}
}

// actingRoom is 100 heads who act at random, a tenth of them in 20 s; lift of them follow a call within seconds.
func actingRoom(seed uint64, lift int) View {
	s, random := New(), rand.New(rand.NewPCG(seed, 8))
	for k := range int64(1800) {
		p := &Pane{Number: k, Active: 100}
		for head := range uint64(100) {
			if random.Float64() < .1/20 {
				p.Acted = append(p.Acted, Acted{head + 1, 2})
			}
		}
		if k%90 == 80 {
			p.Calls = []Call{{ID: uint64(k), Action: 2}}
		}
		if k%90 == 83 {
			for range lift {
				p.Acted = append(p.Acted, Acted{1 + random.Uint64N(100), 2})
			}
		}
		s.Step(p)
	}
	return s.View()
}

func TestACallThatIsFollowedIsFound(t *testing.T) {
	v := actingRoom(1, 40)
	t.Logf("%+v", v.Action)
	if v.Action.Lo < .3 || v.Calls[7].UpliftLo < .05 || v.Calls[7].Concentration < .5 {
		t.Errorf("%+v\n%+v", v.Action, v.Calls[7])
	}
}

func TestACallThatChangesNothingIsNotFound(t *testing.T) {
	calls, lifted, synced, shows, mean := 0, 0, 0, 0, 0.
	for seed := range uint64(40) {
		v := actingRoom(500+seed, 0)
		for _, c := range v.Calls {
			calls++
			if c.UpliftLo > 0 {
				lifted++
			}
			if c.SyncLo > 0 {
				synced++
			}
		}
		if v.Action.Lo > 0 {
			shows++
		}
		mean += v.Action.Value / 40
	}
	t.Logf("%d calls: uplift above 0 in %d, sync in %d; of 40 shows in %d; mean action %.3f",
		calls, lifted, synced, shows, mean)
	if lifted > calls*5/100 || synced > calls*1/100 || shows > 2 || mean > .1 {
		t.Errorf("%d calls, %d lifted, %d synced, %d shows, mean %.3f", calls, lifted, synced, shows, mean)
	}
}

func TestARenewedSlotKnowsNothing(t *testing.T) {
	s, r := New(), newRoom(3)
	for k := range int64(400) {
		s.Step(r.pane(k, 3))
	}
	sum := s.bags[audience].tokens.Sum
	for slot := range uint16(Slots + 2) {
		s.Renew(slot)
	}
	if s.bags[audience].counts != [Slots]float64{} || s.recent.uses != [Slots]int64{} || s.echo.kept != 0 {
		t.Error("something is left")
	}
	if s.bags[audience].tokens.Sum != sum {
		t.Error("the words are gone; they should count as others")
	}
	opened := 0
	for k := int64(400); k < 600; k++ {
		s.Step(r.pane(k, 3))
		for slot := range s.echo.open {
			if o := &s.echo.open[slot]; o.open && o.pane < 459 {
				t.Fatalf("the window of slot %d opened at %d", slot, o.pane)
			} else if o.open {
				opened++
			}
		}
	}
	if opened == 0 {
		t.Error("no window opened again")
	}
}

func TestAPaneThatComesTwicePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	s := New()
	s.Step(&Pane{Number: 5})
	s.Step(&Pane{Number: 5})
}

func TestWhatWasLongAgoIsForgotten(t *testing.T) {
	s, r := New(), newRoom(3)
	for k := range int64(600) {
		p := r.pane(k, 3)
		if k == 500 {
			p.Calls = []Call{{ID: 1}}
		}
		s.Step(p)
	}
	if v := s.View(); v.Amount.Missing != "" || v.Echo.Missing != "" || v.Action.Missing != "" {
		t.Fatalf("%+v", v)
	}
	s.Step(&Pane{Number: 600 + 20*300})
	v := s.View()
	if v.Amount.Missing == "" || v.Echo.Missing != NoESOLWords || v.Action.Missing != NoCalls ||
		v.EchoLatencySeconds == v.EchoLatencySeconds || v.Insufficient != TooFewComponents {
		t.Errorf("%+v", v)
	}
}

// Who finds no place any more does not depend on order either.
func TestActsAndEchoesAreBounded(t *testing.T) {
	a, b := New(), New()
	for k := range int64(70) {
		p := &Pane{Number: k, Active: 100_000, AudienceTokens: 1}
		if k == 60 {
			p.Esol = []Count{{7, 1}}
		}
		for i := range uint64(4000) {
			p.Acted = append(p.Acted, Acted{uint64(k)<<32 | i, 1})
			p.Uses = append(p.Uses, Use{uint64(k)<<32 | i, 7})
		}
		a.Step(p)
		slices.Reverse(p.Acted)
		slices.Reverse(p.Uses)
		b.Step(p)
	}
	if a.acts.pairs != actsMax || a.echo.kept != echoPeopleMax {
		t.Error(a.acts.pairs, a.echo.kept)
	}
	if !bytes.Equal(a.Encode(), b.Encode()) {
		t.Error("the states differ")
	}
	if again, err := Decode(a.Encode()); err != nil || !bytes.Equal(again.Encode(), a.Encode()) {
		t.Error("a full state does not come back:", err)
	}
}

func FuzzDecode(f *testing.F) {
	s, r := New(), newRoom(3)
	for k := range int64(200) {
		p := r.pane(k, 3)
		if k%45 == 0 {
			p.Calls = []Call{{ID: uint64(k), Action: 1}}
		}
		p.Acted = []Acted{{uint64(k % 9), 1}, {uint64(k % 7), 3}}
		s.Step(p)
	}
	s.SetPossession(3, 9, .1)
	f.Add(s.Encode())
	f.Add(New().Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Decode(b)
		if err != nil {
			return
		}
		first := s.Encode()
		again, err := Decode(first)
		if err != nil {
			t.Fatalf("its own bytes do not decode: %v", err)
		}
		if !bytes.Equal(first, again.Encode()) {
			t.Fatal("encoded differently the second time")
		}
		s.View()
		if s.started && s.pane > -1<<60 && s.pane < 1<<60 {
			for range 70 {
				s.Step(&Pane{Number: s.pane + 1, Esol: []Count{{1, 1}}, Uses: []Use{{1, 1}}, Acted: []Acted{{1, 1}}})
			}
			v := s.View()
			if v.Sync != v.Sync || v.SyncLo > v.SyncHi {
				t.Fatalf("%+v", v)
			}
		}
	})
}

func benchmarkRoom() (*State, []*Pane) {
	s, random := New(), rand.New(rand.NewPCG(1, 2))
	list := make([]*Pane, 64)
	for i := range list {
		p := &Pane{Active: 5000, AudienceTokens: 1500, EsolTokens: 5, BrandTokens: 512}
		counts := map[uint16]int32{}
		for range 1000 {
			slot := uint16(random.ExpFloat64() * 90)
			if slot >= Slots {
				slot = 0
			}
			counts[slot]++
			p.Uses = append(p.Uses, Use{random.Uint64N(5000) * 0x9e3779b97f4a7c15, slot})
		}
		for slot, n := range counts {
			p.Audience = append(p.Audience, Count{slot, n})
		}
		for slot := range uint16(Slots) {
			p.Brand = append(p.Brand, Count{slot, 1})
		}
		p.Esol = []Count{{uint16(random.IntN(Slots)), 1}, {uint16(random.IntN(40)), 2}}
		for range 100 {
			p.Acted = append(p.Acted, Acted{random.Uint64N(5000) * 0x9e3779b97f4a7c15, uint8(random.IntN(5))})
		}
		if i == 0 {
			p.Calls = []Call{{ID: 1, Action: 2}}
		}
		list[i] = p
	}
	for k := range int64(300) {
		p := *list[k%64]
		p.Number = k
		s.Step(&p)
	}
	return s, list
}

func BenchmarkStep(b *testing.B) {
	s, list := benchmarkRoom()
	b.ReportAllocs()
	for b.Loop() {
		p := list[(s.pane+1)%64]
		p.Number = s.pane + 1
		s.Step(p)
	}
}

func BenchmarkView(b *testing.B) {
	s, _ := benchmarkRoom()
	b.ReportAllocs()
	for b.Loop() {
		s.View()
	}
}

func BenchmarkEncode(b *testing.B) {
	s, _ := benchmarkRoom()
	n := 0
	for b.Loop() {
		n = len(s.Encode())
	}
	b.ReportMetric(float64(n), "bytes")
}
