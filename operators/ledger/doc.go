// Package ledger is the fold over one partition of the credits: what each show, ESOL, campaign and brand has sold, and
// what each campaign owes for it.
//
//	credit of (scope, order) ─▶ - the one before + this one ─▶ sums per currency ─▶ meter scope/money
//	tick ─▶ what settles by now ────────────────────────────────┘   at 100 ms of append time, and on ticks
//
//	credit of (deal, order) ─▶ its month ─▶ rate ─▶ post ─▶ entries, accounts ─▶ meters deal/earnings, campaign/cost
//	catalog: contracts, tiers, payouts ───────┘       │
//	tick: return windows, statements ─────────────────┘
//
//	credit of (campaign or deal, order) ─▶ - the one before + this one ─▶ Σx, Σx² ┬─▶ meters campaign/returns, deal/returns
//	catalog: shows, commitment ─────────────────────────────────────────▶ plan ───┘
//	catalog: rates of exchange ─▶ table ─▶ Σx of all currencies, in the campaign's own ─▶ meter campaign/returns
//
//	what was said before ─ and is now otherwise ─▶ by scope and reason ─▶ restatements, with the meters
//
// The brand and the ESOL ask: how much, how many, by how many people, and how much of it is safe? What of it is mine,
// and when do I get it?
//
// Settled is the net of the paid orders whose return window is over at the append time of the latest tick; a refund
// after that takes it down again. Buyers are the distinct persons with a paid order that is not cancelled. Orders of
// which nothing but refunds is known count apart, once each in refunds_unknown, and their money both in refunded and in
// refunded_unknown.
//
// Commissions. A deal is one ESOL in one campaign. What an order is worth is operators/contract's to say; here it is
// posted, as entries of double entry (posting.go has the accounts): estimated, approved when the return window is over,
// payable when it is on a statement, paid when a payout of the catalog covers it. An entry is never changed and never
// removed. Before payment a change of amount takes the old one back and posts the new; after it, what was paid too much
// is clawed back, and set off against the next payout. An order that is held is estimated until it is released, with
// the reason; it is not forfeited, and what is paid stays paid.
//
// Cost. What a campaign spends is what the catalog says of it and what spend events add, each once by its id.
//
// Returns. What a campaign's money returned (operators/roims) is the sums of its orders over all that it costs in the same
// currency: spend, and commission and fees in all their states. Whether its commitment will be reached (operators/pacing)
// is judged by the shows that the catalog plans for it with a start and an end; without any, by its own dates.
//
// Total. Where a campaign sold in another currency than its own, what it sold in all is said too, in its own: net and paid
// of each currency at the rates in force at the latest tick (operators/fx, cross rates through USD), rounded once. The
// amounts of each currency stay beside it, and no total goes without the version of its rates and the currencies that have
// none. A rate that comes, goes or reaches its date has the totals said again, of 1,024 campaigns a tick. The table takes 512
// entries of the catalog: one more is left out until it comes again and there is room.
//
// A campaign that holds people out by chance (operators/holdout) has returned what its treated people bought beyond what the
// held-out did, per person; the credits of those arms are in no other sum, and nobody is owed them. While a change of the
// share goes through the orders, that is between what it was and what it will be.
//
// Restatements. Where a scope's money is not what its meters had said, a record of the alerts says so, with the meters that
// have it: the reason, by how much in each layer, of which orders. It is one for each scope and reason and emission, so a
// thousand refunds at once are one. An order that is new to its scope is no restatement, nor its way from created to paid to
// settled, nor what comes and goes between two emissions, which nobody has been told; so what is restated of a scope, and what
// its new orders and time brought, sum to its meter. The reason is what is known: of a version of the order, what its layers
// show; of a share, what the journeys say had it shared again (eventpb.Cause), which a credit alone cannot show: half of an
// order looks like an order of half the price. Commissions are restated on the deal and its campaign, also where no credit
// has changed: by other terms, or because other orders of the month take up its brackets. So is a campaign's total, by other
// rates of exchange of the amounts that were said. Not restated: buyers and averages, which are no sums; fees, the states of
// what is owed and payouts, which the entries tell; returns and pace, which follow from the money.
//
// A payout is a catalog entry (campaign, ESOL or all, through a time): somebody's word that the statements up to then
// have been paid. Netsu pays nobody. It covers what was payable when it came, so unlike the worth of an order, which
// part of it is paid depends on when things came; that is what having paid means.
//
// Invariants: the sums of a scope are a function of the latest credit of each of its orders and of the latest tick,
// so a credit that moves, changes its currency or goes leaves no trace; a scope without orders has no meter. Money is
// never late. A sum that would leave an int64 is an error that names scope and order, never a wrap.
//
// Of a deal: the balances are the sums of its entries, and over all accounts sum to zero in each currency. The balance
// of an order over the states of a party is what it is worth by the latest credits of all the deal's orders, the
// contract and the ESOL's tier, once what a change of those has begun is gone through. What is not paid is in one
// state, by the latest tick.
//
// What is restated is a function of the log, and not of the set of credits as the meters are: it is about what was said before
// something came, so it depends on which came first, and on when. The same log gives the same restatements to the byte,
// wherever it was begun again, and under the same ids: the number of the scope's restatement, from 1 and without a gap.
//
// Bounds: all lies in the state's tables, cold entries on disk: per order and scope one credit and one or two index
// entries, per person and scope one count, and per arm and currency one amount; per order and deal one row, 40 bytes in
// its month, at most one index entry, and some four entries of 80 bytes in its life. Scopes and months waiting to be
// emitted and rated, and what is to be restated, are at most 256 KiB; then they are at once. A restatement names the first
// eight orders and counts the others. A late order costs the chunks of its month that
// it can change (months.go), a change of terms 2,048 orders a tick.
//
// What it does not do: ROIMS or pace across currencies; sums of the past by the rates of then (a total is as of now); blended
// ROIMS of a brand; fees of a campaign that has had no credit yet (which partition is its own shows with the first); the
// history of an ESOL's tier.
package ledger
