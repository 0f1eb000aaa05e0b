package contagion

import "math"

// ridge is added to the diagonal of normal equations, relative to it (MODEL §0).
const ridge = 1e-8

// factor makes the Cholesky factor of the symmetric n×n matrix a, row by row, in its lower triangle; the upper one is
// not read. It is false if the matrix is not positive definite.
func factor(a []float64, n int) bool {
	for i := range n {
		for j := 0; j <= i; j++ {
			v := a[i*n+j]
			for k := range j {
				v -= float64(a[i*n+k] * a[j*n+k])
			}
			switch {
			case i != j:
				a[i*n+j] = v / a[j*n+j]
			case v > 0:
				a[i*n+i] = math.Sqrt(v)
			default:
				return false
			}
		}
	}
	return true
}

// solve replaces b by the solution of the system that a is the factor of.
func solve(a []float64, n int, b []float64) {
	for i := range n {
		for k := range i {
			b[i] -= float64(a[i*n+k] * b[k])
		}
		b[i] /= a[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= float64(a[k*n+i] * b[k])
		}
		b[i] /= a[i*n+i]
	}
}

// regression is normal equations A·θ = c of n unknowns, A in full.
type regression struct {
	n    int
	a, c []float64
}

// estimate solves them, and z = A⁻¹u: a row's influence on uᵀθ is z·(its score). The unknowns from answers on are of
// one kind: negative ones are dropped one at a time, the most negative first, and the last is kept whatever its sign,
// so that the mean is right where the truth is zero.
func (r *regression) estimate(answers int, u []float64) (theta, z []float64, ok bool) {
	kept := make([]int, r.n)
	for i := range kept {
		kept[i] = i
	}
	for {
		m := len(kept)
		a, t, z := make([]float64, m*m), make([]float64, m), make([]float64, m)
		for i, from := range kept {
			for j, to := range kept {
				a[i*m+j] = r.a[from*r.n+to]
			}
			a[i*m+i] += float64(ridge * a[i*m+i])
			t[i], z[i] = r.c[from], u[from]
		}
		if !factor(a, m) {
			return nil, nil, false
		}
		solve(a, m, t)
		if drop := negative(t, answers); drop >= 0 {
			kept = append(kept[:drop], kept[drop+1:]...)
			continue
		}
		solve(a, m, z)
		return spread(r.n, kept, t), spread(r.n, kept, z), true
	}
}

// negative is which of the answers to drop, or -1.
func negative(theta []float64, answers int) int {
	drop := -1
	for i := answers; i < len(theta) && len(theta)-answers > 1; i++ {
		if theta[i] < 0 && (drop < 0 || theta[i] < theta[drop]) {
			drop = i
		}
	}
	return drop
}

// spread puts what was kept back in its places, among zeros.
func spread(n int, kept []int, v []float64) []float64 {
	all := make([]float64, n)
	for i, of := range kept {
		all[of] = v[i]
	}
	return all
}
