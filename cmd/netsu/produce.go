package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/source"
)

// producer writes raw records to the raw topics. At most maxUnacked wait for their acknowledgement; then write blocks.
//
// It never lets one topic run ahead of another by more than spread of event time: before a record that is further from
// the first of those not yet known to be acknowledged, it waits for these. Ingest can align partitions only by what lies
// in them. Without this, a recording played at full speed into a running Netsu had a topic's records come half a minute of
// event time after the others', and so late, whenever the topic's metadata were slower to load.
type producer struct {
	client *kgo.Client
	topics map[string]string
	fromMS int64 // event time of the first record since write last waited

	mu    sync.Mutex
	err   error // the first that a record failed with
	acked int64 // ArriveMS of the latest that is acknowledged, or its TimeMS
}

const maxUnacked = 20_000

// spread is well within what a show waits for disorder (5 s of watermark and 30 s of open panes), with room for the
// disorder of the recording itself.
const spread = 10 * time.Second

func newProducer(c *broker.Cluster, t broker.Topics) (*producer, error) {
	cl, err := c.Client(append(broker.LogWriter(), kgo.MaxBufferedRecords(maxUnacked),
		kgo.ProducerLinger(2*time.Millisecond), kgo.MetadataMinAge(20*time.Millisecond),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()))...)
	if err != nil {
		return nil, err
	}
	return &producer{client: cl, topics: map[string]string{
		source.Comments: t.Comments, source.Reactions: t.Reactions, source.Orders: t.Orders, source.Catalog: t.Catalog,
	}}, nil
}

// write hands r on. A failure of an earlier record is returned by a later write, or by flush.
func (p *producer) write(ctx context.Context, r source.Record) error {
	topic := p.topics[r.Topic]
	if topic == "" {
		return fmt.Errorf("topic %q is none of comments, reactions, orders, catalog", r.Topic)
	}
	if err := p.keepTogether(ctx, r.TimeMS); err != nil {
		return err
	}
	at := max(r.ArriveMS, r.TimeMS)
	p.client.Produce(ctx, &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value}, func(_ *kgo.Record, err error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch {
		case err == nil:
			p.acked = max(p.acked, at)
		case p.err == nil:
			p.err = fmt.Errorf("writing to %s: %w", topic, err)
		}
	})
	return p.failed()
}

// keepTogether waits for what was written before where timeMS is far from it, in either direction: a record with a wild
// time must not switch the waiting off for all that follow.
func (p *producer) keepTogether(ctx context.Context, timeMS int64) error {
	if d := timeMS - p.fromMS; timeMS == 0 || max(d, -d) < spread.Milliseconds() {
		return nil
	}
	p.fromMS = timeMS
	return p.flush(ctx)
}

func (p *producer) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *producer) ackedMS() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.acked
}

// flush waits until all is acknowledged.
func (p *producer) flush(ctx context.Context) error {
	if err := p.client.Flush(ctx); err != nil {
		return fmt.Errorf("waiting for acknowledgements: %w", err)
	}
	return p.failed()
}

func (p *producer) close() { p.client.Close() }
