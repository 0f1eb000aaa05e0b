package disk

import (
	"cmp"
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
	db     *database
	number int // of the one that is written; see Renew
	sum    sum
}

// OpenBlocks opens the database in dir, made if absent; an empty dir means in memory. A damaged one is moved aside, as
// Open does, which the log says; what it holds is read once to know that. logger may be nil.
func OpenBlocks(dir string, logger *slog.Logger) (*Blocks, error) {
	// A batch must fit into a sixth of a memory table, and is made as one of all that is known of a meter.
	o := badgerOptions(dir).WithSyncWrites(false).WithMemTableSize(16 << 20).WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(6)
	d, err := openDatabase(o, blocksReserve, logMoved(logger, dir, "a database", "beginning anew"))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", cmp.Or(dir, "a database in memory"), err)
	}
	b := &Blocks{db: d, sum: sum{at: []byte("\x00sum")}}
	if err := b.Renew(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", dir, err), d.close())
	}
	return b, nil
}

// Renew goes on with the database that is there now, if the one before was damaged: an empty one. The writer calls it,
// before it reads again how far that is.
func (b *Blocks) Renew() error {
	if b.sum.known && b.number == b.db.now() {
		return nil
	}
	for range 2 { // the second is empty
		b.number = b.db.now()
		b.sum.known = false
		err := b.db.use(b.number, func(db *badger.DB) error { return db.View(b.sum.check) })
		if !errors.Is(err, ErrReplaced) {
			return err
		}
	}
	return ErrReplaced
}

// Close closes the database. It must not be used after.
func (b *Blocks) Close() error {
	if err := b.db.close(); err != nil {
		return fmt.Errorf("closing a database: %w", err)
	}
	return nil
}

// DiskBytes is what the tables take on disk, as of about a minute ago; what is in memory is not in it.
func (b *Blocks) DiskBytes() int64 {
	now, _ := b.db.opened()
	if now == nil {
		return 0
	}
	lsm, _ := now.Size()
	return lsm
}

// Tidy merges what was overwritten and deleted out of the tables. It takes long; nothing depends on it.
func (b *Blocks) Tidy() error {
	return b.db.use(b.number, func(db *badger.DB) error { return db.Flatten(1) })
}

// Snapshot is the database as of one moment.
type Snapshot struct{ txn *badger.Txn }

// View calls fn with the database as it is now. fn reads from it alone, so it sees an error of the disk by itself, and
// what it does wrong is its own.
func (b *Blocks) View(fn func(Snapshot) error) error {
	number := b.db.now()
	db, err := b.db.enter(number)
	if err != nil {
		return err
	}
	err = db.View(func(txn *badger.Txn) error { return fn(Snapshot{txn}) })
	b.db.leave()
	return b.db.judge(number, err)
}

// Get returns a value, nil if there is none.
func (s Snapshot) Get(key string) (v []byte, err error) {
	return v, careful(func() error { v, err = get(s.txn, []byte(key)); return err })
}

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
	return each(s.txn, prefix, max(from, prefix), func(item *badger.Item) (bool, error) {
		return fn(string(item.Key()), item.ValueSize(), func() (v []byte, err error) {
			return v, careful(func() error { v, err = copyOf(item); return err })
		})
	})
}

// each calls fn with the items whose keys begin with prefix, in order, from the key given on, until it is false. What goes
// wrong in fn does not count as damage, unless fn says so.
func each(txn *badger.Txn, prefix, from string, fn func(*badger.Item) (bool, error)) error {
	it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: false, Prefix: []byte(prefix)})
	defer it.Close()
	step := func() { it.Seek([]byte(from)) }
	for {
		var item *badger.Item
		if err := careful(func() error {
			if step(); it.Valid() {
				item = it.Item()
			}
			return nil
		}); err != nil || item == nil {
			return err
		}
		if more, err := fn(item); err != nil || !more {
			return err
		}
		step = it.Next
	}
}

// ErrBatchFull is returned by Put where a batch takes no more: commit it and go on with another.
var ErrBatchFull = errors.New("the batch is full")

// Batch is a set of writes. It sees its own.
type Batch struct {
	of    *Blocks
	sum   sum
	db    *badger.DB // nil: it has ended, or never began
	txn   *badger.Txn
	bytes int64
	keys  int64 // put
	err   error // why it never began
}

// entryBytes is more than Badger adds to a key and its value, and what it asks beside them.
const entryBytes = 64

// Batch begins one. It must be committed or dropped.
func (b *Blocks) Batch() *Batch {
	w := &Batch{of: b, sum: b.sum, bytes: sealed}
	if w.db, w.err = b.db.enter(b.number); w.err == nil {
		w.txn = w.db.NewTransaction(true)
	}
	return w
}

// Get returns a value, nil if there is none.
func (b *Batch) Get(key string) (v []byte, err error) {
	return v, b.do(func() error { v, err = get(b.txn, []byte(key)); return err })
}

// do ends the batch if the database is found to be damaged.
func (b *Batch) do(fn func() error) error {
	if b.err != nil {
		return b.err
	}
	if err := careful(fn); err != nil {
		if isDamage(err) {
			b.Drop()
			b.err = b.of.db.judge(b.of.number, err)
			return b.err
		}
		return err
	}
	return nil
}

// Put takes entries in, all of them or, with ErrBatchFull, none. They are the batch's from here on.
func (b *Batch) Put(entries []state.Entry) error {
	if b.err != nil {
		return b.err
	}
	bytes := b.bytes
	for _, e := range entries {
		bytes += int64(len(e.Key)+len(e.Value)) + entryBytes
	}
	keys := b.keys + int64(len(entries))
	if b.keys > 0 && (bytes >= b.db.MaxBatchSize() || keys+unseen >= b.db.MaxBatchCount()) {
		return ErrBatchFull
	}
	for _, e := range entries {
		if err := b.do(func() error { return b.sum.set(b.txn, []byte(e.Key), e.Value) }); err != nil {
			return fmt.Errorf("writing %q: %w", e.Key, err)
		}
	}
	b.bytes, b.keys = bytes, keys
	return nil
}

// Commit writes the batch, all of it or, with an error, nothing.
func (b *Batch) Commit() error {
	if b.keys == 0 && b.err == nil {
		b.Drop()
		return nil
	}
	err := b.of.db.room()
	if err == nil {
		err = b.do(func() error {
			if err := b.sum.seal(b.txn); err != nil {
				return err
			}
			return b.txn.Commit()
		})
	}
	if err != nil {
		return fmt.Errorf("writing a batch: %w", err)
	}
	b.of.sum = b.sum
	b.Drop()
	return nil
}

// Drop forgets the batch; after Commit it does nothing.
func (b *Batch) Drop() {
	if b.db != nil {
		b.txn.Discard()
		b.db = nil
		b.of.db.leave()
	}
}
