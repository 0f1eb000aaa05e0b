package ingest

import (
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// A lane is paused when it has buffered more than this, and goes on at a quarter of it. With what is under way, memory
// is at most lanes × (maxLaneBytes + one fetch).
const (
	maxLaneBytes   = 4 << 20
	maxLaneRecords = 20_000
)

const unknown = -1

// lane is one raw partition that this member reads: what was fetched and not yet taken, and how far it is.
type lane struct {
	raw       Raw
	topic     string
	partition int32
	source    *source
	decoder   *Decoder

	queue  []*kgo.Record
	first  int // of queue; what is before was taken
	bytes  int
	paused bool
	barred time.Time // until when it is not read, because it could not be; zero: it can

	taken     bool      // any record so far
	next      int64     // offset after the last record taken; before the first, where reading begins, or unknown
	committed int64     // as last acknowledged, or unknown
	epoch     int32     // leader epoch of the last record taken
	start     int64     // of the log, as last probed
	end       int64     // of the log, as last heard (the last stable offset), or unknown
	saidMS    int64     // event time reached, as last committed: by this member, or its owner before; math.MinInt64: nobody has said
	dry       time.Time // since when it has been found empty though it is behind; zero: it is not

	maxTimeMS int64 // greatest event time so far: the alignment key
	input     Input
	head      *eventpb.Event // of the first record, if decoded
	rejected  *Reject
	decoded   bool
}

func newLane(raw Raw, topic string, partition int32, source *source, d *Decoder) *lane {
	return &lane{raw: raw, topic: topic, partition: partition, source: source, decoder: d,
		next: unknown, committed: unknown, end: unknown, epoch: -1, saidMS: math.MinInt64,
		maxTimeMS: math.MinInt64}
}

func (l *lane) buffered() int { return len(l.queue) - l.first }

// push appends what was fetched.
func (l *lane) push(records []*kgo.Record, end int64) {
	l.dry = time.Time{}
	l.end = max(l.end, end)
	if l.first > 0 && l.first == len(l.queue) {
		l.queue, l.first = l.queue[:0], 0
	}
	for _, r := range records {
		l.queue = append(l.queue, r)
		l.bytes += recordBytes(r)
	}
}

func recordBytes(r *kgo.Record) int { return len(r.Key) + len(r.Value) + 64 }

// caughtUp tells that there was nothing more to read when last heard.
func (l *lane) caughtUp() bool {
	return l.end != unknown && l.next != unknown && max(l.next, l.start) >= l.end
}

// surveyed takes in what the cluster said: where the log begins and ends and, until a record was taken, where reading
// begins: at the group's commit, or at the start where there is none or it is out of range.
func (l *lane) surveyed(start, end, committed, saidMS int64) {
	l.start, l.end = max(l.start, start), max(l.end, end)
	if l.taken {
		return
	}
	l.saidMS = max(l.saidMS, saidMS)
	l.next = l.start
	if committed >= l.start && committed <= end {
		l.next = committed
	}
	if l.buffered() > 0 {
		l.next = l.queue[l.first].Offset
	}
}

// reachedMS is the event time before which nothing is left in the lane, as far as is known while nothing is buffered.
func (l *lane) reachedMS() int64 { return max(l.maxTimeMS, l.saidMS) }

// dryFor tells that the lane has been found empty, though it is behind, for so long.
func (l *lane) dryFor(d time.Duration, now time.Time) bool {
	return !l.dry.IsZero() && now.Sub(l.dry) >= d
}

// peek decodes the first record, once, and returns its alignment key: the greatest event time so far.
func (l *lane) peek() int64 {
	if !l.decoded {
		l.decode(l.queue[l.first])
	}
	return l.maxTimeMS
}

func (l *lane) decode(r *kgo.Record) {
	l.decoded, l.head, l.rejected = true, nil, nil
	if r.Attrs.IsControl() {
		return
	}
	partition, offset := origin(r)
	l.input = Input{Raw: l.raw, Topic: l.topic, Partition: partition, Offset: offset, Key: r.Key, Value: r.Value,
		RecordMS: r.Timestamp.UnixMilli(), Appended: r.Attrs.TimestampType() == 1}
	l.head, l.rejected = l.decoder.Decode(&l.input)
	// An entry without a time of its own is in force from its place in the log: it waits for nobody.
	if l.head != nil && !(l.raw == RawCatalog && l.head.TimeMs == l.input.RecordMS) {
		l.maxTimeMS = max(l.maxTimeMS, l.head.TimeMs)
	}
}

// take removes the first record, which was peeked at. The event is nil for a record that is none (a transaction marker,
// or a reject, which is then not nil); it is valid until the next peek.
func (l *lane) take() (r *kgo.Record, e *eventpb.Event, rejected *Reject) {
	r = l.queue[l.first]
	l.queue[l.first] = nil
	l.first++
	if l.first == len(l.queue) {
		l.queue, l.first = l.queue[:0], 0
	}
	l.bytes -= recordBytes(r)
	l.taken, l.next, l.epoch = true, r.Offset+1, r.LeaderEpoch
	l.decoded = false
	return r, l.head, l.rejected
}

// overfull and drained are when a lane is paused and goes on.
func (l *lane) overfull() bool { return l.bytes > maxLaneBytes || l.buffered() > maxLaneRecords }
func (l *lane) drained() bool  { return l.bytes <= maxLaneBytes/4 && l.buffered() <= maxLaneRecords/4 }

// pick chooses the lane to take from: the one whose first record has the least key, so that partitions that lie behind
// advance together in event time. limit is the least key among the others: the caller may take from the lane as long
// as its key does not exceed it. A lane that is behind but has nothing buffered may hold something older, so everyone
// waits for it, until it has been found dry for align: then lane is nil and wait says how long. A lane that has caught
// up makes nobody wait. wait is 0 where there is simply nothing to take.
func pick(lanes []*lane, align time.Duration, now time.Time) (best *lane, limit int64, wait time.Duration) {
	limit = math.MaxInt64
	least := int64(math.MaxInt64)
	for _, l := range lanes {
		if l.buffered() == 0 {
			if l.caughtUp() {
				continue
			}
			// Not since its last fetch: taking what that brought may itself have lasted longer than align.
			if l.dry.IsZero() {
				l.dry = now
			}
			wait = max(wait, align-now.Sub(l.dry))
			continue
		}
		switch key := l.peek(); {
		case best == nil || key < least:
			best, least, limit = l, key, least
		case key < limit:
			limit = key
		}
	}
	if wait > 0 {
		if best == nil {
			wait = 0
		}
		return nil, 0, wait
	}
	return best, limit, 0
}
