package show

import (
	"fmt"

	"github.com/netsu/netsu/operators/likeness"
)

// encodeProfile writes what the show says of its ESOL: some 1,200 bytes, 2,000 at most for what a show can count in a
// day.
func encodeProfile(s *show) []byte {
	p := &s.profile
	p.marked = false
	w := newWriter()
	w.Int(p.theta.Samples)
	w.Int(p.theta.Sum)
	w.Int(p.theta.Squares)
	for _, list := range p.lists() {
		for _, n := range list {
			w.Int(n)
		}
	}
	for _, v := range p.people {
		w.Uint(uint64(v))
	}
	w.Uint(uint64(len(p.terms)))
	for _, t := range p.terms {
		w.Hash(t.word)
		w.Int(t.n)
	}
	return w.Done()
}

func decodeProfile(b []byte) (*show, error) {
	r := newReader(b)
	s := &show{}
	p := &s.profile
	p.theta = likeness.Theta{Samples: r.Int(), Sum: r.Int(), Squares: r.Int()}
	for _, list := range p.lists() {
		for i := range list {
			list[i] = r.Int()
		}
	}
	for i := range p.people {
		p.people[i] = uint32(r.Uint())
	}
	for range r.Count(9) {
		p.terms = append(p.terms, termCount{r.Hash(), r.Int()})
	}
	if len(p.terms) > termsMax {
		r.Fail(fmt.Errorf("a profile with %d terms; there are at most %d", len(p.terms), termsMax))
	}
	return s, r.End()
}

// lists are the histograms, as they stand in the state.
func (p *profile) lists() [3][]int64 { return [3][]int64{p.words[:], p.prices[:], p.hours[:]} }

func (f *Fold) loadProfiles() error {
	return f.tables.profiles.Range("", "", func(id string, v *show) error {
		s := f.shows[id]
		if s == nil {
			return errNoRoom(id)
		}
		s.profile = v.profile
		return nil
	})
}

// band reads the band of a price.
func (r reader) band() uint8 {
	b := r.Uint()
	if b > uint64(len(likeness.PriceBands)) {
		r.Fail(fmt.Errorf("a price of unknown band %d", b))
		return 0
	}
	return uint8(b)
}
