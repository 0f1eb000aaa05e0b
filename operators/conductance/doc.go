// Package conductance is how much heat flows between two bodies of a show for how much hotter one is than the other
// (MODEL §1, flux and conductance).
//
//	θ sender - θ receiver ┐ of the pane before
//	power of the receiver ┴─▶ recursive least squares, forgetting ─▶ g, W/head per unit of θ, with an interval
//
//	p[k] = a + g·(θS - θR)[k-1] + b·p̄[k-1]
//
// # Invariants
//
//   - After any number of panes it is the ridge regression of all of them, a pane k panes ago weighing .999^k, the ridge
//     10^-3 (fading as they do). That is a test, against the normal equations solved at once.
//   - P stays symmetric and positive: the update is Joseph's. Where its condition passes 10^8, nothing is known any more
//     and it begins anew.
//
// # What it does not do
//
// It is descriptive. What drives both bodies passes for a flow between them: with a hidden common driver the lower bound
// is above zero in up to nine rooms of ten (MODEL §1; TestACommonCausePassesForAFlow shows it). Heat transfer is R_S
// (operators/contagion), and this stands beside it.
package conductance
