package contagion

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The quick answers and their variance, against the plain solution by Cramer's rule and the panes one by one: the slow
// unknown is solved for whatever its sign, and counts in neither. Negative quick ones are another matter (estimate).
func TestQuickAnswersAreThoseOfTheWholeRegression(t *testing.T) {
	negative := 0
	rapid.Check(t, func(r *rapid.T) {
		truth := [kernels]float64{.5, .4, rapid.Float64Range(-.4, .4).Draw(r, "slow")}
		s := newSums(kernels)
		var panes []lexicalScore
		for range 40 {
			var g lexicalScore
			for range 4 {
				var d [kernels]float64
				for j := range d {
					d[j] = rapid.Float64Range(-1, 1).Draw(r, "trace")
				}
				uses := rapid.Float64Range(-.1, .1).Draw(r, "noise")
				for j := range d {
					uses += d[j] * truth[j]
				}
				g.note(&d, uses, 1)
			}
			s.add(g[:])
			panes = append(panes, g)
		}
		var sum lexicalScore // faded
		for i, g := range panes {
			for j := range g {
				sum[j] += g[j] * math.Pow(forget, float64(len(panes)-1-i))
			}
		}
		want, ok := cramer(matrix(&sum), [3]float64(sum[:3]))
		if !ok || want[0] <= .01 || want[1] <= .01 {
			return
		}
		z, _ := cramer(matrix(&sum), [3]float64{1, 1, 0})
		variance := 0.
		for i, g := range panes {
			a, score := matrix(&g), 0.
			for j := range z {
				score += z[j] * (g[j] - a[j][0]*want[0] - a[j][1]*want[1] - a[j][2]*want[2])
			}
			variance += score * score * math.Pow(forget, float64(len(panes)-1-i))
		}
		theta, got, ok := s.quick()
		if !ok || math.Abs(theta[0]-want[0]) > 1e-5 || math.Abs(theta[1]-want[1]) > 1e-5 || theta[2] != 0 ||
			math.Abs(got-variance) > 1e-4*variance {
			r.Fatalf("quick answers %v ± %v, want %v ± %v", theta, got, want, variance)
		}
		if want[2] < 0 {
			negative++
		}
	})
	if negative < 10 {
		t.Errorf("the slow unknown was negative %d times", negative)
	}
}

func matrix(g *lexicalScore) [3][3]float64 {
	return [3][3]float64{{g[3], g[4], g[5]}, {g[4], g[6], g[7]}, {g[5], g[7], g[8]}}
}

func cramer(a [3][3]float64, c [3]float64) (x [3]float64, ok bool) {
	det := func(m [3][3]float64) float64 {
		return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) +
			m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
	}
	whole := det(a)
	for j := range x {
		m := a
		for i := range m {
			m[i][j] = c[i]
		}
		x[j] = det(m) / whole
	}
	return x, math.Abs(whole) > 1
}
