package show

import (
	"testing"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/sim/branching"
)

// The interval holds the heat that a room has in the long run, however its acts cluster. MODEL §1 has .80 to .95 for a
// Fano factor in the place of n and β.
func TestIntervalHoldsTheHeat(t *testing.T) {
	const rooms, seconds = 100, 1500
	for _, c := range []struct{ rate, n, least float64 }{{3, 0, .9}, {3, .5, .85}, {30, .5, .85}, {3, .8, .8}, {30, .8, .8}} {
		held := 0
		for rep := range rooms {
			counts := make([]int64, seconds)
			stationary := branching.Setting{
				Scenario: branching.Scenarios[0], Rate: c.rate, N: c.n, Seconds: seconds, Seed: 1, Rep: rep,
			}
			for _, u := range branching.Simulate(stationary).Uses {
				counts[int(u.At)]++
			}
			one := room{started: true, active: 1000}
			for k, acts := range counts {
				one.pane = int64(k)
				in := input{acts: acts, active: 1000}
				for range acts {
					in.heat.add(joule)
				}
				one.step(&in)
			}
			want := c.rate / (1 - stable.Decay) / one.capacity()
			if h := one.view(&one.heat); h.TemperatureLo <= want && want <= h.TemperatureHi {
				held++
			}
		}
		t.Logf("%g acts a second, n = %g: %d of %d hold it", c.rate, c.n, held, rooms)
		if float64(held) < c.least*rooms {
			t.Errorf("at %g acts a second and n = %g, %d of %d intervals hold the heat", c.rate, c.n, held, rooms)
		}
	}
}
