package journey

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// maxRefunds bounds the refund transactions of one order: with more, its state would outgrow a Kafka record. At the
// bound those with the greatest ids are left out, which is still a function of the set. No shop refunds an order so
// often.
const maxRefunds = 4096

// maxOrderBytes bounds an order, for the same reason: of more, refunds lose their lines, those of the greatest ids first,
// and are divided like refunds that name none; where that is not enough they are left out. Only then does it matter
// which version came first.
const maxOrderBytes = 768 << 10

// order folds one version of an order and says what it changes for the scopes that it touches.
func (f *Fold) order(e *eventpb.Event, out *operators.Outputs) error {
	if e.Order == nil || e.Order.OrderId == "" {
		return nil // ingest refuses those
	}
	o, ok, err := f.orders.Get(e.Order.OrderId)
	if err != nil {
		return err
	}
	id := strings.Clone(e.Order.OrderId)
	if !ok {
		o = &journeypb.Order{OrderedMs: e.TimeMs}
	}
	merge(o, e)
	if _, err := f.say(id, o, eventpb.Cause_CAUSE_ORDER, out); err != nil {
		return err
	}
	f.orders.Put(id, o)
	return nil
}

// merge adds one version to what the versions before have said. It is commutative and idempotent: each group of fields
// keeps the value of its greatest stamp, and the rest are minima and set unions.
func merge(o *journeypb.Order, e *eventpb.Event) {
	v := e.Order
	at := &journeypb.Stamp{Version: v.Version, IdHi: e.IdHi, IdLo: e.IdLo}
	o.OrderedMs = min(o.OrderedMs, e.TimeMs)
	o.Test = o.Test || v.Test
	mergeStatus(o, e, at)
	if v.HasAmount && newer(at, o.AmountAt) {
		o.AmountAt, o.AmountMinor, o.Currency = at, v.AmountMinor, strings.Clone(v.Currency)
	}
	if v.HasAmount && len(v.Lines) > 0 && newer(at, o.LinesAt) {
		o.LinesAt, o.Lines = at, lines(v.Lines)
	}
	if !v.HasAmount {
		mergeField(&o.OtherCurrency, at, v.Currency)
	}
	mergeField(&o.Show, at, e.ShowId)
	mergeField(&o.Esol, at, e.EsolId)
	mergeField(&o.Channel, at, cmp.Or(v.Channel, e.Channel))
	mergeField(&o.Payment, at, v.PaymentMethod)
	mergeField(&o.Code, at, cmp.Or(v.AffiliateCode, v.Code, e.Code))
	mergeField(&o.Campaign, at, e.CampaignId)
	if (e.PersonHi != 0 || e.PersonLo != 0) && newer(at, o.PersonAt) {
		o.PersonAt, o.PersonHi, o.PersonLo = at, e.PersonHi, e.PersonLo
	}
	for _, r := range v.Refunds {
		mergeRefund(o, r, v.Currency, at)
	}
	if len(v.Refunds) > 0 {
		fitRefunds(o)
	}
}

func fitRefunds(o *journeypb.Order) {
	for i := len(o.Refunds) - 1; i >= 0 && o.SizeVT() > maxOrderBytes; i-- {
		o.Refunds[i].Lines = nil
	}
	for len(o.Refunds) > 0 && o.SizeVT() > maxOrderBytes {
		o.Refunds = slices.Delete(o.Refunds, len(o.Refunds)-1, len(o.Refunds))
	}
}

func mergeStatus(o *journeypb.Order, e *eventpb.Event, at *journeypb.Stamp) {
	status := e.Order.Status
	if status == eventpb.OrderStatus_ORDER_STATUS_UNSPECIFIED {
		return
	}
	if newer(at, o.StatusAt) {
		o.StatusAt, o.Status = at, status
	}
	switch status {
	case eventpb.OrderStatus_ORDER_STATUS_PAID, eventpb.OrderStatus_ORDER_STATUS_REFUNDED,
		eventpb.OrderStatus_ORDER_STATUS_PARTIALLY_REFUNDED:
		if !o.EverPaid || e.TimeMs < o.PaidMs {
			o.EverPaid, o.PaidMs = true, e.TimeMs
		}
	}
}

func mergeField(f **journeypb.Field, at *journeypb.Stamp, value string) {
	if value != "" && (*f == nil || newer(at, (*f).At)) {
		*f = &journeypb.Field{At: at, Value: strings.Clone(value)}
	}
}

// mergeRefund keeps the newest version of each refund. A refund named twice by one version counts as named first.
func mergeRefund(o *journeypb.Order, r *eventpb.Refund, currency string, at *journeypb.Stamp) {
	i, found := slices.BinarySearchFunc(o.Refunds, r.RefundId, func(have *journeypb.Refund, id string) int {
		return cmp.Compare(have.RefundId, id)
	})
	if found && !newer(at, o.Refunds[i].At) {
		return
	}
	n := &journeypb.Refund{
		RefundId: strings.Clone(r.RefundId), At: at, AmountMinor: r.AmountMinor, Lines: lines(r.Lines),
		Currency: strings.Clone(currency),
	}
	if found {
		o.Refunds[i] = n
		return
	}
	o.Refunds = slices.Insert(o.Refunds, i, n)
	if len(o.Refunds) > maxRefunds {
		o.Refunds = slices.Delete(o.Refunds, maxRefunds, len(o.Refunds))
	}
}

// newer tells whether a is greater than b. Equal stamps are the same event again, which changes nothing: an event id
// names one content.
func newer(a, b *journeypb.Stamp) bool {
	if b == nil {
		return true
	}
	if a.Version != b.Version {
		return a.Version > b.Version
	}
	return event.ID{Hi: b.IdHi, Lo: b.IdLo}.Less(event.ID{Hi: a.IdHi, Lo: a.IdLo})
}

func lines(in []*eventpb.OrderLine) []*journeypb.Line {
	if len(in) == 0 {
		return nil
	}
	out := make([]*journeypb.Line, len(in))
	for i, l := range in {
		out[i] = &journeypb.Line{
			LineId: strings.Clone(l.LineId), ProductId: strings.Clone(l.ProductId), BrandId: strings.Clone(l.BrandId),
			Quantity: l.Quantity, TotalMinor: lineTotal(l),
		}
	}
	return out
}

// lineTotal is what a line costs, at most the greatest int64: line totals are only ever weights that an amount is split
// by, so an absurd one may be cut off but must not wrap.
func lineTotal(l *eventpb.OrderLine) int64 {
	if l.Quantity <= 0 || l.UnitPriceMinor <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(l.Quantity), uint64(l.UnitPriceMinor))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return max(0, int64(lo)-max(0, l.DiscountMinor))
}

func value(f *journeypb.Field) string {
	if f == nil {
		return ""
	}
	return f.Value
}

// currencyOf is the currency of an order: that of its amount, or as long as there is none, of what else has come.
func currencyOf(o *journeypb.Order) string {
	if o.AmountAt != nil {
		return o.Currency
	}
	return value(o.OtherCurrency)
}

// foreign tells whether a refund is in another currency than its order. It does not count then: amounts of different
// currencies have no sum. The order is held until somebody has looked at it (holds.go).
func foreign(o *journeypb.Order, r *journeypb.Refund) bool {
	return r.Currency != "" && r.Currency != currencyOf(o)
}
