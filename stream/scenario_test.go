package stream_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/sim/oracle"
	"github.com/netsu/netsu/stream/source"
)

// scenario is a set of raw records in their order of arrival, with what is known of them.
type scenario struct {
	records []source.Record
	truth   sim.Truth
	shows   []string
}

// play simulates the demo's cast for a limited time, at a higher rate, with everything that can go wrong on the wire:
// disorder, duplicates, late and bad records.
func play(t testing.TB, seed uint64, lasts time.Duration, rate float64, wire sim.Wire) scenario {
	t.Helper()
	// An hour ago: far enough for every show to be over, near enough for no order to settle.
	return playFrom(t, seed, time.Now().Add(-time.Hour).Truncate(time.Hour), lasts, rate, wire)
}

func playFrom(t testing.TB, seed uint64, begin time.Time, lasts time.Duration, rate float64, wire sim.Wire) scenario {
	t.Helper()
	conf := sim.Demo(seed, begin)
	conf.Wire = wire
	for i := range conf.Shows {
		s := &conf.Shows[i]
		s.Lasts = lasts
		s.Rate *= rate
		s.People = int(float64(s.People) * max(1, rate/4))
	}
	shows, err := sim.New(conf)
	if err != nil {
		t.Fatal(err)
	}
	var sc scenario
	for r, err := range shows.All() {
		if err != nil {
			t.Fatal(err)
		}
		sc.records = append(sc.records, r)
	}
	sc.truth = shows.Truth()
	for _, s := range conf.Shows {
		sc.shows = append(sc.shows, s.ID)
	}
	t.Logf("seed %d: %d records, %d duplicates, %d late, %d bad, %d orders", seed, len(sc.records), sc.truth.Duplicates,
		sc.truth.Late, sum(sc.truth.Bad), sc.truth.Orders)
	return sc
}

func sum(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// undisturbed runs the scenario through one quiet process and returns its meters: what every other run must say too.
func (sc scenario) undisturbed(t testing.TB) map[string]*eventpb.Meter {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	// First all records, then the program: it finds a backlog and must align its partitions by itself.
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Dir: filepath.Join(dir, "broker")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := broker.Create(ctx, e.Cluster(), broker.DefaultTopics(), 4, 1); err != nil {
		t.Fatal(err)
	}
	if err := produce(ctx, e.Cluster(), broker.DefaultTopics(), sc.records, 0); err != nil {
		t.Fatal(err)
	}
	e.Close()
	p, err := stream.Open(ctx, stream.Settings{DataDir: dir, Key: testKey, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(running) }()
	latest := settled(ctx, t, p.Cluster(), p.Topics(), sc.shows, 2*time.Second)
	stop()
	if err := <-done; err != nil {
		t.Error("stopping:", err)
	}
	if err := p.Close(); err != nil {
		t.Error("closing:", err)
	}
	return latest
}

// earliest is the least event time that ingest takes.
var earliest = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

// judge holds the meters against the oracle, which computes them from the list of records in another way.
func (sc scenario) judge(t testing.TB, latest map[string]*eventpb.Meter) {
	t.Helper()
	rules := oracle.Default()
	hasher, err := event.NewHasher(testKey)
	if err != nil {
		t.Fatal(err)
	}
	rules.Hasher = hasher
	o := oracle.New(rules)
	now := time.Now().UnixMilli()
	for i, r := range sc.records {
		o.AddRaw(r, fmt.Sprint("place ", i), now, earliest.UnixMilli())
	}
	var wrong []string
	note := func(key string, lines []string) {
		for _, l := range lines {
			wrong = append(wrong, key+": "+l)
		}
	}
	scopes := map[string]bool{}
	for _, s := range o.Scopes() {
		scopes[s] = true
		m := latest[s+"/money"]
		if m == nil {
			wrong = append(wrong, s+": no money")
			continue
		}
		note(s, oracle.Compare{}.Diff(o.Money(s, now), m.Money))
	}
	points, trend := 0, map[string]map[int64]*eventpb.TrendPoint{}
	for _, key := range slices.Sorted(maps.Keys(latest)) {
		m := latest[key]
		switch {
		case m.Money != nil && !scopes[m.Scope]:
			wrong = append(wrong, key+": the oracle knows no such scope")
		case m.Room != nil:
			note(key, oracle.Compare{}.Diff(o.View(m.Room.ShowId, m.Room.Final.Pane), m.Room.Final))
		case m.Trend != nil:
			at := trend[m.Scope]
			if at == nil {
				at = map[int64]*eventpb.TrendPoint{}
				trend[m.Scope] = at
				o.Trend(strings.TrimPrefix(m.Scope, "show/"), latest[m.Scope+"/room"].Room.Final.Pane,
					func(p *eventpb.TrendPoint) { at[p.Pane] = p })
			}
			for _, pt := range m.Trend.Points {
				points++
				if at[pt.Pane] == nil {
					wrong = append(wrong, fmt.Sprint(key, " ", pt.Pane, ": the oracle has no such point"))
					continue
				}
				note(fmt.Sprint(key, " ", pt.Pane), oracle.Compare{}.Diff(at[pt.Pane], pt))
				delete(at, pt.Pane)
			}
		}
	}
	for scope, at := range trend {
		if len(at) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s: %d trend points are missing", scope, len(at)))
		}
	}
	if points == 0 {
		t.Error("no trend point was compared: the test has lost its teeth")
	}
	if len(wrong) > 0 {
		t.Errorf("%d differences from the oracle, the first:\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 12)], "\n"))
	}
}

// deadLetters reads the dead letters, one for each place, by reason.
func deadLetters(ctx context.Context, t testing.TB, c *broker.Cluster, topics broker.Topics) map[string]int64 {
	t.Helper()
	seen := map[string]string{}
	err := readTopic(ctx, c, topics.DeadLetters, func(r *kgo.Record) {
		h := map[string]string{}
		for _, kv := range r.Headers {
			h[kv.Key] = string(kv.Value)
		}
		seen[h["topic"]+"/"+h["partition"]+"/"+h["offset"]] = h["reason"]
	})
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int64{}
	for _, reason := range seen {
		n[reason]++
	}
	return n
}
