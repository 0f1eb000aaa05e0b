package stable_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"github.com/netsu/netsu/operators/stable"
	"pgregory.net/rapid"
)

// ulps is the distance of got from want in units of want's last place.
func ulps(got, want float64) float64 {
	if got == want {
		return 0
	}
	return math.Abs(got-want) / (math.Nextafter(math.Abs(want), math.Inf(1)) - math.Abs(want))
}

// The standard library's functions are within one unit of the truth, so 3 units from them is 2 from the truth at most.
func TestLogAndExpAgreeWithTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := math.Exp(rapid.Float64Range(-700, 700).Draw(t, "ln x"))
		near := 1 + rapid.Float64Range(-.3, .5).Draw(t, "near 1")
		for _, x := range []float64{x, near} {
			if u := ulps(stable.Log(x), math.Log(x)); u > 3 {
				t.Errorf("Log(%v) is %.1f ulps off", x, u)
			}
			if u := ulps(stable.Log2(x), math.Log(x)/math.Ln2); u > 4 { // math.Log2 cancels near 1
				t.Errorf("Log2(%v) is %.1f ulps off", x, u)
			}
		}
		y := rapid.Float64Range(-700, 700).Draw(t, "y")
		if u := ulps(stable.Exp(y), math.Exp(y)); u > 2 {
			t.Errorf("Exp(%v) is %.1f ulps off", y, u)
		}
	})
}

func TestExactValuesAndEdges(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Log(1)", stable.Log(1), 0},
		{"Log(0)", stable.Log(0), math.Inf(-1)},
		{"Log(+Inf)", stable.Log(math.Inf(1)), math.Inf(1)},
		{"Log2(8)", stable.Log2(8), 3},
		{"Log2(1/1024)", stable.Log2(1.0 / 1024), -10},
		{"Exp(0)", stable.Exp(0), 1},
		{"Exp(-1000)", stable.Exp(-1000), 0},
		{"Exp(1000)", stable.Exp(1000), math.Inf(1)},
		{"d^0", stable.Decayed(0), 1},
		{"d^1", stable.Decayed(1), stable.Decay},
		{"d^3601", stable.Decayed(3601), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	if !math.IsNaN(stable.Log(-1)) || !math.IsNaN(stable.Exp(math.NaN())) {
		t.Error("what is not a number must stay so")
	}
	for m := int64(0); m <= stable.DecayPanesMax; m += 60 {
		if want := math.Ldexp(1, int(-m/60)); math.Abs(stable.Decayed(m)/want-1) > 1e-12 {
			t.Errorf("d^%d = %v, want %v", m, stable.Decayed(m), want)
		}
	}
}

// The digest is the contract between architectures: it was computed on amd64, and every other must reproduce it.
func TestBitsAreTheSameEverywhere(t *testing.T) {
	h := fnv.New64a()
	for i := 1; i <= 20000; i++ {
		x := float64(i) / 7
		for _, v := range []float64{
			stable.Log(x), stable.Log2(x), stable.Exp(x / 50), stable.Exp(-x / 50), stable.Decayed(int64(i % 3601)),
		} {
			h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(v)))
		}
	}
	if got, want := fmt.Sprintf("%016x", h.Sum64()), "47c278dd628849fe"; got != want {
		t.Errorf("digest %s, want %s: the functions have changed, or this machine rounds otherwise", got, want)
	}
}
