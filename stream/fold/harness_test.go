package fold_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/fold"
)

// counting is a fold whose state and outputs depend on every event and on their order. It is small, but uses all that
// the runner offers: tables, deletion, events for two logs, meters, tombstones, alerts, append time.
type counting struct {
	shows *state.Table[tally]
	odd   *state.Table[tally] // a key is here while its show has an odd count
}

type tally struct{ count, sum, emitted int64 }

var tallies = state.Codec[tally]{
	Encode: func(t tally) []byte {
		b := binary.BigEndian.AppendUint64(nil, uint64(t.count))
		b = binary.BigEndian.AppendUint64(b, uint64(t.sum))
		return binary.BigEndian.AppendUint64(b, uint64(t.emitted))
	},
	Decode: func(b []byte) (tally, error) {
		if len(b) != 24 {
			return tally{}, errors.New("not a tally")
		}
		n := func(i int) int64 { return int64(binary.BigEndian.Uint64(b[i:])) }
		return tally{n(0), n(8), n(16)}, nil
	},
}

func newCounting(s *state.Store, _ int32) (operators.Fold, error) {
	return &counting{state.NewTable(s, "shows", tallies), state.NewTable(s, "odd", tallies)}, nil
}

// Apply implements operators.Fold.
func (c *counting) Apply(r *operators.Record, out *operators.Outputs) error {
	for _, e := range r.Events {
		t, _, err := c.shows.Get(e.ShowId)
		if err != nil {
			return err
		}
		t.count++
		t.sum = t.sum*31 + int64(e.IdLo)
		if t.count%2 == 1 {
			c.odd.Put(string(bytes.Clone([]byte(e.ShowId))), tally{count: t.count})
		} else {
			c.odd.Delete(string(bytes.Clone([]byte(e.ShowId))))
		}
		show := string(bytes.Clone([]byte(e.ShowId)))
		scope := event.Scope(event.ScopeShow, show)
		out.Event(operators.LogCredits, scope, &eventpb.Event{
			Kind: eventpb.Kind_KIND_CREDIT, IdLo: e.IdLo, TimeMs: r.AppendMS,
			Credit: &eventpb.Credit{Scope: scope, CreatedMinor: t.count, NetMinor: t.sum},
		})
		if now := r.AppendMS / 100; now != t.emitted {
			t.emitted = now
			out.Meter(&eventpb.Meter{
				Version: 1, Scope: scope, Part: "room", AppendMs: r.AppendMS,
				Money: &eventpb.Money{OrdersTotal: t.count, LastOrderMs: t.sum},
			})
		}
		if t.count%7 == 0 {
			out.DropMeter(scope, "trend/1")
			out.Alert(&eventpb.Alert{ShowId: show, TimeMs: r.AppendMS, Id: fmt.Sprint(t.count)})
		}
		c.shows.Put(show, t)
	}
	return nil
}

// world is a broker with topics, in virtual time, and everything that was written into its log.
type world struct {
	t       rapid.TB
	net     *kfake.VirtualNetwork
	broker  *broker.Embedded
	topics  broker.Topics
	layout  *broker.Layout
	client  *kgo.Client
	nextID  uint64
	sources []*upstream
	made    func(*state.Store, int32) (operators.Fold, error) // of the fold whose state there must be in the end
}

// upstream is a partition of a raw topic, with what was sent of it, so that it can be sent again.
type upstream struct {
	source *eventpb.Source
	sent   map[int32][]*eventpb.Event // by journal partition
	offset int64
}

const partitions = 2

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func init() {
	if os.Getenv("FOLD_TEST_LOG") != "" {
		quiet = slog.Default()
	}
}

func newWorld(t rapid.TB) *world {
	w := &world{t: t, net: &kfake.VirtualNetwork{}, topics: broker.DefaultTopics(), made: newCounting}
	var err error
	w.broker, err = broker.StartEmbedded(broker.EmbeddedSettings{
		Port: 9092, Listen: w.net.Listen, Dialer: w.net.DialContext, Logger: quiet,
	})
	w.must(err)
	_, err = broker.Create(context.Background(), w.broker.Cluster(), w.topics, partitions, 1)
	w.must(err)
	w.layout, err = broker.Load(context.Background(), w.broker.Cluster(), w.topics)
	w.must(err)
	w.client, err = w.broker.Cluster().Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	w.must(err)
	for i := range 3 {
		w.sources = append(w.sources, &upstream{
			source: &eventpb.Source{Topic: "netsu.comments", TopicId: "id", Partition: int32(i)},
			sent:   map[int32][]*eventpb.Event{},
		})
	}
	return w
}

func (w *world) close() {
	w.client.Close()
	w.broker.Close()
}

func (w *world) must(err error) {
	if err != nil {
		w.t.Helper()
		w.t.Fatal(err)
	}
}

// say appends n new events of a source, as one block per journal partition.
func (w *world) say(source, n int) {
	u := w.sources[source]
	fresh := map[int32][]*eventpb.Event{}
	for range n {
		w.nextID++
		show := fmt.Sprintf("S%d", w.nextID%5)
		p := event.Partition(show, partitions)
		e := &eventpb.Event{
			Kind: eventpb.Kind_KIND_COMMENT, IdLo: w.nextID, ShowId: show, SourceOffset: u.offset, SourceIndex: uint32(w.nextID % 2),
		}
		u.offset++
		fresh[p] = append(fresh[p], e)
		u.sent[p] = append(u.sent[p], e)
	}
	for p := range int32(partitions) {
		w.append(p, &eventpb.Block{Version: 1, Sources: []*eventpb.Source{u.source}, Events: fresh[p]})
	}
}

// sayAgain sends the latest n events of a source to each journal partition once more, as ingest does after a crash.
func (w *world) sayAgain(source, n int) {
	u := w.sources[source]
	for p := range int32(partitions) {
		sent := u.sent[p]
		w.append(p, &eventpb.Block{
			Version: 1, Sources: []*eventpb.Source{u.source}, Events: sent[max(0, len(sent)-n):],
		})
	}
}

func (w *world) append(partition int32, b *eventpb.Block) {
	v, err := b.MarshalVTStrict()
	w.must(err)
	// Clocks of producers differ; what a fold is told must not go back all the same.
	at := time.Now().Add(-time.Duration(w.nextID%4) * time.Second)
	w.must(w.client.ProduceSync(context.Background(),
		&kgo.Record{Topic: w.topics.Journal, Partition: partition, Value: v, Timestamp: at}).FirstErr())
}

// read returns all records of a topic, by partition.
func (w *world) read(topic string, n int32) [][]*kgo.Record {
	from := map[int32]kgo.Offset{}
	ends, have := map[int32]int64{}, map[int32]int64{}
	out := make([][]*kgo.Record, n)
	for p := range n {
		from[p] = kgo.NewOffset().AtStart()
		ends[p] = w.end(topic, p)
	}
	cl, err := w.broker.Cluster().Client(kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	w.must(err)
	defer cl.Close()
	left := func() bool {
		for p := range n {
			if have[p] < ends[p] {
				return true
			}
		}
		return false
	}
	for left() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		fs := cl.PollFetches(ctx)
		cancel()
		w.must(fs.Err())
		fs.EachRecord(func(r *kgo.Record) {
			out[r.Partition] = append(out[r.Partition], r)
			have[r.Partition] = r.Offset + 1
		})
	}
	return out
}

func (w *world) end(topic string, p int32) int64 {
	return endOffset(w.t, w.client, topic, p)
}

// machine is a disk that processes come and go on.
type machine struct {
	name string
	db   *disk.DB
}

func newMachine(t rapid.TB, name string) *machine {
	db, err := disk.Open("", quiet)
	if err != nil {
		t.Fatal(err)
	}
	return &machine{name, db}
}

// process is a runner that can die: its network goes silent and none of its checkpoints goes on.
type process struct {
	w      *world
	runner *fold.Runner
	stop   context.CancelFunc
	ended  chan error

	mu      sync.Mutex
	dead    bool
	conns   map[net.Conn]bool
	crashAt fold.Step
	stopAt  fold.Step
	thawed  chan struct{} // nil: not frozen; else closed at the thaw
}

var errDead = errors.New("this process is dead")

func (w *world) start(m *machine, change func(*fold.Config)) *process {
	w.t.Helper()
	p := &process{w: w, ended: make(chan error, 1), conns: map[net.Conn]bool{}}
	cluster, err := broker.New(broker.Settings{Seeds: []string{w.broker.Addr()}, Dialer: p.dial, Logger: quiet})
	w.must(err)
	c := fold.Config{
		Cluster: cluster, Topics: w.topics, Layout: w.layout, DB: m.db, Logger: quiet,
		CacheBytes: 1,  // everything clean goes at once, so what is read comes from the disk
		DiskEvery:  -1, // where each checkpoint writes it
		Stage: fold.Stage{
			Name: "show", Input: w.topics.Journal, Changelog: w.topics.ShowChangelog, New: newCounting,
		},
		Hooks: fold.Hooks{Step: p.step},
	}
	if change != nil {
		change(&c)
	}
	p.runner, err = fold.New(c)
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	go func() { p.ended <- p.runner.Run(ctx) }()
	return p
}

func (p *process) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return nil, errDead
	}
	c, err := p.w.net.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	f := &freezable{Conn: c, p: p, closed: make(chan struct{})}
	p.conns[f] = true
	return f, nil
}

// freezable is a connection that sends nothing while its process is frozen.
type freezable struct {
	net.Conn
	p      *process
	once   sync.Once
	closed chan struct{}
}

// Write implements net.Conn.
func (f *freezable) Write(b []byte) (int, error) {
	f.p.mu.Lock()
	thawed := f.p.thawed
	f.p.mu.Unlock()
	if thawed != nil {
		select {
		case <-thawed:
		case <-f.closed:
		}
	}
	return f.Conn.Write(b)
}

// Close implements net.Conn.
func (f *freezable) Close() error {
	f.once.Do(func() { close(f.closed) })
	return f.Conn.Close()
}

// freeze is SIGSTOP, as far as others can tell; thaw is SIGCONT.
func (p *process) freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.thawed = make(chan struct{})
}

func (p *process) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.thawed)
	p.thawed = nil
}

func (p *process) isFrozen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.thawed != nil
}

func (p *process) step(_ int32, s fold.Step) error {
	p.mu.Lock()
	crash, stop := p.crashAt == s, p.stopAt == s
	dead := p.dead
	if stop {
		p.stopAt = ""
	}
	p.mu.Unlock()
	if stop {
		p.freeze()
	}
	if crash && !dead {
		p.kill()
		return errDead
	}
	if dead {
		return errDead
	}
	return nil
}

// kill ends the process as SIGKILL would.
func (p *process) kill() {
	p.mu.Lock()
	p.dead = true
	for c := range p.conns {
		_ = c.Close()
	}
	p.mu.Unlock()
	p.stop()
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// shutdown ends it in order and fails the test if it does not come to a good end.
func (p *process) shutdown() {
	p.stop()
	if err := <-p.ended; err != nil {
		p.w.t.Errorf("Run: %v", err)
	}
}

// bury waits for a dead one's goroutines.
func (p *process) bury() { <-p.ended }

// caughtUp waits until the processes have folded all that is in the journal.
func (w *world) caughtUp(ps ...*process) {
	w.t.Helper()
	var status []fold.Status
	for i := range 3000 {
		time.Sleep(200 * time.Millisecond)
		if i%300 == 299 {
			w.rebalance()
		}
		at := map[int32]int64{}
		status = status[:0]
		for _, p := range ps {
			if p.isDead() {
				continue
			}
			s := p.runner.Status()
			status = append(status, s)
			for _, t := range s.Tasks {
				if t.State == fold.Running {
					at[t.Partition] = t.Offset
				}
			}
		}
		done := true
		for p := range int32(partitions) {
			o, ok := at[p]
			done = done && (ok || w.end(w.topics.Journal, p) == 0) && o == w.end(w.topics.Journal, p)
		}
		if done {
			return
		}
	}
	w.t.Fatalf("not caught up after 10 minutes: %+v", status)
}

// rebalance makes the group place its partitions again, by a member that comes and goes. kfake has no session timer for
// a member that died while joining, so what was placed there stays there until the next rebalance; Kafka gives it one.
func (w *world) rebalance() {
	m := newMachine(w.t, "passer-by")
	p := w.start(m, nil)
	time.Sleep(15 * time.Second)
	p.shutdown()
	w.must(m.db.Close())
}

// bubbled hides a test's deadline, which rapid would ask for and a bubble does not have.
type bubbled struct{ rapid.TB }

var _ testing.TB = (*testing.T)(nil)
