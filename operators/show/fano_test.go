package show

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/netsu/netsu/operators/stable"
)

// hawkes is how many acts each second has, of a room in which every act draws n others on average, after 2 s on average,
// at rate acts a second.
func hawkes(r *rand.Rand, rate, n float64, seconds int) []int64 {
	counts := make([]int64, seconds)
	var bear func(at float64)
	bear = func(at float64) {
		if at >= float64(seconds) {
			return
		}
		counts[int(at)]++
		for range poisson(r, n) {
			bear(at + 2*r.ExpFloat64())
		}
	}
	for at := 0.; at < float64(seconds); {
		at += r.ExpFloat64() / (rate * (1 - n))
		bear(at)
	}
	return counts
}

func poisson(r *rand.Rand, mean float64) (n int) {
	for p := r.Float64(); p > math.Exp(-mean); n++ {
		p *= r.Float64()
	}
	return n
}

// The interval holds the heat that a room has in the long run, however its acts cluster. MODEL §1 has .80 to .95 for a
// Fano factor in the place of n and β.
func TestIntervalHoldsTheHeat(t *testing.T) {
	const rooms, seconds = 100, 1500
	for _, c := range []struct{ rate, n, least float64 }{{3, 0, .9}, {3, .5, .85}, {30, .5, .85}, {3, .8, .85}, {30, .8, .8}} {
		r := rand.New(rand.NewPCG(1, uint64(10*c.rate+100*c.n)))
		held := 0
		for range rooms {
			one := room{started: true, active: 1000}
			for k, acts := range hawkes(r, c.rate, c.n, seconds) {
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
