// Package pacing says whether a campaign's commitment of GMV will be reached, while there is time to act (MODEL §5). The
// brand's manager and the ESOL's producer ask.
//
//	order ──Replace──▶ State: amounts, orders per 4 min ──View(plan, now)──▶ rates so far and needed
//	Plan: shows, profile, target ────────────────────────────┘          └──▶ P(hit), 80 % of final GMV
//	                                                              Calibration: what was said → what happens
//
// Orders come by exposure: seconds on the air, weighted by how a show of the kind sells in that part of it (Profile). Of
// the rate per second of exposure, λ | data ~ Gamma(a0 + N/φ, b0 + u/φ); what is yet to be sold has by its first two
// moments
//
//	E[S] = E[N]·m    Var S = E[N]·s² + m²·(φE[N] + r²·Var λ) + E[N]²·s²/n
//
// where r is the exposure that is left, m and s² the mean and variance of the amounts so far; S is taken for lognormal.
// Then P = 1 - F(target - current), by the raw model; φ = max(1, .25·Fano + .75·6), Fano being that of the orders per
// 4 minutes, against the profile.
//
// # Calibrated
//
// The raw P is too sure of itself: Calibration maps it to how often it came true, by isotonic regression on past
// campaigns of the category, and the band's ends to where a tenth of those came out lower, and higher. Simulated is
// the only one that comes with Netsu; it is from a simulator, View names it, and whoever has his own campaigns should
// fit his own (Fit). `netsu model pacing` prints what both are worth.
//
// # Invariants
//
//   - State is a function of the last versions of the orders, whatever their order, as long as they lie in at most 4,096
//     different slots of 4 minutes, on the air or off: 11 days of a campaign that sells around the clock. Beyond, the
//     latest slots are forgotten, which those are depends on the order, and φ rests on what came before them.
//   - P falls with the target, and is the same in any currency: it does not change if all amounts are multiplied.
//   - Estimates are floats, of minor units; amounts that are money are int64.
//
// It does not foresee refunds: choose the basis that the contract names (paid or net) and fold that. It does not know
// that the last show is always the best, unless the profile says so.
package pacing
