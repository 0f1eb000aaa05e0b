package disk

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/y"
)

var (
	// ErrDamaged is wrapped by errors that say that what lies on disk is not what was written.
	ErrDamaged = errors.New("damaged")
	// ErrReplaced is returned to those who still use a database that has been replaced since: what they remember of it is
	// worth nothing any more, they begin again with another handle.
	ErrReplaced = errors.New("the database was damaged and has been replaced; begin again")
)

// careful runs what reads the database. Where a page cannot be read, the kernel answers with a signal; where bytes were
// flipped, Badger may panic. Both are errors here.
func careful(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: reading it ended with: %.300v", ErrDamaged, p)
		}
	}()
	if err = fn(); errors.Is(err, y.ErrChecksumMismatch) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// isDamage tells the errors of reading that say so.
func isDamage(err error) bool { return errors.Is(err, ErrDamaged) && !errors.Is(err, ErrReplaced) }

// damaged tells the errors of opening that a fresh directory would cure from those that it would not.
func damaged(err error) bool {
	for _, other := range []error{
		ErrInUse, ErrNoRoom, ErrReadOnly, os.ErrPermission, syscall.ENOSPC, syscall.EMFILE, syscall.ENFILE, syscall.EROFS,
		syscall.ENOMEM, badger.ErrWindowsNotSupported,
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
