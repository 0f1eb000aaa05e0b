// Package explanation leads from one order's number to what it comes of, and from there to what is owed for it.
//
//	journey changelog ─▶ journey.Explain ─┐
//	ledger changelog ──▶ ledger.ReadBooks ┴─▶ Document ─▶ text, JSON
//
// The ESOL, the brand and who answers for both ask: why this much, why not me, and what would it be under another
// model?
//
// Invariants: amounts are exact text; every line of what is owed is the sum of the entries under it; the same state
// gives the same bytes. People are pseudonyms.
//
// What it does not do: read a changelog (cmd/netsu does), or decide anything (operators/journey and operators/ledger
// do).
package explanation
