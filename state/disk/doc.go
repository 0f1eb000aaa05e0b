// Package disk is the working state of this machine: one Badger database per process, a part of it per task.
//
//	stage/partition/k/KEY  a key of the task's state
//	stage/partition/m      its state.Mark, as JSON
//
// Invariants: a mark is written after the keys that it speaks of, so what a mark says is there, is there (the other way
// round is harmless: the changelog is read again from the mark and says the same keys). Every write is synced before it
// returns, so this holds across a loss of power too; writes come once per checkpoint, off the hot path.
//
// The database is a copy. What survives is the changelog: a database that does not open is moved aside, never deleted,
// and rebuilt. It holds no history, no TTLs and no transactions over more than a key.
//
// Blocks is another database, of a component that keeps what the changelogs do not hold (stream/history): there several
// keys are written as one. Nobody but this package knows Badger.
package disk
