package ingest

import (
	"math"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkEvent is all that ingest does for an event between the consumer and the producer: buffer, choose, decode,
// encode into a block, seal one in a hundred.
func BenchmarkEvent(b *testing.B) {
	var lanes []*lane
	for p := range int32(4) {
		l := newLane(RawComments, "raw", p, newSource("raw", "0123456789abcdef0123456789abcdef", p), testDecoder(b))
		l.surveyed(0, 0, 0, math.MinInt64)
		lanes = append(lanes, l)
	}
	records := make([]*kgo.Record, 25)
	for i := range records {
		records[i] = &kgo.Record{Value: []byte(benchComment), Timestamp: noon}
	}
	var target block
	b.ReportAllocs()
	for n := 0; n < b.N; {
		for _, l := range lanes {
			l.push(records, 0)
		}
		for {
			l, limit, _ := pick(lanes, time.Second, noon)
			if l == nil {
				break
			}
			for ok := true; ok; ok = l.buffered() > 0 && l.peek() <= limit {
				_, e, _ := l.take()
				target.add(e, l.source)
				n++
			}
		}
		target.seal()
	}
}
