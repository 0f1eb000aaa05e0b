package journey

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators/returncurve"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// keep adds what lines have left to what is kept apart by return rate.
func (c *catalog) keep(to []*eventpb.Kept, lines []*eventpb.CreditLine) ([]*eventpb.Kept, error) {
	for _, l := range lines {
		if l.NetMinor == 0 {
			continue
		}
		rate := uint32(0)
		if l.NetMinor > 0 {
			var err error
			if rate, err = c.returnRate(l.ProductId); err != nil {
				return nil, err
			}
		}
		i, found := slices.BinarySearchFunc(to, rate, func(k *eventpb.Kept, r uint32) int { return cmp.Compare(k.ReturnRatePpm, r) })
		if !found {
			to = slices.Insert(to, i, &eventpb.Kept{ReturnRatePpm: rate})
		}
		var err error
		if to[i].NetMinor, err = event.Add(to[i].NetMinor, l.NetMinor); err != nil {
			return nil, err
		}
	}
	return to, nil
}

// returnRate is how much of a product comes back, in parts per million of what is paid.
func (c *catalog) returnRate(product string) (uint32, error) {
	if product == "" {
		return returncurve.DefaultRatePPM, nil
	}
	p, _, err := c.products.Get(product)
	return cmp.Or(p.GetReturnRatePpm(), returncurve.DefaultRatePPM), err
}
