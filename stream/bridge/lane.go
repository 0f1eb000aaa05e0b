package bridge

import (
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What a lane holds before its partition is paused. It is fetched again at half of either.
const (
	maxLaneRecords = 5000
	maxLaneBytes   = 4 << 20
)

// unknown is an offset that is not known yet.
const unknown = int64(-1)

type place struct {
	topic     string
	partition int32
}

func (p place) String() string { return fmt.Sprintf("%s/%d", p.topic, p.partition) }

// lane is one partition of a topic that is read.
type lane struct {
	place
	in        *Input
	records   []*kgo.Record
	bytes     int
	next      int64 // offset behind what was taken
	epoch     int32
	committed int64
	end       int64 // of the partition, as far as is known
	paused    bool
	barred    time.Time // until when it is not read, because it could not be; zero: it can

	head    *outcome  // of records[0], once it is decoded
	again   time.Time // when to try to decode it again; zero: whenever there is an answer
	lacking time.Time // since when it should have a head and has none; zero: it does not
}

func newLane(at place, in *Input) *lane {
	return &lane{place: at, in: in, next: unknown, committed: unknown, end: unknown}
}

func (l *lane) push(records []*kgo.Record) {
	for _, r := range records {
		l.records = append(l.records, r)
		l.bytes += len(r.Key) + len(r.Value)
		l.end = max(l.end, r.Offset+1)
	}
}

func (l *lane) overfull() bool { return len(l.records) >= maxLaneRecords || l.bytes >= maxLaneBytes }
func (l *lane) drained() bool  { return len(l.records) <= maxLaneRecords/2 && l.bytes <= maxLaneBytes/2 }

// behind tells whether there is more in the partition than was taken.
func (l *lane) behind() bool {
	return len(l.records) > 0 || l.end == unknown || l.end > 0 && (l.next == unknown || l.next < l.end)
}

// waits tells whether the lane stands still for want of a schema. One that only has not been looked at since its last record
// was taken, as the producer is full, does not.
func (l *lane) waits() bool { return len(l.records) > 0 && l.head == nil && !l.again.IsZero() }

// take removes the head.
func (l *lane) take() (*kgo.Record, *outcome) {
	r, out := l.records[0], l.head
	l.records[0] = nil
	l.records = l.records[1:]
	l.bytes -= len(r.Key) + len(r.Value)
	l.next, l.epoch = r.Offset+1, r.LeaderEpoch
	l.head, l.again = nil, time.Time{}
	return r, out
}

// pick is the lane whose head is the earliest. If it is nil, wait is how long until there may be one; zero: until
// something comes. A lane that should have a head and has none, as it is not fetched or its schema is not here, is waited
// for, but for no longer than align: otherwise events of one topic would be written long before those of another of the
// same time, and found late.
func pick(lanes []*lane, align time.Duration, now time.Time) (next *lane, wait time.Duration) {
	lacking := false
	for _, l := range lanes {
		switch {
		case l.head != nil:
			l.lacking = time.Time{}
			if next == nil || l.head.timeMS < next.head.timeMS {
				next = l
			}
		case !l.behind():
			l.lacking = time.Time{}
		default:
			if l.lacking.IsZero() {
				l.lacking = now
			}
			if left := align - now.Sub(l.lacking); left > 0 {
				lacking = true
				if wait == 0 || left < wait {
					wait = left
				}
			}
		}
	}
	if lacking {
		return nil, wait
	}
	return next, 0
}
