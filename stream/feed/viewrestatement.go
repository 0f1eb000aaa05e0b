package feed

// Restatement says why the money of a scope is not what its documents had said, and by how much, for one reason and between
// two of their states. An order that is new to the scope is no restatement, and neither is its way from created to paid and
// settled. So the restatements of a scope, and what new orders and time brought, sum to its money.
//
// Reasons:
//
//	refund            refunded more than before
//	cancel            cancelled
//	order_corrected   the order itself says otherwise now: how much, of what, whose it is; or that it was a test
//	order_found       the order of a refund that had come without it
//	attributed        its buyer's touches share what was the order's own ESOL's until they were asked
//	reattributed      they share it otherwise than before: a late touch, an identity joined or parted, another model or window
//	catalog_changed   the catalog says otherwise who sold it, whose the goods are, or under which campaign
//	held, released    to be looked at before it is paid, or no more; the money is the same
//	terms_changed     of the campaign: contract, spend, commitment; or the ESOL's tier
//	rated_again       brackets or caps of its month, by what has come of other orders
//	rate_changed      of exchange: total_net and total_paid of the same amounts
//	other             one that this program does not know
type Restatement struct {
	Reason string `json:"reason"`
	// Revision numbers the restatements of the scope from 1, without a gap.
	Revision int64      `json:"revision"`
	Amounts  []Restated `json:"amounts"` // what is now less what was, by currency; empty: no amount has changed
	// Orders is at most how many it concerns: beyond those named, one of which two things have changed may count twice.
	Orders   int64    `json:"orders"`
	OrderIDs []string `json:"order_ids"` // the first of them, at most 8: netsu explain --order says more
	// From and To are the least and greatest event time of those orders. Null: it concerns none.
	From         *string `json:"from"`
	To           *string `json:"to"`
	RatesVersion *string `json:"rates_version"` // where the rates of exchange have changed
}

// Restated is what has changed in one currency, in the layers of GMV. Amounts may be below zero.
type Restated struct {
	Currency        string `json:"currency"`
	Created         Money  `json:"created"`
	Paid            Money  `json:"paid"`
	Net             Money  `json:"net"`
	Settled         Money  `json:"settled"`
	Refunded        Money  `json:"refunded"`
	RefundedUnknown Money  `json:"refunded_unknown"`
	Cancelled       Money  `json:"cancelled"`
	Commission      Money  `json:"commission"` // of a deal, its ESOL's; of a campaign, everybody's. Without fees
	TotalNet        Money  `json:"total_net"`  // of a campaign's total over all currencies, in its own
	TotalPaid       Money  `json:"total_paid"`
	OrdersCreated   int64  `json:"orders_created"`
	OrdersPaid      int64  `json:"orders_paid"`
	OrdersCancelled int64  `json:"orders_cancelled"`
	OrdersRefunded  int64  `json:"orders_refunded"`
	RefundsUnknown  int64  `json:"refunds_unknown"`
	Units           int64  `json:"units"`
	OrdersHeld      int64  `json:"orders_held"` // of a deal
}
