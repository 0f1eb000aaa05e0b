package ingest

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
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
	*relay.Flight
	logs    *kgo.Client
	letters *kgo.Client // apart, for its larger batches
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
	// A letter whose topic is gone waits until that is made anew: an error would end the run, and events with it.
	letters, err := c.Client(append(base, kgo.ProducerBatchMaxBytes(broker.MaxDeadLetterBytes), kgo.UnknownTopicRetries(-1))...)
	if err != nil {
		logs.Close()
		return nil, fmt.Errorf("making the client for dead letters: %w", err)
	}
	return &sink{relay.NewFlight(c, maxInflightRecords, maxInflightBytes), logs, letters}, nil
}

// close drops what is not acknowledged.
func (s *sink) close() {
	s.logs.Close()
	s.letters.Close()
}
