package stream_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/sim"
)

// rss is how much memory a process has, and has had at the most.
func (p *process) rss(t *testing.T) (now, peak int64) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0 // it has ended
	}
	for line := range strings.Lines(string(b)) {
		var kB int64
		switch {
		case strings.HasPrefix(line, "VmRSS:"):
			fmt.Sscanf(line, "VmRSS: %d kB", &kB)
			now = kB << 10
		case strings.HasPrefix(line, "VmHWM:"):
			fmt.Sscanf(line, "VmHWM: %d kB", &kB)
			peak = kB << 10
		}
	}
	return now, peak
}

// TestKilledForMemory works a backlog off in processes that are killed whenever they take more than a bound, as the kernel
// does at a cgroup's limit, then in one whose soft limit is less than it would take. It goes on, and in the end every final
// number is that of an undisturbed run.
func TestKilledForMemory(t *testing.T) {
	seed := seedOf(t)
	lasts, rate, limit := time.Minute, 3., "40MiB"
	if *long {
		lasts, rate, limit = 4*time.Minute, 8, "150MiB"
	}
	sc := play(t, seed, lasts, rate, sim.Wire{Disorder: 3 * time.Second, DuplicateRate: .01, BadRate: .002})
	want := sc.undisturbed(t)
	e, err := broker.StartEmbedded(broker.EmbeddedSettings{Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	topics := broker.DefaultTopics()
	if _, err := broker.Create(ctx, e.Cluster(), topics, 2, 1); err != nil {
		t.Fatal(err)
	}
	c := child{DataDir: t.TempDir(), Brokers: []string{e.Addr()}, Prefix: broker.DefaultPrefix}
	if err := produce(ctx, e.Cluster(), topics, sc.records, 0); err != nil {
		t.Fatal(err)
	}
	// It passes each of these within half a second of its start, in the midst of the work: each a little later.
	for _, bound := range []int64{50 << 20, 65 << 20, 80 << 20} {
		p := start(t, c)
		began := time.Now()
		now, _ := p.rss(t)
		for now <= bound && ctx.Err() == nil {
			if how, over := p.ended(); over {
				t.Fatal("it ended by itself: ", how)
			}
			now, _ = p.rss(t)
		}
		t.Logf("killed at %d MiB, %v after its start", now>>20, time.Since(began).Round(time.Millisecond))
		p.kill()
	}
	t.Setenv("GOMEMLIMIT", limit)
	p := start(t, c)
	began := time.Now()
	got := settled(ctx, t, e.Cluster(), topics, sc.shows, 3*time.Second)
	_, peak := p.rss(t)
	t.Logf("with a soft limit of %s it was done after %v; it had %d MiB at the most", limit, time.Since(began), peak>>20)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("NETSU_TEST_SEED=%d: final meters differ:\n%s", seed, d)
	}
	if how, over := p.ended(); over {
		t.Errorf("the last process ended by itself: %s", how)
	}
}
