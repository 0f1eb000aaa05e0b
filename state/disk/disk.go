package disk

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// DB is the database of this process. Its tasks may be used from several goroutines.
type DB struct{ *database }

// ErrInUse is wrapped by Open's error if another process has the directory.
var ErrInUse = errors.New("in use by another process")

// Open opens the database in dir, made if absent; an empty dir means in memory. One whose files are damaged, which is
// found here or when it is read, is moved to dir.damaged-TIME, which the log says, and an empty one takes its place: the
// tasks then restore from their changelogs. logger may be nil.
func Open(dir string, logger *slog.Logger) (*DB, error) {
	d, err := openDatabase(badgerOptions(dir), stateReserve, logMoved(logger, dir, "state", "rebuilding from the changelogs"))
	if err != nil {
		return nil, fmt.Errorf("opening state in %s: %w", cmp.Or(dir, "memory"), err)
	}
	return &DB{d}, nil
}

// Close syncs and closes. The tasks must not be used after.
func (db *DB) Close() error {
	if err := db.close(); err != nil {
		return fmt.Errorf("closing state: %w", err)
	}
	return nil
}

// open opens Badger. Some damage makes it panic instead of returning an error; here both are errors.
func open(o badger.Options) (b *badger.DB, err error) {
	err = careful(func() (err error) {
		if !o.InMemory {
			lock, err := lockDir(o.Dir)
			if err != nil {
				return err
			}
			lock.Close()
			if err := readTables(o.Dir); err != nil {
				return err
			}
		}
		b, err = badger.Open(o)
		return err
	})
	if err != nil && strings.Contains(err.Error(), "Cannot acquire directory lock") {
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return b, err
}

// badgerOptions are for one small box. A checkpoint of 10,000 keys takes 60 ms.
//
// Badger keeps eight builders of tables, with what the largest table that each made has taken: 336 MiB of a heap of 1.4 GiB, in
// two databases with memory tables of 16 MiB. So these are small, and more of them are compacted at once.
func badgerOptions(dir string) badger.Options {
	return badger.DefaultOptions(dir).
		WithInMemory(dir == "").
		WithSyncWrites(dir != "").
		WithLogger(nil).
		WithMetricsEnabled(true).
		WithDetectConflicts(false). // each task has one writer and keys of its own
		WithNumVersionsToKeep(1).
		WithMemTableSize(8 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(4).
		WithNumLevelZeroTablesStall(12).
		WithValueLogFileSize(64 << 20).
		WithValueThreshold(1 << 20). // values stay in the tree: no value log to collect
		WithCompression(options.None).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithCompactL0OnClose(false).
		WithNumCompactors(2)
}
