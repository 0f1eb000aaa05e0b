package likeness

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
)

// Entry is a profile made ready to be searched. It does not change, and the profile must not.
type Entry struct {
	Profile      *Profile
	Audience     int64
	Insufficient string // why it is neither asked for nor found; "": it is

	theta, se float64 // ln θ and its error
	vector    [Dims]float32
}

// NewEntry makes an entry of an ESOL's profile.
func NewEntry(p *Profile) *Entry {
	e := &Entry{Profile: p, Audience: p.Audience()}
	var known bool
	e.theta, e.se, known = p.Theta.log()
	some := e.fill(p)
	switch {
	case p.Shows < ShowsMin:
		e.Insufficient = TooFewShows
	case e.Audience < PeopleMin:
		e.Insufficient = TooFewPeople
	case !known:
		e.Insufficient = TooShort
	case !some:
		e.Insufficient = NoTraits
	}
	return e
}

// fill makes the vector; false where there is nothing to make it of.
func (e *Entry) fill(p *Profile) bool {
	var v [Dims]float64
	counts := func(k Kind, of []int64) {
		for i, n := range of {
			v[blocks[k].from+i] = math.Sqrt(float64(n))
		}
	}
	counts(Words, p.Words[:])
	counts(Prices, p.Prices[:])
	counts(Hours, p.Hours[:])
	var named [Dims]int64
	for i := range p.Named {
		named[p.Named[i].Dim] += p.Named[i].Amount
	}
	for i := blocks[Categories].from; i < blocks[Categories].to; i++ {
		v[i] = stable.Log(1 + float64(named[i])/1e6)
	}
	counts(Interests, named[blocks[Interests].from:blocks[Interests].to])

	var lengths [kinds]float64
	weight := 0.
	for k, b := range blocks {
		for _, x := range v[b.from:b.to] {
			lengths[k] += float64(x * x)
		}
		if lengths[k] > 0 {
			weight += b.weight
		}
	}
	for k, b := range blocks {
		if lengths[k] == 0 {
			continue
		}
		by := math.Sqrt(b.weight / weight / lengths[k])
		for i := b.from; i < b.to; i++ {
			e.vector[i] = float32(v[i] * by)
		}
	}
	return weight > 0
}

// cosine is symmetric: products do not care for the order of their factors, and the sums are the same.
func cosine(a, b *[Dims]float32) float64 {
	var sum [8]float32
	for i := 0; i < Dims; i += 8 {
		x, y := (*[8]float32)(a[i:]), (*[8]float32)(b[i:])
		sum[0] += float32(x[0] * y[0])
		sum[1] += float32(x[1] * y[1])
		sum[2] += float32(x[2] * y[2])
		sum[3] += float32(x[3] * y[3])
		sum[4] += float32(x[4] * y[4])
		sum[5] += float32(x[5] * y[5])
		sum[6] += float32(x[6] * y[6])
		sum[7] += float32(x[7] * y[7])
	}
	return min(1, float64((sum[0]+sum[4])+(sum[1]+sum[5])+((sum[2]+sum[6])+(sum[3]+sum[7]))))
}
