// Package retain tells by which time what is kept on disk is old, where the wall clock may be set.
//
//	wall clock   20:00  20:01  21:02 …          set forward by an hour
//	Clock        20:00  20:01  20:02  20:04 …   twice as fast as time passes, until it is there
//
// What is deleted for its age does not come back when the clock is set right again. So a leap forward is believed only as
// far as it has lasted: the Clock catches up at twice the speed, and after a day at once. One that is mended within ten minutes
// has made nothing older by more than ten. A process that begins cannot tell a leap from the time in which it was not there, and
// treats both the same, from the latest time that its files know of.
//
// Set back, the Clock follows at once: deleting pauses, and goes on when the wall clock has caught up, or at the latest a day
// after it was set right.
//
// Invariants. It is never later than the wall clock, and never further behind it than it has been told; a day after the last
// leap it is the wall clock. It does not correct what was stamped with a wrong time.
package retain
