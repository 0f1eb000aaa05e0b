package bench

import (
	"bytes"
	"os"
	"strconv"
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

// peakRSS reads Linux's own mark. The one of getrusage would not do: it begins with the parent's, from before the exec.
func peakRSS() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, found := bytes.Cut(b, []byte("VmHWM:"))
	if !found {
		return 0
	}
	kib, err := strconv.ParseInt(string(bytes.Fields(after)[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
