package stable_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"github.com/netsu/netsu/operators/stable"
)

// Every step is looked at, since the error is largest in a narrow place: just before the series gives way to the fraction.
func TestNormalAgreesWithTheStandardLibrary(t *testing.T) {
	for i := range 340_001 {
		z := -25 + float64(i)*1e-4
		if got, want := stable.Normal(z), .5*math.Erfc(-z/math.Sqrt2); math.Abs(got/want-1) > 2e-13 {
			t.Fatalf("Normal(%v) = %v, want %v", z, got, want)
		}
	}
}

func TestNormalIsMonotoneWhereItsMethodsMeet(t *testing.T) {
	for _, meet := range []float64{-1.5 * math.Sqrt2, 0, 1.5 * math.Sqrt2} {
		before := 0.
		for i := -2000; i <= 2000; i++ {
			p := stable.Normal(meet + float64(i)*1e-9)
			if p < before-1e-15 {
				t.Fatalf("it falls near %v, step %d", meet, i)
			}
			before = p
		}
	}
}

func TestNormalEdges(t *testing.T) {
	for z, want := range map[float64]float64{
		0: .5, math.Inf(1): 1, math.Inf(-1): 0, 40: 1, -40: 0, 1.959963984540054: .975, -1.2815515655446004: .1,
	} {
		if got := stable.Normal(z); math.Abs(got-want) > 1e-15 {
			t.Errorf("Normal(%v) = %v, want %v", z, got, want)
		}
	}
	if !math.IsNaN(stable.Normal(math.NaN())) {
		t.Error("what is not a number must stay so")
	}
}

// As in TestBitsAreTheSameEverywhere.
func TestNormalsBitsAreTheSameEverywhere(t *testing.T) {
	h := fnv.New64a()
	for i := -5000; i <= 2000; i++ {
		h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(stable.Normal(float64(i)/211))))
	}
	if got, want := fmt.Sprintf("%016x", h.Sum64()), "0660a2631d416f76"; got != want {
		t.Errorf("digest %s, want %s: the function has changed, or this machine rounds otherwise", got, want)
	}
}
