package feed

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Readiness is what /readyz says. The program is ready if all three hold.
type Readiness struct {
	Assigned bool     `json:"assigned"` // partitions are held
	Restored bool     `json:"restored"` // state is back, meters are caught up
	Fresh    bool     `json:"fresh"`    // meters keep up with time
	Reasons  []string `json:"reasons"`  // why not, in words
	Notes    []string `json:"notes"`    // what it does without for now, in words; it is ready all the same
}

// probePaths are those that Probes serves.
var probePaths = []string{"GET /healthz", "GET /readyz", "GET /metrics"}

// Probes serves what operators and their machines ask, and nothing else: /healthz answers while the process does, /readyz
// is 200 or 503 as ready says, /metrics are g's (nil: there are none).
func Probes(ready func() Readiness, g prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { replyReady(w, ready()) })
	if g != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(g, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	}
	return secure(mux)
}

func replyReady(w http.ResponseWriter, r Readiness) {
	ok, status := r.Assigned && r.Restored && r.Fresh, http.StatusOK
	if !ok {
		status = http.StatusServiceUnavailable
	}
	if r.Reasons == nil {
		r.Reasons = []string{}
	}
	if r.Notes == nil {
		r.Notes = []string{}
	}
	reply(w, status, struct {
		Ready bool `json:"ready"`
		Readiness
	}{ok, r})
}
