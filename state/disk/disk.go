package disk

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// DB is the database of this process. Its tasks may be used from several goroutines.
type DB struct {
	badger *badger.DB
}

// ErrInUse is wrapped by Open's error if another process has the directory.
var ErrInUse = errors.New("in use by another process")

// Open opens the database in dir, made if absent; an empty dir means in memory. One that does not open because its
// files are damaged is moved to dir.damaged-TIME, which the log says, and an empty one takes its place: the tasks then
// restore from their changelogs. logger may be nil.
func Open(dir string, logger *slog.Logger) (*DB, error) {
	if logger == nil {
		logger = slog.Default()
	}
	if dir == "" {
		b, err := open(badgerOptions(""))
		if err != nil {
			return nil, fmt.Errorf("opening state in memory: %w", err)
		}
		return &DB{b}, nil
	}
	b, err := openOrRebuild(badgerOptions(dir), func(aside string, err error) {
		logger.Error("state on this disk is damaged; moved aside, rebuilding from the changelogs",
			"dir", dir, "moved_to", aside, "err", err)
	})
	if err != nil {
		return nil, fmt.Errorf("opening state in %s: %w", dir, err)
	}
	return &DB{b}, nil
}

// openOrRebuild opens the database in o.Dir. A damaged one is moved aside, which moved says, and an empty one takes its
// place.
func openOrRebuild(o badger.Options, moved func(aside string, err error)) (*badger.DB, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	b, err := open(o)
	if err == nil || !damaged(err) {
		return b, err
	}
	aside := fmt.Sprintf("%s.damaged-%s", filepath.Clean(o.Dir), time.Now().UTC().Format("20060102T150405.000000000Z"))
	if merr := os.Rename(o.Dir, aside); merr != nil {
		return nil, fmt.Errorf("%w (and moving it aside: %w)", err, merr)
	}
	moved(aside, err)
	return open(o)
}

// Close syncs and closes. The tasks must not be used after.
func (db *DB) Close() error {
	if err := db.badger.Close(); err != nil {
		return fmt.Errorf("closing state: %w", err)
	}
	return nil
}

// open opens Badger. Some damage makes it panic instead of returning an error; here both are errors.
func open(o badger.Options) (b *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("badger gave up: %v", p)
		}
	}()
	b, err = badger.Open(o)
	if err != nil && strings.Contains(err.Error(), "Cannot acquire directory lock") {
		return nil, fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return b, err
}

// damaged tells the errors that a fresh directory would cure from those that it would not.
func damaged(err error) bool {
	for _, other := range []error{
		ErrInUse, os.ErrPermission, syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.EROFS, syscall.ENOMEM,
		badger.ErrWindowsNotSupported,
	} {
		if errors.Is(err, other) {
			return false
		}
	}
	// Badger flattens some of its errors to text.
	for _, other := range []error{
		os.ErrPermission, syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.EROFS, syscall.ENOMEM,
	} {
		if strings.Contains(err.Error(), other.Error()) {
			return false
		}
	}
	return true
}

// badgerOptions are for one small box: about 100 MB with three stages. A checkpoint of 10,000 keys takes 60 ms.
func badgerOptions(dir string) badger.Options {
	return badger.DefaultOptions(dir).
		WithInMemory(dir == "").
		WithSyncWrites(dir != "").
		WithLogger(nil).
		WithMetricsEnabled(true).
		WithDetectConflicts(false). // each task has one writer and keys of its own
		WithNumVersionsToKeep(1).
		WithMemTableSize(16 << 20).
		WithNumMemtables(2).
		WithNumLevelZeroTables(2).
		WithNumLevelZeroTablesStall(6).
		WithValueLogFileSize(64 << 20).
		WithValueThreshold(1 << 20). // values stay in the tree: no value log to collect
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithCompactL0OnClose(false).
		WithNumCompactors(2)
}
