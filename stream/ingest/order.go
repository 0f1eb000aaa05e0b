package ingest

import "github.com/netsu/netsu/stream/event/eventpb"

// orderEvent reads one version of an order; without an amount it is a status-only update, whose lines say nothing.
func (d *Decoder) orderEvent() {
	d.common()
	e, o := &d.event, &d.order
	o.Reset()
	e.Kind, e.Order = eventpb.Kind_KIND_ORDER, o
	o.OrderId = d.requiredID(fOrderID)
	o.Status = d.status()
	o.Version = d.version()
	o.Channel = d.word(fChannel)
	o.PaymentMethod = d.word(fPaymentMethod)
	o.Code = d.id(fCode)
	o.AffiliateCode = d.id(fAffiliateCode)
	o.Test = d.flag(fTest)
	o.TaxIncluded = d.flag(fTaxIncluded)
	amount, refunds := d.top.get(fAmount), d.top.get(fRefunds)
	o.HasAmount = amount.shape != absent
	if !o.HasAmount && refunds.shape == absent {
		return
	}
	o.Currency = d.currency(fCurrency)
	if d.bad != nil {
		return
	}
	if o.HasAmount {
		o.AmountMinor = d.amount(&d.top, fAmount, o.Currency)
		o.TaxMinor = d.optionalAmount(&d.top, fTax, o.Currency)
		o.ShippingMinor = d.optionalAmount(&d.top, fShipping, o.Currency)
		d.each(fLines, d.top.get(fLines), func() { o.Lines = append(o.Lines, d.line(o.Currency)) })
	}
	d.each(fRefunds, refunds, func() { o.Refunds = append(o.Refunds, d.refund(o.Currency)) })
}

func (d *Decoder) status() eventpb.OrderStatus {
	t := d.top.get(fStatus)
	if t.shape == text {
		switch string(t.b) {
		case "created":
			return eventpb.OrderStatus_ORDER_STATUS_CREATED
		case "paid":
			return eventpb.OrderStatus_ORDER_STATUS_PAID
		case "cancelled":
			return eventpb.OrderStatus_ORDER_STATUS_CANCELLED
		case "refunded":
			return eventpb.OrderStatus_ORDER_STATUS_REFUNDED
		case "partially_refunded":
			return eventpb.OrderStatus_ORDER_STATUS_PARTIALLY_REFUNDED
		}
	}
	reason := BadField
	if t.shape == absent || t.shape == text && len(t.b) == 0 {
		reason = MissingField
	}
	d.fail(reason, fStatus, "created, paid, cancelled, refunded or partially_refunded", t)
	return eventpb.OrderStatus_ORDER_STATUS_UNSPECIFIED
}

// version is what orders the versions of an order: `version`, else updated_at, else the event time, both in ms.
func (d *Decoder) version() int64 {
	if n, ok := d.integer(&d.top, fVersion, 0, 1<<62); ok {
		return n
	}
	if t := d.top.get(fUpdatedAt); t.shape != absent {
		return d.time(&d.top, fUpdatedAt)
	}
	return d.event.TimeMs
}

func (d *Decoder) flag(f field) bool { return d.flagOf(&d.top, f) }

func (d *Decoder) flagOf(o *fields, f field) bool {
	t := o.get(f)
	if t.shape != absent && t.shape != boolTrue && t.shape != boolFalse {
		d.fail(BadField, f, "true or false", t)
	}
	return t.shape == boolTrue
}

// time is an optional time without bounds of its own: 0 where there is none.
func (d *Decoder) time(o *fields, f field) int64 {
	t := o.get(f)
	if t.shape == absent {
		return 0
	}
	ms, ok := parseTime(t)
	if !ok {
		d.fail(BadTime, f, "RFC 3339 with an offset, or integer epoch milliseconds", t)
	}
	return ms
}

// each reads the objects of an array into d.part, one after the other.
func (d *Decoder) each(f field, list token, member func()) {
	if list.shape == absent || d.bad != nil {
		return
	}
	if list.shape != array {
		d.fail(BadField, f, "an array of objects", list)
		return
	}
	count := 0
	elements(list.b, &d.scan, func(t token) {
		if count++; count > maxList {
			d.fail(BadField, f, "at most 1000 elements", list)
		}
		if d.bad != nil {
			return
		}
		if t.shape != object {
			d.fail(BadField, f, "an array of objects", t)
			return
		}
		d.members(t)
		member()
	})
}

// elements walks an array that the scanner has checked before. The scanner's scratch is kept: what is unescaped here
// lives as long as the event.
func elements(list []byte, scan *scanner, each func(token)) {
	inner := scanner{b: list, scratch: scan.scratch}
	_ = inner.array(1, func(t token) *Reject {
		scan.scratch = inner.scratch
		each(t)
		inner.scratch = scan.scratch
		return nil
	})
	scan.scratch = inner.scratch
}

// members reads an object that the scanner has checked before into d.part.
func (d *Decoder) members(t token) {
	inner := scanner{b: t.b, scratch: d.scan.scratch}
	d.part.seen = [2]uint64{}
	_ = inner.object(&d.part, 1)
	d.scan.scratch = inner.scratch
}

func (d *Decoder) line(currency string) *eventpb.OrderLine {
	p := &d.part
	l := &eventpb.OrderLine{
		LineId:    d.strOf(fLineID, p.get(fLineID), maxIDBytes),
		ProductId: d.requiredPart(fProductID),
		BrandId:   d.strOf(fBrandID, p.get(fBrandID), maxIDBytes),
		Quantity:  d.quantity(),
	}
	l.UnitPriceMinor = d.amount(p, fUnitPrice, currency)
	l.DiscountMinor = d.optionalAmount(p, fDiscount, currency)
	return l
}

func (d *Decoder) refund(currency string) *eventpb.Refund {
	r := &eventpb.Refund{RefundId: d.requiredPart(fRefundID)}
	r.AmountMinor = d.amount(&d.part, fAmount, currency)
	if r.TimeMs = d.time(&d.part, fTime); d.part.get(fTime).shape == absent {
		r.TimeMs = d.event.TimeMs
	}
	d.each(fLines, d.part.get(fLines), func() { r.Lines = append(r.Lines, d.refundLine()) })
	return r
}

// refundLine says what came back: how many of which line or product.
func (d *Decoder) refundLine() *eventpb.OrderLine {
	p := &d.part
	l := &eventpb.OrderLine{
		LineId:    d.strOf(fLineID, p.get(fLineID), maxIDBytes),
		ProductId: d.strOf(fProductID, p.get(fProductID), maxIDBytes),
		BrandId:   d.strOf(fBrandID, p.get(fBrandID), maxIDBytes),
		Quantity:  d.quantity(),
	}
	if l.LineId == "" && l.ProductId == "" {
		d.fail(MissingField, fProductID, "product_id or line_id", token{})
	}
	return l
}

func (d *Decoder) quantity() int64 {
	n, ok := d.integer(&d.part, fQuantity, 0, maxCount)
	if !ok {
		d.fail(MissingField, fQuantity, "how many", token{})
	}
	return n
}

func (d *Decoder) requiredPart(f field) string { return d.requiredOf(f, maxIDBytes) }

func (d *Decoder) requiredWord(f field) string { return d.requiredOf(f, maxWordBytes) }

func (d *Decoder) requiredOf(f field, most int) string {
	s := d.strOf(f, d.part.get(f), most)
	if s == "" {
		d.fail(MissingField, f, "a string", d.part.get(f))
	}
	return s
}
