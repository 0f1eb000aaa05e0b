package source

// refund is a refund object by itself.
func (s stripe) refund(o *stripeObject, e *stripeEvent, yield func(Record)) error {
	v, err := s.begin(o, e)
	if err != nil {
		return err
	}
	part, ok, err := s.part(o, v)
	if err != nil || !ok {
		return err
	}
	v.Refunds, v.Status = []RefundPart{part}, "partially_refunded"
	v.Version += rankRefunded
	if zero(part.Amount) {
		v.Status = "paid" // it stays so: the money did not go back
	}
	// Metadata and methods of a refund are the refund's own.
	v.PaymentMethod, v.Channel, v.Code, v.AffiliateCode, v.PersonID = "", "", "", "", ""
	s.seal(v, yield)
	return nil
}

// part is a refund as far as it is decided: ok is false while it is not.
func (s stripe) part(o *stripeObject, v *Order) (p RefundPart, ok bool, err error) {
	p = RefundPart{RefundID: o.ID, TimeMS: o.Created * 1000}
	if p.TimeMS == 0 {
		p.TimeMS = v.TimeMS
	}
	switch o.Status {
	case "succeeded":
		p.Amount, err = s.amount(o.Amount, v.Currency)
	case "failed", "canceled":
		p.Amount = "0"
	default:
		return p, false, nil
	}
	return p, true, err
}
