package stream_test

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim"
)

// steppedLog shows the internal logs to who reads them as they would be if, from a moment on, clocks had gone wrong: the
// broker's, which stamps records, and ingest's, which is what ticks claim.
type steppedLog struct {
	topics        []string
	from          time.Time
	broker, ticks time.Duration
}

// OnFetchRecordBuffered implements kgo.HookFetchRecordBuffered. What it makes of a record does not depend on when it is
// read.
func (s *steppedLog) OnFetchRecordBuffered(r *kgo.Record) {
	if !slices.Contains(s.topics, r.Topic) || r.Timestamp.Before(s.from) || r.Attrs.IsControl() {
		return
	}
	if s.ticks > 0 && r.Timestamp.After(time.Now().Add(s.ticks/2)) {
		return // by a process that went on from what it had read here
	}
	r.Timestamp = r.Timestamp.Add(s.broker)
	if s.ticks == 0 {
		return
	}
	b := &eventpb.Block{}
	if b.UnmarshalVT(r.Value) != nil {
		return // who reads it says so
	}
	for _, e := range b.Events {
		if e.Kind == eventpb.Kind_KIND_TICK && e.GetTick().GetIngestedMs() > 0 {
			e.TimeMs += s.ticks.Milliseconds()
			e.Tick.IngestedMs += s.ticks.Milliseconds()
		}
	}
	r.Value = []byte(marshal(b))
}

// TestFaultClocksStep sets clocks forward and back by an hour while rooms are on the air, and starts the program again
// afterwards. Rooms go on while it lasts, and in the end every final number is that of an undisturbed run: nothing is
// late for it.
func TestFaultClocksStep(t *testing.T) {
	seed := seedOf(t)
	var want map[string]string
	for _, c := range []struct {
		name string
		log  steppedLog
	}{
		{"none", steppedLog{}},
		{"the broker's and ingest's, back", steppedLog{broker: -time.Hour, ticks: -time.Hour}},
		{"the broker's and ingest's, forward", steppedLog{broker: time.Hour, ticks: time.Hour}},
		{"the broker's, back", steppedLog{broker: -time.Hour}},
		{"the broker's, forward", steppedLog{broker: time.Hour}},
	} {
		if !*long && (c.log.ticks == 0) != (c.log.broker == 0) {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, seed, 1, func(w *world) {
				w.step(seed, c.log)
				latest := settled(w.ctx, t, w.root.Cluster, w.root.Topics, w.sc.shows, 5*time.Second)
				w.sc.judge(t, latest)
				for _, m := range latest {
					if m.Room != nil {
						m.Room.LastEventMs = 0 // no later than append time, which is a little slower for a while
					}
				}
				if want == nil {
					want = finals(latest)
				}
				w.same(want, latest)
			})
		})
	}
}

// step plays shows that are on the air now, to a process that sees the log stepped from a moment on in mid-show.
func (w *world) step(seed uint64, log steppedLog) {
	const before = 12 * time.Minute // the first of the cast's shows begin so long before its moment
	w.sc = playFrom(w.t, seed, time.Now().Add(before+time.Minute), faultsLast, 1, sim.Wire{Disorder: 3 * time.Second, BadRate: .002})
	first := time.UnixMilli(w.sc.records[0].ArriveMS)
	log.topics, log.from = w.root.Topics.Logs(), first.Add(30*time.Second)
	k := w.root
	var err error
	if k.Cluster, err = broker.New(w.settings("netsu", w.net.DialContext, &log)); err != nil {
		w.t.Fatal(err)
	}
	dir := w.t.TempDir()
	m := w.start(k, dir)
	w.until("running", time.Minute, func() bool { return m.running(12) })
	time.Sleep(time.Until(first))
	wait := w.begin()
	time.Sleep(time.Until(log.from.Add(5 * time.Second)))
	for range 2 {
		before := w.latestRoom()
		time.Sleep(10 * time.Second)
		if after := w.latestRoom(); after-before < 5_000 {
			w.t.Errorf("in ten seconds the watermarks went from %d to %d", before, after)
		}
		m.stop()
		m = w.start(k, dir)
		w.until("running", time.Minute, func() bool { return m.running(12) })
	}
	wait()
}

// latestRoom is the greatest watermark of a show on the air.
func (w *world) latestRoom() (ms int64) {
	w.t.Helper()
	latest, err := meters(w.ctx, w.root.Cluster, w.root.Topics)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range latest {
		if m.Room.GetState() == eventpb.RoomState_ROOM_STATE_ON_AIR {
			ms = max(ms, m.Room.WatermarkMs)
		}
	}
	return ms
}
