package branching

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// reference reads event times of the Hawkes reference data: published processes with published fits.
func reference(t *testing.T, name string) (times []float64) {
	t.Helper()
	dir := cmp.Or(os.Getenv("NETSU_TEST_DATA"), "../../../../shared/data") // beside the repository
	f, err := os.Open(filepath.Join(dir, "hawkes_reference", name))
	if err != nil {
		t.Skipf("reference data is not part of the project: %v (NETSU_TEST_DATA says where it is)", err)
	}
	t.Cleanup(func() { f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		v, err := strconv.ParseFloat(lines.Text(), 64)
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, v)
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return times
}

// The published fits, to the digits that are printed, and the same ones found from elsewhere.
func TestLikelihoodsOfTheReference(t *testing.T) {
	for _, c := range []struct {
		file   string
		events int
		fit    Hawkes
		want   float64
		start  Hawkes
	}{
		{"omi_test1.txt.gz", 19780, Hawkes{0.10030016745850244, []float64{0.49292129697827947},
			[]float64{10.047258972961286}}, -29044.498858665163, Hawkes{.2, []float64{.2}, []float64{1}}},
		{"omi_test2.txt.gz", 20289, Hawkes{0.1001459972416948, []float64{0.24187727, 0.26452523},
			[]float64{1.01790975, 18.97190779}}, -36930.924620952515, Hawkes{.2, []float64{.1, .1}, []float64{.3, 5}}},
	} {
		t.Run(c.file, func(t *testing.T) {
			times := reference(t, c.file)
			if len(times) != c.events {
				t.Fatalf("%d events, want %d", len(times), c.events)
			}
			if l := c.fit.LogLikelihood(times, 100_000); math.Abs(l-c.want) > 1e-6 {
				t.Errorf("the published fit has log-likelihood %.9f, want %.9f", l, c.want)
			}
			best, ok := c.start.Fit(times, 100_000)
			if l := best.LogLikelihood(times, 100_000); !ok || math.Abs(l-c.want) > 1e-3 {
				t.Errorf("own fit %+v: log-likelihood %.9f, want %.9f", best, l, c.want)
			}
			for k := range best.Alpha {
				if math.Abs(best.Alpha[k]/c.fit.Alpha[k]-1) > .01 || math.Abs(best.Beta[k]/c.fit.Beta[k]-1) > .02 {
					t.Errorf("own fit %+v, want %+v", best, c.fit)
				}
			}
		})
	}
}

// The compensator and the edge, against a process small enough to write out.
func TestLikelihoodByHand(t *testing.T) {
	h := Hawkes{Mu: .3, Alpha: []float64{.4}, Beta: []float64{2}}
	want := math.Log(.3) + math.Log(.3+.8*math.Exp(-2)) - .3*3 - .4*(1-math.Exp(-4)) - .4*(1-math.Exp(-2))
	if got := h.LogLikelihood([]float64{1, 2}, 3); math.Abs(got-want) > 1e-14 {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFanoAndTheBiasOfHardimanBouchaud(t *testing.T) {
	for w, want := range map[float64]float64{1: .138, 10: .413, 60: .487, 600: .499} {
		if got := 1 - 1/math.Sqrt(Fano(.5, .5, w)); math.Abs(got-want) > 5e-4 {
			t.Errorf("E[HB] of n=.5 at W=%g is %.4f, want %.3f", w, got, want)
		}
	}
	if got := Fano(.6, .5, 1e9); math.Abs(got-6.25) > 1e-6 {
		t.Errorf("F of a long window is %v, want 1/(1-n)² = 6.25", got)
	}
}

func TestSimplexFindsTheBananaValley(t *testing.T) {
	v, ok := simplex(func(v []float64) float64 {
		return 100*math.Pow(v[1]-v[0]*v[0], 2) + math.Pow(1-v[0], 2)
	}, []float64{-1.2, 1}, 1e-14)
	if !ok || math.Abs(v[0]-1) > 1e-4 || math.Abs(v[1]-1) > 1e-4 {
		t.Errorf("%v, %v", v, ok)
	}
}
