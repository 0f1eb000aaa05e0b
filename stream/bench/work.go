package bench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

// backlogStart is when the shows of the backlog began: a fixed day, so that a seed means the same bytes forever.
var backlogStart = time.Date(2025, 1, 1, 12, 0, 0, 0, time.UTC)

// naturalRate is about how many events a second one of these shows has, before speed.
const naturalRate = 14

// shows are n shows with the tempers of the demo's seven, in turn: four languages, small rooms and large, disorder of
// up to 0.9 s, 0.4 % duplicates, 0.04 % late, 0.06 % bad. speed multiplies the rates and the people.
func shows(seed uint64, n int, start time.Time, speed float64) sim.Config {
	c := sim.Demo(seed, start)
	c.Start = start
	kinds := c.Shows
	c.Shows = nil
	for i := range n {
		s := kinds[i%len(kinds)]
		s.ID += "-" + strconv.Itoa(i)
		s.Rate *= speed
		s.People = int(float64(s.People) * max(1, speed))
		s.After = time.Duration(i%11) * time.Second // calls and pins do not all coincide
		c.Shows = append(c.Shows, s)
	}
	return c
}

// generate makes the first n records.
func generate(ctx context.Context, c sim.Config, n int64) ([]source.Record, error) {
	s, err := sim.New(c)
	if err != nil {
		return nil, fmt.Errorf("making the shows: %w", err)
	}
	records := make([]source.Record, 0, n)
	for int64(len(records)) < n {
		r, ok := s.Next()
		if !ok {
			return nil, fmt.Errorf("cannot happen: shows without an end have ended after %d records", len(records))
		}
		if records = append(records, r); len(records)%10_000 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return records, nil
}

// producer writes raw records as a user's producer would.
type producer struct {
	client *kgo.Client
	topics map[string]string
	failed chan error // holds the first failure
}

// newProducer makes one. What waits for acknowledgement is bounded; beyond it write waits.
func newProducer(c *broker.Cluster, t broker.Topics, linger time.Duration) (*producer, error) {
	client, err := c.Client(append(broker.LogWriter(), kgo.MaxBufferedRecords(50_000), kgo.ProducerLinger(linger),
		kgo.ProducerBatchCompression(kgo.Lz4Compression(), kgo.NoCompression()))...)
	if err != nil {
		return nil, err
	}
	return &producer{client: client, failed: make(chan error, 1), topics: map[string]string{
		source.Comments: t.Comments, source.Reactions: t.Reactions, source.Orders: t.Orders, source.Catalog: t.Catalog,
	}}, nil
}

func (p *producer) write(ctx context.Context, r source.Record) {
	p.client.Produce(ctx, &kgo.Record{Topic: p.topics[r.Topic], Key: r.Key, Value: r.Value}, func(_ *kgo.Record, err error) {
		if err != nil {
			select {
			case p.failed <- fmt.Errorf("writing raw records: %w", err):
			default:
			}
		}
	})
}

// close waits for what is not acknowledged.
func (p *producer) close(ctx context.Context) error {
	defer p.client.Close()
	if err := p.client.Flush(ctx); err != nil {
		return fmt.Errorf("waiting for acknowledgements: %w", err)
	}
	select {
	case err := <-p.failed:
		return err
	default:
		return nil
	}
}

// produce writes all records to the raw topics under a prefix.
func produce(ctx context.Context, c *broker.Cluster, t broker.Topics, records []source.Record) error {
	p, err := newProducer(c, t, 5*time.Millisecond)
	if err != nil {
		return err
	}
	for _, r := range records {
		p.write(ctx, r)
	}
	return p.close(ctx)
}
