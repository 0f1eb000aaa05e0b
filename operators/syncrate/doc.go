// Package syncrate is 同調率, the sync rate of a show (MODEL §2): do the people in the room use the same words as the
// seller, take them up after her, do what they are called to do, and own what she shows?
//
//	pane ─┬─ words by slot ──▶ bags, half-life 300 s ───▶ amount      .20 ┐
//	      ├─ ESOL mentions ──▶ 60 s before and after ───▶ echo        .20 ├─▶ weighted geometric mean, 0 … 100
//	      ├─ calls, acts ────▶ 20 s after, 3 × 20 before ▶ action     .35 │   with its interval
//	      └─ owners ─────────▶ beyond the base rate ────▶ possession  .25 ┘
//
// One question, one file: amount.go (how much alike), echo.go (when), acts.go and call.go (the same acts, together),
// possession.go, view.go (all in one). Every component is corrected for what chance gives it, comes with an interval,
// and says why when it is missing; the rate is that of the components that are there, which it names, and needs two.
//
// # Invariants
//
//   - The state is a function of the sequence of final panes; within a pane order does not matter, bit for bit.
//     Fading is exact (operators/fade), so a gap is its empty panes one by one.
//   - The amount does not change when all words are said k times as often, but for what more words prove; nor when
//     slots change places. What one head repeats changes no action.
//   - Sync is at most the largest component (or 2, which stands for 0), and never falls when one rises.
//   - Chance gives 0: not exactly, as nothing that is cut off at 0 has a mean of 0, but its Lo is seldom above 0. In 600
//     simulated shows with an ESOL whom nobody heeds the echo's was in 1.7%, and in 4.8% where six of ten uses were
//     copied by someone else in the room; of 320 calls that changed nothing none had one. Lo, not Value, is the proof.
//
// # What it decides where the model leaves room
//
//   - An echo needs a mention with 60 s of silence on the word before it, and two windows. Windows are pooled by what
//     share of the uses each would be expected to have after it; how much they differ among themselves widens the
//     interval (echo.go).
//   - Intervals of shares are Wilson's (interval.go says why). Those of the windows before a call take the heads once,
//     not three times: it is much the same people.
//   - Calls are weighted by the heads that heard them. With 30 of them and fewer than 5 followers a call's sync is 0;
//     with fewer heads it is not known. Where calls come so densely that there is no quiet window of 20 s in the last
//     two minutes, it is not known either; with one or two, these must do.
//   - Words without a slot are one word more. Where nearly all words have none, two texts look alike that have nothing
//     in common but that: the vocabulary must be wide enough.
//   - All half-lives, windows and weights are the model's or [JUDG].
//
// # Limits, and what happens there
//
//   - 512 words (operators/vocab). 8 open calls: more are not measured. 128 calls in half an hour: the last ones count.
//   - 32,768 pairs of head and action in 20 s: who is new beyond that is not counted, before a call as after it.
//   - 16,384 people in open echo windows: more are echoed by, but not timed.
//   - Rings of 60 panes of words and 128 of acts. A gap longer than 256 panes is a jump.
//
// # What it does not do
//
// It proves no cause: ESOL and audience may read the same product card (MODEL §2, Attack). It splits no text, knows no
// trust (leave suspects out of the pane), and has no provisional state.
package syncrate
