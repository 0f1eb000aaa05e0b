// Package fold runs the folds of one stage: it places partitions, feeds them their log, publishes what they say, and
// makes what they remember survive.
//
//	consumer group ──assigned, revoked, lost──▶ Runner ──▶ task per partition, each in a goroutine of its own
//
//	task:  raise the epoch ─▶ restore ─▶ ┌─▶ block ─▶ drop what was seen ─▶ Fold.Apply ─▶ Outputs ─▶ producer
//	                                     └──────────────┐      │ every 5 s: cut
//	                                                    │      ▼
//	       checkpoint, behind the fold:  outputs acknowledged ─▶ changelog transaction ─▶ disk ─▶ its mark ─▶ group offset
//
// The group says who owns what and nothing else; its client fetches nothing. Each task reads its partition with a
// client of its own, from the offset that its state left off at. So a restore holds up no other partition and no
// rebalance, and there is no position but the one in the state. The offset committed to the group is for lag displays.
//
// # Why each event counts once
//
// Let S(m) be the state after all input before offset m. A checkpoint writes S(m) and m in one transaction, after all
// outputs of input before m were acknowledged. A crash at any point leaves some S(m) as the last one committed; the
// next owner restores it, reads on at m and says again what was said of input from m on. Folds being deterministic,
// what it says again is the same, with the same positions (input partition, offset, index), and readers drop what is
// not after the greatest position that they have seen from that source. The same rule, in this package, drops what
// upstream says again; the greatest positions are part of S.
//
// When a cut is made is of no consequence to what is in it, so the runner may decide that by the clock and by memory.
// Everything that a fold sees is in the log: events, append times, ticks.
//
// # Without state
//
// A task without state begins with its log, if that is whole. If retention has taken its first records, the task refuses
// (ErrStateLost): what it would say lacks them, and would replace what is right in a compacted topic. Told to begin all the
// same, it keeps in its marker how many records are missing.
//
// # Why outputs come in order and without gaps
//
// Readers drop by greatest position, so a record that failed must not be overtaken by a later one of its partition. The
// producer is idempotent, never gives a record up (no retry limit, no timeout), and its records share one context: the
// first that fails (a topic deleted or no longer permitted, a client closed) cancels all that are not yet sent, and
// every task that wrote through it starts again from its last checkpoint with a new producer. kgo itself fails what is
// buffered for a partition together with the record that failed; what is left is a record handed to it between that
// moment and the callback, which waits for its linger of 5 ms first.
//
// # Owners that do not know that they are not
//
// A zombie (paused for longer than the group's session, or cut off from its coordinator) can commit nothing: its epoch
// is over (state/changelog). It can publish outputs for as long as the group lets it believe; those are the same
// records as its successor's, or later ones of the same log, and readers drop what they have seen. In a compacted topic
// an old meter can so come to lie behind a newer one and be what a reader finds who starts later; the next emission
// mends it. A task that has been fenced asks the group's coordinator whether it is still a member before it raises the
// epoch again, so a zombie does not fence its successor in turn.
//
// # Upgrades
//
// State is of a version, Stage.Schema, which each marker says. A task goes on from state of its own version, or of an older
// one down to Stage.Oldest: it brings that to its own before it folds anything, all or nothing (Stage.Migrate, migrate.go),
// or the fold reads older values as they are. Any other is refused before anything is folded: all that a refusing task
// writes to the changelog is its fence. So processes of two versions share a group for as long as an upgrade takes; a
// partition goes from the older to the newer and not back, and one that the group gives to an older process after all stands
// still there, and says so, until a newer has it.
//
// # Standbys
//
// Beside the tasks, a runner keeps copies of partitions that others own (Config.Standbys of each): it follows their
// changelogs into its own disk. When an owner dies, the group gives its partitions to members with copies, whose tasks then
// restore what came since the copy's mark, as after a restart on the owner's own disk. Which member that is, and how groups
// with members of versions without standbys work, is placement's to say.
//
//	owner ──checkpoint──▶ changelog ──follow──▶ standby's disk
//	  ✝                       └──since the mark──▶ task, on the same disk
//
// A copy is never needed for correctness. If it is behind, fails or is not there, the task reads more of the changelog. A
// standby takes nothing over and says nothing to the log, so it cannot disturb an owner, be it one too many. A partition's
// part of the disk has one writer at a time: a task waits until the standby has ended, which writes one more batch at the
// most, and the other way round.
//
// What is copied takes as much disk again for each copy, and of what the owner's checkpoints cost, the reading and the
// writing to disk. What a disk holds of partitions that are neither owned nor copied here any more is left there; it is
// where a later copy begins.
//
// # Limits
//
// Outputs in flight: 16 MiB a task, then the fold waits. Dirty state: a checkpoint is made once DirtyKeys have changed,
// and while one is being written and the next is due, the fold waits. Clean state: CacheBytes a task. Input: one fetch
// of at most 8 MiB a task. A standby: a fetch of at most 8 MiB, and a batch of 4 MiB on its way to the disk. Sources whose positions are kept: 65,536, then the task fails and says so.
package fold
