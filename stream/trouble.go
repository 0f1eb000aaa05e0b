package stream

import (
	"log/slog"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// troubles are what this process waits for somebody to mend, by the part that it keeps from its work: said once in the
// log when it begins and when it ends, at /readyz for as long as it lasts, and counted for an alert. One for each part and
// thing: bounded by the topics, partitions and files that there are.
type troubles struct {
	log *slog.Logger
	mu  sync.Mutex
	now map[trouble]string
}

type trouble struct{ part, what string }

// Parts that can be in trouble.
const (
	partIngest      = "ingest"
	partTopics      = "topics"
	partCertificate = "certificate"
	partFeed        = "feed"
	partBroker      = "broker"
	partBridge      = "bridge"
)

var parts = []string{partIngest, partTopics, partCertificate, partFeed, partBroker, partBridge}

// note says how it stands with a thing that a part needs; nil is well.
func (ts *troubles) note(part, what string, err error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	key := trouble{part, what}
	before, troubled := ts.now[key]
	switch {
	case err == nil && troubled:
		delete(ts.now, key)
		ts.log.Info("mended", "part", part, "what", what)
	case err != nil && err.Error() != before:
		ts.now[key] = err.Error()
		ts.log.Error("waiting for somebody to mend it", "part", part, "what", what, "err", err)
	}
}

// forget drops what is known of the things of an attempt that has ended; the next finds out again.
func (ts *troubles) forget(part string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for key := range ts.now {
		if key.part == part && key.what != runs {
			delete(ts.now, key)
		}
	}
}

// reasons are for /readyz, in a fixed order.
func (ts *troubles) reasons() (all []string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for key, text := range ts.now {
		all = append(all, key.part+": "+text)
	}
	slices.Sort(all)
	return slices.Compact(all) // partitions of a topic say the same
}

var descTroubles = prometheus.NewDesc("netsu_troubles",
	"Things that a part of the process waits for somebody to mend; /readyz says which.", []string{"part"}, nil)

// Describe implements prometheus.Collector.
func (ts *troubles) Describe(ch chan<- *prometheus.Desc) { ch <- descTroubles }

// Collect implements prometheus.Collector. A part without troubles has its series too.
func (ts *troubles) Collect(ch chan<- prometheus.Metric) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	n := map[string]int{}
	for key := range ts.now {
		n[key.part]++
	}
	for _, part := range parts {
		ch <- prometheus.MustNewConstMetric(descTroubles, prometheus.GaugeValue, float64(n[part]), part)
	}
}
