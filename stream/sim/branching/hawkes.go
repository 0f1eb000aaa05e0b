package branching

import "math"

// Hawkes is a process with rate μ + Σ_k α_k β_k Σ_{t_i<t} e^(-β_k(t-t_i)): the α sum to the branching ratio.
type Hawkes struct {
	Mu          float64
	Alpha, Beta []float64
}

// LogLikelihood of events on [0, T], in order of time: Σ log λ(t_i) - ∫λ, exactly, the edge at T included.
func (h Hawkes) LogLikelihood(times []float64, T float64) float64 {
	sum := -h.Mu * T
	past := make([]float64, len(h.Alpha)) // Σ_{i: t_i < t} e^(-β(t-t_i))
	last := 0.
	product := 1. // of rates: one logarithm for many
	for i, t := range times {
		rate := h.Mu
		for k, b := range h.Beta {
			if i > 0 {
				past[k] = (past[k] + 1) * math.Exp(-b*(t-last))
			}
			rate += h.Alpha[k] * b * past[k]
			if rest := b * (T - t); rest < 40 {
				sum += h.Alpha[k] * math.Expm1(-rest)
			} else {
				sum -= h.Alpha[k]
			}
		}
		if product *= rate; product > 1e100 || product < 1e-100 {
			sum += math.Log(product)
			product = 1
		}
		last = t
	}
	return sum + math.Log(product)
}

// Fit maximises the likelihood from where h is, over stationary processes whose kernels are shorter than a tenth of
// the window: a longer one stands for the baseline, and its α for nothing. ok is false if the simplex did not come to
// rest.
func (h Hawkes) Fit(times []float64, T float64) (best Hawkes, ok bool) {
	v, ok := simplex(func(v []float64) float64 {
		h := fromLogs(v)
		n := 0.
		for k, a := range h.Alpha {
			if n += a; n >= 1 || h.Beta[k]*T < 10 {
				return math.Inf(1)
			}
		}
		return -h.LogLikelihood(times, T)
	}, h.logs(), 1e-9)
	return fromLogs(v), ok
}

func (h Hawkes) logs() []float64 {
	v := []float64{math.Log(h.Mu)}
	for k := range h.Alpha {
		v = append(v, math.Log(h.Alpha[k]), math.Log(h.Beta[k]))
	}
	return v
}

func fromLogs(v []float64) Hawkes {
	h := Hawkes{Mu: math.Exp(v[0])}
	for k := 1; k < len(v); k += 2 {
		h.Alpha, h.Beta = append(h.Alpha, math.Exp(v[k])), append(h.Beta, math.Exp(v[k+1]))
	}
	return h
}

// MLE is the branching ratio of the exponential process that is most likely, and its standard error from the curvature
// there; NaN where there is no maximum inside.
func MLE(times []float64, T float64) (n, se float64) {
	if len(times) < 5 {
		return math.NaN(), math.NaN()
	}
	rate := float64(len(times)) / T
	h, ok := Hawkes{Mu: rate / 2, Alpha: []float64{.5}, Beta: []float64{beta}}.Fit(times, T)
	if !ok {
		return math.NaN(), math.NaN()
	}
	// Second differences in the logarithms; var(n) = n²·var(log n).
	at := h.logs()
	const step = 1e-3
	value := func(i int, di float64, j int, dj float64) float64 {
		v := append([]float64(nil), at...)
		v[i] += di
		v[j] += dj
		return fromLogs(v).LogLikelihood(times, T)
	}
	var info [3][3]float64
	here := value(0, 0, 0, 0)
	for i := range 3 {
		info[i][i] = -(value(i, step, 0, 0) - 2*here + value(i, -step, 0, 0)) / (step * step)
		for j := range i {
			d := value(i, step, j, step) - value(i, step, j, -step) - value(i, -step, j, step) + value(i, -step, j, -step)
			info[i][j] = -d / (4 * step * step)
			info[j][i] = info[i][j]
		}
	}
	minor := info[0][0]*info[2][2] - info[0][2]*info[0][2]
	variance := minor / determinant(info)
	n = h.Alpha[0]
	if !(variance > 0) {
		return n, math.NaN()
	}
	return n, n * math.Sqrt(variance)
}

func determinant(m [3][3]float64) float64 {
	return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) +
		m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
}
