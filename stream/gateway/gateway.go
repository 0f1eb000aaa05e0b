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
	// MaxReading bounds the bodies that are being read, of all senders and of one address. Zero: 1,024, and 256.
	MaxReading, MaxReadingPerAddress int
	// MaxBytes bounds what deliveries that are not answered yet have beyond 64 KiB each, together. Zero: 64 MiB.
	MaxBytes int64
	// MaxConcurrent bounds the deliveries that are mapped and written, of senders that have proved themselves. Zero: 64.
	MaxConcurrent int
	Logger        *slog.Logger          // zero: slog.Default()
	Registerer    prometheus.Registerer // zero: no metrics
}

// Server takes deliveries. It may serve on many goroutines; Close it when none serves any more.
type Server struct {
	c       Config
	senders map[string]*Sender
	readers *readers
	slots   chan struct{} // one is held by each delivery that is mapped and written
	out     *producer
	metrics *metrics
}

// New checks the secrets and makes the server. It does not connect.
func New(c Config) (*Server, error) {
	if c.Patience == 0 {
		c.Patience = 4 * time.Second
	}
	c.bound()
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
	s := &Server{c: c, senders: map[string]*Sender{}, slots: make(chan struct{}, c.MaxConcurrent),
		readers: newReaders(c.MaxReadingPerAddress, c.MaxReading, c.MaxBytes)}
	for _, one := range open {
		s.senders[one.name] = one
	}
	if s.out, err = newProducer(c.Cluster, c.Topics); err != nil {
		return nil, err
	}
	if s.metrics, err = newMetrics(c.Registerer, s); err != nil {
		s.out.close()
		return nil, err
	}
	return s, nil
}

func (c *Config) bound() {
	or := func(n *int, by int) {
		if *n == 0 {
			*n = by
		}
	}
	or(&c.MaxReading, 1024)
	or(&c.MaxReadingPerAddress, 256)
	or(&c.MaxConcurrent, 64)
	if c.MaxBytes == 0 {
		c.MaxBytes = 64 << 20
	}
	if c.MaxBodyBytes == 0 {
		c.MaxBodyBytes = 4 << 20
	}
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

// serve finds the source, and counts how the delivery ended.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	src := s.senders[r.PathValue("source")]
	if src == nil {
		refuse(http.StatusNotFound, "UNKNOWN_SOURCE", "this gateway takes nothing in from there",
			"is there a file of secrets for this source?").hangUp().write(w)
		s.metrics.unknown.Inc()
		return
	}
	a := s.take(w, r, src)
	a.write(w)
	s.metrics.count(src, a)
	s.metrics.seconds.Observe(time.Since(began).Seconds())
}

// take reads and checks one delivery, which takes a stranger as long as it likes, and keeps it once it has proved itself.
func (s *Server) take(w http.ResponseWriter, r *http.Request, src *Sender) answer {
	if src.bearer { // the body proves nothing, so it is not read in vain
		if refused := s.prove(src, &delivery{header: r.Header}); refused != nil {
			return refused.hangUp()
		}
	}
	d, leave, refused := s.read(w, r)
	if refused != nil {
		return *refused
	}
	defer leave()
	if src.ping != nil && src.ping(d) {
		return accepted(0, 0)
	}
	if !src.bearer {
		if refused := s.prove(src, d); refused != nil {
			return *refused
		}
	}
	if src.greet != nil {
		if a, done := src.greet(s, d); done {
			return a
		}
	}
	if err := d.options(src); err != nil {
		return refuse(http.StatusBadRequest, "BAD_URL", err.Error(), "see the URL that the sender was told")
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
		return s.keep(r.Context(), src, d)
	default:
		return busy("slots", "more deliveries at once than are taken in")
	}
}

// prove is nil if a delivery comes from who knows a secret of its source.
func (s *Server) prove(src *Sender, d *delivery) *answer {
	secrets, err := readSecrets(src.file)
	if err != nil {
		s.c.Logger.Error("reading the secrets of a source", "source", src.name, "err", err)
		a := refuse(http.StatusServiceUnavailable, "NO_SECRET", "the secrets of this source cannot be read", "").later(30)
		return &a
	}
	if err := src.check(secrets, d); err != nil {
		a := refuse(http.StatusUnauthorized, "UNSIGNED", err.Error(), "")
		return &a
	}
	return nil
}

// keep maps a delivery and writes what came of it.
func (s *Server) keep(ctx context.Context, src *Sender, d *delivery) answer {
	batch, err := src.batch(s, d)
	if err != nil {
		return refuse(http.StatusBadRequest, "BAD_EVENT", err.Error(), "nothing of this delivery was written")
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, s.c.Patience)
	defer cancel()
	err = s.out.keep(ctx, batch)
	s.metrics.write.Observe(time.Since(began).Seconds())
	if err != nil {
		return s.unkept(src, err)
	}
	s.metrics.records.WithLabelValues(src.name).Add(float64(len(batch.records)))
	s.metrics.letters.WithLabelValues(src.name).Add(float64(len(batch.letters)))
	return accepted(len(batch.records), len(batch.letters))
}

// unkept says why a delivery is not in Kafka. The sender tries again in every case: it is safe to.
func (s *Server) unkept(src *Sender, err error) answer {
	if errors.Is(err, errSlow) {
		return busy("kafka_slow", "Kafka is slow: not everything was acknowledged in time")
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
