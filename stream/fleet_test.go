package stream_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/livemeter"
	"github.com/netsu/netsu/stream/fold"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/sim/oracle"
)

// fleet is some processes of one installation on a real Kafka, which come and go while a scenario's records arrive.
type fleet struct {
	t          *testing.T
	ctx        context.Context
	k          brokertest.Kafka
	partitions int32
	sc         scenario
	living     map[string]*process
	all        []*process
	names      []string // of all
	dirs       map[string]string
	moves      []move
	enough     chan struct{}
	produced   chan int
	watch      *viewer
}

// move is something that was done to the fleet.
type move struct {
	name string
	at   time.Time
}

// atFull tells whether the tests of fleets run at full length: more partitions, more moves, each with a settled minute.
func atFull() bool { return os.Getenv("NETSU_TEST_FLEET") == "full" }

// speed is how much faster than they happened the records arrive. A process that is killed is missed for 6 s; what it should
// have read waits, and must not become late (35 s).
const speed = 2.5

func newFleet(t *testing.T) *fleet {
	f := &fleet{t: t, k: brokertest.Real(t), partitions: 4, living: map[string]*process{}, dirs: map[string]string{},
		enough: make(chan struct{}), produced: make(chan int, 1), watch: &viewer{at: map[string][]time.Time{}}}
	lasts := 4 * time.Minute
	if atFull() {
		f.partitions, lasts = 12, 12*time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Minute)
	t.Cleanup(cancel)
	f.ctx = ctx
	f.k.Create(t, f.partitions)
	f.sc = play(t, seedOf(t), lasts, 6, sim.Wire{Disorder: 5 * time.Second, DuplicateRate: .01, BadRate: .002})
	return f
}

// load lets the records arrive until land.
func (f *fleet) load() {
	first, last := f.sc.records[0], f.sc.records[len(f.sc.records)-1]
	rate := float64(len(f.sc.records)) / float64(last.ArriveMS-first.ArriveMS) * 1000 * speed
	go func() {
		n, err := produceUntil(f.ctx, f.k.Cluster, f.k.Topics, f.sc.records, int(rate), f.enough)
		if err != nil {
			f.t.Error("producing:", err)
		}
		f.produced <- n
	}()
}

// start starts a process under a name, on the disk that the name had before.
func (f *fleet) start(name string, c child) *process {
	f.t.Helper()
	if f.dirs[name] == "" {
		f.dirs[name] = f.t.TempDir()
	}
	c.DataDir, c.Prefix, c.Traced, c.Brokers = f.dirs[name], f.k.Prefix, true, brokersOf(os.Getenv(brokertest.BrokersEnv))
	p := start(f.t, c)
	f.living[name] = p
	f.all, f.names = append(f.all, p), append(f.names, name)
	return p
}

// stop is SIGTERM.
func (f *fleet) stop(name string) {
	f.t.Helper()
	f.living[name].terminate(f.t)
	delete(f.living, name)
}

func (f *fleet) kill(name string) {
	f.living[name].kill()
	delete(f.living, name)
}

func (f *fleet) move(name string) { f.moves = append(f.moves, move{name, time.Now()}) }

// await waits until every partition of every stage runs in one living process, and each of those named has some. It gives
// the tasks some time then, so that a next move begins from rest.
func (f *fleet) await(each ...string) {
	f.t.Helper()
	if !f.until(func() bool {
		n, has := 0, map[string]bool{}
		for name, p := range f.living {
			for _, s := range p.trace.tasks() {
				if s.State != fold.Running {
					return false
				}
				n++
				has[name] = true
			}
		}
		for _, name := range each {
			if !has[name] {
				return false
			}
		}
		return n == 3*int(f.partitions)
	}) {
		f.t.Fatalf("the partitions do not all run: %s", f.say())
	}
	rest := time.Second
	if atFull() {
		rest = 6 * time.Second
	}
	select {
	case <-time.After(rest):
	case <-f.ctx.Done():
	}
}

func (f *fleet) until(ok func() bool) bool {
	for !ok() {
		for name, p := range f.living {
			if how, over := p.ended(); over {
				f.t.Fatalf("process %s ended by itself: %s", name, how)
			}
		}
		select {
		case <-f.ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
	}
	return true
}

func (f *fleet) say() string {
	var b strings.Builder
	for name, p := range f.living {
		b.WriteString(name + ":")
		for _, s := range p.trace.tasks() {
			line, _ := json.Marshal(s)
			b.Write(line)
		}
		b.WriteString("\n" + tail(p.out.String()) + "\n")
	}
	return b.String()
}

// land ends the load, lets all settle, and compares what is final with a quiet run of the same records and with the oracle.
func (f *fleet) land() {
	f.t.Helper()
	t := f.t
	close(f.enough)
	n := <-f.produced
	if n == len(f.sc.records) {
		t.Log("all records had arrived before the last move ended")
	}
	f.sc.truncate(n)
	got := settled(f.ctx, t, f.k.Cluster, f.k.Topics, f.sc.shows, 3*time.Second)
	want := f.sc.undisturbed(t)
	f.sc.judge(t, want)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("final meters differ from those of a quiet run:\n%s", d)
	}
	if d := cmp.Diff(f.sc.truth.Bad, deadLetters(f.ctx, t, f.k.Cluster, f.k.Topics)); d != "" {
		t.Errorf("dead letters by reason (-want +got):\n%s", d)
	}
	t.Logf("%d records, %d meters compared", n, len(want))
}

// truncate makes the scenario one of its first n records.
func (sc *scenario) truncate(n int) {
	sc.records = sc.records[:n]
	sc.truth.Bad = map[string]int64{}
	on := map[string]bool{}
	for _, r := range sc.records {
		if _, reason := oracle.Decode(r, "", time.Now().UnixMilli(), earliest.UnixMilli()); reason != "" {
			sc.truth.Bad[reason]++
		}
		var v struct {
			Show string `json:"show_id"`
		}
		if json.Unmarshal(r.Value, &v) == nil {
			on[v.Show] = true
		}
	}
	sc.shows = slices.DeleteFunc(sc.shows, func(id string) bool { return !on[id] })
}

// tenures are those of all processes.
func (f *fleet) tenures() (all []*tenure) {
	for i, p := range f.all {
		all = append(all, p.trace.tenures(f.names[i])...)
	}
	return all
}

// account logs what each move cost. That each moved something is await's to see to.
func (f *fleet) account() {
	f.t.Helper()
	hs := handovers(f.tenures())
	if len(hs) == 0 {
		f.t.Error("no partition is seen to have changed hands: the trace has lost its teeth")
	}
	raw := f.ingestPauses()
	for i, m := range f.moves {
		until := time.Now()
		if i+1 < len(f.moves) {
			until = f.moves[i+1].at
		}
		var mine []handover
		for _, h := range hs {
			if h.end >= m.at.UnixMicro() && h.end < until.UnixMicro() {
				mine = append(mine, h)
			}
		}
		report(f.t, m.name, mine)
		f.t.Logf("%s: a viewer waited for a frame, median/greatest ms: %s; ingest's log waited for a raw partition: %s", m.name,
			spread(f.watch.gaps(m.at, until)), spread(raw(m.at, until)))
	}
}

// undisturbedTasks fails where a task failed: what is done in order needs nobody to be fenced.
func (f *fleet) undisturbedTasks() {
	f.t.Helper()
	for _, n := range f.tenures() {
		if len(n.failures) > 0 {
			f.t.Errorf("task %s of process %s failed: %s", n.partition, n.who, n.failures[0])
		}
	}
}

// ingestPauses reads the journal for how long there was nothing new from each raw partition that is seldom silent.
func (f *fleet) ingestPauses() func(from, to time.Time) []time.Duration {
	type raw struct {
		topic     string
		partition int32
	}
	at := map[raw][]time.Time{}
	if err := readTopic(f.ctx, f.k.Cluster, f.k.Topics.Journal, func(r *kgo.Record) {
		var b eventpb.Block
		if err := b.UnmarshalVT(r.Value); err != nil {
			f.t.Fatal(err)
		}
		for _, s := range b.Sources {
			at[raw{s.Topic, s.Partition}] = append(at[raw{s.Topic, s.Partition}], r.Timestamp)
		}
	}); err != nil {
		f.t.Fatal(err)
	}
	return func(from, to time.Time) (out []time.Duration) {
		for _, times := range at {
			slices.SortFunc(times, time.Time.Compare)
			if gaps := between(times, from, to); len(gaps) > 0 && slices.Sorted(slices.Values(gaps))[len(gaps)/2] < 500*time.Millisecond {
				out = append(out, slices.Max(gaps))
			}
		}
		return out
	}
}

// between are the gaps of a series that end within a time.
func between(times []time.Time, from, to time.Time) (gaps []time.Duration) {
	for i := 1; i < len(times); i++ {
		if !times[i].Before(from) && times[i].Before(to) {
			gaps = append(gaps, times[i].Sub(times[i-1]))
		}
	}
	return gaps
}

// viewer watches shows over the feed.
type viewer struct {
	mu sync.Mutex
	at map[string][]time.Time // of frames, by topic
}

// see subscribes to the busy shows, at a process that stays.
func (f *fleet) see(p *process, shows ...string) {
	f.t.Helper()
	c, err := livemeter.New(livemeter.Config{URL: p.trace.url, Name: "viewer", Logger: quiet})
	if err != nil {
		f.t.Fatal(err)
	}
	for _, id := range shows {
		if err := c.Subscribe(livemeter.Sub{Topic: "show/" + id, Fields: []string{"room"}}); err != nil {
			f.t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(f.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(ctx, func(u livemeter.Update) error {
			f.watch.mu.Lock()
			defer f.watch.mu.Unlock()
			if u.Kind == livemeter.Document {
				f.watch.at[u.Sub.Topic] = append(f.watch.at[u.Sub.Topic], time.Now())
			}
			return nil
		})
	}()
	f.t.Cleanup(func() { stop(); <-done })
}

// gaps are the waits for a frame of any of the shows.
func (v *viewer) gaps(from, to time.Time) (all []time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, topic := range slices.Sorted(maps.Keys(v.at)) {
		all = append(all, between(v.at[topic], from, to)...)
	}
	return all
}

var folding = []stream.Role{stream.RoleShow, stream.RoleJourney, stream.RoleLedger, stream.RoleFeed}
