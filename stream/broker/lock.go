package broker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lockDir makes the directory if need be and takes it for this process. The lock is the kernel's (flock), so it ends
// with the process however that ends; the file stays and means nothing by itself.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the data directory's lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("data directory %s is %w: stop it, or choose another directory", dir, ErrInUse)
	}
	return nil, fmt.Errorf("locking the data directory: %w", err)
}

func unlock(f *os.File) {
	if f != nil {
		f.Close() // the kernel drops the lock with the last descriptor
	}
}
