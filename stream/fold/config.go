package fold

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker"
)

// Stage is one of the folds: what it reads, where it is remembered, how it is made.
type Stage struct {
	Name      string // show, journey, ledger
	Input     string // topic of its log
	Changelog string // topic, with as many partitions as Input
	Schema    int    // version of its state; a task with newer state is refused. Zero means 1
	Oldest    int    // the least version that it goes on from; a task with older state is refused. Zero means 1
	New       func(store *state.Store, partition int32) (operators.Fold, error)
	// Migrate turns an entry of a version from Oldest up to the one before Schema into what takes its place: none where it
	// may stay as it is, itself with a nil Value where it goes, any others beside. It is a function of its arguments, and is
	// called for every entry, twice. Nil means that the fold reads older values as they are. See migrate.go.
	Migrate func(from int, e state.Entry) ([]state.Entry, error)
}

// Config is what Run needs. Zero values mean what is said.
type Config struct {
	Cluster *broker.Cluster
	Topics  broker.Topics
	Layout  *broker.Layout
	Stage   Stage
	DB      *disk.DB

	CheckpointEvery  time.Duration // of append time or of the clock, whichever comes first; zero means 5 s
	DiskEvery        time.Duration // how long what checkpoints have committed may wait for the disk; zero means 30 s, less not at all
	DirtyKeys        int           // a checkpoint is made early when so many keys have changed; zero means 50,000
	CacheBytes       int64         // clean state in memory, per task; zero means 64 MiB
	SessionTimeout   time.Duration // after which the group gives a dead member's partitions away; zero means 10 s
	RebalanceTimeout time.Duration // within which members must come to a rebalance; zero means 6 s
	InstanceID       string        // static membership; zero means none
	Standbys         int           // processes that keep a copy of a partition's state beside its owner; zero means none
	ShutdownTimeout  time.Duration // for the last checkpoints; zero means 20 s
	BeginWithin      bool          // a task without state may begin with a log whose first records are gone

	Logger     *slog.Logger          // nil means slog.Default()
	Registerer prometheus.Registerer // nil means none
	Hooks      Hooks
}

// Hooks are called at the steps of a checkpoint, in the goroutine that takes them. They are how tests crash there.
type Hooks struct {
	// Step may be nil. An error ends the attempt at once, without the steps that come after (the last one has none, and
	// belongs to no attempt: there an error is a failed commit).
	Step func(partition int32, step Step) error
}

// Step is a step of a checkpoint, named for what has just been done.
type Step string

// The steps, in their order.
const (
	StepCut              Step = "cut"
	StepFlushed          Step = "flushed"
	StepTransactionOpen  Step = "transaction open"
	StepCommitted        Step = "committed"
	StepKeysWritten      Step = "badger keys written"
	StepMarkWritten      Step = "badger mark written"
	StepOffsetsCommitted Step = "offset committed" // of the group; comes for the latest checkpoints only
)

// Steps are all of them.
func Steps() []Step {
	return []Step{
		StepCut, StepFlushed, StepTransactionOpen, StepCommitted, StepKeysWritten, StepMarkWritten, StepOffsetsCommitted,
	}
}

func (h Hooks) step(partition int32, s Step) error {
	if h.Step == nil {
		return nil
	}
	if err := h.Step(partition, s); err != nil {
		return fmt.Errorf("at %q: %w", s, err)
	}
	return nil
}

func (c Config) withDefaults() (Config, error) {
	if c.Cluster == nil || c.Layout == nil || c.DB == nil || c.Stage.New == nil {
		return c, errors.New("a stage needs a cluster, a layout, a database and a fold")
	}
	s := c.Stage
	if s.Name == "" || strings.Contains(s.Name, "/") {
		return c, fmt.Errorf("%q is no name for a stage", s.Name)
	}
	in, ok := c.Layout.Partitions[s.Input]
	if !ok {
		return c, fmt.Errorf("stage %s: its log %s does not exist; `netsu topics create` makes it", s.Name, s.Input)
	}
	if out := c.Layout.Partitions[s.Changelog]; out != in {
		return c, fmt.Errorf("stage %s: its changelog %s has %d partitions, its log %s has %d; they must be the same",
			s.Name, s.Changelog, out, s.Input, in)
	}
	setDefault(&c.Stage.Schema, 1)
	setDefault(&c.Stage.Oldest, 1)
	setDefault(&c.CheckpointEvery, 5*time.Second)
	setDefault(&c.DiskEvery, 30*time.Second)
	setDefault(&c.DirtyKeys, 50_000)
	setDefault(&c.SessionTimeout, 10*time.Second)
	setDefault(&c.RebalanceTimeout, 6*time.Second)
	setDefault(&c.ShutdownTimeout, 20*time.Second)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Logger = c.Logger.With("stage", s.Name)
	return c, nil
}

func setDefault[T comparable](v *T, byDefault T) {
	var zero T
	if *v == zero {
		*v = byDefault
	}
}

// base is what group and transactional ids begin with: the topics' prefix, so that two installations on one cluster do
// not meet. "netsu.show.changelog" of stage show gives "netsu".
func (c Config) base() string {
	return strings.TrimSuffix(strings.TrimSuffix(c.Stage.Changelog, c.Stage.Name+".changelog"), ".")
}

// Group is the consumer group that places a stage's partitions: "netsu-show" with the default topic names.
func (c Config) Group() string { return c.base() + "-" + c.Stage.Name }

// changelog is that of a partition.
func (c Config) changelog(partition int32, log *slog.Logger) changelog.Settings {
	return changelog.Settings{
		Cluster: c.Cluster, Topic: c.Stage.Changelog, TopicID: c.Layout.IDs[c.Stage.Changelog],
		Partition: partition, TransactionalID: c.transactionalID(partition), Logger: log,
	}
}

func (c Config) transactionalID(partition int32) string {
	return fmt.Sprintf("%s-%s-%d", c.base(), c.Stage.Name, partition)
}
