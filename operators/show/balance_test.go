package show

import (
	"math"
	"testing"

	"github.com/netsu/netsu/operators/stable"
	"pgregory.net/rapid"
)

// The energy balance: at every pane the kinds' parts sum to the heat, and what came is what is there, cooled or was carried
// away. Nothing else makes or destroys heat.
func TestHeatIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &room{started: true, viewers: viewerUnknown}
		var cooled, left, came float64
		for range rapid.IntRange(1, 300).Draw(t, "panes") {
			in := input{active: rapid.Int64Range(0, 20).Draw(t, "active")}
			for range rapid.IntRange(0, 3).Draw(t, "acts") {
				kind := rapid.SampledFrom([]int{1, 10, 11, 30}).Draw(t, "kind")
				e := rapid.Int64Range(1, 20*joule).Draw(t, "radiated")
				in.radiated[kind] += e
				in.heat.add(e / rapid.Int64Range(1, 4).Draw(t, "saturation"))
				in.acts++
			}
			q, active := r.heat.q, r.active
			r.step(&in)
			stay := 1.
			if in.active < active {
				stay = float64(in.active) / float64(active)
			}
			left += q * (1 - stay)
			cooled += q * stay * (1 - stable.Decay)
			came += float64(in.heat.microjoules) / joule
			sum := 0.
			for _, joules := range r.balance.kept {
				sum += joules
			}
			if math.Abs(sum-r.heat.q) > 1e-9*(r.heat.q+1) {
				t.Fatalf("the kinds have %v J, the room %v", sum, r.heat.q)
			}
		}
		if math.Abs(came-cooled-left-r.heat.q) > 1e-9*(came+1) {
			t.Fatalf("%v J came, %v cooled, %v left, %v are there", came, cooled, left, r.heat.q)
		}
	})
}

// A steady room loses by cooling just what it is given, and says so; what repetition takes is named as well.
func TestSourcesAndSinks(t *testing.T) {
	r := &room{started: true, viewers: viewerUnknown, active: 10}
	for range 3000 {
		in := input{active: 10, acts: 2, repeated: 500_000}
		in.radiated[1], in.radiated[30] = 600_000, 2_400_000
		in.heat.add(1_000_000)
		r.step(&in)
	}
	sources, sinks := r.balance.sources(), r.balance.sinks()
	if len(sources) != 2 || sources[0].Name != "order" || sources[1].Name != "comment" {
		t.Fatalf("sources %v", sources)
	}
	near(t, "the share of orders", sources[0].Share, .8, 1e-12)
	near(t, "what comments keep warm", sources[1].Amount, .2*r.heat.q, 1e-9)
	if len(sinks) != 3 || sinks[0].Name != "saturation" || sinks[1].Name != "cooling" || sinks[2].Name != "repetition" {
		t.Fatalf("sinks %v", sinks)
	}
	near(t, "saturation", sinks[0].Amount, 2, 1e-9)
	near(t, "cooling", sinks[1].Amount, 1-(1-stable.Decay), 2e-2)
	near(t, "repetition", sinks[2].Amount, .5, 1e-9)
	if s := (&balance{}).sources(); len(s) != 0 {
		t.Errorf("a cold room has sources %v", s)
	}
}
