package source

import (
	"errors"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// refund is a refund that came by itself, as refunds/create does. It says that the order was paid, as money came back;
// without money it must not, and then its version is the least, so that it takes no state back either. One of units
// only and one that is told in the buyer's currency are left to the order's next version, which has them and what the
// order cost in both currencies.
func (s shopify) refund(r *shopifyRefund, yield func(Record)) error {
	at := firstOf(r.ProcessedAt, r.CreatedAt)
	if r.ID == "" || r.OrderID == "" || at == 0 {
		return errors.New("a refund without id, order_id or created_at")
	}
	currency := ""
	for _, t := range r.Transactions {
		if t.Currency != "" {
			currency = t.Currency
		}
	}
	for _, l := range r.Lines {
		if l.Subtotal != nil && l.Subtotal.Shop.Currency != currency {
			return nil
		}
	}
	if currency == "" {
		if r.Transactions != nil && len(r.Transactions) == 0 {
			return nil
		}
		return errors.New("a refund without transactions, or without their currency")
	}
	part, test, err := s.part(r, currency, nil)
	if err != nil {
		return err
	}
	v := Order{OrderID: string(r.OrderID), Currency: currency, Refunds: []RefundPart{part}, Test: test,
		Status: "partially_refunded", Version: firstOf(r.CreatedAt, r.ProcessedAt) + rankRefund}
	v.TimeMS, v.Platform = at, "shopify"
	if zero(part.Amount) {
		v.Status, v.Version = "created", 1
	}
	s.seal(&v, yield)
	return nil
}

func zero(amount string) bool { return strings.Trim(amount, "0.") == "" }

// part is a refund in the currency of its order, and whether its money is only a test's. total is what the order's
// amount is in both currencies: where the buyer's is another, the refund is the part of the shop's amount that it is of
// the buyer's, to the nearest unit.
func (s shopify) part(r *shopifyRefund, currency string, total *shopifyMoney) (p RefundPart, test bool, err error) {
	if r.Transactions == nil {
		return p, false, errors.New("a refund without its transactions: how much money it was is not known")
	}
	sum := int64(0)
	for _, t := range r.Transactions {
		if t.Kind != "refund" || t.Status != "success" {
			continue
		}
		test = test || t.Test
		m := purse{currency: t.Currency}
		if t.Currency == "" {
			m.currency = currency
		}
		amount := m.read(t.Amount, nil)
		if m.currency != currency {
			amount = m.exchange(amount, currency, total)
		}
		if sum = m.add(sum, amount); m.err != nil {
			return p, false, m.err
		}
	}
	p = RefundPart{RefundID: string(r.ID), Amount: event.FormatMinor(sum, currency),
		TimeMS: firstOf(r.ProcessedAt, r.CreatedAt)}
	for _, l := range r.Lines {
		line := Line{LineID: string(l.LineID), Quantity: l.Quantity}
		if l.Line != nil {
			line.ProductID = s.product(l.Line)
		}
		p.Lines = append(p.Lines, line)
	}
	return p, test, nil
}
