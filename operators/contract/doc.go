// Package contract is what a campaign owes for an order: a pure function of the contract's terms, of the order, and of
// what the orders before it in its month have used up.
//
//	order ─▶ lines ─▶ rate of each ─▶ × base, rounded ─▶ item cap ─▶ order cap ─▶ month's cap ─▶ legs
//	          │        │ product, ESOL tier,    │ once per line,                    │ what earlier   │ Alloc
//	          │        │ bracket, default;      │ half to even                      │ orders left    │
//	          │        │ versions in force      │ in 128 bits                       │                │
//	          └─ net ──┴─ laid end to end from the month's GMV so far: brackets as of a tax
//
// The ESOL, the agency and the brand ask: why this much?
//
// The terms (DOMAIN.md §3, platforms' rules):
//
//   - A line's rate is the most specific that the version has: product and ESOL tier, product, ESOL tier, bracket,
//     default. Brackets are marginal over the deal's net GMV of the calendar month; lines with a rate of their own take
//     room in them.
//   - Versions: the rate of an order is that of the version in force at its time. A raise is in force at once; a cut is
//     not before its notice for anybody, and not before its lock for an ESOL that has sold under the better version
//     within the lock: at every point the greatest of the rates counts.
//   - The base is the order's net, or net × margin. Margin and rate are multiplied first and rounded once.
//   - Legs divide a revenue share: what the parties get and what the brand keeps sum to the base exactly.
//   - Caps per unit of an item, per order, and per ESOL and month. Zero: none.
//   - An order with a net of zero or less earns nothing and uses up nothing.
//   - Caps and brackets are money in the campaign's currency. An order in another one is rated as the month's first,
//     and not capped: nothing is summed across currencies.
//
// The month's orders use up brackets and cap in order of (time, order id), so what a month owes is a function of its
// set of orders. When an earlier one comes late, those after it are rated again; Alike says which cannot have changed.
//
// What it does not do: posting, states, payouts (operators/ledger), currencies' exchange, taxes.
package contract
