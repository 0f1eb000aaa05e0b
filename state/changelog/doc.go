// Package changelog is the copy of a task's state that survives its machine: one partition of a compacted Kafka topic,
// written in transactions, read back by whoever owns the task next.
//
//	key        value
//	table/key  the state of that key; null: it is gone
//	!marker    state.Marker (JSON): what the keys up to here are the state of
//	!fence     who took the partition over, and when (JSON, for people)
//
//	Open:     raise the epoch ──▶ commit a fence record at F
//	Restore:  disk's mark ──▶ … committed records … ──▶ F ──▶ disk, then its mark
//	Write:    begin, entries, marker ──▶ commit
//	Follow:   disk's mark ──▶ … committed records … ──▶ disk, its mark at each marker; on and on
//
// Why nothing that was committed is missed and nothing is committed behind a new owner's back:
//
//  1. The transactional id belongs to the stage and partition, so raising its epoch (InitProducerID) first ends what the
//     former owner had open, and lets it begin or commit nothing more.
//  2. The fence record is then committed by the new owner. Whatever the former one had committed lies before it in the
//     partition. A read-committed reader that has come to the fence has therefore read all of it; there is no end offset
//     to ask for, and so none to misjudge (a high watermark that lags after a change of leader, control records and
//     compacted batches that a client never shows, a last stable offset held back).
//  3. The fence carries the new epoch into the partition itself, so what the former owner has still on its way there is
//     refused by the partition's leader, whatever its coordinator thinks.
//
// Invariant: a transaction holds a whole cut and its marker, or nothing is seen of it. After any error the Log is
// spent: the outcome of its last commit may be unknown. Close it, open another, restore; that finds out.
//
// Follow keeps a copy on the disk of a process that does not own the partition, so that the one that takes it over next has
// little left to restore. It holds no transactional id and writes nothing to Kafka. Restore and Follow put what they read on
// the disk by the same code (applier), so a disk that was followed and one that made the checkpoints itself are alike.
//
// An entry larger than MaxEntryBytes is refused, since a Kafka record must hold it: state.Pieces makes large values several.
package changelog
