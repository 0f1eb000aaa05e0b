package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// kafkaFlags say how to reach the cluster. Secrets come from files only: a flag can be read by everyone on the machine.
type kafkaFlags struct {
	broker.Settings
	prefix string
}

func (f *kafkaFlags) add(c *cobra.Command, brokersHelp string) {
	fs := c.Flags()
	fs.StringSliceVar(&f.Seeds, "brokers", nil, brokersHelp)
	fs.StringVar(&f.prefix, "prefix", broker.DefaultPrefix, "what the names of topics and groups start with")
	fs.BoolVar(&f.TLS.Enabled, "tls", false, "speak TLS with the brokers")
	fs.StringVar(&f.TLS.CAFile, "tls-ca-file", "", "certificate authority of the brokers, PEM; empty means the system's")
	fs.StringVar(&f.TLS.CertFile, "tls-cert-file", "", "client certificate, PEM")
	fs.StringVar(&f.TLS.KeyFile, "tls-key-file", "", "client key, PEM")
	fs.StringVar(&f.TLS.ServerName, "tls-server-name", "", "name in the brokers' certificates; empty means the host dialled")
	fs.StringVar(&f.SASL.Mechanism, "sasl", "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; empty means none")
	fs.StringVar(&f.SASL.User, "sasl-user", "", "user name for PLAIN and SCRAM")
	fs.StringVar(&f.SASL.PasswordFile, "sasl-password-file", "", "file with the password for PLAIN and SCRAM")
	fs.StringVar(&f.SASL.TokenFile, "sasl-token-file", "", "file with the bearer token for OAUTHBEARER, read at each login")
}

// cluster is for commands that talk to a broker that already runs.
func (f *kafkaFlags) cluster() (*broker.Cluster, broker.Topics, error) {
	logger, err := newLogger("warn")
	if err != nil {
		return nil, broker.Topics{}, err
	}
	f.Logger = logger
	c, err := broker.New(f.Settings)
	return c, broker.TopicsWithPrefix(f.prefix), err
}

// programFlags are the settings of a running Netsu.
type programFlags struct {
	kafkaFlags
	dataDir, listen, keyFile, roles, logLevel, minTime string
	brokerPort                                         int
	partitions                                         int32
	checkpoint                                         time.Duration
	cacheMB                                            int64
	gauges                                             gauges.Limits
}

func (f *programFlags) add(c *cobra.Command, dataDir string) {
	f.kafkaFlags.add(c, "host:port of some brokers; none means the embedded broker")
	fs := c.Flags()
	fs.StringVar(&f.dataDir, "data-dir", dataDir, "where state (and the embedded broker's log) is kept")
	fs.StringVar(&f.listen, "listen", "127.0.0.1:8080", "address of the page, the feed and HTTP")
	fs.StringVar(&f.keyFile, "hashing-key-file", "", "file with 64 hex digits that persons are pseudonymised with, the same "+
		"for all processes; empty means DATA-DIR/hashing.key, made at the first start (embedded broker only)")
	fs.StringVar(&f.roles, "roles", "all", "what this process does: ingest,show,journey,ledger,feed")
	fs.StringVar(&f.logLevel, "log-level", "warn", "debug, info, warn or error")
	fs.StringVar(&f.minTime, "min-time", "2015-01-01", "earliest day that an event may be from; others become dead letters")
	fs.IntVar(&f.brokerPort, "broker-port", 9092, "loopback port of the embedded broker; zero means any")
	fs.Int32Var(&f.partitions, "partitions", 4, "partitions of the topics that the embedded broker makes at its first start")
	fs.DurationVar(&f.checkpoint, "checkpoint-every", 5*time.Second, "append time between two checkpoints")
	fs.Int64Var(&f.cacheMB, "cache-mb", 64, "memory for clean state, for each partition of each fold")
	fs.IntVar(&f.gauges.Esols, "metrics-esols", 500, "ESOLs with series of their own on /metrics, and as many campaigns "+
		"and as many brands; further ones are summed into __other__. Negative means none")
	fs.IntVar(&f.gauges.Shows, "metrics-shows", 200, "shows with series of their own on /metrics, likewise")
	fs.DurationVar(&f.gauges.Linger, "metrics-linger", 10*time.Minute, "how long a show's series stay after its end")
}

func (f *programFlags) settings() (stream.Settings, error) {
	var s stream.Settings
	logger, err := newLogger(f.logLevel)
	if err != nil {
		return s, err
	}
	roles, err := stream.ParseRoles(f.roles)
	if err != nil {
		return s, err
	}
	minTime, err := time.Parse(time.DateOnly, f.minTime)
	if err != nil {
		return s, fmt.Errorf("--min-time %q is not a day such as 2015-01-01", f.minTime)
	}
	f.Logger = logger
	s = stream.Settings{
		Broker: f.Settings, EmbeddedPort: f.brokerPort, DataDir: f.dataDir, Prefix: f.prefix,
		Partitions: f.partitions, Roles: roles, Listen: f.listen, MinTime: minTime,
		CheckpointEvery: f.checkpoint, CacheBytes: f.cacheMB << 20, Gauges: f.gauges, Logger: logger,
	}
	switch {
	case f.keyFile != "":
		s.Key, err = stream.ReadKey(f.keyFile)
	case len(f.Seeds) == 0:
		s.Key, err = stream.KeyIn(f.dataDir)
	default:
		err = errors.New("with --brokers, processes must share the hashing key: make one with " +
			"`openssl rand -hex 32 > FILE` and give it to each as --hashing-key-file FILE")
	}
	return s, err
}

func newLogger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return nil, fmt.Errorf("--log-level %q is none of debug, info, warn, error", level)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l})), nil
}
