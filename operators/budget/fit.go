package budget

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/netsu/netsu/operators/stable"
)

// scales is how many values of s there are: powers of 2 from 1/8 to 16 times the median spend [JUDG].
const scales = 8

// A prior of a is worth from half a unit of GMV to 400: ESOLs differ by 5 % at least, and by 140 % at most [JUDG].
const shapeMin, shapeMax = .5, 400

// curves are the posteriors of all ESOLs that have the minimum sample.
type curves struct {
	kappa float64 // minor units of GMV per unit
	s     [scales]float64
	prior [scales]struct{ shape, rate float64 }
	of    []curve
}

// curve is what one ESOL's past says: units sold, Σ ln(1+x/s) by s, and how likely each s is, summed up.
type curve struct {
	units      float64
	sums       [scales]float64
	cumulative [scales]float64
}

func fit(of []sample, phi float64) *curves {
	c := &curves{of: make([]curve, len(of))}
	c.kappa = float64(max(1, phi) * unit(of))
	median := medianSpend(of)
	for g := range scales {
		c.s[g] = math.Ldexp(median, g-3)
	}
	likely := make([][scales]float64, len(of))
	for i, e := range of {
		likely[i] = c.of[i].learn(e, c.kappa, &c.s)
	}
	for g := range scales {
		c.prior[g].shape, c.prior[g].rate = shrinkage(c.of, g)
	}
	var pooled [scales]float64
	for g := range scales {
		pooled[g] = 1. / scales
		for i := range likely {
			pooled[g] += likely[i][g]
		}
	}
	for i := range c.of {
		sum := 0.
		for g := range scales {
			sum += float64(likely[i][g] * pooled[g])
			c.of[i].cumulative[g] = sum
		}
	}
	return c
}

// unit is the variance of GMV per unit of it, over all ESOLs, if orders come by chance: κ is φ times that.
func unit(of []sample) float64 {
	var squares, sum float64
	for _, e := range of {
		for _, p := range e.past {
			squares += p.Net.Squares.Float()
			sum += float64(max(0, p.Net.Minor))
		}
	}
	if !(squares > 0 && sum > 0) {
		return 1
	}
	return squares / sum
}

func medianSpend(of []sample) float64 {
	var spends []int64
	for _, e := range of {
		for _, p := range e.past {
			spends = append(spends, p.SpendMinor)
		}
	}
	slices.Sort(spends)
	return float64(spends[len(spends)/2])
}

// learn returns how likely each s is to that ESOL alone: a sums to one. Given what was sold in all, what was sold for
// each spend is as ln(1+x/s) to their sum.
func (c *curve) learn(e sample, kappa float64, s *[scales]float64) (likely [scales]float64) {
	var logs [scales]float64
	for g := range scales {
		z := make([]float64, len(e.past))
		for j, p := range e.past {
			z[j] = stable.Log(1 + float64(p.SpendMinor)/s[g])
			c.sums[g] += z[j]
		}
		for j, p := range e.past {
			logs[g] += float64(float64(max(0, p.Net.Minor)) / kappa * stable.Log(z[j]/c.sums[g]))
		}
	}
	for _, p := range e.past {
		c.units += float64(max(0, p.Net.Minor)) / kappa
	}
	most, total := slices.Max(logs[:]), 0.
	for g := range scales {
		likely[g] = stable.Exp(logs[g] - most)
		total += likely[g]
	}
	for g := range scales {
		likely[g] /= total
	}
	return likely
}

// shrinkage is the Gamma prior of a for one s: the ESOLs' mean, and their variance beyond that of chance by moments.
func shrinkage(of []curve, g int) (shape, rate float64) {
	var units, sums, squares float64
	for i := range of {
		units += of[i].units
		sums += of[i].sums[g]
		squares += float64(of[i].sums[g] * of[i].sums[g])
	}
	mean := units / sums
	if !(mean > 0) {
		return shapeMin, sums / float64(len(of)) // nobody sold: as if half a unit had been
	}
	between := 0.
	for i := range of {
		off := of[i].units/of[i].sums[g] - mean
		between += float64(of[i].sums[g] * float64(off*off))
	}
	between -= float64(float64(len(of)-1) * mean)
	shape = shapeMin
	if weight := sums - squares/sums; len(of) > 1 && weight > 0 {
		shape = shapeMax
		if between > 0 {
			shape = max(shapeMin, min(shapeMax, float64(mean*mean)/(between/weight)))
		}
	}
	return shape, shape / mean
}

// draw is one a (in minor units of GMV) and s of ESOL i.
func (c *curves) draw(r *rand.Rand, i int) (a, s float64) {
	e := &c.of[i]
	u, g := float64(r.Float64()*e.cumulative[scales-1]), 0
	for g < scales-1 && e.cumulative[g] <= u {
		g++
	}
	shape, rate := c.prior[g].shape+e.units, c.prior[g].rate+e.sums[g]
	return float64(c.kappa*gamma(r, shape)) / rate, c.s[g]
}

// gamma draws Gamma(shape, 1) (Marsaglia & Tsang 2000), for shape ≥ 1/3; the same on every machine.
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return float64(gamma(r, shape+1) * stable.Exp(stable.Log(1-r.Float64())/shape))
	}
	d := shape - 1./3
	for {
		x := normal(r)
		v := 1 + x/math.Sqrt(9*d)
		if v <= 0 {
			continue
		}
		v = float64(float64(v*v) * v)
		if stable.Log(1-r.Float64()) < float64(float64(.5*x)*x)+d-float64(d*v)+float64(d*stable.Log(v)) {
			return float64(d * v)
		}
	}
}

// normal draws from the standard normal by the polar method.
func normal(r *rand.Rand) float64 {
	for {
		x, y := float64(2*r.Float64())-1, float64(2*r.Float64())-1
		if q := float64(x*x) + float64(y*y); q > 0 && q < 1 {
			return float64(x * math.Sqrt(-2*stable.Log(q)/q))
		}
	}
}
