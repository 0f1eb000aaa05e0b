package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// stripe reads Stripe's events (webhooks that were kept) and, bare or in lists, its objects: payment intents, charges,
// refunds and checkout sessions. Objects of other kinds say nothing about orders and are passed over.
//
// An order is a payment intent, or of the older way a charge without one: what Stripe's objects have in common. So a
// shop whose platform sends orders too must choose one of the two, else every order counts twice.
//
//   - Paid is what succeeded: an intent that is processing or waits for the buyer (konbini, bank transfer) is created, and so are a charge that is pending or not captured, and a session that is complete but not paid.
//   - A refund is a refund object that succeeded, under its own id; one that failed later is one of nothing. How much
//     of a charge was refunded in all (amount_refunded) is a running total: beside the objects it would count twice, so it
//     is read with RunningTotals only, as one refund whose newest version holds.
//   - Amounts are in Stripe's smallest unit, which is not always the currency's (stripeMinor).
//   - livemode false is a test.
//   - Show, ESOL, campaign, coupon and affiliate are read from metadata, best those of the payment intent.
//
// Versions are the event's second and, within it, the order's life. A bare object has only the second in which it was
// made: objects and events of the same orders do not mix.
type stripe struct{ Payloads }

// payload reads one event, object or list.
func (s stripe) payload(raw json.RawMessage, _ int, yield func(Record)) error {
	var e stripeEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		return err
	}
	switch e.Object {
	case "":
		return errors.New("no Stripe object: it does not say its kind in \"object\"")
	case "list":
		var members []json.RawMessage
		if err := json.Unmarshal(e.Data, &members); err != nil {
			return err
		}
		for _, one := range members {
			if err := s.payload(one, 0, yield); err != nil {
				return err
			}
		}
		return nil
	case "event":
		var data struct{ Object json.RawMessage }
		if err := json.Unmarshal(e.Data, &data); err != nil {
			return err
		}
		return s.object(data.Object, &e, yield)
	}
	return s.object(raw, &e, yield)
}

func (s stripe) object(raw json.RawMessage, e *stripeEvent, yield func(Record)) error {
	var kind struct{ Object string }
	if err := json.Unmarshal(raw, &kind); err != nil {
		return err
	}
	switch kind.Object {
	case "payment_intent", "charge", "refund", "checkout.session":
	default:
		return nil // its fields may mean something else
	}
	var o stripeObject
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	if e.Created == 0 || o.ID == "" {
		return errors.New("an event or object without id or created")
	}
	if o.Object == "refund" {
		return s.refund(&o, e, yield)
	}
	return s.order(&o, e, yield)
}

func (s stripe) order(o *stripeObject, e *stripeEvent, yield func(Record)) error {
	v, err := s.begin(o, e)
	if err != nil {
		return err
	}
	amount, rank := o.Amount, int64(rankCreated)
	switch o.Object {
	case "payment_intent":
		if v.Status = intentStatus(o.Status); v.Status == "paid" && o.Received > 0 {
			amount = o.Received
		}
	case "charge":
		if v.Status = chargeStatus(o); v.Status == "paid" && o.AmountCapture > 0 {
			amount = o.AmountCapture
		}
		if err := s.ofCharge(o, v); err != nil {
			return err
		}
	case "checkout.session":
		if o.Intent == "" && (o.Status != "complete" || o.Mode == "subscription" || o.Mode == "setup") {
			return nil // nobody has begun to pay, it is no payment, or the invoice's intent is the order
		}
		amount, v.Status = o.Total, sessionStatus(o)
		if err := s.ofSession(o, v); err != nil {
			return err
		}
	}
	switch v.Status {
	case "paid":
		rank = rankPaid
	case "partially_refunded", "refunded":
		rank = rankRefunded
	case "cancelled":
		rank = rankCancelled
	}
	if v.Amount, err = s.amount(amount, v.Currency); err != nil {
		return err
	}
	v.Version += rank
	s.seal(v, yield)
	return nil
}

func intentStatus(status string) string {
	switch status {
	case "succeeded":
		return "paid"
	case "canceled":
		return "cancelled"
	}
	return "created" // requires_payment_method, requires_action, requires_capture, processing …
}

func chargeStatus(o *stripeObject) string {
	if o.Status == "succeeded" && o.Captured {
		return "paid"
	}
	return "created" // pending, failed (the buyer may try again), authorized only
}

func sessionStatus(o *stripeObject) string {
	switch {
	case o.PaymentStatus == "paid", o.PaymentStatus == "no_payment_required":
		return "paid"
	case o.Status == "expired":
		return "cancelled"
	}
	return "created"
}

// ofCharge adds what only charges say: the refunds.
func (s stripe) ofCharge(o *stripeObject, v *Order) error {
	if v.Status != "paid" || o.AmountRefund == 0 {
		return nil // what is let go of an authorization is no refund
	}
	if s.RunningTotals {
		amount, err := s.amount(o.AmountRefund, v.Currency)
		if err != nil {
			return err
		}
		v.Refunds = []RefundPart{{RefundID: o.ID + "/total", Amount: amount, TimeMS: v.TimeMS}}
	} else if o.Refunds != nil {
		for i := range o.Refunds.Data {
			part, ok, err := s.part(&o.Refunds.Data[i], v)
			if err != nil {
				return err
			}
			if ok {
				v.Refunds = append(v.Refunds, part)
			}
		}
	}
	switch {
	case len(v.Refunds) > 0 && o.Refunded:
		v.Status = "refunded"
	case len(v.Refunds) > 0:
		v.Status = "partially_refunded"
	}
	return nil
}

// begin is what all orders have.
func (s stripe) begin(o *stripeObject, e *stripeEvent) (*Order, error) {
	v := &Order{OrderID: string(cmp.Or(o.Intent, o.Charge, loose(o.ID))), Currency: strings.ToUpper(o.Currency), Version: e.Created * 1000}
	v.TimeMS, v.Platform, v.PersonID = e.Created*1000, "stripe", string(o.Customer)
	if e.Object == "event" {
		v.EventID = "stripe/" + e.ID
	}
	if _, ok := event.Exponent(v.Currency); !ok {
		return nil, event.ErrCurrency
	}
	for _, live := range []*bool{e.Livemode, o.Livemode} {
		v.Test = v.Test || live != nil && !*live
	}
	notes := lowered(o.Metadata)
	v.ShowID, v.EsolID, v.CampaignID = notes["show_id"], notes["esol_id"], named(notes, "campaign_id", "utm_campaign")
	v.Code, v.AffiliateCode = named(notes, "coupon", "coupon_code", "code"), codeOf(notes)
	if v.Channel = shorten(named(notes, "channel"), maxWord); v.Channel == "" {
		v.Channel = channelOf(notes)
	}
	if v.OrderID == o.ID { // the order itself, whose metadata decide
		if s.settle(v); v.Channel == "" {
			v.Channel = "web"
		}
	}
	switch {
	case o.Method != nil && o.Method.Card != nil && o.Method.Card.Wallet != nil:
		v.PaymentMethod = "wallet"
	case o.Method != nil:
		v.PaymentMethod, _ = methodOf(o.Method.Type)
	case len(o.MethodTypes) == 1: // with more, the buyer has yet to choose
		v.PaymentMethod, _ = methodOf(o.MethodTypes[0])
	}
	return v, nil
}
