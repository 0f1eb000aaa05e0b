package roims

import (
	"errors"

	"github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/stream/event"
)

// Order is one order's share that a scope is credited with, in minor units; zero means none. An unpaid order is the
// zero Order.
type Order struct {
	PaidMinor int64
	// BackMinor is what was refunded or cancelled of it, at least 0.
	BackMinor int64
}

// Sums is what a fold keeps per scope and currency. Its zero value is empty.
type Sums struct {
	Paid amounts.Sum
	Net  amounts.Sum // paid less back, of each order
}

// Replace takes an order's former version out and puts the next one in: Replace(Order{}, o) for a new order. The error is
// event.ErrOverflow, and then nothing has changed.
func (s *Sums) Replace(former, next Order) error {
	was, err := event.Sub(former.PaidMinor, former.BackMinor)
	is, err2 := event.Sub(next.PaidMinor, next.BackMinor)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	changed := *s
	if err := changed.Paid.Replace(former.PaidMinor, next.PaidMinor); err != nil {
		return err
	}
	if err := changed.Net.Replace(was, is); err != nil {
		return err
	}
	*s = changed
	return nil
}

// Encode writes s; Decode reads it.
func (s *Sums) Encode(w *codec.Writer) {
	s.Paid.Encode(w)
	s.Net.Encode(w)
}

// Decode is the inverse of Encode.
func Decode(r *codec.Reader) Sums { return Sums{Paid: amounts.Decode(r), Net: amounts.Decode(r)} }
