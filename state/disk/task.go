package disk

import (
	"context"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/netsu/netsu/state"
)

// Task is the part of the database that one task of a stage owns. It implements state.Backing. One goroutine writes;
// others may read meanwhile. It is of the database that was there when it was made: if that was damaged and has been
// replaced, everything fails with ErrReplaced, and the task begins again with another one.
type Task struct {
	db     *database
	number int
	prefix string // "stage/00000003/k/"
	mark   []byte // key of the mark
	sum    *sum   // the writer's; of all that were made for this part
}

var _ state.Backing = (*Task)(nil)

// Task returns the part of a stage's partition. Stage names contain no slash.
func (db *DB) Task(stage string, partition int32) *Task {
	p := fmt.Sprintf("%s/%08d/", stage, partition)
	number, sum := db.sum(p+"k/", p+"s")
	return &Task{db.database, number, p + "k/", []byte(p + "m"), sum}
}

// Verify reads all of the task's keys and holds them against what was written; see sum. 100 MB in values of 1 kB took .6 s on
// a busy machine, so it is done once: what was written since the database was opened, or verified, is known. A partition
// that is taken over on a copy costs no reading.
func (t *Task) Verify() error {
	if t.sum.known {
		return nil
	}
	err := t.view(t.sum.check)
	if err != nil {
		return fmt.Errorf("verifying state: %w", err)
	}
	return nil
}

func (t *Task) view(fn func(*badger.Txn) error) error {
	return t.db.use(t.number, func(b *badger.DB) error { return b.View(fn) })
}

// Get implements state.Backing.
func (t *Task) Get(key string) ([]byte, error) { return t.get([]byte(t.prefix + key)) }

func (t *Task) get(key []byte) (v []byte, err error) {
	err = t.view(func(txn *badger.Txn) error {
		v, err = get(txn, key)
		return err
	})
	return v, err
}

// copyOf is never nil without an error: nil means that there is no such key.
func copyOf(item *badger.Item) ([]byte, error) {
	v, err := item.ValueCopy(nil)
	if v == nil && err == nil {
		v = []byte{}
	}
	return v, err
}

// Scan implements state.Backing. It sees the state as of its start.
func (t *Task) Scan(from, to string, fn func(key string, value []byte) error) error {
	b, err := t.db.enter(t.number)
	if err != nil {
		return err
	}
	err = t.scan(b, from, to, fn)
	t.db.leave()
	return t.db.judge(t.number, err)
}

func (t *Task) scan(b *badger.DB, from, to string, fn func(key string, value []byte) error) error {
	txn := b.NewTransaction(false)
	defer txn.Discard()
	return each(txn, t.prefix, t.prefix+from, func(item *badger.Item) (bool, error) {
		key := string(item.Key())
		if key >= t.prefix+to {
			return false, nil
		}
		var value []byte
		if err := careful(func() (err error) { value, err = copyOf(item); return err }); err != nil {
			return false, fmt.Errorf("reading state %q: %w", key, err)
		}
		return true, fn(key[len(t.prefix):], value)
	})
}

// Mark returns how far this disk has followed the changelog; ok is false if it never has.
func (t *Task) Mark() (m state.Mark, ok bool, err error) {
	b, err := t.get(t.mark)
	if err != nil {
		return m, false, fmt.Errorf("reading the mark of the state: %w", err)
	}
	if b == nil {
		return m, false, nil
	}
	if m, err = state.DecodeMark(b); err != nil {
		return m, false, fmt.Errorf("reading the mark of the state: %w", err)
	}
	return m, true, nil
}

// Put writes entries. They are not written as one: a crash may leave the first of them.
func (t *Task) Put(entries []state.Entry) error {
	for len(entries) > 0 {
		n := 0
		if err := t.update(func(b *badger.DB, txn *badger.Txn) (err error) {
			n, err = t.put(b, txn, entries)
			return err
		}); err != nil {
			return fmt.Errorf("writing %d keys of state: %w", len(entries), err)
		}
		t.sum.known, entries = true, entries[n:]
	}
	return nil
}

// put takes as many of the entries into a transaction as fit.
func (t *Task) put(b *badger.DB, txn *badger.Txn, entries []state.Entry) (n int, err error) {
	if !t.sum.known {
		if err := t.sum.check(txn); err != nil {
			return 0, err
		}
	}
	t.sum.known = false // until it is written
	bytes := int64(sealed)
	for ; n < len(entries) && int64(n)+1+unseen < b.MaxBatchCount(); n++ {
		e := entries[n]
		bytes += int64(len(t.prefix)+len(e.Key)+len(e.Value)) + entryBytes
		if n > 0 && bytes >= b.MaxBatchSize() {
			break
		}
		if err := t.sum.set(txn, []byte(t.prefix+e.Key), e.Value); err != nil {
			return n, fmt.Errorf("key %q: %w", e.Key, err)
		}
	}
	return n, t.sum.seal(txn)
}

// update commits what fn does, unless there is no room for what that sets off.
func (t *Task) update(fn func(*badger.DB, *badger.Txn) error) error {
	if err := t.db.room(); err != nil {
		return err
	}
	return t.db.use(t.number, func(b *badger.DB) error {
		return b.Update(func(txn *badger.Txn) error { return fn(b, txn) })
	})
}

// PutMark writes the mark, after the keys that it speaks of, and the sum of those with it: a mark that is there has one to be
// held against, also if there was nothing to write but marks for long and what is older is lost.
func (t *Task) PutMark(m state.Mark) error {
	err := t.update(func(_ *badger.DB, txn *badger.Txn) error {
		if !t.sum.known {
			if err := t.sum.check(txn); err != nil {
				return err
			}
		}
		if err := txn.Set(t.mark, m.Encode()); err != nil {
			return err
		}
		return t.sum.seal(txn)
	})
	if err != nil {
		return fmt.Errorf("writing the mark of the state: %w", err)
	}
	return nil
}

// Write writes entries, then the mark.
func (t *Task) Write(entries []state.Entry, m state.Mark) error {
	if err := t.Put(entries); err != nil {
		return err
	}
	return t.PutMark(m)
}

// MarkAge is how old a mark is at now. A mark from the future (the clock was set back) has no age to trust: it is taken
// for very old.
func MarkAge(m state.Mark, now time.Time) time.Duration {
	age := now.Sub(time.UnixMilli(m.WallMS))
	if age < -time.Minute {
		return 1<<63 - 1
	}
	return max(age, 0)
}

// Now is the point before which everything that was written so far lies; for Sweep.
func (t *Task) Now() (at uint64, err error) {
	err = t.view(func(txn *badger.Txn) error { at = txn.ReadTs(); return nil })
	return at, err
}

// sweepBatch bounds the keys that Sweep holds at a time.
const sweepBatch = 10_000

// Sweep deletes the task's keys that were last written before a point given by Now, and returns how many those were.
// With it, a restore from the changelog's start drops keys whose tombstones the changelog has long forgotten, without
// holding the set of those it has seen: what it has seen, it has written. It ends early, with ctx's error, when ctx does.
func (t *Task) Sweep(ctx context.Context, before uint64) (swept int, err error) {
	from := ""
	for {
		var old []state.Entry
		last := ""
		err := t.view(func(txn *badger.Txn) error {
			it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: false, Prefix: []byte(t.prefix)})
			defer it.Close()
			for it.Seek([]byte(t.prefix + from)); it.Valid() && len(old) < sweepBatch; it.Next() {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				last = string(it.Item().Key()[len(t.prefix):])
				if it.Item().Version() <= before {
					old = append(old, state.Entry{Key: last})
				}
			}
			return nil
		})
		if err != nil {
			return swept, fmt.Errorf("sweeping state: %w", err)
		}
		if len(old) == 0 {
			return swept, nil
		}
		if err := t.Put(old); err != nil {
			return swept, fmt.Errorf("sweeping state: %w", err)
		}
		swept += len(old)
		from = last
	}
}
