package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
)

// benchKey is the hashing key of benchmarks. It protects invented people.
var benchKey = []byte("netsu bench: nobody is real here")

// logger lets only what needs attention through.
func logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

func (o order) cluster() (*broker.Cluster, broker.Topics, error) {
	c, err := broker.New(broker.Settings{Seeds: []string{o.Addr}, Logger: logger()})
	return c, broker.TopicsWithPrefix(o.Prefix), err
}

// broker runs the embedded broker, alone.
func (o order) broker(ctx context.Context, asks <-chan struct{}, say *json.Encoder) error {
	b, err := broker.StartEmbedded(broker.EmbeddedSettings{Dir: o.Dir, Logger: logger()})
	if err != nil {
		return err
	}
	defer b.Close()
	if err := say.Encode(answer{Addr: b.Addr()}); err != nil {
		return err
	}
	return attend(ctx, asks, say, nil)
}

// attend answers what is asked until ctx ends, with what the process holds if hold is not nil.
func attend(ctx context.Context, asks <-chan struct{}, say *json.Encoder, hold func() (resources, error)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-asks:
			a := answer{Usage: used()}
			if hold != nil {
				var err error
				if a.resources, err = hold(); err != nil {
					return fmt.Errorf("looking at what this process holds: %w", err)
				}
			}
			if err := say.Encode(a); err != nil {
				return err
			}
		}
	}
}

// read consumes the raw topics to their end, with the fetch sizes of ingest, and decodes if it is told to.
func (o order) read(ctx context.Context, say *json.Encoder) error {
	cluster, topics, err := o.cluster()
	if err != nil {
		return err
	}
	each := func(kgo.FetchTopicPartition) {}
	if o.Part == partDecode {
		if each, err = decoding(topics); err != nil {
			return err
		}
	}
	begin := used()
	client, err := cluster.Client(kgo.ConsumeTopics(topics.Raw()...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxBytes(16<<20), kgo.FetchMaxPartitionBytes(256<<10))
	if err != nil {
		return err
	}
	defer client.Close()
	var n int64
	for n < o.Records {
		fetches := client.PollRecords(ctx, 10_000)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errs := fetches.Errors(); len(errs) > 0 {
			return fmt.Errorf("reading %s: %w", errs[0].Topic, errs[0].Err)
		}
		n += int64(fetches.NumRecords())
		fetches.EachPartition(each)
	}
	if n > o.Records {
		return fmt.Errorf("read %d records where %d were written", n, o.Records)
	}
	end := used()
	return say.Encode(answer{Usage: end, Events: n, Wall: int64(end.At.Sub(begin.At)), CPU: int64(end.CPU - begin.CPU)})
}

// decoding decodes each record as ingest does, with a decoder for each partition.
func decoding(topics broker.Topics) (func(kgo.FetchTopicPartition), error) {
	hasher, err := event.NewHasher(benchKey)
	if err != nil {
		return nil, errors.Join(errors.New("cannot happen: the key is of the right size"), err)
	}
	type place struct {
		topic     string
		partition int32
	}
	decoders := map[place]*ingest.Decoder{}
	return func(p kgo.FetchTopicPartition) {
		at := place{p.Topic, p.Partition}
		d := decoders[at]
		if d == nil {
			d = ingest.NewDecoder(hasher, time.Time{}, time.Now)
			decoders[at] = d
		}
		in := ingest.Input{Raw: ingest.Raw(slices.Index(topics.Raw(), p.Topic)), Topic: p.Topic, Partition: p.Partition}
		for _, r := range p.Records {
			in.Offset, in.Key, in.Value = r.Offset, r.Key, r.Value
			in.RecordMS, in.Appended = r.Timestamp.UnixMilli(), r.Attrs.TimestampType() == 1
			d.Decode(&in) // a reject is as good as an event here
		}
	}, nil
}
