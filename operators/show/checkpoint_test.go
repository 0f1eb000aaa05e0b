package show

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// BenchmarkCheckpoint is what the cut of a room costs that 4,000 people are in, of whom somebody does something 57 times a
// second: nanoseconds and allocations a cut, every 5 s of event time, and the bytes that it puts, by table. (What is folded
// between the cuts is not timed.)
func BenchmarkCheckpoint(b *testing.B) {
	m := state.Memory{}
	f, store := newFold(b, m)
	for _, c := range brandEntries500() {
		f.learn(c)
	}
	room := &chatter{fold: f, random: rand.New(rand.NewPCG(1, 2)), ms: base}
	cut := func() []state.Entry {
		entries := store.Cut()
		m.Write(entries)
		store.Written()
		return entries
	}
	for range 60 {
		room.pass(b, 5000)
		cut()
	}
	b.ReportAllocs()
	b.ResetTimer()
	bytes := map[string]int{}
	for range b.N {
		b.StopTimer()
		room.pass(b, 5000)
		b.StartTimer()
		entries := store.Cut()
		b.StopTimer()
		m.Write(entries)
		store.Written()
		for _, e := range entries {
			table, _, _ := strings.Cut(e.Key, "/")
			bytes[table] += len(e.Key) + len(e.Value)
			bytes["all"] += len(e.Key) + len(e.Value)
		}
		b.StartTimer()
	}
	for table, n := range bytes {
		b.ReportMetric(float64(n)/float64(b.N), table+"-B/op")
	}
}

// chatter is a room that talks: a quarter of what is done in it are comments of words of a vocabulary in which few are said
// often and many hardly ever.
type chatter struct {
	fold   *Fold
	random *rand.Rand
	ms     int64
	n      uint64
	record operators.Record
	out    operators.Outputs
}

func (c *chatter) pass(t testing.TB, ms int64) {
	for end := c.ms + ms; c.ms < end; {
		c.ms += 1000
		c.record.Offset, c.record.AppendMS = c.record.Offset+1, c.ms
		c.record.Events = c.record.Events[:0]
		for range 57 {
			c.record.Events = append(c.record.Events, c.event())
		}
		c.out.Reset()
		if err := c.fold.Apply(&c.record, &c.out); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *chatter) event() *eventpb.Event {
	c.n++
	person := (c.random.Uint64N(4000) + 1) * 0x9e3779b97f4a7c15
	e := &eventpb.Event{
		ShowId: "S1", Count: 1, Kind: eventpb.Kind_KIND_LIKE, TimeMs: c.ms - c.random.Int64N(1500),
		IdHi: c.n * 0x9e3779b97f4a7c15, IdLo: c.n, PersonHi: person, PersonLo: person,
	}
	if c.n%4 == 0 {
		e.Kind = eventpb.Kind_KIND_COMMENT
		var words []string
		for range 1 + c.random.IntN(6) {
			words = append(words, fmt.Sprint("word", int(1/(c.random.Float64()+1./8000))))
		}
		e.Text = strings.Join(slices.Compact(words), " ")
	}
	return e
}
