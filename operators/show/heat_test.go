package show

import (
	"math"
	"testing"

	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

func near(t *testing.T, name string, got, want, relative float64) {
	t.Helper()
	if math.Abs(got-want) > relative*math.Abs(want) {
		t.Errorf("%s = %v, want %v", name, got, want)
	}
}

// warm is a room after panes of joules each, with a constant number of active heads.
func warm(panes int, joules float64, active int64) *room {
	r := &room{started: true, viewers: viewerUnknown, active: active}
	for range panes {
		r.step(comments(input{active: active, acts: 1}, int64(joules*joule)))
		r.pane++
	}
	return r
}

// comments adds to a pane what one head contributed by comments, all of it believed.
func comments(in input, microjoules int64) *input {
	in.heat.add(microjoules)
	in.raw.add(microjoules)
	in.radiated[eventpb.Kind_KIND_COMMENT] += microjoules
	return &in
}

// The closed forms of MODEL §1.
func TestHeatHasItsClosedForms(t *testing.T) {
	impulse := warm(1, 10, 1)
	for range 60 {
		impulse.step(&input{active: 1})
	}
	near(t, "10 J after 60 panes", impulse.heat.q, 5, 1e-12)
	constant := warm(5000, 1, 1)
	near(t, "1 J a pane", constant.heat.q, 87.063, 1e-5)
	near(t, "its power", constant.heat.power, 1, 1e-12)
	small, big := warm(5000, .5, 10), warm(5000, 1000./300, 1000)
	near(t, "Q of the small room", small.heat.q, 43.53, 1e-4)
	near(t, "T of the small room", small.view(&small.heat).Temperature, 2.902, 1e-3)
	near(t, "Q of the big room", big.heat.q, 290.2, 1e-4)
	near(t, "T of the big room", big.view(&big.heat).Temperature, .289, 2e-3)
	big.viewers = 10_000
	near(t, "T of the big room with 9000 lurkers", big.view(&big.heat).Temperature, .152, 4e-3)
}

func TestGaugeHasItsValues(t *testing.T) {
	for _, c := range []struct{ temperature, want float64 }{{.3, 25}, {math.Sqrt(.45), 50}, {1.5, 75}, {3, 88.54}} {
		near(t, "gauge", gauge(c.temperature), c.want, 1e-4)
	}
	if gauge(0) != 0 {
		t.Error("a cold room is at 0")
	}
}

func TestEnergies(t *testing.T) {
	gift := func(minor int64, currency string) *eventpb.Event {
		return &eventpb.Event{Kind: eventpb.Kind_KIND_GIFT, AmountMinor: minor, Currency: currency}
	}
	for _, c := range []struct {
		name string
		e    *eventpb.Event
		want int64
	}{
		{"a plain comment", &eventpb.Event{Kind: eventpb.Kind_KIND_COMMENT}, 1_000_000},
		{"the ESOL's own", &eventpb.Event{Kind: eventpb.Kind_KIND_COMMENT, Role: eventpb.Role_ROLE_ESOL}, 0},
		{"three likes", &eventpb.Event{Kind: eventpb.Kind_KIND_LIKE, Count: 3}, 900_000},
		{"a flood of likes", &eventpb.Event{Kind: eventpb.Kind_KIND_LIKE, Count: 1 << 60}, 300_000_000},
		{"a gift of 100 yen", gift(100, "JPY"), 3_000_000},
		{"a gift of 700 yen", gift(700, "JPY"), 5_000_000},
		{"a gift of 2 dollars", gift(200, "USD"), 4_000_000},
		{"a gift of nothing", &eventpb.Event{Kind: eventpb.Kind_KIND_GIFT}, 2_000_000},
		{"a pin", &eventpb.Event{Kind: eventpb.Kind_KIND_PIN}, 0},
	} {
		if got := baseMicrojoules(c.e); got != c.want {
			t.Errorf("%s has %d µJ, want %d", c.name, got, c.want)
		}
	}
	near(t, "novelty of the sixth copy", float64(novel(joule, 5)), joule*math.Sqrt(.5), 1e-6)
}

// drawRoom is a room with a past.
func drawRoom(t *rapid.T) *room {
	r := &room{started: true, viewers: viewerUnknown}
	for range rapid.IntRange(1, 200).Draw(t, "panes") {
		r.pane++
		in := input{active: rapid.Int64Range(0, 40).Draw(t, "active")}
		if in.active > 0 && rapid.Bool().Draw(t, "acts") {
			for range rapid.Int64Range(1, in.active).Draw(t, "heads") {
				e := rapid.Int64Range(0, 10*joule).Draw(t, "energy")
				in = *comments(in, e)
				in.acts++
			}
		}
		r.step(&in)
	}
	return r
}

// The invariants of MODEL §1.
func TestHeatKeepsItsInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRoom(t)
		v := r.view(&r.heat)
		if r.heat.q < 0 || v.Temperature < 0 || v.TemperatureLo > v.Temperature || v.TemperatureHi < v.Temperature {
			t.Fatalf("out of bounds: %v", v)
		}
		if r.heat.q > 0 && v.EffectiveActs < 1-1e-9 {
			t.Fatalf("%v effective acts", v.EffectiveActs)
		}
		halved, before := *r, v.Temperature
		for range 60 {
			halved.step(&input{active: r.active})
		}
		if got := halved.view(&halved.heat).Temperature; math.Abs(got-before/2) > 1e-9*before {
			t.Fatalf("60 panes without events take T from %v to %v", before, got)
		}
		cold := *r
		cold.step(&input{active: r.active + rapid.Int64Range(0, 100).Draw(t, "cold heads")})
		left := *r
		left.step(&input{active: rapid.Int64Range(0, r.active).Draw(t, "who stays")})
		same := *r
		same.step(&input{active: r.active})
		for name, other := range map[string]*room{"cold heads": &cold, "a departure": &left} {
			if got, was := other.view(&other.heat).Temperature, same.view(&same.heat).Temperature; got > was*(1+1e-12) {
				t.Fatalf("%s raised T from %v to %v", name, was, got)
			}
		}
	})
}

func TestGaugeRisesWithTemperature(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(0, 1e6).Draw(t, "a"), rapid.Float64Range(0, 1e6).Draw(t, "b")
		if ga, gb := gauge(min(a, b)), gauge(max(a, b)); ga > gb || ga < 0 || gb > 100 {
			t.Fatalf("gauge %v, %v", ga, gb)
		}
	})
}

// A steady room is as bursty as Poisson or less, up to the prior; one of bursts is much more.
func TestFanoTellsBurstsFromSteadiness(t *testing.T) {
	steady, bursts := fano{}, fano{}
	for k := range int64(32 * 60) {
		steady.add(k, 2)
		burst := int64(0)
		if k/32%6 == 0 {
			burst = 12
		}
		bursts.add(k, burst)
	}
	if n := steady.branching(); n != 0 {
		t.Errorf("a steady room has n = %v", n)
	}
	if n := bursts.branching(); n < .9 {
		t.Errorf("a room of bursts has n = %v", n)
	}
	if n := (&fano{}).branching(); n != .5 {
		t.Errorf("an unknown room has n = %v, the prior says .5", n)
	}
}

// Saturation takes a head from the first joule at full worth to ever less, and never below nothing.
func TestOneFanaticDoesNotHeatARoom(t *testing.T) {
	near(t, "the first small act", float64(contribution(0, 1e-3)), 1e3, 1e-3)
	near(t, "3 J from nothing", float64(contribution(0, 3)), 3e6*math.Ln2, 1e-6)
	if hundred := contribution(0, 100); hundred > 11*joule {
		t.Errorf("a hundred comments of one head give %v J", hundred)
	}
}
