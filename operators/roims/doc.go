// Package roims says what the money that a brand spent on a campaign or an ESOL came back as (MODEL §5, DOMAIN §3). The
// brand's manager asks, when deciding what to spend next.
//
//	Sums of orders ─┐
//	Cost, margin  ──┼──▶ Gross  Net  Profit  Incremental  Blended  BreakEven ──▶ Result
//	Holdout ────────┘
//
// A Result never is a number alone: its numerator and denominator in minor units are always with it, and what it claims,
// on which basis of GMV. The claim is "attributed" for what the rules of attribution give an ESOL, and that is not what
// the ESOL caused: "incremental" is said by Incremental only, from people who were assigned by chance.
//
// # The interval
//
// Orders come as a compound Poisson process, so that the sum S of amounts x has variance Σx²; by the delta method on its
// logarithm it lies in S·exp(±1.96·√(φΣx²)/S), where φ ≥ 1 is how over-dispersed the orders come. `netsu model roims`
// prints how often that holds: with lognormal baskets, for 10, 30, 100 and 300 orders. It is about chance alone: that
// the next campaign, with the same ESOL and the same people, would return as much. It knows nothing of wrong credit.
//
// # Insufficient
//
// One of the reasons below, and then Value, Lo and Hi are 0 and mean nothing; numerator and denominator still hold.
//
//	no_cost         nothing was spent (yet)
//	no_gmv          GMV is zero, or refunds exceed it
//	no_margin       the campaign has no margin, so profit and break-even are not known
//	too_few_orders  fewer than 30 orders with an amount; of a holdout, people with one, in either arm
//	no_holdout      nobody was held out
//	not_randomised  people were held out, and not by chance
//	overflow        an amount is beyond int64
//
// # Invariants
//
// Money is int64 and is divided once, last. Results are a function of Sums, and Sums one of the set of orders.
//
// It does not convert currencies (operators/fx), attribute, or find out what was spent.
package roims
