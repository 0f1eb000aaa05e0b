// Package vocab decides which words a show follows: at most 512 of them have a slot, and everything that is measured
// by word (operators/syncrate, contagion) is measured by slot.
//
//	lexicon ──Pin──▶ ┌ slots 0 … 511 ┐ ──Slot/Word──▶ the folds that count by word
//	                 │ pinned, ≤ 384 │
//	uses ────Step──▶ │ open, the rest│ ◀──every 30 panes── candidates: person-panes, half-life 600 s, ≤ 8,192
//	                 └───────────────┘ ──renewed──▶ forget what you knew of these slots
//
// A word is a keyed 64-bit hash; 0 is no word. A pinned word has its slot whether it is said or not. The open slots
// belong to the words that most people use: a word's count grows by one for every person that uses it in a pane,
// however often that person repeats it.
//
// # Invariants
//
//   - What it says is a function of the sequence of panes, each a set of uses, and of the calls of Pin between them.
//     Empty panes may be left out: the slots are the same at the next one that has uses.
//   - A word has at most one slot, a slot one word. A slot changes hands only in Pin and in Step, and is then returned.
//   - Slots do not flap: a word loses an open slot only to one that is used half as much again and one more
//     person-pane. [JUDG]
//
// # Limits
//
// 8,192 candidates: a word that is new when they are full is not counted until the next reselection, which then keeps
// the 6,144 largest; of the words that are new in one pane those with the smaller hash come first. So whoever floods a
// show with fresh words delays a new word by half a minute, and moves no word that has a slot. 384 pinned words: more
// are not pinned, the first ones win.
//
// # What it does not do
//
// It splits no text (the hashes come from outside) and knows no words that must not be followed: leave them out.
package vocab
