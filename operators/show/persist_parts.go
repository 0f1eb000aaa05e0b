package show

import (
	"fmt"
	"slices"

	"github.com/netsu/netsu/operators/contagion"
	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/operators/syncrate"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/operators/vocab"
	"github.com/netsu/netsu/state"
)

// library is the state of one of the study's libraries, under a key of its own: so that a large one that has not changed
// is not written because a small one has.
type library struct {
	table *state.Table[*study]
	take  func(into, from *study)
}

func newLibraries(s *state.Store) []library {
	return []library{
		newLibrary(s, "words", vocab.Decode, func(st *study) **vocab.Vocabulary { return &st.heard.words }),
		newLibrary(s, "contagion", decodeContagion, func(st *study) **contagionState { return &st.heard.contagion }),
		newLibrary(s, "sync", orNothing(syncrate.Decode), func(st *study) **syncrate.State { return &st.heard.sync }),
		newLibrary(s, "outlook", orNothing(decodeOutlook), func(st *study) **outlook { return &st.outlook }),
		newLibrary(s, "trust", trust.Decode, func(st *study) **trust.State { return &st.trust }),
	}
}

// newTwins are those of a room that is heard twice; others have none of these keys.
func newTwins(s *state.Store) []library {
	return []library{
		newLibrary(s, "rawwords", vocab.Decode, func(st *study) **vocab.Vocabulary { return &st.heardByAll().words }),
		newLibrary(s, "rawcontagion", decodeContagion, func(st *study) **contagionState { return &st.heardByAll().contagion }),
		newLibrary(s, "rawsync", orNothing(syncrate.Decode), func(st *study) **syncrate.State { return &st.heardByAll().sync }),
	}
}

// heardByAll is the hearing of everyone, of which there is one from now on: its parts are read one by one.
func (st *study) heardByAll() *hearing {
	if st.everyone == nil {
		st.everyone = newHearing()
	}
	return st.everyone
}

// newLibrary is the table of what stands at a place in a study. What is nil writes itself as nothing.
func newLibrary[V interface {
	comparable
	Encode() []byte
}](s *state.Store, name string, decode func([]byte) (V, error), at func(*study) *V) library {
	return library{
		table: state.NewMirror(s, name, state.Codec[*study]{
			Encode: func(st *study) []byte {
				var none V
				if v := *at(st); v != none {
					return v.Encode()
				}
				return []byte{}
			},
			Decode: func(b []byte) (*study, error) {
				v, err := decode(b)
				st := &study{}
				*at(st) = v
				return st, err
			},
		}),
		take: func(into, from *study) { *at(into) = *at(from) },
	}
}

// orNothing reads what may be nil.
func orNothing[V any](decode func([]byte) (*V, error)) func([]byte) (*V, error) {
	return func(b []byte) (*V, error) {
		if len(b) == 0 {
			return nil, nil
		}
		return decode(b)
	}
}

// contagionState writes itself like the other libraries' states.
type contagionState struct{ contagion.State }

func (c *contagionState) Encode() []byte {
	w := newWriter()
	c.State.Encode(w.Writer)
	return w.Done()
}

func decodeContagion(b []byte) (*contagionState, error) {
	r := newReader(b)
	c := &contagionState{}
	c.Decode(r.Reader)
	return c, r.End()
}

// markStudy has the study written with the next cut.
func (f *Fold) markStudy(s *show) {
	if s.study.marked {
		return
	}
	s.study.marked = true
	f.tables.study.Put(s.id, s)
	for _, l := range f.tables.libraries {
		l.table.Put(s.id, s.study)
	}
}

// markTwin has the second hearing written with the next cut, or taken back. It may begin and end in the pane at hand.
func (f *Fold) markTwin(s *show) {
	twin := &s.study.twin
	switch {
	case s.study.everyone == nil && twin.stored:
		f.forgetTwin(s)
	case s.study.everyone != nil && !twin.marked:
		twin.stored, twin.marked = true, true
		for _, l := range f.tables.twins {
			l.table.Put(s.id, s.study)
		}
	}
}

func (f *Fold) forgetTwin(s *show) {
	for _, l := range f.tables.twins {
		l.table.Delete(s.id)
	}
	s.study.twin.stored, s.study.twin.marked = false, false
}

// markPeople has the parts written that the pane has changed.
func (f *Fold) markPeople(s *show) {
	p := &s.study.people
	p.stored.Union(&p.dirty)
	fresh := p.inCut.Take(&p.dirty)
	fresh.Each(func(n int) { f.tables.people.Put(partKey(s.id, n), &peoplePart{show: s, n: n}) })
	p.dirty = shardset.Set{}
}

func (f *Fold) forgetStudy(s *show) {
	f.tables.study.Delete(s.id)
	for _, l := range f.tables.libraries {
		l.table.Delete(s.id)
	}
	if s.study.twin.stored {
		f.forgetTwin(s)
	}
	f.forgetTrust(s)
	s.study.people.stored.Each(func(n int) { f.tables.people.Delete(partKey(s.id, n)) })
	s.study.people.stored = shardset.Set{}
}

// loadStudies reads the studies without their libraries and people.
func (f *Fold) loadStudies() error {
	return f.tables.study.Range("", "", func(id string, v *show) error {
		s := f.shows[id]
		if s == nil {
			return errNoRoom(id)
		}
		s.study = v.study
		return nil
	})
}

// loadLibraries reads the libraries and people of the studies that are not away.
func (f *Fold) loadLibraries() error {
	for _, l := range slices.Concat(f.tables.libraries, f.tables.twins) {
		if err := l.table.Range("", "", func(id string, v *study) error {
			s := f.shows[id]
			if s == nil {
				return errNoRoom(id)
			}
			s.takeLibrary(l, v)
			return nil
		}); err != nil {
			return err
		}
	}
	if err := f.loadTrust(nil); err != nil {
		return err
	}
	return f.tables.people.Range("", "", func(key string, v *peoplePart) error {
		s, n, err := f.partOf(key)
		if err == nil && s.study != nil {
			s.study.people.load(n, v)
		}
		return err
	})
}

func (s *show) takeLibrary(l library, v *study) {
	if s.study != nil {
		l.take(s.study, v)
		s.study.twin.stored = s.study.everyone != nil
	}
}

func errNoRoom(show string) error {
	return fmt.Errorf("the state has a part of show %q, but no room", show)
}

func (p *people) load(n int, v *peoplePart) {
	for _, k := range v.all {
		who, known := p.shards[shardOf(k.id)].put(k.id)
		if !known {
			p.n++
		}
		*who = k.person
	}
	p.listed = nil
	p.stored.Add(n)
}
