// Package brokertest gives tests a Kafka to run against: an embedded broker on disk (Embedded), one that lives in a
// testing/synctest bubble (Bubble), or a real one (Real). Each comes with topic names that no other test has.
//
//	k := brokertest.Embedded(t)
//	layout := k.Create(t, 4)
//	client := k.Client(t, kgo.ConsumeTopics(k.Topics.Journal))
//
// Everything is closed at the test's end. Tests against a real Kafka are named Test…Kafka…, so that CI can run just
// those.
package brokertest

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// Kafka is a cluster for one test.
type Kafka struct {
	Cluster  *broker.Cluster
	Prefix   string           // of Topics; for group names and transactional ids too
	Topics   broker.Topics    // not made yet: see Create
	Embedded *broker.Embedded // nil for Real
}

// Embedded starts a broker in the process, with its data in a directory of the test and a port of its own.
func Embedded(t testing.TB) Kafka {
	t.Helper()
	return start(t, broker.EmbeddedSettings{Dir: t.TempDir()})
}

// Bubble starts a broker within a synctest bubble: pipes instead of sockets, in memory, virtual time. It must be called
// inside the bubble. The broker does not tidy up, so that hours pass quickly. Clients must be closed before the
// bubble ends; those of Client are.
func Bubble(t testing.TB) Kafka {
	t.Helper()
	net := &kfake.VirtualNetwork{}
	return start(t, broker.EmbeddedSettings{Port: 9092, TidyEvery: -1, Listen: net.Listen, Dialer: net.DialContext})
}

func start(t testing.TB, s broker.EmbeddedSettings) Kafka {
	t.Helper()
	e, err := broker.StartEmbedded(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return Kafka{Cluster: e.Cluster(), Prefix: broker.DefaultPrefix, Topics: broker.DefaultTopics(), Embedded: e}
}

// Names of the environment that Real reads.
const (
	BrokersEnv = "NETSU_TEST_BROKERS"       // host:port[,host:port…] of a cluster without TLS or SASL
	RequireEnv = "NETSU_TEST_REQUIRE_KAFKA" // "1": a test that would be skipped for want of BrokersEnv fails
)

// Real gives the cluster named by the environment. The test's topics are deleted at its end.
func Real(t testing.TB) Kafka {
	t.Helper()
	seeds := os.Getenv(BrokersEnv)
	if seeds == "" {
		if os.Getenv(RequireEnv) == "1" {
			t.Fatalf("%s=1 but %s is not set", RequireEnv, BrokersEnv)
		}
		t.Skipf("needs a real Kafka: `deploy/kafka/kafka.sh start`, then set %s=127.0.0.1:19092", BrokersEnv)
	}
	c, err := broker.New(broker.Settings{Seeds: strings.Split(seeds, ",")})
	if err != nil {
		t.Fatal(err)
	}
	prefix := "test-" + strings.ToLower(rand.Text()[:12]) + "."
	k := Kafka{Cluster: c, Prefix: prefix, Topics: broker.TopicsWithPrefix(prefix)}
	t.Cleanup(func() { k.deleteTopics(t) })
	return k
}

func (k Kafka) deleteTopics(t testing.TB) {
	cl, err := k.Cluster.Client()
	if err != nil {
		t.Error(err)
		return
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	adm := kadm.NewClient(cl)
	topics, err := adm.ListTopics(ctx)
	if err != nil {
		t.Errorf("listing the test's topics: %v", err)
		return
	}
	topics.FilterInternal()
	for name := range topics {
		if !strings.HasPrefix(name, k.Prefix) {
			continue
		}
		if _, err := adm.DeleteTopic(ctx, name); err != nil {
			t.Errorf("deleting topic %s: %v", name, err)
		}
	}
}

// Create makes all topics, with one replica, and returns their layout.
func (k Kafka) Create(t testing.TB, partitions int32) *broker.Layout {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := broker.Create(ctx, k.Cluster, k.Topics, partitions, 1); err != nil {
		t.Fatal(err)
	}
	l, err := broker.Load(ctx, k.Cluster, k.Topics)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Client makes a client, closed at the test's end, before the broker.
func (k Kafka) Client(t testing.TB, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := k.Cluster.Client(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}
