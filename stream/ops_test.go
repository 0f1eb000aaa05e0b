package stream

import (
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/netsu/netsu/stream/feed"
)

// TestProbes: the same answers on the port for operators as on the feed's, with the feed role and without.
func TestProbes(t *testing.T) {
	program := func() *Program {
		return &Program{registry: prometheus.NewRegistry(),
			troubles: &troubles{log: slog.New(slog.DiscardHandler), now: map[trouble]string{}},
			notes:    &notes{log: slog.New(slog.DiscardHandler), now: map[string]string{}}}
	}
	withoutFeed, withFeed := program(), program() // ingest only: nothing to wait for; and one whose meters have not been read
	troubled := program()
	troubled.troubles.note(partTopics, "netsu.orders", errors.New("topic netsu.orders is gone"))
	troubled.troubles.note(partIngest, "mended", errors.New("something"))
	troubled.troubles.note(partIngest, "mended", nil)
	withoutFeed.notes.note(partTape, errors.New("no room")) // makes nobody unready
	withFeed.feed = feed.New(feed.Config{Gatherer: withFeed.registry, Ready: withFeed.readiness})
	for _, p := range []*Program{withoutFeed, withFeed, troubled} {
		p.registry.MustRegister(collectors.NewGoCollector())
	}
	const openMetrics = "application/openmetrics-text"
	for _, c := range []struct {
		program            *Program
		path, accept       string
		code               int
		contentType, holds string
	}{
		{withoutFeed, "/healthz", "", 200, "application/json", `{"status":"alive"}`},
		{withoutFeed, "/readyz", "", 200, "application/json",
			`{"ready":true,"assigned":true,"restored":true,"fresh":true,"reasons":[],"notes":["tape: no room"]}`},
		{troubled, "/readyz", "", 503, "application/json", `{"ready":false,"assigned":true,"restored":true,"fresh":false,` +
			`"reasons":["topics: topic netsu.orders is gone"],"notes":[]}`},
		{withoutFeed, "/metrics", "", 200, "text/plain", "go_goroutines"},
		{withoutFeed, "/metrics", openMetrics, 200, openMetrics, "# EOF"},
		{withoutFeed, "/v1/shows", "", 404, "text/plain", ""},
		{withFeed, "/healthz", "", 200, "application/json", `{"status":"alive"}`},
		{withFeed, "/readyz", "", 503, "application/json", `{"ready":false,"assigned":true,"restored":false,"fresh":true,` +
			`"reasons":["the feed has not read all meters yet"],"notes":[]}`},
		{withFeed, "/metrics", openMetrics, 200, openMetrics, "# EOF"},
		{withFeed, "/v1/shows", "", 404, "text/plain", ""},
	} {
		r := httptest.NewRequest("GET", c.path, nil)
		r.Header.Set("Accept", c.accept)
		w := httptest.NewRecorder()
		c.program.opsHandler().ServeHTTP(w, r)
		h := w.Result().Header
		if w.Code != c.code || !strings.HasPrefix(h.Get("Content-Type"), c.contentType) || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s, accepting %q, with the feed %v: %d %s %.200s", c.path, c.accept, c.program.feed != nil, w.Code,
				h.Get("Content-Type"), w.Body)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s has no security headers: %v", c.path, h)
		}
		if c.program.feed == nil || c.code == 404 {
			continue
		}
		own := httptest.NewRecorder()
		c.program.feed.Handler().ServeHTTP(own, r)
		if own.Code != w.Code || own.Header().Get("Content-Type") != h.Get("Content-Type") {
			t.Errorf("%s of the feed itself: %d %s", c.path, own.Code, own.Header().Get("Content-Type"))
		}
	}
}
