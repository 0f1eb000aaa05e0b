package trust_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
)

// who makes an id of a person; those of events have another Hi.
func who(n int) event.ID { return event.ID{Hi: 1, Lo: uint64(n) + 1} }

// chat builds acts with ids and names of their own.
type chat struct{ n int }

func (c *chat) says(person int, ms int64, text uint64) trust.Act {
	c.n++
	return trust.Act{ID: event.ID{Hi: 2, Lo: uint64(c.n)}, Name: fmt.Sprintf("c%d", c.n), Person: who(person), MS: ms,
		Comment: true, Hash: text, SimHash: text * 0x9e3779b97f4a7c15, Runes: 20}
}

// drawn is a show of few people and few texts, so that much happens: acts by pane.
func drawn(t *rapid.T) (panes []int64, acts [][]trust.Act) {
	var c chat
	pane := int64(1_700_000_000)
	for range rapid.IntRange(1, 60).Draw(t, "panes") {
		pane += rapid.SampledFrom([]int64{1, 1, 1, 2, 5, 30, 90}).Draw(t, "gap")
		var in []trust.Act
		for range rapid.IntRange(0, 12).Draw(t, "acts") {
			a := c.says(rapid.IntRange(0, 11).Draw(t, "person"), pane*1000+rapid.Int64Range(0, 999).Draw(t, "ms"),
				rapid.Uint64Range(1, 6).Draw(t, "text"))
			a.SimHash ^= rapid.SampledFrom([]uint64{0, 0, 1, 3, 15}).Draw(t, "variation") << 20
			a.Hash = a.SimHash
			switch rapid.IntRange(0, 9).Draw(t, "kind") {
			case 0:
				a = trust.Act{ID: a.ID, Person: a.Person, MS: a.MS, Kind: 1}
			case 1:
				a.Prompted = true
			case 2:
				a.Runes, a.Hash = 2, 77
			case 3:
				a.Runes, a.Hash = 8, 88
			case 4:
				a.AccountMS = a.MS - rapid.Int64Range(0, 2*86_400_000).Draw(t, "age")
			}
			in = append(in, a)
		}
		panes, acts = append(panes, pane), append(acts, in)
	}
	return panes, acts
}

const active = 100

func TestOrderWithinAPaneAndRepetitionsMakeNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		a, b := trust.New(), trust.New()
		for i, k := range panes {
			a.Step(k, acts[i], active)
			other := rapid.Permutation(acts[i]).Draw(t, "order")
			if len(other) > 0 {
				other = append(slices.Clone(other), other[rapid.IntRange(0, len(other)-1).Draw(t, "again")])
			}
			b.Step(k, other, active)
			if !same(a, b) {
				t.Fatalf("the state differs after pane %d", i)
			}
		}
	})
}

func TestEmptyPanesMayBeLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		a, b := trust.New(), trust.New()
		last := panes[0] - 1
		for i, k := range panes {
			for last++; last < k; last++ {
				b.Step(last, nil, active)
			}
			a.Step(k, acts[i], active)
			b.Step(k, acts[i], active)
			if !same(a, b) {
				t.Fatalf("the state differs after pane %d", i)
			}
		}
	})
}

func TestAccountsArePermutable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		to := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "to")
		a, b := trust.New(), trust.New()
		for i, k := range panes {
			renamed := slices.Clone(acts[i])
			for j := range renamed {
				renamed[j].Person = who(to[renamed[j].Person.Lo-1])
			}
			a.Step(k, acts[i], active)
			b.Step(k, renamed, active)
			for p := range to {
				if x, y := a.Features(who(p)), b.Features(who(to[p])); x != y {
					t.Fatalf("pane %d, person %d: %+v and %+v", i, p, x, y)
				}
				if x, y := a.Weight(who(p), k+45), b.Weight(who(to[p]), k+45); x != y {
					t.Fatalf("pane %d, person %d: %v and %v", i, p, x, y)
				}
			}
			if fmt.Sprint(a.Floods()) != fmt.Sprint(b.Floods()) || fmt.Sprint(a.View()) != fmt.Sprint(b.View()) {
				t.Fatalf("%v %v, %v %v", a.Floods(), a.View(), b.Floods(), b.View())
			}
		}
	})
}

func TestWhatWasWrittenGoesOnTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		a := trust.New()
		b := a
		for i, k := range panes {
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				again, err := load(encode(a))
				if err != nil {
					t.Fatal(err)
				}
				b = again
			}
			a.Step(k, acts[i], active)
			if b != a {
				b.Step(k, acts[i], active)
			}
			if !same(a, b) || fmt.Sprint(a.Suspects(), a.Floods(), a.View()) !=
				fmt.Sprint(b.Suspects(), b.Floods(), b.View()) {
				t.Fatalf("pane %d differs after a restart", i)
			}
		}
	})
}

// What Weight says of a pane up to 40 past the last final one (heat asks of 38) is what it says of it ever after.
func TestWeightsOfOpenPanesAreDefinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		s := trust.New()
		said := map[int64][12]float64{}
		for i, k := range panes {
			s.Step(k, acts[i], active)
			for pane := k; pane <= k+trust.DelayPanes; pane++ {
				var now [12]float64
				for p := range now {
					now[p] = s.Weight(who(p), pane)
				}
				if before, was := said[pane]; was && before != now {
					t.Fatalf("after pane %d, pane %d had %v and has %v", k, pane, before, now)
				}
				said[pane] = now
			}
		}
	})
}

func TestEvidenceIsOfTheAccused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		panes, acts := drawn(t)
		s := trust.New()
		by := map[string]event.ID{}
		for i, k := range panes {
			for _, a := range acts[i] {
				by[a.Name] = a.Person
			}
			s.Step(k, acts[i], active)
			for _, x := range s.Suspects() {
				if x.Weight >= trust.SuspectBelow || len(x.Reasons) == 0 {
					t.Fatalf("%+v", x)
				}
				for _, r := range x.Reasons {
					if len(r.Evidence) == 0 || len(r.Evidence) > 5 || !(r.Score > 0) {
						t.Fatalf("%+v", r)
					}
					for _, name := range r.Evidence {
						if by[name] != x.Person {
							t.Fatalf("%s is of %v, not of %v", name, by[name], x.Person)
						}
					}
				}
			}
			for _, f := range s.Floods() {
				if f.Accounts < 4 || f.Comments < 4 || len(f.Evidence) < 4 || len(f.Evidence) > 5 {
					t.Fatalf("%+v", f)
				}
			}
		}
	})
}

// ring has accounts 0 … n-1 say the text in turn, one a second, over and over: dup and reg.
func ring(s *trust.State, c *chat, n, from, panes int, change func(*trust.Act)) {
	for i := range panes {
		a := c.says(i%n, int64(from+i)*1000, 5)
		if change != nil {
			change(&a)
		}
		s.Step(int64(from+i), []trust.Act{a}, active)
	}
}

func TestARingOfTimersIsFoundOutFortyPanesLater(t *testing.T) {
	s, c := trust.New(), &chat{}
	ring(s, c, 4, 1000, 80, nil)
	if n := len(s.Suspects()); n != 0 {
		t.Fatalf("%d suspects before anybody has 20 gaps", n)
	}
	near(t, "reg of 19 gaps", s.Features(who(0)).Reg, 0, 0)
	ring(s, c, 4, 1080, 4, nil)
	got := s.Suspects()
	if len(got) == 0 {
		t.Fatalf("nobody is suspected: %+v", s.Features(who(0)))
	}
	near(t, "weight", got[0].Weight, .475021, 1e-6)
	if r := got[0].Reasons; len(r) != 2 || r[0].Name != "dup" || r[0].Score != 1 || r[1].Name != "reg" {
		t.Errorf("%+v", r)
	}
	p := got[0].Person
	var pane int64
	for pane = 1083; s.Weight(p, pane) >= .5; pane++ {
		if pane > 1083+40 {
			t.Fatal("the verdict never counts")
		}
	}
	if pane < 1080+40 {
		t.Errorf("it counts from pane %d", pane)
	}
	if f := s.Floods(); len(f) != 1 || f[0].Accounts != 4 || f[0].Comments != 84 || f[0].SinceMS != 1_000_000 ||
		!slices.Equal(f[0].Evidence, []string{"c1", "c2", "c3", "c4", "c5"}) {
		t.Errorf("%+v", f)
	}
	if v := s.View(); v.Suspects != len(got) || v.People != 4 || !(v.SuspectShare > 0) || v.Speakers != 4 {
		t.Errorf("%+v", v)
	}
}

func TestFirstOfAFloodAreCopiesTooAndItFades(t *testing.T) {
	s, c := trust.New(), &chat{}
	ring(s, c, 4, 1000, 4, nil)
	for p := range 4 {
		near(t, "one copy of four at least", s.Features(who(p)).Dup, .25, 0)
	}
	for i := range 3 { // 1 of 2, of 3, of 4 comments
		s.Step(int64(1010+i), []trust.Act{c.says(0, int64(1010+i)*1000, uint64(100+i))}, active)
		near(t, "still one of four", s.Features(who(0)).Dup, .25, 0)
	}
	for i := range 17 {
		near(t, "fading", s.Features(who(0)).Dup, 1/float64(4+i), 1e-12)
		s.Step(int64(1100+i), []trust.Act{c.says(0, int64(1100+i)*1000, uint64(200+i))}, active)
	}
	near(t, "gone after 20", s.Features(who(0)).Dup, 0, 0)
}

func TestWhatIsNoCopy(t *testing.T) {
	for _, c := range []struct {
		name   string
		people int
		active int64
		own    bool // they have said things of their own
		change func(*trust.Act)
		copies bool
	}{
		{name: "four say it", people: 4, active: 100, copies: true},
		{name: "three say it", people: 3, active: 100},
		{name: "the ESOL asked for it", people: 30, active: 1000, change: func(a *trust.Act) { a.Prompted = true }},
		{name: "a vote", people: 30, active: 1000, change: func(a *trust.Act) { a.Command = true }},
		{name: "three runes", people: 30, active: 1000, change: func(a *trust.Act) { a.Runes = 3 }},
		{name: "no text", people: 30, active: 1000, change: func(a *trust.Act) { a.Runes = 0 }},
		{name: "an answer of six runes", people: 30, active: 1000, own: true, change: func(a *trust.Act) { a.Runes = 6 }},
		{name: "six runes, nothing else", people: 30, active: 1000, change: func(a *trust.Act) { a.Runes = 6 }, copies: true},
		{name: "six runes from eight", people: 8, active: 1000, change: func(a *trust.Act) { a.Runes = 6 }},
		{name: "a greeting of six runes", people: 30, active: 100, change: func(a *trust.Act) { a.Runes = 6 }},
		{name: "a chant", people: 12, active: 100, own: true},
		{name: "a chant of whom nothing else is known", people: 12, active: 100, copies: true},
		{name: "too few of the heads for a chant", people: 12, active: 300, own: true, copies: true},
		{name: "too few people for a chant", people: 7, active: 100, own: true, copies: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, by := trust.New(), &chat{}
			var said []trust.Act
			for p := range c.people {
				if c.own {
					s.Step(int64(100+p), []trust.Act{by.says(p, int64(100+p)*1000, uint64(1000+p))}, c.active)
				}
				a := by.says(p, 900_000+int64(p), 5)
				if c.change != nil {
					c.change(&a)
				}
				said = append(said, a)
			}
			s.Step(900, said, c.active)
			for p := range c.people {
				if dup := s.Features(who(p)).Dup; dup > 0 != c.copies {
					t.Errorf("person %d: dup %v", p, dup)
				}
			}
			if listed := len(s.Floods()) > 0; listed != (c.copies && !c.own) {
				t.Errorf("listed: %v", listed)
			}
		})
	}
}

// Who begins what becomes a chant is acquitted.
func TestAChantAcquitsThoseWhoBeganIt(t *testing.T) {
	s, c := trust.New(), &chat{}
	for p := range 12 {
		s.Step(int64(100+p), []trust.Act{c.says(p, int64(100+p)*1000, uint64(1000+p))}, active)
	}
	for p := range 12 {
		s.Step(int64(200+p), []trust.Act{c.says(p, int64(200+p)*1000, 5)}, active)
		if dup := s.Features(who(0)).Dup; dup > 0 != (p >= 3 && p < 7) {
			t.Errorf("when %d have said it, dup of the first is %v", p+1, dup)
		}
	}
}

func TestLikenessOfTextsFromTwelveRunes(t *testing.T) {
	for _, c := range []struct {
		bits  int
		runes int
		dup   bool
	}{{0, 12, true}, {3, 12, true}, {4, 12, false}, {1, 11, false}} {
		s, by := trust.New(), &chat{}
		for p := range 4 {
			a := by.says(p, int64(1000+p)*1000, 5)
			a.Runes = c.runes
			if p == 3 {
				a.Hash++
				a.SimHash ^= 1<<c.bits - 1
			}
			s.Step(int64(1000+p), []trust.Act{a}, active)
		}
		if dup := s.Features(who(3)).Dup > 0; dup != c.dup {
			t.Errorf("%+v: dup %v", c, dup)
		}
	}
}

func TestTheNumberOfManyVoicesIsEstimated(t *testing.T) {
	s, c := trust.New(), &chat{}
	var acts []trust.Act
	for p := range 800 {
		acts = append(acts, c.says(p, 1000_000, 5))
	}
	s.Step(1000, acts, 100_000)
	f := s.Floods()
	if len(f) != 1 || f[0].Accounts < 400 || f[0].Accounts > 1400 || f[0].Comments != 800 {
		t.Fatalf("%+v", f)
	}
	for p := range 800 {
		if s.Features(who(p)).Dup != .25 {
			t.Fatalf("person %d of 800 is not judged", p)
		}
	}
}

func TestNewAccounts(t *testing.T) {
	s, c := trust.New(), &chat{}
	const ms = 1_700_000_000_000
	for i, want := range map[int64]float64{0: 0, ms - 86_400_000: 0, ms - 86_399_999: 1, ms + 5: 1} {
		a := c.says(int(i%97), ms, 5)
		a.AccountMS = i
		x := trust.New()
		x.Step(ms/1000, []trust.Act{a}, active)
		near(t, "new", x.Features(a.Person).New, want, 0)
	}
	s.Step(1, []trust.Act{{ID: event.ID{Lo: 1}, MS: 1000}}, 1)
	if s.View().People != 0 {
		t.Error("an act of nobody is remembered")
	}
}

func TestForgetting(t *testing.T) {
	s, c := trust.New(), &chat{}
	ring(s, c, 4, 1000, 100, nil)
	if len(s.Suspects()) != 4 {
		t.Fatal("no suspects to forget")
	}
	var many []trust.Act
	for p := range 50_001 {
		many = append(many, trust.Act{ID: event.ID{Hi: 9, Lo: uint64(p)}, Person: who(100 + p), MS: 2_000_000})
	}
	s.Step(2000, many, active)
	if n := s.View().People; n != 45_000 {
		t.Errorf("%d people are remembered", n)
	}
	if len(s.Suspects()) != 0 || s.Weight(who(0), 2039) > .5 || s.Weight(who(0), 2040) != trust.Default {
		t.Errorf("suspects %v; %v, then %v", s.Suspects(), s.Weight(who(0), 2039), s.Weight(who(0), 2040))
	}
	s.Step(2100, nil, active)
	if s.View().Doubted != 0 {
		t.Error("what was held against the forgotten is kept")
	}
}

func TestATextTooMany(t *testing.T) {
	s, c := trust.New(), &chat{}
	var acts []trust.Act
	for p := range 9000 {
		acts = append(acts, c.says(p, 1000_000, uint64(10+p)))
	}
	for _, text := range []uint64{5, 1 << 40} { // the smallest and the greatest hash
		for p := range 4 {
			acts = append(acts, c.says(20_000+p+int(text>>30), 1000_000, text))
		}
	}
	s.Step(1000, acts, active)
	if a, b := s.Features(who(20_000)).Dup, s.Features(who(20_000+1<<10)).Dup; a != .25 || b != 0 {
		t.Errorf("%v and %v", a, b)
	}
}

func TestDiagnosticsInClosedForm(t *testing.T) {
	s, c := trust.New(), &chat{}
	var acts []trust.Act
	for p, n := range []int{1, 1, 2, 4} {
		for range n {
			acts = append(acts, c.says(p, 1000_000, uint64(c.n+9)))
		}
	}
	s.Step(1000, acts, active)
	v := s.View()
	near(t, "Simpson", v.Simpson, (2.+12)/(8*7), 1e-12)
	near(t, "Gini", v.Gini, (1*-3.+1*-1+2*1+4*3)/(4*8), 1e-12) // Σ(2i-n-1)x / (n Σx)
	near(t, "evenness", v.Evenness, 1.75/2, 1e-12)             // in bits: 1/8·3·2 + 1/4·2 + 1/2·1, of log2 4
	if v.Comments != 8 || v.Speakers != 4 || strings.Join(v.NotJudged, " ") != "lock refund view" {
		t.Errorf("%+v", v)
	}
	s.Step(1400, nil, active)
	if v = s.View(); v.Comments != 0 || v.Simpson != 0 || v.People != 4 {
		t.Errorf("after five minutes: %+v", v)
	}
}

func FuzzDecode(f *testing.F) {
	s, c := trust.New(), &chat{}
	ring(s, c, 5, 1000, 110, nil)
	w := encode(s)
	for n, people := range w.people {
		for k, texts := range w.texts {
			f.Add(w.head, n, people, k, texts)
		}
	}
	f.Fuzz(func(t *testing.T, head []byte, n int, people []byte, k int64, texts []byte) {
		w := &written{head, map[int][]byte{n: people}, map[int64][]byte{k: texts}}
		s, err := load(w)
		if err != nil {
			return
		}
		again, err := load(encode(s))
		if err != nil {
			t.Fatalf("what was decoded does not decode again: %v", err)
		}
		if !same(s, again) {
			t.Fatal("what was decoded differs when it is again")
		}
		s.Suspects()
		s.Floods()
		s.View()
	})
}

func TestDecodeRefuses(t *testing.T) {
	s, c := trust.New(), &chat{}
	ring(s, c, 5, 1000, 110, nil)
	good := s.Encode()
	for n := range len(good) {
		if _, err := trust.Decode(good[:n]); err == nil {
			t.Fatalf("%d of %d bytes decode", n, len(good))
		}
	}
	if _, err := trust.Decode(append(good, 0)); err == nil {
		t.Error("a byte too many decodes")
	}
}
