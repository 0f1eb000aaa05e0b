package history

import (
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// walk is a show whose numbers move as a room's do: gauges by a random walk, with all their decimals; counters by what
// happens.
type walk struct {
	rng             *rand.Rand
	id              string
	gauge, viewers  float64
	people, orders  int64
	comments, likes int64
	net             int64
	offset          int64
}

func (w *walk) room(pane int64) *eventpb.Meter {
	w.gauge = min(99, max(1, w.gauge+w.rng.NormFloat64()))
	w.viewers = max(10, w.viewers*(1+.01*w.rng.NormFloat64()))
	w.people += w.rng.Int64N(5)
	w.comments += w.rng.Int64N(20)
	w.likes += w.rng.Int64N(60)
	h := &eventpb.Heat{
		Gauge: w.gauge, GaugeLo: w.gauge - 3 - w.rng.Float64(), GaugeHi: w.gauge + 3 + w.rng.Float64(), Temperature: w.gauge / 7,
		TemperatureLo: w.gauge/7 - w.rng.Float64(), TemperatureHi: w.gauge/7 + w.rng.Float64(), PowerWatts: w.gauge * (1 + w.rng.Float64()),
		HeatJoules: w.gauge * w.viewers, ActiveHeads: int64(w.viewers / 3), EffectiveActs: w.gauge * 11, Viewers: int64(w.viewers),
	}
	raw := &eventpb.Heat{Gauge: w.gauge * 1.01, Temperature: w.gauge / 6.9}
	return &eventpb.Meter{Room: &eventpb.Room{Final: &eventpb.RoomView{
		Pane: pane, Heat: h, Raw: raw, PeopleTotal: w.people, BuyersTotal: w.orders / 2, OrdersTotal: w.orders,
		Totals: []*eventpb.KindTotal{{Kind: eventpb.Kind_KIND_COMMENT, Events: w.comments}, {Kind: eventpb.Kind_KIND_LIKE, Events: w.likes},
			{Kind: eventpb.Kind_KIND_JOIN, Events: w.people}, {Kind: eventpb.Kind_KIND_ORDER, Events: w.orders}},
	}}}
}

func (w *walk) insight(pane int64) *eventpb.Meter {
	e := func(v float64) *eventpb.Estimate { return &eventpb.Estimate{Value: v} }
	i := &eventpb.Insight{
		Pane: pane, Sync: &eventpb.Sync{Rate: e(w.gauge * .8), Amount: e(w.rng.Float64()), Echo: e(w.rng.Float64())},
		Contagion: &eventpb.Contagion{Lexical: e(w.rng.Float64() / 3), Total: e(w.rng.Float64() / 2)},
		Trust:     &eventpb.Trust{Share: .95 + w.rng.Float64()/50}, Ignition: &eventpb.Ignition{}, BackedShare: w.rng.Float64() / 10,
		Alignment: &eventpb.Alignment{Total: e(w.rng.Float64())}, Funnel: &eventpb.Funnel{},
	}
	for n, s := range stages {
		i.Funnel.Stages = append(i.Funnel.Stages, &eventpb.Stage{Name: s, People: w.people >> n})
	}
	for _, b := range bodies {
		i.Bodies = append(i.Bodies, &eventpb.Body{Role: b, Theta: e(w.gauge / 50 * (.9 + w.rng.Float64()/5))})
	}
	return &eventpb.Meter{Insight: i}
}

func (w *walk) money() *eventpb.Meter {
	w.orders++
	w.net += 1000 + w.rng.Int64N(9000)
	return &eventpb.Meter{Money: &eventpb.Money{Buyers: w.orders / 2, OrdersTotal: w.orders, Gmv: []*eventpb.Gmv{{Currency: "JPY",
		CreatedMinor: w.net * 11 / 10, PaidMinor: w.net, NetMinor: w.net * 9 / 10, RefundedMinor: w.net / 10,
		OrdersCreated: w.orders, OrdersPaid: w.orders, Units: w.orders * 2, Buyers: w.orders / 2}}}}
}

// say brings a meter to the store as a record would.
func (w *walk) say(b *testing.B, s *store, partition int32, part string, at int64, m *eventpb.Meter) {
	m.Version, m.Scope, m.Part, m.AppendMs = event.Version, "show/"+w.id, part, (at+37)*1000
	value, err := m.MarshalVTStrict()
	if err != nil {
		b.Fatal(err)
	}
	st, err := readMeter([]byte(m.Scope+"/"+part), value, fmt.Sprintf("show/%d/%d/0", partition, w.offset))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.take(partition, w.offset, m.AppendMs, st); err != nil {
		b.Fatal(err)
	}
	w.offset++
}

func onDisk(b *testing.B, dir string) (n int64) {
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".sst" {
			info, err := d.Info()
			n += info.Size()
			return err
		}
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkYearOfMinutes writes one-minute rows of rooms, insights and money of some shows, each on the air twice a week
// for three hours, over a year, from six statements a minute; and says what a thousand such shows would take, and a
// thousand that never end. An operation is one such show and year.
func BenchmarkYearOfMinutes(b *testing.B) {
	dir := b.TempDir()
	db, err := disk.OpenBlocks(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	s, err := openStore(db, "log", Keep{2: DefaultKeep[2]}, 0, time.Now, newMetrics(nil), slog.Default())
	if err != nil {
		b.Fatal(err)
	}
	statements := 0
	for n := range b.N {
		w := &walk{rng: rand.New(rand.NewPCG(1, uint64(n))), id: fmt.Sprintf("S%04d", n), gauge: 50, viewers: 500}
		for session := range int64(104) {
			from := 1_700_000_000 + session*7*24*3600/2
			for at := from; at < from+3*3600; at += 10 {
				w.say(b, s, int32(n), partRoom, at, w.room(at))
				if at%20 == 0 {
					w.say(b, s, int32(n), partInsight, at, w.insight(at))
				}
				if w.rng.IntN(3) == 0 {
					w.say(b, s, int32(n), partMoney, at, w.money())
				}
			}
			if err := s.commit(); err != nil {
				b.Fatal(err)
			}
		}
		statements += int(w.offset)
	}
	b.StopTimer()
	m := s.meta
	if err := db.Tidy(); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	minutes := float64(b.N) * 104 * 180
	year := 365 * 24 * 60. * 1000
	b.ReportMetric(float64(m.bytes())/minutes, "B/show-minute")
	b.ReportMetric(float64(onDisk(b, dir))/minutes, "disk-B/show-minute")
	b.ReportMetric(float64(m.bytes())/float64(b.N)*1000/(1<<30), "GiB/1000-shows-6h-a-week")
	b.ReportMetric(float64(m.bytes())/minutes*year/(1<<30), "GiB/1000-shows-always-on")
	b.ReportMetric(4*(1<<30)/(float64(m.bytes())/minutes)/1000/52/60, "h-a-week-in-4GiB")
	b.ReportMetric(float64(statements)/b.Elapsed().Seconds(), "statements/s")
}

// BenchmarkTake is the cost of a room's second in all four tiers, as the follower pays it: 100 shows a second, a commit
// each two seconds.
func BenchmarkTake(b *testing.B) {
	db, err := disk.OpenBlocks(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	s, err := openStore(db, "log", DefaultKeep, 0, time.Now, newMetrics(nil), slog.Default())
	if err != nil {
		b.Fatal(err)
	}
	shows := make([]*walk, 100)
	for i := range shows {
		shows[i] = &walk{rng: rand.New(rand.NewPCG(1, uint64(i))), id: fmt.Sprintf("S%04d", i), gauge: 50, viewers: 500}
	}
	start := time.Now().Unix() - 3600
	n := 0
	for b.Loop() {
		at := start + int64(n/100)
		w := shows[n%100]
		w.say(b, s, int32(n%100), partRoom, at, w.room(at))
		if n++; n%200 == 0 {
			if err := s.commit(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkRead answers a day of minutes with five columns.
func BenchmarkRead(b *testing.B) {
	db := inMemory(b)
	defer db.Close()
	s, err := openStore(db, "log", DefaultKeep, 0, time.Now, newMetrics(nil), slog.Default())
	if err != nil {
		b.Fatal(err)
	}
	w := &walk{rng: rand.New(rand.NewPCG(1, 1)), id: "S", gauge: 50, viewers: 500}
	start := time.Now().Unix() - 86_400
	for at := start; at < start+86_400; at += 10 {
		w.say(b, s, 0, partRoom, at, w.room(at))
		w.say(b, s, 0, partMoney, at, w.money())
	}
	if err := s.commit(); err != nil {
		b.Fatal(err)
	}
	q := &query{scope: "show/S", tier: 2, from: start, to: start + 86_400, limit: maxAnswerRows}
	for _, n := range []string{"heat.gauge", "heat.gauge.min", "heat.gauge.max", "heat.viewers", "gmv.JPY.net"} {
		c, ok := parseName(n)
		if !ok {
			b.Fatal(n)
		}
		q.columns = append(q.columns, c)
	}
	rows := 0
	for b.Loop() {
		a, err := read(db, q)
		if err != nil {
			b.Fatal(err)
		}
		rows += len(mustJSON(view(fields(q, a), q, a)))
	}
	b.ReportMetric(float64(rows)/float64(b.N), "B/answer")
}
