package broker_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// TestAllClientsCountTogether: clients come and go, and share one set of series.
func TestAllClientsCountTogether(t *testing.T) {
	reg := prometheus.NewRegistry()
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{
		Logger: slog.New(slog.DiscardHandler), Hooks: []kgo.Hook{broker.NewMetrics(reg)},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for i := range 3 {
		cl, err := e.Cluster().Client(kgo.ConsumeTopics("t"))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		if i == 0 {
			if _, err := kadm.NewClient(cl).CreateTopic(context.Background(), 1, 1, nil, "t"); err != nil {
				t.Fatal(err)
			}
		}
		r := cl.ProduceSync(context.Background(), &kgo.Record{Topic: "t", Value: []byte("v")})
		if err := r.FirstErr(); err != nil {
			t.Fatal(err)
		}
		for n := 0; n <= i; {
			n += cl.PollFetches(context.Background()).NumRecords()
		}
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			got[f.GetName()] += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	// Three clients write one record each, and read one, two and three.
	if produced := got["netsu_kafka_produced_bytes_total"]; produced == 0 || got["netsu_kafka_fetched_bytes_total"] < 2*produced {
		t.Errorf("counted %v", got)
	}
	for _, name := range []string{"read_bytes_total", "write_bytes_total", "request_seconds"} {
		if got["netsu_kafka_"+name] == 0 {
			t.Errorf("%s is 0", name)
		}
	}
}
