// Package branching judges operators/contagion: rooms whose branching ratio is known, and what estimators make of them
// (MODEL §3.2).
//
//	Scenario ──▶ immigrants (a rate, a word, a person each) ──▶ answers, answers to them, … ──▶ History
//	History ──panes──▶ contagion.State                       ──▶ n_c, n_tot, R_S
//	        ──times──▶ Hardiman–Bouchaud, exponential MLE    ──▶ what the literature would say
//
// A room is a branching process: immigrants come at a rate that the scenario varies, and each utterance draws a
// Poisson number of answers of mean n, the same word again by someone else, after a delay. Rate is that of all
// utterances, so immigrants come at Rate·(1-n). The words are 40, Zipf(1).
//
// Estimator by estimator: variance.go has Hardiman & Bouchaud 2014 (arXiv 1403.5227), hawkes.go the exact likelihood
// of exponential Hawkes processes on [0, T] and its maximum by the simplex of Nelder & Mead 1965. They are here to be
// compared with; no product uses them.
//
// Invariants: a Trial is a function of its Setting; trials do not share a random source, so their number and order
// change none of them.
//
// It says nothing about real rooms. It is favourable to n_c in that copies keep their word, one word makes an
// utterance, nobody repeats himself, and the delays are the estimator's own except where a scenario says otherwise.
package branching
