package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const show = "fanout"

// source is a broker with one show on the air, whose room changes.
type source struct {
	dir      string
	embedded *broker.Embedded
	client   *kgo.Client
	topics   broker.Topics
	n        int64
}

func newSource(ctx context.Context) (*source, error) {
	dir, err := os.MkdirTemp("", "fanout")
	if err != nil {
		return nil, fmt.Errorf("making a directory: %w", err)
	}
	s := &source{dir: dir, topics: broker.TopicsWithPrefix("netsu.")}
	if s.embedded, err = broker.StartEmbedded(broker.EmbeddedSettings{Dir: dir, Logger: slog.Default()}); err != nil {
		s.close()
		return nil, err
	}
	if _, err = broker.Create(ctx, s.embedded.Cluster(), s.topics, 1, 1); err == nil {
		s.client, err = s.embedded.Cluster().Client()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *source) close() {
	if s.client != nil {
		s.client.Close()
	}
	if s.embedded != nil {
		s.embedded.Close()
	}
	_ = os.RemoveAll(s.dir) // a temporary directory
}

// say appends the next state of the room.
func (s *source) say(ctx context.Context) error {
	s.n++
	f := float64(s.n % 97)
	now := time.Now()
	heat := func(x float64) *eventpb.Heat {
		return &eventpb.Heat{
			Gauge: x, GaugeLo: x - 3, GaugeHi: x + 3, Grade: 1, Temperature: x / 50, HeatJoules: 3 * x, MicrojoulesTotal: 1e6 * s.n,
			PowerWatts: x / 7, ActiveHeads: 40 + s.n%13, CapacityHeads: 300, EffectiveActs: 100 + f, Viewers: 900 + s.n%31,
		}
	}
	view := func(x float64) *eventpb.RoomView {
		return &eventpb.RoomView{
			Pane: now.Unix(), Heat: heat(x), Raw: heat(x + 1), PeopleTotal: 400 + s.n, BuyersTotal: 12 + s.n/9, OrdersTotal: 14 + s.n/8,
			Totals: []*eventpb.KindTotal{{Kind: eventpb.Kind_KIND_COMMENT, Events: 3 * s.n, Microjoules: 2e6 * s.n},
				{Kind: eventpb.Kind_KIND_LIKE, Events: 7 * s.n, Microjoules: 1e6 * s.n}},
		}
	}
	m := &eventpb.Meter{
		Version: event.Version, Scope: "show/" + show, Part: "room", AppendMs: now.UnixMilli(),
		Room: &eventpb.Room{
			ShowId: show, EsolId: "e", Platform: "bench", State: eventpb.RoomState_ROOM_STATE_ON_AIR, StartedMs: now.UnixMilli() - 60_000,
			LastEventMs: now.UnixMilli(), WatermarkMs: now.UnixMilli() - 5000, Final: view(f), Provisional: view(f + .5),
		},
	}
	value, err := m.MarshalVTStrict()
	if err != nil {
		return fmt.Errorf("encoding a meter: %w", err)
	}
	r := &kgo.Record{
		Topic: s.topics.Meters, Key: []byte(m.Scope + "/room"), Value: value,
		Headers: []kgo.RecordHeader{{Key: "netsu-source", Value: fmt.Appendf(nil, "show/0/%d/0", s.n)}},
	}
	if err := s.client.ProduceSync(ctx, r).FirstErr(); err != nil {
		return fmt.Errorf("appending a meter: %w", err)
	}
	return nil
}
