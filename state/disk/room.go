package disk

import (
	"errors"
	"fmt"
	"syscall"
)

var (
	// ErrNoRoom is wrapped by the errors of writes that were not tried, because the file system has too little room left.
	ErrNoRoom = errors.New("no room")
	// ErrReadOnly is wrapped by the errors of writes that were not tried, because the file system can be read only.
	ErrReadOnly = errors.New("read-only")
)

// What is left free. Badger writes through memory maps: where a page finds no room, the kernel does not return an error,
// it kills the process. So a write is refused while there is still room for what it may set off behind it: a table flushed
// from memory, a few being compacted. What can be missed leaves more, so that it stops first and what counts goes on.
const (
	stateReserve  = 128 << 20
	blocksReserve = 192 << 20
	// SpareReserve is for what is kept beside both: nothing depends on it.
	SpareReserve = 224 << 20
)

// Room tells whether dir, which exists, can be written to and has more than reserve bytes left for it. The error says
// what to do; whoever gets it tries again later, since a person makes room without telling us.
func Room(dir string, reserve int64) error {
	free, readOnly, err := statfs(dir)
	switch {
	case err != nil:
		return fmt.Errorf("asking how much room %s has: %w", dir, err)
	case readOnly:
		return fmt.Errorf("%w: the file system of %s can be read only now (an error of the device? see dmesg): mount it for "+
			"writing again, or choose another directory with --data-dir", ErrReadOnly, dir)
	case free < reserve:
		return fmt.Errorf("%w: the file system of %s has %d MiB left, %d MiB must stay free: make room there, and it goes on "+
			"by itself, or choose another directory with --data-dir", ErrNoRoom, dir, free>>20, reserve>>20)
	}
	return nil
}

func statfs(dir string) (free int64, readOnly bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false, err
	}
	const stRdonly = 1 // ST_RDONLY of statvfs(3), MNT_RDONLY of the BSDs
	return int64(s.Bavail) * int64(s.Bsize), s.Flags&stRdonly != 0, nil
}
