package bench

import (
	"io/fs"
	"syscall"
	"time"
)

// usage is what this process has used so far.
type usage struct {
	At      time.Time     `json:"at"`
	CPU     time.Duration `json:"cpu_ns"`         // user and system
	PeakRSS int64         `json:"peak_rss_bytes"` // 0: unknown
}

func used() usage { return usage{At: time.Now(), CPU: cpu(), PeakRSS: peakRSS()} }

func cpu() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0 // cannot fail with RUSAGE_SELF
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// peakRSS is Linux's own mark. The one of getrusage would not do: it begins with the parent's, from before the exec.
func peakRSS() int64 { return statusBytes("VmHWM:") }

// onDisk is what a file takes of its disk: Badger's logs are sparse.
func onDisk(f fs.FileInfo) int64 {
	if s, ok := f.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return f.Size()
}
