package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
	"github.com/netsu/netsu/stream/source"
)

// Group is the consumer group in which bridging processes share the partitions: "netsu-bridge" with the default names.
func Group(t broker.Topics) string {
	return strings.TrimSuffix(strings.TrimSuffix(t.Journal, "journal"), ".") + "-bridge"
}

// Rhythms of the loop.
const (
	commitEvery = 500 * time.Millisecond
	probeEvery  = time.Second

	defaultSession = 10 * time.Second
	defaultAlign   = 2 * time.Second
)

// Config is what Run needs. Cluster, Topics and Inputs are required.
type Config struct {
	Cluster  *broker.Cluster
	Topics   broker.Topics
	Inputs   []Input
	Registry Registry
	// InstanceID is for static membership: who comes back under it has its partitions at once. Zero: none.
	InstanceID string
	// SessionTimeout is how long a dead member keeps its partitions. Zero: 10 s.
	SessionTimeout time.Duration
	// Align is how long partitions wait for one that is behind. Zero: 2 s; negative: never.
	Align      time.Duration
	Logger     *slog.Logger          // nil: slog.Default()
	Registerer prometheus.Registerer // nil: no metrics
	// Trouble is told what keeps a part of the work from going on, as ingest's.
	Trouble func(what string, err error)
}

// Check sees whether the settings hold together, files included. It does not connect.
func (c *Config) Check() error {
	if len(c.Inputs) == 0 {
		return errors.New("the bridge has no topic to read")
	}
	own := append(c.Topics.All(), "")
	for _, in := range c.Inputs {
		for _, topic := range own {
			if in.Topic == topic {
				return fmt.Errorf("the bridge cannot read %q: it is one of Netsu's own topics", in.Topic)
			}
		}
	}
	if !NeedsRegistry(c.Inputs) {
		return nil
	}
	_, err := c.Registry.client()
	return err
}

// Run bridges until ctx ends; then it writes what it has taken, commits, leaves the group and returns nil. It returns an
// error if it cannot go on: the caller may run it again, and it resumes at the last commit.
func Run(ctx context.Context, c Config) error {
	if err := c.Check(); err != nil {
		return err
	}
	if c.Align == 0 {
		c.Align = defaultAlign
	}
	if c.SessionTimeout == 0 {
		c.SessionTimeout = defaultSession
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Trouble == nil {
		c.Trouble = func(what string, err error) {
			if err != nil {
				c.Logger.Warn("bridge: waiting", "for", what, "err", err)
			}
		}
	}
	b := newBridge(c)
	unregister, err := relay.Register(c.Registerer, b.metrics.collectors)
	if err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	defer unregister()
	if b.out, err = newProducer(c.Cluster, c.Topics); err != nil {
		return err
	}
	defer b.out.close()
	me := relay.Member{Group: Group(c.Topics), InstanceID: c.InstanceID, SessionTimeout: c.SessionTimeout}
	for _, in := range c.Inputs {
		me.Topics = append(me.Topics, in.Topic)
	}
	if b.consumer, err = me.Consumer(c.Cluster, b.rebalances); err != nil {
		return fmt.Errorf("making the client for the bridge's topics: %w", err)
	}
	err = b.run(ctx)
	if lerr := me.Leave(c.Cluster, b.consumer); lerr != nil {
		c.Logger.Warn("others wait for this member's session to time out", "err", lerr)
	}
	return err
}

// rawTopics are the names of the topics that a mapping's events are for.
func rawTopics(t broker.Topics) map[string]string {
	return map[string]string{source.Comments: t.Comments, source.Reactions: t.Reactions, source.Orders: t.Orders}
}
