package source

import (
	"encoding/json"
	"errors"
	"strings"
)

// shopify reads what Shopify's REST API and webhooks send: an order or a refund, bare or wrapped ({"order": …},
// {"orders": […]}, {"refund": …}, {"refunds": […]}).
//
//	order ──▶ created, at the order's time ──▶ paid or (partially) refunded, when it was paid ──▶ cancelled
//	refund ─▶ the order's version that adds it
//
// An order is said as it is now, once for each of those steps that it has taken, since whoever sees only its last state
// must know that it was paid before it was cancelled. All have updated_at as their version.
//
//   - The amount is total_price, what was ordered, tax and shipping included: refunds come off it by themselves, and
//     current_total_price has them off already. Only of an order that was edited and never refunded is
//     current_total_price the amount. One that was both keeps the total of its making [JUDG].
//   - Money is the shop's (shop_money), whatever the buyer saw (presentment_money): all orders of a shop sum up.
//   - A refund's money are its transactions of kind refund that succeeded; others count once they have. Its units are its lines. The two need not agree, and order_adjustments only say why they do not.
//   - Not paid are pending, authorized and partially_paid; voided and expired orders are cancelled. So cash on delivery
//     and convenience store orders are not paid until Shopify says that they are.
//   - Transactions by themselves say nothing here: a capture can be of a part, and only the order knows.
type shopify struct{ Payloads }

// payload reads one payload.
func (s shopify) payload(raw json.RawMessage, n int, yield func(Record)) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return errors.New("expected an object")
	}
	for _, wrapper := range []string{"order", "refund", "orders", "refunds"} {
		inner, ok := members[wrapper]
		if !ok || members["id"] != nil { // an order has refunds too
			continue
		}
		list := []json.RawMessage{inner}
		if strings.HasSuffix(wrapper, "s") {
			if err := json.Unmarshal(inner, &list); err != nil {
				return err
			}
		}
		for _, one := range list {
			if err := s.one(one, strings.HasPrefix(wrapper, "refund"), yield); err != nil {
				return err
			}
		}
		return nil
	}
	switch {
	case members["transaction"] != nil, members["transactions"] != nil && members["id"] == nil,
		members["kind"] != nil && members["gateway"] != nil:
		return nil
	case members["refund_line_items"] != nil && members["order_id"] != nil:
		return s.one(raw, true, yield)
	case members["financial_status"] != nil || members["line_items"] != nil && members["total_price"] != nil:
		return s.one(raw, false, yield)
	}
	return errors.New("neither an order nor a refund")
}

func (s shopify) one(raw json.RawMessage, refund bool, yield func(Record)) error {
	if refund {
		var r shopifyRefund
		if err := json.Unmarshal(raw, &r); err != nil {
			return err
		}
		return s.refund(&r, yield)
	}
	var o shopifyOrder
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	return s.order(&o, yield)
}
