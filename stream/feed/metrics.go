package feed

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/feed/gauges"
)

// metrics are the feed's own; netsu_feed_ goes before each name.
type metrics struct {
	subscribers    prometheus.Gauge
	subscriptions  prometheus.Gauge
	scopes         prometheus.Gauge
	caughtUp       prometheus.Gauge
	untaped        prometheus.Gauge
	tapeBytes      prometheus.Gauge
	bytes          prometheus.Counter
	frames         *prometheus.CounterVec // by t
	framesOf       map[string]prometheus.Counter
	conflatedSlow  prometheus.Counter
	conflatedHz    prometheus.Counter
	recordsDropped *prometheus.CounterVec // by cause: seen, malformed, unknown_part
	closed         *prometheus.CounterVec // by bye code
	refusedConns   *prometheus.CounterVec // by cause
	appendToWrite  prometheus.Histogram
	alerts         *prometheus.CounterVec // by kind
	restatements   *prometheus.CounterVec // by reason
}

func newMetrics(r prometheus.Registerer) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "netsu", Subsystem: "feed", Name: name, Help: help})
	}
	counters := func(label, name, help string) *prometheus.CounterVec {
		o := prometheus.CounterOpts{Namespace: "netsu", Subsystem: "feed", Name: name, Help: help}
		return prometheus.NewCounterVec(o, []string{label})
	}
	m := &metrics{
		subscribers:   gauge("subscribers", "Websocket connections."),
		subscriptions: gauge("subscriptions", "Subscriptions of all connections."),
		scopes:        gauge("scopes", "Shows, ESOLs, campaigns, brands and deals held in memory."),
		caughtUp:      gauge("caught_up", "1 once the meters have been read to where they ended at the start."),
		untaped:       gauge("untaped_shows", "Shows on the air that are not recorded, where recordings are kept."),
		tapeBytes:     gauge("tape_bytes", "Bytes of recordings on disk, as of the last sweep."),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "netsu", Subsystem: "feed", Name: "sent_bytes_total", Help: "Payload bytes written to websockets.",
		}),
		frames:         counters("t", "frames_total", "Frames written, by kind."),
		recordsDropped: counters("cause", "records_dropped_total", "Meter and alert records that were not shown."),
		alerts:         counters("kind", "alerts_total", "Moments and diagnoses that were new while this process was live."),
		restatements:   counters("reason", "restatements_total", "Corrections of money that were new while this process was live."),
		closed:         counters("code", "closed_total", "Connections ended, by reason."),
		refusedConns:   counters("cause", "refused_total", "Connections refused before they were websockets."),
		appendToWrite: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "netsu", Subsystem: "feed", Name: "append_to_write_seconds",
			Help: "From the append of the newest event in a delta to the log, to the delta having been" +
				" written to a subscriber. Time held by max_hz included.",
			Buckets:                     []float64{.001, .0025, .005, .01, .025, .05, .1, .15, .2, .3, .5, 1, 2.5, 5, 10},
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
			NativeHistogramMinResetDuration: time.Hour,
		}),
	}
	conflated := counters("cause", "conflated_total",
		"Editions and heartbeats that a newer one replaced before they were sent.")
	m.conflatedSlow, m.conflatedHz = conflated.WithLabelValues("slow"), conflated.WithLabelValues("max_hz")
	for _, kind := range gauges.Kinds() { // so that the first of a kind is a rise
		m.alerts.WithLabelValues(kind)
	}
	for _, reason := range reasons() {
		m.restatements.WithLabelValues(reason)
	}
	m.framesOf = map[string]prometheus.Counter{}
	for _, kind := range []string{"welcome", "ack", "snap", "delta", "event", "restate", "watch", "explanation", "notice", "hb", "ping", "pong", "err", "bye"} {
		m.framesOf[kind] = m.frames.WithLabelValues(kind)
	}
	if r != nil {
		r.MustRegister(m.subscribers, m.subscriptions, m.scopes, m.caughtUp, m.untaped, m.tapeBytes, m.bytes, m.frames, conflated, m.recordsDropped,
			m.closed, m.refusedConns, m.appendToWrite, m.alerts, m.restatements)
	}
	return m
}

func (m *metrics) wrote(f *frame) {
	m.framesOf[f.kind].Inc()
	m.bytes.Add(float64(len(f.body)))
}

// conflate counts an edition that found its slot taken: by the client's own wish, or because it is slow.
func (m *metrics) conflate(s *subscription) {
	if s.conn.own {
		return
	}
	if s.every.Load() > 0 {
		m.conflatedHz.Inc()
		return
	}
	m.conflatedSlow.Inc()
}
