// Package commerce judges operators/roims and operators/pacing: sales whose law is known, and what is said of them
// (MODEL §5).
//
//	orders of an expected number, lognormal baskets ──▶ intervals of three kinds ──▶ how often they hold the truth
//	shows of self-exciting orders, a target of each ──▶ P at 40 % ──▶ Brier score, what was said and what happened
//
// A show's orders are a Hawkes process: immigrants come at the show's rate × the profile × the exponential of an
// Ornstein–Uhlenbeck process, and each order draws a Poisson(.5) number of others, 20 s later on average. So both that
// a show has good minutes and that people buy because others do make it miss or beat a straight line.
//
// Invariants: a trial is a function of its seed and number; trials do not share a random source, so which is done first
// changes nothing.
//
// It says nothing about real shows. Pacing is favoured in that the profile is known to it, and Calibration in that it is
// fitted on shows of the very kind that it is judged on, though never on the same ones.
package commerce
