package show

import (
	"fmt"
	"slices"

	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/state"
)

// A room in which nobody acts any more puts away what it will not look at until somebody does: first the study, which has
// come to rest, and when it is frozen its memory, which holds the orders that have heated. They lie in the state, whole,
// and are recalled by the next event that is not late. So what a show that is over costs until it is forgotten is some
// kilobytes, not some megabytes. What is said, and what is written, does not depend on whether anything is away.

// awayAfterMS is how long a room has nothing away after an event, on the clock of Fold.progress: one in which somebody acts
// now and then is not read from the disk each time.
const awayAfterMS = 60_000

// mayPutAway tells whether the room has no use for its study: it is at rest, and no pane is open that would wake it.
func (f *Fold) mayPutAway(s *show) bool {
	return s.study.quiet >= activePanes && len(s.panes) == 0 && f.progress-s.activeAt >= awayAfterMS
}

// putAway puts away what the room has no use for and the state has as it is.
func (f *Fold) putAway(s *show) {
	if s.study != nil && f.mayPutAway(s) && f.studyWritten(s) {
		s.putStudyAway()
		s.slim()
	}
	if s.study == nil && !s.unread && s.silent() && partsWritten(f.tables.heads, s, &s.stored) {
		s.memory, s.past, s.unread = nil, nil, true
	}
}

func (s *show) putStudyAway() { s.shown, s.study = s.study.owners.shown, nil }

// slim gives back what the busiest panes have taken. No pane is open, so there is nothing to undo but the passing of time.
func (s *show) slim() {
	s.spare = nil
	for i := range s.undos {
		if u := &s.undos[i]; len(u.touched)+len(u.sales)+len(u.headsGone)+len(u.ordersGone) == 0 {
			u.touched, u.sales, u.headsGone, u.ordersGone = nil, nil, nil, nil
		}
	}
}

// studyWritten tells whether the state has all of the study.
func (f *Fold) studyWritten(s *show) bool {
	if !f.tables.study.Written(s.id) {
		return false
	}
	for _, l := range slices.Concat(f.tables.libraries, f.tables.twins) {
		if !l.table.Written(s.id) {
			return false
		}
	}
	return partsWritten(f.tables.people, s, &s.study.people.stored) && f.trustWritten(s)
}

func partsWritten[V any](t *state.Table[V], s *show, set *shardset.Set) bool {
	all := true
	set.Each(func(n int) { all = all && t.Written(partKey(s.id, n)) })
	return all
}

// recall reads what the room has put away.
func (f *Fold) recall(s *show) error {
	if s.study == nil {
		if err := f.tables.study.Range(s.id, s.id+"\x00", func(_ string, v *show) error {
			s.study, s.shown = v.study, nil
			return nil
		}); err != nil {
			return err
		}
		if s.study == nil {
			return fmt.Errorf("the state has no study of show %q, which was put there", s.id)
		}
		if err := f.recallStudy(s); err != nil {
			return err
		}
	}
	if s.unread {
		return f.recallMemory(s)
	}
	return nil
}

// recallStudy reads the libraries and the people of a study.
func (f *Fold) recallStudy(s *show) error {
	for _, l := range slices.Concat(f.tables.libraries, f.tables.twins) {
		if err := l.table.Range(s.id, s.id+"\x00", func(_ string, v *study) error {
			s.takeLibrary(l, v)
			return nil
		}); err != nil {
			return err
		}
	}
	if err := f.loadTrust(s); err != nil {
		return err
	}
	return rangeParts(f, f.tables.people, s, s.study.people.load)
}

// recallMemory reads heads and orders.
func (f *Fold) recallMemory(s *show) error {
	s.past, s.unread = nil, false
	return rangeParts(f, f.tables.heads, s, s.loadPart)
}

// rangeParts reads the parts of one show. Another show's id may begin like its keys: those are longer.
func rangeParts[V any](f *Fold, t *state.Table[V], s *show, load func(int, V)) error {
	return t.Range(partKey(s.id, 0), partKey(s.id, shardset.Shards), func(key string, v V) error {
		of, n, err := f.partOf(key)
		if err == nil && of == s {
			load(n, v)
		}
		return err
	})
}

// hasShown are the products that the show has put on air, ascending.
func (s *show) hasShown() []string {
	if s.study == nil {
		return s.shown
	}
	return s.study.owners.shown
}
