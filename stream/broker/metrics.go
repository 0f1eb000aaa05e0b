package broker

import (
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Metrics are what all Kafka clients of a process do together: one hook for every client, in Settings.Hooks. (kprom's has
// series for each client, and this program makes some per partition, again and again.)
type Metrics struct {
	connectErrors, disconnects  prometheus.Counter
	readBytes, writeBytes       prometheus.Counter
	requestErrors, throttled    prometheus.Counter
	requests                    *prometheus.HistogramVec // by request
	producedBytes, fetchedBytes *prometheus.CounterVec   // by topic
}

var (
	_ kgo.HookBrokerConnect       = (*Metrics)(nil)
	_ kgo.HookBrokerDisconnect    = (*Metrics)(nil)
	_ kgo.HookBrokerWrite         = (*Metrics)(nil)
	_ kgo.HookBrokerRead          = (*Metrics)(nil)
	_ kgo.HookBrokerE2E           = (*Metrics)(nil)
	_ kgo.HookBrokerThrottle      = (*Metrics)(nil)
	_ kgo.HookProduceBatchWritten = (*Metrics)(nil)
	_ kgo.HookFetchBatchRead      = (*Metrics)(nil)
)

// NewMetrics makes and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netsu", Subsystem: "kafka", Name: name, Help: help})
	}
	byTopic := func(name, help string) *prometheus.CounterVec {
		o := prometheus.CounterOpts{Namespace: "netsu", Subsystem: "kafka", Name: name, Help: help}
		return prometheus.NewCounterVec(o, []string{"topic"})
	}
	m := &Metrics{
		connectErrors: counter("connect_errors_total", "Connections that could not be opened."),
		disconnects:   counter("disconnects_total", "Connections closed, by either side."),
		readBytes:     counter("read_bytes_total", "Bytes read from brokers."),
		writeBytes:    counter("write_bytes_total", "Bytes written to brokers."),
		requestErrors: counter("request_errors_total", "Requests not written, or whose answer could not be read."),
		throttled:     counter("throttled_seconds_total", "Time that brokers asked us to wait, for our quota."),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "netsu", Subsystem: "kafka", Name: "request_seconds",
			Help:    "From the writing of a request to its answer: produce, fetch (which waits for records) or other.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8), NativeHistogramBucketFactor: 1.1,
			NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour,
		}, []string{"request"}),
		producedBytes: byTopic("produced_bytes_total", "Bytes of records written and acknowledged, as sent, compressed."),
		fetchedBytes:  byTopic("fetched_bytes_total", "Bytes of records read, as received, compressed."),
	}
	r.MustRegister(m.connectErrors, m.disconnects, m.readBytes, m.writeBytes, m.requestErrors, m.throttled,
		m.requests, m.producedBytes, m.fetchedBytes)
	return m
}

// OnBrokerConnect implements kgo.HookBrokerConnect.
func (m *Metrics) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil {
		m.connectErrors.Inc()
	}
}

// OnBrokerDisconnect implements kgo.HookBrokerDisconnect.
func (m *Metrics) OnBrokerDisconnect(kgo.BrokerMetadata, net.Conn) { m.disconnects.Inc() }

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (m *Metrics) OnBrokerWrite(_ kgo.BrokerMetadata, _ int16, n int, _, _ time.Duration, err error) {
	m.writeBytes.Add(float64(n))
	if err != nil {
		m.requestErrors.Inc()
	}
}

// OnBrokerRead implements kgo.HookBrokerRead.
func (m *Metrics) OnBrokerRead(_ kgo.BrokerMetadata, _ int16, n int, _, _ time.Duration, err error) {
	m.readBytes.Add(float64(n))
	if err != nil {
		m.requestErrors.Inc()
	}
}

// OnBrokerE2E implements kgo.HookBrokerE2E.
func (m *Metrics) OnBrokerE2E(_ kgo.BrokerMetadata, key int16, e2e kgo.BrokerE2E) {
	if e2e.Err() != nil {
		return
	}
	request := "other"
	switch kmsg.Key(key) {
	case kmsg.Produce:
		request = "produce"
	case kmsg.Fetch:
		request = "fetch"
	}
	m.requests.WithLabelValues(request).Observe(e2e.DurationE2E().Seconds())
}

// OnBrokerThrottle implements kgo.HookBrokerThrottle.
func (m *Metrics) OnBrokerThrottle(_ kgo.BrokerMetadata, d time.Duration, _ bool) {
	m.throttled.Add(d.Seconds())
}

// OnProduceBatchWritten implements kgo.HookProduceBatchWritten.
func (m *Metrics) OnProduceBatchWritten(_ kgo.BrokerMetadata, topic string, _ int32, b kgo.ProduceBatchMetrics) {
	m.producedBytes.WithLabelValues(topic).Add(float64(b.CompressedBytes))
}

// OnFetchBatchRead implements kgo.HookFetchBatchRead.
func (m *Metrics) OnFetchBatchRead(_ kgo.BrokerMetadata, topic string, _ int32, b kgo.FetchBatchMetrics) {
	m.fetchedBytes.WithLabelValues(topic).Add(float64(b.CompressedBytes))
}
