// Package contagion estimates how much of what a room says is caught from the room (MODEL §3): the contrast Hawkes
// estimator of MODEL §3.1, and the upper end beside it.
//
//	Pane ──first uses──▶ N_w ─┬─ score: N and traces X of each open word, less its share of all ──▶ n_c  (lexical)
//	     ──prompts────▶ mask ─┤  the same with the traces Y of prompts, all words ────────────────▶ R_S
//	                          └─▶ shares a_w, traces X, Y
//	     ──acts, calls──────────▶ the last 900 s ──Poisson regression on baseline, pulses, X──▶ n_tot (total)
//
// One idea, one file: window.go (who has said what), word.go (what is known of a word), step.go (a pane), score.go (a
// regression that forgets), kernel.go (delays; from b to n), total.go (n_tot), view.go (numbers, grades, reasons),
// dense.go (normal equations), persist.go (the state).
//
// # The model
//
// N_wk is how many people say word w in pane k for the first time in a minute. Given the past its mean is a_w·g_k +
// Σ_j b_j X_jw: g is what makes the room talk at all, whatever it is and however it varies; a_w is the word's share of
// that; X_jw are exponential traces of the word's own past. Among the words that nobody prompted (the open ones),
// taking from each its share of the sum removes g exactly. What is left is linear in b, and b in all is the answers
// that one use draws: n_c. So a surge that lifts all words alike is no contagion here. The total rate cannot tell the
// two apart, and n_tot does not try.
//
// # What the numbers mean
//
//   - [n_c, n_tot] is a bracket of two definitions, not a confidence interval: the same word again, unprompted; and all
//     that follows on what was said faster than a baseline with knots each 120 s, whatever its cause. Noise may put the
//     ends in the wrong order, most of all where both are right.
//   - n_c needs the mask. Grade A: there are a transcript and pins. B: pins only, or a transcript with gaps. C:
//     neither, and then the number is co-movement: a topic on the screen may be read as contagion (MODEL §3.2, S5).
//   - Without a whole transcript only quick answers count: what the slow kernel finds may as well be a topic that moves. So
//     n_c is low by all answers that take longer than some seconds, and zero is always in its interval: nothing but a
//     transcript licenses to say that a room is contagious. Of 71 looks at three recorded chats whose texts were shuffled
//     within 30 s and 5 minutes no plain interval of 95% lay above zero, means -.01 to .01; with all answers 60 did, means
//     .06 to .12. In twelve more, on which nothing was chosen, none of 222 did, means -.03 to .03. Topics that turn at once in a room of 10 utterances a second (S5) still leave .15, of .90.
//   - An interval is statistical. Wrong kernels and uneven productivity bias n_c by up to .1 either way (S6, S7), and
//     copies that keep only a part q of their words make it n·q.
//   - R_S is uses per mention of a prompted word. With the right kernel it is 5% too great, with gamma delays 10%,
//     at one use a second 15 to 30%: where in its second a prompt was is not known, and of two noisy kernels the
//     greater is kept. Its interval does not know that.
//   - At the start the shares are not known: in the first 300 s at one use a second n_c is .02 too great.
//
// # Invariants
//
//   - A fold: no clock, no random number, no order of a map. The state is a function of the panes' sets, byte for byte.
//   - All numbers are finite. Where a number is not known, a reason is (View).
//   - A Frozen state is New's, byte for byte, and costs a few pointers; 1800 empty panes freeze any.
//
// # Limits, and what happens there
//
//   - 512 words: the caller decides which (Renew). A word is in use from its first use or prompt until nothing of it is
//     left, 50 minutes later; those in use cost 100 ns a pane, those that are not nothing.
//   - Two generations of 32,768 uses in the window: above 550 followed uses a second it is shorter than 60 s
//     (window.go).
//
// # What it does not do
//
// Choose words, tokenize, judge trust (untrusted comments must not come here: a botnet that pastes is contagion to
// it), or say why people copy: for that, prompts must be randomised (MODEL §8).
package contagion
