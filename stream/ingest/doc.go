// Package ingest turns what users' producers wrote into the internal logs.
//
//	comments  ─┐ lane ┐            ┌ router ─ block ─▶ journal   (by show)
//	reactions ─┤ lane ├─ pick ─────┤          block ─▶ journeys  (by order or person)
//	orders    ─┤ lane │ (by event  │          block ─▶ credits   (catalog and ticks only)
//	catalog   ─┘ lane ┘   time)    └───────────────▶ dead letters
//	     decode at the head               │
//	                    commit ◀── span ◀─┘ acknowledged
//
// One goroutine, the loop, owns everything: lanes (one per raw partition), blocks (one per target partition), spans
// (what was produced between two commits). The poll, the probe of the raw topics' ends and the Kafka client's
// callbacks talk to it through channels.
//
// # Invariants
//
//   - Every record becomes an event in the logs or a dead letter with its bytes and place; nothing stops the line.
//   - Offsets are committed only when all that was made of the records before them is acknowledged.
//   - From one raw partition, events reach a given target partition in the order of their offsets.
//   - A tick says T only if everything that lay in the raw topics at T stands before the tick in its partition.
//   - Memory is bounded: lanes pause at 4 MiB or 20,000 records, at most 32 MiB or 4,096 records are on their way, spans
//     are closed one at a time.
//
// # Why being killed, or outlived by a zombie, is harmless
//
// Ingest keeps no state. Whoever starts (again) reads from the last commit, so some events stand in the logs twice,
// with the same source position {topic id, partition, offset}. Readers keep the greatest position of each source and
// drop what is not after it. That loses nothing, because when an event at position p stands in a log's partition,
// every event of that source for that partition before p stands before it: each writer began at a commit, before which
// everything had been acknowledged, and wrote from there on in order without gaps (the sequence numbers of the
// idempotent producer; one that meets an error stops for good). This holds for each writer alone, so it holds however
// the records of several are interleaved: a zombie that still writes beside the new owner only says again what the new
// owner says, later or earlier.
//
// Two readings of a record can differ in one thing: whether its time was too far ahead, where the topic does not carry
// the broker's time. Then the record is in the dead letters from one reading and perhaps in the log from the other; it
// is accounted for either way.
//
// # Aligning
//
// When partitions are behind (a restart, a replay at full speed), taking them as they come would let a topic with
// little backlog run ahead of one with much, and folds would find the latter late. So the next record is always taken
// from the partition with the least event time, and a partition that is known to be behind and has nothing fetched is
// waited for, up to Config.Align. Partitions that have caught up are never waited for. See pick.
//
// Members that catch up side by side stay together too. With each offset a member commits, as its metadata, goes the event time that
// it has reached (what it would take next); each reads the others' at its surveys, and takes nothing more than 20 s of event time
// ahead of a partition that lies behind and is not its own, or from which nothing comes. The least of all always goes on, and what
// has happened within 20 s waits for nobody. A partition that has not moved for the session and two rebalances is not waited for. See drift.
//
// # What it does not do
//
// It does not know that a raw topic was made anew: the place that names an event without an id of its own is used again there,
// and which topic had it first is nowhere to be found that survives a restart (deploy/RUNBOOK.md, "Events without an id").
//
// It decides nothing that a fold could decide (lateness, duplicates by event id, order versions): a replay may see
// those otherwise. It keeps no platform id of a person: only the keyed hash goes on.
package ingest
