package ingest

import (
	"cmp"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of one Run.
type metrics struct {
	events      [4]prometheus.Counter // by Raw
	deadLetters map[Reason]prometheus.Counter
	blocks      prometheus.Counter
	blockBytes  prometheus.Counter
	ingestedMS  atomic.Int64
	tickingMS   atomic.Int64 // since when this process writes the ticks; 0: it does not
	lag         atomic.Int64
	held        atomic.Bool
	collectors  []prometheus.Collector
}

func newMetrics(topics []string) *metrics {
	m := &metrics{deadLetters: map[Reason]prometheus.Counter{}}
	events := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_ingest_events_total",
		Help: "Events ingested, by raw topic; a record read again counts again."}, []string{"topic"})
	for i, topic := range topics {
		m.events[i] = events.WithLabelValues(topic)
	}
	letters := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "netsu_ingest_dead_letters_total",
		Help: "Records refused, by reason; a record read again counts again."}, []string{"reason"})
	for _, reason := range Reasons {
		m.deadLetters[reason] = letters.WithLabelValues(string(reason))
	}
	m.blocks = prometheus.NewCounter(prometheus.CounterOpts{Name: "netsu_ingest_blocks_total",
		Help: "Blocks appended to the internal logs, ticks included."})
	m.blockBytes = prometheus.NewCounter(prometheus.CounterOpts{Name: "netsu_ingest_block_bytes_total",
		Help: "Bytes of those blocks before compression."})
	lag := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netsu_ingest_lag_offsets",
		Help: "Offsets of the raw partitions that this process reads and has not ingested."},
		func() float64 { return float64(m.lag.Load()) })
	held := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "netsu_ingest_held",
		Help: "1 while this process holds records back, as other processes' raw partitions, or nobody's, are 20 s of event time behind."},
		func() float64 {
			if m.held.Load() {
				return 1
			}
			return 0
		})
	m.collectors = []prometheus.Collector{events, letters, m.blocks, m.blockBytes, lag, held, freshness{m}}
	return m
}

// freshness is a gauge of the process that writes the ticks, and of no other.
type freshness struct{ m *metrics }

var descFreshness = prometheus.NewDesc("netsu_ingest_freshness_seconds",
	"Age of the time up to which all raw topics are known to be ingested, from the process that writes the ticks; before that is known, "+
		"how long it writes them already.", nil, nil)

// Describe implements prometheus.Collector.
func (f freshness) Describe(ch chan<- *prometheus.Desc) { ch <- descFreshness }

// Collect implements prometheus.Collector.
func (f freshness) Collect(ch chan<- prometheus.Metric) {
	if ms := cmp.Or(f.m.ingestedMS.Load(), f.m.tickingMS.Load()); ms > 0 {
		age := time.Since(time.UnixMilli(ms)).Seconds()
		ch <- prometheus.MustNewConstMetric(descFreshness, prometheus.GaugeValue, age)
	}
}
