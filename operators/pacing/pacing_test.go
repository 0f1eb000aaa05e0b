package pacing_test

import (
	"errors"
	"math"
	"testing"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/pacing"
	"github.com/netsu/netsu/stream/event"
	"pgregory.net/rapid"
)

const minute = 60_000

// hour is a plan of one show of an hour.
func hour(target int64) pacing.Plan {
	return pacing.Plan{TargetMinor: target, Shows: []pacing.Show{{0, 60 * minute}}}
}

// state is of n orders of the amounts in turn, evenly up to an end.
func state(t testing.TB, n int, endMS int64, of ...int64) *pacing.State {
	t.Helper()
	s := &pacing.State{}
	for i := range n {
		if err := s.Replace(int64(i)*endMS/int64(n), 0, of[i%len(of)]); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Half way, 200 orders of 500 and 1500, φ = 2, by hand from doc.go's moments.
func TestClosedForm(t *testing.T) {
	p := hour(450_000)
	p.Phi = 2
	v := state(t, 200, 30*minute, 500, 1500).View(p, 30*minute)
	shape, rate := .5+100, 1800/2.
	r, m, s2 := shape/rate, 1000., 250_000*200/199.
	orders := 1800 * r
	variance := orders*s2 + m*m*(2*orders+1800*1800*shape/rate/rate) + orders*orders*s2/200
	mean := orders * m
	sigma := math.Sqrt(math.Log(1 + variance/mean/mean))
	mu := math.Log(mean) - sigma*sigma/2
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"P", v.P, .5 * math.Erfc((math.Log(250_000)-mu)/sigma/math.Sqrt2)},
		{"raw P", v.RawP, .5 * math.Erfc((math.Log(250_000)-mu)/sigma/math.Sqrt2)},
		{"final", v.Final, 200_000 + mean},
		{"lower end", v.FinalLo, 200_000 + math.Exp(mu-1.2815515655446004*sigma)},
		{"upper end", v.FinalHi, 200_000 + math.Exp(mu+1.2815515655446004*sigma)},
		{"run rate", v.RunRate, 400_000},
		{"needed rate", v.NeededRate, 500_000},
		{"elapsed", v.ElapsedSeconds, 1800},
		{"left", v.LeftSeconds, 1800},
	} {
		if !(math.Abs(c.got/c.want-1) < 1e-12) {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
	if v.Insufficient != "" || v.Hit || v.CurrentMinor != 200_000 || v.Orders != 200 {
		t.Errorf("%+v", v)
	}
}

func TestPhi(t *testing.T) {
	p := hour(1)
	// Fifteen slots. All orders in one of three: expected n/3 each, χ² = 2n, over 2 degrees of freedom n.
	s := &pacing.State{}
	for range 30 {
		_ = s.Replace(1, 0, 100)
	}
	if got, want := s.Phi(p, 12*minute), .25*30+.75*6; math.Abs(got-want) > 1e-12 {
		t.Errorf("φ = %v, want %v", got, want)
	}
	if got := s.Phi(p, 7*minute); got != 6 {
		t.Errorf("with one whole slot φ = %v, want the prior's 6", got)
	}
	if got := state(t, 60, 60*minute, 5).Phi(p, 60*minute); got != 4.5 {
		t.Errorf("evenly φ = %v, want 4.5", got)
	}
	p.Profile = pacing.Profile{1, 0, 0, 0, 0} // all is sold in the first 12 minutes
	if got := state(t, 30, 12*minute, 5).Phi(p, 60*minute); got != 4.5 {
		t.Errorf("as the profile says, φ = %v, want 4.5", got)
	}
	two := pacing.Plan{Shows: []pacing.Show{{0, 12 * minute}, {60 * minute, 72 * minute}}}
	_ = s.Replace(61*minute, 0, 100)
	want := s.Phi(two, 99*minute)
	if two.Shows[0], two.Shows[1] = two.Shows[1], two.Shows[0]; s.Phi(two, 99*minute) != want || want < 6 {
		t.Errorf("φ = %v, and %v with the shows in another order", want, s.Phi(two, 99*minute))
	}
	if p.Phi = .5; s.Phi(p, 0) != 1 {
		t.Error("φ is never below 1")
	}
}

func TestExposureFollowsTheProfileAndTheShows(t *testing.T) {
	s := state(t, 10, 10*minute, 100)
	p := pacing.Plan{TargetMinor: 2000, Profile: pacing.Profile{3, 1},
		Shows: []pacing.Show{{0, 60 * minute}, {1000 * minute, 1060 * minute}}}
	for _, c := range []struct {
		at            int64
		elapsed, left float64
	}{
		{0, 0, 7200}, {30 * minute, 2700, 4500}, {45 * minute, 3150, 4050}, {60 * minute, 3600, 3600},
		{999 * minute, 3600, 3600}, {1030 * minute, 6300, 900}, {2000 * minute, 7200, 0},
	} {
		v := s.View(p, c.at)
		if math.Abs(v.ElapsedSeconds-c.elapsed) > 1e-9 || math.Abs(v.LeftSeconds-c.left) > 1e-9 {
			t.Errorf("at %d min: %v and %v, want %v and %v", c.at/minute, v.ElapsedSeconds, v.LeftSeconds, c.elapsed, c.left)
		}
	}
	for name, odd := range map[string]pacing.Profile{"negative": {1, -1}, "NaN": {math.NaN()}, "zero": {0, 0}} {
		if p.Profile = odd; math.Abs(s.View(p, 30*minute).ElapsedSeconds-1800) > 1e-9 {
			t.Errorf("a %s profile must count as flat", name)
		}
	}
}

func TestInsufficientOverAndHit(t *testing.T) {
	open := hour(100)
	open.Shows = []pacing.Show{{StartMS: 5}}
	for _, c := range []struct {
		name string
		s    *pacing.State
		p    pacing.Plan
		at   int64
		why  string
		P    float64
	}{
		{"no target", state(t, 20, minute, 1), hour(0), 30 * minute, pacing.NoCommitment, 0},
		{"an open end", state(t, 20, minute, 1), open, 30 * minute, pacing.NoSchedule, 0},
		{"no show", state(t, 20, minute, 1), pacing.Plan{TargetMinor: 5}, 30 * minute, pacing.NoSchedule, 0},
		{"nine orders", state(t, 9, minute, 1), hour(100), 30 * minute, pacing.TooFewOrders, 0},
		{"two minutes", state(t, 20, minute, 1), hour(100), 2 * minute, pacing.TooEarly, 0},
		{"refunds only", state(t, 20, minute, -1), hour(100), 30 * minute, pacing.TooFewOrders, 0},
		{"hit", state(t, 20, minute, 5), hour(100), 30 * minute, "", 1},
		{"over and hit", state(t, 2, minute, 50), hour(100), 60 * minute, "", 1},
		{"over and missed", state(t, 2, minute, 49), hour(100), 60 * minute, "", 0},
	} {
		v := c.s.View(c.p, c.at)
		if v.Insufficient != c.why || v.P != c.P || v.RawP != c.P || c.why == "" && v.Hit != (c.P == 1) {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
	if v := state(t, 2, minute, 49).View(hour(100), 60*minute); v.FinalLo != 98 || v.FinalHi != 98 {
		t.Errorf("%+v", v)
	}
}

func TestPFallsWithTheTargetAndKnowsNoCurrency(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, scaled := &pacing.State{}, &pacing.State{}
		for range rapid.IntRange(10, 60).Draw(t, "orders") {
			at, x := rapid.Int64Range(0, 20*minute).Draw(t, "at"), rapid.Int64Range(1, 1e6).Draw(t, "amount")
			if err := errors.Join(s.Replace(at, 0, x), scaled.Replace(at, 0, 64*x)); err != nil {
				t.Fatal(err)
			}
		}
		a, b := rapid.Int64Range(1, 1e8).Draw(t, "target"), rapid.Int64Range(1, 1e8).Draw(t, "target")
		va, vb := s.View(hour(min(a, b)), 20*minute), s.View(hour(max(a, b)), 20*minute)
		if va.P < vb.P || !(va.P >= 0 && va.P <= 1) || va.FinalLo > va.FinalHi {
			t.Fatalf("%+v\n%+v", va, vb)
		}
		if v := scaled.View(hour(64*min(a, b)), 20*minute); math.Abs(v.P-va.P) > 1e-12 {
			t.Fatalf("P %v, and %v of all amounts times 64", va.P, v.P)
		}
	})
}

func TestStateIsAFunctionOfTheLastVersions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, want := &pacing.State{}, &pacing.State{}
		for range rapid.IntRange(0, 30).Draw(t, "orders") {
			at, former := rapid.Int64Range(-60*minute, 600*minute).Draw(t, "at"), int64(0)
			for _, x := range rapid.SliceOfN(rapid.Int64Range(-1, 3), 1, 4).Draw(t, "versions") {
				if err := a.Replace(at, former, x); err != nil {
					t.Fatal(err)
				}
				former = x
			}
			if err := want.Replace(at, 0, former); err != nil {
				t.Fatal(err)
			}
		}
		if encoded(a) != encoded(want) {
			t.Fatalf("%+v, want %+v", a, want)
		}
		r := codec.NewReader([]byte(encoded(a)), 1)
		if got := encoded(pacing.Decode(r)); r.End() != nil || got != encoded(a) {
			t.Fatalf("decoded %x, want %x, %v", got, encoded(a), r.End())
		}
	})
}

func encoded(s *pacing.State) string {
	w := codec.NewWriter(1)
	s.Encode(w)
	return string(w.Done())
}

// Of a campaign that sells around the clock, too many slots to be kept: how over-dispersed its orders are must not grow
// with the days of which nothing is known any more.
func TestPhiOfALongCampaign(t *testing.T) {
	const day = 24 * 60 * minute
	s, p := &pacing.State{}, pacing.Plan{TargetMinor: 1}
	var phi []float64
	for d := range int64(30) {
		p.Shows = append(p.Shows, pacing.Show{StartMS: d * day, EndMS: d*day + 120*minute})
		for at := d * day; at < (d+1)*day; at += 4 * minute {
			n := 1
			if at < d*day+120*minute {
				n = 50
			}
			for range n {
				if err := s.Replace(at, 0, 1); err != nil {
					t.Fatal(err)
				}
			}
		}
		if d == 7 || d == 13 || d == 29 {
			phi = append(phi, s.Phi(p, (d+1)*day))
		}
	}
	if phi[0] != phi[1] || phi[0] != phi[2] {
		t.Errorf("φ after 8, 14 and 30 days: %v", phi)
	}
	before := encoded(s)
	if err := s.Replace(29*day, 1, 0); err != nil {
		t.Fatal(err)
	}
	if len(encoded(s)) != len(before) {
		t.Error("taking an order out of a slot that is not kept leaves one")
	}
}

func TestLimits(t *testing.T) {
	s := &pacing.State{}
	for i := range int64(5000) {
		if err := s.Replace(i*4*minute, 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(encoded(s)); n > 10_000 {
		t.Errorf("%d bytes", n)
	}
	if s.Sum.N != 5000 {
		t.Errorf("all orders count in the sum: %d", s.Sum.N)
	}
	if err := s.Replace(0, 0, math.MaxInt64); !errors.Is(err, event.ErrOverflow) || s.Sum.Minor != 5000 {
		t.Errorf("%v, %+v", err, s.Sum)
	}
}

func TestCalibration(t *testing.T) {
	var outcomes []pacing.Outcome
	add := func(said float64, n, hits int) {
		for i := range n {
			outcomes = append(outcomes, pacing.Outcome{Said: said, Hit: i < hits})
		}
	}
	add(.1, 99, 19) // (19+.5)/100
	add(.4, 99, 59) // violates with the next
	add(.6, 99, 39) // together (98+1)/200
	add(.9, 99, 89)
	add(math.NaN(), 5, 5)
	c := pacing.Fit("v", "by hand", outcomes)
	if len(c.Steps) != 3 || math.Abs(c.Steps[1].Said-.5) > 1e-12 || c.Steps[1].N != 198 {
		t.Fatalf("%+v", c.Steps)
	}
	for said, want := range map[float64]float64{0: .195, .1: .195, .5: .495, .7: (.495 + .895) / 2, .9: .895, 1: .895} {
		if got := c.Apply(said); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v means %v, want %v", said, got, want)
		}
	}
	if (&pacing.Calibration{}).Apply(.3) != .3 {
		t.Error("without steps nothing changes")
	}
	p := hour(450_000)
	p.Calibration = c
	v := state(t, 200, 30*minute, 500, 1500).View(p, 30*minute)
	if v.P != c.Apply(v.RawP) || v.P == v.RawP || v.Calibration != "v" {
		t.Errorf("%+v", v)
	}
	raw := state(t, 200, 30*minute, 500, 1500).View(hour(450_000), 30*minute)
	if v.FinalLo != raw.FinalLo || v.FinalHi != raw.FinalHi {
		t.Error("without scores the band must be the model's")
	}
	// Scores of -4.9 … 5: a tenth is below -4 + .1, a tenth above 4.
	outcomes = append(outcomes, pacing.Outcome{Score: math.NaN()})
	for i := range 100 {
		outcomes[i].Score = float64(i-49) / 10
	}
	p.Calibration = pacing.Fit("w", "", outcomes[:100])
	if c := p.Calibration; c.BandLo != -3.9 || c.BandHi != 4 {
		t.Errorf("the band is from %v to %v", c.BandLo, c.BandHi)
	}
	wide := state(t, 200, 30*minute, 500, 1500).View(p, 30*minute)
	for z, end := range map[float64]float64{-3.9: wide.FinalLo, 4: wide.FinalHi} {
		sold := int64(end)
		if got := wide.Score(sold); math.Abs(got-z) > 1e-3 {
			t.Errorf("the end of the band scores %v, want %v", got, z)
		}
	}
	if !math.IsNaN(wide.Score(0)) || !math.IsNaN((pacing.View{}).Score(5)) {
		t.Error("what has no score must be NaN")
	}
}

// Whatever was fitted, in any order: it never falls, and promises nothing for certain.
func TestCalibrationIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outcomes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pacing.Outcome {
			return pacing.Outcome{Said: rapid.Float64Range(0, 1).Draw(t, "said"), Hit: rapid.Bool().Draw(t, "hit")}
		}), 1, 80).Draw(t, "outcomes")
		c := pacing.Fit("", "", outcomes)
		again := pacing.Fit("", "", rapid.Permutation(outcomes).Draw(t, "order"))
		before := 0.
		for i := range 101 {
			p := c.Apply(float64(i) / 100)
			if p < before || !(p > 0 && p < 1) || p != again.Apply(float64(i)/100) {
				t.Fatalf("%v at %d after %v, and %v in another order", p, i, before, again.Apply(float64(i)/100))
			}
			before = p
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(encoded(state(f, 20, 30*minute, 5, -7))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := codec.NewReader(b, 1)
		s := pacing.Decode(r)
		if r.End() != nil {
			return
		}
		if v := s.View(hour(1000), 30*minute); math.IsNaN(v.P) || v.P < 0 || v.P > 1 {
			t.Fatalf("%+v", v)
		}
	})
}
