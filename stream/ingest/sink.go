package ingest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// What may be under way to the broker. Beyond it ingest stops taking from its lanes until acknowledgements come.
const (
	maxInflightBytes   = 32 << 20
	maxInflightRecords = 4096
)

// sink writes to Kafka and knows what is not acknowledged. The log client keeps, for each partition, to the order in
// which it was given records, with no gaps: a batch that cannot be written stops the client for good, because a later
// one in the log would make readers drop the earlier as a duplicate when it is sent again.
type sink struct {
	cluster *broker.Cluster
	logs    *kgo.Client
	letters *kgo.Client // apart, for its larger batches
	records atomic.Int64
	bytes   atomic.Int64
	failed  atomic.Pointer[error]
	wake    chan struct{} // holds one token: something was acknowledged or failed
}

func newSink(c *broker.Cluster) (*sink, error) {
	base := []kgo.Opt{
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(0), // blocks have lingered already
		kgo.StopProducerOnDataLossDetected(),
		kgo.MaxBufferedRecords(4 * maxInflightRecords), // never reached: full() stops before
		// Snappy: blocks get no larger than with lz4, at a third of the CPU here and two thirds where they are read.
		kgo.ProducerBatchCompression(kgo.SnappyCompression(), kgo.NoCompression()),
	}
	logs, err := c.Client(append(base, broker.LogWriter()...)...)
	if err != nil {
		return nil, fmt.Errorf("making the client for the logs: %w", err)
	}
	letters, err := c.Client(append(base, kgo.ProducerBatchMaxBytes(broker.MaxDeadLetterBytes))...)
	if err != nil {
		logs.Close()
		return nil, fmt.Errorf("making the client for dead letters: %w", err)
	}
	return &sink{cluster: c, logs: logs, letters: letters, wake: make(chan struct{}, 1)}, nil
}

// close drops what is not acknowledged.
func (s *sink) close() {
	s.logs.Close()
	s.letters.Close()
}

// produce sends a record on behalf of a count of pending ones; it does not block.
func (s *sink) produce(client *kgo.Client, r *kgo.Record, pending *atomic.Int64) {
	size := int64(len(r.Key) + len(r.Value))
	pending.Add(1)
	s.records.Add(1)
	s.bytes.Add(size)
	client.Produce(context.Background(), r, func(r *kgo.Record, err error) {
		if err != nil {
			err = s.cluster.Denied(err, broker.Use{Operation: "Write", Topic: r.Topic})
			err = fmt.Errorf("writing to %s/%d: %w", r.Topic, r.Partition, err)
			s.failed.CompareAndSwap(nil, &err)
		} else {
			pending.Add(-1)
		}
		s.records.Add(-1)
		s.bytes.Add(-size)
		s.rouse()
	})
}

func (s *sink) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *sink) full() bool {
	return s.records.Load() >= maxInflightRecords || s.bytes.Load() >= maxInflightBytes
}

// err is the first failure; nothing may be committed after it.
func (s *sink) err() error {
	if e := s.failed.Load(); e != nil {
		return *e
	}
	return nil
}

// settle waits until everything is acknowledged, for so long.
func (s *sink) settle(limit time.Duration) error {
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for s.records.Load() > 0 {
		if err := s.err(); err != nil {
			return err
		}
		select {
		case <-s.wake:
		case <-timeout.C:
			return fmt.Errorf("%d records were not acknowledged within %s", s.records.Load(), limit)
		}
	}
	return s.err()
}
