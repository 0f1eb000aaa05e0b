package ingest

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxDrift is how far, in event time, a member takes its records ahead of a partition that another reads, or nobody, and that
// lies behind. A fold calls late what comes 35 s behind the latest: what is left is for the disorder of producers.
const maxDrift = 20 * time.Second

// hurriedEvery is the rhythm of commits and of probes while members are catching up side by side: each learns from the others'
// commits how far they are, so that catching up is no faster than maxDrift in about twice this.
const hurriedEvery = 100 * time.Millisecond

// surveyHolds is how long what a survey said keeps anything from being taken. Without news for longer, a member goes on alone.
const surveyHolds = 5 * time.Second

// drift holds members together in event time, as watermark alignment does in Flink. Lanes of one member are aligned by
// pick. Of the others' partitions a member knows what the group's commits say: the offset, and with it the time that the
// owner had reached. It decides nothing for a partition that has been caught up with, nor for what has just happened, so it does
// not matter to a steady stream; and no partition keeps it waiting that does not move.
type drift struct {
	others map[place]*other // at most the raw partitions
	beside bool             // some of them are not this member's
	mineMS int64            // how far this member was before the next survey began
	upTo   int64            // event time up to which records may be taken
	blind  bool             // there is a partition of which nobody has said how far it is
	until  time.Time        // when neither counts any more
}

// other is a raw partition that this member does not read, or from which nothing comes.
type other struct {
	next      int64 // offset
	reachedMS int64 // nothing before it is left in the partition; math.MinInt64: nobody has said
	behind    bool
	since     time.Time // it has been behind without moving
}

func newDrift() *drift {
	return &drift{others: map[place]*other{}, mineMS: math.MinInt64, upTo: math.MaxInt64}
}

// unsure has everything wait for the next survey, as partitions have changed hands, but not for longer than that takes at most.
func (d *drift) unsure(limit time.Duration, now time.Time) {
	d.upTo, d.until = math.MinInt64, now.Add(limit)
}

// surveyed takes in a full survey. A partition that has been caught up with in it is as far as this member was before it,
// since what is written to the partition later happens later. One that does not move is waited for with patience: its owner may be
// dead, and the next takes its time.
func (d *drift) surveyed(s *survey, mine map[place]*lane, patience time.Duration, now time.Time) {
	d.upTo, d.blind, d.beside, d.until = math.MaxInt64, false, false, now.Add(surveyHolds)
	for at, end := range s.ends {
		next, said := s.group(at), s.said(at)
		l := mine[at]
		switch {
		case l == nil:
			d.beside = true
		case l.buffered() > 0 || l.caughtUp():
			delete(d.others, at)
			continue
		default:
			next, said = l.next, l.reachedMS()
		}
		o := d.others[at]
		if o == nil {
			o = &other{reachedMS: math.MinInt64}
			d.others[at] = o
		}
		switch {
		case o.surveyed(next, end, said, d.mineMS, now) >= patience:
		case o.reachedMS == math.MinInt64:
			d.blind = true
		default:
			d.upTo = min(d.upTo, o.reachedMS+maxDrift.Milliseconds())
		}
	}
}

// surveyed returns for how long the partition has been behind without moving; without end if it is not behind.
func (o *other) surveyed(next, end, saidMS, mineMS int64, now time.Time) time.Duration {
	if next >= end {
		o.behind, o.reachedMS = false, max(o.reachedMS, saidMS, mineMS)
		return math.MaxInt64
	}
	if !o.behind || next != o.next || saidMS > o.reachedMS {
		o.since = now
	}
	o.behind, o.next, o.reachedMS = true, next, max(o.reachedMS, saidMS)
	return now.Sub(o.since)
}

// holds tells that a record must wait. What has happened within maxDrift waits for nobody.
func (d *drift) holds(timeMS int64, now time.Time, c *clock) bool {
	return (timeMS > d.upTo || d.blind) && now.Before(d.until) && timeMS < c.now().Add(-maxDrift).UnixMilli()
}

// The time that a member has reached goes with each offset that it commits, as the offset's metadata.
const noteTime = "event_ms="

func noteOf(reachedMS int64) string {
	if reachedMS == math.MinInt64 {
		return ""
	}
	return noteTime + strconv.FormatInt(reachedMS, 10)
}

// readNote tells whether it is one: an older version, or a tool that set the offset, says nothing of time.
func readNote(note string) (ms int64, ok bool) {
	said, ok := strings.CutPrefix(note, noteTime)
	ms, err := strconv.ParseInt(said, 10, 64)
	return ms, ok && err == nil
}
