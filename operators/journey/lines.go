package journey

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// lines divides a share over its products, in order of product; they sum to the share: what was paid by line totals,
// what went back first by the worth of the units that refunds name, the rest by what is left of each product then.
// Orders without lines have one, of no product.
func (s *share) lines() ([]*eventpb.CreditLine, error) {
	goods := s.goods
	if len(goods) == 0 {
		goods = []good{{}}
	}
	weights := make([]int64, len(goods))
	for i := range goods {
		weights[i] = goods[i].weight
	}
	paid := event.Alloc(s.paid, weights)
	back, err := s.linesBack(goods, paid, weights)
	if err != nil {
		return nil, err
	}
	out := make([]*eventpb.CreditLine, len(goods))
	for i := range goods {
		l := &eventpb.CreditLine{ProductId: goods[i].product, PaidMinor: paid[i]}
		if s.cancelled == 0 { // else what is left of each was cancelled
			if l.NetMinor, err = event.Sub(paid[i], back[i]); err != nil {
				return nil, err
			}
		}
		if s.units != 0 {
			l.Units = goods[i].bought - goods[i].returned
		}
		out[i] = l
	}
	return out, nil
}

func (s *share) linesBack(goods []good, paid, weights []int64) ([]int64, error) {
	if s.refunded == s.paid {
		return paid, nil
	}
	named := make([]int64, len(goods))
	var sum int64
	for i := range goods {
		named[i] = min(goods[i].back, max(0, paid[i]))
		sum = event.AddCapped(sum, named[i])
	}
	first := min(max(0, s.refunded), sum)
	back := event.Alloc(first, named)
	if first == 0 {
		back = make([]int64, len(goods))
	}
	left := make([]int64, len(goods))
	for i := range goods {
		left[i] = max(0, paid[i]-back[i])
	}
	if slices.Max(left) == 0 {
		left = weights
	}
	for i, more := range event.Alloc(s.refunded-first, left) {
		var err error
		if back[i], err = event.Add(back[i], more); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// scale is what a part of the whole has of its lines: each column divided alike, so that it sums to the part.
func scale(whole []*eventpb.CreditLine, p layers, units int64) []*eventpb.CreditLine {
	out := make([]*eventpb.CreditLine, len(whole))
	for i, l := range whole {
		out[i] = &eventpb.CreditLine{ProductId: l.ProductId}
	}
	column(whole, p.paid, func(l *eventpb.CreditLine) *int64 { return &l.PaidMinor }, out)
	column(whole, p.net, func(l *eventpb.CreditLine) *int64 { return &l.NetMinor }, out)
	column(whole, units, func(l *eventpb.CreditLine) *int64 { return &l.Units }, out)
	return out
}

// column divides total as the column of whole is. A line whose sign is against the total's (more was given back for one
// product than it had cost) has none of it, unless the total is all of the column: then it is left as it is.
func column(whole []*eventpb.CreditLine, total int64, of func(*eventpb.CreditLine) *int64, out []*eventpb.CreditLine) {
	weights := make([]int64, len(whole))
	var sum int64
	for i, l := range whole {
		v := *of(l)
		sum += v // only compared: lines of the whole sum to a share, which did not overflow
		if total < 0 {
			v = -v
		}
		weights[i] = max(0, v)
	}
	if sum == total {
		for i, l := range whole {
			*of(out[i]) = *of(l)
		}
		return
	}
	for i, part := range event.Alloc(total, weights) {
		*of(out[i]) = part
	}
}

// addLines adds lines to those there are, by product.
func addLines(to []*eventpb.CreditLine, lines []*eventpb.CreditLine) ([]*eventpb.CreditLine, error) {
	for _, l := range lines {
		i, found := slices.BinarySearchFunc(to, l.ProductId, func(h *eventpb.CreditLine, p string) int {
			return cmp.Compare(h.ProductId, p)
		})
		if !found {
			to = slices.Insert(to, i, l)
			continue
		}
		h := to[i]
		for _, sum := range []struct {
			to *int64
			of int64
		}{{&h.PaidMinor, l.PaidMinor}, {&h.NetMinor, l.NetMinor}, {&h.Units, l.Units}} {
			var err error
			if *sum.to, err = event.Add(*sum.to, sum.of); err != nil {
				return nil, err
			}
		}
	}
	return to, nil
}
