package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/relay"
)

// Group is the consumer group in which all ingesting processes share the raw partitions: "netsu-ingest" with the
// default topic names. Two installations on one cluster have other topics, and so other groups.
func Group(t broker.Topics) string {
	return strings.TrimSuffix(strings.TrimSuffix(t.Journal, "journal"), ".") + "-ingest"
}

// Rhythms of the loop.
const (
	linger       = 5 * time.Millisecond // how long an event may wait for its block to fill
	tickEvery    = 250 * time.Millisecond
	commitEvery  = 500 * time.Millisecond
	fullProbe    = 4 // every so many probes asks for starts and commits too: once a second
	defaultAlign = 2 * time.Second

	defaultSession = 10 * time.Second
)

// Config is what Run needs. Cluster, Topics, Layout and Hasher are required.
type Config struct {
	Cluster    *broker.Cluster
	Topics     broker.Topics
	Layout     *broker.Layout
	Hasher     *event.Hasher
	MinTime    time.Time // least event time taken; zero means DefaultMinTime
	InstanceID string    // static membership: who comes back under it has its partitions at once; zero means none
	// SessionTimeout is how long the group waits before it gives a dead member's partitions away; zero means 10 s.
	SessionTimeout time.Duration
	Align          time.Duration         // how long partitions wait for one that is behind; zero means 2 s, negative never
	Logger         *slog.Logger          // nil means slog.Default()
	Registerer     prometheus.Registerer // nil means no metrics
	// Trouble is told what keeps a part of the work from going on while the rest does, and with nil that it does not any more;
	// often, and of the same. It must not wait. Nil means that the log is told.
	Trouble func(what string, err error)

	hooks hooks
}

// hooks let tests stop Run dead at a step.
type hooks struct {
	beforeCommit func() error // everything up to here is acknowledged, nothing of it committed
	everyPass    func() error // of the loop
	wall         func() time.Time
	budget       int // of a pass; 0: workBudget
}

func (c *Config) normalise() error {
	if c.Cluster == nil || c.Layout == nil || c.Hasher == nil {
		return errors.New("ingest needs a cluster, the layout of its topics and a hasher")
	}
	for _, topic := range append(c.Topics.Logs(), c.Topics.DeadLetters) {
		if c.Layout.Partitions[topic] < 1 {
			return fmt.Errorf("topic %s is not in the layout", topic)
		}
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
				c.Logger.Warn("ingest: waiting", "for", what, "err", err)
			}
		}
	}
	return nil
}

// Run ingests until ctx ends; then it writes what it has taken, commits, leaves the group and returns nil. It returns
// an error if it cannot go on (a partition of a log cannot be written, the raw topics cannot be read): the caller may
// run it again, and it resumes at the last commit.
func Run(ctx context.Context, c Config) error {
	if err := c.normalise(); err != nil {
		return err
	}
	in := newIngest(c)
	in.me = relay.Member{Group: Group(c.Topics), Topics: c.Topics.Raw(), InstanceID: c.InstanceID, SessionTimeout: c.SessionTimeout}
	in.resumeClock(ctx)
	unregister, err := relay.Register(c.Registerer, in.metrics.collectors)
	if err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	defer unregister()
	if in.sink, err = newSink(c.Cluster); err != nil {
		return err
	}
	defer in.sink.close()
	if in.consumer, err = in.me.Consumer(c.Cluster, in.rebalances); err != nil {
		return fmt.Errorf("making the client for the raw topics: %w", err)
	}
	err = in.run(ctx)
	if lerr := in.me.Leave(c.Cluster, in.consumer); lerr != nil {
		c.Logger.Warn("others wait for this member's session to time out", "err", lerr)
	}
	return err
}

// poll hands fetches to the loop, one at a time. A rebalance can happen only between the loop's taking one and the next
// poll (BlockRebalanceOnPoll): otherwise records of a partition that was given up and came back could be taken after a
// gap.
func (in *ingest) poll(ctx context.Context) {
	for ctx.Err() == nil {
		f := in.consumer.PollRecords(ctx, maxLaneRecords/2)
		if f.IsClientClosed() {
			return
		}
		select {
		case in.fetches <- f:
		case <-in.done:
		}
		in.consumer.AllowRebalance()
	}
}

// survey probes four times a second, more often where others wait, and whenever an assignment asks for it.
func (in *ingest) survey(ctx context.Context) {
	adm := kadm.NewClient(in.sink.letters)
	next := time.NewTimer(0)
	defer next.Stop()
	for n := 0; ; n++ {
		every := tickEvery
		if in.hurried.Load() {
			every, n = hurriedEvery, 0
		}
		next.Reset(every)
		s, err := probe(ctx, adm, in.Topics, in.clock.now(), n%fullProbe == 0)
		if ctx.Err() != nil {
			return
		}
		in.Trouble("how far the raw topics reach", in.Cluster.Denied(err, broker.Use{Group: Group(in.Topics)}))
		if err != nil {
			n = -1 // a full one next
		} else {
			select {
			case in.surveys <- s:
			case <-ctx.Done():
				return
			}
		}
		select {
		case <-next.C:
		case <-in.probeNow:
			n = -1
		case <-ctx.Done():
			return
		}
	}
}
