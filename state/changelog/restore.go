package changelog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker"
)

// Progress tells how far a restore is; read it from any goroutine.
type Progress struct{ From, Next, End atomic.Int64 }

// Restored says what a restore found.
type Restored struct {
	Marker  state.Marker
	Found   bool // false: the task is new and has no state
	Full    bool // the changelog was read from its start
	Records int64
	Swept   int
}

// Limits of what a restore holds in memory before it writes.
const (
	batchEntries = 5_000
	batchBytes   = 4 << 20
)

// stalled is how long a restore waits for the next record. The records are there, so only a broker that is gone, or
// somebody else's transaction on our changelog, takes that long.
const stalled = 20 * time.Second

// Restore brings the disk to what the changelog says. A disk that is too far behind to trust the changelog's tombstones
// is read into from the changelog's start, and then swept. If it fails, do it again: every step may be repeated.
func (l *Log) Restore(ctx context.Context, task *disk.Task, p *Progress) (Restored, error) {
	res, err := l.restore(ctx, task, p)
	if err != nil {
		err = l.s.Cluster.Denied(err, broker.Use{Operation: "Read", Topic: l.s.Topic})
		return res, fmt.Errorf("restoring from %s/%d: %w", l.s.Topic, l.s.Partition, err)
	}
	return res, nil
}

func (l *Log) restore(ctx context.Context, task *disk.Task, p *Progress) (res Restored, err error) {
	if err := task.Verify(); err != nil {
		return res, err
	}
	mark, ok, err := task.Mark()
	if err != nil {
		return res, err
	}
	res.Full = !ok
	if ok {
		res.Marker, res.Found = mark.Marker, true
		if res.Full, err = l.tooOld(ctx, mark); err != nil {
			return res, err
		}
	}
	from := kgo.NewOffset().AtStart()
	if !res.Full {
		from = kgo.NewOffset().At(mark.ChangelogOffset)
		p.From.Store(mark.ChangelogOffset)
	}
	p.Next.Store(p.From.Load())
	p.End.Store(l.fence + 1)
	before, err := task.Now()
	if err != nil {
		return res, err
	}
	if err := l.read(ctx, from, task, p, &res); err != nil {
		return res, err
	}
	if res.Full {
		if res.Swept, err = task.Sweep(before); err != nil {
			return res, err
		}
	}
	if !res.Found {
		return res, nil
	}
	return res, task.PutMark(state.Mark{
		ChangelogID: l.s.TopicID, ChangelogOffset: l.fence + 1, WallMS: time.Now().UnixMilli(), Marker: res.Marker,
	})
}

// tooOld tells whether tombstones after the mark may be gone already, by age or because the log begins after it. It
// refuses a mark that cannot be of this changelog.
func (l *Log) tooOld(ctx context.Context, m state.Mark) (bool, error) {
	if m.ChangelogID != l.s.TopicID {
		return false, fmt.Errorf("%w: its topic id is %s, this topic's is %s; it was deleted and made anew, or the disk "+
			"is another installation's. Move the state directory away to start from what the topic holds",
			ErrForeign, m.ChangelogID, l.s.TopicID)
	}
	if m.ChangelogOffset > l.fence {
		return false, fmt.Errorf("%w: it has read up to offset %d, the topic ends at %d; the topic has lost records. Move "+
			"the state directory away to start from what the topic holds", ErrForeign, m.ChangelogOffset, l.fence)
	}
	adm := kadm.NewClient(l.cl)
	starts, err := adm.ListStartOffsets(ctx, l.s.Topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return false, fmt.Errorf("asking where the changelog begins: %w", err)
	}
	if start, ok := starts.Lookup(l.s.Topic, l.s.Partition); ok && m.ChangelogOffset < start.Offset {
		return true, nil
	}
	age := disk.MarkAge(m, time.Now())
	if age < time.Hour {
		return false, nil // no cleaner is set to forget so soon; spares the usual restart a request
	}
	keeps, err := l.tombstonesKept(ctx, adm)
	// Half, since reading takes time too, and clocks differ.
	return age > keeps/2, err
}

// tombstonesKept is the topic's delete.retention.ms.
func (l *Log) tombstonesKept(ctx context.Context, adm *kadm.Client) (time.Duration, error) {
	configs, err := adm.DescribeTopicConfigs(ctx, l.s.Topic)
	if err != nil {
		return 0, fmt.Errorf("reading the changelog's configuration: %w", err)
	}
	conf, err := configs.On(l.s.Topic, nil)
	if err == nil {
		err = conf.Err
	}
	if err != nil {
		return 0, fmt.Errorf("reading the changelog's configuration: %w", err)
	}
	for _, kv := range conf.Configs {
		if kv.Key != "delete.retention.ms" || kv.Value == nil {
			continue
		}
		ms, err := strconv.ParseInt(*kv.Value, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("the changelog's delete.retention.ms is %q", *kv.Value)
		}
		return time.Duration(ms) * time.Millisecond, nil
	}
	return 24 * time.Hour, nil // Kafka's default, of a broker that does not list defaults
}

// read applies the committed records from an offset up to our fence.
func (l *Log) read(ctx context.Context, from kgo.Offset, task *disk.Task, p *Progress, res *Restored) error {
	cl, err := l.s.Cluster.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{l.s.Topic: {l.s.Partition: from}}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// A session spares naming the partitions again, and here is one. Ending a client in the middle of a fetch, as a restore that
		// is cut off does, races with the session's end inside kgo.
		kgo.DisableFetchSessions(),
	)
	if err != nil {
		return err
	}
	defer cl.Close()
	b := batch{task: task}
	for {
		fs, err := poll(ctx, cl)
		if err != nil {
			return err
		}
		for it := fs.RecordIter(); !it.Done(); {
			r := it.Next()
			res.Records++
			if err := b.take(r, res); err != nil {
				return fmt.Errorf("at offset %d: %w", r.Offset, err)
			}
			p.Next.Store(r.Offset + 1)
			if r.Offset >= l.fence {
				return b.flush()
			}
		}
	}
}

func poll(ctx context.Context, cl *kgo.Client) (kgo.Fetches, error) {
	waiting, cancel := context.WithTimeout(ctx, stalled)
	defer cancel()
	fs := cl.PollFetches(waiting)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if waiting.Err() != nil {
		return nil, fmt.Errorf("%w (waited %v)", ErrStalled, stalled)
	}
	return fs, fs.Err()
}

// batch gathers entries for the disk.
type batch struct {
	task    *disk.Task
	entries []state.Entry
	bytes   int
}

func (b *batch) take(r *kgo.Record, res *Restored) error {
	if string(r.Key) == markerKey {
		m, err := state.DecodeMarker(r.Value)
		if err != nil {
			return err
		}
		res.Marker, res.Found = m, true
		return nil
	}
	e, ok, err := entryOf(r)
	if err != nil || !ok {
		return err
	}
	b.entries = append(b.entries, e)
	b.bytes += len(e.Key) + len(e.Value)
	if len(b.entries) >= batchEntries || b.bytes >= batchBytes {
		return b.flush()
	}
	return nil
}

// entryOf is the state in a record; ok is false for what a changelog holds beside state.
func entryOf(r *kgo.Record) (e state.Entry, ok bool, err error) {
	switch key := string(r.Key); {
	case key == fenceKey, key == markerKey:
		return e, false, nil
	case key == "":
		return e, false, errors.New("a record without a key, which netsu does not write")
	case key[0] == '!':
		return e, false, fmt.Errorf("%w (it has records of kind %q)", state.ErrNewer, key)
	default:
		return state.Entry{Key: key, Value: r.Value}, true, nil
	}
}

func (b *batch) flush() error {
	if err := b.task.Put(b.entries); err != nil {
		return err
	}
	clear(b.entries)
	b.entries, b.bytes = b.entries[:0], 0
	return nil
}
