package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// result is what one server was measured at.
type result struct {
	kind        string
	subscribers int
	took        time.Duration
	deliveries  int64
	bytes       int64
	least, most int64 // deliveries of a subscriber
	changes     int64
	cpu         time.Duration
	idleKiB     float64 // resident a connection, subscribed and before anything was sent
	endKiB      float64 // and at the end
	p50, p99    int32
	worst       int32
	proved      int
}

func (r *result) perCore() float64 { return float64(r.deliveries) / r.cpu.Seconds() }

func (r *result) bytesPerFrame() int { return int(r.bytes / max(1, r.deliveries)) }

func (r *result) String() string {
	s := fmt.Sprintf("%-10s %d subscribers, %s: %d deliveries of %d bytes, %.0f per core-second (%.2f cores); "+
		"%d to %d each of %d changes; append to read p50 %d, p99 %d, worst %d ms; %.1f KiB resident a connection, %.1f at the end",
		r.kind, r.subscribers, r.took.Round(time.Second), r.deliveries, r.bytesPerFrame(), r.perCore(), r.cpu.Seconds()/r.took.Seconds(),
		r.least, r.most, r.changes, r.p50, r.p99, r.worst, r.idleKiB, r.endKiB)
	if r.proved > 0 {
		s += fmt.Sprintf("; %d followed the document and proved every state", r.proved)
	}
	return s
}

// measure runs one kind of server with its crowd.
func measure(ctx context.Context, kind string, p plan, size int) (*result, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	length := p.short
	args := []string{"serve", "-kind", kind, "-hz", fmt.Sprint(p.hz), "-size", strconv.Itoa(size)}
	var src *source
	if kind == "netsu" {
		length = p.long
		var err error
		if src, err = newSource(ctx); err != nil {
			return nil, err
		}
		defer src.close()
		if err := src.say(ctx); err != nil {
			return nil, err
		}
		args = append(args, "-brokers", src.embedded.Addr())
	}
	server, addr, err := start(ctx, args)
	if err != nil {
		return nil, err
	}
	defer func() {
		stop()
		_ = server.Wait() // it was told to end
	}()
	c, err := newCrowd(kind)
	if err != nil {
		return nil, err
	}
	defer c.close()
	time.Sleep(2 * time.Second) // it has caught up
	before := resident(server.Process.Pid)
	for i := range p.subscribers {
		if err := c.join(addr, kind == "netsu" && i < p.stalled); err != nil {
			return nil, err
		}
		if i%100 == 99 {
			if err := c.listen(time.Now().Add(time.Millisecond)); err != nil {
				return nil, err
			}
		}
	}
	if err := c.listen(time.Now().Add(3 * time.Second)); err != nil {
		return nil, err
	}
	r := &result{kind: kind, subscribers: p.subscribers, took: length, least: 1 << 62}
	r.idleKiB = float64(resident(server.Process.Pid)-before) / 1024 / float64(p.subscribers)
	if err := r.during(ctx, c, src, server.Process.Pid, p.hz, length); err != nil {
		return nil, err
	}
	r.endKiB = float64(resident(server.Process.Pid)-before) / 1024 / float64(p.subscribers)
	return r, nil
}

// during counts for as long as given.
func (r *result) during(ctx context.Context, c *crowd, src *source, pid int, hz float64, length time.Duration) error {
	failed := make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	warm := time.Now().Add(2 * time.Second)
	c.from = warm
	go func() {
		failed <- every(ctx, hz, func() {
			if src != nil && ctx.Err() == nil {
				if now := time.Now(); src.say(ctx) == nil && now.After(warm) && now.Before(warm.Add(length)) {
					r.changes++
				}
			}
		})
	}()
	if err := c.listen(warm); err != nil {
		return err
	}
	cpu := cpuOf(pid)
	if err := c.listen(warm.Add(length)); err != nil {
		return err
	}
	r.cpu = cpuOf(pid) - cpu
	stop()
	if err := <-failed; err != nil {
		return err
	}
	if src == nil {
		r.changes = int64(hz * length.Seconds())
	}
	r.deliveries, r.bytes = c.counted, c.bytes
	for _, one := range c.list {
		if !one.stalled {
			r.least, r.most = min(r.least, one.frames), max(r.most, one.frames)
		}
		if one.follower != nil && !one.stalled {
			r.proved++
		}
	}
	r.p50, r.p99, r.worst = c.quantile(.5), c.quantile(.99), c.quantile(1)
	return nil
}

// start runs this program again, as a server, and reads its address.
func start(ctx context.Context, args []string) (*exec.Cmd, string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", fmt.Errorf("finding this program: %w", err)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, "", fmt.Errorf("starting a server: %w", err)
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("a server that says no address: %w", err), cmd.Process.Kill(), cmd.Wait())
	}
	return cmd, strings.TrimSpace(addr), nil
}

// resident is a process's resident memory in bytes; 0 where it cannot be read.
func resident(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var total, pages int64
	if _, err := fmt.Sscan(string(b), &total, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// cpuOf is the CPU time of a process so far, from /proc in hundredths of a second.
func cpuOf(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, err1 := strconv.ParseInt(f[11], 10, 64)
	system, err2 := strconv.ParseInt(f[12], 10, 64)
	if err1 != nil || err2 != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}
