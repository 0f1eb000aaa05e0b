package feed

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

func TestClientFrames(t *testing.T) {
	for _, c := range []struct{ frame, code string }{
		{`{"t":"sub","id":1,"topic":"show/S42"}`, ""},
		{`{"t":"sub","topic":"shows","max_hz":0.5}`, ""},
		{` {"t":"sub","topic":"show/a/b c"} `, ""},
		{`{"t":"unsub","sub":3}`, ""},
		{`{"t":"hello","v":1,"client":"acme/1"}`, ""},
		{`{"t":"sub","topic":"show/S42","fields":["money","room.final.heat","trend.at"]}`, ""},
		{`{"t":"sub","topic":"show/S42","fields":[]}`, ""},
		{`{"t":"sub","topic":"show/S42","resume":{"cursor":"e1:AAE","hash":"crc32c:00000000"}}`, ""},
		{`{"t":"sub","topic":"show/S42","resume":{"cursor":"e1:"}}`, ""},
		{`{"t":"tune","sub":3,"max_hz":0.5}`, ""},
		{`{"t":"tune","sub":3}`, ""},
		{`{"t":"hello","v":1,"resume":{"cursor":"e1:AAE"}}`, "UNKNOWN_FIELD"},
		{`{"t":"tune","max_hz":1}`, "BAD_FIELD"},
		{`{"t":"tune","sub":3,"max_hz":0}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","fields":"money"}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","fields":null}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","fields":["room.final.head"]}`, "UNKNOWN_FIELD"},
		{`{"t":"sub","topic":"show/S42","fields":["title.x"]}`, "UNKNOWN_FIELD"},
		{`{"t":"sub","topic":"show/S42","fields":[""]}`, "UNKNOWN_FIELD"},
		{`{"t":"sub","topic":"show/S42","resume":{"hash":"x"}}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","resume":{"cursor":"e1:AAE","session":"s"}}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","resume":{"cursor":"AAE"}}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","resume":{"cursor":"e1:gICAgICAgICAgIA"}}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"show/S42","resume":"e1:AAE"}`, "BAD_FIELD"},
		{`{"t":"ping"}`, ""},
		{``, "BAD_FRAME"},
		{`null`, "BAD_FRAME"},
		{`[]`, "BAD_FRAME"},
		{`{"t":"ping"`, "BAD_FRAME"},
		{`{"t":"ping"}{"t":"ping"}`, "BAD_FRAME"},
		{`{"t":"ping","t":"sub"}`, "BAD_FRAME"},
		{"{\"t\":\"\xff\"}", "BAD_FRAME"},
		{`{}`, "UNKNOWN_FRAME"},
		{`{"t":"explode"}`, "UNKNOWN_FRAME"},
		{`{"t":"watch"}`, "MISSING_FIELD"},
		{`{"t":"watch","topic":"show/S42"}`, "MISSING_FIELD"},
		{`{"t":"watch","topic":"show/S42","when":"room.final.heat.gauge > 60"}`, ""},
		{`{"t":"watch","topic":"show/S42","when":"room.final.heat.gage > 60"}`, "BAD_CONDITION"},
		{`{"t":"watch","topic":"show/S42","when":"room.final.heat.gauge > 60","max_hz":1}`, "UNKNOWN_FIELD"},
		{`{"t":"unwatch","watch":1}`, ""},
		{`{"t":"unwatch","sub":1}`, "UNKNOWN_FIELD"},
		{`{"t":7}`, "UNKNOWN_FRAME"},
		{`{"t":"ping","id":"x"}`, "BAD_FIELD"},
		{`{"t":"ping","id":-1}`, "BAD_FIELD"},
		{`{"t":"ping","id":1.5}`, "BAD_FIELD"},
		{`{"t":"ping","id":null}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"shows","fields":["gmv"]}`, "UNKNOWN_FIELD"},
		{`{"t":"sub"}`, "MISSING_FIELD"},
		{`{"t":"sub","topic":"room/1"}`, "UNKNOWN_TOPIC"},
		{`{"t":"sub","topic":"show/"}`, "UNKNOWN_TOPIC"},
		{`{"t":"sub","topic":"show"}`, "UNKNOWN_TOPIC"},
		{`{"t":"sub","topic":"show/` + strings.Repeat("x", 256) + `"}`, "UNKNOWN_TOPIC"},
		{`{"t":"sub","topic":"shows","max_hz":11}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"shows","max_hz":0}`, "BAD_FIELD"},
		{`{"t":"unsub"}`, "BAD_FIELD"},
		{`{"t":"unsub","sub":0}`, "BAD_FIELD"},
		{`{"t":"hello","v":2}`, "BAD_FIELD"},
		{`{"t":"hello","token":"x"}`, ""},
		{`{"t":"hello","token":""}`, "BAD_FIELD"},
		{`{"t":"sub","topic":"shows","token":"x"}`, "UNKNOWN_FIELD"},
	} {
		_, err := parseRequest([]byte(c.frame))
		var no *refusal
		code := ""
		if errors.As(err, &no) {
			code = no.code
		}
		if code != c.code || err != nil && no == nil {
			t.Errorf("%s: expected %q, got %v", c.frame, c.code, err)
		}
		if err := validFrame("client", []byte(c.frame)); code == "" && err != nil {
			t.Error(err)
		}
	}
}

// FuzzClientFrame: a frame is understood or refused with a code and a sentence, and what is understood is within
// limits.
func FuzzClientFrame(f *testing.F) {
	f.Add([]byte(`{"t":"sub","id":1,"topic":"show/S42","max_hz":2}`))
	f.Add([]byte(`{"t":"unsub","sub":3}`))
	f.Add([]byte(`{"t":"sub","topic":"esol/hana","fields":["shows.id"],"resume":{"cursor":"e1:AAE"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRequest(b)
		if err != nil {
			var no *refusal
			if !errors.As(err, &no) || no.code == "" || no.message == "" || len(no.message) > 500 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if r.kind == "sub" && (checkTopic(r.topic) != nil || r.every < 0 || r.every > 100*time.Second) {
			t.Fatalf("accepted %+v", r)
		}
	})
}

// FuzzMeter: any record is a change or an error, and a change leaves documents that encode.
func FuzzMeter(f *testing.F) {
	for _, m := range []*eventpb.Meter{
		roomMeter("S1", "e", 9, 1), moneyMeter("esol/e", 5),
		{Version: 1, Scope: "show/S1", Part: "trend/1772970600", Trend: exampleTrend()},
		insightMeter("S1", exampleInsight()), profileMeter("S1", exampleProfile("e", 100, 1)),
	} {
		b, err := m.MarshalVTStrict()
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(m.Scope+"/"+m.Part), b, "show/0/17/0")
	}
	f.Fuzz(func(t *testing.T, key, value []byte, source string) {
		c, err := decodeMeter(key, value, source)
		if err != nil {
			return
		}
		m := newMeters(10)
		var topics []string
		m.apply(c, func(topic string) { topics = append(topics, topic) })
		for _, topic := range topics {
			p, err := m.document(topic)
			if err != nil {
				t.Fatal(err)
			}
			if b := p.appendObject(nil); !json.Valid(b) {
				t.Fatalf("%s is not JSON: %s", topic, b)
			}
		}
	})
}

func TestKeysAndPlaces(t *testing.T) {
	for key, want := range map[string]meterKey{
		"show/S42/room":             {"show/S42", "room", 0},
		"show/a/b/c/room":           {"show/a/b/c", "room", 0},
		"show/x/trend/600":          {"show/x", "trend/600", 600},
		"show/x/trend/trend/600":    {"show/x/trend", "trend/600", 600},
		"esol/hanako/money":         {"esol/hanako", "money", 0},
		"show/S42/insight":          {"show/S42", "insight", 0},
		"esol/hanako/insight":       {},
		"show//insight":             {},
		"show/insight":              {},
		"show/S42/":                 {},
		"esol/hanako/room":          {},
		"deal/1:ce/earnings":        {"deal/1:ce", "earnings", 0},
		"deal/1:ce/returns":         {"deal/1:ce", "returns", 0},
		"campaign/c/cost":           {"campaign/c", "cost", 0},
		"campaign/c/returns":        {"campaign/c", "returns", 0},
		"show/x/trend/601":          {},
		"show/x/trend/-600":         {},
		"room":                      {},
		"show//money":               {},
		"planet/x/money":            {},
		"show/money":                {},
		"show/x/trend/600000000000": {"show/x", "trend/600000000000", 600000000000},
	} {
		if got, err := parseKey(key); got != want || (err == nil) != (want != meterKey{}) {
			t.Errorf("%s: %+v, %v", key, got, err)
		}
	}
	for key, want := range map[string]error{
		"deal/1:ce/money": errKey, "esol/e/cost": errKey, "deal/1:ce/cost": errKey, "campaign/c/earnings": errKey,
		"show/S42/returns": errKey,
		"show/S42/weather": errPart, "show/S42/trends/600": errPart, "show/S42/trend/x": errKey,
		"esol/hanako/weather": errKey,
	} {
		if _, err := parseKey(key); !errors.Is(err, want) {
			t.Errorf("%s: %v, expected %v", key, err, want)
		}
	}
	for header, ok := range map[string]bool{
		"show/3/18/2": true, "ledger/0/0/0": true, "": false, "show/3/18": false,
		"show/3/18/2/1": false, "show/-1/18/2": false,
		"show/1/-18/2": false, "show/x/18/2": false, "/3/18/2": false, "show/3/18/4294967296": false,
	} {
		if _, err := parsePlace(header); (err == nil) != ok {
			t.Errorf("%q: %v", header, err)
		}
	}
}

func TestMetersThatCannotBeShownAreRefused(t *testing.T) {
	good := func() *eventpb.Meter { return roomMeter("S1", "e", 9, 1) }
	for name, spoil := range map[string]func(*eventpb.Meter) string{
		"a newer version": func(m *eventpb.Meter) string { m.Version = event.Version + 1; return "show/S1/room" },
		"another scope":   func(m *eventpb.Meter) string { m.Scope = "show/S2"; return "show/S1/room" },
		"another part":    func(m *eventpb.Meter) string { m.Part = "money"; return "show/S1/room" },
		"no room":         func(m *eventpb.Meter) string { m.Room = nil; return "show/S1/room" },
		"no insight":      func(m *eventpb.Meter) string { m.Part = "insight"; return "show/S1/insight" },
		"not its insight": func(m *eventpb.Meter) string { m.Insight = exampleInsight(); return "show/S1/insight" },
		"another chunk": func(m *eventpb.Meter) string {
			m.Part, m.Trend = "trend/600", &eventpb.Trend{FromPane: 1200}
			return "show/S1/trend/600"
		},
	} {
		m := good()
		key := spoil(m)
		b, err := m.MarshalVTStrict()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeMeter([]byte(key), b, "show/0/1/0"); !errors.Is(err, errMeter) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNumbersThatJSONHasNoWordForAreNull: a fold that divided by zero does not take the feed down.
func TestNumbersThatJSONHasNoWordForAreNull(t *testing.T) {
	m := roomMeter("S1", "e", 9, 1)
	for _, f := range []*float64{
		&m.Room.Provisional.Heat.Gauge, &m.Room.Provisional.Heat.Temperature, &m.Room.Provisional.Heat.PowerWatts,
	} {
		*f = math.NaN()
	}
	m.Room.Provisional.Heat.HeatJoules = math.Inf(1)
	ms := newMeters(10)
	ms.apply(change{key: "show/S1/room", meter: m, meterKey: meterKey{"show/S1", partRoom, 0}}, func(string) {})
	for _, topic := range []string{"show/S1", "esol/e", "shows"} {
		p, err := ms.document(topic)
		if b := p.appendObject(nil); err != nil || !json.Valid(b) {
			t.Errorf("%s: %v %s", topic, err, b)
		}
	}
}

// TestTrendWindow: whatever chunks come in whatever order, the points shown are those of the last ten minutes, in
// order.
func TestTrendWindow(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := &scope{places: map[string]place{}}
		newest := int64(0)
		for _, k := range rapid.SliceOfN(rapid.Int64Range(1, 8), 1, 12).Draw(rt, "chunks") {
			chunk := &eventpb.Trend{FromPane: 600 * k}
			for i := range rapid.Int64Range(1, 60).Draw(rt, "points") {
				chunk.Points = append(chunk.Points, &eventpb.TrendPoint{Pane: 600*k + 10*i + 9})
			}
			s.setTrend(chunk)
			newest = max(newest, k)
			first, last := s.trends[0].FromPane/600, s.trends[len(s.trends)-1].FromPane/600
			if len(s.trends) > trendChunks || first <= newest-trendChunks || last != newest {
				rt.Fatalf("holds %d chunks, from %d to %d of %d", len(s.trends), first, last, newest)
			}
		}
		points, _ := trendDocument(s.trends)
		for i := 1; i < len(points); i++ {
			if points[i].At <= points[i-1].At {
				rt.Fatalf("out of order: %s, %s", points[i-1].At, points[i].At)
			}
		}
		if len(points) == 0 || len(points) > 60 {
			rt.Fatalf("%d points", len(points))
		}
	})
}

// TestRollUp: one show rolled up says what the show says; several lie between the coldest and the hottest.
func TestRollUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var heats []*eventpb.Heat
		lo, hi := math.Inf(1), 0.0
		for range rapid.IntRange(1, 5).Draw(rt, "shows") {
			h := exampleHeat(rapid.Int64Range(3, 900).Draw(rt, "heads"), rapid.Float64Range(.01, 20).Draw(rt, "temperature"))
			heats = append(heats, h)
			lo, hi = min(lo, h.Temperature), max(hi, h.Temperature)
		}
		one := rollUp(heats[:1])
		h := heatDocument(heats[0])
		near := func(name string, a, b *float64) {
			if a == nil || b == nil || math.Abs(*a-*b) > 2e-4 {
				rt.Fatalf("%s: rolled up %v, the show %v", name, number(a), number(b))
			}
		}
		near("gauge", one.Gauge, h.Gauge)
		near("gauge lo", one.GaugeLo, h.GaugeLo)
		near("gauge hi", one.GaugeHi, h.GaugeHi)
		near("temperature", one.Temperature, h.Temperature)
		near("temperature hi", one.TemperatureHi, h.TemperatureHi)
		if *one.Grade != *h.Grade {
			rt.Fatalf("grade %s, the show's %s", *one.Grade, *h.Grade)
		}
		all := rollUp(heats)
		if *all.Temperature < lo-1e-3 || *all.Temperature > hi+1e-3 {
			rt.Fatalf("%v is not between %v and %v", *all.Temperature, lo, hi)
		}
		if *all.TemperatureHi/(*all.Temperature) > 1.2+1e-2 {
			rt.Fatal("more shows made the interval wider than each one's")
		}
		heats[0].Insufficient = "too_few_acts"
		if r := rollUp(heats); r.GaugeLo != nil || r.Grade != nil {
			rt.Fatal("an interval although one show has none")
		}
	})
	for gauge, temperature := range map[float64]float64{25: .3, 50: math.Sqrt(.45), 75: 1.5, 88.54: 3} { // MODEL §1
		if got := gaugeOf(temperature); math.Abs(got-gauge) > .005 {
			t.Errorf("G(%v) = %v, expected %v", temperature, got, gauge)
		}
	}
	if rollUp(nil) != nil {
		t.Error("no show has a heat")
	}
}

func TestConversionSaysWhyItIsUnknown(t *testing.T) {
	room := func(people int64) *eventpb.Room {
		return &eventpb.Room{Provisional: &eventpb.RoomView{PeopleTotal: people}}
	}
	for _, c := range []struct {
		room   *eventpb.Room
		money  *eventpb.Money
		ratio  float64
		reason string
	}{
		{room(40), &eventpb.Money{Buyers: 10}, .25, ""},
		{room(40), &eventpb.Money{}, 0, ""},
		{nil, &eventpb.Money{Buyers: 10}, 0, "no_room"},
		{room(40), nil, 0, "no_money"},
		{room(0), &eventpb.Money{Buyers: 10}, 0, "no_people"},
		{room(9), &eventpb.Money{Buyers: 10}, 0, "buyers_outside_room"},
	} {
		got := conversion(c.room, c.money)
		if c.reason != "" && (got.Ratio != nil || got.Reason == nil || *got.Reason != c.reason) ||
			c.reason == "" && (got.Ratio == nil || *got.Ratio != c.ratio || got.Reason != nil) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
