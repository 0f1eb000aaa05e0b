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

// lexicalScore and replyScore are the g of one pane, of three and of five unknowns. They are arrays, and their sums are
// written out, because every word in use goes through them in every pane.
type (
	lexicalScore [kernels + kernels*(kernels+1)/2]float64
	replyScore   [kernels + replyKernels + (kernels+replyKernels)*(kernels+replyKernels+1)/2]float64
)

// note adds what one word says: its d, what it was used beyond its share, and 1/v.
func (g *lexicalScore) note(d *[kernels]float64, r, weight float64) {
	a, b, c := float64(d[0]*weight), float64(d[1]*weight), float64(d[2]*weight)
	g[0] += float64(a * r)
	g[1] += float64(b * r)
	g[2] += float64(c * r)
	g[3] += float64(a * d[0])
	g[4] += float64(a * d[1])
	g[5] += float64(a * d[2])
	g[6] += float64(b * d[1])
	g[7] += float64(b * d[2])
	g[8] += float64(c * d[2])
}

func (g *replyScore) note(d *[kernels + replyKernels]float64, r, weight float64) {
	a, b, c := float64(d[0]*weight), float64(d[1]*weight), float64(d[2]*weight)
	x, y := float64(d[3]*weight), float64(d[4]*weight)
	g[0] += float64(a * r)
	g[1] += float64(b * r)
	g[2] += float64(c * r)
	g[3] += float64(x * r)
	g[4] += float64(y * r)
	g[5] += float64(a * d[0])
	g[6] += float64(a * d[1])
	g[7] += float64(a * d[2])
	g[8] += float64(a * d[3])
	g[9] += float64(a * d[4])
	g[10] += float64(b * d[1])
	g[11] += float64(b * d[2])
	g[12] += float64(b * d[3])
	g[13] += float64(b * d[4])
	g[14] += float64(c * d[2])
	g[15] += float64(c * d[3])
	g[16] += float64(c * d[4])
	g[17] += float64(x * d[3])
	g[18] += float64(x * d[4])
	g[19] += float64(y * d[4])
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

// all is b of answers of any delay, and the variance of its sum.
func (s *sums) all() (theta []float64, variance float64, ok bool) {
	return s.estimate(nil, []float64{1, 1, 1})
}

// quick is b of the quick answers alone. The slow kernel stays in the regression, but what it finds is not counted: where the
// ESOL is not heard, what the room talks of moves unseen, and is taken for answers. It moves within minutes; what follows on
// a use within 10 s, and more than on one of half a minute ago, is not it. So the slow unknown comes first, among those that
// are kept whatever their sign.
func (s *sums) quick() (theta []float64, variance float64, ok bool) {
	at := func(i, j int) float64 {
		i, j = min(i, j), max(i, j)
		return s.first[s.p+i*s.p-i*(i-1)/2+j-i]
	}
	order := [kernels]int{kernels - 1, 0, 1}
	r := &regression{n: kernels, a: make([]float64, kernels*kernels), c: make([]float64, kernels)}
	for i, from := range order {
		r.c[i] = s.first[from]
		for j, to := range order {
			r.a[i*kernels+j] = at(from, to)
		}
	}
	found, lever, ok := r.estimate(1, []float64{0, 1, 1})
	if !ok {
		return nil, 0, false
	}
	theta, z := make([]float64, kernels), make([]float64, kernels)
	for i, of := range order {
		theta[of], z[of] = found[i], lever[i]
	}
	variance = max(0, s.square(influence(theta, z)))
	theta[kernels-1] = 0
	return theta, variance, true
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
