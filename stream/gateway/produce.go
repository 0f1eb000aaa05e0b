package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// maxBufferedBytes of records wait for Kafka, and as many of dead letters. What does not fit is not waited for: its
// sender is told to come back.
const maxBufferedBytes = 16 << 20

// errSlow: Kafka has not acknowledged everything in time, or too much waits already.
var errSlow = errors.New("kafka is slow")

// producer writes deliveries. What a delivery gave up waiting for may still be written: the sender brings it again, and
// then it is there twice under one id.
type producer struct {
	raw, letters *kgo.Client // they differ in how large a batch may be
	topics       broker.Topics
	names        map[string]string
}

func newProducer(c *broker.Cluster, t broker.Topics) (*producer, error) {
	base := []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(2 * time.Millisecond), // senders wait for it
		kgo.MaxBufferedBytes(maxBufferedBytes),
	}
	raw, err := c.Client(append(base, broker.LogWriter()...)...)
	if err != nil {
		return nil, err
	}
	letters, err := c.Client(append(base, kgo.ProducerBatchMaxBytes(broker.MaxDeadLetterBytes))...)
	if err != nil {
		raw.Close()
		return nil, err
	}
	return &producer{raw: raw, letters: letters, topics: t, names: map[string]string{
		source.Comments: t.Comments, source.Reactions: t.Reactions, source.Orders: t.Orders,
	}}, nil
}

func (p *producer) close() {
	p.raw.Close()
	p.letters.Close()
}

// waitingBytes are what Kafka has not acknowledged yet.
func (p *producer) waitingBytes() int64 {
	return p.raw.BufferedProduceBytes() + p.letters.BufferedProduceBytes()
}

// keep returns nil once all of a batch is acknowledged by all in-sync replicas.
func (p *producer) keep(ctx context.Context, b batch) error {
	n := len(b.records) + len(b.letters)
	ends := make(chan error, n) // never blocks the client, also when nobody listens any more
	end := func(_ *kgo.Record, err error) { ends <- err }
	// What was begun is not called back when the sender is told to wait: a record that has been sent cannot be, and one
	// that has not is about to be.
	writing := context.WithoutCancel(ctx)
	for _, r := range b.records {
		topic := p.names[r.Topic]
		if topic == "" {
			return fmt.Errorf("an event for the topic %q, which no source may write to", r.Topic)
		}
		p.raw.TryProduce(writing, &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value}, end)
	}
	for _, l := range b.letters {
		p.letters.TryProduce(writing, ingest.Outside(p.topics, l.door, l.at, l.why, l.bytes), end)
	}
	for range n {
		select {
		case <-ctx.Done():
			return errSlow
		case err := <-ends:
			if errors.Is(err, kgo.ErrMaxBuffered) {
				return errSlow
			}
			if err != nil {
				return fmt.Errorf("writing a delivery: %w", err)
			}
		}
	}
	return nil
}
