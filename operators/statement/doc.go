// Package statement writes what an ESOL is owed in a campaign, with the way to it, from the ledger's book of the deal.
//
//	entries ─▶ one line per order (or fee), party and currency ─▶ CSV, JSON
//	credits ─┘  with its touches, holds and, in JSON, every entry
//
// The ESOL, the agency and the brand's accountant ask: what of, and why this much?
//
// Invariants: amounts come from the entries alone, so a statement can be checked by adding them up; it refuses a book
// whose balances are not what its entries sum to. It is a function of the book: the same book gives the same bytes.
//
// What it does not do: taxes, exchange; payments themselves.
package statement
