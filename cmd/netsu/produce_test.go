package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/source"
)

// Before a record is handed over, all whose event time is 10 s or more away are acknowledged, be it before or after: no
// topic runs ahead of another. One with a wild time does not end that.
func TestProducerKeepsTopicsTogether(t *testing.T) {
	logger := slog.New(slog.DiscardHandler)
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Dir: t.TempDir(), Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	topics := broker.DefaultTopics()
	if _, err := broker.Create(t.Context(), e.Cluster(), topics, 2, 1); err != nil {
		t.Fatal(err)
	}
	p, err := newProducer(e.Cluster(), topics)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	const begin, year = 1_764_000_000_000, 365 * 86_400_000
	arrive := int64(0)
	write := func(topic string, timeMS int64) {
		t.Helper()
		arrive++
		r := source.Record{Topic: topic, Value: []byte("{}"), TimeMS: timeMS, ArriveMS: begin + 2*year + arrive}
		if err := p.write(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		for _, at := range []int64{begin, begin + spread.Milliseconds(), begin + year, begin + 1, begin - year} {
			write(source.Comments, at)
			before := arrive
			write(source.Orders, at+spread.Milliseconds())
			if got := p.ackedMS(); got < begin+2*year+before {
				t.Fatalf("a record at %d was handed over while one 10 s before it was not acknowledged", at)
			}
		}
	}
	if err := p.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Within the spread nothing waits: the linger alone would make this 2 s.
	began := time.Now()
	for i := range 1000 {
		write(source.Comments, begin+int64(i))
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("1000 records of one second took %v to hand over", took)
	}
}
