package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// get asks the rig's server.
func (r *rig) get(path string) (int, string, http.Header) {
	r.t.Helper()
	tr := &http.Transport{
		DialContext:       func(ctx context.Context, n, a string) (net.Conn, error) { return r.net.DialContext(ctx, n, a) },
		DisableKeepAlives: true,
	}
	res, err := (&http.Client{Transport: tr}).Get("http://" + rigAddr + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Header
}

type marshaler interface{ MarshalVTStrict() ([]byte, error) }

func record(t *testing.T, topic, key string, m marshaler, source string) *kgo.Record {
	t.Helper()
	r := &kgo.Record{Topic: topic, Key: []byte(key)}
	r.Headers = []kgo.RecordHeader{{Key: sourceHeader, Value: []byte(source)}}
	if m != nil {
		var err error
		if r.Value, err = m.MarshalVTStrict(); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestFromKafkaToTheWire runs the server against a broker: what was there before it started, what comes after,
// re-emissions, tombstones, and records that nobody can show.
func TestFromKafkaToTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := brokertest.Bubble(t)
		layout := k.Create(t, 4)
		producer := k.Client(t)
		produce := func(records ...*kgo.Record) {
			if err := producer.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		room := func(show string, heads int64) *eventpb.Meter {
			m := roomMeter(show, "hanako", heads, 1)
			m.AppendMs = time.Now().UnixMilli()
			return m
		}
		alert := func(id string) *eventpb.Alert {
			return &eventpb.Alert{Id: id, Scope: "show/S1", ShowId: "S1", EsolId: "hanako", Kind: "ignition", TimeMs: 1}
		}
		meters, alerts := k.Topics.Meters, k.Topics.Alerts
		for i := range 300 {
			show := fmt.Sprint("S", i%30)
			produce(record(t, meters, "show/"+show+"/room", room(show, int64(i)), fmt.Sprintf("show/0/%d/0", i)))
		}
		produce(
			record(t, meters, "show/S29/room", nil, "show/0/300/0"),
			record(t, alerts, "hanako", alert("a0"), "show/0/300/1"),
			&kgo.Record{Topic: meters, Key: []byte("show/S1/room"), Value: []byte("no header")},
			record(t, meters, "show/S1/planet", room("S1", 7), "show/0/301/0"),
		)

		r := newRig(t, Config{Cluster: k.Cluster, Topics: k.Topics, Layout: layout})
		r.server.hub.live = false
		if code, body, _ := r.get("/readyz"); code != 503 || !strings.Contains(body, "the feed has not read all meters yet") {
			t.Errorf("before it ran: %d %s", code, body)
		}
		if code, _, _ := r.get("/v1/shows"); code != 503 {
			t.Errorf("the board before it ran: %d", code)
		}
		early := r.client()
		early.subscribe("show/S1", "")
		if w := early.last("welcome"); w.State != "catching_up" {
			t.Errorf("welcomed with %s", w.raw)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.server.Run(ctx) }()
		time.Sleep(2 * time.Second)
		if code, body, _ := r.get("/readyz"); code != 200 {
			t.Errorf("after it ran: %d %s", code, body)
		}
		if n := len(r.server.hub.meters.scopes); n != 29 {
			t.Errorf("%d shows of 29", n)
		}
		for cause, want := range map[string]float64{"malformed": 1, "unknown_part": 1} {
			if n := r.metric("netsu_feed_records_dropped_total", cause); n != want {
				t.Errorf("%v records dropped as %s, expected %v", n, cause, want)
			}
		}
		if _, body, _ := r.get("/v1/alerts?scope=show/S1"); !strings.Contains(body, `"a0"`) {
			t.Errorf("alerts: %s", body)
		}
		if early.last("event").T != "" {
			t.Error("an alert of the past was sent as news")
		}

		produce(
			record(t, meters, "show/S1/room", room("S1", 77), "show/0/400/0"),
			record(t, meters, "show/S1/room", room("S1", 66), "show/0/271/0"), // a zombie's
			record(t, alerts, "hanako", alert("a1"), "show/0/400/1"),
			record(t, alerts, "hanako", alert("a1"), "show/0/400/1"),
		)
		time.Sleep(time.Second)
		synctest.Wait()
		if err := early.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
		if d := r.document("show/S1"); !strings.Contains(d, `"active_heads":77`) {
			t.Error("the latest is not shown")
		}
		news := 0
		for _, f := range early.all() {
			if f.T == "event" {
				news++
			}
		}
		if news != 1 {
			t.Errorf("one new alert came %d times", news)
		}
		cancel()
		if err := <-ran; err != nil {
			t.Errorf("stopped with %v", err)
		}
		<-early.ended
		r.close()
	})
}

// TestAnEmptyClusterIsReadyAtOnce: nothing to read is nothing to wait for.
func TestAnEmptyClusterIsReadyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := brokertest.Bubble(t)
		layout := k.Create(t, 2)
		s := New(Config{Cluster: k.Cluster, Topics: k.Topics, Layout: layout, Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- s.Run(ctx) }()
		time.Sleep(time.Second)
		if !s.hub.isLive() {
			t.Error("an empty cluster is not caught up after a second")
		}
		cancel()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	})
}

func TestHTTP(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "the page") })
	ready := Readiness{Assigned: true, Restored: true, Fresh: false, Reasons: []string{"show/2 is 40 s behind"}}
	inBubble(t, Config{Page: page, Ready: func() Readiness { return ready }}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("brand/a/b", 5))
		for i := range 3 {
			a := AlertView{ID: fmt.Sprint("a", i), ShowID: fmt.Sprint("S", i%2), Kind: "ignition"}
			r.server.hub.alert(place{origin{"show", 0}, event.Position{Offset: int64(i)}}, complete(a), 0, int64(i))
		}
		for _, c := range []struct {
			path string
			code int
			has  string
		}{
			{"/", 200, "the page"},
			{"/show/S1", 200, "the page"},
			{"/healthz", 200, "alive"},
			{"/readyz", 503, "show/2 is 40 s behind"},
			{"/v1/shows", 200, `"on_air":1`},
			{"/v1/meters/show/S1", 200, r.document("show/S1")},
			{"/v1/meters/esol/hanako", 200, r.document("esol/hanako")},
			{"/v1/meters/brand/a/b", 200, r.document("brand/a/b")},
			{"/v1/meters/show/S2", 404, `"code":"NOT_FOUND"`},
			{"/v1/meters/planet/S2", 404, `"code":"UNKNOWN_TOPIC"`},
			{"/v1/meters/show/S1?fields=heat", 400, `"code":"UNKNOWN_PARAMETER"`},
			{"/v1/alerts", 200, `"a2"`},
			{"/v1/alerts?limit=1&scope=show/S0", 200, `{"alerts":[{"id":"a2"`},
			{"/v1/alerts?limit=0", 400, `"code":"BAD_PARAMETER"`},
			{"/v1/alerts?limit=501", 400, `"code":"BAD_PARAMETER"`},
			{"/v1/nothing", 404, `"hint":`},
			{"/v1/feed", 400, `"code":"HANDSHAKE"`},
			{"/metrics", 200, "netsu_feed_append_to_write_seconds_bucket"},
		} {
			code, body, h := r.get(c.path)
			if code != c.code || !strings.Contains(body, c.has) {
				t.Errorf("%s: %d %s", c.path, code, body)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: headers %v", c.path, h)
			}
			if strings.HasPrefix(c.path, "/v1") && !json.Valid([]byte(body)) {
				t.Errorf("%s is not JSON: %s", c.path, body)
			}
		}
		ready = Readiness{Assigned: true, Restored: true, Fresh: true}
		if code, body, _ := r.get("/readyz"); code != 200 || !strings.Contains(body, `"reasons":[]`) {
			t.Errorf("ready: %d %s", code, body)
		}
	})
}
