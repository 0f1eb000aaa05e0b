package ingest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/broker"
)

// A process that catches up is stale for as long as it takes, and not absent as one without partitions is.
func TestFreshnessWhileCatchingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newIngest(Config{Topics: broker.DefaultTopics(), Layout: &broker.Layout{}})
		registry := prometheus.NewRegistry()
		registry.MustRegister(in.metrics.collectors...)
		freshness := func() float64 {
			t.Helper()
			families, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range families {
				if f.GetName() == "netsu_ingest_freshness_seconds" {
					return f.Metric[0].GetGauge().GetValue()
				}
			}
			return -1
		}
		is := func(what string, want float64) {
			t.Helper()
			if got := freshness(); got != want {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		in.ticking.Store(1) // a tick is on its way, so none is written
		in.tick()
		is("without the catalog's partition", -1)
		catalog := place{in.Topics.Catalog, 0}
		in.lanes[catalog] = &lane{}
		for range 3 {
			in.tick()
			time.Sleep(20 * time.Second)
		}
		is("nothing claimed for a minute", 60)
		in.claim = &survey{at: time.Now()}
		time.Sleep(2 * time.Second)
		in.claimed()
		is("what was there 2 s ago is ingested", 2)
		delete(in.lanes, catalog)
		in.tick()
		is("the partition has gone to another", -1)
	})
}
