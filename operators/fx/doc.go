// Package fx converts money by the dated rates of the catalog: whoever sums GMV over currencies must say by which. The
// ledger does, for what a campaign sold in all (operators/ledger).
//
//	catalog fx/ID ──Put──▶ Table ──Convert(amount, from, to, at)──▶ Conversion: minor units, State, legs, Version
//	                         └────Sum(amounts, to, at)──▶ Total: the same, and what had no rate
//
// A rate counts from its time on, until a later one of the same pair. A pair is looked for as it is; else the other way
// round, as 1/rate; and only if neither is there, through the table's pivot, each leg in the same way. The pivot is
// stated when the table is made: there is no search for a path, as the cheapest of several would be a surprise.
//
// # Exact
//
// Rates are decimal text and stay rational, legs multiply as fractions, a Total is summed as a fraction: one rounding, to
// the nearest minor unit, halves to even, is the last step. No float comes near. The original is never replaced: a
// conversion is for a view.
//
// # Version
//
// Version(at) is a hash of the rates in force at that time, all of them: two figures with equal versions were made from
// the same table, whatever was put into it for other times. It does not depend on the order of Put.
//
// # No rate
//
// A state, not an error: Convert says NoRate, Total lists the currencies left out. Nothing is guessed, and a rate is
// never used for a time before its own.
//
// # Limits
//
// 512 ids. Of entries beyond, Put refuses (ErrFull): what is there stays, and conversions go by it. An id has one entry,
// as in the catalog: who wants history gives each date its own id. Of two ids with the same pair and time, the greater
// id counts.
package fx
