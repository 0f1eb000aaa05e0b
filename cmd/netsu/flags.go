package main

import (
	"errors"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/bridge"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed"
	"github.com/netsu/netsu/stream/feed/gauges"
	"github.com/netsu/netsu/stream/history"
)

// kafkaFlags say how to reach the cluster. Secrets come from files only: a flag can be read by everyone on the machine.
type kafkaFlags struct {
	broker.Settings
	prefix      string
	replication int16
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
	parsedVar(fs, &f.SASL.Mechanism, "sasl", "string", "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; "+
		"empty means none", parseMechanism)
	fs.StringVar(&f.SASL.User, "sasl-user", "", "user name for PLAIN and SCRAM")
	fs.StringVar(&f.SASL.PasswordFile, "sasl-password-file", "", "file with the password for PLAIN and SCRAM")
	fs.StringVar(&f.SASL.TokenFile, "sasl-token-file", "", "file with the bearer token for OAUTHBEARER, read at each login")
}

// addReplication is for commands that make topics or look at how many copies there are.
func (f *kafkaFlags) addReplication(fs *pflag.FlagSet) {
	parsedVar(fs, &f.replication, "replication", "int", "3", "copies of each topic's partitions on a real cluster: netsu topics "+
		"create makes so many, with min.insync.replicas 2 where they are 3 or more; netsu check, and the log of a start, say where "+
		"there are fewer, or fewer than there are brokers. -1 leaves it to the cluster", parseCopies)
}

func parseCopies(s string) (int16, error) {
	n, err := within(parseNumber, -1, 32)(s)
	if n == 0 {
		err = ownReason("is no number of copies")
	}
	return int16(n), err
}

// cluster is for commands that talk to a broker that already runs.
func (f *kafkaFlags) cluster() (*broker.Cluster, broker.Topics, error) {
	f.Logger = newLogger(slog.LevelWarn)
	c, err := broker.New(f.Settings)
	return c, broker.TopicsWithPrefix(f.prefix), err
}

// programFlags are the settings of a running Netsu.
type programFlags struct {
	kafkaFlags
	dataDir, listen, opsListen, keyFile string
	gatewayListen                       string
	gatewaySecrets, gatewayMappings     string
	bridgeTopics                        []string
	bridgeMappings                      string
	registry                            bridge.Registry
	access                              access.Settings
	certFile, certKeyFile               string
	roles                               []stream.Role
	logLevel                            slog.Level
	minTime                             time.Time
	brokerPort, partitions, cacheMB     int64
	standbys                            int64
	checkpoint                          time.Duration
	withoutState                        bool
	gauges                              gauges.Limits
	history                             history.Keep
	historyBytes                        int64
	tape                                feed.Taping
}

func (f *programFlags) add(c *cobra.Command, dataDir string) {
	f.kafkaFlags.add(c, "host:port of some brokers; none means the embedded broker")
	fs := c.Flags()
	f.addReplication(fs)
	fs.StringVar(&f.dataDir, "data-dir", dataDir, "where state (and the embedded broker's log) is kept")
	parsedVar(fs, &f.listen, "listen", "address", "127.0.0.1:8080", "address of the page, the feed and HTTP", parseAddress)
	parsedVar(fs, &f.opsListen, "ops-listen", "address", "", "address of /healthz, /readyz and /metrics alone, for "+
		"processes without the feed role and for ports that are not for the public; empty means none", parseAddress)
	parsedVar(fs, &f.gatewayListen, "gateway-listen", "address", "127.0.0.1:8081", "address that the gateway role takes "+
		"deliveries on (plain HTTP: put a proxy with TLS before it)", parseAddress)
	fs.StringVar(&f.gatewaySecrets, "gateway-secrets-dir", "", "directory with a file for each source that the gateway "+
		"role takes in, named for the source, of secrets, one a line; needed by that role")
	fs.StringVar(&f.gatewayMappings, "gateway-mappings-dir", "", "directory with NAME.yaml for each source mapped/NAME of "+
		"the gateway role: how a house's own JSON is read")
	f.addBridge(fs)
	f.addAccess(fs)
	fs.StringVar(&f.keyFile, "hashing-key-file", "", "file with 64 hex digits that persons are pseudonymised with, the same "+
		"for all processes that ingest, which alone read it; empty means DATA-DIR/hashing.key, made at the first start (embedded broker only)")
	parsedVar(fs, &f.roles, "roles", "list", "all", "what this process does: ingest,show,journey,ledger,feed, "+
		"which are all; and gateway and bridge, which must be named", parseRoles)
	parsedVar(fs, &f.logLevel, "log-level", "string", "warn", "debug, info, warn or error", parseLevel)
	parsedVar(fs, &f.minTime, "min-time", "day", "2015-01-01",
		"earliest day that an event may be from; others become dead letters", parseDay)
	parsedVar(fs, &f.brokerPort, "broker-port", "int", "9092", "loopback port of the embedded broker; zero means any",
		within(parseNumber, 0, 65535))
	parsedVar(fs, &f.partitions, "partitions", "int", "4",
		"partitions of the topics that the embedded broker makes at its first start", within(parseNumber, 1, 10_000))
	parsedVar(fs, &f.checkpoint, "checkpoint-every", "duration", "5s", "append time between two checkpoints",
		within(time.ParseDuration, 100*time.Millisecond, time.Hour))
	fs.BoolVar(&f.withoutState, "begin-without-state", false, "let folds whose state is lost begin with what their logs still hold, "+
		"if the first records are gone; every total then lacks those. Without it they refuse, and say so at /readyz")
	parsedVar(fs, &f.cacheMB, "cache-mb", "int", "64", "memory for clean state, for each partition of each fold",
		within(parseNumber, 1, 1<<20))
	parsedVar(fs, &f.standbys, "standby-copies", "int", "1", "processes that keep a copy of each partition's state beside "+
		"its owner, as far as there are others: one of them takes over if the owner dies. Zero means none, and that a "+
		"successor reads the state from Kafka", within(parseNumber, 0, 16))
	series := gauges.Defaults
	parsedVar(fs, &f.gauges.Esols, "metrics-esols", "int", strconv.Itoa(series.Esols), "ESOLs with series of their own on "+
		"/metrics, and as many campaigns and as many brands; further ones are summed into __other__. Zero means none",
		parseSeries)
	parsedVar(fs, &f.gauges.Shows, "metrics-shows", "int", strconv.Itoa(series.Shows), "shows with series of their own on "+
		"/metrics, likewise", parseSeries)
	parsedVar(fs, &f.gauges.Linger, "metrics-linger", "duration", strings.TrimSuffix(series.Linger.String(), "0s"),
		"how long a show's series stay after its end", within(time.ParseDuration, time.Second, 24*time.Hour))
	for i, name := range []string{"1s", "10s", "1m", "5m"} {
		parsedVar(fs, &f.history[i], "history-"+name, "duration", []string{"6h", "7d", "400d", "1825d"}[i],
			"how long the feed keeps rows of "+name+" for GET /v1/series; zero means none", parseDays)
	}
	parsedVar(fs, &f.historyBytes, "history-bytes", "size", "4GiB", "bytes that these rows may take together; more shortens "+
		"all four times by the same factor. Zero means no bound", parseBytes)
	parsedVar(fs, &f.tape.Keep, "tape-keep", "duration", "30d", "how long the feed keeps what it said of shows, for "+
		"rehearsals and GET /v1/export; zero means nothing is kept", parseDays)
	parsedVar(fs, &f.tape.MaxBytes, "tape-bytes", "size", "4GiB", "bytes that these tapes may take together; the oldest go "+
		"first. Zero means no bound", parseBytes)
}

func (f *programFlags) settings() (stream.Settings, error) {
	f.Logger = newLogger(f.logLevel)
	s := stream.Settings{
		Broker: f.Settings, EmbeddedPort: int(f.brokerPort), DataDir: f.dataDir, Prefix: f.prefix,
		Partitions: int32(f.partitions), Replication: f.replication, Roles: f.roles, Listen: f.listen, OpsListen: f.opsListen, MinTime: f.minTime,
		GatewayListen: f.gatewayListen, GatewaySecrets: f.gatewaySecrets, GatewayMappings: f.gatewayMappings,
		BridgeTopics: f.bridgeTopics, BridgeMappings: f.bridgeMappings, Registry: f.registry,
		Access: f.access, CertFile: f.certFile, KeyFile: f.certKeyFile,
		CheckpointEvery: f.checkpoint, BeginWithoutState: f.withoutState, CacheBytes: f.cacheMB << 20, Standbys: int(f.standbys), Gauges: f.gauges, Logger: f.Logger,
		History: f.history, HistoryBytes: f.historyBytes, NoHistory: f.history == history.Keep{},
		Tape: f.tape, NoTape: f.tape.Keep == 0,
	}
	var err error
	switch {
	case !slices.Contains(f.roles, stream.RoleIngest): // a secret is read where it is used, and nowhere else
	case f.keyFile != "":
		s.Key, err = stream.ReadKey(f.keyFile)
	case len(f.Seeds) == 0:
		s.Key, err = stream.KeyIn(f.dataDir)
	default:
		err = errSharedKey
	}
	return s, err
}

var errSharedKey = errors.New("with --brokers, processes that ingest must share the hashing key: make one with " +
	"`openssl rand -hex 32 > FILE` and give it to each as --hashing-key-file FILE")

func newLogger(l slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
}
