package disk

import (
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/netsu/netsu/state"
)

// Task is the part of the database that one task of a stage owns. It implements state.Backing. One goroutine writes;
// others may read meanwhile.
type Task struct {
	db     *badger.DB
	prefix string // "stage/00000003/k/"
	mark   []byte // key of the mark
}

var _ state.Backing = (*Task)(nil)

// Task returns the part of a stage's partition. Stage names contain no slash.
func (db *DB) Task(stage string, partition int32) *Task {
	p := fmt.Sprintf("%s/%08d/", stage, partition)
	return &Task{db.badger, p + "k/", []byte(p + "m")}
}

// Get implements state.Backing.
func (t *Task) Get(key string) ([]byte, error) { return t.get([]byte(t.prefix + key)) }

func (t *Task) get(key []byte) (v []byte, err error) {
	err = t.db.View(func(txn *badger.Txn) error {
		item, err := txn.Get(key)
		if errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		v, err = copyOf(item)
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
	return t.db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: false, Prefix: []byte(t.prefix)})
		defer it.Close()
		end := t.prefix + to
		for it.Seek([]byte(t.prefix + from)); it.Valid(); it.Next() {
			item := it.Item()
			if string(item.Key()) >= end {
				return nil
			}
			v, err := copyOf(item)
			if err != nil {
				return fmt.Errorf("reading state %q: %w", item.Key(), err)
			}
			if err := fn(string(item.Key()[len(t.prefix):]), v); err != nil {
				return err
			}
		}
		return nil
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

// Put writes entries. They are not written as one: a crash may leave some.
func (t *Task) Put(entries []state.Entry) error {
	w := t.db.NewWriteBatch()
	defer w.Cancel()
	for _, e := range entries {
		var err error
		if key := []byte(t.prefix + e.Key); e.Value == nil {
			err = w.Delete(key)
		} else {
			err = w.Set(key, e.Value)
		}
		if err != nil {
			return fmt.Errorf("writing state %q: %w", e.Key, err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing %d keys of state: %w", len(entries), err)
	}
	return nil
}

// PutMark writes the mark, after the keys that it speaks of.
func (t *Task) PutMark(m state.Mark) error {
	err := t.db.Update(func(txn *badger.Txn) error { return txn.Set(t.mark, m.Encode()) })
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
func (t *Task) Now() uint64 {
	txn := t.db.NewTransaction(false)
	defer txn.Discard()
	return txn.ReadTs()
}

// sweepBatch bounds the keys that Sweep holds at a time.
const sweepBatch = 10_000

// Sweep deletes the task's keys that were last written before a point given by Now, and returns how many those were.
// With it, a restore from the changelog's start drops keys whose tombstones the changelog has long forgotten, without
// holding the set of those it has seen: what it has seen, it has written.
func (t *Task) Sweep(before uint64) (swept int, err error) {
	from := ""
	for {
		var old []state.Entry
		last := ""
		err := t.db.View(func(txn *badger.Txn) error {
			it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: false, Prefix: []byte(t.prefix)})
			defer it.Close()
			for it.Seek([]byte(t.prefix + from)); it.Valid() && len(old) < sweepBatch; it.Next() {
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
