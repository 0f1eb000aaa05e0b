// Package stream is the whole path, wired: what netsu run runs, and what an end-to-end test runs in one process.
//
//	comments ─┐              ┌─ journal ────▶ show fold ─────────────────┐
//	reactions ┼─▶ ingest ────┤                                           ├─▶ meters ─▶ feed ─▶ page, websocket, HTTP
//	orders   ─┤              └─ journeys ──▶ journey fold ─▶ credits ─▶ ledger fold
//	catalog  ─┘                 │
//	                            └─ dead letters
//
// The packages below are the stations, in the order in which data meets them: event (the words), broker (Kafka, embedded or
// real), ingest, fold (the runner) with operators/… (what is folded) and state (what is remembered), feed. Beside the path:
// gateway (what platforms deliver over HTTP, into the raw topics), bridge (a house's own topics, with a schema registry or
// without, into the raw topics), sim (shows with known truth), source and replay (recorded
// input).
//
// # Guarantees
//
// Each has a test that can fail; README lists them.
//
//   - Exactly once: every accepted event is in one pane and every order version once in the ledger, across kill -9 of any
//     process. Ingest and folds write at least once and in order; whoever reads keeps the greatest position per source and
//     drops the rest. State and input offset are checkpointed in one transaction.
//   - Determinism: a final value is a function of the set of accepted events (within lateness), not of batches, crashes,
//     partitions or processes.
//   - Nothing accepted is lost: it is in a meter, in a counter of late events, or in the dead letters.
//   - Every queue, cache and set is bounded; its comment says what happens at the bound.
//
// # Choices that shape everything
//
//   - Orders go to the journeys under their own id, not under the buyer's: a status-only update names no buyer, and all
//     versions of an order must meet. Touches go there under the person. So the journey fold writes into its own
//     log: an order asks its buyer who is to be credited, and hears weights; the money stays with the order.
//   - Credits are keyed by scope (show, ESOL, campaign, brand): each scope is whole in one ledger partition, so that
//     distinct buyers of a brand with many ESOLs are counted exactly and nobody adds partial meters.
//   - A meter's key is scope/part (room, money, trend/FROM): two folds write about one show, and compaction keeps the
//     latest of each. Trend chunks are written once and stay: they are the history.
//   - A tick carries up to when everything raw has been ingested. Idleness follows that, not the clock: while ingest is
//     down or behind, no room falls silent.
//   - Ingest takes what lies in its raw partitions in order of event time where they are behind, so that one topic's
//     backlog cannot make another's late. Processes align only what is theirs: see Limits in the README.
//   - A process is a static member of its groups, under a name that its data directory keeps: killed and started again
//     it has its partitions, and its state on disk, at once.
//
// # Starting and stopping
//
// Run starts the stations from the far end (feed, ledger, journey, show, ingest), so that nothing waits unread, and stops
// them in the order of the data: intake first, then the folds, which checkpoint, then the feed, HTTP, the probes, the disk,
// the broker.
package stream
