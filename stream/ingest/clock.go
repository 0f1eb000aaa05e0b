package ingest

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// clock is the time that ticks claim and that events from the future are judged by: the wall clock, made to go on where
// that is set back. It then goes by what has passed, slower by a sixteenth, until the wall clock is ahead again. Else no
// room would fall idle for as long as the clock was set back, and what people do meanwhile would be turned away as the
// future. A leap forward is followed: folds bear it (operators/show/clock.go). A new process goes on from what the ticks in the
// logs have claimed (resumeClock).
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

// goOn has the clock be no earlier than a time from here on.
func (c *clock) goOn(from time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if from.After(c.said) {
		c.said, c.at = from, c.passed()
	}
}

const (
	clockFar  = 24 * time.Hour // ahead: further than any zone or summer time, so it was that clock that was wrong
	clockNear = time.Minute    // ahead: clocks of machines differ
)

// resumeClock has a new process go on from the greatest time that ticks claim: its machine's clock may have been set back
// while there was none, or be behind that of the machine that had the work before.
func (in *ingest) resumeClock(ctx context.Context) {
	last, err := lastTick(ctx, in.Config)
	ahead := last.Sub(in.clock.now())
	switch {
	case err != nil:
		in.Logger.Warn("ingest: what time ticks claim is not known; the wall clock's is taken", "err", err)
	case ahead > clockFar:
		in.Logger.Warn("ingest: ticks claim a time that is too far ahead to be believed; the wall clock's is taken, and quiet rooms "+
			"do not fall idle until it is later. Is this machine's clock right?", "ticks", last, "ahead", ahead.Round(time.Second))
	default:
		if ahead > clockNear {
			in.Logger.Warn("ingest: the wall clock is behind what ticks claim, and was set back; time goes on from there, slower by a "+
				"sixteenth, until it is ahead. Is this machine's clock right?", "ticks", last, "ahead", ahead.Round(time.Second))
		}
		in.clock.goOn(last)
	}
}

const (
	lastTickBack = 200             // records looked through for a tick: there are four ticks a second
	lastTickWait = 5 * time.Second // for an answer
)

// lastTick is the time of the last tick at the end of a log, zero where there is none. It looks at credits, which have the fewest
// records.
func lastTick(ctx context.Context, c Config) (last time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, lastTickWait)
	defer cancel()
	topic := c.Topics.Credits
	cl, err := c.Cluster.Client()
	if err != nil {
		return last, err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return last, fmt.Errorf("asking where %s begins: %w", topic, err)
	}
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return last, fmt.Errorf("asking where %s ends: %w", topic, err)
	}
	start, _ := starts.Lookup(topic, 0)
	end, _ := ends.Lookup(topic, 0)
	if err := cmp.Or(start.Err, end.Err); err != nil {
		return last, fmt.Errorf("asking how far %s reaches: %w", topic, err)
	}
	next := max(start.Offset, end.Offset-lastTickBack)
	cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(next)}})
	for next < end.Offset {
		fetched := cl.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			return last, fmt.Errorf("reading the end of %s: %w", topic, c.Cluster.Denied(err, broker.Use{Operation: "Read", Topic: topic}))
		}
		fetched.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			var b eventpb.Block
			if b.UnmarshalVT(r.Value) != nil {
				return // the folds say so
			}
			for _, e := range b.Events {
				if e.Kind == eventpb.Kind_KIND_TICK && e.TimeMs > last.UnixMilli() {
					last = time.UnixMilli(e.TimeMs)
				}
			}
		})
	}
	return last, nil
}
