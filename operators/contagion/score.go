package contagion

// forget is 2^(-Δ/900 s): a regression remembers a quarter of an hour.
const forget = 0x1.ff9b178c883c4p-1

// sums are what a regression of p unknowns keeps of its panes. A pane gives one vector g: Σ_w D·R/v, then the upper
// triangle of Σ_w DDᵀ/v. Kept are Σ g and Σ ggᵀ, so that the score of each pane, s = c - A·θ, which is linear in g,
// can be squared and summed for any θ when it is known: the sandwich is that of the last estimate, not of those on the
// way.
type sums struct {
	p      int
	first  []float64 // c and A
	second []float64 // upper triangle of Σ ggᵀ
}

func newSums(p int) *sums {
	m := p + p*(p+1)/2
	return &sums{p: p, first: make([]float64, m), second: make([]float64, m*(m+1)/2)}
}

// note adds what one word says to the pane's g.
func note(g, d []float64, r, v float64) {
	at := len(d)
	for i, x := range d {
		x /= v
		g[i] += float64(x * r)
		for _, y := range d[i:] {
			g[at] += float64(x * y)
			at++
		}
	}
}

// add takes a pane; a nil g is one that says nothing.
func (s *sums) add(g []float64) {
	for i := range s.first {
		s.first[i] = float64(s.first[i] * forget)
	}
	for i := range s.second {
		s.second[i] = float64(s.second[i] * forget)
	}
	if g == nil {
		return
	}
	at := 0
	for i, x := range g {
		s.first[i] += x
		for _, y := range g[i:] {
			s.second[at] += float64(x * y)
			at++
		}
	}
}

// estimate is θ, of which the first unknowns may be given and the others are answers, and the variance of uᵀθ of those
// others: that of the scores seen through zᵀ = uᵀA⁻¹, clustered by pane.
func (s *sums) estimate(given, u []float64) (theta []float64, variance float64, ok bool) {
	from, n := len(given), s.p-len(given)
	r := &regression{n: n, a: make([]float64, n*n), c: append([]float64(nil), s.first[from:s.p]...)}
	at := s.p
	for i := range s.p {
		for j := i; j < s.p; j++ {
			switch a := s.first[at]; {
			case i >= from:
				r.a[(i-from)*n+j-from], r.a[(j-from)*n+i-from] = a, a
			case j >= from:
				r.c[j-from] -= float64(a * given[i])
			}
			at++
		}
	}
	theta, z, ok := r.estimate(0, u)
	if !ok {
		return nil, 0, false
	}
	l := influence(append(append([]float64(nil), given...), theta...), append(make([]float64, from), z...))
	return theta, max(0, s.square(l)), true
}

// influence is l with l·g = zᵀ(c - A·θ).
func influence(theta, z []float64) []float64 {
	l := append([]float64(nil), z...)
	for i := range theta {
		l = append(l, -float64(z[i]*theta[i]))
		for j := i + 1; j < len(theta); j++ {
			l = append(l, -(float64(z[i]*theta[j]) + float64(z[j]*theta[i])))
		}
	}
	return l
}

// square is Σ (l·g)² over the panes.
func (s *sums) square(l []float64) float64 {
	var all float64
	at := 0
	for i, x := range l {
		all += float64(float64(x*x) * s.second[at])
		at++
		for _, y := range l[i+1:] {
			all += float64(float64(2*x*y) * s.second[at])
			at++
		}
	}
	return all
}
