package changelog

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

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
	a, err := newApplier(ctx, l.s, l.cl, task, l.fence)
	if err != nil {
		return res, err
	}
	p.From.Store(a.from)
	p.Next.Store(a.from)
	p.End.Store(l.fence + 1)
	res.Full = a.full
	err = l.read(ctx, a, p)
	res.Marker, res.Found, res.Records = a.marker, a.found, a.records
	if err != nil {
		return res, err
	}
	if err := a.ended(ctx); err != nil {
		return res, err
	}
	res.Swept = a.swept
	if !a.found {
		return res, nil
	}
	return res, a.mark(l.fence + 1)
}

// read applies the committed records up to our fence.
func (l *Log) read(ctx context.Context, a *applier, p *Progress) error {
	cl, err := a.reader()
	if err != nil {
		return err
	}
	defer cl.Close()
	for {
		fs, err := poll(ctx, cl)
		if err != nil {
			return err
		}
		for it := fs.RecordIter(); !it.Done(); {
			r := it.Next()
			if _, err := a.take(r); err != nil {
				return err
			}
			p.Next.Store(r.Offset + 1)
			if r.Offset >= l.fence {
				return a.flush()
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
