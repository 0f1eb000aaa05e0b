package show

import (
	"encoding/binary"
	"hash"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// showsMax bounds the shows of a partition. Beyond it the one that has been silent longest is dropped, as after 24
// hours.
const showsMax = 10_000

// emitMS is how often a changed room is said: when append time enters the next 100 ms.
const emitMS = 100

// fewActs and waitMaxMS: see due.
const (
	fewActs   = 512
	waitMaxMS = 1_000
)

// Fold implements operators.Fold over one partition of the journal. All its shows are in memory, but for what those in
// which nobody acts any more have put away (away.go); the store gets what has changed at each cut.
type Fold struct {
	tables tables

	appendMS   int64
	ingestedMS int64 // of the latest tick
	progress   int64 // see clock.go
	emitted    int64 // append time of the last emission, in units of emitMS
	marked     bool  // the clock's key is in the next cut

	shows   map[string]*show
	order   []*show // by id
	changed []*show
	last    *show // most recently looked up
	catalog catalog

	reader text.Reader
	hash   hash.Hash
	buf    []byte

	scene  scene       // scratch of stage
	judged []trust.Act // scratch of judge
	terms  []uint64    // scratch of hear
}

// New returns the show fold of one journal partition over what store remembers. It reads all of it but what is away, so that
// Apply never waits for a disk while a show is on the air.
func New(store *state.Store, partition int32) (operators.Fold, error) {
	f := &Fold{shows: map[string]*show{}, catalog: catalog{entries: map[string]*eventpb.Catalog{}, lexiconsOf: -1}, hash: fnv.New128a()}
	f.tables = f.newTables(store)
	if err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// Apply implements operators.Fold. It fails only if what a show has put away cannot be read.
func (f *Fold) Apply(r *operators.Record, out *operators.Outputs) error {
	f.appendMS = max(f.appendMS, r.AppendMS)
	ticked := false
	for _, e := range r.Events {
		switch {
		case e.Kind == eventpb.Kind_KIND_TICK:
			if e.Tick != nil {
				if err := f.tick(e.Tick.IngestedMs, out); err != nil {
					return err
				}
			}
			ticked = true
		case e.Kind == eventpb.Kind_KIND_CATALOG:
			f.learn(e.Catalog)
		case e.ShowId != "" && 0 < e.Kind && int(e.Kind) < kinds:
			s, err := f.show(e, out)
			if err != nil {
				return err
			}
			if err := f.fold(s, e, out); err != nil {
				return err
			}
		}
	}
	if now := f.appendMS / emitMS; ticked || now != f.emitted {
		f.emitted = now
		f.emit(out)
	}
	f.markClock()
	return nil
}

// show finds the show of an event, or begins it.
func (f *Fold) show(e *eventpb.Event, out *operators.Outputs) (*show, error) {
	if f.last != nil && f.last.id == e.ShowId {
		return f.last, nil
	}
	s := f.shows[e.ShowId]
	if s == nil {
		if len(f.shows) >= showsMax {
			if err := f.drop(f.quietest(), out); err != nil {
				return nil, err
			}
		}
		s = newShow(strings.Clone(e.ShowId), min(e.TimeMs, f.appendMS))
		s.activeAt = f.progress
		f.insert(s)
	}
	f.last = s
	return s, nil
}

func (f *Fold) insert(s *show) {
	f.shows[s.id] = s
	i, _ := slices.BinarySearchFunc(f.order, s.id, func(s *show, id string) int { return strings.Compare(s.id, id) })
	f.order = slices.Insert(f.order, i, s)
}

func (f *Fold) quietest() *show {
	return slices.MinFunc(f.order, func(a, b *show) int {
		switch {
		case a.activeAt != b.activeAt:
			return int(a.activeAt - b.activeAt)
		case a.maxEventMS != b.maxEventMS:
			return int(a.maxEventMS - b.maxEventMS)
		}
		return strings.Compare(a.id, b.id)
	})
}

// drop ends a show for good: its meters become tombstones and its state goes.
func (f *Fold) drop(s *show, out *operators.Outputs) error {
	if err := f.recall(s); err != nil { // which keys it has is known from what they hold
		return err
	}
	scope := event.Scope(event.ScopeShow, s.id)
	out.DropMeter(scope, partRoom)
	out.DropMeter(scope, partInsight)
	for _, from := range s.trend.published {
		out.DropMeter(scope, trendPart(from))
	}
	f.forgetShow(s)
	delete(f.shows, s.id)
	f.order = slices.DeleteFunc(f.order, func(o *show) bool { return o == s })
	f.changed = slices.DeleteFunc(f.changed, func(o *show) bool { return o == s })
	if f.last == s {
		f.last = nil
	}
	return nil
}

// change marks the show to be emitted and to be written.
func (f *Fold) change(s *show) {
	if !s.changed {
		s.changed = true
		f.changed = append(f.changed, s)
	}
	f.markShow(s)
}

// emit publishes what has changed and is due, in order of show ids.
func (f *Fold) emit(out *operators.Outputs) {
	slices.SortFunc(f.changed, func(a, b *show) int { return strings.Compare(a.id, b.id) })
	f.changed = slices.DeleteFunc(f.changed, func(s *show) bool {
		if !f.due(s) {
			return false
		}
		s.catchUp()
		f.publish(s, out)
		s.changed, s.fresh, s.freshFrom, s.emittedMS = false, 0, noPane, f.appendMS
		f.markShow(s)
		return true
	})
}

// due lets a very busy room wait, a second at most: with events out of order, saying it anew means evaluating its last
// few panes anew, and ten times a second that would cost more than everything else. A room waits until the acts to
// evaluate are at most four for each that has come since, or few anyway. It depends on the log alone, not on what
// happens to be evaluated.
func (f *Fold) due(s *show) bool {
	if f.appendMS-s.emittedMS >= waitMaxMS {
		return true
	}
	acts := int64(0)
	for k := max(s.freshFrom, s.final.pane+1); k <= s.now(); k++ {
		if p := s.panes[k]; p != nil {
			acts += int64(len(p.acts))
		}
	}
	return acts <= max(fewActs, 4*s.fresh)
}

// orderRef hashes an order id. 128 bits without a secret: who makes two order ids collide takes heat from their own.
func (f *Fold) orderRef(orderID string) event.ID {
	f.hash.Reset()
	f.buf = append(f.buf[:0], orderID...)
	f.hash.Write(f.buf)
	f.buf = f.hash.Sum(f.buf[:0])
	return event.ID{Hi: binary.BigEndian.Uint64(f.buf[:8]), Lo: binary.BigEndian.Uint64(f.buf[8:])}
}
