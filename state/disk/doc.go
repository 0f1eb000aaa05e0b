// Package disk is the working state of this machine: one Badger database per process, a part of it per task.
//
//	stage/partition/k/KEY  a key of the task's state
//	stage/partition/m      its state.Mark, as JSON
//	stage/partition/s      the sum of its keys (sum.go): what proves that they are all there, and as they were written
//
// Invariants: a mark is written after the keys that it speaks of, so what a mark says is there, is there (the other way
// round is harmless: the changelog is read again from the mark and says the same keys). Every write is synced before it
// returns, so this holds across a loss of power too; writes come once per checkpoint, off the hot path.
//
// The database is a copy. What survives is the changelog: a database that is damaged, when it is opened, when a task
// verifies what it starts from, or when it is read, is moved aside, where the latest stays, and rebuilt; those who still use
// it are told to begin again (database.go). Bytes that were flipped are found by checksums, what is missing by sums. A write
// is not tried without room for what it sets off (room.go): Badger writes through memory maps, where a full disk kills.
// It holds no history and no TTLs. Not noticed until the next verification: a block that goes bad under a running process
// cuts short the scans that come by it, since Badger's iterators have no errors.
//
// Blocks is another database, of a component that keeps what the changelogs do not hold (stream/history): there several
// keys are written as one. Nobody but this package knows Badger.
package disk
