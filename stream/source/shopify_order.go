package source

import (
	"errors"
)

// Within one updated_at, versions follow the order's life; times of Shopify are whole seconds, so there is room.
const (
	rankRefund = iota
	rankCreated
	rankPaid
	rankRefunded
	rankCancelled
)

func (s shopify) order(o *shopifyOrder, yield func(Record)) error {
	v, err := s.content(o)
	if err != nil {
		return err
	}
	ordered := firstOf(o.ProcessedAt, o.CreatedAt)
	version := firstOf(o.UpdatedAt, o.CancelledAt, o.CreatedAt, o.ProcessedAt)
	if ordered == 0 || o.ID == "" {
		return errors.New("an order without id or created_at")
	}
	step := func(status string, at, rank int64) {
		e := *v
		e.Status, e.TimeMS, e.Version = status, at, version+rank
		s.seal(&e, yield)
	}
	paid, cancelled, err := financial(o.FinancialStatus)
	if err != nil {
		return err
	}
	at := o.paidAt(ordered)
	if paid != "paid" || at > ordered { // a room warms to an order being made, not to one that was given back
		step("created", ordered, rankCreated)
	}
	switch paid {
	case "":
	case "paid":
		step(paid, at, rankPaid)
	default:
		step(paid, at, rankRefunded)
	}
	if cancelled || o.CancelledAt != 0 {
		step("cancelled", max(firstOf(o.CancelledAt, o.UpdatedAt), ordered), rankCancelled)
	}
	return nil
}

// financial says what a financial_status is in the words of orders: how it was paid, if it was, and whether it is void.
func financial(status string) (paid string, cancelled bool, err error) {
	switch status {
	case "paid", "partially_refunded", "refunded":
		return status, false, nil
	case "", "pending", "authorized", "partially_paid", "unpaid":
		return "", false, nil
	case "voided", "expired":
		return "", true, nil
	}
	return "", false, errors.New("a financial_status that Shopify's documentation does not name")
}

// paidAt is when an order was paid: at its first sale or capture that succeeded; where the payload has none, with the
// order, or for ways of payment that come later, when it was updated last, which is at the latest.
func (o *shopifyOrder) paidAt(ordered int64) int64 {
	at := int64(0)
	for _, t := range o.Transactions {
		if t.Status == "success" && (t.Kind == "sale" || t.Kind == "capture") {
			if ms := firstOf(t.ProcessedAt, t.CreatedAt); at == 0 || ms < at {
				at = ms
			}
		}
	}
	if at == 0 {
		if _, deferred := methodOf(append([]string{o.Gateway}, o.Gateways...)...); deferred {
			at = firstOf(o.UpdatedAt)
		}
	}
	return max(at, ordered)
}

// content is what all steps of an order have in common.
func (s shopify) content(o *shopifyOrder) (*Order, error) {
	m := purse{currency: o.Currency}
	if o.TotalSet != nil && o.TotalSet.Shop.Currency != "" {
		m.currency = o.TotalSet.Shop.Currency
	}
	edited := len(o.Refunds) == 0 && o.CancelledAt == 0 && (o.Current != "" || o.CurrentSet != nil)
	amount, tax := m.read(o.Total, o.TotalSet), m.read(o.Tax, o.TaxSet)
	if edited {
		amount = m.read(o.Current, o.CurrentSet)
		tax = m.read(o.CurrentTax, o.CurrentTaxSet)
	}
	lines := s.lines(o, edited, &m)
	v := Order{OrderID: string(o.ID), Currency: m.currency, Amount: m.text(amount), Lines: lines,
		Tax: m.text(tax), Shipping: m.text(o.shipping(&m)), TaxIncluded: o.TaxesIncluded,
		Test: o.Test}
	for i := range o.Refunds {
		part, test, err := s.part(&o.Refunds[i], m.currency, o.TotalSet)
		if err != nil {
			return nil, err
		}
		v.Refunds, v.Test = append(v.Refunds, part), v.Test || test
	}
	v.PaymentMethod, _ = methodOf(append([]string{o.Gateway}, o.Gateways...)...)
	s.origin(o, &v)
	return &v, m.err
}

func (o *shopifyOrder) shipping(m *purse) int64 {
	if o.ShippingSet != nil {
		return m.read("", o.ShippingSet)
	}
	sum := int64(0)
	for _, l := range o.ShippingLines {
		sum = m.add(sum, m.read(l.Price, l.PriceSet))
	}
	return sum
}
