package relay

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// Flight is what was written and is not acknowledged.
type Flight struct {
	Wake chan struct{} // holds one token: something was acknowledged or failed

	cluster              *broker.Cluster
	maxRecords, maxBytes int64
	records, bytes       atomic.Int64
	failed               atomic.Pointer[error]
}

// NewFlight returns one that is full at so many records or bytes.
func NewFlight(c *broker.Cluster, maxRecords, maxBytes int64) *Flight {
	return &Flight{Wake: make(chan struct{}, 1), cluster: c, maxRecords: maxRecords, maxBytes: maxBytes}
}

// Produce sends a record on behalf of a count of pending ones; it does not block. One that fails stays pending.
func (f *Flight) Produce(cl *kgo.Client, r *kgo.Record, pending *atomic.Int64) {
	size := int64(len(r.Key) + len(r.Value))
	pending.Add(1)
	f.records.Add(1)
	f.bytes.Add(size)
	cl.Produce(context.Background(), r, func(r *kgo.Record, err error) {
		if err != nil {
			err = f.cluster.Denied(err, broker.Use{Operation: "Write", Topic: r.Topic})
			err = fmt.Errorf("writing to %s/%d: %w", r.Topic, r.Partition, err)
			f.failed.CompareAndSwap(nil, &err)
		} else {
			pending.Add(-1)
		}
		f.records.Add(-1)
		f.bytes.Add(-size)
		select {
		case f.Wake <- struct{}{}:
		default:
		}
	})
}

// Full tells that nothing more should be taken until something is acknowledged.
func (f *Flight) Full() bool {
	return f.records.Load() >= f.maxRecords || f.bytes.Load() >= f.maxBytes
}

// Err is the first failure; nothing may be committed after it.
func (f *Flight) Err() error {
	if e := f.failed.Load(); e != nil {
		return *e
	}
	return nil
}

// Settle waits until everything is acknowledged, for so long.
func (f *Flight) Settle(limit time.Duration) error {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for f.records.Load() > 0 {
		if err := f.Err(); err != nil {
			return err
		}
		select {
		case <-f.Wake:
		case <-timeout.C:
			return fmt.Errorf("%d records were not acknowledged within %s", f.records.Load(), limit)
		}
	}
	return f.Err()
}
