package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/ingest"
	"github.com/netsu/netsu/stream/source"
)

// Config of a gateway. What is marked "zero: …" may be left out.
type Config struct {
	Cluster *broker.Cluster
	Topics  broker.Topics
	// SecretsDir has one file of secrets for each source that is open.
	SecretsDir string
	// MappingsDir has NAME.yaml for each source mapped/NAME. Zero: there are none.
	MappingsDir string
	// Patience is how long a delivery waits for Kafka, from when it was read. Zero: 4 s, as platforms hang up after 5.
	Patience time.Duration
	// MaxBodyBytes bounds a delivery. Zero: 4 MiB.
	MaxBodyBytes int64
	// MaxConcurrent bounds the deliveries at work. Zero: 64.
	MaxConcurrent int
	Logger        *slog.Logger          // zero: slog.Default()
	Registerer    prometheus.Registerer // zero: no metrics
}

// Server takes deliveries. It may serve on many goroutines; Close it when none serves any more.
type Server struct {
	c       Config
	senders map[string]*Sender
	slots   chan struct{} // one is held by each delivery at work
	out     *producer
	metrics *metrics
}

// New checks the secrets and makes the server. It does not connect.
func New(c Config) (*Server, error) {
	if c.Patience == 0 {
		c.Patience = 4 * time.Second
	}
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = 4 << 20
	}
	if c.MaxConcurrent == 0 {
		c.MaxConcurrent = 64
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	open, err := Senders(c.SecretsDir, c.MappingsDir)
	if err != nil {
		return nil, err
	}
	if len(open) == 0 {
		return nil, fmt.Errorf("the gateway has nothing to take in: put a file of secrets into %s, named for its source, "+
			"as shopify", c.SecretsDir)
	}
	s := &Server{c: c, senders: map[string]*Sender{}, slots: make(chan struct{}, c.MaxConcurrent)}
	for _, one := range open {
		s.senders[one.name] = one
	}
	if s.metrics, err = newMetrics(c.Registerer, open); err != nil {
		return nil, err
	}
	if s.out, err = newProducer(c.Cluster, c.Topics); err != nil {
		return nil, err
	}
	return s, nil
}

// Close waits for nothing: who was answered has been acknowledged.
func (s *Server) Close() { s.out.close() }

// Handler serves POST /v1/ingest/{source}.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/ingest/{source...}", s.serve)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(http.StatusNotFound, "NOT_FOUND", "there is no "+r.Method+" "+r.URL.Path, "POST /v1/ingest/{source}").write(w)
	})
	return mux
}

// serve finds the source and a slot, and counts how it ended.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	src := s.senders[r.PathValue("source")]
	if src == nil {
		refuse(http.StatusNotFound, "UNKNOWN_SOURCE", "this gateway takes nothing in from there",
			"is there a file of secrets for this source?").write(w)
		s.metrics.unknown.Inc()
		return
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	default:
		busy("more deliveries at once than are taken in").write(w)
		s.metrics.of(src, "busy").Inc()
		return
	}
	a := s.take(w, r, src)
	a.write(w)
	s.metrics.of(src, a.outcome).Inc()
	s.metrics.seconds.Observe(time.Since(began).Seconds())
}

// take reads, checks, maps and keeps one delivery.
func (s *Server) take(w http.ResponseWriter, r *http.Request, src *Sender) answer {
	d, refused := s.read(w, r, src)
	if refused != nil {
		return *refused
	}
	if src.ping != nil && src.ping(d) {
		return accepted(0, 0)
	}
	secrets, err := readSecrets(src.file)
	if err != nil {
		s.c.Logger.Error("reading the secrets of a source", "source", src.name, "err", err)
		return refuse(http.StatusServiceUnavailable, "NO_SECRET", "the secrets of this source cannot be read", "").later(30)
	}
	if err := src.check(secrets, d); err != nil {
		return refuse(http.StatusUnauthorized, "UNSIGNED", err.Error(), "")
	}
	if src.greet != nil {
		if a, done := src.greet(s, d); done {
			return a
		}
	}
	if err := d.options(src); err != nil {
		return refuse(http.StatusBadRequest, "BAD_URL", err.Error(), "see the URL that the sender was told")
	}
	batch, err := src.batch(s, d)
	if err != nil {
		return refuse(http.StatusBadRequest, "BAD_EVENT", err.Error(), "nothing of this delivery was written")
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.c.Patience)
	defer cancel()
	if err := s.out.keep(ctx, batch); err != nil {
		return s.unkept(src, err)
	}
	s.metrics.records.WithLabelValues(src.name).Add(float64(len(batch.records)))
	s.metrics.letters.WithLabelValues(src.name).Add(float64(len(batch.letters)))
	return accepted(len(batch.records), len(batch.letters))
}

// unkept says why a delivery is not in Kafka. The sender tries again in every case: it is safe to.
func (s *Server) unkept(src *Sender, err error) answer {
	if errors.Is(err, errSlow) {
		return busy("Kafka is slow: not everything was acknowledged in time")
	}
	s.c.Logger.Warn("a delivery could not be written", "source", src.name, "err", err)
	return refuse(http.StatusServiceUnavailable, "NOT_WRITTEN", "Kafka refused to take this delivery", "").later(30)
}

// batch is what one delivery amounts to.
type batch struct {
	records []source.Record
	letters []letter
}

// letter is a payload that could not be read.
type letter struct {
	door  string
	at    time.Time
	why   *ingest.Reject
	bytes []byte
}
