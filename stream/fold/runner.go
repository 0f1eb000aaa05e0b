package fold

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/fold/placement"
	"github.com/netsu/netsu/stream/relay"
)

// Runner runs a stage's tasks in this process: those whose partitions the group places here.
type Runner struct {
	cfg       Config
	metrics   *metrics
	producers *producers
	group     *kgo.Client

	mu       sync.Mutex
	tasks    map[int32]*task
	wanted   []int32 // partitions to be a standby of, as the group said last
	standbys map[int32]*standby
	// writing is who wrote, or writes, to a partition's part of the disk last; closed when they do no more. There is one at
	// a time: each waits for the one before.
	writing map[int32]<-chan struct{}
	closing bool
	joined  bool
	reason  string

	commitMu sync.Mutex
	toCommit map[int32]int64
	commits  chan struct{} // 1: there is something to commit
}

// New checks the configuration. It does not connect.
func New(c Config) (*Runner, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Runner{
		cfg: c, producers: &producers{cluster: c.Cluster}, tasks: map[int32]*task{},
		standbys: map[int32]*standby{}, writing: map[int32]<-chan struct{}{},
		toCommit: map[int32]int64{}, commits: make(chan struct{}, 1),
	}
	r.metrics = newMetrics(r.Status)
	return r, nil
}

// Run runs a stage until ctx ends; see Runner.Run.
func Run(ctx context.Context, c Config) error {
	r, err := New(c)
	if err != nil {
		return err
	}
	return r.Run(ctx)
}

// Run runs the tasks until ctx ends, then makes a last checkpoint of each, leaves the group and returns nil. A task
// that fails is restored again and again, and Status says why; it does not end Run. Run once.
func (r *Runner) Run(ctx context.Context) error {
	unregister, err := r.metrics.register(r.cfg.Registerer, r.cfg.Stage.Name)
	if err != nil {
		return err
	}
	defer unregister()
	defer r.producers.close()
	if err := r.join(); err != nil {
		return err
	}
	stop := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() { r.commitUntil(stop) })
	beside.Go(func() { r.endsUntil(stop) })

	<-ctx.Done()
	r.mu.Lock()
	r.closing = true
	r.wanted = nil
	r.settle()
	all := r.take(nil)
	writing := maps.Clone(r.writing)
	r.mu.Unlock()
	r.end(all, r.cfg.ShutdownTimeout)
	for _, done := range writing {
		<-done
	}
	close(stop)
	beside.Wait()
	r.group.Close()
	if err := broker.Leave(r.cfg.Cluster, r.cfg.Group(), r.cfg.InstanceID); err != nil {
		r.cfg.Logger.Warn("others wait for this member's session to time out", "err", err)
	}
	return nil
}

// heartbeat is how late a member hears of a rebalance at most. A partition that moves waits for all members to hear of it, so
// it is a part of each pause.
const heartbeat = 300 * time.Millisecond

// join makes the group's client. It fetches nothing: it has all partitions paused, and polls never.
func (r *Runner) join() error {
	c := r.cfg
	opts := []kgo.Opt{
		kgo.ConsumerGroup(c.Group()),
		kgo.ConsumeTopics(c.Stage.Input),
		kgo.DisableAutoCommit(),
		kgo.Balancers(placement.Offered(placement.Config{
			Topic: c.Stage.Input, Standbys: c.Standbys, Copies: r.copies, Placed: r.placed,
		})...),
		kgo.SessionTimeout(c.SessionTimeout),
		kgo.HeartbeatInterval(min(c.SessionTimeout/5, heartbeat)),
		kgo.RebalanceTimeout(c.RebalanceTimeout),
		kgo.OnPartitionsAssigned(r.assigned),
		kgo.OnPartitionsRevoked(r.revoked),
		kgo.OnPartitionsLost(r.lost),
		kgo.AdjustFetchOffsetsFn(offsetsOfNoUse),
		kgo.WithHooks(groupErrors{r}),
	}
	if c.InstanceID != "" {
		opts = append(opts, kgo.InstanceID(c.InstanceID))
	}
	r.mu.Lock() // a task may be assigned, and ask for r.group, before Client returns
	defer r.mu.Unlock()
	cl, err := c.Cluster.Client(opts...)
	if err != nil {
		return err
	}
	cl.PauseFetchTopics(c.Stage.Input)
	r.group = cl
	return nil
}

// offsetsOfNoUse spares the group's client asking where the log begins and ends: it never reads it.
func offsetsOfNoUse(_ context.Context, all map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	for _, ps := range all {
		for p := range ps {
			ps[p] = kgo.NewOffset().At(0)
		}
	}
	return all, nil
}

func (r *Runner) assigned(_ context.Context, _ *kgo.Client, placed map[string][]int32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.joined, r.reason = true, ""
	for _, p := range placed[r.cfg.Stage.Input] {
		if r.closing || r.tasks[p] != nil {
			continue
		}
		t := r.task(p)
		t.after, r.writing[p] = r.writing[p], t.done
		r.tasks[p] = t
		go t.run()
	}
	r.settle()
}

// task makes the task of a partition. Its life is its own: it ends by drain or kill, not with some context.
func (r *Runner) task(p int32) *task {
	t := &task{
		cfg: r.cfg, partition: p, producers: r.producers, metrics: r.metrics,
		member: r.member, same: r.same, committed: r.commit, log: r.cfg.Logger.With("partition", p), done: make(chan struct{}),
		status: TaskStatus{Partition: p, State: Restoring, Since: time.Now(), Offset: -1, End: -1},
	}
	t.life, t.kill = context.WithCancel(context.Background())
	t.wanted, t.unwanted = context.WithCancel(t.life)
	return t
}

// revoked lets the tasks make their last checkpoint, within half of what the group waits for us. One that takes longer
// is dropped: its next owner restores the checkpoint before.
func (r *Runner) revoked(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	r.mu.Lock()
	tasks := r.take(func(p int32) bool { return slices.Contains(gone[r.cfg.Stage.Input], p) })
	r.mu.Unlock()
	r.end(tasks, r.cfg.RebalanceTimeout/2)
}

// lost drops the tasks without writing: somebody else may have the partitions already.
func (r *Runner) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	r.mu.Lock()
	r.joined = false
	tasks := r.take(func(p int32) bool { return slices.Contains(gone[r.cfg.Stage.Input], p) })
	r.mu.Unlock()
	r.end(tasks, 0)
}

// take removes tasks, all if which is nil, from those that we have. r.mu is held.
func (r *Runner) take(which func(int32) bool) (tasks []*task) {
	for p, t := range r.tasks {
		if which == nil || which(p) {
			tasks = append(tasks, t)
			delete(r.tasks, p)
		}
	}
	return tasks
}

// end drains tasks, kills those that are not done in time, and waits for all. Then nothing of them writes any more.
func (r *Runner) end(tasks []*task, within time.Duration) {
	for _, t := range tasks {
		t.drain()
		if within == 0 {
			t.kill()
		}
	}
	timer := time.AfterFunc(within, func() {
		for _, t := range tasks {
			t.kill()
		}
	})
	defer timer.Stop()
	for _, t := range tasks {
		<-t.done
	}
}

// Status may be called at any time.
func (r *Runner) Status() Status {
	r.mu.Lock()
	s := Status{Stage: r.cfg.Stage.Name, Joined: r.joined, Reason: r.reason}
	tasks := make([]*task, 0, len(r.tasks))
	for _, t := range r.tasks {
		tasks = append(tasks, t)
	}
	for _, c := range r.standbys {
		s.Standbys = append(s.Standbys, c.Status())
	}
	r.mu.Unlock()
	slices.SortFunc(s.Standbys, func(a, b StandbyStatus) int { return cmp.Compare(a.Partition, b.Partition) })
	for _, t := range tasks {
		s.Tasks = append(s.Tasks, t.Status())
	}
	slices.SortFunc(s.Tasks, func(a, b TaskStatus) int { return cmp.Compare(a.Partition, b.Partition) })
	return s
}

// groupErrors notes why the group's client left the group. It joins again by itself.
type groupErrors struct{ r *Runner }

// OnGroupManageError implements kgo.HookGroupManageError.
func (g groupErrors) OnGroupManageError(err error) {
	g.r.mu.Lock()
	defer g.r.mu.Unlock()
	if g.r.closing || errors.Is(err, context.Canceled) {
		return
	}
	err = g.r.cfg.Cluster.Denied(err, broker.Use{Operation: "Read", Group: g.r.cfg.Group(), Topic: g.r.cfg.Stage.Input})
	g.r.joined = false
	if g.r.reason == err.Error() {
		return // said already
	}
	g.r.reason = err.Error()
	g.r.cfg.Logger.Warn("the consumer group was left; joining again", "group", g.r.cfg.Group(), "err", err)
}

// member asks the group's coordinator whether it knows this member in this generation. A rebalance that is under way is
// no: it will be over soon.
func (r *Runner) member(ctx context.Context) error {
	id, generation := r.group.GroupMetadata()
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = r.cfg.Group(), id, generation
	if r.cfg.InstanceID != "" {
		req.InstanceID = &r.cfg.InstanceID
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	resp, err := req.RequestWith(ctx, r.group)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		err = r.cfg.Cluster.Denied(err, broker.Use{Group: r.cfg.Group()})
		return fmt.Errorf("asking group %s: %w", r.cfg.Group(), err)
	}
	return nil
}

// same tells whether topics are still those that this process began with. One that was made anew has the same name, so a new
// client would read or write it without a word.
func (r *Runner) same(ctx context.Context, topics ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := r.cfg.Layout.Same(ctx, r.cfg.Cluster, r.group, topics...)
	if errors.Is(err, broker.ErrMadeAnew) {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

// commit notes an offset to be committed to the group. It never waits.
func (r *Runner) commit(partition int32, offset int64) {
	r.commitMu.Lock()
	r.toCommit[partition] = offset // one per partition: bounded
	r.commitMu.Unlock()
	select {
	case r.commits <- struct{}{}:
	default:
	}
}

// commitUntil commits offsets as they are noted. They are for lag displays, so a failure is left to the next time, and
// its cause (the coordinator is gone, a rebalance) is said elsewhere.
func (r *Runner) commitUntil(stop <-chan struct{}) {
	for {
		select {
		case <-r.commits:
			r.commitNow()
		case <-stop:
			r.commitNow()
			return
		}
	}
}

func (r *Runner) commitNow() {
	r.commitMu.Lock()
	offsets := maps.Clone(r.toCommit)
	clear(r.toCommit)
	r.commitMu.Unlock()
	if len(offsets) == 0 {
		return
	}
	err := r.commitOffsets(offsets)
	for p := range offsets {
		if err == nil {
			err = r.cfg.Hooks.step(p, StepOffsetsCommitted)
		}
	}
	if err != nil {
		r.cfg.Logger.Debug("offsets for lag displays were not committed", "err", err)
	}
}

func (r *Runner) commitOffsets(offsets map[int32]int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	at := relay.Offsets{}
	for p, o := range offsets {
		at.Set(r.cfg.Stage.Input, p, kgo.EpochOffset{Epoch: -1, Offset: o})
	}
	me := relay.Member{Group: r.cfg.Group(), InstanceID: r.cfg.InstanceID}
	req, err := me.CommitRequest(r.group, r.cfg.Layout.IDs, at, "")
	if err != nil {
		return err
	}
	return relay.CommitError(req.RequestWith(ctx, r.group))
}
