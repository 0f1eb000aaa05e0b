package feed

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/netsu/netsu/stream/broker"
	"testing/synctest"
)

// TestMetersAreSeries: what the hub holds is what a scrape shows, an ESOL's shows as one body.
func TestMetersAreSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		defer r.close()
		r.apply(roomMeter("S", "E", 10, 1), roomMeter("T", "E", 10, 1), moneyMeter("campaign/C", 1))
		if n := r.metric("netsu_esol_shows_on_air", "E"); n != 2 {
			t.Errorf("the ESOL has %v shows on the air, want 2", n)
		}
		if n := r.metric("netsu_esol_active_heads", "E"); n != 20 {
			t.Errorf("the ESOL has %v heads, want 20", n)
		}
		if n := r.metric("netsu_feed_shows_on_air", ""); n != 2 {
			t.Errorf("%v shows on the air, want 2", n)
		}
		r.server.hub.live = false
		if n := r.metric("netsu_esol_shows_on_air", "E"); n != 0 {
			t.Errorf("%v before the meters were read", n)
		}
	})
}

// TestMetricsSpeakWhatIsAskedFor: text for people, OpenMetrics and protobuf (native histograms) for those who ask.
func TestMetricsSpeakWhatIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{})
		defer r.close()
		const protobuf = "application/vnd.google.protobuf"
		for accept, want := range map[string]string{
			"":                             "text/plain",
			"application/openmetrics-text": "application/openmetrics-text",
			protobuf + ";proto=io.prometheus.client.MetricFamily;encoding=delimited": protobuf,
		} {
			request := httptest.NewRequest("GET", "/metrics", nil)
			request.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			r.server.Handler().ServeHTTP(w, request)
			if got := w.Header().Get("Content-Type"); w.Code != 200 || !strings.HasPrefix(got, want) {
				t.Errorf("asked for %q, came %d as %q", accept, w.Code, got)
			}
		}
	})
}

// BenchmarkSnapshot is how long a scrape holds the feed, with 8,000 shows on the air.
func BenchmarkSnapshot(b *testing.B) {
	h := newHub(newPosition(nil, broker.Topics{}), 10_000, 1, newMetrics(nil), nil)
	h.live = true
	for i := range 8000 {
		m := roomMeter(fmt.Sprint("S", i), fmt.Sprint("E", i%2000), 10, 1)
		value, err := m.MarshalVTStrict()
		if err != nil {
			b.Fatal(err)
		}
		c, err := decodeMeter([]byte(m.Scope+"/"+m.Part), value, fmt.Sprintf("show/0/%d/0", i))
		if err != nil {
			b.Fatal(err)
		}
		h.meters.apply(c, func(string) {})
	}
	for b.Loop() {
		if all, _, _ := h.snapshot(); len(all) != 8000 {
			b.Fatal(len(all))
		}
	}
}
