// Package budget advises where the next unit of a campaign's budget should go: to which ESOL, by what it would return at
// the margin and not by what was returned on average (MODEL §5). The brand's manager asks, and decides: stream/feed
// answers GET /v1/campaigns/{id}/advice with it.
//
//	past spends and GMV of each ESOL ──fit──▶ posterior of f ──draw (Thompson)──▶ Advice: share, P(best), reason
//	                                   f = a·ln(1 + x/s)       seed = hash(campaign, hour)
//
// # The rule
//
// It is RuleVersion, and stated with every Advice:
//
//  1. ESOLs below the minimum sample (30 orders, and money spent on them) get nothing, whatever they returned.
//  2. GMV of an ESOL for a spend x is f(x) = a·ln(1+x/s): each further unit returns less. GMV in units of
//     κ = φ·Σx²/Σx, its variance per unit, counts as Poisson of f. The posterior of a is Gamma, with a prior of all
//     ESOLs' own mean and spread: who has little to show is taken to be like the others. s is one of 8 scales around
//     the median spend, its prior what all ESOLs' data say of it.
//  3. Each unit goes to the ESOL whose drawn marginal ROIMS margin·f'(x) - 1 is the highest, x being what it has been
//     given so far, this advice included; so an ESOL gets units as often as it is believed to be the best, and little
//     known ones are tried.
//  4. A unit of which nobody's drawn marginal ROIMS is above the hurdle is not given.
//
// # Invariants
//
//   - An Advice is a function of the Question: the same campaign and hour draw the same. The order of ESOLs and of their
//     past makes no difference, and an ESOL's random numbers do not depend on who else is there.
//   - Shares and what is left add up to the budget, to the minor unit. No share is below zero.
//
// What is returned is attributed, not caused (operators/roims): advice can be no better than that. The curve is an
// assumption; with one spend per ESOL its bend is all prior. Of a deal paid by commission alone the cost follows what was
// sold, and not the other way round: its past says little of what one more unit would do.
//
// # Limits
//
// 200 ESOLs: those with the most orders (then by id); the others get "too_many". 64 past spends of each, those with the
// most orders. 1,000 units: a smaller unit is made larger.
package budget
