package stream

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/netsu/netsu/stream/feed"
)

// opsHandler serves what operators and their machines ask: the probes and the metrics, nothing else. With the feed role
// the answers are the feed's, which also knows whether the meters are read. Without it, /readyz is 200 once every fold
// has its partitions, has restored them and keeps up; a process that only ingests is ready once it runs.
func (p *Program) opsHandler() http.Handler {
	mux := http.NewServeMux()
	if p.feed != nil {
		all := p.feed.Handler()
		for _, path := range []string{"GET /healthz", "GET /readyz", "GET /metrics"} {
			mux.Handle(path, all)
		}
		return mux
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		replyJSON(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		r := p.readiness()
		ok, status := r.Assigned && r.Restored && r.Fresh, http.StatusOK
		if !ok {
			status = http.StatusServiceUnavailable
		}
		if r.Reasons == nil {
			r.Reasons = []string{}
		}
		replyJSON(w, status, struct {
			Ready bool `json:"ready"`
			feed.Readiness
		}{ok, r})
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{}))
	return mux
}

func replyJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone, and nobody else is to be told
}
