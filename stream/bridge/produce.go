package bridge

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
)

// What may be under way to the broker. Beyond it the loop takes nothing more until acknowledgements come.
const (
	maxInflightBytes   = 16 << 20
	maxInflightRecords = 4096
)

// producer writes raw events and dead letters and knows what is not acknowledged.
type producer struct {
	*relay.Flight
	raw, letters *kgo.Client // they differ in how large a batch may be
	names        map[string]string
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
	return &producer{relay.NewFlight(c, maxInflightRecords, maxInflightBytes), raw, letters, rawTopics(t)}, nil
}

func (p *producer) close() {
	p.raw.Close()
	p.letters.Close()
}

// span is what was written between two commits.
type span struct {
	pending atomic.Int64
	at      relay.Offsets // positions at its end; nil: it is open
}
