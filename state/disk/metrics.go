package disk

import (
	"expvar"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	descLevelBytes = levelDesc("level_size_bytes", "Bytes of a level of the tree.")
	descScore      = levelDesc("level_score", "How due a level is for compaction; above 1 it is.")
	descCompacting = prometheus.NewDesc("netsu_badger_compacting_tables", "Tables being compacted now.", nil, nil)
	descUser       = prometheus.NewDesc("netsu_badger_user_bytes_total", "Bytes written by checkpoints.", nil, nil)
	descWritten    = prometheus.NewDesc("netsu_badger_written_bytes_total",
		"Bytes written to tables: by flush from memory, or by compaction.", []string{"by"}, nil)
	descDamaged = prometheus.NewDesc("netsu_state_damaged_total",
		"Times that state on this disk was found damaged, moved aside and rebuilt.", nil, nil)
	descFree = prometheus.NewDesc("netsu_state_free_bytes",
		"Bytes that the file system of the state has left; below netsu_state_reserve_bytes nothing is written.", nil, nil)
	descReserve = prometheus.NewDesc("netsu_state_reserve_bytes", "Bytes that must stay free for state to be written.", nil, nil)
)

func levelDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("netsu_badger_"+name, help, []string{"level"}, nil)
}

// Describe implements prometheus.Collector.
func (db *DB) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descLevelBytes, descScore, descCompacting, descUser, descWritten, descDamaged, descFree, descReserve,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector: the levels of this database, and Badger's counters, which are of the process.
// After Close it says how often there was damage, nothing else.
func (db *DB) Collect(ch chan<- prometheus.Metric) {
	now, replaced := db.opened()
	ch <- prometheus.MustNewConstMetric(descDamaged, prometheus.CounterValue, float64(replaced))
	if now == nil {
		return
	}
	if free, _, err := statfs(db.options.Dir); err == nil { // in memory there is none
		ch <- prometheus.MustNewConstMetric(descFree, prometheus.GaugeValue, float64(free))
		ch <- prometheus.MustNewConstMetric(descReserve, prometheus.GaugeValue, stateReserve)
	}
	for _, l := range now.Levels() {
		level := strconv.Itoa(l.Level)
		ch <- prometheus.MustNewConstMetric(descLevelBytes, prometheus.GaugeValue, float64(l.Size), level)
		ch <- prometheus.MustNewConstMetric(descScore, prometheus.GaugeValue, l.Score, level)
	}
	total := func(d *prometheus.Desc, name string, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, published(name), labels...)
	}
	total(descUser, "badger_write_bytes_user")
	total(descWritten, "badger_write_bytes_l0", "flush")
	total(descWritten, "badger_write_bytes_compaction", "compaction")
	ch <- prometheus.MustNewConstMetric(descCompacting, prometheus.GaugeValue, published("badger_compaction_current_num_lsm"))
}

// published reads one of Badger's numbers; of a map, the sum. One that this version of Badger does not have is 0.
func published(name string) float64 {
	switch v := expvar.Get(name).(type) {
	case *expvar.Int:
		return float64(v.Value())
	case *expvar.Map:
		var sum int64
		v.Do(func(kv expvar.KeyValue) {
			if n, ok := kv.Value.(*expvar.Int); ok {
				sum += n.Value()
			}
		})
		return float64(sum)
	}
	return 0
}
