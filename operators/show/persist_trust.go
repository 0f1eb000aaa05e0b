package show

import (
	"fmt"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/state"
)

// What trust remembers of people and texts is most of what a study remembers, and little of it changes between two cuts: so
// it is written in parts, beside what is under trust/SHOW.

// trustPart is a shard of trust's people or the texts of a pane, or as decoded its bytes: only the state that they are a
// part of can read them.
type trustPart struct {
	study *study
	n     int64
	bytes []byte
}

type trustTables struct{ people, texts *state.Table[*trustPart] }

func newTrustTables(s *state.Store) trustTables {
	read := func(b []byte) (*trustPart, error) { return &trustPart{bytes: b}, trust.Readable(b) }
	return trustTables{
		people: state.NewMirror(s, "trusted", state.Codec[*trustPart]{Decode: read, Encode: func(p *trustPart) []byte {
			return p.study.trust.EncodePeople(int(p.n))
		}}),
		texts: state.NewMirror(s, "trusttexts", state.Codec[*trustPart]{Decode: read, Encode: func(p *trustPart) []byte {
			return p.study.trust.EncodeTexts(p.n)
		}}),
	}
}

func trustTextKey(show string, pane int64) string { return show + "/" + hexOf(uint64(pane), 16) }

// markTrust has the parts written that the pane has changed.
func (f *Fold) markTrust(s *show) {
	t := &f.tables.trust
	s.study.trust.Changed(
		func(n int) { t.people.Put(partKey(s.id, n), &trustPart{study: s.study, n: int64(n)}) },
		func(k int64) { t.texts.Put(trustTextKey(s.id, k), &trustPart{study: s.study, n: k}) },
		func(k int64, written bool) {
			if written {
				t.texts.Delete(trustTextKey(s.id, k))
			} else {
				t.texts.Withdraw(trustTextKey(s.id, k))
			}
		},
	)
}

func (f *Fold) forgetTrust(s *show) {
	s.study.trust.Parts(
		func(n int) { f.tables.trust.people.Delete(partKey(s.id, n)) },
		func(k int64) { f.tables.trust.texts.Delete(trustTextKey(s.id, k)) },
	)
}

// trustWritten tells whether the state has all of the parts.
func (f *Fold) trustWritten(s *show) bool {
	all := true
	s.study.trust.Parts(
		func(n int) { all = all && f.tables.trust.people.Written(partKey(s.id, n)) },
		func(k int64) { all = all && f.tables.trust.texts.Written(trustTextKey(s.id, k)) },
	)
	return all
}

// loadTrust reads the parts of all shows, or of one.
func (f *Fold) loadTrust(of *show) error {
	for _, part := range []struct {
		table  *state.Table[*trustPart]
		digits int
		load   func(t *trust.State, n int64, b []byte) error
	}{
		{f.tables.trust.people, partDigits, func(t *trust.State, n int64, b []byte) error { return t.LoadPeople(int(n), b) }},
		{f.tables.trust.texts, 16, (*trust.State).LoadTexts},
	} {
		from, to := "", ""
		if of != nil {
			from, to = of.id+"/", of.id+"0" // the byte after '/'
		}
		if err := part.table.Range(from, to, func(key string, v *trustPart) error {
			id, n, err := cutKey(key, part.digits)
			if err != nil || of != nil && id != of.id { // another show's id may begin like its keys
				return err
			}
			s := f.shows[id]
			if s == nil {
				return errNoRoom(id)
			}
			if s.study == nil {
				return nil
			}
			if err := part.load(s.study.trust, n, v.bytes); err != nil {
				return fmt.Errorf("state key %q: %w", key, err)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
