package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/state/retain"
	"github.com/netsu/netsu/stream/broker"
)

// Config says where meters come from and what is kept of them.
type Config struct {
	Cluster *broker.Cluster
	Topics  broker.Topics
	Layout  *broker.Layout
	// Dir is the history's directory, its own; empty: in memory.
	Dir string
	// Keep is how long rows are kept. All zero: DefaultKeep.
	Keep Keep
	// MaxBytes bounds keys and values; more shortens what is kept. Zero: no bound.
	MaxBytes int64

	// Trouble is told why the history does not go on, at each attempt, and with nil when it does; nil: the log is.
	Trouble    func(err error)
	Logger     *slog.Logger          // nil: slog.Default()
	Registerer prometheus.Registerer // nil: none
	Now        func() time.Time      // the wall clock; nil: time.Now. What age is measured by follows it (state/retain)
}

// History is the history of one feed process: Open, Run, and Close when Run has returned. Handler answers meanwhile.
type History struct {
	c       Config
	db      *disk.Blocks
	metrics *metrics
	age     *retain.Clock   // of rows; nil until it is known from when on
	ends    map[int32]int64 // of the meters' partitions, as of the latest fetch of each
}

// Open opens the database.
func Open(c Config) (*History, error) {
	if c.Keep == (Keep{}) {
		c.Keep = DefaultKeep
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Trouble == nil {
		c.Trouble = func(err error) {
			if err != nil {
				c.Logger.Error("the history does not go on; trying again from what is on disk", "after", retryAfter, "err", err)
			}
		}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	db, err := disk.OpenBlocks(c.Dir, c.Logger)
	if err != nil {
		return nil, fmt.Errorf("opening the history: %w", err)
	}
	h := &History{c: c, db: db, metrics: newMetrics(c.Registerer), ends: map[int32]int64{}}
	h.metrics.limit.Set(float64(c.MaxBytes))
	return h, nil
}

// Close closes the database.
func (h *History) Close() error { return h.db.Close() }

// commitEvery is how long what was read waits to be written, and to be seen.
const commitEvery = 2 * time.Second

// retryAfter is how long Run waits after a failure. What can be read stays readable.
const retryAfter = 10 * time.Second

// Run reads the meters until ctx ends. Whatever fails is said and tried again from what is on disk: a disk that is full
// must cost the history and not the shows.
func (h *History) Run(ctx context.Context) error {
	for {
		err := h.follow(ctx)
		if ctx.Err() != nil {
			return err
		}
		h.c.Trouble(err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retryAfter):
		}
	}
}

// follow reads until ctx ends, and then commits; or until something fails.
func (h *History) follow(ctx context.Context) error {
	topic := h.c.Topics.Meters
	if err := h.db.Renew(); err != nil {
		return err
	}
	s, err := openStore(h.db, h.c.Layout.IDs[topic], h.c.Keep, h.c.MaxBytes, h.c.Now, h.metrics, h.c.Logger)
	if err != nil {
		return err
	}
	if h.age == nil {
		h.age = retain.New(h.c.Now, s.latest())
	}
	s.now = h.age.Now
	at := map[int32]kgo.Offset{}
	for p := range h.c.Layout.Partitions[topic] {
		at[p] = kgo.NewOffset().AtStart()
		if n := s.next(p); n >= 0 {
			at[p] = kgo.NewOffset().At(n)
		}
	}
	cl, err := h.c.Cluster.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: at}),
		kgo.FetchMinBytes(1), kgo.FetchMaxWait(500*time.Millisecond), kgo.FetchMaxBytes(16<<20),
	)
	if err != nil {
		return err
	}
	defer cl.Close()
	if err := h.c.Layout.Same(ctx, h.c.Cluster, cl, topic); err != nil {
		return err
	}
	f := &follower{History: h, store: s}
	for ctx.Err() == nil {
		if err := f.poll(ctx, cl); err != nil {
			return err
		}
		if err := f.upkeep(); err != nil {
			return err
		}
	}
	return s.commit()
}

// follower is one go at following the meters.
type follower struct {
	*History
	store *store

	taken                        bool // since the last commit
	committed, swept, sweptNames time.Time
	malformed                    bool // the first one was logged
}

// pollRecords bounds a batch.
const pollRecords = 5000

func (f *follower) poll(ctx context.Context, cl *kgo.Client) error {
	wait, cancel := context.WithTimeout(ctx, commitEvery)
	defer cancel()
	fetches := cl.PollRecords(wait, pollRecords)
	for _, e := range fetches.Errors() {
		var lost *kgo.ErrDataLoss
		switch {
		case errors.Is(e.Err, context.DeadlineExceeded), errors.Is(e.Err, context.Canceled):
		case errors.As(e.Err, &lost):
			f.c.Logger.Warn("meters were deleted before the history read them", "partition", e.Partition, "err", e.Err)
		default:
			err := f.c.Cluster.Denied(e.Err, broker.Use{Operation: "Read", Topic: e.Topic})
			return fmt.Errorf("reading %s/%d: %w", e.Topic, e.Partition, err)
		}
	}
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if p.HighWatermark >= 0 {
			f.ends[p.Partition] = p.HighWatermark
			f.store.begin(p.Partition, p.HighWatermark)
		}
	})
	f.sayLag()
	var failed error
	fetches.EachRecord(func(r *kgo.Record) {
		if failed == nil {
			failed = f.take(r)
		}
	})
	return failed
}

func (f *follower) sayLag() { f.metrics.lag.Set(float64(f.store.behind(f.ends))) }

func (f *follower) take(r *kgo.Record) error {
	f.taken = true
	st, err := readMeter(r.Key, r.Value, sourceOf(r))
	if err != nil && !errors.Is(err, errElsewhere) {
		f.metrics.dropped.WithLabelValues("malformed").Inc()
		if !f.malformed {
			f.malformed = true
			f.c.Logger.Warn("a meter cannot be kept; further ones are only counted", "partition", r.Partition, "offset", r.Offset, "err", err)
		}
	}
	if err != nil {
		st = nil
	}
	fresh, err := f.store.take(r.Partition, r.Offset, r.Timestamp.UnixMilli(), st)
	if st != nil && !fresh {
		f.metrics.dropped.WithLabelValues("seen").Inc()
	}
	return err
}

// sourceHeader names the header of a meter that says which input record it follows from.
const sourceHeader = "netsu-source"

func sourceOf(r *kgo.Record) string {
	for _, h := range r.Headers {
		if h.Key == sourceHeader {
			return string(h.Value)
		}
	}
	return ""
}

// upkeep commits and sweeps what is due.
func (f *follower) upkeep() error {
	now := time.Now()
	if f.taken && (f.store.due() || now.Sub(f.committed) >= commitEvery) {
		if err := f.commit(); err != nil {
			return err
		}
		f.committed = now
	}
	if now.Sub(f.swept) < sweepEvery {
		return nil
	}
	f.swept = now
	if err := f.commit(); err != nil {
		return err
	}
	if now.Sub(f.sweptNames) >= 60*sweepEvery {
		f.sweptNames = now
		if err := f.store.sweepTables(); err != nil {
			return err
		}
	}
	return f.store.sweep()
}

func (f *follower) commit() error {
	if err := f.store.commit(); err != nil {
		return err
	}
	f.taken = false
	f.sayLag()
	f.c.Trouble(nil)
	return nil
}
