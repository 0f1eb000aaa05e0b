package stream

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// certificatesEvery is how often the files are looked at. A port that nobody opens shows its certificate to nobody, and is to
// be known to have expired all the same.
const certificatesEvery = 5 * time.Second

// certificates are until when those that this process uses are valid, by their use.
type certificates struct {
	mu  sync.Mutex
	end map[string]time.Time
}

var descExpiry = prometheus.NewDesc("netsu_certificate_expiry_timestamp_seconds",
	"When a certificate ends: listen (the HTTP port's), kafka_client (shown to brokers), kafka_broker (theirs, as seen, the first to end).",
	[]string{"use"}, nil)

// Describe implements prometheus.Collector.
func (c *certificates) Describe(ch chan<- *prometheus.Desc) { ch <- descExpiry }

// Collect implements prometheus.Collector.
func (c *certificates) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for use, end := range c.end {
		ch <- prometheus.MustNewConstMetric(descExpiry, prometheus.GaugeValue, float64(end.Unix()), use)
	}
}

// watchCertificates looks at the certificates until ctx ends.
func (p *Program) watchCertificates(ctx context.Context) error {
	ticker := time.NewTicker(certificatesEvery)
	defer ticker.Stop()
	for {
		p.lookAtCertificates()
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (p *Program) lookAtCertificates() {
	now := map[string]time.Time{"kafka_broker": p.cluster.BrokerExpiry()}
	var err error
	now["kafka_client"], err = p.s.Broker.TLS.ClientExpiry()
	p.troubles.note(partCertificate, "kafka_client", err)
	if p.secure != nil {
		now["listen"], err = p.secure.Expiry()
		p.troubles.note(partCertificate, "listen", err)
	}
	for use, end := range now {
		if end.IsZero() {
			delete(now, use)
		}
	}
	p.certificates.mu.Lock()
	defer p.certificates.mu.Unlock()
	p.certificates.end = now
}
