package source

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
		gross[i], discounts[i] = l.Subtotal, l.Discount
		known += l.Discount
	}
	if o.Details != nil && known == 0 && o.Details.Discount > 0 {
		spread(discounts, gross, o.Details.Discount)
	}
	for i, l := range o.Lines.Data {
		line, err := s.line(&l, discounts[i], v.Currency)
		if err != nil {
			return err
		}
		v.Lines = append(v.Lines, line)
	}
	return nil
}

// line is a line at the least unit price that gives what it costs; what that is too much of is discount too.
func (s stripe) line(l *stripeLine, discount int64, currency string) (line Line, err error) {
	line = Line{LineID: l.ID, ProductID: "line-" + l.ID, Quantity: l.Quantity}
	if l.Price != nil && l.Price.Product != "" {
		line.ProductID = string(l.Price.Product)
	}
	unit := l.Subtotal
	if l.Quantity > 1 {
		unit = (l.Subtotal + l.Quantity - 1) / l.Quantity
		discount += unit*l.Quantity - l.Subtotal
	}
	if line.UnitPrice, err = s.amount(unit, currency); err == nil && discount > 0 {
		line.Discount, err = s.amount(discount, currency)
	}
	return line, err
}
