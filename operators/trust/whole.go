package trust

import "github.com/netsu/netsu/operators/codec"

// wholeVersion is of when the whole state was one value.
const wholeVersion = 1

// DecodeWhole reads the state of a show as it was written before there were parts. All that there is has changed then.
func DecodeWhole(b []byte) (*State, error) {
	r := codec.NewReader(b, wholeVersion)
	s := New()
	s.started, s.pane = r.Bool(), r.Int()
	check(r, s.pane > -paneBound && s.pane < paneBound, "pane")
	s.decodePeople(r, anyShard)
	s.decodeVerdicts(r, s.pane, anyShard)
	s.decodeFloods(r, func() uint64 { s.numbered++; return s.numbered })
	s.decodeWholeTexts(r)
	for _, ids := range []index{s.parts.known, s.parts.ruled} {
		for shard := range ids {
			s.parts.people.Add(int(shard))
		}
	}
	return s, ended(r)
}

func (s *State) decodeWholeTexts(r *codec.Reader) {
	last := s.pane - textPanes
	for range r.Count(31) {
		if r.Err() != nil {
			return
		}
		t := &text{hash: r.Hash(), sim: r.Hash(), kind: textKind(min(r.Uint(), 255))}
		ago := r.Uint()
		check(r, ago < textPanes, "text")
		t.last = s.pane - int64(ago)
		check(r, t.last >= last, "order of texts")
		last = t.last
		s.decodeText(r, t, s.pane)
		s.parts.changeText(t)
	}
}
