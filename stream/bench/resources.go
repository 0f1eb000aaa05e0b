package bench

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"

	"github.com/netsu/netsu/stream/fold"
)

// resources are what this process holds now, beside what it has used.
type resources struct {
	Live       int64 `json:"live_bytes,omitempty"` // heap that the latest garbage collection left
	Resident   int64 `json:"resident_bytes,omitempty"`
	Goroutines int64 `json:"goroutines,omitempty"`
	Files      int64 `json:"files,omitempty"`
	State      int64 `json:"state_bytes,omitempty"` // on disk
	History    int64 `json:"history_bytes,omitempty"`
	Tape       int64 `json:"tape_bytes,omitempty"`
	Behind     int64 `json:"behind,omitempty"` // records that the folds have yet to fold
}

func held(dir string, folds []fold.Status) (resources, error) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	r := resources{Live: int64(live[0].Value.Uint64()), Resident: statusBytes("VmRSS:"), Goroutines: int64(runtime.NumGoroutine())}
	for _, stage := range folds {
		for _, t := range stage.Tasks {
			r.Behind += max(0, t.End-t.Offset)
		}
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return r, err
	}
	r.Files = int64(len(files))
	for name, size := range map[string]*int64{"state": &r.State, "history": &r.History, "tape": &r.Tape} {
		n, e := sizeOf(filepath.Join(dir, name))
		*size, err = n, errors.Join(err, e)
	}
	return r, err
}

// sizeOf is how much a directory takes on disk. What goes while it is looked at takes nothing.
func sizeOf(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			n += onDisk(info)
		}
		return err
	})
	return n, err
}

// statusBytes reads a mark of Linux's about this process; 0: unknown.
func statusBytes(mark string) int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, found := bytes.Cut(b, []byte(mark))
	if !found {
		return 0
	}
	kib, err := strconv.ParseInt(string(bytes.Fields(after)[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
