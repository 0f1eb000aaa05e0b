// Package ledger is the fold over one partition of the credits: what each show, ESOL, campaign and brand has sold.
//
//	credit of (scope, order) ─▶ - the one before + this one ─▶ sums per currency ─▶ meter scope/money
//	tick ─▶ what settles by now ────────────────────────────────┘   at 100 ms of append time, and on ticks
//
// The brand and the ESOL ask: how much, how many, by how many people, and how much of it is safe?
//
// Settled is the net of the paid orders whose return window is over at the append time of the latest tick; a refund
// after that takes it down again. Buyers are the distinct persons with a paid order that is not cancelled. Orders of
// which nothing but refunds is known count apart, once each in refunds_unknown, and their money both in refunded and in
// refunded_unknown.
//
// Invariants: the sums of a scope are a function of the latest credit of each of its orders and of the latest tick,
// so a credit that moves, changes its currency or goes leaves no trace; a scope without orders has no meter. Money is
// never late. A sum that would leave an int64 is an error that names scope and order, never a wrap.
//
// Bounds: all lies in the state's tables, cold entries on disk: per order and scope one credit and one or two index
// entries, per person and scope one count. Scopes waiting to be emitted are at most 256 KiB of names; then they are
// emitted at once.
//
// What it does not do: sums across currencies, commission, ROIMS, pacing.
package ledger
