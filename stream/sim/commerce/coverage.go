package commerce

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/operators/roims"
)

// CoveragePlan is which intervals are tried.
type CoveragePlan struct {
	Orders   []int // expected numbers of them
	Reps     int   // trials of each
	Seed     uint64
	Progress func(done, total int) // may be nil
}

// Coverage is how often 95 % intervals of GMV held what was expected of it, and with it of ROIMS, whose cost is known.
type Coverage struct {
	Orders     int
	Dispersion float64 // variance of the number of orders over its mean
	Reps       int
	Bootstrap, LogDelta, Normal,
	Dispersed float64 // log-delta that is told the dispersion
}

// dispersions are those of the table's two halves.
var dispersions = []float64{1, 4}

// replicates is how many the bootstrap draws.
const replicates = 200

// RunCoverage tries them.
func RunCoverage(ctx context.Context, p CoveragePlan) ([]Coverage, error) {
	type held struct{ bootstrap, logDelta, normal, dispersed bool }
	var table []Coverage
	for _, d := range dispersions {
		for _, n := range p.Orders {
			table = append(table, Coverage{Orders: n, Dispersion: d, Reps: p.Reps})
		}
	}
	all := make([]held, len(table)*p.Reps)
	err := trials(ctx, len(all), p.Progress, func(i int) {
		c := table[i/p.Reps]
		r := rand.New(rand.NewPCG(p.Seed, uint64(i)))
		baskets, sum := sell(r, c.Orders, c.Dispersion)
		truth, total := float64(c.Orders)*meanBasket, float64(sum.Minor)
		between := func(lo, hi float64) bool { return lo <= truth && truth <= hi }
		half := 1.96 * math.Sqrt(sum.Squares.Float())
		f, g := roims.Interval(sum, 1), roims.Interval(sum, c.Dispersion)
		all[i] = held{between(bootstrap(r, baskets)), between(total/f, total*f), between(total-half, total+half),
			between(total/g, total*g)}
	})
	for i, h := range all {
		c := &table[i/p.Reps]
		for _, add := range []struct {
			to   *float64
			held bool
		}{{&c.Bootstrap, h.bootstrap}, {&c.LogDelta, h.logDelta}, {&c.Normal, h.normal}, {&c.Dispersed, h.dispersed}} {
			if add.held {
				*add.to += 1 / float64(p.Reps)
			}
		}
	}
	return table, err
}

// sell draws a number of orders of a mean and dispersion, the baskets of each, and their sum. An over-dispersed number is
// Poisson of a gamma-distributed mean.
func sell(r *rand.Rand, expected int, dispersion float64) (baskets []int64, sum amounts.Sum) {
	mean := float64(expected)
	if dispersion > 1 {
		mean = (dispersion - 1) * gamma(r, mean/(dispersion-1))
	}
	for range poisson(r, mean) {
		x := basket(r)
		baskets = append(baskets, x)
		if err := sum.Add(x); err != nil {
			panic("cannot happen: " + err.Error())
		}
	}
	return baskets, sum
}

// gamma draws Gamma(shape, 1) for shape ≥ 1 (Marsaglia & Tsang 2000); a smaller shape is taken from shape+1.
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1./3
	for {
		x := r.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v *= v * v; v > 0 && math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// bootstrap is the percentile interval of replicates in which each order comes Poisson(1) times.
func bootstrap(r *rand.Rand, baskets []int64) (lo, hi float64) {
	totals := make([]float64, replicates)
	for b := range totals {
		for _, x := range baskets {
			totals[b] += float64(x) * float64(poisson(r, 1))
		}
	}
	slices.Sort(totals)
	return totals[replicates/40], totals[replicates-1-replicates/40]
}

// PrintCoverage writes the table.
func PrintCoverage(w io.Writer, p CoveragePlan, table []Coverage) error {
	var b strings.Builder
	fmt.Fprintf(&b, `How often a 95 %% interval of ROIMS holds its truth: lognormal(1) baskets, %d trials a line, seed %d.
log-delta is what Netsu says, φ the dispersion of the number of orders (variance over mean); below %d orders it says
nothing ("too_few_orders"), and the line is here to show why. MODEL §5 had, for 10, 30, 100, 300 orders: bootstrap .84
.90 .93 .94, log-delta .89 .92 .94 .94, normal .82 .89 .92 .93.

%8s %4s %10s %10s %8s %17s %7s
`, p.Reps, p.Seed, roims.OrdersMin, "orders", "φ", "bootstrap", "log-delta", "normal", "log-delta, knows φ", "±")
	for _, c := range table {
		se := 1.96 * math.Sqrt(.95*.05/float64(c.Reps))
		fmt.Fprintf(&b, "%8d %4g %10.3f %10.3f %8.3f %18.3f %7.3f\n", c.Orders, c.Dispersion, c.Bootstrap, c.LogDelta,
			c.Normal, c.Dispersed, se)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
