package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// HeaderResubmitted marks a raw record that was a dead letter: topic/partition/offset of where it first lay.
const HeaderResubmitted = "netsu-resubmitted-from"

// DeadLetter is a record that could not become an event, as it came, and why.
type DeadLetter struct {
	Reason     Reason
	Detail     string
	Topic      string // where it lay
	Partition  int32
	Offset     int64
	Time       time.Time // of the record there
	Key, Value []byte
	Truncated  bool // only the beginning of Value was kept; such a one cannot be resubmitted
}

// Place is where the record lay: topic/partition/offset.
func (d *DeadLetter) Place() string { return fmt.Sprintf("%s/%d/%d", d.Topic, d.Partition, d.Offset) }

// Filter chooses dead letters; the zero value of a field means any.
type Filter struct {
	Reason Reason
	Topic  string
	From   time.Time // of the record's time, inclusive
	Until  time.Time // exclusive
}

func (f *Filter) passes(d *DeadLetter) bool {
	return (f.Reason == "" || f.Reason == d.Reason) && (f.Topic == "" || f.Topic == d.Topic) &&
		!d.Time.Before(f.From) && (f.Until.IsZero() || d.Time.Before(f.Until))
}

// maxPlaces bounds the places that List remembers to drop repeats: about 100 MB. Past it, repeats may be listed again.
const maxPlaces = 1_000_000

// List calls each for every dead letter that passes, from the topic's start to where it ends now: in order within a
// partition, each place once. It stops at the first error of each and returns it.
func List(ctx context.Context, c *broker.Cluster, topics broker.Topics, f Filter, each func(*DeadLetter) error) error {
	client, err := c.Client()
	if err != nil {
		return fmt.Errorf("making a client for dead letters: %w", err)
	}
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topics.DeadLetters)
	if err == nil {
		err = ends.Error()
	}
	starts, err2 := kadm.NewClient(client).ListStartOffsets(ctx, topics.DeadLetters)
	client.Close()
	if err = errors.Join(err, err2, starts.Error()); err != nil {
		return fmt.Errorf("listing the dead letters' offsets: %w", err)
	}
	from, until := map[int32]kgo.Offset{}, map[int32]int64{}
	ends.Each(func(end kadm.ListedOffset) {
		start, _ := starts.Lookup(end.Topic, end.Partition)
		if start.Offset < end.Offset {
			from[end.Partition] = kgo.NewOffset().At(start.Offset)
			until[end.Partition] = end.Offset
		}
	})
	if len(from) == 0 {
		return nil
	}
	client, err = c.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topics.DeadLetters: from}),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return fmt.Errorf("making a client for dead letters: %w", err)
	}
	defer client.Close()
	return readLetters(ctx, client, until, f, each)
}

// readLetters reads until every partition has reached its end.
func readLetters(ctx context.Context, client *kgo.Client, until map[int32]int64, f Filter,
	each func(*DeadLetter) error) error {
	places := map[string]bool{}
	for len(until) > 0 {
		fetches := client.PollRecords(ctx, 1000)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("reading dead letters: %w", err)
		}
		for r := range fetches.RecordsAll() {
			end, open := until[r.Partition]
			if r.Offset >= end-1 {
				delete(until, r.Partition)
			}
			if !open || r.Offset >= end {
				continue
			}
			d, err := parseLetter(r)
			if err != nil {
				return fmt.Errorf("reading dead letter %d/%d: %w", r.Partition, r.Offset, err)
			}
			if place := d.Place(); places[place] || !f.passes(d) {
				continue
			} else if len(places) < maxPlaces {
				places[place] = true
			}
			if err := each(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func parseLetter(r *kgo.Record) (*DeadLetter, error) {
	d := &DeadLetter{Key: r.Key, Value: r.Value}
	numbers := map[string]int64{headerPartition: -1, headerOffset: -1, headerTimestamp: -1}
	for _, h := range r.Headers {
		switch h.Key {
		case headerReason:
			d.Reason = Reason(h.Value)
		case headerDetail:
			d.Detail = string(h.Value)
		case headerTopic:
			d.Topic = string(h.Value)
		case headerTruncated:
			d.Truncated = true
		case headerPartition, headerOffset, headerTimestamp:
			n, err := strconv.ParseInt(string(h.Value), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("header %s: %w", h.Key, err)
			}
			numbers[h.Key] = n
		}
	}
	if d.Topic == "" || d.Reason == "" || numbers[headerPartition] < 0 || numbers[headerOffset] < 0 {
		return nil, errors.New("it does not say why and from where it came; was it written by ingest?")
	}
	d.Partition, d.Offset = int32(numbers[headerPartition]), numbers[headerOffset]
	d.Time = time.UnixMilli(numbers[headerTimestamp])
	return d, nil
}

// Resubmit writes dead letters back to the raw topics they came from, key and value as they were, for ingest to try
// again: after its settings changed (Config.MinTime), or once a time is no longer ahead. They keep the place where they
// first lay: the event id that comes of it is the same each time, and those that fail again are the same letter. A letter that was truncated, or whose topic is none of the raw topics, is an error. It
// returns when all are acknowledged.
func Resubmit(ctx context.Context, c *broker.Cluster, topics broker.Topics, letters []*DeadLetter) error {
	raw := map[string]bool{}
	for _, topic := range topics.Raw() {
		raw[topic] = true
	}
	var records []*kgo.Record
	for _, d := range letters {
		if d.Truncated || !raw[d.Topic] {
			return fmt.Errorf("resubmitting %s: it was truncated or is of no raw topic", d.Place())
		}
		records = append(records, &kgo.Record{Topic: d.Topic, Key: bytes.Clone(d.Key), Value: bytes.Clone(d.Value),
			Headers: []kgo.RecordHeader{{Key: HeaderResubmitted, Value: []byte(d.Place())}}})
	}
	client, err := c.Client(kgo.ProducerBatchMaxBytes(broker.MaxDeadLetterBytes))
	if err != nil {
		return fmt.Errorf("making a client for resubmitting: %w", err)
	}
	defer client.Close()
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("resubmitting dead letters: %w", err)
	}
	return nil
}
