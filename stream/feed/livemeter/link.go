package livemeter

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// LinkState is how a client is connected.
type LinkState uint8

// The states of a link.
const (
	Connecting LinkState = iota // zero: it has not begun, or is at it
	Open                        // the feed has welcomed it
	Silent                      // open by its own account, but heartbeats have stopped
	Waiting                     // the connection is lost; another is tried after a wait
	Ended                       // Run has returned, or is about to
)

func (s LinkState) String() string {
	return [...]string{"connecting", "open", "silent", "waiting", "ended"}[s]
}

// Link is how a client is connected.
type Link struct {
	State   LinkState
	Live    bool          // of Open: the feed has read all of its meters
	Attempt int           // of Connecting and Waiting: how many have failed in a row
	Wait    time.Duration // of Waiting
	Why     error         // of Waiting and Ended: how the connection ended; nil: as it was asked to
}

const (
	firstBackoff = 500 * time.Millisecond
	lastBackoff  = 15 * time.Second
	longestWait  = time.Minute     // however long the feed asks to be left alone
	settledAfter = 5 * time.Second // a feed that welcomes and hangs up must not be asked twice a second for ever
)

// backoff is the wait before attempt n = 1, 2, …: doubling, capped, and spread over its upper half so that a thousand clients do
// not come back to a restarted feed at the same moment. random is from 0 to 1.
func backoff(n int, random float64) time.Duration {
	full := float64(min(lastBackoff, firstBackoff<<min(n-1, 10)))
	return time.Duration(full * (.5 + random/2))
}

// keep connects again and again, until ctx ends or the feed says not to.
func (c *Client) keep(ctx context.Context) error {
	for attempt := 0; ; {
		c.linked(Link{State: Connecting, Attempt: attempt})
		lasted, err := c.connect(ctx)
		var final *NotTaken
		switch {
		case ctx.Err() != nil:
			c.linked(Link{State: Ended})
			return nil
		case errors.As(err, &final):
			c.linked(Link{State: Ended, Why: err})
			return fmt.Errorf("the feed: %w", err)
		}
		if lasted > settledAfter {
			attempt = 0
		}
		attempt++
		wait := max(backoff(attempt, rand.Float64()), askedFor(err))
		c.log.Warn("connection to the feed lost, and tried again", "err", err, "attempt", attempt, "wait", wait)
		select {
		case <-c.now: // of a moment when there was nothing to wait for
		default:
		}
		c.linked(Link{State: Waiting, Attempt: attempt, Wait: wait, Why: err})
		select {
		case <-ctx.Done():
		case <-c.now:
		case <-time.After(wait):
		}
	}
}
