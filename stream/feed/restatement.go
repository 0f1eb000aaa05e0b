package feed

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Restatements come in the log of the alerts and are held beside them, bounded like them: they are neither moments nor
// diagnoses, nobody is to do something about one at once, and a day of refunds must not push the moments out.

// maxRestated bounds the currencies of one restatement: more than there are.
const maxRestated = 256

// maxOrderIDs is how many orders the ledger names in one.
const maxOrderIDs = 8

// restate takes a restatement in, which lay at an offset of the log, and tells the subscribers whose money it corrects,
// unless it was seen or is history.
func (h *hub) restate(p place, a AlertView, partition int32, offset int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at.reachAlert(partition, offset+1)
	if !h.restatements.add(p, a) {
		h.metrics.recordsDropped.WithLabelValues("seen").Inc()
		return
	}
	e := pastEvent{partition, offset, []string{restatedTopic(a.Scope)}, a}
	h.past.add(e)
	if h.live {
		h.metrics.restatements.WithLabelValues(a.Restatement.Reason).Inc()
		h.tell(&e)
	}
}

// restatedTopic is the topic whose document shows the money of a scope: of a deal, its campaign's.
func restatedTopic(scope string) string {
	kind, id, _ := event.SplitScope(scope)
	if kind != event.ScopeDeal {
		return scope
	}
	campaign, _, _ := event.SplitDealID(id)
	return event.Scope(event.ScopeCampaign, campaign)
}

// moneyParts are the parts of documents that a restatement can change.
var moneyParts = []string{"money", "conversion", "costs", "returns", "total", "deals"}

// wants tells whether an event is for the subscribers of a view: a correction is for those who see money, or nothing but
// events.
func (v *view) wants(a *AlertView) bool {
	if a.Restatement == nil || v.silent {
		return true
	}
	return slices.ContainsFunc(moneyParts, func(part string) bool {
		_, shown := v.chosen.Of(part)
		return shown
	})
}

// reasons are the names of all that a restatement may have for one.
func reasons() []string {
	all := []string{otherReason}
	for n := range eventpb.Restatement_Reason_name {
		if name := reasonName(eventpb.Restatement_Reason(n)); name != otherReason {
			all = append(all, name)
		}
	}
	return all
}

// otherReason is that of a later version's.
const otherReason = "other"

func reasonName(r eventpb.Restatement_Reason) string {
	if _, known := eventpb.Restatement_Reason_name[int32(r)]; !known || r == eventpb.Restatement_REASON_UNSPECIFIED {
		return otherReason
	}
	return strings.ToLower(r.String())
}

func restatementDocument(r *eventpb.Restatement) *Restatement {
	if r == nil {
		return nil
	}
	d := &Restatement{
		Reason: reasonName(r.Reason), Revision: r.Revision, Amounts: []Restated{}, Orders: r.Orders,
		OrderIDs: append([]string{}, r.OrderIds...), RatesVersion: nonEmpty(r.Version),
	}
	if r.Orders > 0 {
		from, to := instant(r.FromMs), instant(r.ToMs)
		d.From, d.To = &from, &to
	}
	for _, a := range r.Amounts {
		d.Amounts = append(d.Amounts, restatedDocument(a))
	}
	return d
}

func restatedDocument(a *eventpb.Restated) Restated {
	g := a.Money
	amount := amounts(g.GetCurrency(), g.GetExponent())
	return Restated{
		Currency: g.GetCurrency(), Created: amount(g.GetCreatedMinor()), Paid: amount(g.GetPaidMinor()),
		Net: amount(g.GetNetMinor()), Settled: amount(g.GetSettledMinor()), Refunded: amount(g.GetRefundedMinor()),
		RefundedUnknown: amount(g.GetRefundedUnknownMinor()), Cancelled: amount(g.GetCancelledMinor()),
		Commission: amount(a.CommissionMinor), TotalNet: amount(a.TotalNetMinor), TotalPaid: amount(a.TotalPaidMinor),
		OrdersCreated: g.GetOrdersCreated(), OrdersPaid: g.GetOrdersPaid(), OrdersCancelled: g.GetOrdersCancelled(),
		OrdersRefunded: g.GetOrdersRefunded(), RefundsUnknown: g.GetRefundsUnknown(), Units: g.GetUnits(),
		OrdersHeld: a.OrdersHeld,
	}
}
