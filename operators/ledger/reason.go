package ledger

import (
	"github.com/netsu/netsu/stream/event/eventpb"
)

// reasonOf is why what a scope is credited with for an order differs from what was said of it: noReason where nothing
// was, or where the order only went its way.
//
// What a scope has of an order does not tell its share from the order's amount, so the journeys say what had the credit
// said again; of a version of the order, the layers say what it was.
func (f *Fold) reasonOf(was, is *eventpb.Credit, cause eventpb.Cause) why {
	if f.unsaid(was) {
		return noReason
	}
	switch cause {
	case eventpb.Cause_CAUSE_ATTRIBUTION:
		if was == nil { // this is how orders come to whom touches have led
			return noReason
		}
		return eventpb.Restatement_ATTRIBUTED
	case eventpb.Cause_CAUSE_REATTRIBUTION:
		return eventpb.Restatement_REATTRIBUTED
	case eventpb.Cause_CAUSE_CATALOG:
		return eventpb.Restatement_CATALOG_CHANGED
	case eventpb.Cause_CAUSE_UNSPECIFIED:
		if was == nil {
			return noReason
		}
	}
	return reasonOfVersion(was, is)
}

// reasonOfVersion is what a later version of an order was.
func reasonOfVersion(was, is *eventpb.Credit) why {
	switch {
	case was == nil || is == nil || was.Currency != is.Currency:
		return eventpb.Restatement_ORDER_CORRECTED
	case was.RefundOnly && !is.RefundOnly:
		return eventpb.Restatement_ORDER_FOUND
	case is.RefundedMinor > was.RefundedMinor:
		return eventpb.Restatement_REFUND
	case is.CancelledMinor > was.CancelledMinor || is.Cancelled && !was.Cancelled:
		return eventpb.Restatement_CANCEL
	case is.Paid && !was.Paid && is.CreatedMinor == was.CreatedMinor:
		return noReason
	}
	return eventpb.Restatement_ORDER_CORRECTED
}

// reasonOfMoney is the reason if the money of the scope differs with it. It does not if nothing but a hold has come or gone,
// which has a reason of its own, or what only commissions depend on: the goods, or the month.
func (f *Fold) reasonOfMoney(was, is *eventpb.Credit, reason why) why {
	if reason == noReason || was == nil || is == nil || !f.sameMoney(was, is) {
		return reason
	}
	switch before, after := len(was.Holds) > 0, len(is.Holds) > 0; {
	case after && !before:
		return eventpb.Restatement_HELD
	case before && !after:
		return eventpb.Restatement_RELEASED
	}
	return noReason
}

// unsaid tells whether a credit is of an order that the scope's meters have not said yet.
func (f *Fold) unsaid(c *eventpb.Credit) bool { return c.GetUnsaid() > f.clock.Emissions }

// markUnsaid marks a credit whose order the next emission says for the first time.
func (f *Fold) markUnsaid(was, is *eventpb.Credit, reason why) {
	if is != nil && (was == nil && reason == noReason || f.unsaid(was)) {
		is.Unsaid = f.clock.Emissions + 1
	}
}

// sameMoney tells whether two credits add the same to a scope's money, as of the latest tick.
func (f *Fold) sameMoney(a, b *eventpb.Credit) bool {
	return a.Currency == b.Currency && a.CreatedMinor == b.CreatedMinor && a.PaidMinor == b.PaidMinor &&
		a.NetMinor == b.NetMinor && a.RefundedMinor == b.RefundedMinor && a.CancelledMinor == b.CancelledMinor &&
		a.Units == b.Units && a.RefundOnly == b.RefundOnly && a.Paid == b.Paid && a.Cancelled == b.Cancelled &&
		f.settled(a) == f.settled(b)
}
