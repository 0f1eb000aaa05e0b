package stream

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/bridge"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed"
	"github.com/netsu/netsu/stream/feed/gauges"
	"github.com/netsu/netsu/stream/fold"
	"github.com/netsu/netsu/stream/history"
)

// Role is one thing that a process does. More processes with the same settings share the work of a role, except the feed:
// each feed serves everything.
type Role string

// The roles, in the order of the data.
const (
	RoleIngest  Role = "ingest"
	RoleShow    Role = "show"
	RoleJourney Role = "journey"
	RoleLedger  Role = "ledger"
	RoleFeed    Role = "feed"
	// RoleGateway is for a process that is told to: it opens a port for platforms to deliver to, and needs their secrets.
	RoleGateway Role = "gateway"
	// RoleBridge is for a process that is told to: it reads topics of the house's own, and needs their mappings.
	RoleBridge Role = "bridge"
)

// AllRoles is what a process does unless told otherwise: all that needs nothing but Kafka.
var AllRoles = []Role{RoleIngest, RoleShow, RoleJourney, RoleLedger, RoleFeed}

// named are the roles that a process has only where it is told to by name.
var named = []Role{RoleGateway, RoleBridge}

// ParseRoles reads a comma-separated list; "" and "all" mean all, and "all,gateway" the gateway too.
func ParseRoles(s string) ([]Role, error) {
	if s == "" {
		return AllRoles, nil
	}
	var roles []Role
	for _, name := range strings.Split(s, ",") {
		meant := []Role{Role(strings.TrimSpace(name))}
		switch {
		case meant[0] == "all":
			meant = AllRoles
		case !slices.Contains(named, meant[0]) && !slices.Contains(AllRoles, meant[0]):
			return nil, fmt.Errorf("role %q is none of ingest, show, journey, ledger, feed, gateway, bridge", meant[0])
		}
		for _, r := range meant {
			if !slices.Contains(roles, r) {
				roles = append(roles, r)
			}
		}
	}
	return roles, nil
}

// Settings of one process. The zero value of what is marked "zero: …" is usable.
type Settings struct {
	// Broker is a real cluster. No seeds: the embedded broker, in DataDir/broker.
	Broker broker.Settings
	// Cluster, where set, replaces Broker: a cluster that the caller made, as a test over a virtual network does.
	Cluster *broker.Cluster
	// EmbeddedPort is where the embedded broker listens on 127.0.0.1. Zero: any free port.
	EmbeddedPort int
	// DataDir holds Badger and, embedded, the broker's log and the hashing key. It belongs to one process at a time. One that
	// is a gateway and no more keeps nothing.
	DataDir string
	// Prefix of the topics, consumer groups and transactional ids. Zero: "netsu.".
	Prefix string
	// Partitions of the topics that the embedded broker makes. Zero: 4. A real cluster has what `topics create` made.
	Partitions int32
	// Replication is how many copies of each topic a real cluster should keep; the log says at a start where there are fewer.
	// Zero: nobody looks.
	Replication int16
	// Roles of this process. Zero: all.
	Roles []Role
	// Listen is the address of HTTP. Zero: 127.0.0.1:8080. Only the feed role listens.
	Listen string
	// GatewayListen is where the gateway role takes deliveries. Zero: 127.0.0.1:8081.
	GatewayListen string
	// GatewaySecrets is the directory with a file of secrets for each source of the gateway role.
	GatewaySecrets string
	// GatewayMappings is the directory of mappings of a house's own JSON. Zero: none.
	GatewayMappings string
	// BridgeTopics are the house's own topics that the bridge role reads, as bridge.Inputs has them, and BridgeMappings the
	// directory of their mappings.
	BridgeTopics   []string
	BridgeMappings string
	// Registry is the schema registry of those topics. Zero: they are plain JSON.
	Registry bridge.Registry
	// Access says who may read what at Listen. Zero: everyone everything on a loopback address, and no other is taken.
	Access access.Settings
	// CertFile and KeyFile are the certificate of Listen and its key, PEM. Zero: no TLS.
	CertFile, KeyFile string
	// OpsListen is the address of the probes and metrics alone, for every role. Zero: none.
	OpsListen string
	// Key is the installation's secret, 32 bytes: persons are pseudonymised with it, so all ingest processes share it. No
	// other role needs it.
	Key []byte
	// MinTime is the earliest event time that ingest accepts. Zero: 2015-01-01.
	MinTime time.Time
	// Align is how long ingest waits for a partition that lags before going on without it. Zero: 2 s.
	Align time.Duration
	// SessionTimeout is how long a dead process keeps its partitions. Meanwhile what it should have read waits, so with the
	// lateness of 30 s in mind, keep it well below. Zero: 10 s.
	SessionTimeout time.Duration
	// Standbys is how many processes keep a copy of each partition's state beside its owner, as far as there are others. Zero:
	// none.
	Standbys int
	// CheckpointEvery is in append time or on the clock, whichever comes first. Zero: 5 s.
	CheckpointEvery time.Duration
	// BeginWithoutState lets folds that have lost their state begin with what their logs still hold. Zero: they refuse to.
	BeginWithoutState bool
	// CacheBytes bounds the clean state in memory of each task. Zero: 64 MiB.
	CacheBytes int64
	// Gauges bound the series of meters on /metrics. Zero: the defaults.
	Gauges gauges.Limits
	// History is how long the feed keeps how meters were, by tier. Zero: history.DefaultKeep.
	History history.Keep
	// HistoryBytes bounds it. Zero: no bound. NoHistory: none is kept.
	HistoryBytes int64
	NoHistory    bool
	// Tape says how long and how much the feed keeps of what it said of shows; its Dir is DataDir/tape. NoTape: nothing.
	Tape   feed.Taping
	NoTape bool
	// Logger. Zero: slog.Default().
	Logger *slog.Logger
	// Hooks of the checkpoints, for tests that kill the process there.
	Hooks fold.Hooks

	// stage, of tests, puts another in a stage's place: one whose state is of another version.
	stage func(fold.Stage) fold.Stage
}

func (s *Settings) fill() error {
	if s.Prefix == "" {
		s.Prefix = "netsu."
	}
	if s.Partitions == 0 {
		s.Partitions = 4
	}
	if len(s.Roles) == 0 {
		s.Roles = AllRoles
	}
	if s.Listen == "" {
		s.Listen = "127.0.0.1:8080"
	}
	if s.GatewayListen == "" {
		s.GatewayListen = "127.0.0.1:8081"
	}
	if s.Logger == nil {
		s.Logger = slog.Default()
	}
	if s.DataDir == "" && s.remembers() {
		return errors.New("no data directory: give one with --data-dir (state, and the embedded broker's log, are kept there)")
	}
	return nil
}

func (s *Settings) has(r Role) bool { return slices.Contains(s.Roles, r) }

// remembers tells whether anything is to be found again after a restart.
func (s *Settings) remembers() bool {
	return s.embedded() || slices.ContainsFunc(s.Roles, func(r Role) bool { return r != RoleGateway })
}

func (s *Settings) embedded() bool { return s.Cluster == nil && len(s.Broker.Seeds) == 0 }
