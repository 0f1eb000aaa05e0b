package contagion

import "github.com/netsu/netsu/operators/stable"

const (
	// ringPanes is how far back the total rate is looked at.
	ringPanes = 900
	// knotPanes is the longest distance of the knots of the baseline: what is slower than it is not called contagion.
	knotPanes = 120
	// pulses after a call to action fade in 3, 8 and 25 s.
	pulses = 3
	// rounds of reweighting: the weights change by less than their noise after the third.
	rounds = 4
)

var pulseRhos = [pulses]float64{stable.Exp(-1. / 3), stable.Exp(-1. / 8), stable.Exp(-1. / 25)}

type second struct {
	acts int32
	call bool
}

// total is the counts of the last 900 s and what those before have left at their beginning.
type total struct {
	ring  []second // grows to ringPanes, then begins at head
	head  int
	trace [kernels]float64
	pulse [pulses]float64
}

func (t *total) step(acts int64, call bool) {
	now := second{int32(min(max(acts, 0), 1<<30)), call}
	if len(t.ring) < ringPanes {
		t.ring = append(t.ring, now)
		return
	}
	t.trace, t.pulse = after(t.trace, t.pulse, t.ring[t.head])
	t.ring[t.head] = now
	t.head = (t.head + 1) % ringPanes
}

// after is what traces and pulses are at the end of a second.
func after(trace [kernels]float64, pulse [pulses]float64, at second) ([kernels]float64, [pulses]float64) {
	for j := range trace {
		trace[j] = decayed(trace[j], rhos[j]) + float64(float64(at.acts)*gains[j])
	}
	for j := range pulse {
		pulse[j] = decayed(pulse[j], pulseRhos[j])
		if at.call {
			pulse[j]++
		}
	}
	return trace, pulse
}

// row is one second of the regression: its count is about Σ_h γ_h·hat_h + Σ_c φ_c·pulse_c + Σ_j b_j·trace_j. Of the
// hats only two are not zero.
type row struct {
	count float64
	x     [2 + pulses + kernels]float64
}

// design is the rows, and for each column of a row which unknown it belongs to.
type design struct {
	rows  []row
	knots int
	step  float64
	calls bool
}

func (t *total) design() *design {
	segments := max(1, (len(t.ring)+knotPanes-1)/knotPanes)
	d := &design{rows: make([]row, len(t.ring)), knots: segments + 1, step: float64(len(t.ring)) / float64(segments)}
	trace, pulse := t.trace, t.pulse
	for i := range d.rows {
		at := t.ring[(t.head+i)%len(t.ring)]
		r := &d.rows[i]
		r.count = float64(at.acts)
		_, right := d.hat(i)
		r.x[0], r.x[1] = 1-right, right
		copy(r.x[2:], pulse[:])
		copy(r.x[2+pulses:], trace[:])
		d.calls = d.calls || pulse[pulses-1] > 0
		trace, pulse = after(trace, pulse, at)
	}
	return d
}

// hat is the first of the two hats at the middle of second i, and the height of the other.
func (d *design) hat(i int) (first int, height float64) {
	at := (float64(i) + .5) / d.step
	first = min(int(at), d.knots-2)
	return first, at - float64(first)
}

// columns are the unknowns of second i; without calls in it, the pulses have none.
func (d *design) columns(i int) [2 + pulses + kernels]int {
	first, _ := d.hat(i)
	c := [2 + pulses + kernels]int{first, first + 1}
	at := d.knots
	for j := range pulses {
		c[2+j] = -1
		if d.calls {
			c[2+j] = at
			at++
		}
	}
	for j := range kernels {
		c[2+pulses+j] = at + j
	}
	return c
}

func (d *design) unknowns() int {
	n := d.knots + kernels
	if d.calls {
		n += pulses
	}
	return n
}

// expected is the rate that theta gives second i; at least a tenth of the mean.
func (d *design) expected(i int, theta []float64, least float64) float64 {
	var sum float64
	for j, c := range d.columns(i) {
		if c >= 0 {
			sum += float64(d.rows[i].x[j] * theta[c])
		}
	}
	return max(sum, least)
}

// fit is the Poisson regression with identity link: b of the traces and the variance of their sum.
func (t *total) fit() (b []float64, variance float64, ok bool) {
	d := t.design()
	n := d.unknowns()
	var sum float64
	for i := range d.rows {
		sum += d.rows[i].count
	}
	mean := sum / float64(len(d.rows))
	least := max(float64(.1*mean), 1e-3)
	u := make([]float64, n)
	for j := n - kernels; j < n; j++ {
		u[j] = 1
	}
	var theta, z []float64
	for range rounds {
		r := d.weigh(theta, mean, least)
		if theta, z, ok = r.estimate(n-kernels, u); !ok {
			return nil, 0, false
		}
	}
	for i := range d.rows {
		mu := d.expected(i, theta, least)
		var fitted, lever float64
		for j, c := range d.columns(i) {
			if c >= 0 {
				fitted += float64(d.rows[i].x[j] * theta[c])
				lever += float64(d.rows[i].x[j] * z[c])
			}
		}
		s := lever * (d.rows[i].count - fitted) / mu
		variance += float64(s * s)
	}
	return theta[n-kernels:], variance, true
}

// weigh makes the normal equations with weights 1/μ, μ by theta or, without one, the mean.
func (d *design) weigh(theta []float64, mean, least float64) *regression {
	n := d.unknowns()
	r := &regression{n: n, a: make([]float64, n*n), c: make([]float64, n)}
	for i := range d.rows {
		mu := max(mean, least)
		if theta != nil {
			mu = d.expected(i, theta, least)
		}
		row, weight := &d.rows[i], 1/mu
		columns := d.columns(i)
		for j, c := range columns {
			x := float64(row.x[j] * weight)
			if c < 0 || x == 0 {
				continue
			}
			r.c[c] += float64(x * row.count)
			to := r.a[c*n : c*n+n]
			for l := j; l < len(columns); l++ { // columns ascend: the upper triangle
				if e := columns[l]; e >= 0 {
					to[e] += float64(x * row.x[l])
				}
			}
		}
	}
	for i := range n {
		for j := range i {
			r.a[i*n+j] = r.a[j*n+i]
		}
	}
	return r
}
