package journey

import (
	"errors"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
)

// A catalog may name a show's ESOL, a product's brand or a campaign after the orders have come, and credits must not
// depend on which came first. So a change of the catalog starts a sweep: each tick revisits the next orders, in order
// of id, until all have been seen once since the last change. A change during a sweep does not start it over: it lets
// it go round to where it was. So a catalog that keeps changing still reaches every order.

// sweepOrders is how many orders one tick revisits: about a millisecond of work, four times a second.
const sweepOrders = 500

const sweepKey = "orders" // the one key of the table

func (f *Fold) startSweep() error {
	s, _, err := f.sweep.Get(sweepKey)
	if err != nil {
		return err
	}
	cursor := s.GetCursor()
	f.sweep.Put(sweepKey, &journeypb.Sweep{Active: true, Cursor: cursor, Until: cursor})
	return nil
}

// sweepSome revisits the next orders of a sweep, if there is one.
func (f *Fold) sweepSome(out *operators.Outputs) error {
	s, _, err := f.sweep.Get(sweepKey)
	if err != nil || !s.GetActive() {
		return err
	}
	to := ""
	if s.Wrapped {
		to = s.Until
	}
	ids, orders, err := f.ordersFrom(s.Cursor, to)
	if err != nil {
		return err
	}
	for i, o := range orders {
		changed, err := f.say(ids[i], o, out)
		if err != nil {
			return err
		}
		if changed {
			f.orders.Put(ids[i], o)
		}
	}
	next := &journeypb.Sweep{Active: true, Wrapped: s.Wrapped, Until: s.Until}
	switch {
	case len(ids) == f.perTick:
		next.Cursor = ids[len(ids)-1] + "\x00" // the key after it
	case !s.Wrapped && s.Until != "":
		next.Wrapped = true
	default:
		next = &journeypb.Sweep{}
	}
	f.sweep.Put(sweepKey, next)
	return nil
}

var errEnough = errors.New("enough")

func (f *Fold) ordersFrom(from, to string) (ids []string, orders []*journeypb.Order, err error) {
	err = f.orders.Range(from, to, func(id string, o *journeypb.Order) error {
		ids, orders = append(ids, id), append(orders, o)
		if len(ids) == f.perTick {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return ids, orders, err
}
