package feed

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
)

var update = flag.Bool("update", false, "rewrite the golden files of testdata")

// golden compares got with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is made now (go test -update rewrites it, the diff is the review):\n%s", path, got)
	}
}

func indented(t *testing.T, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// noon is 2026-03-08T12:00:00Z, when the examples are on the air.
const noon = 1772971200

// exampleHeat is a room of the given heads and temperature with an interval of ±20 %.
func exampleHeat(heads int64, temperature float64) *eventpb.Heat {
	capacity := float64(heads) + 5 + 120
	return &eventpb.Heat{
		MicrojoulesTotal: 5_120_400_000, HeatJoules: temperature * capacity, Temperature: temperature,
		TemperatureLo: temperature / 1.2, TemperatureHi: temperature * 1.2,
		PowerWatts: temperature * capacity * math.Ln2 / 60,
		Gauge:      gaugeOf(temperature), GaugeLo: gaugeOf(temperature / 1.2), GaugeHi: gaugeOf(temperature * 1.2),
		Grade: eventpb.Grade_GRADE_A, ActiveHeads: heads, CapacityHeads: capacity, EffectiveActs: 88.5, Viewers: 1320,
	}
}

func exampleRoom(show, esol string, heads int64, temperature float64) *eventpb.Room {
	view := func(pane int64, t float64) *eventpb.RoomView {
		return &eventpb.RoomView{
			Pane: pane, Heat: exampleHeat(heads, t), PeopleTotal: 412, BuyersTotal: 31, OrdersTotal: 34,
			Raw: exampleHeat(heads, t*1.08),
			Sources: []*eventpb.Share{
				{Name: "comment", Amount: 121.4, Share: .5137}, {Name: "order", Amount: 61.2, Share: .259},
				{Name: "product_click", Amount: 32.9, Share: .1392}, {Name: "like", Amount: 20.82, Share: .0881},
			},
			Sinks: []*eventpb.Share{
				{Name: "cooling", Amount: 2.61, Share: .6692}, {Name: "leaving", Amount: .62, Share: .159},
				{Name: "repetition", Amount: .41, Share: .1051}, {Name: "saturation", Amount: .17, Share: .0436},
				{Name: "distrust", Amount: .09, Share: .0231},
			},
			Totals: []*eventpb.KindTotal{
				{Kind: eventpb.Kind_KIND_COMMENT, Events: 1904, Microjoules: 1_702_300_000},
				{Kind: eventpb.Kind_KIND_LIKE, Events: 22140, Microjoules: 1_107_000_000},
				{Kind: eventpb.Kind_KIND_ORDER, Events: 34, Microjoules: 408_000_000},
			},
		}
	}
	return &eventpb.Room{
		ShowId: show, EsolId: esol, Platform: "tiktok", Title: "春の新作 リップ&チーク", State: eventpb.RoomState_ROOM_STATE_ON_AIR,
		StartedMs: (noon - 1800) * 1000, LastEventMs: noon*1000 - 300, WatermarkMs: noon*1000 - 5300,
		Final: view(noon-36, temperature*.95), Provisional: view(noon-1, temperature),
		LateTotal: 3, LateSample: []string{"netsu.comments/2/18231"},
	}
}

func exampleMoney() *eventpb.Money {
	return &eventpb.Money{
		Buyers: 31, OrdersTotal: 34, LastOrderMs: noon*1000 - 4200,
		Gmv: []*eventpb.Gmv{{
			Currency: "JPY", Exponent: 0, CreatedMinor: 142800, PaidMinor: 128400, NetMinor: 119050, SettledMinor: 0,
			RefundedMinor: 4980, CancelledMinor: 4370, OrdersCreated: 34, OrdersPaid: 31, OrdersCancelled: 1,
			OrdersRefunded: 1, Units: 47, Buyers: 30, AverageOrderMinor: 4142,
		}, {
			Currency: "USD", Exponent: 2, CreatedMinor: 2598, PaidMinor: 2598, NetMinor: 2598, OrdersCreated: 1,
			OrdersPaid: 1, Units: 1, Buyers: 1, AverageOrderMinor: 2598,
		}},
	}
}

func exampleTrend() *eventpb.Trend {
	const from = noon - 600
	return trendChunk(from, 6)
}

// exampleTrends are twenty minutes that end at noon, the second ten of them hotter.
func exampleTrends() []*eventpb.Trend {
	before := trendChunk(noon-1200, 60)
	for _, p := range before.Points {
		p.Comments, p.Heat = 9, exampleHeat(70, .8)
	}
	return []*eventpb.Trend{before, trendChunk(noon-600, 60)}
}

func trendChunk(from, points int64) *eventpb.Trend {
	chunk := &eventpb.Trend{FromPane: from, Marks: []*eventpb.Mark{
		{Kind: eventpb.Kind_KIND_PIN, TimeMs: (from + 47) * 1000, ProductId: "lip-01", Id: "pin-7"},
		{Kind: eventpb.Kind_KIND_CALL, TimeMs: (from + 52) * 1000, Id: "call-3"},
	}}
	for i := range points {
		chunk.Points = append(chunk.Points, &eventpb.TrendPoint{
			Pane: from + 10*i + 9, Heat: exampleHeat(80+i%6, .6+.1*float64(i%6)), Comments: 12 + i%6, Orders: i % 2,
			Viewers: 1300 + i,
		})
	}
	return chunk
}

// TestExamples keeps the documents that clients are built on: what view.go promises, with values one could see.
func TestExamples(t *testing.T) {
	room, money := exampleRoom("S42", "hanako", 86, 1.12), exampleMoney()
	quiet := exampleRoom("S43", "hanako", 2, .2)
	quiet.State, quiet.Title = eventpb.RoomState_ROOM_STATE_IDLE, "夜のスキンケア"
	for _, v := range []*eventpb.RoomView{quiet.Final, quiet.Provisional} {
		v.Heat.Insufficient, v.Heat.EffectiveActs, v.Heat.Viewers = "too_few_people", 4, -1
	}
	const asOf = noon*1000 + 140
	trends := exampleTrends()
	show := showDocument("show/S42", room, money, exampleInsight(), trends, asOf)
	show.Trend = show.Trend[len(show.Trend)-6:] // a real one has sixty points; six show as much
	others := make([]pace, 10)
	for i := range others {
		others[i] = paceOf([]*eventpb.Trend{trendChunk(noon-1200, 60), trendChunk(noon-600, int64(30+i))})
		for of := range others[i] {
			others[i][of].last.sum *= .3 + .1*float64(i)
		}
	}
	show.Context = contextDocument(paceOf(trends), others)
	hot := row(&scope{
		name: "show/S42", room: room, money: money, insight: exampleInsight(), pace: paceOf(trends), asOf: asOf,
	}, "")
	hot.Attention = nonEmpty("hot_not_buying")
	rows := []Row{row(&scope{name: "show/S43", room: quiet, asOf: asOf - 200}, ""), hot}
	esol := &Esol{
		Scope: "esol/hanako", Kind: "esol", ID: "hanako", Money: moneyDocument(money),
		Heat:   rollUp([]*eventpb.Heat{room.Provisional.Heat, quiet.Provisional.Heat}),
		Funnel: (*EsolFunnel)(nil).with(exampleInsight().Funnel), Shows: rows, Age: age(asOf, room.WatermarkMs),
	}
	golden(t, "example_esol.json", indented(t, esol))
	golden(t, "example_board.json", indented(t, boardDocument(rows, []CampaignRow{campaignRow(exampleCampaign(), "")}, asOf, room.WatermarkMs)))
	golden(t, "example_show.json", indented(t, show))
	snap, delta := exampleFrames(t, show)
	golden(t, "example_snap_show.json", snap)
	golden(t, "example_delta_show.json", delta)
}

// exampleFrames are the snap of a show, and the delta to one that has sold something more and is a little hotter.
func exampleFrames(t *testing.T, show *Show) (snap, delta []byte) {
	h := newHub(newPosition(nil, broker.Topics{}), 1, 1, newMetrics(nil), slog.New(slog.DiscardHandler))
	h.at.reachMeter(0, 184470)
	s := &topic{hub: h, name: "show/S42", shape: shapeOf("show/S42")}
	publish := func() *edition {
		p, err := split(show, nil)
		if err == nil {
			err = p.canonical(s.parts)
		}
		if err != nil {
			t.Fatal(err)
		}
		s.parts, s.whole = p, membersOf(p)
		v := s.view(nil, nil)
		v.publish(0)
		return v.edition.Load()
	}
	first := publish()
	h.at.reachMeter(0, 184488)
	gmv := show.Money.GMV[0]
	gmv.Paid.Minor, gmv.Net.Minor, gmv.OrdersPaid = plus(gmv.Paid.Minor, 12800), plus(gmv.Net.Minor, 12800), gmv.OrdersPaid+1
	show.Money.GMV[0] = gmv
	show.Room.Provisional.Heat.Gauge = ptr(73.5)
	show.Age = age(noon*1000+240, noon*1000-35000)
	return spread(t, first.from(0).body), spread(t, publish().from(first.seq).body)
}

func plus(minor string, n int64) string {
	v, err := strconv.ParseInt(minor, 10, 64)
	if err != nil {
		panic(err)
	}
	return strconv.FormatInt(v+n, 10)
}

func spread(t *testing.T, frame []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, frame, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), '\n')
}
