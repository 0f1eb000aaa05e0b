package metrics

import "github.com/netsu/netsu/operators/roims"

// Counts are what all metrics are made of: of one scope, window and currency. What is not known stays 0, and metrics that
// divide by it say so. Amounts are minor units.
type Counts struct {
	Currency string

	// GMV. Created ≥ Paid by what was not paid (yet); Net = Paid - Refunded - Cancelled.
	CreatedMinor, PaidMinor, RefundedMinor, CancelledMinor, NetMinor int64
	SettledMinor                                                     int64 // net, of orders whose return window is over
	DirectMinor                                                      int64 // paid, last click on this show's own content
	InLiveMinor, AfterLiveMinor                                      int64 // net: during shows; within 7 days after them
	FanMinor, NewBuyerMinor, RepeatBuyerMinor                        int64 // paid, by who bought
	AdSpendMinor, CommitmentMinor                                    int64

	// Orders, and people who placed them.
	OrdersCreated, OrdersPaid, OrdersRefunded, OrdersCancelled, UnitsPaid int64
	SKUOrders                                                             int64 // lines of paid orders
	Buyers, NewBuyers, RepeatBuyers                                       int64 // persons, of paid orders

	// People and what they saw. Viewers are distinct persons (UV), Views are times that somebody came in (PV).
	Viewers, Views, Impressions, EffectiveViews   int64
	ProductImpressions, ProductClicks             int64 // times
	ProductVisitors, CartVisitors, EngagedViewers int64 // persons
	Comments, NewFollowers                        int64
	ShowSeconds, ViewerSeconds, PeakConcurrent    int64

	// Heat, in millionths of a joule: all of it, and that of people who have bought.
	HeatMicrojoules, BuyerHeatMicrojoules int64

	// Returns, for the family of ROIMS; Brand is the whole business of the brand, for blended.
	Returns, Brand roims.Campaign
	Holdout        *roims.Holdout
}
