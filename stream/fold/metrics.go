package fold

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/relay"
)

// metrics of one stage. Counters are over all of its tasks here; what differs by partition is read from the status when
// somebody asks.
type metrics struct {
	records, events, duplicates, outputs prometheus.Counter
	failures, fenced                     prometheus.Counter
	hits, misses, evictions              prometheus.Counter
	checkpoints, restores                prometheus.Histogram
	checkpointKeys                       prometheus.Counter
	standbyFailures                      prometheus.Counter
	status                               *statusCollector
}

func newMetrics(status func() Status) *metrics {
	count := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "netsu", Subsystem: "fold", Name: name, Help: help})
	}
	seconds := func(name, help string) prometheus.Histogram {
		return prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "netsu", Subsystem: "fold", Name: name, Help: help,
			Buckets:                     prometheus.ExponentialBuckets(0.005, 2, 14),
			NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160,
			NativeHistogramMinResetDuration: time.Hour,
		})
	}
	return &metrics{
		records:        count("records_total", "Records of the stage's log that were folded."),
		events:         count("events_total", "Events that were folded, without duplicates."),
		duplicates:     count("duplicates_total", "Events dropped because their source position had been seen."),
		outputs:        count("outputs_total", "Events, meters and alerts that the folds said."),
		failures:       count("failures_total", "Times that a task failed and was restored again."),
		fenced:         count("fenced_total", "Failures because another process had taken the partition over."),
		hits:           count("cache_hits_total", "Reads of state that were answered from memory."),
		misses:         count("cache_misses_total", "Reads of state that went to the disk."),
		evictions:      count("cache_evictions_total", "Clean values of state dropped from memory."),
		checkpointKeys: count("checkpoint_keys_total", "Keys of state written by checkpoints."),
		checkpoints:    seconds("checkpoint_seconds", "How long a checkpoint took, behind the fold."),
		restores:       seconds("restore_seconds", "How long a task took from its assignment to its first record."),
		standbyFailures: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "netsu", Subsystem: "standby", Name: "failures_total",
			Help: "Times that a standby copy failed and began again.",
		}),
		status: &statusCollector{status: status},
	}
}

func (m *metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{
		m.records, m.events, m.duplicates, m.outputs, m.failures, m.fenced, m.hits, m.misses, m.evictions,
		m.checkpointKeys, m.checkpoints, m.restores, m.standbyFailures, m.status,
	}
}

// register makes the metrics known under the stage's label, until the returned function is called.
func (m *metrics) register(r prometheus.Registerer, stage string) (unregister func(), err error) {
	if r != nil {
		r = prometheus.WrapRegistererWith(prometheus.Labels{"stage": stage}, r)
	}
	if unregister, err = relay.Register(r, m.collectors()); err != nil {
		return nil, fmt.Errorf("registering metrics of stage %s: %w", stage, err)
	}
	return unregister, nil
}

// statusCollector turns a Status into gauges when it is scraped, so that they grow while a task stands still.
type statusCollector struct{ status func() Status }

var (
	descState  = desc("task_state", "1 for the state that the task is in.", "state")
	descFresh  = desc("freshness_seconds", "Now minus the append time of the latest record folded, or how long ago that was where that is more.")
	descAge    = desc("checkpoint_age_seconds", "Now minus when the latest checkpoint ended.")
	descLag    = desc("lag_records", "Records of the log still to fold; where it ends is known to some seconds.")
	descBehind = desc("lag_seconds", "Age of the latest record folded while there are more to fold; 0 when there are none.")
	descLeft   = desc("restore_remaining_records", "Offsets of the changelog still to read.")
	descGone   = desc("missing_records", "Records at the log's beginning that were gone when the state began; 0: it is whole.")

	descCopies  = prometheus.NewDesc("netsu_standby_copies", "Partitions of others of which a copy is kept here.", nil, nil)
	descCopyLag = prometheus.NewDesc("netsu_standby_lag_records",
		"Offsets of the changelog still to copy, as of the latest fetch.", []string{"partition"}, nil)
	descCopyAge = prometheus.NewDesc("netsu_standby_freshness_seconds",
		"Now minus when the newest checkpoint in the copy was made; before there is one, how long that takes already.", []string{"partition"}, nil)
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("netsu_fold_"+name, help, append([]string{"partition"}, labels...), nil)
}

// Describe implements prometheus.Collector.
func (c *statusCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descState, descFresh, descAge, descLag, descBehind, descLeft, descGone, descCopies, descCopyLag, descCopyAge,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *statusCollector) Collect(ch chan<- prometheus.Metric) {
	now, status := time.Now(), c.status()
	ch <- prometheus.MustNewConstMetric(descCopies, prometheus.GaugeValue, float64(len(status.Standbys)))
	for _, s := range status.Standbys {
		p := strconv.Itoa(int(s.Partition))
		ch <- prometheus.MustNewConstMetric(descCopyLag, prometheus.GaugeValue, float64(max(0, s.End-s.Next)), p)
		marked := s.Since
		if s.MarkedMS > 0 {
			marked = time.UnixMilli(s.MarkedMS)
		}
		ch <- prometheus.MustNewConstMetric(descCopyAge, prometheus.GaugeValue, now.Sub(marked).Seconds(), p)
	}
	for _, t := range status.Tasks {
		p := strconv.Itoa(int(t.Partition))
		gauge := func(d *prometheus.Desc, v float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append([]string{p}, labels...)...)
		}
		for _, s := range []State{Restoring, Running, Failed} {
			v := 0.0
			if s == t.State {
				v = 1
			}
			gauge(descState, v, string(s))
		}
		if t.AppendMS > 0 {
			gauge(descFresh, t.Age(now).Seconds())
		}
		if !t.Checkpointed.IsZero() {
			gauge(descAge, now.Sub(t.Checkpointed).Seconds())
		}
		if t.End >= 0 && t.Offset >= 0 {
			lag, behind := max(0, t.End-t.Offset), 0.0
			if lag > 0 && t.AppendMS > 0 {
				behind = t.Age(now).Seconds()
			}
			gauge(descLag, float64(lag))
			gauge(descBehind, behind)
		}
		gauge(descLeft, float64(t.RestoreEnd-t.RestoreNext))
		gauge(descGone, float64(t.Missing))
	}
}
