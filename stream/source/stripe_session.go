package source

import "github.com/netsu/netsu/stream/event"

// ofSession adds what only checkout sessions say: lines, tax and shipping.
func (s stripe) ofSession(o *stripeObject, v *Order) (err error) {
	if o.Details != nil {
		if v.Tax, err = s.amount(o.Details.Tax, v.Currency); err == nil {
			v.Shipping, err = s.amount(o.Details.Shipping, v.Currency)
		}
	}
	if o.Lines == nil || err != nil {
		return err
	}
	gross, discounts, known := make([]int64, len(o.Lines.Data)), make([]int64, len(o.Lines.Data)), int64(0)
	for i, l := range o.Lines.Data {
		if gross[i], err = stripeMinor(l.Subtotal, v.Currency); err != nil {
			return err
		}
		if discounts[i], err = stripeMinor(l.Discount, v.Currency); err != nil {
			return err
		}
		known += discounts[i]
	}
	if o.Details != nil && known == 0 && o.Details.Discount > 0 {
		whole, err := stripeMinor(o.Details.Discount, v.Currency)
		if err != nil {
			return err
		}
		spread(discounts, gross, whole)
	}
	for i, l := range o.Lines.Data {
		v.Lines = append(v.Lines, l.line(gross[i], discounts[i], v.Currency))
	}
	return nil
}

// line is a line at the least unit price that gives what it costs; what that is too much of is discount too.
func (l *stripeLine) line(gross, discount int64, currency string) Line {
	line := Line{LineID: l.ID, ProductID: "line-" + l.ID, Quantity: l.Quantity}
	if l.Price != nil && l.Price.Product != "" {
		line.ProductID = string(l.Price.Product)
	}
	unit := gross
	if l.Quantity > 1 {
		unit = (gross + l.Quantity - 1) / l.Quantity
		discount += unit*l.Quantity - gross
	}
	line.UnitPrice = event.FormatMinor(unit, currency)
	if discount > 0 {
		line.Discount = event.FormatMinor(discount, currency)
	}
	return line
}
