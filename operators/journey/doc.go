// Package journey is the fold over one partition of the journeys: what an order has come to, and who is owed for it.
//
//	versions of an order ─▶ merge ─▶ shares ──────────▶ credits ─▶ say ─▶ netsu.credits (by scope; deals by campaign)
//	                          │ per field group  by brand  ▲ │ by show, ESOL,   only what changed
//	                          │ the newest says            │ │ campaign, brand
//	                          └─▶ ask ── purchase ─┐       │ └ deal
//	                                               ▼       │
//	touches of a person ─▶ bounded ─▶ windows, model ─ attribution
//	                                               ▲
//	catalog ─▶ sweeps over orders and people, on ticks
//
// The brand and the ESOL ask: what did this order bring, and through whom?
//
// # What an order comes to
//
// Layers, in minor units: created is the amount; paid is the amount if any version was paid, refunded or partially
// refunded; refunded the sum of the refund transactions; cancelled what cancelling took back of what was paid; net =
// paid - refunded - cancelled. Money follows refund transactions, units follow lines. Refunds above the amount count
// as they are: net goes below zero. An order whose amount no version has told yet does not count; if there are refunds
// of it, they alone do, as refund_only: then it may not be our order at all. A refund in another currency than its order
// does not count, and the order is held until somebody has looked at it.
//
// # Who is owed
//
// By itself an order is its ESOL's whole: the one that it names, else its show's, else the one whose code it names. A
// campaign with a model (package attribution) changes that for the brand's part of the order that it governs: then all
// whose touches led to the order share it. Such a campaign is one that the order counts for (it names the order's
// ESOL, the show runs under it, the order names it); for an order without an ESOL, any that the brand runs then. Of
// several, each decides about its own deals, and the first about what ESOLs are credited: one of the brand alone
// before one of all brands, then the one that began last, then the least id. Without a model, for a buyer who is not
// known, and for refunds of unknown orders, it stays with the order's own ESOL.
//
// A touch is a click, a cart, a checkout, an inquiry, a coupon claim, a link visit or a touch by name. Its ESOL is
// found as an order's is. What an order names counts as a touch at its time. Under a campaign count touches of its
// ESOLs (of any, where it names none), of shows under it and links of it; those of other ESOLs are another contract's,
// and touches of nobody count only if the campaign says so, and then take a share that is nobody's.
//
// Scopes: esol/ID by the governing campaign. show/ID is what was sold in the show, so an order's own show has it
// whole, whoever is credited; an order that was made in none goes to the shows of the touches that led to it, each its
// share: no money is in two shows. campaign/ID has its brand's part whole where the order counts for it by itself,
// else what its ESOLs have. deal/… (event.DealID) is what an ESOL has under a campaign: by the campaign's own
// model, or the order's ESOL whole. Two campaigns may both owe for one order: that is disclosed, not hidden. Deals are
// of another kind than credits, since the money meter knows no such scope, and go by the key of their campaign.
//
// arm/… is what a campaign's treated, or its held-out, people bought, where it holds people out (package holdout): its
// brand's part of every order of somebody who is known, made within its dates, whoever is credited. Nobody is owed it; it
// goes the way of deals. Of an order in the arms of more than 32 campaigns those with the least ids count (arms.go).
//
// What a campaign spent passes through to the partition of its costs.
//
// in_live: the show was on air (to its end; without one, four hours from the touch). Holds (holds.go) ask for a review
// before a payout and take no money away.
//
// An identity joins two pseudonyms into one human, and parts them again (joined.go).
//
// # Two halves
//
// Orders and people lie in different partitions. An order asks its buyer (KIND_PURCHASE, to the person's key) and hears
// weights (KIND_ATTRIBUTION, to the order's key); both are absolute, and said only when they change. The money never
// leaves the order, and only the order's partition speaks of it to the credits. If the person spoke too, a credit that
// moves from one buyer, or from the order itself, to another would come from two partitions, which may overtake each
// other on the way; and a part that is shared and one that is not could not be one credit. So a refund is divided at
// once, by the weights that are there.
//
// # Invariants
//
//   - The state of an order is a function of the set of its versions: any arrival order, any duplicates. What has been
//     said of it is, once sweeps have ended and answers have come, a function of those, of identities, of the set of
//     its buyer's touches and purchases, and of the catalog, whichever came late.
//   - Per order version, the credits of ESOLs sum to the order's net, less what is nobody's; so do the deals of a
//     campaign to the part that it covers, and a deal's lines to the deal. The shares of the brands, with the share of
//     no brand, sum to the order layer by layer. Where nothing is left of the order, nobody has anything left.
//   - A credit is absolute, and said only when it differs from the one said before for its scope.
//
// Bounds: orders and people lie in the state's tables, cold ones on disk; one order has at most 4096 refunds and the
// 768 KB, and asks under at most 32 campaigns about 32 brands and 64 products (sale.go); a person has at
// most 256 touches of 45 days and 64 purchases, of which those of the last 15 days may still be attributed anew
// (person.go), at most 8 that are joined to it (joined.go), and 768 KB in all. People who are not seen
// again stay as they are, on disk: the 45 days are of what is known of the person; a tick revisits at most 500 orders and 500 people of a
// sweep.
//
// Explain makes the way from an order to its credits readable, from outside: by the same code, beside all other models.
//
// What it does not do: commission, exchange rates.
package journey
