package changelog

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state/disk"
)

// Following tells how far a copy is; read it from any goroutine.
type Following struct {
	Next, End atomic.Int64 // next offset to read, and where the changelog ended at the latest fetch; equal: nothing is missing
	MarkedMS  atomic.Int64 // when the newest checkpoint in the copy was made, by its writer's clock; 0: there is none yet
	Records   atomic.Int64 // read so far
}

// What the client of a copy holds at most: as much again is being taken in.
const (
	followFetchBytes     = 8 << 20
	followPartitionBytes = 4 << 20
)

// Follow keeps a disk at what the changelog says, for as long as ctx lasts or until something fails; then call it again.
// It is for a copy: it takes nothing over, and whoever owns the partition does not notice. When it has returned it writes
// nothing more, and whoever restores on the disk goes on from where it stopped.
func Follow(ctx context.Context, s Settings, task *disk.Task, p *Following) error {
	if err := follow(ctx, s, task, p); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("following %s/%d: %w", s.Topic, s.Partition, err)
	}
	return nil
}

func follow(ctx context.Context, s Settings, task *disk.Task, p *Following) error {
	a, end, err := s.beginFollowing(ctx, task)
	if err != nil {
		return err
	}
	p.Next.Store(a.from)
	p.End.Store(end)
	cl, err := a.reader(
		kgo.KeepControlRecords(), // one may be the last
		kgo.FetchMaxBytes(followFetchBytes), kgo.FetchMaxPartitionBytes(followPartitionBytes),
	)
	if err != nil {
		return err
	}
	defer cl.Close()
	f := follower{applier: a, p: p, end: end}
	if err := f.settle(ctx); err != nil { // of an empty changelog all is read
		return err
	}
	for {
		fs := cl.PollRecords(ctx, batchEntries)
		if err := errors.Join(ctx.Err(), fs.Err()); err != nil {
			return err
		}
		if err := f.takeAll(ctx, fs); err != nil {
			return err
		}
	}
}

// beginFollowing asks where the changelog ends, and looks at the disk.
func (s Settings) beginFollowing(ctx context.Context, task *disk.Task) (a *applier, end int64, err error) {
	cl, err := s.Cluster.Client()
	if err != nil {
		return nil, 0, err
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListCommittedOffsets(ctx, s.Topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, 0, fmt.Errorf("asking where it ends: %w", err)
	}
	e, ok := ends.Lookup(s.Topic, s.Partition)
	if !ok {
		return nil, 0, fmt.Errorf("the topic has no partition %d", s.Partition)
	}
	a, err = newApplier(ctx, s, cl, task, e.Offset)
	return a, e.Offset, err
}

// follower writes a mark wherever it stands behind a marker when it has taken in what was fetched.
type follower struct {
	*applier
	p        *Following
	end      int64 // of the changelog, when this began
	next     int64 // offset behind the newest record
	markedAt int64 // offset behind the newest marker that no mark speaks of; 0: none
}

func (f *follower) takeAll(ctx context.Context, fs kgo.Fetches) error {
	for it := fs.RecordIter(); !it.Done(); {
		if err := ctx.Err(); err != nil {
			return err // a fetch may take some seconds to write
		}
		r := it.Next()
		f.next = r.Offset + 1
		if r.Attrs.IsControl() {
			continue
		}
		marker, err := f.take(r)
		if err != nil {
			return err
		}
		if marker {
			f.markedAt = r.Offset + 1
			f.p.MarkedMS.Store(r.Timestamp.UnixMilli())
		}
	}
	if err := f.settle(ctx); err != nil {
		return err
	}
	f.p.Records.Store(f.records)
	f.p.Next.Store(f.next)
	fs.EachPartition(func(p kgo.FetchTopicPartition) { f.p.End.Store(max(f.p.End.Load(), p.LastStableOffset)) })
	return nil
}

// settle writes the mark that is due, if any. While the changelog is read from its start there is none; see applier.
func (f *follower) settle(ctx context.Context) error {
	if f.full {
		if f.next < f.end {
			return nil
		}
		if err := f.ended(ctx); err != nil {
			return err
		}
	}
	if f.markedAt == 0 {
		return nil
	}
	if err := f.mark(f.markedAt); err != nil {
		return err
	}
	f.markedAt = 0
	return nil
}
