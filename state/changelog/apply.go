package changelog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// Limits of what is held in memory before it is written. Tests make them small.
var (
	batchEntries = 5_000
	batchBytes   = 4 << 20
)

// applier brings a disk to what the changelog says: the one place that knows how. Restore feeds it up to its fence, Follow
// for as long as it goes on.
//
// What it writes are keys, and behind them a mark at a marker: everything before a marker is committed and whole, so the
// mark never lies within a transaction. Keys may be written before their transaction's marker has been read, if it is
// larger than a batch. That is harmless, as in a checkpoint that died between its keys and its mark: whoever goes on from
// the mark reads those keys again, with all that belongs to them.
//
// A disk without a mark, or with one too old to trust the changelog's tombstones, is read into from the changelog's start.
// Until the end is reached it gets no (new) mark; then what was not written again is swept. If that is cut off anywhere,
// the next applier finds the mark as it was and does the same again.
type applier struct {
	s    Settings
	task *disk.Task
	from int64  // the offset to read from; 0 if full
	full bool   // from the changelog's start; see above
	old  uint64 // what was written before it is swept, if full

	marker  state.Marker // the newest read, or that of the disk's mark
	found   bool
	records int64
	swept   int

	entries []state.Entry
	bytes   int
}

// newApplier looks at the disk's mark. end is an offset that the changelog has come to for certain.
func newApplier(ctx context.Context, s Settings, cl *kgo.Client, task *disk.Task, end int64) (*applier, error) {
	a := &applier{s: s, task: task}
	if err := task.Verify(); err != nil {
		return nil, err
	}
	mark, ok, err := task.Mark()
	if err != nil {
		return nil, err
	}
	a.full = !ok
	if ok {
		a.marker, a.found = mark.Marker, true
		if a.full, err = s.tooOld(ctx, kadm.NewClient(cl), mark, end); err != nil {
			return nil, err
		}
	}
	if !a.full {
		a.from = mark.ChangelogOffset
	}
	a.old, err = task.Now()
	return a, err
}

// reader is a client that reads on from where the applier stands.
func (a *applier) reader(opts ...kgo.Opt) (*kgo.Client, error) {
	at := kgo.NewOffset().AtStart()
	if !a.full {
		at = kgo.NewOffset().At(a.from)
	}
	return a.s.Cluster.Client(append(opts,
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{a.s.Topic: {a.s.Partition: at}}),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		// A session spares naming the partitions again, and here is one. Ending a client in the middle of a fetch, as a restore
		// that is cut off does, races with the session's end inside kgo.
		kgo.DisableFetchSessions(),
	)...)
}

// take takes the next record in, and writes once there is enough. It tells whether the record is a marker.
func (a *applier) take(r *kgo.Record) (marker bool, err error) {
	a.records++
	if marker, err = a.take1(r); err != nil {
		return false, fmt.Errorf("at offset %d: %w", r.Offset, err)
	}
	return marker, nil
}

func (a *applier) take1(r *kgo.Record) (marker bool, err error) {
	if string(r.Key) == markerKey {
		m, err := state.DecodeMarker(r.Value)
		if err != nil {
			return false, err
		}
		a.marker, a.found = m, true
		return true, nil
	}
	e, ok, err := entryOf(r)
	if err != nil || !ok {
		return false, err
	}
	a.entries = append(a.entries, e)
	a.bytes += len(e.Key) + len(e.Value)
	if len(a.entries) >= batchEntries || a.bytes >= batchBytes {
		return false, a.flush()
	}
	return false, nil
}

func (a *applier) flush() error {
	if len(a.entries) == 0 {
		return nil
	}
	if err := a.task.Put(a.entries); err != nil {
		return err
	}
	clear(a.entries)
	a.entries, a.bytes = a.entries[:0], 0
	return nil
}

// ended ends a reading from the start: what was not written again goes.
func (a *applier) ended(ctx context.Context) error {
	if !a.full {
		return nil
	}
	if err := a.flush(); err != nil {
		return err
	}
	swept, err := a.task.Sweep(ctx, a.old)
	if err != nil {
		return err
	}
	a.swept, a.full = swept, false
	return nil
}

// mark writes what is held, and then that everything before offset next is there. There must have been a marker, and since
// then no entry before next.
func (a *applier) mark(next int64) error {
	if err := a.flush(); err != nil {
		return err
	}
	return a.task.PutMark(state.Mark{
		ChangelogID: a.s.TopicID, ChangelogOffset: next, WallMS: time.Now().UnixMilli(), Marker: a.marker,
	})
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
