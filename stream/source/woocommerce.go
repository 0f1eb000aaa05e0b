package source

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// woocommerce reads orders of WooCommerce's REST API (v3), as its webhooks order.created, order.updated and
// order.restored send them, bare or in arrays. Other topics' payloads say nothing about orders and are passed over; so
// is order.deleted, which is an id alone: that a shop cleared up says nothing about what was bought.
//
//   - Times are those in UTC (…_gmt), which name no zone. Those beside them are the shop's local time, and name none
//     either: they are not read.
//   - Paid is what has a date_paid_gmt. Processing is not enough: cash on delivery is processed before it is paid. Completed
//     without that date counts as paid when it was completed. A payment that failed may be tried again: created.
//   - The amount is total, of which refunds take nothing off; refunds are listed beside it, with totals below zero. A
//     refund by itself (of GET /refunds) names no currency and is passed over: the order's next version has it.
//   - Prices of lines are before tax, whatever prices_include_tax says, which is about how they were typed in. They may
//     have more decimals than the currency and are taken to the nearest unit; the order's total must be exact.
//     price is a binary fraction of what the line costs, so unit prices are subtotals by quantities.
//   - A draft of the checkout is nobody's order yet.
type woocommerce struct{ Payloads }

type wooOrder struct {
	ID            loose
	Status        string
	Currency      string
	Created       zoneless `json:"date_created_gmt"`
	Modified      zoneless `json:"date_modified_gmt"`
	Paid          zoneless `json:"date_paid_gmt"`
	Completed     zoneless `json:"date_completed_gmt"`
	Total         loose
	Tax           loose  `json:"total_tax"`
	Shipping      loose  `json:"shipping_total"`
	CustomerID    loose  `json:"customer_id"`
	PaymentMethod string `json:"payment_method"`
	PaymentTitle  string `json:"payment_method_title"`
	CreatedVia    string `json:"created_via"`
	Meta          []struct {
		Key   string
		Value json.RawMessage
	} `json:"meta_data"`
	Lines   []wooLine               `json:"line_items"`
	Coupons []struct{ Code string } `json:"coupon_lines"`
	Refunds []struct {
		ID    loose
		Total loose
	}
}

type wooLine struct {
	ID        loose
	ProductID loose `json:"product_id"`
	SKU       string
	Quantity  loose
	Subtotal  loose
	Total     loose
}

// zoneless is a time in UTC that does not say so; null and absent are zero.
type zoneless int64

// UnmarshalJSON reads 2026-03-01T20:00:00; with a zone, as some extensions write it, that counts.
func (z *zoneless) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		return err
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", text, time.UTC)
	if err != nil {
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return errors.New("a time that is neither yyyy-mm-ddThh:mm:ss nor RFC 3339")
		}
	}
	*z = zoneless(at.UnixMilli())
	return nil
}

func (s woocommerce) payload(raw json.RawMessage, _ int, yield func(Record)) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return errors.New("expected an object")
	}
	if members["line_items"] == nil || members["status"] == nil {
		if members["id"] == nil {
			return errors.New("neither an order nor anything else that WooCommerce sends")
		}
		return nil
	}
	var o wooOrder
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	if o.ID == "" || o.Created == 0 {
		return errors.New("an order without id or date_created_gmt")
	}
	return s.order(&o, yield)
}

func (s woocommerce) order(o *wooOrder, yield func(Record)) error {
	if o.Status == "checkout-draft" || o.Status == "auto-draft" {
		return nil
	}
	v, err := s.content(o)
	if err != nil {
		return err
	}
	ordered, version := int64(o.Created), max(int64(o.Modified), int64(o.Created))
	step := func(status string, at, rank int64) {
		e := *v
		e.Status, e.TimeMS, e.Version = status, max(at, ordered), version+rank
		s.seal(&e, yield)
	}
	paid := int64(o.Paid)
	if paid == 0 && o.Status == "completed" {
		paid = max(int64(o.Completed), ordered)
	}
	if paid == 0 || paid > ordered {
		step("created", ordered, rankCreated)
	}
	switch {
	case o.Status == "refunded":
		step("refunded", max(paid, ordered), rankRefunded)
	case len(o.Refunds) > 0:
		step("partially_refunded", max(paid, ordered), rankRefunded)
	case paid != 0:
		step("paid", paid, rankPaid)
	}
	if o.Status == "cancelled" || o.Status == "trash" {
		step("cancelled", version, rankCancelled)
	}
	return nil
}

// content is what all steps of an order have in common.
func (s woocommerce) content(o *wooOrder) (*Order, error) {
	m := purse{currency: o.Currency}
	if _, ok := event.Exponent(o.Currency); !ok {
		return nil, event.ErrCurrency
	}
	v := &Order{OrderID: string(o.ID), Currency: o.Currency, Amount: m.text(m.read(o.Total, nil)),
		Tax: m.text(m.read(o.Tax, nil)), Shipping: m.text(m.read(o.Shipping, nil))}
	v.Platform = "woocommerce"
	if o.CustomerID != "0" { // a guest
		v.PersonID = string(o.CustomerID)
	}
	for _, l := range o.Lines {
		line, err := s.line(&l, &m)
		if err != nil {
			return nil, err
		}
		v.Lines = append(v.Lines, line)
	}
	for _, r := range o.Refunds {
		back := loose(strings.TrimPrefix(string(r.Total), "-"))
		v.Refunds = append(v.Refunds, RefundPart{RefundID: string(r.ID), Amount: m.text(m.read(back, nil))})
	}
	v.PaymentMethod, _ = methodOf(o.PaymentMethod, o.PaymentTitle)
	s.origin(o, v)
	return v, m.err
}

// line is a line at the least unit price that gives what it costs; what that is too much of is discount too.
func (s woocommerce) line(l *wooLine, m *purse) (Line, error) {
	quantity := l.Quantity.whole()
	if quantity < 0 || string(l.Quantity) != "" && quantity == 0 && !zero(string(l.Quantity)) {
		return Line{}, errors.New("a line's quantity that is no whole number")
	}
	gross, net := m.near(l.Subtotal), m.near(l.Total)
	unit := gross
	if quantity > 1 {
		unit = (gross + quantity - 1) / quantity
	}
	line := Line{LineID: string(l.ID), ProductID: s.product(l), Quantity: quantity, UnitPrice: m.text(unit)}
	if discount := m.times(unit, max(quantity, 0)) - net; discount > 0 && quantity > 0 {
		line.Discount = m.text(discount)
	}
	return line, nil
}

func (s woocommerce) product(l *wooLine) string {
	switch {
	case s.SKU && l.SKU != "":
		return l.SKU
	case l.ProductID != "" && l.ProductID != "0": // a product that was deleted, or never was one
		return string(l.ProductID)
	case l.SKU != "":
		return l.SKU
	}
	return "line-" + string(l.ID)
}

// origin reads what the shop notes at an order: meta data of its own, and those of WooCommerce's order attribution.
func (s woocommerce) origin(o *wooOrder, v *Order) {
	notes := map[string]loose{}
	for _, note := range o.Meta {
		var value loose
		if len(note.Value) == 0 || note.Value[0] == '[' || note.Value[0] == '{' || json.Unmarshal(note.Value, &value) != nil {
			continue // extensions put anything here
		}
		notes[strings.TrimPrefix(note.Key, "_wc_order_attribution_")] = value
	}
	have := lowered(notes)
	v.ShowID, v.EsolID, v.CampaignID = have["show_id"], have["esol_id"], named(have, "campaign_id", "utm_campaign")
	v.AffiliateCode = codeOf(have)
	if len(o.Coupons) > 0 {
		v.Code = o.Coupons[0].Code
	}
	switch v.Channel = named(have, "channel"); {
	case v.Channel != "":
	case channelOf(have) != "":
		v.Channel = channelOf(have)
	case o.CreatedVia == "admin":
		v.Channel = "phone" // the staff typed it in
	default:
		v.Channel = "web"
	}
	v.Channel = shorten(v.Channel, maxWord)
	s.settle(v)
}
