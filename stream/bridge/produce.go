package bridge

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// What may be under way to the broker. Beyond it the loop takes nothing more until acknowledgements come.
const (
	maxInflightBytes   = 16 << 20
	maxInflightRecords = 4096
)

// producer writes raw events and dead letters and knows what is not acknowledged.
type producer struct {
	raw, letters *kgo.Client // they differ in how large a batch may be
	names        map[string]string
	records      atomic.Int64
	bytes        atomic.Int64
	failed       atomic.Pointer[error]
	wake         chan struct{} // holds one token: something was acknowledged or failed
}

func newProducer(c *broker.Cluster, t broker.Topics) (*producer, error) {
	base := []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(5 * time.Millisecond),
		kgo.MaxBufferedRecords(4 * maxInflightRecords), // never reached: full() stops before
	}
	raw, err := c.Client(append(base, broker.LogWriter()...)...)
	if err != nil {
		return nil, fmt.Errorf("making the client for raw events: %w", err)
	}
	letters, err := c.Client(append(base, kgo.ProducerBatchMaxBytes(broker.MaxDeadLetterBytes))...)
	if err != nil {
		raw.Close()
		return nil, fmt.Errorf("making the client for dead letters: %w", err)
	}
	return &producer{raw: raw, letters: letters, names: rawTopics(t), wake: make(chan struct{}, 1)}, nil
}

func (p *producer) close() {
	p.raw.Close()
	p.letters.Close()
}

// write sends a record on behalf of a span; it does not block.
func (p *producer) write(client *kgo.Client, r *kgo.Record, s *span) {
	size := int64(len(r.Key) + len(r.Value))
	s.pending.Add(1)
	p.records.Add(1)
	p.bytes.Add(size)
	client.Produce(context.Background(), r, func(r *kgo.Record, err error) {
		if err != nil {
			err = fmt.Errorf("writing to %s: %w", r.Topic, err)
			p.failed.CompareAndSwap(nil, &err)
		} else {
			s.pending.Add(-1)
		}
		p.records.Add(-1)
		p.bytes.Add(-size)
		select {
		case p.wake <- struct{}{}:
		default:
		}
	})
}

func (p *producer) full() bool {
	return p.records.Load() >= maxInflightRecords || p.bytes.Load() >= maxInflightBytes
}

// err is the first failure; nothing may be committed after it.
func (p *producer) err() error {
	if e := p.failed.Load(); e != nil {
		return *e
	}
	return nil
}

// settle waits until everything is acknowledged, for so long.
func (p *producer) settle(limit time.Duration) error {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for p.records.Load() > 0 {
		select {
		case <-p.wake:
		case <-timeout.C:
			return fmt.Errorf("%d records were not acknowledged within %s", p.records.Load(), limit)
		}
	}
	return p.err()
}

// offsets are positions by topic and partition.
type offsets = map[string]map[int32]kgo.EpochOffset

// span is what was written between two commits.
type span struct {
	pending atomic.Int64
	at      offsets // positions at its end; nil: it is open
}
