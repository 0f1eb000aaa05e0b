package metrics

import "slices"

// registry is the reference, in its order.
var registry = slices.Concat(gmv, orders, perAudience, funnel, audience, heat, returns)

// Texts that several definitions share.
const (
	wholeScope  = "the scope's own: a show, or a campaign's shows"
	byCampaign  = "the campaign's model and window (default: last touch, 7 days)"
	notNeeded   = "none: every act in the show counts"
	refundsStay = "not taken back: refunds have no effect"
	refundsOut  = "taken back when they succeed, from the order that they are of"
	noRefunds   = "money is not part of it"
)
