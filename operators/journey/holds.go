package journey

import (
	"slices"

	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Why a credit should be looked at before it is paid. A hold takes nothing away: the money of a credit is the same with
// or without.
const (
	holdBrushing        = "brushing"          // many orders of one buyer within an hour
	holdClickToOrder    = "click_to_order"    // no human orders so soon after a click
	holdOrderThenRefund = "order_then_refund" // the buyer gives nearly everything back
	holdRefundCurrency  = "refund_currency"   // a refund is in another currency than its order
	holdSelfPurchase    = "self_purchase"     // the buyer is the ESOL
)

// holdReasons says each of them in words.
var holdReasons = map[string]string{
	holdBrushing:        "more than 5 orders of the buyer within an hour",
	holdClickToOrder:    "ordered within 2 s of a click or a link",
	holdOrderThenRefund: "the buyer has given back 3 or more, and 3 in 4, of the paid orders of 30 days",
	holdRefundCurrency:  "a refund is in another currency than the order, and is not counted",
	holdSelfPurchase:    "the buyer is the ESOL",
}

// Thresholds, as holdReasons says them. [JUDG] all of them: DOMAIN §4 has Shopee's three orders an hour on the average over a shop's buyers, and
// live returns of 30 to 60 percent, which an honest buyer reaches too.
const (
	brushingOrders = 5 // more than so many orders of a buyer in an hour
	brushingMS     = 3600 * 1000

	clickToOrderMS = 2000

	refundsMin     = 3 // at least so many paid orders given back …
	refundsOf4     = 3 // … and at least so many in four …
	refundsSpanMS  = 30 * day
	refundsQuarter = 4
)

// holds are those of the buyer's answer, and what the order shows by itself: whether a refund cannot be counted, and whether
// the buyer is the ESOL.
func (f *Fold) holds(o *journeypb.Order, esol string) ([]string, error) {
	holds := o.Answer.GetHolds()
	if slices.ContainsFunc(o.Refunds, func(r *journeypb.Refund) bool { return foreign(o, r) }) {
		holds = append(slices.Clone(holds), holdRefundCurrency)
	}
	if o.PersonHi == 0 && o.PersonLo == 0 {
		return holds, nil
	}
	seller, _, err := f.catalog.sellers.Get(esol)
	if err != nil {
		return nil, err
	}
	self := slices.ContainsFunc(seller.GetPersons(), func(p *eventpb.PersonId) bool {
		return p.Hi == o.PersonHi && p.Lo == o.PersonLo
	})
	if self { // the last in order of name
		holds = append(slices.Clone(holds), holdSelfPurchase)
	}
	return holds, nil
}

// suspicions are the holds on one purchase of a person, in order of name.
func suspicions(p *journeypb.Person, q *eventpb.Purchase) (holds []string) {
	if brushes(p, q) {
		holds = append(holds, holdBrushing)
	}
	if orderedAtOnce(p, q) {
		holds = append(holds, holdClickToOrder)
	}
	if givesBack(p, q) {
		holds = append(holds, holdOrderThenRefund)
	}
	return holds
}

// brushes tells whether the purchase is one of too many within an hour.
func brushes(p *journeypb.Person, q *eventpb.Purchase) bool {
	for _, first := range p.Purchases {
		from := first.Purchase.OrderedMs
		if from > q.OrderedMs || q.OrderedMs-from >= brushingMS {
			continue
		}
		n := 0
		for _, b := range p.Purchases {
			if at := b.Purchase.OrderedMs; from <= at && at-from < brushingMS {
				n++
			}
		}
		if n > brushingOrders {
			return true
		}
	}
	return false
}

// orderedAtOnce tells whether the person clicked or came by a link just before.
func orderedAtOnce(p *journeypb.Person, q *eventpb.Purchase) bool {
	for _, t := range p.Touches {
		click := t.Kind == eventpb.Kind_KIND_PRODUCT_CLICK || t.Kind == eventpb.Kind_KIND_LINK_VISIT
		if age := q.OrderedMs - t.TimeMs; click && age >= 0 && age < clickToOrderMS {
			return true
		}
	}
	return false
}

// givesBack tells whether of the paid orders of the 30 days up to this one nearly all were given back.
func givesBack(p *journeypb.Person, q *eventpb.Purchase) bool {
	paid, back := 0, 0
	for _, b := range p.Purchases {
		age := q.OrderedMs - b.Purchase.OrderedMs
		if age < 0 || age >= refundsSpanMS || !b.Purchase.Paid {
			continue
		}
		paid++
		if b.Purchase.GivenBack {
			back++
		}
	}
	return back >= refundsMin && back*refundsQuarter >= paid*refundsOf4
}
