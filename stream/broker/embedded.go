package broker

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// EmbeddedSettings say where the embedded broker keeps its data and listens.
type EmbeddedSettings struct {
	Dir       string        // made if absent; one process at a time. Zero means in memory, gone at Close
	Port      int           // on loopback; zero means any that is free
	Sync      bool          // fsync every batch: survives power loss too, at about a tenth of the throughput
	Retention time.Duration // how often retention is applied; zero means 10 s, negative never
	Compact   time.Duration // how often compacted topics are compacted; zero means 1 min, negative never
	Logger    *slog.Logger  // nil means slog.Default()

	// Listen and Dialer replace the network, as kfake.VirtualNetwork does for tests in a synctest bubble. Listen is asked
	// for 127.0.0.1:Port; the address of its listener is the one that clients are told.
	Listen func(network, addr string) (net.Listener, error)
	Dialer dialFunc
}

// Embedded is a Kafka broker inside this process: the real protocol, groups and transactions included, on one machine
// without replicas. What it acknowledged survives the death of the process (and with Sync, of the machine).
type Embedded struct {
	fake    *kfake.Cluster
	lock    *os.File // nil in memory
	cluster *Cluster
	addr    string
	stop    chan struct{}
	tidied  sync.WaitGroup
	once    sync.Once
}

// ErrInUse is wrapped by StartEmbedded's error if another process has the data directory.
var ErrInUse = errors.New("in use by another process")

// StartEmbedded starts the broker with what the directory holds. It fails at once if the directory or the port is taken.
func StartEmbedded(s EmbeddedSettings) (*Embedded, error) {
	e := &Embedded{stop: make(chan struct{})}
	opts := []kfake.Opt{
		kfake.Ports(s.Port),
		kfake.ClusterID("netsu"),
		kfake.BrokerConfigs(map[string]string{
			// Short, since members and broker are one process or one machine: a dead member is noticed in seconds.
			"group.consumer.session.timeout.ms":    "6000",
			"group.consumer.heartbeat.interval.ms": "1000",
		}),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.WithLogger(newFakeLogger(s.Logger)),
	}
	if s.Listen != nil {
		opts = append(opts, kfake.ListenFn(s.Listen))
	}
	if s.Sync {
		opts = append(opts, kfake.SyncWrites())
	}
	if s.Dir != "" {
		var err error
		if e.lock, err = lockDir(s.Dir); err != nil {
			return nil, fmt.Errorf("starting the embedded broker: %w", err)
		}
		opts = append(opts, kfake.DataDir(filepath.Join(s.Dir, "data")))
	}
	if err := e.start(s, opts); err != nil {
		unlock(e.lock)
		return nil, fmt.Errorf("starting the embedded broker: %w", err)
	}
	return e, nil
}

func (e *Embedded) start(s EmbeddedSettings, opts []kfake.Opt) error {
	var err error
	if e.fake, err = kfake.NewCluster(opts...); err != nil {
		return err
	}
	e.addr = e.fake.ListenAddrs()[0]
	if e.cluster, err = New(Settings{Seeds: []string{e.addr}, Logger: s.Logger, Dialer: s.Dialer}); err != nil {
		e.fake.Close()
		return err
	}
	e.cluster.embedded = true
	e.tidied.Go(func() { e.tidy(orDefault(s.Retention, 10*time.Second), orDefault(s.Compact, time.Minute)) })
	return nil
}

// tidy applies retention and compaction until Close: the broker's own ticker runs hourly, and not at all after a restart.
// Both run in the broker's one goroutine and hold everyone up while they do.
func (e *Embedded) tidy(retention, compact time.Duration) {
	retain, stopRetain := every(retention)
	defer stopRetain()
	shrink, stopShrink := every(compact)
	defer stopShrink()
	for {
		select {
		case <-e.stop:
			return
		case <-retain:
			e.fake.ApplyRetention()
		case <-shrink:
			e.fake.Compact()
		}
	}
}

// Cluster is where the program's clients find it.
func (e *Embedded) Cluster() *Cluster { return e.cluster }

// Addr is host:port on loopback, for any Kafka client.
func (e *Embedded) Addr() string { return e.addr }

// Close stops the broker and gives the directory up. Close clients first: what they send meanwhile fails. It may be
// called again.
func (e *Embedded) Close() {
	e.once.Do(func() {
		close(e.stop)
		e.tidied.Wait()
		e.fake.Close()
		unlock(e.lock)
	})
}

func orDefault(d, byDefault time.Duration) time.Duration {
	if d == 0 {
		return byDefault
	}
	return d
}

// every ticks, or never if d is negative.
func every(d time.Duration) (<-chan time.Time, func()) {
	if d < 0 {
		return nil, func() {}
	}
	t := time.NewTicker(d)
	return t.C, t.Stop
}

// fakeLogger passes the broker's warnings and errors on.
type fakeLogger struct{ log *slog.Logger }

func newFakeLogger(l *slog.Logger) fakeLogger {
	if l == nil {
		l = slog.Default()
	}
	return fakeLogger{l}
}

func (f fakeLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		f.log.Error("embedded broker: " + fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		f.log.Warn("embedded broker: " + fmt.Sprintf(format, args...))
	}
}
