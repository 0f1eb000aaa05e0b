// Package fade is decay that is exact however lazily it is done: old counts fade with a half-life of h panes, and a
// silence of any length costs one step.
//
//	pane   0 ────────────── h ────────────── 2h ──▶
//	weight 1 ↗ 2^(k mod h / h) 1 ↗           1 ↗       what a pane adds is multiplied by it
//	            all sums halved ┘  and again ┘
//
// Instead of shrinking every sum in every pane, a new count weighs more than an old one (forward decay: Cormode,
// Shkapenyuk, Srivastava, Xu, ICDE 2009), and at every h-th pane all sums are halved, which in binary floats is exact.
// So between two halvings nothing is touched but what is counted, m halvings at once are m one after the other bit for
// bit, and the factor that all sums have in common cancels in shares. Who wants the decayed number of now divides by
// Weight of now.
//
// Invariants: Weight is in [1, 2) and the same on every machine; what is below Forgotten after a halving is nothing, so
// no float becomes subnormal and a sum of counts is empty again after a long silence.
//
// It does not keep time: the owner of the sums says which pane it is, and never goes back.
package fade
