package history

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/contract"
)

// rig is a history without a log: tests say meters themselves.
type rig struct {
	t      *testing.T
	h      *History
	s      *store
	offset int64
}

var start = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

func newRig(t *testing.T) *rig {
	h, err := Open(Config{Now: func() time.Time { return start.Add(time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	s, err := openStore(h.db, "log", h.c.Keep, 0, h.c.Now, h.metrics, h.c.Logger)
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t: t, h: h, s: s}
}

func (r *rig) say(m *eventpb.Meter) {
	r.t.Helper()
	m.Version = event.Version
	b, err := m.MarshalVTStrict()
	if err != nil {
		r.t.Fatal(err)
	}
	st, err := readMeter([]byte(m.Scope+"/"+m.Part), b, "show/0/"+json.Number(instantNumber(r.offset)).String()+"/0")
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.s.take(0, r.offset, m.AppendMs, st); err != nil {
		r.t.Fatal(err)
	}
	r.offset++
	if err := r.s.commit(); err != nil {
		r.t.Fatal(err)
	}
}

func instantNumber(n int64) string { b, _ := json.Marshal(n); return string(b) }

func room(second int64, gauge float64, insufficient string) *eventpb.Meter {
	at := start.Unix() + second
	return &eventpb.Meter{Scope: "show/S", Part: "room", AppendMs: (at + 40) * 1000, Room: &eventpb.Room{Final: &eventpb.RoomView{
		Pane: at, PeopleTotal: second, Heat: &eventpb.Heat{Gauge: gauge, Insufficient: insufficient, Temperature: 1.23456, Viewers: -1},
		Totals: []*eventpb.KindTotal{{Kind: eventpb.Kind_KIND_COMMENT, Events: 7}},
	}}}
}

func money(second, net int64) *eventpb.Meter {
	return &eventpb.Meter{Scope: "show/S", Part: "money", AppendMs: (start.Unix()+second)*1000 + 900, Money: &eventpb.Money{
		Buyers: 2, Gmv: []*eventpb.Gmv{{Currency: "KWD", Exponent: 3, NetMinor: net}},
	}}
}

func (r *rig) get(query string, header ...string) (int, string, *httptest.ResponseRecorder) {
	r.t.Helper()
	req := httptest.NewRequest("GET", "/v1/series?"+query, nil)
	if len(header) == 2 {
		req.Header.Set(header[0], header[1])
	}
	w := httptest.NewRecorder()
	r.h.Handler().ServeHTTP(w, req)
	return w.Code, w.Body.String(), w
}

func (r *rig) fill() {
	r.say(room(0, 50, ""))
	r.say(room(1, 60.12345, ""))
	r.say(money(1, 9_007_199_254_740_993)) // no float64 holds it
	r.say(room(1, 60.12345, ""))           // said again
	r.say(room(2, 0, "too_few_people"))
	r.say(room(1, 40, "")) // told anew, otherwise
	r.say(room(13, 70, ""))
}

func TestSeriesAsJSON(t *testing.T) {
	r := newRig(t)
	r.fill()
	code, got, _ := r.get("scope=show/S&name=heat.gauge&name=gmv.KWD.net&name=heat.temperature_j_per_head&step=1s&revisions=all&from=2026-03-01T20:00:00Z&to=2026-03-01T20:00:10Z")
	want := `{"scope":"show/S","step":"1s","from":"2026-03-01T20:00:00.000Z","to":"2026-03-01T20:00:10.000Z","floor":null,` +
		`"open_from":"2026-03-01T20:00:01.000Z","columns":[` +
		`{"name":"t","unit":"time","part":null,"currency":null,"exponent":null},` +
		`{"name":"room.rev","unit":"revision","part":"room","currency":null,"exponent":null},` +
		`{"name":"room.said","unit":"time","part":"room","currency":null,"exponent":null},` +
		`{"name":"money.rev","unit":"revision","part":"money","currency":null,"exponent":null},` +
		`{"name":"money.said","unit":"time","part":"money","currency":null,"exponent":null},` +
		`{"name":"heat.gauge","unit":"gauge","part":"room","currency":null,"exponent":null},` +
		`{"name":"gmv.KWD.net","unit":"minor","part":"money","currency":"KWD","exponent":3},` +
		`{"name":"heat.temperature_j_per_head","unit":"J/head","part":"room","currency":null,"exponent":null}],"rows":[` +
		`["2026-03-01T20:00:00.000Z",0,"2026-03-01T20:00:40.000Z",null,null,50,null,1.2346],` +
		`["2026-03-01T20:00:01.000Z",0,"2026-03-01T20:00:41.000Z",0,"2026-03-01T20:00:01.000Z",60.1235,"9007199254740993",1.2346],` +
		`["2026-03-01T20:00:01.000Z",1,"2026-03-01T20:00:41.000Z",null,null,40,null,1.2346],` +
		`["2026-03-01T20:00:02.000Z",0,"2026-03-01T20:00:42.000Z",null,null,null,null,1.2346]],"gaps":[],"next":null}` + "\n"
	if code != 200 || got != want {
		t.Errorf("%d %s", code, cmp.Diff(want, got))
	}
}

// What is answered is what the feed's contract promises.
func TestSeriesAreAsPromised(t *testing.T) {
	promised, err := contract.Files.ReadFile("schema/series.json")
	if err != nil {
		t.Fatal(err)
	}
	read := func(b []byte) any {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	// Closed, so that a column without a promise is found too.
	doc := read(bytes.ReplaceAll(promised, []byte(`"additionalProperties": true`), []byte(`"additionalProperties": false`)))
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("mem:///series.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("mem:///series.json")
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	r.fill()
	status, body, _ := r.get("scope=show/S&name=heat.gauge&name=gmv.KWD.net&step=1s&revisions=all&from=2026-03-01T20:00:00Z&to=2026-03-01T20:00:10Z")
	if status != 200 {
		t.Fatal(status, body)
	}
	if err := schema.Validate(read([]byte(body))); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

func TestSeriesAsLines(t *testing.T) {
	r := newRig(t)
	r.fill()
	q := "scope=show/S&name=heat.gauge&name=heat.gauge.max&name=events.comment&step=10s&from=2026-03-01T20:00:00Z&limit=1"
	want := "t,room.rev,heat.gauge,heat.gauge.max,events.comment\r\n2026-03-01T20:00:00.000Z,0,,,7\r\n"
	for _, ask := range [][]string{{q + "&format=csv"}, {q, "Accept", "text/csv; q=.9"}} {
		code, got, w := r.get(ask[0], ask[1:]...)
		if code != 200 || got != want || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
			t.Errorf("%d %s", code, cmp.Diff(want, got))
		}
		if l := w.Header().Get("Link"); !strings.Contains(l, "from=2026-03-01T20%3A00%3A10.000Z") {
			t.Errorf("the link to what follows is %q", l)
		}
	}
	_, got, _ := r.get(q + "&format=ndjson")
	if want := `{"t":"2026-03-01T20:00:00.000Z","room.rev":0,"heat.gauge":null,"heat.gauge.max":null,"events.comment":7}` + "\n"; got != want {
		t.Error(cmp.Diff(want, got))
	}
}

// Pages of any size are the whole, with revisions never cut apart.
func TestPagesAreTheWhole(t *testing.T) {
	r := newRig(t)
	for i := range int64(700) {
		r.say(room(i*3, float64(i%50), ""))
		if i%7 == 3 {
			r.say(room(i*3-6, float64(i), ""))
		}
	}
	type page struct {
		Rows []json.RawMessage
		Next *string
	}
	q := url.Values{"scope": {"show/S"}, "name": {"heat.gauge"}, "step": {"1s"}, "revisions": {"all"}, "from": {"2026-03-01T19:00:00Z"}}
	ask := func() (p page) {
		_, body, _ := r.get(q.Encode())
		if err := json.Unmarshal([]byte(body), &p); err != nil {
			t.Fatal(body, err)
		}
		return p
	}
	whole := ask()
	if len(whole.Rows) != 800 || whole.Next != nil {
		t.Fatalf("%d rows, next %v", len(whole.Rows), whole.Next)
	}
	for _, limit := range []string{"1", "7", "300"} {
		q.Set("limit", limit)
		q.Set("from", "2026-03-01T19:00:00Z")
		var got []json.RawMessage
		for {
			p := ask()
			got = append(got, p.Rows...)
			if p.Next == nil {
				break
			}
			q.Set("from", *p.Next)
		}
		if d := cmp.Diff(whole.Rows, got); d != "" {
			t.Errorf("limit %s: %s", limit, d)
		}
	}
}

func TestQuestionsThatHaveNoAnswer(t *testing.T) {
	r := newRig(t)
	r.fill()
	for _, c := range []struct{ query, code, hint string }{
		{"scope=show/S", "BAD_PARAMETER", "heat.gauge[.min|.max]"},
		{"scope=show/S&name=roims.JPY.net", "UNKNOWN_NAME", "gmv.CUR.net"},
		{"scope=show/S&name=gmv.XYZ.net", "UNKNOWN_NAME", "gmv.CUR.net"},
		{"scope=deal/1:ab&name=money.buyers", "BAD_PARAMETER", "campaign/ID"},
		{"scope=show/&name=heat.gauge", "BAD_PARAMETER", "campaign/ID"},
		{"scope=show/S&name=heat.gauge&step=2s", "BAD_PARAMETER", "5m"},
		{"scope=show/S&name=heat.gauge&from=yesterday", "BAD_PARAMETER", "RFC 3339"},
		{"scope=show/S&name=heat.gauge&from=2000&to=1000", "BAD_PARAMETER", "before to"},
		{"scope=show/S&name=heat.gauge&limit=0", "BAD_PARAMETER", "10000"},
		{"scope=show/S&name=heat.gauge&revisions=some", "BAD_PARAMETER", "latest"},
		{"scope=show/S&name=heat.gauge&format=xml", "BAD_PARAMETER", "ndjson"},
		{"scope=show/S&name=heat.gauge&step=1s&step=10s", "BAD_PARAMETER", "only name"},
		{"scope=show/S&name=heat.gauge&every=1s", "UNKNOWN_PARAMETER", "revisions"},
		{"scope=show/S" + strings.Repeat("&name=heat.gauge", 65), "BAD_PARAMETER", "heat.gauge"},
		{"scope=show/T&name=heat.gauge", "NOT_FOUND", "first meter"},
	} {
		status, body, _ := r.get(c.query)
		var e struct {
			Error struct{ Code, Message, Hint string }
		}
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatal(body, err)
		}
		if want := map[bool]int{true: 404, false: 400}[c.code == "NOT_FOUND"]; status != want || e.Error.Code != c.code || e.Error.Message == "" || !strings.Contains(e.Error.Hint, c.hint) {
			t.Errorf("%s: %d %s", c.query, status, body)
		}
	}
}
