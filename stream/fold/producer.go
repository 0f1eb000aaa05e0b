package fold

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// linger is how long outputs wait for company.
const linger = 5 * time.Millisecond

var errProducer = errors.New("publishing outputs failed")

// producer writes the outputs of a stage's tasks. Its first failure is its end: see doc.go on order and gaps.
type producer struct {
	cluster *broker.Cluster
	cl      *kgo.Client
	ctx     context.Context // of all its records
	cancel  context.CancelCauseFunc
}

func newProducer(c *broker.Cluster) (*producer, error) {
	opts := append(broker.LogWriter(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(linger),
		kgo.StopProducerOnDataLossDetected(),
		// Tasks bound what they have in flight (outbox), so this bound must never be what somebody waits for: the wait
		// could not be told from a record's failure.
		kgo.MaxBufferedRecords(math.MaxInt32),
	)
	cl, err := c.Client(opts...)
	if err != nil {
		return nil, err
	}
	p := &producer{cluster: c, cl: cl}
	p.ctx, p.cancel = context.WithCancelCause(context.Background())
	return p, nil
}

// failed is why the producer must not be used any more, or nil.
func (p *producer) failed() error {
	if p.ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errProducer, context.Cause(p.ctx))
}

// send hands r over. done is called once, with why it failed if it did.
func (p *producer) send(r *kgo.Record, done func(error)) {
	p.cl.Produce(p.ctx, r, func(r *kgo.Record, err error) {
		if err != nil {
			err = p.cluster.Denied(err, broker.Use{Operation: "Write", Topic: r.Topic})
			p.cancel(fmt.Errorf("to %s/%d: %w", r.Topic, r.Partition, err))
			err = p.failed()
		}
		done(err)
	})
}

func (p *producer) close() {
	p.cancel(kgo.ErrClientClosed)
	p.cl.Close()
}

// producers holds the one in use.
type producers struct {
	cluster *broker.Cluster
	mu      sync.Mutex
	now     *producer
}

// get returns a producer that has not failed, in place of one that has.
func (p *producers) get() (*producer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != nil && p.now.failed() == nil {
		return p.now, nil
	}
	if p.now != nil {
		p.now.close()
		p.now = nil
	}
	var err error
	p.now, err = newProducer(p.cluster)
	return p.now, err
}

func (p *producers) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != nil {
		p.now.close()
		p.now = nil
	}
}
