package disk

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// database is the Badger in a directory, or rather the Badgers, one after the other: one that turns out to be damaged is
// replaced while others use it. Each has a number, which those who use it have from when they began. A replacement has the
// next: whoever comes with the old one gets ErrReplaced, and so cannot take an empty database for one that knows nothing.
//
//	enter(n) ─▶ use ─▶ leave                  damage: n+1, wait until all have left, close, move aside, open anew
type database struct {
	options badger.Options
	reserve int64                         // bytes that must stay free
	moved   func(aside string, err error) // says that a damaged one was moved aside

	mu       sync.Mutex
	change   sync.Cond // of users, of busy
	badger   *badger.DB
	number   int
	users    int
	busy     bool // being replaced
	closed   bool
	replaced int             // since the start
	sums     map[string]*sum // by prefix, of the one in use; one for each part that this process has had
}

// sum is that of a part of the one in use, whoever writes there now, and its number.
func (d *database) sum(prefix, at string) (number int, s *sum) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s = d.sums[prefix]; s == nil || s.of != d.number {
		s = &sum{of: d.number, prefix: prefix, at: []byte(at)}
		d.sums[prefix] = s
	}
	return d.number, s
}

// openDatabase opens what is in o.Dir, made if absent. One that does not open is moved aside, and an empty one takes its
// place.
func openDatabase(o badger.Options, reserve int64, moved func(string, error)) (*database, error) {
	d := &database{options: o, reserve: reserve, moved: moved, sums: map[string]*sum{}}
	d.change.L = &d.mu
	if o.InMemory {
		var err error
		d.badger, err = open(o)
		return d, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	if err := Room(o.Dir, reserve); err != nil {
		return nil, err
	}
	var err error
	if d.badger, err = open(o); err == nil || !damaged(err) {
		return d, err
	}
	// Another process may have opened it since, and moves files under our eyes.
	lock, lockErr := lockDir(o.Dir)
	if lockErr != nil {
		return nil, errors.Join(lockErr, err)
	}
	defer lock.Close()
	d.replaced++
	if err = d.aside(err); err == nil {
		d.badger, err = open(o)
	}
	return d, err
}

// lockDir takes the lock that Badger has on a directory while it is open.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w: locking %s: %w", ErrInUse, dir, err)
	}
	return f, nil
}

// aside moves the directory to one beside it, of which the latest stays: to be looked into, and bounded.
func (d *database) aside(cause error) error {
	dir := filepath.Clean(d.options.Dir)
	to := fmt.Sprintf("%s.damaged-%s", dir, time.Now().UTC().Format("20060102T150405.000000000Z"))
	if err := os.Rename(dir, to); err != nil {
		return fmt.Errorf("%w (and moving it aside: %w)", cause, err)
	}
	d.moved(to, cause)
	old, _ := filepath.Glob(dir + ".damaged-*") // the pattern is well-formed unless dir is odd; then all stay
	for _, o := range slices.DeleteFunc(old, func(o string) bool { return o == to }) {
		if err := os.RemoveAll(o); err != nil {
			return fmt.Errorf("removing what was moved aside before: %w", err)
		}
	}
	return os.MkdirAll(dir, 0o700)
}

// now is the number of the one in use.
func (d *database) now() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.number
}

// enter is followed by leave.
func (d *database) enter(number int) (*badger.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.busy && number == d.number {
		d.change.Wait()
	}
	switch {
	case d.closed:
		return nil, badger.ErrDBClosed
	case number != d.number: // at once: who reads within a scan is waited for as the scan
		return nil, ErrReplaced
	case d.badger == nil: // a replacement could not be opened: there was no room, say
		b, err := open(d.options)
		if err != nil {
			return nil, fmt.Errorf("opening the replacement of a damaged database in %s: %w", d.options.Dir, err)
		}
		d.badger = b
	}
	d.users++
	return d.badger, nil
}

func (d *database) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users--
	d.change.Broadcast()
}

// use runs fn with the database of a number, and replaces that database if fn finds it damaged.
func (d *database) use(number int, fn func(*badger.DB) error) error {
	b, err := d.enter(number)
	if err != nil {
		return err
	}
	err = careful(func() error { return fn(b) })
	d.leave()
	return d.judge(number, err)
}

// judge has the database of a number replaced if err says that it is damaged. What it was doing is over then.
func (d *database) judge(number int, err error) error {
	if !isDamage(err) {
		return err
	}
	if err := d.room(); err != nil { // closing it writes, and an empty one needs room too
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.number == number && !d.closed { // of those who find the damage at the same time, the first
		d.number, d.busy = d.number+1, true
		d.replaced++
		go d.replace(err)
	}
	return fmt.Errorf("%w (%w)", ErrReplaced, err)
}

// replace puts an empty database in the place of a damaged one, when all have left that. Should that fail, enter opens
// what is there, and says what is wrong.
func (d *database) replace(cause error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.users > 0 {
		d.change.Wait()
	}
	old := d.badger
	d.badger = nil
	d.mu.Unlock()
	_ = careful(old.Close) // what it still says of its damage is of no interest
	var fresh *badger.DB
	err := error(nil)
	if !d.options.InMemory {
		err = d.aside(cause)
	}
	if err == nil {
		if fresh, err = open(d.options); err != nil {
			fresh = nil
		}
	}
	d.mu.Lock()
	d.badger, d.busy = fresh, false
	d.change.Broadcast()
}

// room tells whether a write may be tried.
func (d *database) room() error {
	if d.options.InMemory {
		return nil
	}
	return Room(d.options.Dir, d.reserve)
}

// close closes the database. Without room for what is still to be flushed it is left as it is: its log has all of it.
func (d *database) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.busy || d.users > 0 {
		d.change.Wait()
	}
	if d.closed {
		return nil
	}
	d.closed = true
	if d.badger == nil || d.room() != nil && d.options.SyncWrites {
		return nil
	}
	return careful(d.badger.Close)
}

// opened is the Badger in use, nil between two and after the end, and how many were damaged; for its numbers.
func (d *database) opened() (*badger.DB, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.busy {
		return nil, d.replaced
	}
	return d.badger, d.replaced
}

func logMoved(log *slog.Logger, dir, what, next string) func(string, error) {
	if log == nil {
		log = slog.Default()
	}
	return func(aside string, err error) {
		log.Error(what+" on this disk is damaged; moved aside, "+next, "dir", dir, "moved_to", aside, "err", err)
	}
}
