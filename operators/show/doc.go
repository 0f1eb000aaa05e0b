// Package show is the show fold: the room of every show of one journal partition, and how hot it is (MODEL §1).
//
//	event ──▶ pane (a set of acts) ──evaluate, in pane order──▶ room ──▶ show/ID/room, show/ID/trend/FROM, alerts
//	tick  ──▶ clock (idle, watermark)                             │
//	                            final │ tentative, each pane with its undo │ now
//	                              │
//	                              └──study, once a pane──▶ show/ID/insight, show/ID/profile, alerts
//
// One question, one file. The heat: energy.go (what an act is worth), remark.go (what a comment says), evaluate.go (what a
// pane does to the room), heat.go (the recursion and its uncertainty), balance.go (where heat comes from and goes to),
// fano.go (how bursty), moments.go (what has just happened), trend.go (the history). Apart: profile.go (who is like this
// ESOL). The study: judge.go (who is to be believed), listen.go (which words, for sync and contagion) and
// hearing.go (of whom: their raw twins), people.go (how far they got), products.go, questions.go, pins.go, beats.go, spread.go (reach and infection), ignition.go, bodies.go (heat of
// ESOL and brand, and its flow), knowledge.go, outlook.go (worldview and direction), owners.go (possession), glance.go (what
// is looked at less often), diagnoses.go (what is wrong). Beside: brands.go (whom the room sells for), lexicon.go, stance.go (where the brands stand),
// catalog.go, clock.go (has time passed), memory.go (who is remembered), persist*.go (the state).
//
// # Time
//
// A pane is one second of event time. The watermark of a show is its greatest event time less 5 s; an event from the
// future counts only up to the append time of its record. A pane is final when the watermark is 30 s past its end; an
// event for a final pane is late: counted, sampled, and otherwise without effect. A silent show's watermark follows
// the ticks (clock.go). The final view is the room after the last final pane, the provisional one after the pane of
// now.
//
// # Invariants
//
//   - Within a pane everything is a set or a sum of integers; what is not linear happens once per pane, in pane
//     order. So finals, trends and alerts are a function of the set of events, for any order of arrival within
//     lateness, any duplicates and any batches. They never change once said.
//   - Tentative evaluation is the final one, early: an event for a pane that has been evaluated goes back to before
//     it. What is provisional when everything has come is final later, bit for bit. Nothing tentative reaches a
//     checkpoint.
//   - An act counts once by its event id, in the earliest open pane that names it; an order heats once in a show.
//   - No wall clock, no random number, no order of a map; floats as in operators/stable.
//
// # What it decides where the model leaves room
//
//   - An act, for N_eff, the variance and the Fano factor, is what one head contributed in one pane.
//   - Acts without a person are the acts of one head together: who withholds ids cannot heat a room more than one
//     person.
//   - n_tot of the interval comes from the Fano factor of 32 s blocks with β = .5/s, and not from the fit of the total rate,
//     which was no better (fano.go). The reference quartiles are the cold start's.
//   - A comment is read when it comes, with the lexicon in force at its place in the journal; its text is not kept. In a show
//     of a brand with a corpus, where it is in the space of texts is kept until its pane is final, with the weights of runs
//     in force then: a corpus that changes does not move what has been said. Several brands of a show stand as one, and the
//     others of the catalog are who they are ranked among. The rank is of all that trusted people said since the show began.
//   - People own what they bought here and did not cancel, as far as orders name their buyers, or what they say to own of
//     what the ESOL owns (by the catalog) or has put on air. Before the first such person possession is not known: most
//     rooms bring no orders. A product without base_owned_ppm has a base of 0: possession is then more than chance would
//     take off, and has grade C.
//   - Heat is weighted by w/w(0): who is as good as anybody weighs 1, and one joule stays one plain comment. Weights act
//     from 40 panes after their evidence, which is beyond every pane that may have been evaluated by then; copy-paste is
//     discounted at once by novelty. Money is never weighted.
//   - What the study says is of final panes only, so it is about 40 s old when it is new, and never revised. A room in which
//     nobody has done anything for five minutes rests: what fades is gone, who did what is kept.
//   - Sync and contagion are of trusted people: of the heads that hear a call, suspects who have acted in five minutes are
//     taken off. Beside them stands what they would be if everyone were believed; where nobody is doubted the two are one
//     (hearing.go). What people said before they were doubted is in both, and fades. R_S, spread and calls have no twin.
//   - A retraction takes a comment's heat back if its own event time is in the comment's pane or the ten after, and
//     the comment's pane is open when it comes. The first makes it a function of event times, at the price of ten
//     seconds of lateness: one that is out of order by more than 20 s past the watermark may come too late for its
//     comment. What was taken back still counts among the events of its kind, as it was said, and in nothing else: it
//     has no heat, makes nobody active, and is no copy of what others say.
//   - After 30 minutes of empty panes a room is exactly zero and its heads are forgotten (its orders are not): so a
//     gap of days is one step. By then 300 s without an active head have zeroed the heat anyway. Who comes back after
//     that counts as new in people_total and buyers_total. The final view stays that of the 1800th empty pane.
//   - A show is ended after those 30 minutes, or idle 60 s past the end that the catalog gives. Any event puts it on
//     the air again. After 24 hours without one its meters are taken back, but for its profile, and its state is
//     deleted.
//   - What a room at rest has no use for is not in memory, but in the state alone (away.go): its study a minute after the
//     last event at the earliest, its orders when it is frozen. The next event that is not late reads them again.
//   - A changed room is said at 100 ms of append time, but a very busy one may wait up to a second (Fold.due).
//
// # Limits, and what happens there
//
//   - 10,000 shows a partition: the one silent longest is dropped as after 24 hours.
//   - 1,048,576 events in the open panes of a show, and 600 s ahead of append time: more count as late.
//   - 50,000 heads and 50,000 orders a show: a tenth is forgotten, least recently active first (memory.go).
//   - 50,000 people, 200 products, 256 beats and facts of each side, 100,000 pairs of a person and a product in the study of a
//     show; 64 lines of an order; 256 open questions. Each file says what happens beyond.
//   - 32 brands named by a room (brands.go).
//   - 256 brands with a corpus, 20,000 runes of each; 200 products put on air (stance.go, owners.go).
//   - 8,192 texts remembered per pane, 200 marks per trend chunk, 1,008 chunks (a week) a show, 100,000 catalog shows.
//
// # What it does not do
//
// Money (operators/ledger) and credit (operators/journey). The heat of a brand is what it says in this show, not yet across
// its shows and accounts. What people own beyond this show is not in the journal. Trust by what accounts do across shows (lock) or by refunds needs more than one show sees. Funnels
// of an ESOL over several shows would need people to meet in one partition.
package show
