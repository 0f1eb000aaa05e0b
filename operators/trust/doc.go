// Package trust says how far each person of one show is believed to be a person (MODEL §4).
//
//	final pane ──▶ people  (rhythm, age, copies among their last comments) ──▶ Features ──Score──▶ w ∈ [.05,1]
//	           └─▶ texts   (who said it in the last 60 s) ──▶ flood? chant? ──┘                    │ 40 panes later
//	                                  └──▶ Floods                                  Weight(person, pane), Suspects
//
// One question, one file: score.go (what evidence weighs), rhythm.go (reg), text.go, bands.go and group.go (dup), lock.go,
// refund.go and viewing.go (what one show cannot judge), weight.go (from when a verdict counts), view.go (what is said
// of it), people.go (who is remembered), persist.go (the state), parts.go (which parts of it have changed), whole.go (the
// state as it once was written).
//
// # Time
//
// Trust is folded over final panes only, in order, and is never undone. Heat, however, is evaluated for open panes
// too, up to 38 of them past the last final one, and what it says of a pane must not depend on when it is asked. So a
// verdict from final pane f counts for the panes from f + DelayPanes on, and is never rewritten: weights act from 40 s
// after the evidence. Copy-paste does not get away with it meanwhile: novelty (MODEL §1) discounts it at once.
//
// # Invariants
//
//   - The state is a function of the panes as sets: the order of acts within a pane, acts that are there twice, and
//     empty panes that are skipped make no difference, to the byte.
//   - Renaming all people (a permutation of accounts) renames the verdicts and changes nothing else, as long as no text
//     has more than 16 voices (beyond, which of them are remembered depends on their ids).
//   - Weight(p, k) never changes once k ≤ final + DelayPanes.
//   - w falls in every feature; nobody known to have done anything odd has Default = 1-σ(-3.9) ≈ .980.
//
// # What it decides where the model leaves room
//
//   - dup is the share of copies among a person's last 20 comments, of 4 at least: one copy is .25, not 1. So it fades
//     with each comment that is no copy, and is gone after 20. Comments that the ESOL asked for are not among them.
//   - A flood is a text of 12 runes or more, with all within 3 bits of it, from 4 accounts (3 others) in 60 s: then
//     each of their comments is a copy, those before the fourth too. It is a chant, and no copy, when at least 8 people
//     and more than 5 % of the active heads say it, and at least a quarter of them also say things of their own. The
//     last is not in the model. What becomes a chant later acquits those who began it.
//   - Texts of fewer than 4 runes and commands ("!kino 3", the vote of hundreds) are never copies. Those of 4 to 11
//     runes are from 9 accounts on that say nothing of their own. group.go has the reasons, and what real chats say.
//   - Floods lists only floods of accounts that say nothing of their own: what people are shown is worth a look.
//   - reg looks at comments only. People tap likes as evenly as a machine.
//
// # What it cannot tell
//
//   - lock (the same acts at the same seconds in at least 3 shows), refund (orders and refunds of 30 days) and view
//     (who comes and stays together) need more than one show's fold sees. Their closed forms are here, View names them
//     as not judged, and Features has their place.
//   - By the model's weights, no single feature of the other three makes a suspect: dup alone gives w = .917, reg .802,
//     new .948; dup and reg together .475. So accounts that paste and go are doubted and reported as a flood, and not
//     suspects. A spammer who comes by chance times and words each line anew passes.
//   - A chat in slow mode gives eager people the rhythm of a timer, and chats with whole-minute times have no rhythm at
//     all. Who posts 21 times within one stamp is not judged by it.
//   - Ordinary people can have accounts of a day. new alone never makes a suspect.
//
// # Limits, and what happens there
//
//   - 50,000 people: a tenth is forgotten, least recently active first, by (time, id). Who comes back is new, and what
//     was held against them ends 40 panes later.
//   - 8,192 texts a pane, those with the smallest hashes; others are nobody's copy. 60 panes of them.
//   - 16 voices a text, and beyond those with the smallest ranks, from whose ranks the number of all is estimated
//     (relative error about 1/√15). Everybody who says it in the pane is judged, the remembered ones retroactively.
//   - 256 texts, the newest, are compared in each of the four bands of a SimHash; others look new.
//   - 64 floods at a time; further ones are judged but not listed. 100 suspects listed, 5 pieces of evidence each.
package trust
