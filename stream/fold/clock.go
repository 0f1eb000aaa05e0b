package fold

// logClock is a task's time: the append time of its records, made to go on where a broker's clock is set back.
//
//	append time   20:00:00  20:00:01  19:00:01  19:00:02 …      the broker's clock was set back by an hour
//	logClock      20:00:00  20:00:01  20:00:01  20:00:02 …      goes on, slower by a sixteenth, until append time is ahead
//
// It never goes back, and is append time wherever that is ahead. Were it to stand still instead, rooms would stand still
// for the hour, and what came after ten minutes of it would lie too far ahead to be believed. Slower, since nobody knows
// which of the broker's clocks was right: it meets append time in the end. It is a function of the log, as all that folds
// see, so a marker has both of its numbers.
type logClock struct {
	nowMS  int64
	lastMS int64 // append time since the broker's clock was set back last, as far as it is counted
}

const (
	clockSlower  = 16
	clockStepMS  = 10_000 // less than that back is not the clock being set: time stands still for so long
	clockLeapMS  = 60_000 // a pause longer than that, or a leap that does not catch up, is not counted
	clockUnknown = 0      // lastMS in a marker of a version that did not have it
)

// see takes in the append time of the next record.
func (c *logClock) see(ms int64) {
	switch {
	case ms >= c.nowMS:
		c.nowMS, c.lastMS = ms, ms
	case c.lastMS == clockUnknown || c.lastMS-ms > clockStepMS || ms-c.lastMS > clockLeapMS:
		c.lastMS = ms
	case ms > c.lastMS:
		n := (ms - c.lastMS) / clockSlower
		c.nowMS += n * (clockSlower - 1)
		c.lastMS += n * clockSlower
	}
}
