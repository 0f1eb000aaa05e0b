package history

import "github.com/prometheus/client_golang/prometheus"

// metrics are the history's own; netsu_history_ goes before each name.
type metrics struct {
	rows, bytes *prometheus.GaugeVec // by tier
	limit       prometheus.Gauge
	lag         prometheus.Gauge
	dropped     *prometheus.CounterVec // by cause: seen, malformed
	evictedRows *prometheus.CounterVec // by tier; cause: age, bytes, late
	revisions   prometheus.Counter
	holes       prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	o := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "netsu", Subsystem: "history", Name: name, Help: help}
	}
	m := &metrics{
		rows: prometheus.NewGaugeVec(prometheus.GaugeOpts(o("rows", "Rows kept, revisions among them, by tier.")), []string{"tier"}),
		bytes: prometheus.NewGaugeVec(prometheus.GaugeOpts(o("bytes",
			"Bytes of keys and values, by tier; tables is what is remembered beside the rows.")), []string{"tier"}),
		limit: prometheus.NewGauge(prometheus.GaugeOpts(o("limit_bytes", "Bytes that may be kept; 0: no bound."))),
		lag:   prometheus.NewGauge(prometheus.GaugeOpts(o("lag_records", "Records of the meters that are not written to the history yet."))),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts(o("records_dropped_total",
			"Records of the meters that were read and not kept: seen before, or malformed.")), []string{"cause"}),
		evictedRows: prometheus.NewCounterVec(prometheus.CounterOpts(o("evicted_rows_total",
			"Rows dropped by age, because bytes ran out, or because they came too late to be kept.")), []string{"tier", "cause"}),
		revisions: prometheus.NewCounter(prometheus.CounterOpts(o("revisions_total", "Rows that changed one said before."))),
		holes: prometheus.NewCounter(prometheus.CounterOpts(o("holes_total",
			"Places of the meters of which records had been cleaned away before they were read, since the history began."))),
	}
	for _, t := range tiers {
		for _, cause := range []string{"age", "bytes", "late"} {
			m.evictedRows.WithLabelValues(t.name, cause)
		}
	}
	if r != nil {
		r.MustRegister(m.rows, m.bytes, m.limit, m.lag, m.dropped, m.evictedRows, m.revisions, m.holes)
	}
	return m
}

func (m *metrics) evicted(tier int, cause string, rows int) {
	m.evictedRows.WithLabelValues(tiers[tier].name, cause).Add(float64(rows))
}

func (m *metrics) show(of *meta) {
	for i, t := range tiers {
		m.rows.WithLabelValues(t.name).Set(float64(of.Rows[i]))
		m.bytes.WithLabelValues(t.name).Set(float64(of.Bytes[i]))
	}
	m.bytes.WithLabelValues("tables").Set(float64(of.Tables))
}
