package feed

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/netsu/netsu/stream/broker"
)

// position is a place in the logs that the feed reads: per partition of the meters, then of the alerts, the offset that comes
// next. It means the same to every feed process, and a cursor is its text.
type position struct {
	epoch  string // of the topics: another one means that they were deleted and made anew
	meters []int64
	alerts []int64
	text   string // the cursor, once it was asked for; "": the place has moved on since
}

func newPosition(l *broker.Layout, t broker.Topics) position {
	if l == nil {
		return position{epoch: "e0", meters: make([]int64, 1), alerts: make([]int64, 1)}
	}
	h := fnv.New32a()
	for _, topic := range []string{t.Meters, t.Alerts} {
		fmt.Fprintln(h, topic, l.IDs[topic], l.Partitions[topic]) // never fails
	}
	return position{epoch: fmt.Sprintf("e%08x", h.Sum32()),
		meters: make([]int64, max(1, l.Partitions[t.Meters])), alerts: make([]int64, max(1, l.Partitions[t.Alerts]))}
}

// reachMeter moves the place in a partition of the meters on, reachAlert in one of the alerts; one that lies behind changes
// nothing.
func (p *position) reachMeter(partition int32, next int64) { p.reach(p.meters, partition, next) }

func (p *position) reachAlert(partition int32, next int64) { p.reach(p.alerts, partition, next) }

func (p *position) reach(log []int64, partition int32, next int64) {
	if int(partition) < len(log) && next > log[partition] {
		log[partition], p.text = next, ""
	}
}

// cursor is the position's text: the epoch, and the offsets as varints in base64. It is opaque to clients. Every edition of
// every view has one, and many have the same.
func (p *position) cursor() string {
	if p.text == "" {
		b := make([]byte, 0, 4*(len(p.meters)+len(p.alerts)))
		for _, log := range [][]int64{p.meters, p.alerts} {
			for _, next := range log {
				b = binary.AppendUvarint(b, uint64(next))
			}
		}
		p.text = p.epoch + ":" + base64.RawURLEncoding.EncodeToString(b)
	}
	return p.text
}

var (
	errCursor        = errors.New("expected a cursor as a frame of this feed had it")
	errForeignCursor = errors.New("the cursor is of other topics: those that it was given for were deleted or made anew")
)

// readCursor reads a cursor's epoch and offsets.
func readCursor(cursor string) (epoch string, offsets []int64, err error) {
	epoch, text, ok := strings.Cut(cursor, ":")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if !ok || err != nil || epoch == "" {
		return "", nil, errCursor
	}
	for len(raw) > 0 {
		next, n := binary.Uvarint(raw)
		if n <= 0 || next > 1<<62 {
			return "", nil, errCursor
		}
		offsets, raw = append(offsets, int64(next)), raw[n:]
	}
	return epoch, offsets, nil
}

// parse reads a cursor of the same topics as p.
func (p *position) parse(cursor string) (position, error) {
	epoch, offsets, err := readCursor(cursor)
	if err != nil {
		return position{}, err
	}
	if epoch != p.epoch || len(offsets) != len(p.meters)+len(p.alerts) {
		return position{}, errForeignCursor
	}
	return position{epoch: epoch, meters: offsets[:len(p.meters)], alerts: offsets[len(p.meters):]}, nil
}
