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

// Merge adds what another partition has. The error is event.ErrOverflow, and then nothing has changed.
func (s *Sums) Merge(o Sums) error {
	changed := *s
	if err := changed.Paid.Merge(o.Paid); err != nil {
		return err
	}
	if err := changed.Net.Merge(o.Net); err != nil {
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

// Costs is what the brand spent, in minor units of the GMV's currency: all of it, or a ROIMS is too good.
type Costs struct {
	FixedFeeMinor, CommissionMinor, SamplesMinor, AdsMinor, ProductionMinor, CouponsMinor, PlatformFeesMinor int64
}

// Total is the sum, or event.ErrOverflow.
func (c Costs) Total() (total int64, err error) {
	for _, x := range [...]int64{c.FixedFeeMinor, c.CommissionMinor, c.SamplesMinor, c.AdsMinor, c.ProductionMinor,
		c.CouponsMinor, c.PlatformFeesMinor} {
		if total, err = event.Add(total, x); err != nil {
			return 0, err
		}
	}
	return total, nil
}
