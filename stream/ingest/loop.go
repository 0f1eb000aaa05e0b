package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/relay"
)

// commitResult is the answer to one commit.
type commitResult struct {
	at  reach
	err error
}

// ingest is one Run. All of its state belongs to the loop; other goroutines (the poll, the probe, the client's
// callbacks) talk to it through channels.
type ingest struct {
	Config
	me       relay.Member
	consumer *kgo.Client
	sink     *sink
	metrics  *metrics
	router   *router
	progress *progress
	clock    *clock

	lanes   map[place]*lane
	order   []*lane // lanes in a fixed order, which decides between equal keys
	takenMS int64   // alignment key of the last record taken
	drift   *drift

	fetches    chan kgo.Fetches
	rebalances *relay.Rebalances
	surveys    chan *survey
	commits    chan commitResult
	probeNow   chan struct{}
	done       chan struct{} // closed when the loop has ended: nobody answers any more

	committing bool
	closedAt   time.Time    // the last span
	hurried    atomic.Bool  // catching up beside others, who wait for what this member commits, or it for them
	ticking    atomic.Int64 // ticks not acknowledged
	latest     *survey      // the newest, which ticks may come to claim
	claim      *survey      // the one that is being reached
	full       *survey      // the newest that knows starts and commits
	ingestedMS int64        // what ticks say
}

func newIngest(c Config) *ingest {
	in := &ingest{
		Config:   c,
		metrics:  newMetrics(c.Topics.Raw()),
		progress: newProgress(),
		clock:    newClock(),
		lanes:    map[place]*lane{},
		takenMS:  math.MinInt64,
		drift:    newDrift(),
		full:     &survey{},

		fetches:  make(chan kgo.Fetches),
		surveys:  make(chan *survey),
		commits:  make(chan commitResult, 1), // one commit is under way at most
		probeNow: make(chan struct{}, 1),
		done:     make(chan struct{}),
	}
	if c.hooks.wall != nil {
		in.clock.wall = c.hooks.wall
	}
	in.rebalances = relay.NewRebalances(in.done)
	in.router = newRouter(in)
	return in
}

func (in *ingest) run(ctx context.Context) error {
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() { in.poll(background) })
	group.Go(func() { in.survey(background) })
	err := in.loop(ctx)
	if err == nil {
		err = in.finish()
	}
	close(in.done)
	stop()
	group.Wait()
	return err
}

// loop is Run's one thread: take from the lanes while there is anything to take, else wait for what comes first.
func (in *ingest) loop(ctx context.Context) error {
	ticks := time.NewTicker(tickEvery)
	defer ticks.Stop()
	commits := time.NewTicker(hurriedEvery)
	defer commits.Stop()
	idle := time.NewTimer(time.Hour)
	defer idle.Stop()
	for {
		more, wait := in.work(time.Now())
		if err := in.advance(); err != nil {
			return err
		}
		if more {
			wait = 0
		}
		idle.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case f := <-in.fetches:
			if err := in.fetched(f); err != nil {
				return err
			}
		case r := <-in.rebalances.C:
			err := in.rebalance(r)
			r.Done()
			if err != nil {
				return err
			}
		case s := <-in.surveys:
			in.surveyed(s)
		case r := <-in.commits:
			in.committedUpTo(r)
		case <-ticks.C:
			in.tick()
		case <-commits.C:
			in.closeSpan(time.Now())
		case <-in.sink.Wake:
		case <-idle.C:
		}
	}
}

// workBudget is how many records are taken before the loop looks at its channels again.
const workBudget = 2000

// work takes records in event-time order and seals blocks that have lingered. It returns whether there is more to take
// at once, else how long to wait if nothing happens.
func (in *ingest) work(now time.Time) (more bool, wait time.Duration) {
	held, budget := false, cmp.Or(in.hooks.budget, workBudget)
	for taken := 0; taken < budget; {
		if in.sink.Full() {
			break
		}
		l, limit, aligning := pick(in.order, in.Align, now)
		if l == nil {
			wait = aligning
			break
		}
		if held = in.drift.holds(l.peek(), now, in.clock); held {
			break // until the next survey, or for as long as the last one counts
		}
		limit = min(limit, in.drift.upTo)
		for taken++; ; taken++ {
			in.takenMS = l.peek()
			r, e, rejected := l.take()
			in.router.route(l, r, e, rejected, now)
			if taken >= budget || l.buffered() == 0 || in.sink.Full() || l.peek() > limit {
				break
			}
		}
		more = taken >= budget
	}
	in.metrics.held.Store(held)
	in.resume(now)
	flush := in.router.flushAfter(linger, now)
	wait = soonest(wait, flush)
	return more, wait
}

// soonest is the lesser of two waits, of which 0 means "no need"; an hour where neither is needed.
func soonest(a, b time.Duration) time.Duration {
	switch {
	case a <= 0 && b <= 0:
		return time.Hour
	case a <= 0:
		return b
	case b <= 0:
		return a
	}
	return min(a, b)
}

// fetched buffers what a poll brought and pauses lanes that have enough.
func (in *ingest) fetched(f kgo.Fetches) error {
	for _, e := range f.Errors() {
		if err := in.fetchError(e); err != nil {
			return err
		}
	}
	pause := map[string][]int32{}
	f.EachPartition(func(p kgo.FetchTopicPartition) {
		l := in.lanes[place{p.Topic, p.Partition}]
		if l == nil {
			return // given up meanwhile
		}
		if broker.Lasting(p.Err) {
			// The client asks again at once, and would be told the same.
			l.barred = time.Now().Add(broker.BarredFor)
			l.paused = true
			pause[p.Topic] = append(pause[p.Topic], p.Partition)
			return
		}
		in.mended(l)
		l.push(p.Records, max(p.LastStableOffset, unknown))
		if !l.paused && l.overfull() {
			l.paused = true
			pause[p.Topic] = append(pause[p.Topic], p.Partition)
		}
	})
	if len(pause) > 0 {
		in.consumer.PauseFetchPartitions(pause)
	}
	return nil
}

// mended takes note that a lane can be read again.
func (in *ingest) mended(l *lane) {
	if !l.barred.IsZero() {
		l.barred = time.Time{}
		in.Trouble(place{l.topic, l.partition}.String(), nil)
	}
}

// fetchError decides whether reading can go on: the client retries what is passing, and says what it skipped.
func (in *ingest) fetchError(e kgo.FetchError) error {
	var group *kgo.ErrGroupSession
	var loss *kgo.ErrDataLoss
	switch {
	case errors.Is(e.Err, context.Canceled), errors.Is(e.Err, context.DeadlineExceeded):
		return nil
	case errors.As(e.Err, &loss):
		in.Logger.Warn("ingest: reading a raw topic", "topic", e.Topic, "partition", e.Partition, "err", e.Err)
		return nil
	case errors.As(e.Err, &group):
		in.Trouble("group", in.Cluster.Denied(e.Err, broker.Use{Group: Group(in.Topics)}))
		return nil
	case broker.Unauthorized(e.Err):
		if in.lanes[place{e.Topic, e.Partition}] != nil {
			err := in.Cluster.Denied(e.Err, broker.Use{Operation: "Read", Topic: e.Topic})
			in.Trouble(place{e.Topic, e.Partition}.String(), fmt.Errorf("reading %s: %w", e.Topic, err))
		}
		return nil
	case kerr.IsRetriable(e.Err):
		return nil
	}
	return fmt.Errorf("reading %s/%d: %w", e.Topic, e.Partition, e.Err)
}

// resume lets paused lanes that have drained be fetched again.
func (in *ingest) resume(now time.Time) {
	for _, l := range in.order {
		if l.paused && l.drained() && !now.Before(l.barred) {
			l.paused = false
			in.consumer.ResumeFetchPartitions(map[string][]int32{l.topic: {l.partition}})
		}
		if now.Sub(l.barred) >= broker.MendedAfter {
			in.mended(l)
		}
	}
}

// rebalance takes lanes up or gives them up. What was taken from a revoked lane is written and committed first, so that
// its next owner begins behind it; what was only buffered is the next owner's.
func (in *ingest) rebalance(r relay.Rebalance) error {
	var err error
	if r.Change == relay.Revoked {
		if err = in.handOver(); in.sink.Err() == nil && err != nil {
			// Not fatal: the next owner reads a little again, and readers drop it by position.
			in.Logger.Warn("ingest: giving partitions up", "err", err)
			err = nil
		}
	}
	in.progress.forget(r.Partitions) // what could not be committed is for their next owner to commit, who is further
	for topic, partitions := range r.Partitions {
		for _, p := range partitions {
			at := place{topic, p}
			if l := in.lanes[at]; l != nil && !l.barred.IsZero() {
				in.Trouble(at.String(), nil) // its next owner's, if it lasts
			}
			delete(in.lanes, at)
			if r.Change == relay.Assigned {
				in.lanes[at] = in.newLane(at)
			}
		}
	}
	if r.Change == relay.Assigned {
		in.Trouble("group", nil)
		in.consumer.ResumeFetchPartitions(r.Partitions) // a pause outlives a revocation in the client
	}
	in.order = in.order[:0]
	for _, l := range in.lanes {
		in.order = append(in.order, l)
	}
	slices.SortFunc(in.order, func(a, b *lane) int {
		return cmp.Or(cmp.Compare(a.raw, b.raw), cmp.Compare(a.partition, b.partition))
	})
	in.drift.unsure(in.Align, time.Now())
	select {
	case in.probeNow <- struct{}{}:
	default:
	}
	return err
}

func (in *ingest) newLane(at place) *lane {
	raw := Raw(slices.Index(in.Topics.Raw(), at.topic))
	source := newSource(at.topic, in.Layout.IDs[at.topic], at.partition)
	return newLane(raw, at.topic, at.partition, source, NewDecoder(in.Hasher, in.MinTime, in.clock.now))
}

// handOver writes and commits everything taken so far.
func (in *ingest) handOver() error {
	in.router.flush()
	in.progress.close(in.reach(time.Now()))
	if err := in.sink.Settle(relay.SettleTimeout); err != nil {
		return err
	}
	return in.commitNow()
}

// finish is handOver at the end of Run.
func (in *ingest) finish() error {
	if err := in.handOver(); err != nil {
		return fmt.Errorf("finishing: %w", err)
	}
	return nil
}

func (in *ingest) commitNow() error {
	at := in.progress.acknowledged()
	if len(at.offsets) == 0 {
		return nil
	}
	if err := call(in.hooks.beforeCommit); err != nil {
		return err
	}
	if err := in.me.CommitNow(in.consumer, in.Layout.IDs, at.offsets, noteOf(at.timeMS)); err != nil {
		return err
	}
	in.noteCommitted(at)
	return nil
}
