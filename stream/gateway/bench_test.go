package gateway_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/gateway"
)

// BenchmarkDeliver is what a delivery of one event costs, from 64 senders at once, an embedded broker in the same process
// included: go test -run - -bench Deliver ./stream/gateway
func BenchmarkDeliver(b *testing.B) {
	k := brokertest.Embedded(b)
	k.Create(b, 4)
	dir := b.TempDir()
	writeSecret(b, dir, "events", token)
	s, err := gateway.New(gateway.Config{Cluster: k.Cluster, Topics: k.Topics, SecretsDir: dir})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var n, busy atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := httptest.NewRequest("POST", "/v1/ingest/events", strings.NewReader(chatLine(fmt.Sprint(n.Add(1)))))
			r.Header.Set(auth, bearer)
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != 202 {
				busy.Add(1)
			}
		}
	})
	b.ReportMetric(float64(busy.Load()), "refused")
}
