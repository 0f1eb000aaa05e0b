package fold

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// attempt is a task from its restore to its end. What it holds in memory dies with it.
type attempt struct {
	*task
	ctx     context.Context // ends with the task's life, or with the first failure of anything below
	fail    context.CancelCauseFunc
	polling context.Context // ends with ctx, or when the task is not wanted any more

	disk      *disk.Task
	changelog *changelog.Log
	behind    *behind
	pieces    *state.Pieces // between store and behind
	store     *state.Store
	fold      operators.Fold
	outbox    *outbox
	input     *kgo.Client

	next  int64 // input offset
	clock logClock
	bare  bool // there was no state, and nothing has been folded yet
	// missing is how many records at the log's beginning the state lacks, because they were gone when it began.
	missing int64
	seen    *seen
	block   eventpb.Block
	out     operators.Outputs

	writing    *checkpoint // or nil
	cutNext    int64       // next, as of the last cut
	cutMS      int64       // append time of the last cut
	cutAt      time.Time   // when that was
	saidHits   int64       // of the store's counters, what metrics have been told
	saidMisses int64
	saidEvicts int64
}

// attempt runs until the task is not wanted any more (nil, after a last checkpoint) or something fails.
func (t *task) attempt() error {
	a := &attempt{task: t}
	a.ctx, a.fail = context.WithCancelCause(t.life)
	defer a.fail(nil)
	var stop context.CancelFunc
	a.polling, stop = context.WithCancel(a.ctx)
	defer stop()
	defer context.AfterFunc(t.wanted, stop)()

	began := time.Now()
	err := a.restore(a.polling)
	defer a.close()
	if err != nil {
		if t.wanted.Err() != nil {
			return nil // it had nothing to say yet
		}
		return err
	}
	t.metrics.restores.Observe(time.Since(began).Seconds())
	if err = a.run(); err == nil {
		err = a.finish()
	}
	if cause := context.Cause(a.ctx); cause != nil {
		return cause // what made the rest fail
	}
	return err
}

// restore makes the task as it was at the last checkpoint, whoever wrote it.
func (a *attempt) restore(ctx context.Context) (err error) {
	cfg, p := a.cfg, &changelog.Progress{}
	a.disk = cfg.DB.Task(cfg.Stage.Name, a.partition) // anew: a damaged database has been replaced since
	a.update(func(s *TaskStatus) { s.State, s.Since, s.Offset, s.End = Restoring, time.Now(), -1, -1 })
	a.mu.Lock()
	a.progress = p
	a.mu.Unlock()
	if err := a.same(ctx, cfg.Stage.Input, cfg.Stage.Changelog); err != nil {
		return err
	}
	a.update(func(s *TaskStatus) { s.Waits, s.WaitsSince = cfg.Stage.Changelog+" to be acknowledged", time.Now() })
	a.changelog, err = changelog.Open(ctx, cfg.changelog(a.partition, a.log))
	a.update(func(s *TaskStatus) { s.Waits = "" })
	if err != nil {
		return err
	}
	restored, err := a.changelog.Restore(ctx, a.disk, p)
	if err != nil {
		return err
	}
	a.behind = newBehind(a.disk, cfg.DiskEvery)
	a.pieces = state.NewPieces(a.behind)
	at := kgo.NewOffset().AtStart()
	if m := restored.Marker; restored.Found {
		if err := cfg.admit(m); err != nil {
			return err
		}
		if err := a.migrate(ctx, m); err != nil {
			return err
		}
		at = kgo.NewOffset().At(m.InputOffset)
		a.next, a.clock, a.missing = m.InputOffset, logClock{m.AppendMS, m.LogMS}, m.Missing
	}
	a.bare = !restored.Found
	a.cutNext, a.cutMS, a.cutAt = a.next, a.clock.nowMS, time.Now()
	a.seen = newSeen(restored.Marker.Sources)
	a.store = state.NewStore(a.pieces, cfg.CacheBytes)
	if a.fold, err = cfg.Stage.New(a.store, a.partition); err != nil {
		return fmt.Errorf("making the fold: %w", err)
	}
	producer, err := a.producers.get()
	if err != nil {
		return err
	}
	a.outbox = newOutbox(cfg, a.partition, producer, a.fail, a.same)
	a.input, err = cfg.Cluster.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{cfg.Stage.Input: {a.partition: at}}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchMaxBytes(8<<20), kgo.FetchMaxPartitionBytes(4<<20),
	)
	if err != nil {
		return err
	}
	a.update(func(s *TaskStatus) {
		s.State, s.Reason, s.Since, s.Folded = Running, "", time.Now(), time.Now()
		if restored.Found {
			s.Offset, s.AppendMS, s.Missing = a.next, cmp.Or(a.clock.lastMS, a.clock.nowMS), a.missing
		}
	})
	if restored.Full && restored.Found {
		a.log.Info("restored from the changelog's start", "records", restored.Records, "offset", a.next,
			"swept", restored.Swept)
	}
	return nil
}

// close lets go of everything. A checkpoint that is being written ends first, since it uses the disk that the next
// attempt restores into; its context is over.
func (a *attempt) close() {
	a.fail(nil)
	if a.input != nil {
		a.input.Close()
	}
	if a.writing != nil {
		<-a.writing.done
	}
	if a.changelog != nil {
		a.changelog.Close()
	}
}

// pollRecords bounds how many records are taken from the client at a time, and with it how late drain is noticed.
const pollRecords = 256

// run folds until the task is not wanted any more.
func (a *attempt) run() error {
	end := int64(-1)
	for a.polling.Err() == nil {
		fs := a.input.PollRecords(a.polling, pollRecords)
		if err := a.fetchError(fs); err != nil {
			return err
		}
		for it := fs.RecordIter(); !it.Done() && a.polling.Err() == nil; {
			if err := a.take(it.Next()); err != nil {
				return err
			}
		}
		fs.EachPartition(func(p kgo.FetchTopicPartition) { end = max(end, p.HighWatermark) })
		a.update(func(s *TaskStatus) {
			if a.next != s.Offset {
				s.Folded = time.Now()
			}
			s.Offset, s.AppendMS = a.next, a.clock.lastMS
			a.ends(s, end)
		})
	}
	return context.Cause(a.ctx)
}

func (a *attempt) fetchError(fs kgo.Fetches) error {
	for _, e := range fs.Errors() {
		switch {
		case a.polling.Err() != nil:
			return context.Cause(a.ctx) // nil if it is only not wanted any more
		case errors.Is(e.Err, kerr.OffsetOutOfRange):
			return fmt.Errorf("%s/%d does not hold offset %d, where the state left off: its records are gone (retention), "+
				"or the topic is not the one that was read before: %w", a.cfg.Stage.Input, a.partition, a.next, e.Err)
		case errors.As(e.Err, new(*kgo.ErrDataLoss)):
			return fmt.Errorf("reading %s/%d at %d: the broker lost records that had been read: %w",
				a.cfg.Stage.Input, a.partition, a.next, e.Err)
		default:
			err := a.cfg.Cluster.Denied(e.Err, broker.Use{Operation: "Read", Topic: a.cfg.Stage.Input})
			return fmt.Errorf("reading %s/%d at %d: %w", a.cfg.Stage.Input, a.partition, a.next, err)
		}
	}
	return nil
}

// take folds one record, and cuts after it if a checkpoint is due.
func (a *attempt) take(r *kgo.Record) error {
	if a.bare {
		if err := a.begin(r.Offset); err != nil {
			return err
		}
	}
	if err := a.fold1(r); err != nil {
		return fmt.Errorf("at %s/%d, offset %d: %w", a.cfg.Stage.Input, a.partition, r.Offset, err)
	}
	a.next = r.Offset + 1
	if a.writing != nil {
		select {
		case <-a.writing.done:
			if err := a.written(); err != nil {
				return err
			}
		default:
		}
	}
	if !a.due() {
		return nil
	}
	if err := a.settle(); err != nil {
		return err
	}
	a.cut(false)
	return nil
}

// begin decides on a task without state whose log begins at an offset. What the log has lost would be missing from every number
// after it, and meters that are right would be overwritten by such as are not, with nothing to tell them apart: so it is
// refused, unless somebody has said that this is known. It goes on by itself when the changelog or the disk is back.
func (a *attempt) begin(first int64) error {
	if first > 0 && !a.cfg.BeginWithin {
		a.update(func(s *TaskStatus) { s.Missing = first })
		return fmt.Errorf("%w: there is no state, neither on this disk nor in %s, and the first %d records of %s/%d are gone: bring "+
			"the changelog or a state directory back; or begin without them, with --begin-without-state, and every total lacks what "+
			"they said (catalog entries among them: apply the catalog again); or make topics under another --prefix and replay "+
			"the raw events", ErrStateLost, a.cfg.Stage.Changelog, first, a.cfg.Stage.Input, a.partition)
	}
	if first > 0 {
		a.log.Warn("begun without the first records of the input, as the settings say: the numbers lack what they said",
			"topic", a.cfg.Stage.Input, "first_offset", first)
	}
	a.bare, a.missing = false, first
	a.update(func(s *TaskStatus) { s.Missing = first })
	return nil
}

// ErrStateLost is wrapped by the failure of a task that has no state, and whose log cannot bring it back.
var ErrStateLost = errors.New("state is lost")

func (a *attempt) fold1(r *kgo.Record) error {
	if err := decode(&a.block, r.Value); err != nil {
		return err
	}
	fresh, err := a.seen.fresh(&a.block)
	if err != nil {
		return err
	}
	a.metrics.records.Inc()
	a.metrics.duplicates.Add(float64(len(a.block.Events) - len(fresh)))
	if len(fresh) == 0 {
		return nil // all of it was seen: for the fold, this record does not exist
	}
	a.metrics.events.Add(float64(len(fresh)))
	a.clock.see(r.Timestamp.UnixMilli())
	a.out.Reset()
	in := operators.Record{Partition: a.partition, Offset: r.Offset, AppendMS: a.clock.nowMS, Events: fresh}
	if err := a.fold.Apply(&in, &a.out); err != nil {
		return fmt.Errorf("folding: %w", err)
	}
	a.metrics.outputs.Add(float64(len(a.out.Events) + len(a.out.Meters) + len(a.out.Alerts)))
	return a.outbox.publish(a.ctx, r.Offset, &a.out)
}

// due tells whether it is time for a checkpoint: enough time has passed in the log or on the clock, or too much is dirty.
// While a backlog is read, append time flies; a checkpoint then waits for a tenth of the interval on the clock too, so that
// catching up is not spent on checkpoints. The clock alone does where append time stands still or goes back.
func (a *attempt) due() bool {
	if _, dirty := a.store.Len(); dirty >= a.cfg.DirtyKeys {
		return true
	}
	if a.cutMS == 0 {
		a.cutMS = a.clock.nowMS // a new task counts from its first record
	}
	every, passed := a.cfg.CheckpointEvery, time.Since(a.cutAt)
	return passed >= every || passed >= every/10 && a.clock.nowMS-a.cutMS >= every.Milliseconds()
}

// cut starts a checkpoint behind the fold. The last one leaves nothing that waits for the disk.
func (a *attempt) cut(last bool) {
	c := &checkpoint{
		cfg: a.cfg, partition: a.partition, log: a.changelog, behind: a.behind, last: last,
		entries: a.pieces.Split(a.store.Cut()),
		marker: state.Marker{
			Version: state.MarkerVersion, Schema: a.cfg.Stage.Schema,
			Input: a.cfg.Stage.Input, InputID: a.cfg.Layout.IDs[a.cfg.Stage.Input],
			InputOffset: a.next, Missing: a.missing, AppendMS: a.clock.nowMS, LogMS: a.clock.lastMS,
			Partitions: a.cfg.partitions(), Sources: a.seen.marks(),
		},
		flight: a.outbox.cut(),
		done:   make(chan struct{}),
	}
	a.writing, a.cutNext, a.cutMS, a.cutAt = c, a.next, a.clock.nowMS, time.Now()
	began := a.cutAt
	c.waits = func(what string) { a.update(func(s *TaskStatus) { s.Waits, s.WaitsSince = what, began }) }
	go func() {
		defer close(c.done)
		c.err = c.run(a.ctx)
		c.waits("")
		if c.err != nil {
			a.fail(c.err) // the fold may be waiting for a record, or for room
			return
		}
		a.metrics.checkpoints.Observe(time.Since(began).Seconds())
		a.metrics.checkpointKeys.Add(float64(len(c.entries)))
		a.update(func(s *TaskStatus) { s.Checkpointed = time.Now() })
		a.committed(a.partition, c.marker.InputOffset)
	}()
}

// settle waits for the checkpoint that is being written, if any.
func (a *attempt) settle() error {
	if a.writing == nil {
		return nil
	}
	<-a.writing.done // it ends soon after a.ctx does
	return a.written()
}

// written takes note that the checkpoint has ended.
func (a *attempt) written() error {
	c := a.writing
	a.writing = nil
	if c.err != nil {
		return fmt.Errorf("checkpoint at offset %d: %w", c.marker.InputOffset, c.err)
	}
	a.store.Written()
	s := a.store
	a.metrics.hits.Add(float64(s.Hits - a.saidHits))
	a.metrics.misses.Add(float64(s.Misses - a.saidMisses))
	a.metrics.evictions.Add(float64(s.Evictions - a.saidEvicts))
	a.saidHits, a.saidMisses, a.saidEvicts = s.Hits, s.Misses, s.Evictions
	return nil
}

// finish makes the last checkpoint, of what the one before does not have.
func (a *attempt) finish() error {
	if err := a.settle(); err != nil {
		return err
	}
	if a.next == a.cutNext && !a.behind.waits() {
		return nil
	}
	a.cut(true)
	return a.settle()
}
