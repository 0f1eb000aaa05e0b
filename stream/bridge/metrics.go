package bridge

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/ingest"
)

// How a fetch of a schema ended, a label.
const (
	fetchOK      = "ok"
	fetchUnknown = "unknown" // the registry has no such schema
	fetchRefused = "refused" // it cannot be read
	fetchFailed  = "failed"  // the registry could not be asked
)

// reasons are those for which a record becomes a dead letter here.
var reasons = []ingest.Reason{ingest.TooLarge, ingest.InvalidUTF8, ingest.MalformedJSON, ingest.BadField, ingest.BadAmount,
	ingest.UnknownCurrency, ingest.UnknownSchema, ingest.BadSchema, ingest.BadBytes}

// metrics of one Run. Topics are settings, so the labels are bounded.
type metrics struct {
	records    *prometheus.CounterVec // topic
	events     *prometheus.CounterVec // topic
	letters    *prometheus.CounterVec // topic, reason
	fetches    *prometheus.CounterVec // outcome
	lag        atomic.Int64
	waiting    atomic.Int64
	away       atomic.Int64
	collectors []prometheus.Collector
}

func newMetrics(inputs []Input) *metrics {
	m := &metrics{
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_bridge_records_total",
			Help: "Records read from a house's topic; one that is read again counts again."}, []string{"topic"}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_bridge_events_total",
			Help: "Raw events that were made of them."}, []string{"topic"}),
		letters: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_bridge_dead_letters_total",
			Help: "Records that could not be read or mapped, by reason."}, []string{"topic", "reason"}),
		fetches: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_bridge_schema_fetches_total",
			Help: "Schemas asked for, by how that ended: ok, unknown, refused (cannot be read), failed (the registry " +
				"could not be asked)."}, []string{"outcome"}),
	}
	// All from the start: the first letter of a reason is an increase, and no increase shows in a series that begins with it.
	for _, in := range inputs {
		for _, reason := range reasons {
			m.letters.WithLabelValues(in.Topic, string(reason))
		}
		m.records.WithLabelValues(in.Topic)
		m.events.WithLabelValues(in.Topic)
	}
	for _, outcome := range []string{fetchOK, fetchUnknown, fetchRefused, fetchFailed} {
		m.fetches.WithLabelValues(outcome)
	}
	gauge := func(name, help string, of *atomic.Int64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help},
			func() float64 { return float64(of.Load()) })
	}
	m.collectors = []prometheus.Collector{m.records, m.events, m.letters, m.fetches,
		gauge("netsu_bridge_lag_offsets", "Offsets of the partitions that this process reads and has not taken.", &m.lag),
		gauge("netsu_bridge_waiting_partitions", "Partitions that stand still until a schema is known.", &m.waiting),
		gauge("netsu_bridge_registry_away", "1 while the schema registry cannot be asked, else 0.", &m.away),
	}
	return m
}

func (m *metrics) fetched(outcome string) { m.fetches.WithLabelValues(outcome).Inc() }

func (m *metrics) buried(topic string, reason ingest.Reason) {
	m.letters.WithLabelValues(topic, string(reason)).Inc()
}

func (m *metrics) setAway(away bool) {
	m.away.Store(0)
	if away {
		m.away.Store(1)
	}
}
