package fold

import (
	"bytes"
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// behind lies between a task's checkpoints and its disk, and writes to it less often than they come: what a busy room
// remembers changes with each, and the disk would write it, sort it and write it again each time. What survives is the
// changelog; the disk is where a restore begins. So it may lag: a crash then costs reading what the changelog has since, some
// seconds of it.
//
//	checkpoint ──take──▶ held ──each DiskEvery, or heldBytes──▶ disk, its mark
//	fold ◀──Get, Scan──── held, then disk
//
// The checkpoint's goroutine writes, the fold's reads. What a scan must not see change under it, it does not take from here:
// the store has it in memory until the fold's own goroutine has taken note of the checkpoint.
type behind struct {
	disk  *disk.Task
	every time.Duration

	mu    sync.Mutex
	held  map[string][]byte // newer than what the disk has; nil: gone
	bytes int64             // of keys and values in held
	since time.Time         // of the first checkpoint that the disk does not have; zero: it has all
}

var _ state.Backing = (*behind)(nil)

// heldBytes bounds what waits for the disk. With as much it is written.
const heldBytes = 16 << 20

func newBehind(d *disk.Task, every time.Duration) *behind {
	return &behind{disk: d, every: every, held: map[string][]byte{}}
}

// take takes what a checkpoint has committed. It tells whether it is time to write.
func (b *behind) take(entries []state.Entry) (due bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		b.since = time.Now()
	}
	for _, e := range entries {
		if old, ok := b.held[e.Key]; ok {
			b.bytes -= int64(len(e.Key) + len(old))
		}
		b.held[e.Key] = e.Value
		b.bytes += int64(len(e.Key) + len(e.Value))
	}
	return b.bytes >= heldBytes || time.Since(b.since) >= b.every
}

// waits tells whether the disk lacks something.
func (b *behind) waits() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.since.IsZero()
}

// waiting is what waits, in order of key.
func (b *behind) waiting() []state.Entry { return b.among(func(string) bool { return true }) }

func (b *behind) among(is func(key string) bool) (all []state.Entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, value := range b.held {
		if is(key) {
			all = append(all, state.Entry{Key: key, Value: value})
		}
	}
	slices.SortFunc(all, func(x, y state.Entry) int { return cmp.Compare(x.Key, y.Key) })
	return all
}

// written says that the disk has all that was taken.
func (b *behind) written() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held, b.bytes, b.since = map[string][]byte{}, 0, time.Time{}
}

// Get implements state.Backing.
func (b *behind) Get(key string) ([]byte, error) {
	b.mu.Lock()
	value, ok := b.held[key]
	b.mu.Unlock()
	if ok {
		return bytes.Clone(value), nil
	}
	return b.disk.Get(key)
}

// Scan implements state.Backing.
func (b *behind) Scan(from, to string, fn func(key string, value []byte) error) error {
	mine := b.among(func(key string) bool { return from <= key && key < to })
	next := func(while func(key string) bool) error {
		for len(mine) > 0 && while(mine[0].Key) {
			e := mine[0]
			if mine = mine[1:]; e.Value == nil {
				continue
			}
			if err := fn(e.Key, bytes.Clone(e.Value)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := b.disk.Scan(from, to, func(key string, value []byte) error {
		if err := next(func(mine string) bool { return mine < key }); err != nil {
			return err
		}
		if len(mine) > 0 && mine[0].Key == key { // comes next, as it is now
			return nil
		}
		return fn(key, value)
	}); err != nil {
		return err
	}
	return next(func(string) bool { return true })
}
