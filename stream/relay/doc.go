// Package relay is what the stages have in common that read partitions of a consumer group and write what they make of them
// to other topics: ingest, and the bridge before it.
//
//	group ──assigned, revoked, lost──▶ Rebalances ──▶ ┌──────────────┐
//	partitions ──▶ Consumer ──fetches──▶ its poll ──▶ │ the one loop │ ──▶ Flight ──▶ topics
//	    ▲                                             └──────────────┘        │
//	    └────────────── Commit ◀── offsets of a span ◀── all acknowledged ◀───┘
//
// Invariants. A rebalance changes nothing before the loop has dealt with it. After the first record that could not be written
// Flight says so for ever, and nothing may be committed any more. What is not acknowledged is bounded: the loop takes nothing
// while Full.
//
// It does not decide what is read first, or how long a partition is waited for: lanes are their owners'. Folds read otherwise
// (stream/fold): a client for each partition, and their positions in their state.
package relay
