// Package attribution says who is to be credited for an order, and by how much: a pure function of a set of touches.
//
//	touches ─▶ about the order? ─▶ in its window? ─▶ not spent yet? ─▶ the latest 16 ─▶ model ─▶ shares
//	            product, brand      by surface        earlier orders    by (time, id)            ESOL, show, weight
//
//	shares ─▶ Split(amount) ─▶ minor units, which sum to the amount
//
// The ESOL asks: what of this order is mine? The brand asks: what would it be under another rule? (All)
//
// Invariants: the order in which touches are given, and giving one twice, change nothing. Weights are integers, and no
// float ever multiplies money: the one transcendental, the decay of time, ends in round(2^32 · 2^(-age/h)). A split
// sums to its total exactly. With the largest remainder each part differs from its quota by less than one minor unit,
// and moves by at most one when the total does; with Webster's no part ever grows when the total falls (MODEL §5: no
// rule can have both). Ties go to the least touch id.
//
// Sources: MODEL §5; Zhao, Mahboobi and Bagheri 2018 (the simplified Shapley value: an equal split over the distinct
// players that were there); Balinski and Young 1982 (apportionment).
//
// What it does not do: know a catalog, a campaign or a person (operators/journey does), or tell a cause: last-touch
// credit is not what would not have been sold otherwise.
package attribution
