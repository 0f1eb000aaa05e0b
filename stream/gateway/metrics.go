package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
)

// outcomes of a delivery, a label.
var outcomes = []string{"accepted", "unreadable", "unsigned", "refused", "busy", "failed"}

// metrics of a gateway. Its sources are known when it starts, so the labels are bounded.
type metrics struct {
	deliveries *prometheus.CounterVec // source, outcome
	records    *prometheus.CounterVec // source
	letters    *prometheus.CounterVec // source
	unknown    prometheus.Counter
	seconds    prometheus.Histogram
}

func newMetrics(r prometheus.Registerer, sources []*Sender) (*metrics, error) {
	m := &metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_gateway_deliveries_total",
			Help: "Deliveries by source and how they ended: accepted, unreadable (some of it is a dead letter), unsigned, " +
				"refused, busy (429), failed (503)."}, []string{"source", "outcome"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_gateway_records_total",
			Help: "Raw records of deliveries that Kafka has acknowledged; a delivery that comes twice counts twice."},
			[]string{"source"}),
		letters: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_gateway_dead_letters_total",
			Help: "Payloads of deliveries that could not be read and are dead letters."}, []string{"source"}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{Name: "netsu_gateway_unknown_source_total",
			Help: "Requests for a source that is not open here."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "netsu_gateway_delivery_seconds",
			Help:    "From the first byte of a delivery to its answer.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}),
	}
	for _, src := range sources {
		for _, outcome := range outcomes {
			m.deliveries.WithLabelValues(src.name, outcome)
		}
		m.records.WithLabelValues(src.name)
		m.letters.WithLabelValues(src.name)
	}
	if r == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.deliveries, m.records, m.letters, m.unknown, m.seconds} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) of(src *Sender, outcome string) prometheus.Counter {
	return m.deliveries.WithLabelValues(src.name, outcome)
}
