package ingest

import (
	"sync"
	"time"
)

// clock is the time that ticks claim and that events from the future are judged by: the wall clock, made to go on where
// that is set back. It then goes by what has passed, slower by a sixteenth, until the wall clock is ahead again. Else no
// room would fall idle for as long as the clock was set back, and what people do meanwhile would be turned away as the
// future. A leap forward is followed: folds bear it (operators/show/clock.go). A new process begins with the wall clock.
type clock struct {
	wall   func() time.Time
	passed func() time.Duration // since some moment, by a clock that nobody sets

	mu   sync.Mutex
	said time.Time     // the latest reading
	at   time.Duration // passed, as of then
}

// clockSlower is the part by which the clock is slower while the wall clock is behind it.
const clockSlower = 16

func newClock() *clock {
	began := time.Now()
	return &clock{wall: time.Now, passed: func() time.Duration { return time.Since(began) }}
}

// now never goes back.
func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Without its monotonic reading, by which Go would compare.
	wall, passed := c.wall().Round(0), c.passed()
	if wall.Before(c.said) {
		went := passed - c.at
		wall = c.said.Add(went - went/clockSlower)
	}
	c.said, c.at = wall, passed
	return wall
}
