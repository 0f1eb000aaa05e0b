package gateway

import (
	"github.com/prometheus/client_golang/prometheus"
)

// outcomes of a delivery, a label.
var outcomes = []string{"accepted", "unreadable", "unsigned", "refused", "busy", "failed"}

// causes of what is not accepted, a label: the codes of the answers, and what there was no room for.
var causes = []string{"encoded", "too_large", "too_slow", "broken_body", "unsigned", "bad_url", "bad_event", "readers", "bytes",
	"gave_way", "slots", "kafka_slow", "no_secret", "not_written"}

// metrics of a gateway. Its sources are known when it starts, so the labels are bounded.
type metrics struct {
	deliveries *prometheus.CounterVec // source, outcome
	refused    *prometheus.CounterVec // source, cause
	records    *prometheus.CounterVec // source
	letters    *prometheus.CounterVec // source
	unknown    prometheus.Counter
	seconds    prometheus.Histogram
	write      prometheus.Histogram
}

func newMetrics(r prometheus.Registerer, s *Server) (*metrics, error) {
	o := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "netsu", Subsystem: "gateway", Name: name, Help: help}
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts(o(name, help)), labels)
	}
	took := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{Namespace: "netsu", Subsystem: "gateway", Name: name, Help: help,
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}})
	}
	m := &metrics{
		deliveries: counters("deliveries_total", "Deliveries by source and how they ended: accepted, unreadable (some of it "+
			"is a dead letter), unsigned, refused, busy (429), failed (503).", "source", "outcome"),
		refused: counters("refused_total", "Deliveries that were not accepted, by source and why. No room: readers, bytes, "+
			"gave_way (it was slow, and others came), slots, kafka_slow.", "source", "cause"),
		records: counters("records_total", "Raw records of deliveries that Kafka has acknowledged; a delivery that comes "+
			"twice counts twice.", "source"),
		letters: counters("dead_letters_total", "Payloads of deliveries that could not be read and are dead letters.", "source"),
		unknown: prometheus.NewCounter(prometheus.CounterOpts(o("unknown_source_total",
			"Requests for a source that is not open here."))),
		seconds: took("delivery_seconds", "From the head of a delivery to its answer, however slowly its body came."),
		write:   took("write_seconds", "From a delivery having been read, and being in order, to Kafka's acknowledgement or the end of patience."),
	}
	for _, src := range s.senders {
		for _, outcome := range outcomes {
			m.deliveries.WithLabelValues(src.name, outcome)
		}
		for _, cause := range causes {
			m.refused.WithLabelValues(src.name, cause)
		}
		m.records.WithLabelValues(src.name)
		m.letters.WithLabelValues(src.name)
	}
	if r == nil {
		return m, nil
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts(o(name, help)), value)
	}
	for _, c := range []prometheus.Collector{m.deliveries, m.refused, m.records, m.letters, m.unknown, m.seconds, m.write,
		gauge("reading", "Bodies that are being read.", func() float64 { n, _ := s.readers.now(); return float64(n) }),
		gauge("large_bytes", "Bytes of deliveries not answered yet, beyond 64 KiB of each.",
			func() float64 { _, n := s.readers.now(); return float64(n) }),
		gauge("writing", "Deliveries that are being mapped and written.", func() float64 { return float64(len(s.slots)) }),
		gauge("writing_limit", "How many may be at once; one more is told to come back.",
			func() float64 { return float64(cap(s.slots)) }),
		gauge("kafka_waiting_bytes", "Bytes of raw records and of dead letters that wait for Kafka's acknowledgement.",
			func() float64 { return float64(s.out.waitingBytes()) }),
	} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) count(src *Sender, a answer) {
	m.deliveries.WithLabelValues(src.name, a.outcome).Inc()
	if a.cause != "" {
		m.refused.WithLabelValues(src.name, a.cause).Inc()
	}
}
