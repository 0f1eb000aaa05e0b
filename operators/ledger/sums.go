package ledger

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// post adds (sign +1) or takes out (sign -1) what a credit says.
func post(m *eventpb.Money, c *eventpb.Credit, sign int64, settled bool) error {
	if err := postIn(gmv(m, c.Currency), c, sign, settled); err != nil {
		return err
	}
	return add(&m.OrdersTotal, sign, when(!c.RefundOnly, 1))
}

// postIn does so in the sums of the credit's currency.
func postIn(g *eventpb.Gmv, c *eventpb.Credit, sign int64, settled bool) error {
	for _, sum := range []struct {
		to *int64
		of int64
	}{
		{&g.CreatedMinor, c.CreatedMinor},
		{&g.PaidMinor, c.PaidMinor},
		{&g.NetMinor, c.NetMinor},
		{&g.RefundedMinor, c.RefundedMinor},
		{&g.CancelledMinor, c.CancelledMinor},
		{&g.SettledMinor, when(settled, c.NetMinor)},
		{&g.RefundedUnknownMinor, when(c.RefundOnly, c.RefundedMinor)},
		{&g.Units, c.Units},
		{&g.OrdersCreated, when(!c.RefundOnly, 1)},
		{&g.OrdersPaid, when(c.Paid, 1)},
		{&g.OrdersCancelled, when(c.Cancelled, 1)},
		{&g.OrdersRefunded, when(!c.RefundOnly && c.RefundedMinor != 0, 1)},
		{&g.RefundsUnknown, when(c.RefundOnly, 1)},
	} {
		if err := add(sum.to, sign, sum.of); err != nil {
			return err
		}
	}
	return nil
}

// prune drops the sums in a currency whose last credit has gone: all of them are zero then.
func prune(m *eventpb.Money, currency string) {
	if i, found := find(m, currency); found && m.Gmv[i].OrdersCreated == 0 && m.Gmv[i].RefundsUnknown == 0 {
		m.Gmv = slices.Delete(m.Gmv, i, i+1)
	}
}

func add(to *int64, sign, of int64) (err error) {
	if sign > 0 {
		*to, err = event.Add(*to, of)
	} else {
		*to, err = event.Sub(*to, of)
	}
	return err
}

func when(yes bool, n int64) int64 {
	if yes {
		return n
	}
	return 0
}

func find(m *eventpb.Money, currency string) (int, bool) {
	return slices.BinarySearchFunc(m.Gmv, currency, func(g *eventpb.Gmv, c string) int {
		return cmp.Compare(g.Currency, c)
	})
}

// gmv is the sums in a currency; it makes them where there are none.
func gmv(m *eventpb.Money, currency string) *eventpb.Gmv {
	i, found := find(m, currency)
	if !found {
		digits, _ := event.Exponent(currency)
		m.Gmv = slices.Insert(m.Gmv, i, &eventpb.Gmv{Currency: currency, Exponent: uint32(digits)})
	}
	return m.Gmv[i]
}

func countOf(b *ledgerpb.Buyer, currency string) *ledgerpb.Count {
	i, found := findCount(b, currency)
	if !found {
		b.Counts = slices.Insert(b.Counts, i, &ledgerpb.Count{Currency: currency})
	}
	return b.Counts[i]
}

func dropCount(b *ledgerpb.Buyer, currency string) {
	i, _ := findCount(b, currency)
	b.Counts = slices.Delete(b.Counts, i, i+1)
}

func findCount(b *ledgerpb.Buyer, currency string) (int, bool) {
	return slices.BinarySearchFunc(b.Counts, currency, func(c *ledgerpb.Count, currency string) int {
		return cmp.Compare(c.Currency, currency)
	})
}

// published is a copy of m for people, with averages.
func published(m *eventpb.Money) *eventpb.Money {
	out := &eventpb.Money{
		Buyers: m.Buyers, OrdersTotal: m.OrdersTotal, LastOrderMs: m.LastOrderMs, Gmv: make([]*eventpb.Gmv, len(m.Gmv)),
	}
	for i, g := range m.Gmv {
		out.Gmv[i] = &eventpb.Gmv{
			Currency: g.Currency, Exponent: g.Exponent,
			CreatedMinor: g.CreatedMinor, PaidMinor: g.PaidMinor, NetMinor: g.NetMinor, SettledMinor: g.SettledMinor,
			RefundedMinor: g.RefundedMinor, CancelledMinor: g.CancelledMinor,
			RefundedUnknownMinor: g.RefundedUnknownMinor,
			OrdersCreated:        g.OrdersCreated, OrdersPaid: g.OrdersPaid, OrdersCancelled: g.OrdersCancelled,
			OrdersRefunded: g.OrdersRefunded, RefundsUnknown: g.RefundsUnknown, Units: g.Units, Buyers: g.Buyers,
			AverageOrderMinor: average(g.PaidMinor, g.OrdersPaid),
		}
	}
	return out
}

// average is sum / n, half to even; 0 for none.
func average(sum, n int64) int64 {
	if n == 0 {
		return 0
	}
	abs, sign := uint64(sum), int64(1)
	if sum < 0 {
		abs, sign = -abs, -1
	}
	q, rest := bits.Div64(0, abs, uint64(n))
	if twice := 2 * rest; twice > uint64(n) || twice == uint64(n) && q%2 == 1 {
		q++
	}
	return sign * int64(q)
}
