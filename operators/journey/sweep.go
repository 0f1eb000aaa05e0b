package journey

import (
	"errors"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A catalog may name a show's ESOL, a product's brand or a campaign after orders and touches have come, and credits
// must not depend on which came first. So a change of the catalog starts two sweeps, over the orders and over the
// people: each tick revisits the next of them, in order of id, until all have been seen once since the last change. A
// change during a sweep does not start it over: it lets it go round to where it was. So a catalog that keeps changing
// still reaches everything.

// perTick is how many orders, and how many people, one tick revisits. Over Badger, with ten touches and an order each, that
// was 7 ms of work (four times a second) when it was profiled.
const perTick = 500

// The keys of the table of sweeps.
const (
	sweepOrders  = "orders"
	sweepPersons = "persons"
)

func (f *Fold) startSweeps() error {
	for _, key := range []string{sweepOrders, sweepPersons} {
		s, _, err := f.sweeps.Get(key)
		if err != nil {
			return err
		}
		cursor := s.GetCursor()
		f.sweeps.Put(key, &journeypb.Sweep{Active: true, Cursor: cursor, Until: cursor})
	}
	return nil
}

// sweepSome revisits the next orders and people, if a sweep is under way.
func (f *Fold) sweepSome(out *operators.Outputs) error {
	err := revisit(f, sweepOrders, f.orders, func(id string, o *journeypb.Order) (bool, error) {
		return f.say(id, o, eventpb.Cause_CAUSE_CATALOG, out)
	})
	if err != nil {
		return err
	}
	return revisit(f, sweepPersons, f.persons, func(key string, p *journeypb.Person) (bool, error) {
		id, err := event.ParseID(key)
		if err != nil {
			return false, err
		}
		return f.answer(p, id, everything, out)
	})
}

// revisit takes a sweep over one table a step further. visit tells whether it changed the value.
func revisit[V any](f *Fold, key string, t *state.Table[V], visit func(id string, v V) (bool, error)) error {
	s, _, err := f.sweeps.Get(key)
	if err != nil || !s.GetActive() {
		return err
	}
	to := ""
	if s.Wrapped {
		to = s.Until
	}
	ids, values, err := next(t, s.Cursor, to, f.perTick)
	if err != nil {
		return err
	}
	for i, v := range values {
		changed, err := visit(ids[i], v)
		if err != nil {
			return err
		}
		if changed {
			t.Put(ids[i], v)
		}
	}
	step := &journeypb.Sweep{Active: true, Wrapped: s.Wrapped, Until: s.Until}
	switch {
	case len(ids) == f.perTick:
		step.Cursor = ids[len(ids)-1] + "\x00" // the key after it
	case !s.Wrapped && s.Until != "":
		step.Wrapped = true
	default:
		step = &journeypb.Sweep{}
	}
	f.sweeps.Put(key, step)
	return nil
}

var errEnough = errors.New("enough")

// next reads at most n entries of a table.
func next[V any](t *state.Table[V], from, to string, n int) (ids []string, values []V, err error) {
	err = t.Range(from, to, func(id string, v V) error {
		ids, values = append(ids, id), append(values, v)
		if len(ids) == n {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return ids, values, err
}
