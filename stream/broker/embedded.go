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
	"github.com/twmb/franz-go/pkg/kgo"
)

// EmbeddedSettings say where the embedded broker keeps its data and listens.
type EmbeddedSettings struct {
	Dir       string        // made if absent; one process at a time. Zero means in memory, gone at Close
	Port      int           // on loopback; zero means any that is free
	Sync      bool          // fsync every batch: survives power loss too, at about a tenth of the throughput
	TidyEvery time.Duration // how often old data is looked for (see tidy.go); zero means 10 s, negative never
	Logger    *slog.Logger  // nil means slog.Default()
	Hooks     []kgo.Hook    // for every client, as *Metrics

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
	tidier  *tidier
	damage  []error
	once    sync.Once
}

// ErrInUse is wrapped by StartEmbedded's error if another process has the data directory.
var ErrInUse = errors.New("in use by another process")

// StartEmbedded starts the broker with what the directory holds. It fails at once if the directory or the port is
// taken.
func StartEmbedded(s EmbeddedSettings) (*Embedded, error) {
	e := &Embedded{}
	if s.Logger == nil {
		s.Logger = slog.Default()
	}
	opts := []kfake.Opt{
		kfake.Ports(s.Port),
		kfake.ClusterID("netsu"),
		kfake.BrokerConfigs(map[string]string{
			// Short, since members and broker are one process or one machine: a dead member is noticed in seconds.
			"group.consumer.session.timeout.ms":    "6000",
			"group.consumer.heartbeat.interval.ms": "1000",
			// Ten years: the broker's own cleaner must not run, it loses what an open transaction overwrites (tidy.go).
			"log.cleaner.backoff.ms": "315360000000",
		}),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.WithLogger(fakeLogger{s.Logger}),
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
		opts = append(opts, kfake.DataDir(filepath.Join(s.Dir, dataDir)))
		if err := recoverCompaction(s.Dir); err != nil {
			unlock(e.lock)
			return nil, fmt.Errorf("starting the embedded broker: %w", err)
		}
		if e.damage, err = inspect(s.Dir, s.Logger); err != nil {
			unlock(e.lock)
			return nil, fmt.Errorf("starting the embedded broker: looking through what is there: %w", err)
		}
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
	if s.Dir != "" {
		refuseWithoutRoom(e.fake, s.Dir, s.Logger)
	}
	e.addr = e.fake.ListenAddrs()[0]
	if e.cluster, err = New(Settings{Seeds: []string{e.addr}, Logger: s.Logger, Dialer: s.Dialer, Hooks: s.Hooks}); err != nil {
		e.fake.Close()
		return err
	}
	e.cluster.embedded = true
	if e.tidier, err = startTidier(e, s); err != nil {
		e.fake.Close()
		return err
	}
	return nil
}

// Cluster is where the program's clients find it.
func (e *Embedded) Cluster() *Cluster { return e.cluster }

// Addr is host:port on loopback, for any Kafka client.
func (e *Embedded) Addr() string { return e.addr }

// Damage is what was lost to damaged files, in this run or before, until somebody removes the copies that it names.
func (e *Embedded) Damage() []error { return e.damage }

// Close stops the broker and gives the directory up. Close clients first: what they send meanwhile fails. It may be
// called again.
func (e *Embedded) Close() {
	e.once.Do(func() {
		e.tidier.close()
		e.fake.Close()
		unlock(e.lock)
	})
}

// fakeLogger passes the broker's errors on; of its warnings most tell of a request that took some milliseconds, which
// nobody can act upon, so they are for those who debug.
type fakeLogger struct{ log *slog.Logger }

func (f fakeLogger) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		f.log.Error("embedded broker: " + fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		f.log.Debug("embedded broker: " + fmt.Sprintf(format, args...))
	}
}
