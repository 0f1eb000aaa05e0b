// Package amounts sums money exactly, with what an interval around the sum needs: how many, how much, and the squares.
//
//	order ──Add──▶ ┌ Sum ─────────────┐
//	its next ──▶   │ N  Minor  Squares│ ──Mean, Variance, Spread──▶ roims, pacing, budget
//	version Replace└──────────────────┘
//
// A refund changes an order's amount: Replace takes the former amount out, its square too, and puts the new one in. That
// works only because nothing here is a float: squares of int64 are summed in 128 bits.
//
// Invariants: a Sum is a function of the multiset of its amounts, whatever their order,
// and Take undoes Add to the bit; amounts of zero count for nothing, N neither, so that a refunded order is no order.
//
// Bounds: a total beyond int64 is refused (event.ErrOverflow) and leaves the Sum as it was. Squares are taken modulo
// 2^128, exact while their true sum is below: 4 million orders of 2^53 minor units each, or more of smaller ones.
//
// It does not know currencies: keep one Sum per currency.
package amounts
