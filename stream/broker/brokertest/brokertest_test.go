package brokertest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker/brokertest"
)

func TestEmbedded(t *testing.T) { roundTrip(t, brokertest.Embedded(t)) }

func TestRealKafka(t *testing.T) { roundTrip(t, brokertest.Real(t)) }

func TestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := brokertest.Bubble(t)
		began := time.Now()
		roundTrip(t, k)
		time.Sleep(time.Hour) // virtual
		if d := time.Since(began); d < time.Hour {
			t.Errorf("%v passed, want an hour: not in virtual time", d)
		}
	})
}

// roundTrip writes to one topic of the layout and reads it back in a group.
func roundTrip(t *testing.T, k brokertest.Kafka) {
	t.Helper()
	if l := k.Create(t, 3); l.Partitions[k.Topics.Journal] != 3 || l.Partitions[k.Topics.Catalog] != 1 {
		t.Fatalf("layout is %v, want 3 partitions of the journal and 1 of the catalog", l.Partitions)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cl := k.Client(t, kgo.ConsumeTopics(k.Topics.Journal), kgo.ConsumerGroup(k.Prefix+"readers"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	want := &kgo.Record{Topic: k.Topics.Journal, Value: []byte("block")}
	if err := cl.ProduceSync(ctx, want).FirstErr(); err != nil {
		t.Fatal(err)
	}
	fetches := cl.PollFetches(ctx)
	if err := fetches.Err0(); err != nil {
		t.Fatal(err)
	}
	if got := fetches.Records(); len(got) != 1 || string(got[0].Value) != "block" {
		t.Errorf("read %d records, want the one written", len(got))
	}
}
