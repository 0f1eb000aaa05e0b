package stream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/netsu/netsu/dashboards/live"
	"github.com/netsu/netsu/operators/journey"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/operators/show"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed"
	"github.com/netsu/netsu/stream/fold"
	"github.com/netsu/netsu/stream/gateway"
	"github.com/netsu/netsu/stream/history"
)

// Program is one process of Netsu: Open, then Run until its context ends, then Close.
type Program struct {
	s            Settings
	embedded     *broker.Embedded
	cluster      *broker.Cluster
	topics       broker.Topics
	layout       *broker.Layout
	disk         *disk.DB
	registry     *prometheus.Registry
	troubles     *troubles
	notes        *notes
	certificates *certificates
	instance     string // of this data directory: who it is in the consumer groups
	listener     net.Listener
	secure       *access.Certificate // nil: no TLS
	ops          net.Listener        // nil: none
	stop         context.CancelFunc  // ends what runs in the background from Open to Close
	feed         *feed.Server
	history      *history.History // nil: none is kept
	folds        []*fold.Runner
	gateway      *gateway.Server
	doors        net.Listener                // the gateway's
	bridge       func(context.Context) error // nil: not of this process
}

// Open prepares everything that can fail for reasons that a person can mend: the data directory, the broker, the topics,
// the port. What it opened, Close closes.
func Open(ctx context.Context, s Settings) (p *Program, err error) {
	if err := s.fill(); err != nil {
		return nil, err
	}
	p = &Program{s: s, topics: broker.TopicsWithPrefix(s.Prefix), registry: prometheus.NewRegistry(),
		troubles: &troubles{log: s.Logger, now: map[trouble]string{}}, notes: &notes{log: s.Logger, now: map[string]string{}}, certificates: &certificates{}}
	p.registry.MustRegister(p.troubles, p.certificates, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	defer func() {
		if err != nil {
			p.Close()
			p = nil
		}
	}()
	if s.remembers() {
		if err = p.openDataDir(); err != nil {
			return p, err
		}
	}
	if err = p.openBroker(ctx); err != nil {
		return p, err
	}
	if p.layout, err = broker.Load(ctx, p.cluster, p.topics); err != nil {
		return p, err
	}
	p.countCopies(ctx)
	if s.has(RoleShow) || s.has(RoleJourney) || s.has(RoleLedger) {
		if p.disk, err = disk.Open(filepath.Join(s.DataDir, "state"), s.Logger); err != nil {
			return p, err
		}
		p.registry.MustRegister(p.disk)
	}
	if err = p.openFolds(); err != nil {
		return p, err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	p.stop = stop
	if err = p.openFeed(background); err != nil {
		return p, err
	}
	if err = p.openGateway(); err != nil {
		return p, err
	}
	if err = p.openBridge(); err != nil {
		return p, err
	}
	return p, p.openOps()
}

func (p *Program) openDataDir() (err error) {
	if err = os.MkdirAll(p.s.DataDir, 0o755); err != nil {
		return fmt.Errorf("making the data directory: %w (choose another with --data-dir)", err)
	}
	if err = disk.Room(p.s.DataDir, 0); err != nil { // else each of what is in it would say so in words of its own
		return fmt.Errorf("opening the data directory: %w", err)
	}
	p.instance, err = instanceIn(p.s.DataDir)
	return err
}

func (p *Program) openBroker(ctx context.Context) (err error) {
	if p.s.Cluster != nil {
		p.cluster = p.s.Cluster
		return nil
	}
	hooks := append(slices.Clone(p.s.Broker.Hooks), broker.NewMetrics(p.registry))
	if !p.s.embedded() {
		p.s.Broker.Hooks = hooks
		p.cluster, err = broker.New(p.s.Broker)
		return err
	}
	p.embedded, err = broker.StartEmbedded(broker.EmbeddedSettings{
		Dir: filepath.Join(p.s.DataDir, "broker"), Port: p.s.EmbeddedPort, Logger: p.s.Logger,
		Hooks: hooks,
	})
	if err != nil {
		return err
	}
	p.troubles.note(partBroker, "data", errors.Join(p.embedded.Damage()...))
	p.cluster = p.embedded.Cluster()
	_, err = broker.Create(ctx, p.cluster, p.topics, p.s.Partitions, 1)
	return err
}

// stages are the folds, in the order of the data.
func (p *Program) stages() []fold.Stage {
	all := []struct {
		role  Role
		stage fold.Stage
	}{
		{RoleShow, fold.Stage{Name: "show", Input: p.topics.Journal, Changelog: p.topics.ShowChangelog,
			Schema: show.Schema, Oldest: show.OldestSchema, New: show.New, Migrate: show.Migrate}},
		{RoleJourney, fold.Stage{Name: "journey", Input: p.topics.Journeys, Changelog: p.topics.JourneyChangelog,
			Schema: journey.Schema, New: journey.New}},
		{RoleLedger, fold.Stage{Name: "ledger", Input: p.topics.Credits, Changelog: p.topics.LedgerChangelog,
			Schema: ledger.Schema, New: ledger.New}},
	}
	var mine []fold.Stage
	for _, a := range all {
		if !p.s.has(a.role) {
			continue
		}
		if p.s.stage != nil {
			a.stage = p.s.stage(a.stage)
		}
		mine = append(mine, a.stage)
	}
	return mine
}

func (p *Program) openFolds() error {
	for _, stage := range p.stages() {
		r, err := fold.New(fold.Config{
			Cluster: p.cluster, Topics: p.topics, Layout: p.layout, Stage: stage, DB: p.disk,
			CheckpointEvery: p.s.CheckpointEvery, CacheBytes: p.s.CacheBytes, InstanceID: p.instance,
			SessionTimeout: p.s.SessionTimeout, Standbys: p.s.Standbys, Hooks: p.s.Hooks, BeginWithin: p.s.BeginWithoutState,
			Logger: p.s.Logger, Registerer: p.registry,
		})
		if err != nil {
			return fmt.Errorf("preparing the %s fold: %w", stage.Name, err)
		}
		p.folds = append(p.folds, r)
	}
	return nil
}

func (p *Program) openFeed(ctx context.Context) (err error) {
	if !p.s.has(RoleFeed) {
		return nil
	}
	p.s.Access.Registerer = p.registry
	guard, err := access.Open(ctx, p.s.Access, p.s.Listen, p.s.Logger)
	if err != nil {
		return fmt.Errorf("access to the HTTP port: %w", err)
	}
	if p.s.CertFile != "" || p.s.KeyFile != "" {
		if p.secure, err = access.OpenCertificate(p.s.CertFile, p.s.KeyFile, p.s.Logger); err != nil {
			return err
		}
	}
	if p.listener, err = net.Listen("tcp", p.s.Listen); err != nil {
		return fmt.Errorf("opening the HTTP port: %w (another program has it? choose one with --listen)", err)
	}
	var series http.Handler
	if !p.s.NoHistory {
		if p.history, err = history.Open(history.Config{
			Cluster: p.cluster, Topics: p.topics, Layout: p.layout, Dir: filepath.Join(p.s.DataDir, "history"),
			Keep: p.s.History, MaxBytes: p.s.HistoryBytes, Logger: p.s.Logger, Registerer: p.registry,
			Trouble: func(err error) { p.notes.note(partHistory, err) },
		}); err != nil {
			return err
		}
		series = p.history.Handler()
	}
	tapes := p.s.Tape
	if !p.s.NoTape {
		tapes.Dir = filepath.Join(p.s.DataDir, "tape")
	}
	p.feed = feed.New(feed.Config{
		Cluster: p.cluster, Topics: p.topics, Layout: p.layout,
		Logger: p.s.Logger, Registerer: p.registry, Gatherer: p.registry,
		Gauges: p.s.Gauges, Ready: p.readiness, Series: series, SeriesNeeds: history.Needs, Tape: tapes, Page: live.Handler(),
		Guard: guard, Origins: p.s.Access.Origins,
		Trouble:     func(topic string, err error) { p.troubles.note(partFeed, topic, err) },
		TapeTrouble: func(err error) { p.notes.note(partTape, err) },
	})
	return nil
}

func (p *Program) openOps() (err error) {
	if p.s.OpsListen == "" {
		return nil
	}
	if p.ops, err = net.Listen("tcp", p.s.OpsListen); err != nil {
		return fmt.Errorf("opening the port for probes and metrics: %w (choose another with --ops-listen)", err)
	}
	return nil
}

// Cluster is how to reach the broker, embedded or real.
func (p *Program) Cluster() *broker.Cluster { return p.cluster }

// Topics are the names in force.
func (p *Program) Topics() broker.Topics { return p.topics }

// Folds is how far the folds of this process are, in the order of the data.
func (p *Program) Folds() []fold.Status {
	all := make([]fold.Status, len(p.folds))
	for i, f := range p.folds {
		all[i] = f.Status()
	}
	return all
}

// Metrics are this process's.
func (p *Program) Metrics() prometheus.Gatherer { return p.registry }

// BrokerAddr is where the embedded broker listens, "" with a real cluster.
func (p *Program) BrokerAddr() string {
	if p.embedded == nil {
		return ""
	}
	return p.embedded.Addr()
}

// URL is where the page is, "" without the feed role.
func (p *Program) URL() string {
	if p.listener == nil {
		return ""
	}
	scheme := "http://"
	if p.secure != nil {
		scheme = "https://"
	}
	return scheme + p.listener.Addr().String() + "/"
}

// station is one running part. Stations are stopped in the order in which data meets them.
type station struct {
	name string
	run  func(context.Context) error
}

// Run works until ctx ends or a station fails, then stops all in order. It returns what failed first, nil after a clean
// stop.
func (p *Program) Run(ctx context.Context) error {
	line := []station{{"watch", p.watch}, {"certificates", p.watchCertificates}}
	if p.gateway != nil {
		line = append(line, station{"gateway", server(p.doors, nil, p.gateway.Handler())})
	}
	if p.bridge != nil {
		line = append(line, station{"bridge", p.bridge})
	}
	if p.s.has(RoleIngest) {
		line = append(line, station{"ingest", p.runIngest})
	}
	for _, r := range p.folds {
		line = append(line, station{r.Status().Stage + " fold", r.Run})
	}
	if p.history != nil {
		line = append(line, station{"history", p.history.Run})
	}
	if p.feed != nil {
		line = append(line, station{"feed", p.feed.Run}, station{"http", server(p.listener, p.secure, p.feed.Handler())})
	}
	if p.ops != nil {
		line = append(line, station{"probes", server(p.ops, nil, p.opsHandler())})
	}
	return runLine(ctx, line)
}

// runLine starts the line from its far end and stops it from its head.
func runLine(ctx context.Context, line []station) error {
	type end struct {
		name string
		err  error
	}
	ends := make(chan end, len(line))
	done := make([]chan struct{}, len(line))
	stops := make([]context.CancelFunc, len(line))
	for i := len(line) - 1; i >= 0; i-- {
		// Each has a context of its own: ending ctx must not stop all at once, but one after the other.
		own, stop := context.WithCancel(context.WithoutCancel(ctx))
		stops[i], done[i] = stop, make(chan struct{})
		go func() {
			defer close(done[i])
			ends <- end{line[i].name, line[i].run(own)}
		}()
	}
	var first error
	select {
	case <-ctx.Done():
	case e := <-ends:
		first = fmt.Errorf("%s: %w", e.name, orStopped(e.err))
	}
	for i := range line {
		stops[i]()
		<-done[i]
	}
	close(ends)
	for e := range ends {
		if first == nil && e.err != nil {
			first = fmt.Errorf("stopping %s: %w", e.name, e.err)
		}
	}
	return first
}

func orStopped(err error) error {
	if err == nil {
		return errors.New("it stopped by itself")
	}
	return err
}

// server answers HTTP, with a certificate over TLS, until ctx ends, then gives what is being answered 5 s.
func server(l net.Listener, c *access.Certificate, h http.Handler) func(context.Context) error {
	if c != nil {
		l = tls.NewListener(l, c.TLS())
	}
	return func(ctx context.Context) error { return serve(ctx, l, h) }
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{
		ConnState:         new(access.Doorman).Watch,
		ErrorLog:          log.New(io.Discard, "", 0), // what strangers say at handshakes is not ours to log
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		<-ctx.Done()
		graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if srv.Shutdown(graceful) != nil {
			srv.Close()
		}
	})
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving HTTP: %w", err)
	}
	return nil
}

// Close closes what Open opened. Call it when Run has returned.
func (p *Program) Close() error {
	var errs []error
	if p.stop != nil {
		p.stop()
	}
	if p.listener != nil {
		p.listener.Close() // already closed where serve ran
	}
	if p.ops != nil {
		p.ops.Close()
	}
	p.closeGateway()
	if p.history != nil {
		errs = append(errs, p.history.Close())
	}
	if p.disk != nil {
		errs = append(errs, p.disk.Close())
	}
	if p.embedded != nil {
		p.embedded.Close()
	}
	return errors.Join(errs...)
}
