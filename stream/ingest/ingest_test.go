package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// rig is a broker with raw topics and an ingest over it.
type rig struct {
	t      testing.TB
	kafka  brokertest.Kafka
	layout *broker.Layout
	client *kgo.Client
	config Config
	log    bytes.Buffer
}

func newRig(t testing.TB, k brokertest.Kafka, partitions int32) *rig {
	r := &rig{t: t, kafka: k, layout: k.Create(t, partitions)}
	r.client = k.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(8<<20))
	r.config = Config{Cluster: k.Cluster, Topics: k.Topics, Layout: r.layout, Hasher: testHasher(t),
		MinTime: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), // a bubble's clock begins in 2000
		Logger:  slog.New(slog.NewTextHandler(&r.log, nil))}
	return r
}

// put writes one raw record.
func (r *rig) put(topic string, partition int32, key, value string) {
	r.t.Helper()
	rec := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(key), Value: []byte(value)}
	if value == "" {
		rec.Value = nil
	}
	if err := r.client.ProduceSync(r.t.Context(), rec).FirstErr(); err != nil {
		r.t.Fatal(err)
	}
}

func comment(n int, show string, at time.Time) string {
	return fmt.Sprintf(`{"event_id":"c%d","time":%d,"show_id":%q,"text":"n%d"}`, n, at.UnixMilli(), show, n)
}

// start runs ingest until stop, which returns Run's error.
func (r *rig) start(c Config) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- Run(ctx, c) }()
	return func() error {
		cancel()
		return <-result
	}
}

// read returns everything in a topic, by partition.
func (r *rig) read(topic string) map[int32][]*kgo.Record {
	r.t.Helper()
	ends, err := kadm.NewClient(r.client).ListEndOffsets(r.t.Context(), topic)
	if err != nil {
		r.t.Fatal(err)
	}
	from, left := map[int32]kgo.Offset{}, int64(0)
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			from[o.Partition] = kgo.NewOffset().AtStart()
			left += o.Offset
		}
	})
	got := map[int32][]*kgo.Record{}
	if left == 0 {
		return got
	}
	c, err := r.kafka.Cluster.Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	if err != nil {
		r.t.Fatal(err)
	}
	defer c.Close()
	for left > 0 {
		f := c.PollFetches(r.t.Context())
		if err := f.Err(); err != nil {
			r.t.Fatal(err)
		}
		f.EachRecord(func(rec *kgo.Record) {
			got[rec.Partition] = append(got[rec.Partition], rec)
			left--
		})
	}
	return got
}

// seen is an event as a reader of a log finds it.
type seen struct {
	*eventpb.Event
	partition int32
	from      string // source and position
	record    *kgo.Record
}

// events returns the events of a log, partition by partition in log order, ticks left out; with distinct, those that are
// not after the greatest position of their source are dropped, as folds do.
func (r *rig) events(topic string, distinct bool) []seen {
	r.t.Helper()
	var out []seen
	logs := r.read(topic)
	for p := range r.layout.Partitions[topic] {
		greatest := map[string]event.Position{}
		for _, rec := range logs[p] {
			b := r.block(rec)
			for _, e := range b.Events {
				if e.Kind == eventpb.Kind_KIND_TICK {
					continue
				}
				s := b.Sources[e.Source]
				source := fmt.Sprintf("%s(%s)/%d", s.Topic, s.TopicId, s.Partition)
				at := event.Position{Offset: e.SourceOffset, Index: e.SourceIndex}
				if last, ok := greatest[source]; distinct && ok && !at.After(last) {
					continue
				}
				greatest[source] = at
				out = append(out, seen{e, p, fmt.Sprintf("%s@%d", source, at.Offset), rec})
			}
		}
	}
	return out
}

func (r *rig) block(rec *kgo.Record) *eventpb.Block {
	r.t.Helper()
	b := &eventpb.Block{}
	if err := b.UnmarshalVT(rec.Value); err != nil {
		r.t.Fatal(err)
	}
	if b.Version != event.Version {
		r.t.Fatalf("block of version %d", b.Version)
	}
	if again, _ := b.MarshalVTStrict(); !bytes.Equal(again, rec.Value) {
		r.t.Fatalf("a block is not as MarshalVTStrict writes it")
	}
	return b
}

func ids(events []seen) (out []string) {
	for _, e := range events {
		out = append(out, e.Id)
	}
	return out
}

// inBubble runs a test in virtual time over an in-process broker.
func inBubble(t *testing.T, partitions int32, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newRig(t, brokertest.Bubble(t), partitions)) })
}

// inFaultyBubble is inBubble with a broker that can be told to misbehave.
func inFaultyBubble(t *testing.T, partitions int32, test func(t *testing.T, r *rig, fake *kfake.Cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := &kfake.VirtualNetwork{}
		fake, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(net.Listen))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fake.Close)
		cluster, err := broker.New(broker.Settings{Seeds: fake.ListenAddrs(), Dialer: net.DialContext,
			Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		k := brokertest.Kafka{Cluster: cluster, Prefix: broker.DefaultPrefix, Topics: broker.DefaultTopics()}
		test(t, newRig(t, k, partitions), fake)
	})
}

func TestRunRoutes(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, r *rig) {
		now, topics := time.Now(), r.config.Topics
		at := now.UnixMilli()
		stop := r.start(r.config)
		r.put(topics.Catalog, 0, "show/S1", `{"kind":"show","id":"S1","title":"x"}`)
		r.put(topics.Comments, 1, "k", comment(1, "S1", now))
		r.put(topics.Reactions, 2, "k", fmt.Sprintf(`{"event_id":"click","time":%d,"show_id":"S1","kind":"product_click","platform":"x","person_id":"u"}`, at))
		r.put(topics.Reactions, 2, "k", fmt.Sprintf(`{"event_id":"touch","time":%d,"kind":"touch","platform":"x","person_id":"u"}`, at))
		r.put(topics.Reactions, 3, "k", fmt.Sprintf(`{"event_id":"like","time":%d,"show_id":"S1","kind":"like","platform":"x","person_id":"u"}`, at))
		r.put(topics.Orders, 0, "k", fmt.Sprintf(`{"event_id":"order","time":%d,"order_id":"o1","status":"created","platform":"x","person_id":"u"}`, at))
		r.put(topics.Catalog, 0, "show/S1", "")
		r.put(topics.Comments, 3, "the key", `{"not":"a comment"}`)
		time.Sleep(3 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		person := event.JourneyKey("", testHasher(t).Person([]byte("x\x00u")))
		journal, journeys := event.Partition("S1", 4), event.Partition(person, 4)
		where := map[string][]string{}
		for _, topic := range topics.Logs() {
			for _, e := range r.events(topic, false) {
				where[e.Id] = append(where[e.Id], fmt.Sprintf("%s/%d", strings.TrimPrefix(topic, r.kafka.Prefix), e.partition))
				if e.record.Timestamp.Before(now) || e.record.Key != nil {
					t.Errorf("a block has time %s and key %q", e.record.Timestamp, e.record.Key)
				}
			}
		}
		on := func(topic string, p int32) string { return fmt.Sprintf("%s/%d", topic, p) }
		want := map[string][]string{
			"c1":    {on("journal", journal)},
			"click": {on("journal", journal), on("journeys", journeys)},
			"touch": {on("journeys", journeys)},
			"like":  {on("journal", journal)},
			"order": {on("journeys", event.Partition("order/o1", 4))},
		}
		for _, entry := range []string{topics.Catalog + "/0/0", topics.Catalog + "/0/1"} {
			for _, log := range []string{"journal", "journeys", "credits"} {
				for p := range int32(4) {
					want[entry] = append(want[entry], on(log, p))
				}
			}
		}
		if len(where) != len(want) {
			t.Errorf("%d events, want %d: %v", len(where), len(want), where)
		}
		for id, places := range want {
			if !slices.Equal(where[id], places) {
				t.Errorf("%s is in %v, want %v", id, where[id], places)
			}
		}
		letters := r.read(topics.DeadLetters)[3]
		if len(letters) != 1 || string(letters[0].Key) != "the key" || string(letters[0].Value) != `{"not":"a comment"}` {
			t.Fatalf("dead letters: %v", letters)
		}
		if got := fmt.Sprint(letters[0].Headers); !strings.Contains(got, "reason") || len(letters[0].Headers) != 6 {
			t.Errorf("headers: %s", got)
		}
		if r.log.Len() > 0 {
			t.Errorf("a healthy run logs: %s", r.log.String())
		}
	})
}

var errKilled = errors.New("killed")

// TestRunKilled kills Run again and again: where everything is written and nothing committed, and in the middle of
// things, where some is written. What readers keep is everything exactly once, in order.
func TestRunKilled(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, r *rig) {
		const total = 300
		now := time.Now()
		want := map[string][]string{} // by source partition and show
		kills := 0
		for round := range 6 {
			c := r.config
			switch n := 0; {
			case round == 5: // the last one lives
			case round%2 == 0:
				c.hooks.beforeCommit = func() error {
					if n++; n > round/2 {
						return errKilled
					}
					return nil
				}
			default:
				c.hooks.everyPass = func() error {
					if n++; n > 40*round {
						return errKilled
					}
					return nil
				}
			}
			stop := r.start(c)
			for i := range total / 6 {
				n := round*total/6 + i
				show, p := fmt.Sprintf("S%d", n%7), int32(n%3)
				r.put(r.config.Topics.Comments, p, show, comment(n, show, now))
				want[fmt.Sprint(p, show)] = append(want[fmt.Sprint(p, show)], fmt.Sprintf("c%d", n))
				time.Sleep(30 * time.Millisecond)
			}
			time.Sleep(15 * time.Second) // the killed member's partitions come over
			switch err := stop(); {
			case errors.Is(err, errKilled):
				kills++
			case err != nil:
				t.Fatal(err)
			}
		}
		if kills < 4 {
			t.Fatalf("killed only %d times", kills)
		}
		all, kept := r.events(r.config.Topics.Journal, false), r.events(r.config.Topics.Journal, true)
		if len(all) <= len(kept) {
			t.Errorf("%d events in the log, %d kept: nothing was written twice, so this proves nothing", len(all), len(kept))
		}
		if len(kept) != total {
			t.Errorf("%d events are kept, want %d", len(kept), total)
		}
		got := map[string][]string{}
		for _, e := range kept {
			var p int
			fmt.Sscanf(e.from[strings.Index(e.from, "/")+1:], "%d", &p)
			key := fmt.Sprint(int32(p), e.ShowId)
			got[key] = append(got[key], e.Id)
		}
		for key, want := range want {
			if !slices.Equal(got[key], want) {
				t.Errorf("%s: got %v, want %v", key, got[key], want)
			}
		}
	})
}

// TestRunAlignsBacklogs starts with a long backlog of comments and a short one of orders over the same ten minutes.
func TestRunAlignsBacklogs(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, r *rig) {
		begin := time.Now().Add(-time.Hour)
		const comments, likes = 30_000, 600 // 50 and 1 a second
		var records []*kgo.Record
		for n := range comments {
			records = append(records, &kgo.Record{Topic: r.config.Topics.Comments,
				Value: []byte(comment(n, "S", begin.Add(time.Duration(n)*20*time.Millisecond)))})
		}
		for n := range likes {
			records = append(records, &kgo.Record{Topic: r.config.Topics.Reactions, Value: fmt.Appendf(nil,
				`{"event_id":"l%d","time":%d,"show_id":"S","kind":"like"}`, n, begin.Add(time.Duration(n)*time.Second).UnixMilli())})
		}
		if err := r.client.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
		stop := r.start(r.config)
		time.Sleep(30 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		got := r.events(r.config.Topics.Journal, false)
		if len(got) != comments+likes {
			t.Fatalf("%d events, want %d", len(got), comments+likes)
		}
		var greatest, worst int64
		for _, e := range got {
			greatest = max(greatest, e.TimeMs)
			worst = max(worst, greatest-e.TimeMs)
		}
		if worst > 0 {
			t.Errorf("an event comes %d ms behind a later one", worst)
		}
	})
}

// ticks returns the ticks of a log's partition: when each was written and what it says.
func (r *rig) ticks(topic string, partition int32) (out []*eventpb.Event) {
	for _, rec := range r.read(topic)[partition] {
		for _, e := range r.block(rec).Events {
			if e.Kind == eventpb.Kind_KIND_TICK {
				out = append(out, e)
			}
		}
	}
	return out
}

func TestRunTicksWhileIdle(t *testing.T) {
	inBubble(t, 2, func(t *testing.T, r *rig) {
		r.put(r.config.Topics.Comments, 0, "", comment(1, "S", time.Now()))
		stop := r.start(r.config)
		time.Sleep(20 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		for _, topic := range r.config.Topics.Logs() {
			for p := range int32(2) {
				ticks := r.ticks(topic, p)
				if len(ticks) < 60 || len(ticks) > 81 {
					t.Fatalf("%s/%d has %d ticks of 20 s", topic, p, len(ticks))
				}
				for i, e := range ticks[20:] {
					if behind := e.TimeMs - e.Tick.IngestedMs; behind < 0 || behind > 600 {
						t.Errorf("%s/%d: tick %d says what was %d ms ago", topic, p, i+20, behind)
					}
				}
			}
		}
	})
}

// TestRunTicksNeverClaimTooMuch checks what ticks say against the raw topic: nothing that was appended there before the
// time that a tick names may come after it in the log. Records come just before ticks, and the loop stumbles now and then.
func TestRunTicksNeverClaimTooMuch(t *testing.T) {
	inBubble(t, 1, func(t *testing.T, r *rig) {
		begin, pass := time.Now(), 0
		r.config.hooks.everyPass = func() error {
			if pass++; pass%50 == 0 {
				time.Sleep(400 * time.Millisecond)
			}
			return nil
		}
		stop := r.start(r.config)
		for n := range 200 {
			time.Sleep(time.Until(begin.Add(time.Duration(n)*tickEvery - time.Millisecond)))
			r.put(r.config.Topics.Comments, 0, "", comment(n, "S", time.Now()))
		}
		time.Sleep(10 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		appended := map[int64]int64{}
		for _, rec := range r.read(r.config.Topics.Comments)[0] {
			appended[rec.Offset] = rec.Timestamp.UnixMilli()
		}
		var claimed int64
		claims := map[int64]bool{}
		for _, rec := range r.read(r.config.Topics.Journal)[0] {
			for _, e := range r.block(rec).Events {
				if e.Kind == eventpb.Kind_KIND_TICK {
					claimed = max(claimed, e.Tick.IngestedMs)
					claims[claimed] = true
				} else if at := appended[e.SourceOffset]; at < claimed {
					t.Errorf("offset %d, appended at %d, comes after a tick that claims %d", e.SourceOffset, at, claimed)
				}
			}
		}
		if len(claims) < 40 {
			t.Errorf("ticks claim only %d different times", len(claims))
		}
	})
}

// TestRunCommitsOnlyWhatIsAcknowledged keeps one partition of the journal from being written for a while.
func TestRunCommitsOnlyWhatIsAcknowledged(t *testing.T) {
	inFaultyBubble(t, 2, func(t *testing.T, r *rig, fake *kfake.Cluster) {
		stop := r.start(r.config)
		committed := func() int64 {
			o, err := kadm.NewClient(r.client).FetchOffsets(t.Context(), Group(r.config.Topics))
			if err != nil {
				t.Fatal(err)
			}
			at, _ := o.Lookup(r.config.Topics.Comments, 0)
			return at.At
		}
		put := func(from, to int) {
			for n := from; n < to; n++ {
				r.put(r.config.Topics.Comments, 0, "", comment(n, fmt.Sprintf("S%d", n), time.Now()))
			}
			time.Sleep(5 * time.Second)
		}
		put(0, 10)
		if got := committed(); got != 10 {
			t.Errorf("committed %d of 10", got)
		}
		fault := fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: r.config.Topics.Journal, Partitions: []int32{1},
			Err: kerr.NotEnoughReplicas, Count: -1})
		put(10, 20)
		if got := committed(); got != 10 {
			t.Errorf("committed %d while what comes after 10 cannot be written", got)
		}
		fault.Remove()
		put(20, 30)
		if got := committed(); got != 30 {
			t.Errorf("committed %d of 30", got)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if all := r.events(r.config.Topics.Journal, false); len(all) != 30 {
			t.Errorf("%d events in the log", len(all))
		}
	})
}

// TestRunStopsWhenALogCannotBeWritten holds it to stopping at a failed write: what comes after must not be written.
func TestRunStopsWhenALogCannotBeWritten(t *testing.T) {
	inFaultyBubble(t, 1, func(t *testing.T, r *rig, fake *kfake.Cluster) {
		fake.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: r.config.Topics.Journal, Err: kerr.MessageTooLarge, Count: 1})
		result := make(chan error, 1)
		go func() { result <- Run(t.Context(), r.config) }()
		for n := range 50 {
			r.put(r.config.Topics.Comments, 0, "", comment(n, "S", time.Now()))
			time.Sleep(20 * time.Millisecond)
		}
		if err := <-result; !errors.Is(err, kerr.MessageTooLarge) {
			t.Errorf("Run returns %v", err)
		}
		stop := r.start(r.config)
		time.Sleep(15 * time.Second)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		var want []string
		for n := range 50 {
			want = append(want, fmt.Sprintf("c%d", n))
		}
		if got := ids(r.events(r.config.Topics.Journal, true)); !slices.Equal(got, want) {
			t.Errorf("kept %v", got)
		}
	})
}

// TestRunRebalances lets a second member come and go while records flow.
func TestRunRebalances(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, r *rig) {
		first := r.start(r.config)
		var second func() error
		now := time.Now()
		const total = 1600
		for n := range total {
			switch n {
			case 400:
				second = r.start(r.config)
			case 1200:
				if err := first(); err != nil {
					t.Fatal(err)
				}
			}
			show := fmt.Sprintf("S%d", n%5)
			switch n / 4 % 3 { // every raw partition has records that a change of owner could repeat
			case 0:
				r.put(r.config.Topics.Comments, int32(n%4), "", comment(n, show, now))
			case 1:
				r.put(r.config.Topics.Reactions, int32(n%4), "", fmt.Sprintf(`{"time":%d,"show_id":%q,"kind":"like"}`, now.UnixMilli(), show))
			case 2:
				r.put(r.config.Topics.Orders, int32(n%4), "", fmt.Sprintf(`{"time":%d,"show_id":%q,"order_id":"o%d","status":"paid"}`, now.UnixMilli(), show, n))
			}
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(8 * time.Second)
		if err := second(); err != nil {
			t.Fatal(err)
		}
		all, kept := r.events(r.config.Topics.Journal, false), r.events(r.config.Topics.Journal, true)
		if len(kept) != total || len(all) != total {
			t.Errorf("%d events in the log, %d kept, want %d and %d: orderly changes repeat nothing", len(all), len(kept), total, total)
		}
		members := 0
		for _, e := range r.ticks(r.config.Topics.Journal, 0) {
			if e.Tick.IngestedMs > 0 {
				members++
			}
		}
		if members < 60 {
			t.Errorf("only %d of about 96 ticks know what is ingested", members)
		}
	})
}
