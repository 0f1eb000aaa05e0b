package tape

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Kept is what is on tape.
type Kept struct {
	Files int
	Bytes int64
	// Latest is when the latest of them began; zero: there is none.
	Latest time.Time
	// Gone is what this sweep took away.
	Gone int
}

// Sweep takes away files that began before a time, and then the oldest until all together have at most maxBytes (0: any
// number). A file that is being written is the newest of its topic and goes last.
func Sweep(dir string, beforeMS, maxBytes int64) (Kept, error) {
	topics, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Kept{}, nil
	}
	if err != nil {
		return Kept{}, fmt.Errorf("sweeping tapes: %w", err)
	}
	var all []file
	var bytes int64
	for _, t := range topics {
		files, err := filesIn(filepath.Join(dir, t.Name()))
		if err != nil {
			return Kept{}, err
		}
		for _, f := range files {
			all, bytes = append(all, f), bytes+f.bytes
		}
	}
	slices.SortFunc(all, func(a, b file) int { return int(min(1, max(-1, a.startMS-b.startMS))) })
	k := Kept{Files: len(all), Bytes: bytes}
	if len(all) > 0 {
		k.Latest = time.UnixMilli(all[len(all)-1].startMS)
	}
	for _, f := range all {
		if f.startMS >= beforeMS && (maxBytes == 0 || k.Bytes <= maxBytes) {
			break
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return k, fmt.Errorf("sweeping tapes: %w", err)
		}
		_ = os.Remove(filepath.Dir(f.path)) // goes if it is empty
		k.Files, k.Bytes, k.Gone = k.Files-1, k.Bytes-f.bytes, k.Gone+1
	}
	return k, nil
}
