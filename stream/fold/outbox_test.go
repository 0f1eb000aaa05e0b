package fold

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A checkpoint must not go on when an output before it has failed, even if that was the last and the fold says no more.
func TestFlightWithAFailedRecordDoesNotLand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := brokertest.Bubble(t)
		p, err := newProducer(k.Cluster)
		if err != nil {
			t.Fatal(err)
		}
		defer p.close()
		ctx, fail := context.WithCancelCause(t.Context())
		o := newOutbox(Config{}, 0, p, fail, still)
		// The topic does not exist, so the record waits; then it fails.
		if err := o.send(ctx, &kgo.Record{Topic: "nowhere"}); err != nil {
			t.Fatal(err)
		}
		f := o.cut()
		synctest.Wait()
		p.cancel(errors.New("broken"))
		if err := f.landed(ctx); !errors.Is(err, errProducer) {
			t.Errorf("it landed: %v", err)
		}
		if err := o.send(ctx, &kgo.Record{Topic: "nowhere"}); !errors.Is(err, errProducer) {
			t.Errorf("another was sent through a failed producer: %v", err)
		}
	})
}

// However much a fold says of one record, blocks stay within their bound, and keep order and positions.
func TestManyEventsBecomeSeveralBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := brokertest.Bubble(t)
		layout := k.Create(t, 2)
		p, err := newProducer(k.Cluster)
		if err != nil {
			t.Fatal(err)
		}
		defer p.close()
		ctx, fail := context.WithCancelCause(t.Context())
		o := newOutbox(Config{Topics: k.Topics, Layout: layout, Stage: Stage{Name: "journey", Input: k.Topics.Journeys}}, 1, p, fail, still)
		var out operators.Outputs
		const n = 30
		for i := range n {
			out.Event(operators.LogCredits, "esol/E", &eventpb.Event{IdLo: uint64(i), Text: string(make([]byte, 100<<10))})
		}
		if err := o.publish(ctx, 77, &out); err != nil {
			t.Fatal(err)
		}
		if err := o.cut().landed(ctx); err != nil {
			t.Fatal(err)
		}
		cl := k.Client(t, kgo.ConsumeTopics(k.Topics.Credits))
		seen, blocks := 0, 0
		for seen < n {
			cl.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) {
				var b eventpb.Block
				if err := decode(&b, r.Value); err != nil {
					t.Fatal(err)
				}
				if len(r.Value) > event.MaxBlockBytes || r.Partition != event.Partition("esol/E", 2) || r.Key != nil {
					t.Errorf("a block of %d bytes in partition %d, key %q", len(r.Value), r.Partition, r.Key)
				}
				blocks++
				for _, e := range b.Events {
					if e.IdLo != uint64(seen) || e.SourceOffset != 77 || e.SourceIndex != uint32(seen) {
						t.Errorf("event %d comes as %d from %d.%d", seen, e.IdLo, e.SourceOffset, e.SourceIndex)
					}
					seen++
				}
			})
		}
		if blocks < 3 {
			t.Errorf("3 MB came in %d blocks", blocks)
		}
		var large operators.Outputs
		large.Event(operators.LogCredits, "esol/E", &eventpb.Event{Text: string(make([]byte, event.MaxBlockBytes))})
		if err := o.publish(ctx, 78, &large); err == nil {
			t.Error("an event too large for a block was sent")
		}
	})
}

// still says that every topic is what it was.
func still(context.Context, ...string) error { return nil }
