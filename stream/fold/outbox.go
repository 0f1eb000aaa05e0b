package fold

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/semaphore"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Bounds of what a task has in flight. A small record counts as recordBytesMin, so that there are at most 16,384 of
// them.
const (
	inFlightBytes  = 16 << 20
	recordBytesMin = 1 << 10
)

// SourceHeader is the header of meters and alerts that says where they come from: stage/partition/offset/index, the
// input record's place and the place in the list of what the fold said of it.
const SourceHeader = "netsu-source"

// outbox turns what a fold says into records and hands them to the producer, bounded.
type outbox struct {
	cfg       Config
	partition int32
	producer  *producer
	fail      context.CancelCauseFunc // of the attempt
	room      *semaphore.Weighted
	flight    *flight
	same      func(context.Context, ...string) error
	known     map[string]bool // topics that were asked about: at most all that a fold writes to
}

func newOutbox(cfg Config, partition int32, p *producer, fail context.CancelCauseFunc,
	same func(context.Context, ...string) error) *outbox {
	return &outbox{cfg, partition, p, fail, semaphore.NewWeighted(inFlightBytes), &flight{}, same, map[string]bool{}}
}

// flight counts the records between two cuts.
type flight struct{ wg sync.WaitGroup }

// landed waits until all were acknowledged, or ctx ends, as it does when one fails.
func (f *flight) landed(ctx context.Context) error {
	done := make(chan struct{})
	go func() { f.wg.Wait(); close(done) }() // ends with the producer at the latest
	select {
	case <-done:
		return context.Cause(ctx) // a failure counts even if it is the last to land
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// cut returns the flight of what was sent since the last cut.
func (o *outbox) cut() *flight {
	f := o.flight
	o.flight = &flight{}
	return f
}

// publish sends what the fold said of the input record at offset. It waits while too much is in flight.
func (o *outbox) publish(ctx context.Context, offset int64, out *operators.Outputs) error {
	if err := o.events(ctx, offset, out.Events); err != nil {
		return err
	}
	for i, m := range out.Meters {
		var value []byte // nil: a tombstone
		if m.Meter != nil {
			var err error
			if value, err = m.Meter.MarshalVTStrict(); err != nil {
				return fmt.Errorf("encoding meter %s: %w", m.Key, err)
			}
		}
		if err := o.told(ctx, o.cfg.Topics.Meters, m.Key, value, offset, i); err != nil {
			return err
		}
	}
	for i, a := range out.Alerts {
		value, err := a.Alert.MarshalVTStrict()
		if err != nil {
			return fmt.Errorf("encoding alert of %s: %w", a.Key, err)
		}
		if err := o.told(ctx, o.cfg.Topics.Alerts, a.Key, value, offset, i); err != nil {
			return err
		}
	}
	return nil
}

// told sends a meter or an alert.
func (o *outbox) told(ctx context.Context, topic, key string, value []byte, offset int64, index int) error {
	n := o.cfg.Layout.Partitions[topic]
	if n == 0 {
		return fmt.Errorf("the topic %q, which the fold writes to, does not exist", topic)
	}
	from := fmt.Appendf(nil, "%s/%d/%d/%d", o.cfg.Stage.Name, o.partition, offset, index)
	return o.send(ctx, &kgo.Record{
		Topic: topic, Partition: event.Partition(key, n), Key: []byte(key), Value: value,
		Headers: []kgo.RecordHeader{{Key: SourceHeader, Value: from}},
	})
}

// events sends events as blocks, one or more per target partition, in their order.
func (o *outbox) events(ctx context.Context, offset int64, events []operators.EventOut) error {
	if len(events) == 0 {
		return nil
	}
	var open []*building // in order of first use: a few
	for i, out := range events {
		topic, n, err := o.log(out.Log)
		if err != nil {
			return err
		}
		e := out.Event
		e.Source, e.SourceOffset, e.SourceIndex = 0, offset, uint32(i)
		partition, size := event.Partition(out.Key, n), e.SizeVT()+eventOverhead
		var b *building
		for _, have := range open {
			if have.topic == topic && have.partition == partition {
				b = have
			}
		}
		if b == nil {
			b = &building{topic: topic, partition: partition}
			open = append(open, b)
		}
		if b.size+size > event.MaxBlockBytes-blockOverhead && len(b.events) > 0 {
			if err := o.block(ctx, b); err != nil {
				return err
			}
			b.events, b.size = b.events[:0], 0
		}
		b.events, b.size = append(b.events, e), b.size+size
	}
	for _, b := range open {
		if err := o.block(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// building is a block that is not full yet.
type building struct {
	topic     string
	partition int32
	events    []*eventpb.Event
	size      int
}

// More than what a block adds to its events, once and to each.
const (
	blockOverhead = 512
	eventOverhead = 8
)

func (o *outbox) log(l operators.Log) (topic string, partitions int32, err error) {
	switch l {
	case operators.LogJourneys:
		topic = o.cfg.Topics.Journeys
	case operators.LogCredits:
		topic = o.cfg.Topics.Credits
	default:
		return "", 0, fmt.Errorf("the fold writes to a log %d that there is not", l)
	}
	if partitions = o.cfg.Layout.Partitions[topic]; partitions == 0 {
		return "", 0, fmt.Errorf("the topic %q, which the fold writes to, does not exist", topic)
	}
	return topic, partitions, nil
}

func (o *outbox) block(ctx context.Context, b *building) error {
	in := o.cfg.Stage.Input
	block := eventpb.Block{
		Version: event.Version,
		Sources: []*eventpb.Source{{Topic: in, TopicId: o.cfg.Layout.IDs[in], Partition: o.partition}},
		Events:  b.events,
	}
	value, err := block.MarshalVTStrict()
	if err != nil {
		return fmt.Errorf("encoding a block for %s: %w", b.topic, err)
	}
	return o.send(ctx, &kgo.Record{Topic: b.topic, Partition: b.partition, Value: value})
}

// send waits for room and hands r to the producer. A record that no broker would take is refused here, before anything
// that comes after it is sent.
func (o *outbox) send(ctx context.Context, r *kgo.Record) error {
	if size := len(r.Key) + len(r.Value); size > event.MaxBlockBytes {
		return fmt.Errorf("an output for %s (key %q) has %d bytes, at most %d may be", r.Topic, r.Key, size, event.MaxBlockBytes)
	}
	if !o.known[r.Topic] {
		// A client that has just been made takes a topic for what it finds under its name.
		if err := o.same(ctx, r.Topic); err != nil {
			return err
		}
		o.known[r.Topic] = true
	}
	weight := int64(max(len(r.Value), recordBytesMin))
	if err := o.room.Acquire(ctx, weight); err != nil {
		return context.Cause(ctx)
	}
	if err := o.producer.failed(); err != nil {
		o.room.Release(weight)
		return err
	}
	f := o.flight
	f.wg.Add(1)
	o.producer.send(r, func(err error) {
		if err != nil {
			o.fail(err)
		}
		o.room.Release(weight)
		f.wg.Done()
	})
	return nil
}
