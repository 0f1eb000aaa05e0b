package broker_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
)

func TestEmbeddedTopics(t *testing.T) {
	topics(t, func(t *testing.T) brokertest.Kafka { return brokertest.Embedded(t) })
}

func TestKafkaTopics(t *testing.T) {
	topics(t, func(t *testing.T) brokertest.Kafka { return brokertest.Real(t) })
}

// topics is what Create and Load promise of any cluster.
func topics(t *testing.T, start func(*testing.T) brokertest.Kafka) {
	t.Run("are made once, and again only where missing", func(t *testing.T) {
		k, ctx := start(t), deadline(t)
		made, err := broker.Create(ctx, k.Cluster, k.Topics, 4, 1)
		if err != nil || !slices.Equal(made, k.Topics.All()) {
			t.Fatalf("made %v, %v; want all", made, err)
		}
		first := k.Create(t, 4)
		// Not with another number of partitions either: those that exist are left alone.
		if made, err = broker.Create(ctx, k.Cluster, k.Topics, 7, 1); err != nil || len(made) != 0 {
			t.Fatalf("made %v, %v the second time; want none", made, err)
		}
		second := k.Create(t, 4)
		for _, name := range k.Topics.All() {
			if id := first.IDs[name]; len(id) != 32 || strings.Trim(id, "0") == "" || id != second.IDs[name] {
				t.Errorf("%s: id is %q and later %q, want the same 32 hex digits", name, id, second.IDs[name])
			}
			want := int32(4)
			if name == k.Topics.Catalog {
				want = 1
			}
			if n := second.Partitions[name]; n != want {
				t.Errorf("%s: %d partitions, want %d", name, n, want)
			}
		}
	})
	t.Run("all that is wrong with them is one error", func(t *testing.T) {
		k, ctx := start(t), deadline(t)
		adm := kadm.NewClient(k.Client(t))
		p := func(s string) *string { return &s }
		for _, wrong := range []struct {
			topic   string
			configs map[string]*string
		}{
			{k.Topics.Catalog, map[string]*string{"cleanup.policy": p("compact"), "max.message.bytes": p("3000000")}},
			{k.Topics.Journal, map[string]*string{"max.message.bytes": p("2097152")}},
			{k.Topics.ShowChangelog, map[string]*string{"cleanup.policy": p("delete"), "max.message.bytes": p("1000")}},
		} {
			if _, err := adm.CreateTopic(ctx, 3, 1, wrong.configs, wrong.topic); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := broker.Create(ctx, k.Cluster, k.Topics, 4, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := adm.DeleteTopic(ctx, k.Topics.Alerts); err != nil {
			t.Fatal(err)
		}
		gone := k.Topics.Alerts + ": missing\n"
		_, err := broker.Load(ctx, k.Cluster, k.Topics)
		for ctx.Err() == nil && !strings.Contains(err.Error(), gone) { // a broker may not have heard of it yet
			_, err = broker.Load(ctx, k.Cluster, k.Topics)
		}
		if !errors.Is(err, broker.ErrTopics) {
			t.Fatalf("error is %v, want ErrTopics", err)
		}
		for _, want := range []string{
			"`netsu topics create`",
			gone,
			k.Topics.Catalog + ": has 3 partitions, must have 1\n",
			k.Topics.Journal + `: message.timestamp.type is "CreateTime", must be "LogAppendTime"` + "\n",
			k.Topics.ShowChangelog + `: cleanup.policy is "delete", must be "compact"; ` +
				`max.message.bytes is "1000", must be at least 2097152` + "\n",
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error does not say %q:\n%v", want, err)
			}
		}
		if strings.Contains(err.Error(), k.Topics.Comments) {
			t.Errorf("error names a topic that is fit:\n%v", err)
		}
	})
	t.Run("a changelog has the partitions of its log", func(t *testing.T) {
		k, ctx := start(t), deadline(t)
		few := k.Topics
		few.Journal = k.Prefix + "elsewhere"
		if _, err := broker.Create(ctx, k.Cluster, k.Topics, 4, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := broker.Create(ctx, k.Cluster, few, 2, 1); err != nil {
			t.Fatal(err)
		}
		_, err := broker.Load(ctx, k.Cluster, few)
		want := few.ShowChangelog + ": has 4 partitions, must have 2 as " + few.Journal + " has"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	})
	t.Run("nothing is made by writing to it", func(t *testing.T) {
		k, ctx := start(t), deadline(t)
		cl := k.Client(t, kgo.UnknownTopicRetries(0))
		err := cl.ProduceSync(ctx, &kgo.Record{Topic: k.Topics.Comments, Value: []byte("{}")}).FirstErr()
		if !errors.Is(err, kerr.UnknownTopicOrPartition) {
			t.Errorf("error is %v, want that the topic is unknown", err)
		}
	})
	t.Run("a block at its largest fits", func(t *testing.T) {
		k, ctx := start(t), deadline(t)
		k.Create(t, 1)
		cl := k.Client(t, append(broker.LogWriter(), kgo.ProducerBatchCompression(kgo.NoCompression()))...)
		for _, topic := range []string{k.Topics.Journal, k.Topics.Meters, k.Topics.LedgerChangelog} {
			r := &kgo.Record{Topic: topic, Key: []byte("k"), Value: make([]byte, broker.MaxLogBytes-1024)}
			if err := cl.ProduceSync(ctx, r).FirstErr(); err != nil {
				t.Errorf("writing %d bytes to %s: %v", len(r.Value), topic, err)
			}
		}
	})
	t.Run("a new owner of a transactional id fences the old one", func(t *testing.T) { fencing(t, start(t)) })
}

// fencing is what checkpoints rest on: raising the epoch aborts what the former owner had open and refuses what it
// would still commit.
func fencing(t *testing.T, k brokertest.Kafka) {
	ctx := deadline(t)
	k.Create(t, 1)
	owner := func() *kgo.Client {
		return k.Client(t, kgo.TransactionalID(k.Prefix+"show/0"), kgo.DefaultProduceTopic(k.Topics.ShowChangelog))
	}
	write := func(cl *kgo.Client, value string) error {
		return cl.ProduceSync(ctx, &kgo.Record{Key: []byte("k"), Value: []byte(value)}).FirstErr()
	}
	former := owner()
	must(t, former.BeginTransaction())
	must(t, write(former, "kept"))
	must(t, former.EndTransaction(ctx, kgo.TryCommit))
	must(t, former.BeginTransaction())
	must(t, write(former, "lost"))

	next := owner()
	if _, _, err := next.ProducerID(ctx); err != nil { // InitProducerID
		t.Fatal(err)
	}
	if err := former.EndTransaction(ctx, kgo.TryCommit); err == nil {
		t.Error("the former owner has committed after it was fenced")
	}
	must(t, next.BeginTransaction())
	must(t, write(next, "next"))
	must(t, next.EndTransaction(ctx, kgo.TryCommit))
	if got := committed(t, k, k.Topics.ShowChangelog, "next"); !slices.Equal(got, []string{"kept", "next"}) {
		t.Errorf("committed values are %v, want kept and next", got)
	}
}

// committed reads values, read-committed, from the start of a topic up to and with last.
func committed(t *testing.T, k brokertest.Kafka, topic, last string) []string {
	t.Helper()
	ctx := deadline(t)
	cl := k.Client(t, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond))
	var got []string
	for !slices.Contains(got, last) {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("reading %s: %v; got %v", topic, err, got)
		}
		fetches.EachRecord(func(r *kgo.Record) { got = append(got, string(r.Value)) })
	}
	return got
}

func TestCreateRefuses(t *testing.T) {
	c, err := broker.New(broker.Settings{Seeds: []string{"127.0.0.1:1"}, Dialer: noNetwork})
	must(t, err)
	twice := broker.DefaultTopics()
	twice.Alerts = twice.Meters
	none := broker.DefaultTopics()
	none.Credits = ""
	for _, test := range []struct {
		name       string
		topics     broker.Topics
		partitions int32
	}{
		{"no partitions", broker.DefaultTopics(), 0},
		{"a name used twice", twice, 4},
		{"a name left out", none, 4},
	} {
		if _, err := broker.Create(t.Context(), c, test.topics, test.partitions, 1); err == nil {
			t.Errorf("%s: no error", test.name)
		} else if errors.Is(err, errNoNetwork) {
			t.Errorf("%s: noticed only by connecting", test.name)
		}
	}
}

var errNoNetwork = errors.New("no network here")

func noNetwork(context.Context, string, string) (net.Conn, error) { return nil, errNoNetwork }

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
