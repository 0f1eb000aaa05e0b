package stream_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/fold"
)

// A child that is traced looks at its tasks all the time and tells each change down a pipe. What is in the pipe when it is
// killed is still read.

// sighting is a task of a process as of a moment; with URL alone, where the process serves.
type sighting struct {
	AtUS      int64 // of the machine's clock, which all children share
	URL       string
	Stage     string
	Partition int32
	State     fold.State // "": it is gone
	Offset    int64
	Reason    string
}

// sightEvery is how exact a trace is.
const sightEvery = 5 * time.Millisecond

func trace(p *stream.Program, to io.Writer) {
	say := json.NewEncoder(to)
	say.Encode(sighting{AtUS: time.Now().UnixMicro(), URL: p.URL()})
	was := map[string]sighting{}
	for range time.Tick(sightEvery) {
		now, at := map[string]sighting{}, time.Now().UnixMicro()
		for _, s := range p.Folds() {
			for _, t := range s.Tasks {
				now[fmt.Sprint(s.Stage, t.Partition)] = sighting{AtUS: at, Stage: s.Stage, Partition: t.Partition, State: t.State,
					Offset: t.Offset, Reason: t.Reason}
			}
		}
		for key, s := range was {
			if _, ok := now[key]; !ok {
				s.AtUS, s.State = at, ""
				say.Encode(s)
			}
		}
		for key, s := range now {
			if b, ok := was[key]; !ok || b.State != s.State || b.Offset != s.Offset || b.Reason != s.Reason {
				say.Encode(s)
			}
		}
		was = now
	}
}

// traced is what a child has told.
type traced struct {
	mu     sync.Mutex
	url    string
	all    []sighting
	latest map[string]sighting // of tasks that are there
}

func (t *traced) follow(from io.ReadCloser) {
	defer from.Close()
	for says := json.NewDecoder(from); ; {
		var s sighting
		if says.Decode(&s) != nil {
			return // its end, or a line that was cut off by it
		}
		t.mu.Lock()
		switch key := fmt.Sprint(s.Stage, s.Partition); {
		case s.URL != "":
			t.url = s.URL
		case s.State == "":
			t.all = append(t.all, s)
			delete(t.latest, key)
		default:
			t.all = append(t.all, s)
			if t.latest == nil {
				t.latest = map[string]sighting{}
			}
			t.latest[key] = s
		}
		t.mu.Unlock()
	}
}

// tasks are those that the child has now.
func (t *traced) tasks() []sighting {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Values(t.latest))
}

// tenure is a task's time in one process.
type tenure struct {
	who       string
	placed    int64 // when it was first seen
	running   int64 // when it ran first; 0: never
	folds     []sighting
	failures  []string
	partition string
}

// tenures are those of a child.
func (t *traced) tenures(who string) (all []*tenure) {
	t.mu.Lock()
	defer t.mu.Unlock()
	open := map[string]*tenure{}
	for _, s := range t.all {
		key := fmt.Sprintf("%s/%d", s.Stage, s.Partition)
		n := open[key]
		if n == nil {
			n = &tenure{who: who, placed: s.AtUS, partition: key}
			open[key] = n
			all = append(all, n)
		}
		switch s.State {
		case "":
			delete(open, key)
		case fold.Failed:
			n.failures = append(n.failures, s.Reason)
		case fold.Running:
			if n.running == 0 {
				n.running = s.AtUS
			}
			n.folds = append(n.folds, s)
		}
	}
	return all
}

// handover is a partition's way from one process to another.
type handover struct {
	partition, from, to string
	end                 int64         // when the next folded something new
	pause               time.Duration // since the former folded something last
	placed              time.Duration // of that: until the task was placed
	restored            time.Duration // then until it ran
	read                time.Duration // then until it folded something new
}

// handovers finds them in the tenures of all processes.
func handovers(all []*tenure) (out []handover) {
	by := map[string][]*tenure{}
	for _, t := range all {
		if len(t.folds) > 0 {
			by[t.partition] = append(by[t.partition], t)
		}
	}
	for partition, ts := range by {
		slices.SortFunc(ts, func(a, b *tenure) int { return cmp.Compare(a.placed, b.placed) })
		for i, next := range ts[1:] {
			last := ts[i].folds[len(ts[i].folds)-1]
			for _, s := range next.folds {
				if s.Offset > last.Offset {
					us := func(from, to int64) time.Duration { return time.Duration(to-from) * time.Microsecond }
					out = append(out, handover{partition, ts[i].who, next.who, s.AtUS, us(last.AtUS, s.AtUS),
						us(last.AtUS, next.placed), us(next.placed, next.running), us(next.running, s.AtUS)})
					break
				}
			}
		}
	}
	return out
}

// spread is the median and the maximum.
func spread(ds []time.Duration) string {
	if len(ds) == 0 {
		return "none"
	}
	slices.Sort(ds)
	ms := func(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }
	return ms(ds[len(ds)/2]) + "/" + ms(ds[len(ds)-1])
}

// report logs what the handovers of a move cost.
func report(t testing.TB, move string, hs []handover) {
	t.Helper()
	pick := func(f func(handover) time.Duration) string {
		var ds []time.Duration
		for _, h := range hs {
			ds = append(ds, f(h))
		}
		return spread(ds)
	}
	var each []string
	for _, h := range hs {
		each = append(each, fmt.Sprintf("%s %s→%s %d", h.partition, h.from, h.to, h.pause.Milliseconds()))
	}
	slices.Sort(each)
	t.Logf("%s: %d handovers; pause, median/greatest, ms: %s = placed %s + restored %s + read %s (%s)", move, len(hs),
		pick(func(h handover) time.Duration { return h.pause }), pick(func(h handover) time.Duration { return h.placed }),
		pick(func(h handover) time.Duration { return h.restored }), pick(func(h handover) time.Duration { return h.read }),
		strings.Join(each, ", "))
}
