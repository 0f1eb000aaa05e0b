package syncrate

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestWilson(t *testing.T) {
	for _, c := range []struct{ k, n, lo, hi float64 }{
		{0, 10, 0, .2775}, {10, 10, .7225, 1}, {5, 10, .2366, .7634}, {81, 263, .2553, .3662}, {0, 0, 0, 1},
	} {
		if lo, hi := wilson(c.k, c.n); !near(lo, c.lo, 5e-5) || !near(hi, c.hi, 5e-5) {
			t.Errorf("%v of %v: %.4f to %.4f", c.k, c.n, lo, hi)
		}
	}
}

// The first example of Newcombe 1998: 56/70 - 48/80.
func TestNewcombe(t *testing.T) {
	if lo, hi := newcombe(56./70, 70, 48./80, 80); !near(lo, .0524, 5e-5) || !near(hi, .3339, 5e-5) {
		t.Errorf("%.4f to %.4f", lo, hi)
	}
}

// measured is a call that had so many followers by pane, of so many active heads.
func measured(active int64, before float64, bins ...int64) CallView {
	c := call{before: before, beforeN: float64(active), windows: 3, active: active}
	copy(c.bins[:], bins)
	return c.measure().CallView
}

func TestConcentrationIsMorisitas(t *testing.T) {
	for _, c := range []struct {
		name string
		bins []int64
		want float64
	}{
		{"all in one second", []int64{0, 9}, 1 - 1./20},
		{"one in each second", []int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 0},
		{"two and two and two", []int64{2, 2, 2}, 1 - 1/(20*6./30)},
	} {
		if got := measured(100, 0, c.bins...).Concentration; !near(got, c.want, 1e-12) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// MODEL §2: the index of two in one of ten bins is 10.
	if index := 10 * 2 * 1 / (2 * 1.); concentration(index) != 1-1./10 || concentration(0) != 0 {
		t.Error("the index of two together is not 10")
	}
}

func TestUpliftIsOfWhatCouldBe(t *testing.T) {
	v := measured(100, .2, 60)
	if !near(v.Uplift, .5, 1e-12) || v.UpliftLo < .3 || v.UpliftLo > .5 || v.UpliftHi < .5 {
		t.Errorf("%+v", v)
	}
	if !near(v.Sync, math.Sqrt(.5*(1-1./20)), 1e-12) || v.SyncLo > v.Sync || v.SyncHi < v.Sync {
		t.Errorf("%+v", v)
	}
	if v := measured(100, .5, 20); v.Uplift != 0 || v.Sync != 0 {
		t.Errorf("fewer than before: %+v", v)
	}
}

func TestACallSaysWhyItIsNotMeasured(t *testing.T) {
	if v := measured(20, .1, 4); v.Missing != TooFewPeople {
		t.Errorf("four followers of twenty: %+v", v)
	}
	if v := measured(200, .1, 4); v.Missing != "" || v.Sync != 0 {
		t.Errorf("four followers of two hundred: %+v", v)
	}
	if v := (&call{bins: [responsePanes]int64{9}, active: 20}).measure(); v.Missing != NoQuietBefore {
		t.Errorf("nothing known before: %+v", v)
	}
}

func TestPossessionIsBeyondTheBaseRate(t *testing.T) {
	for _, c := range []struct {
		name           string
		owners, active int64
		base, want     float64
		missing        string
	}{
		{"as many as in the category", 30, 100, .3, 0, ""},
		{"all", 990, 990, 0, .99, ""},
		{"fewer", 3, 100, .3, 0, ""},
		{"half as many again", 45, 100, .3, (48./110 - .3) / .7, ""},
		{"four people", 4, 4, .3, 0, TooFewPeople},
		{"more owners than people", 200, 100, 0, 100. / 110, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New()
			s.SetPossession(c.owners, c.active, c.base)
			got := s.View().Possession
			if !near(got.Value, c.want, 1e-12) || got.Missing != c.missing || got.Lo > got.Value || got.Hi < got.Value {
				t.Errorf("%+v, want %v", got, c.want)
			}
		})
	}
	if New().View().Possession.Missing != NoPossessions {
		t.Error("nothing known of possessions, and no reason given")
	}
}

func drawComponent(t *rapid.T, label string) Component {
	if rapid.IntRange(0, 4).Draw(t, label+" missing") == 0 {
		return Component{Missing: "x"}
	}
	v := rapid.Float64Range(0, 1).Draw(t, label)
	return Component{Value: v, Lo: v * rapid.Float64Range(0, 1).Draw(t, label+" lo"),
		Hi: v + (1-v)*rapid.Float64Range(0, 1).Draw(t, label+" hi")}
}

func TestSyncIsAtMostItsLargestComponentAndMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := View{Amount: drawComponent(t, "amount"), Echo: drawComponent(t, "echo"),
			Action: drawComponent(t, "action"), Possession: drawComponent(t, "possession")}
		higher := v
		higher.Action.Value += (1 - v.Action.Value) * rapid.Float64Range(0, 1).Draw(t, "more")
		higher.Action.Hi = 1
		v.combine()
		higher.combine()
		if len(v.Used)+len(v.Missing) != 4 {
			t.Fatal(v.Used, v.Missing)
		}
		if len(v.Used) < 2 {
			if v.Insufficient == "" || v.Sync != 0 {
				t.Fatalf("%+v", v)
			}
			return
		}
		largest := least
		for _, c := range []Component{v.Amount, v.Echo, v.Action, v.Possession} {
			largest = max(largest, c.Value)
		}
		if v.Sync > 100*largest+1e-9 || v.Sync < 2-1e-9 || v.SyncLo > v.Sync || v.SyncHi < v.Sync {
			t.Fatalf("%+v", v)
		}
		if higher.Sync < v.Sync-1e-9 {
			t.Fatalf("a higher component lowered %v to %v", v.Sync, higher.Sync)
		}
	})
}

func TestSyncOfKnownComponents(t *testing.T) {
	c := func(x float64) Component { return Component{Value: x, Lo: x, Hi: x} }
	v := View{Amount: c(.5), Echo: c(.25), Action: c(1), Possession: Component{Missing: NoPossessions}}
	v.combine()
	want := 100 * math.Exp((.2*math.Log(.5)+.2*math.Log(.25))/.75)
	if !near(v.Sync, want, 1e-9) || !near(v.SyncLo, want, 1e-9) || !near(v.SyncHi, want, 1e-9) {
		t.Errorf("%v, want %v", v.Sync, want)
	}
}
