package retain

import (
	"sync"
	"time"
)

const (
	leap    = time.Minute    // more than that ahead of what has passed is one
	believe = 24 * time.Hour // that long after it began it is no leap any more
)

// Clock is safe for concurrent use.
type Clock struct {
	wall   func() time.Time
	passed func() time.Duration // since some moment, by a clock that nobody sets

	mu      sync.Mutex
	said    time.Time // the latest reading
	at      time.Duration
	leaping bool
	since   time.Duration // of leaping
}

// New is a clock over a wall clock; nil: the machine's. last is the latest time that is known to have been; zero: none is.
func New(wall func() time.Time, last time.Time) *Clock {
	if wall == nil {
		wall = time.Now
	}
	began := time.Now()
	c := &Clock{wall: wall, passed: func() time.Duration { return time.Since(began) }, said: last}
	if last.IsZero() {
		c.said = wall().Round(0)
	}
	return c
}

// Now is the time by which things are old.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, passed := c.wall().Round(0), c.passed() // without the monotonic reading, by which Go would compare
	went := passed - c.at
	switch on := c.said.Add(went); {
	case !wall.After(on.Add(leap)):
		c.said, c.leaping = wall, false
	case c.leaping && passed-c.since >= believe:
		c.said, c.leaping = wall, false
	default:
		if !c.leaping {
			c.leaping, c.since = true, passed
		}
		c.said = on.Add(went)
		if c.said.After(wall) {
			c.said = wall
		}
	}
	c.at = passed
	return c.said
}
