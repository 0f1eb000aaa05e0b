// Package journey is the fold over one partition of the journeys: what an order has come to, and who is owed for it.
//
//	versions of an order ─▶ merge ─▶ shares ─▶ credits ─▶ say ─▶ netsu.credits (by scope)
//	                          │ per field group   │ by brand     │ by show, ESOL,     │ only what changed
//	                          │ the newest says   │              │ campaign, brand    │
//	catalog ──────────────────┴───────────────────┴──────────────┴─ sweep on ticks ───┘
//
// The brand and the ESOL ask: what did this order bring, and through whom?
//
// Layers, in minor units: created is the amount; paid is the amount if any version was paid, refunded or partially
// refunded; refunded the sum of the refund transactions; cancelled what cancelling took back of what was paid; net =
// paid - refunded - cancelled. Money follows refund transactions, units follow lines. Refunds above the amount count
// as they are: net goes below zero. An order whose amount no version has told yet
// does not count; if there are refunds of it, they alone do, as refund_only: then it may not be our order at all.
//
// Invariants:
//
//   - The state of an order is a function of the set of its versions: any arrival order, any duplicates. So is what has
//     been said of it, once sweeps have ended, also of the catalog that came late.
//   - Per order version, credits over ESOLs sum to the order's net (there is one ESOL or none yet), and the shares of
//     its brands, with the share of no brand, sum to it layer by layer.
//   - A credit is absolute, and said only when it differs from the one said before for its scope.
//
// Bounds: orders lie in the state's tables, cold ones on disk; one order has at most 4096 refunds and the lines of one
// record; a tick revisits at most 500 orders of a sweep.
//
// What it does not do: touches and shared credit (an order's ESOL is the one it names or its show's), commission,
// exchange rates, coupon codes (kept with the order, not yet read).
package journey
