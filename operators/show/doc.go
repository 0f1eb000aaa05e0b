// Package show is the show fold: the room of every show of one journal partition, and how hot it is (MODEL §1).
//
//	event ──▶ pane (a set of acts) ──evaluate, in pane order──▶ room ──▶ show/ID/room, show/ID/trend/FROM, alerts
//	tick  ──▶ clock (idle, watermark)                             │
//	                            final │ tentative, each pane with its undo │ now
//
// One question, one file: energy.go (what an act is worth), text.go (is it said again), evaluate.go (what a pane does
// to the room), heat.go (the recursion and its uncertainty), fano.go (how bursty), moments.go (what has just
// happened), trend.go (the history), clock.go (has time passed), memory.go (who is remembered), persist*.go (the
// state).
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
//   - n_tot comes from the Fano factor of 32 s blocks with β = .5/s (fano.go) until the contagion fit replaces it.
//     Quality and trust are 1 (energy.go has their place). The reference quartiles of the gauge are the cold start's.
//   - A retraction takes a comment's heat back if its own event time is in the comment's pane or the ten after, and
//     the comment's pane is open when it comes. The first makes it a function of event times, at the price of ten
//     seconds of lateness: one that is out of order by more than 20 s past the watermark may come too late for its
//     comment. What was taken back still counts among the events of its kind, as it was said, and in nothing else: it
//     has no heat, makes nobody active, and is no copy of what others say.
//   - After 30 minutes of empty panes a room is exactly zero and its heads are forgotten (its orders are not): so a
//     gap of days is one step. By then 300 s without an active head have zeroed the heat anyway. Who comes back after
//     that counts as new in people_total and buyers_total. The final view stays that of the 1800th empty pane.
//   - A show is ended after those 30 minutes, or idle 60 s past the end that the catalog gives. Any event puts it on
//     the air again. After 24 hours without one its meters are taken back and its state is deleted.
//   - A changed room is said at 100 ms of append time, but a very busy one may wait up to a second (Fold.due).
//
// # Limits, and what happens there
//
//   - 10,000 shows a partition: the one silent longest is dropped as after 24 hours.
//   - 1,048,576 events in the open panes of a show, and 600 s ahead of append time: more count as late.
//   - 50,000 heads and 50,000 orders a show: a tenth is forgotten, least recently active first (memory.go).
//   - 8,192 texts remembered per pane, 200 marks per trend chunk, 1,008 chunks (a week) a show, 100,000 catalog shows.
//
// # What it does not do
//
// Money (operators/ledger), credit (operators/journey), sync, contagion and authenticity (MODEL §2–4). Heat of ESOL
// and brand: only the audience's is here; what the others write is counted in the totals and adds no heat.
package show
