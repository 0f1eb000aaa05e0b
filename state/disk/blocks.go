package disk

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/dgraph-io/badger/v4"

	"github.com/netsu/netsu/state"
)

// Blocks is a database of whole values, written several keys as one: what a Batch commits is there whole or not at all,
// whenever the process dies. It does not sync: a loss of power may take the latest batches, in their order, so a batch
// that holds the position that it reached says itself what is to be read again. One goroutine writes; others may read
// meanwhile.
type Blocks struct {
	badger *badger.DB
}

// OpenBlocks opens the database in dir, made if absent; an empty dir means in memory. A damaged one is moved aside, as
// Open does, which the log says. logger may be nil.
func OpenBlocks(dir string, logger *slog.Logger) (*Blocks, error) {
	if logger == nil {
		logger = slog.Default()
	}
	o := badgerOptions(dir).WithSyncWrites(false)
	var b *badger.DB
	var err error
	if dir == "" {
		b, err = open(o)
	} else {
		b, err = openOrRebuild(o, func(aside string, err error) {
			logger.Error("a database on this disk is damaged; moved aside, beginning anew", "dir", dir, "moved_to", aside, "err", err)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	return &Blocks{b}, nil
}

// Close closes the database. It must not be used after.
func (b *Blocks) Close() error {
	if err := b.badger.Close(); err != nil {
		return fmt.Errorf("closing a database: %w", err)
	}
	return nil
}

// DiskBytes is what the tables take on disk, as of about a minute ago; what is in memory is not in it.
func (b *Blocks) DiskBytes() int64 {
	lsm, _ := b.badger.Size()
	return lsm
}

// Tidy merges what was overwritten and deleted out of the tables. It takes long; nothing depends on it.
func (b *Blocks) Tidy() error { return b.badger.Flatten(1) }

// Snapshot is the database as of one moment.
type Snapshot struct{ txn *badger.Txn }

// View calls fn with the database as it is now.
func (b *Blocks) View(fn func(Snapshot) error) error {
	return b.badger.View(func(txn *badger.Txn) error { return fn(Snapshot{txn}) })
}

// Get returns a value, nil if there is none.
func (s Snapshot) Get(key string) ([]byte, error) { return get(s.txn, []byte(key)) }

func get(txn *badger.Txn, key []byte) ([]byte, error) {
	item, err := txn.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return copyOf(item)
}

// Each calls fn with the keys that begin with prefix, in order, from the key given on ("": the first), until it is false.
// size is that of the value, which value reads.
func (s Snapshot) Each(prefix, from string, fn func(key string, size int64, value func() ([]byte, error)) (bool, error)) error {
	it := s.txn.NewIterator(badger.IteratorOptions{PrefetchValues: false, Prefix: []byte(prefix)})
	defer it.Close()
	for it.Seek([]byte(max(from, prefix))); it.Valid(); it.Next() {
		item := it.Item()
		more, err := fn(string(item.Key()), item.ValueSize(), func() ([]byte, error) { return copyOf(item) })
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// ErrBatchFull is returned by Put where a batch takes no more: commit it and go on with another.
var ErrBatchFull = errors.New("the batch is full")

// Batch is a set of writes. It sees its own.
type Batch struct {
	db    *badger.DB
	txn   *badger.Txn
	bytes int64
	keys  int64
}

// entryBytes is more than Badger adds to a key and its value, and what it asks beside them.
const entryBytes = 64

// Batch begins one. It must be committed or dropped.
func (b *Blocks) Batch() *Batch { return &Batch{db: b.badger, txn: b.badger.NewTransaction(true)} }

// Get returns a value, nil if there is none.
func (b *Batch) Get(key string) ([]byte, error) { return get(b.txn, []byte(key)) }

// Put takes entries in, all of them or, with ErrBatchFull, none. They are the batch's from here on.
func (b *Batch) Put(entries []state.Entry) error {
	bytes := b.bytes
	for _, e := range entries {
		bytes += int64(len(e.Key)+len(e.Value)) + entryBytes
	}
	keys := b.keys + int64(len(entries))
	if b.keys > 0 && (bytes >= b.db.MaxBatchSize() || keys >= b.db.MaxBatchCount()) {
		return ErrBatchFull
	}
	for _, e := range entries {
		var err error
		if e.Value == nil {
			err = b.txn.Delete([]byte(e.Key))
		} else {
			err = b.txn.Set([]byte(e.Key), e.Value)
		}
		if err != nil {
			return fmt.Errorf("writing %q: %w", e.Key, err)
		}
	}
	b.bytes, b.keys = bytes, keys
	return nil
}

// Commit writes the batch, all of it or, with an error, nothing.
func (b *Batch) Commit() error {
	if err := b.txn.Commit(); err != nil {
		return fmt.Errorf("writing a batch: %w", err)
	}
	return nil
}

// Drop forgets the batch; after Commit it does nothing.
func (b *Batch) Drop() { b.txn.Discard() }
