package source_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// line is what an event amounts to, short enough to stand in a test.
func line(e *eventpb.Event) string {
	at := time.UnixMilli(e.TimeMs).UTC().Format("02T15:04:05")
	switch {
	case e.Order != nil:
		return at + " " + orderLine(e.Order)
	case e.Kind == eventpb.Kind_KIND_COMMENT:
		return fmt.Sprintf("%s comment %q", at, e.Text)
	case e.AmountMinor != 0:
		return fmt.Sprintf("%s %s %s %s", at, word(e.Kind), event.FormatMinor(e.AmountMinor, e.Currency), e.Currency)
	}
	return fmt.Sprintf("%s %s %d", at, word(e.Kind), e.Count)
}

func word(k eventpb.Kind) string { return strings.ToLower(strings.TrimPrefix(k.String(), "KIND_")) }

// orderLine: ID STATUS AMOUNT CURRENCY tax … ship … [line: quantity × price - discount …] {refund: amount units …} flags
func orderLine(o *eventpb.Order) string {
	money := func(minor int64) string { return event.FormatMinor(minor, o.Currency) }
	s := o.OrderId + " " + strings.ToLower(strings.TrimPrefix(o.Status.String(), "ORDER_STATUS_"))
	if o.HasAmount {
		s += " " + money(o.AmountMinor)
	}
	s += " " + o.Currency
	if o.TaxMinor != 0 {
		s += " tax " + money(o.TaxMinor)
	}
	if o.ShippingMinor != 0 {
		s += " ship " + money(o.ShippingMinor)
	}
	for _, l := range o.Lines {
		s += fmt.Sprintf(" [%s/%s: %d×%s", l.LineId, l.ProductId, l.Quantity, money(l.UnitPriceMinor))
		if l.DiscountMinor != 0 {
			s += "-" + money(l.DiscountMinor)
		}
		s += "]"
	}
	for _, r := range o.Refunds {
		s += fmt.Sprintf(" {%s: %s", r.RefundId, money(r.AmountMinor))
		for _, l := range r.Lines {
			s += fmt.Sprintf(" %s×%d", l.LineId, l.Quantity)
		}
		s += "}"
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"test", o.Test}, {"tax_included", o.TaxIncluded}} {
		if f.set {
			s += " " + f.name
		}
	}
	return s
}
