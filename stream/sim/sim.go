package sim

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/netsu/netsu/stream/source"
)

// Sim yields the records of a Config in order of arrival. One goroutine at a time.
type Sim struct {
	cfg     Config
	wire    wire
	tasks   queue[task]   // what is still to happen, by event time
	parcels queue[parcel] // what has happened and is on its way, by arrival
	seq     uint64        // breaks ties: what was planned first comes first
	catalog []source.Record
	maxTime map[string]int64 // by show: greatest event time handed out
	truth   Truth
}

// task is a moment of a show: do runs at event time at and may plan more tasks, never before at.
type task struct {
	do func(at int64)
}

// parcel is a record on its way.
type parcel struct {
	rec  source.Record
	note note
}

// New checks c and makes its simulation. It draws nothing yet.
func New(c Config) (*Sim, error) {
	s := &Sim{cfg: c, truth: newTruth(), maxTime: map[string]int64{}}
	s.wire = wire{Wire: c.Wire, rng: newRand(c.Seed, "wire"), bad: newRand(c.Seed, "bad")}
	if s.wire.LateAfter <= 0 {
		s.wire.LateAfter = defaultLate
	}
	s.enter(c.Cast)
	seen := map[string]bool{}
	for i, spec := range c.Shows {
		if spec.ID == "" || seen[spec.ID] {
			return nil, fmt.Errorf("show %d: its id %q is empty or taken", i, spec.ID)
		}
		seen[spec.ID] = true
		sh, err := s.newShow(spec)
		if err != nil {
			return nil, fmt.Errorf("show %s: %w", spec.ID, err)
		}
		s.catalog = append(s.catalog, sh.entry())
		sh.open()
	}
	return s, nil
}

// enter queues the catalog.
func (s *Sim) enter(c Cast) {
	for _, e := range c.Brands {
		s.catalog = append(s.catalog, e.Record())
	}
	for _, e := range c.Esols {
		s.catalog = append(s.catalog, e.Record())
	}
	for _, e := range c.Products {
		s.catalog = append(s.catalog, e.Record())
	}
	for _, e := range c.Campaigns {
		s.catalog = append(s.catalog, e.Record())
	}
	for _, e := range c.FX {
		s.catalog = append(s.catalog, e.Record())
	}
}

// Next is the next record to arrive; ok is false when all shows have ended and everything has arrived. The record is
// the caller's to keep; duplicates share their bytes, so do not change them.
func (s *Sim) Next() (r source.Record, ok bool) {
	if len(s.catalog) > 0 {
		r = s.catalog[0]
		r.ArriveMS = s.cfg.Start.UnixMilli()
		s.catalog = s.catalog[1:]
		s.truth.count(r.Topic, note{})
		return r, true
	}
	// What a task sends arrives at or after the task's time: so a parcel due before the next task is the next to
	// arrive.
	for len(s.tasks) > 0 && (len(s.parcels) == 0 || s.tasks[0].at <= s.parcels[0].at) {
		t := s.tasks.pop()
		t.what.do(t.at)
	}
	if len(s.parcels) == 0 {
		return source.Record{}, false
	}
	p := s.parcels.pop()
	p.what.rec.ArriveMS = p.at
	s.observe(&p.what)
	return p.what.rec, true
}

// All yields what Next would.
func (s *Sim) All() source.Seq {
	return func(yield func(source.Record, error) bool) {
		for {
			if r, ok := s.Next(); !ok || !yield(r, nil) {
				return
			}
		}
	}
}

// Truth is a copy of what has been handed out so far, counted.
func (s *Sim) Truth() Truth { return s.truth.clone() }

func (s *Sim) observe(p *parcel) {
	s.truth.count(p.rec.Topic, p.note)
	if p.note.show == "" || p.note.bad != "" {
		return
	}
	if p.rec.TimeMS < s.maxTime[p.note.show] {
		s.truth.Disordered++
	} else {
		s.maxTime[p.note.show] = p.rec.TimeMS
	}
}

// plan has do run at event time at.
func (s *Sim) plan(at int64, do func(at int64)) {
	s.seq++
	s.tasks.push(item[task]{at, s.seq, task{do}})
}

func (s *Sim) post(at int64, rec source.Record, n note) {
	s.seq++
	s.parcels.push(item[parcel]{at, s.seq, parcel{rec, n}})
}

// newRand gives each use its own stream of the seed, so that one use's draws never move another's.
func newRand(seed uint64, use string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(use))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}
