package stream_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// testKey is the hashing key of all runs here: pseudonyms and so bytes must not differ between them.
var testKey = []byte("0123456789abcdef0123456789abcdef")

// topicOf maps a record's short topic name to the cluster's.
func topicOf(t broker.Topics, short string) string {
	switch short {
	case source.Comments:
		return t.Comments
	case source.Reactions:
		return t.Reactions
	case source.Orders:
		return t.Orders
	}
	return t.Catalog
}

// produce writes the records in order, at most perSecond (0: no limit), and returns when all are acknowledged. It goes on
// through broker restarts.
func produce(ctx context.Context, c *broker.Cluster, topics broker.Topics, records []source.Record, perSecond int) error {
	_, err := produceUntil(ctx, c, topics, records, perSecond, nil)
	return err
}

// produceUntil is produce that ends when enough does. It returns how many records were produced.
func produceUntil(ctx context.Context, c *broker.Cluster, topics broker.Topics, records []source.Record, perSecond int,
	enough <-chan struct{}) (n int, err error) {
	cl, err := c.Client(append(broker.LogWriter(), kgo.RecordRetries(1<<30), kgo.MaxBufferedRecords(20_000),
		kgo.RetryTimeout(2*time.Minute), kgo.ProducerLinger(2*time.Millisecond))...)
	if err != nil {
		return 0, err
	}
	defer cl.Close()
	var failed error
	start := time.Now()
	for i, r := range records {
		if perSecond > 0 && i%100 == 0 {
			due := start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
			select {
			case <-enough:
				return i, errors.Join(cl.Flush(ctx), failed)
			case <-ctx.Done():
				return i, ctx.Err()
			case <-time.After(time.Until(due)):
			}
		}
		if i > 0 && records[i-1].Topic == source.Catalog && r.Topic != source.Catalog {
			// An entry is in force from its place in the log: those that all begins with have to be there first.
			if err := cl.Flush(ctx); err != nil {
				return i, err
			}
		}
		cl.Produce(ctx, &kgo.Record{Topic: topicOf(topics, r.Topic), Key: r.Key, Value: r.Value},
			func(_ *kgo.Record, err error) {
				if err != nil && failed == nil { // promises run one after the other
					failed = err
				}
			})
	}
	return len(records), errors.Join(cl.Flush(ctx), failed)
}

// readTopic reads a topic from its start to its end as of now.
func readTopic(ctx context.Context, c *broker.Cluster, topic string, each func(*kgo.Record)) error {
	cl, err := c.Client()
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	starts, err := adm.ListStartOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("listing start offsets: %w", err)
	}
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("listing end offsets: %w", err)
	}
	left := map[int32]int64{}
	at := map[int32]kgo.Offset{}
	ends.Each(func(o kadm.ListedOffset) {
		if s, ok := starts.Lookup(topic, o.Partition); ok && s.Offset < o.Offset {
			left[o.Partition] = o.Offset
			at[o.Partition] = kgo.NewOffset().At(s.Offset)
		}
	})
	if len(left) == 0 {
		return nil
	}
	reader, err := c.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: at}), kgo.KeepControlRecords())
	if err != nil {
		return err
	}
	defer reader.Close()
	for len(left) > 0 {
		fetches := reader.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return err
		}
		if errs := fetches.Errors(); len(errs) > 0 {
			return errs[0].Err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			end, mine := left[r.Partition]
			if !mine || r.Offset >= end {
				return
			}
			if !r.Attrs.IsControl() {
				each(r)
			}
			if r.Offset == end-1 {
				delete(left, r.Partition)
			}
		})
	}
	return nil
}

// meters reads the latest of every meter.
func meters(ctx context.Context, c *broker.Cluster, topics broker.Topics) (map[string]*eventpb.Meter, error) {
	latest := map[string]*eventpb.Meter{}
	var bad error
	err := readTopic(ctx, c, topics.Meters, func(r *kgo.Record) {
		if r.Value == nil {
			delete(latest, string(r.Key))
			return
		}
		m := &eventpb.Meter{}
		if err := m.UnmarshalVT(r.Value); err != nil && bad == nil {
			bad = fmt.Errorf("decoding meter %s: %w", r.Key, err)
		}
		latest[string(r.Key)] = m
	})
	return latest, errors.Join(err, bad)
}

// finals keeps of the meters what must be the same bytes in every run: what is final. When it was emitted, and what is
// still provisional, may differ.
func finals(latest map[string]*eventpb.Meter) map[string]string {
	out := map[string]string{}
	for key, m := range latest {
		switch {
		case m.Room != nil:
			kept := &eventpb.Room{
				ShowId: m.Room.ShowId, EsolId: m.Room.EsolId, Platform: m.Room.Platform, Title: m.Room.Title,
				StartedMs: m.Room.StartedMs, LastEventMs: m.Room.LastEventMs, LateTotal: m.Room.LateTotal,
				Final: m.Room.Final, State: m.Room.State,
			}
			out[key] = marshal(kept)
		case m.Trend != nil:
			out[key] = marshal(m.Trend)
		case m.Money != nil:
			out[key] = marshal(m.Money)
		case m.Insight != nil:
			out[key] = marshal(m.Insight)
		case m.Profile != nil:
			out[key] = marshal(m.Profile)
		case m.Earnings != nil:
			out[key] = marshal(m.Earnings)
		case m.Cost != nil:
			out[key] = marshal(m.Cost)
		case m.Returns != nil:
			for _, r := range m.Returns.Returns {
				r.Pace = nil // a forecast moves with the clock
			}
			out[key] = marshal(m.Returns)
		}
	}
	return out
}

func marshal(m interface{ MarshalVTStrict() ([]byte, error) }) string {
	b, err := m.MarshalVTStrict()
	if err != nil {
		panic(err)
	}
	return string(b)
}

// diff says where two runs differ, "" for nowhere.
func diff(want, got map[string]string) string {
	var b strings.Builder
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	n := 0
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		w, inWant := want[k]
		g, inGot := got[k]
		if w == g && inWant == inGot {
			continue
		}
		if n++; n > 6 {
			continue
		}
		wanted, gotten := show(k, w, inWant), show(k, g, inGot)
		at := 0
		for at < min(len(wanted), len(gotten)) && wanted[at] == gotten[at] {
			at++
		}
		fmt.Fprintf(&b, "%s\n  want %s\n  got  %s\n", k, around(wanted, at), around(gotten, at))
	}
	if n > 0 {
		fmt.Fprintf(&b, "%d of %d meters differ", n, len(keys))
	}
	return b.String()
}

func show(key, value string, there bool) string {
	if !there {
		return "(none)"
	}
	var m interface {
		UnmarshalVT([]byte) error
		String() string
	}
	switch {
	case strings.HasSuffix(key, "/room"):
		m = &eventpb.Room{}
	case strings.HasSuffix(key, "/money"):
		m = &eventpb.Money{}
	case strings.HasSuffix(key, "/insight"):
		m = &eventpb.Insight{}
	case strings.HasSuffix(key, "/profile"):
		m = &eventpb.Profile{}
	case strings.HasSuffix(key, "/earnings"):
		m = &eventpb.Earnings{}
	case strings.HasSuffix(key, "/cost"):
		m = &eventpb.Cost{}
	case strings.HasSuffix(key, "/returns"):
		m = &eventpb.Returns{}
	default:
		m = &eventpb.Trend{}
	}
	if err := m.UnmarshalVT([]byte(value)); err != nil {
		return hex.EncodeToString([]byte(value))
	}
	return m.String()
}

// around is the piece of a text in which something is at a place.
func around(s string, at int) string {
	from, to := max(0, at-200), min(len(s), at+300)
	return "…" + strings.ToValidUTF8(s[from:to], "") + "…"
}

// ingested waits until the raw topics have been read to their ends and everything lies in the internal logs.
func ingested(ctx context.Context, t testing.TB, c *broker.Cluster, topics broker.Topics) {
	t.Helper()
	cl, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	var lag int64 = -1
	for lag != 0 {
		select {
		case <-ctx.Done():
			t.Fatalf("%d records are not ingested: %v", lag, ctx.Err())
		case <-time.After(250 * time.Millisecond):
		}
		lags, err := adm.Lag(ctx, ingest.Group(topics))
		if err != nil {
			continue // the broker is down for a moment
		}
		lag = -1
		if group, ok := lags[ingest.Group(topics)]; ok && group.Error() == nil {
			lag = group.Lag.Total()
		}
	}
}

// elapse makes the folds believe that a time has passed without an event, by ticks in every partition of the journal:
// shows fall silent, and what is final then is a function of their events alone.
func elapse(ctx context.Context, t testing.TB, c *broker.Cluster, topics broker.Topics, d time.Duration) {
	t.Helper()
	cl, err := c.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.RetryTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	layout, err := broker.Load(ctx, c, topics)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	b := &eventpb.Block{Version: event.Version}
	// In small steps: of a leap the show fold believes only two seconds, because ingest may have been down.
	for at := now; at.Before(now.Add(d)); at = at.Add(2 * time.Second) {
		b.Events = append(b.Events, &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, TimeMs: now.UnixMilli(),
			Tick: &eventpb.Tick{IngestedMs: at.UnixMilli()}})
	}
	for p := range layout.Partitions[topics.Journal] {
		r := &kgo.Record{Topic: topics.Journal, Partition: p, Timestamp: now, Value: []byte(marshal(b))}
		if err := cl.ProduceSync(ctx, r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// settled waits until all is ingested, lets the shows fall silent, and returns the meters when they have stood still.
func settled(ctx context.Context, t testing.TB, c *broker.Cluster, topics broker.Topics, shows []string,
	still time.Duration) map[string]*eventpb.Meter {
	t.Helper()
	ingested(ctx, t, c, topics)
	elapse(ctx, t, c, topics, 2*time.Hour)
	var before map[string]string
	since := time.Now()
	for {
		latest, err := meters(ctx, c, topics)
		if err != nil && ctx.Err() == nil {
			latest = nil // the broker is down for a moment
		}
		now := finals(latest)
		if len(before) == 0 || diff(before, now) != "" {
			since = time.Now()
		}
		before = now
		if ended(latest, shows) && time.Since(since) >= still {
			return latest
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the meters did not settle: %v\n%s", ctx.Err(), states(latest, shows))
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func ended(latest map[string]*eventpb.Meter, shows []string) bool {
	for _, id := range shows {
		m := latest["show/"+id+"/room"]
		if m == nil || m.Room.State != eventpb.RoomState_ROOM_STATE_ENDED {
			return false
		}
	}
	return true
}

func states(latest map[string]*eventpb.Meter, shows []string) string {
	var b strings.Builder
	for _, id := range shows {
		if m := latest["show/"+id+"/room"]; m == nil {
			fmt.Fprintf(&b, "%s: no meter\n", id)
		} else {
			fmt.Fprintf(&b, "%s: %v, watermark %s, last event %s, final pane %d, late %d\n", id, m.Room.State,
				time.UnixMilli(m.Room.WatermarkMs).UTC().Format(time.TimeOnly),
				time.UnixMilli(m.Room.LastEventMs).UTC().Format(time.TimeOnly), m.Room.GetFinal().GetPane(), m.Room.LateTotal)
		}
	}
	return b.String()
}
