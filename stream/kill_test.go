package stream_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/bridge"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/fold"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/sim/oracle"
	"github.com/netsu/netsu/stream/source"
)

// child is what a process of Netsu is told when a test starts one to kill it.
type child struct {
	DataDir    string
	Brokers    []string // none: embedded, on Port
	Port       int
	Prefix     string
	Partitions int32
	Roles      []stream.Role
	Listen     string // empty: any port of loopback
	Standbys   int
	// BridgeTopics, with a directory of mappings and a registry, are what the bridge role reads.
	BridgeTopics   []string
	BridgeMappings string
	RegistryURL    string
	// KillAt is a step of the checkpoint at which the process kills itself, the KillNth time it comes by.
	KillAt  fold.Step
	KillNth int
	Traced  bool // it tells what its tasks do: see trace_test.go
	Witness int  // version of the witness that is put beside each fold; zero: none. See witness_test.go
}

const childEnv = "NETSU_TEST_CHILD"

// TestMain is the test binary, or with childEnv set one process of Netsu. A process is killed for real; a goroutine
// cannot be.
func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		if err := runChild(spec); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(spec string) error {
	var c child
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	// Half a second instead of five, so that many checkpoints are under way when the process dies.
	s := stream.Settings{DataDir: c.DataDir, EmbeddedPort: c.Port, Prefix: c.Prefix, Partitions: c.Partitions, Key: testKey,
		Roles: c.Roles, Listen: cmp.Or(c.Listen, "127.0.0.1:0"), CheckpointEvery: 500 * time.Millisecond,
		SessionTimeout: 6 * time.Second, Standbys: c.Standbys, Logger: logger}
	s.BridgeTopics, s.BridgeMappings, s.Registry = c.BridgeTopics, c.BridgeMappings, bridge.Registry{URLs: []string{c.RegistryURL}}
	s.Broker = broker.Settings{Seeds: c.Brokers, Logger: logger}
	if c.KillAt != "" {
		s.Hooks = fold.Hooks{Step: killer(c.KillAt, c.KillNth)}
	}
	if c.Witness > 0 {
		s.ReplaceStages(witnessed(c.Witness))
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	p, err := stream.Open(ctx, s)
	if err != nil {
		return err
	}
	defer p.Close()
	if c.Traced {
		go trace(p, os.NewFile(3, "trace"))
	}
	return p.Run(ctx)
}

// killer ends the process the nth time that any task comes by the step.
func killer(step fold.Step, nth int) func(int32, fold.Step) error {
	var mu sync.Mutex
	return func(_ int32, at fold.Step) error {
		mu.Lock()
		defer mu.Unlock()
		if at != step {
			return nil
		}
		if nth--; nth <= 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		return nil
	}
}

// process is a running child.
type process struct {
	cmd   *exec.Cmd
	out   *bytes.Buffer
	done  chan struct{}
	trace *traced // nil: not asked for
}

func start(t testing.TB, c child) *process {
	t.Helper()
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(exe), out: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), childEnv+"="+string(spec))
	p.cmd.Stderr = p.out
	// If the test dies, so do its processes.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var told *os.File
	if c.Traced {
		p.trace = &traced{}
		var says *os.File
		if told, says, err = os.Pipe(); err != nil {
			t.Fatal(err)
		}
		defer says.Close() // the child has its own
		p.cmd.ExtraFiles = []*os.File{says}
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		if told != nil {
			p.trace.follow(told) // until the child has ended
		}
		p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

// kill is SIGKILL: nothing is flushed, closed or said goodbye to.
func (p *process) kill() {
	p.cmd.Process.Kill()
	<-p.done
}

// terminate is SIGTERM: the process stops in order, or the test fails.
func (p *process) terminate(t testing.TB) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if !p.cmd.ProcessState.Success() {
		t.Errorf("told to stop, it ended with %v\n%s", p.cmd.ProcessState, tail(p.out.String()))
	}
}

// await waits until fn holds of a process that answers at an address.
func (p *process) await(ctx context.Context, t testing.TB, listen, what string, fn func() bool) {
	t.Helper()
	for !fn() {
		if how, over := p.ended(); over {
			t.Fatalf("waiting for %s: the process ended: %s", what, how)
		}
		select {
		case <-ctx.Done():
			_, ready := ask(context.Background(), listen, "/readyz")
			t.Fatalf("waiting for %s: %v\nready: %s\nlog: %s", what, ctx.Err(), ready, tail(p.out.String()))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ended tells whether the process has ended by itself, and how.
func (p *process) ended() (string, bool) {
	select {
	case <-p.done:
		return fmt.Sprintf("%v\n%s", p.cmd.ProcessState, tail(p.out.String())), true
	default:
		return "", false
	}
}

func tail(s string) string {
	if len(s) > 4000 {
		s = "…" + s[len(s)-4000:]
	}
	return s
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// stormOfKills starts the child again and again, each life ending by SIGKILL: at a random moment, or for every third at a
// step of a checkpoint. It returns the last life, which is left alone.
func stormOfKills(t *testing.T, c child, kills int, rng *rand.Rand) *process {
	inCheckpoint := 0
	for i := range kills {
		life := c
		if i%3 == 0 {
			steps := fold.Steps()
			life.KillAt, life.KillNth = steps[(i/3)%len(steps)], 1+rng.IntN(8)
		}
		p := start(t, life)
		select {
		case <-p.done: // it killed itself within a checkpoint
			if ws, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
				t.Fatalf("life %d ended by itself: %v\n%s", i, p.cmd.ProcessState, tail(p.out.String()))
			}
			inCheckpoint++
		case <-time.After(lifeFactor * (400*time.Millisecond + time.Duration(rng.IntN(1600))*time.Millisecond)):
			p.kill()
		}
	}
	t.Logf("%d kills, %d of them at a step of a checkpoint", kills, inCheckpoint)
	if inCheckpoint == 0 {
		t.Error("no life ended within a checkpoint: the test has lost its teeth")
	}
	return start(t, c)
}

func brokersOf(s string) []string { return strings.Split(s, ",") }

// storm is the scenario of the tests that kill: 200,000 records over four minutes of shows, one in a hundred twice, some
// out of order by up to eight seconds, some bad.
func storm(t *testing.T) scenario {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("NETSU_TEST_SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatal(err)
		}
	}
	return play(t, seed, 4*time.Minute, 9, sim.Wire{Disorder: 8 * time.Second, DuplicateRate: .01, BadRate: .002})
}

// TestKilledProcessesLoseAndDoubleNothing kills one process that holds everything, the embedded broker included, again
// and again while records arrive, and compares what is final with an undisturbed run and with the oracle.
func TestKilledProcessesLoseAndDoubleNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	sc := storm(t)
	want := sc.undisturbed(t)
	sc.judge(t, want)

	c := child{DataDir: t.TempDir(), Port: freePort(t), Prefix: broker.DefaultPrefix, Partitions: 4}
	cluster, err := broker.New(broker.Settings{Seeds: []string{fmt.Sprintf("127.0.0.1:%d", c.Port)}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	first := start(t, c) // makes the topics
	awaitTopics(t, cluster, broker.DefaultTopics())
	first.kill()
	sc.survive(t, c, cluster, broker.DefaultTopics(), want)
}

// TestKafkaKilledProcessesLoseAndDoubleNothing is the same with a real Kafka, whose log outlives the process.
func TestKafkaKilledProcessesLoseAndDoubleNothing(t *testing.T) {
	k := brokertest.Real(t)
	k.Create(t, 4)
	sc := storm(t)
	want := sc.undisturbed(t)
	c := child{DataDir: t.TempDir(), Brokers: brokersOf(os.Getenv(brokertest.BrokersEnv)), Prefix: k.Prefix}
	sc.survive(t, c, k.Cluster, k.Topics, want)
}

// doubled are the records that lie in the raw topics more often than they were produced. The embedded broker does not
// keep the sequence numbers of its producers: killed between writing a batch and acknowledging it, it takes the batch
// again. Most of what it doubles is dropped by id; what has no id is two events, and a bad record two dead letters.
func doubled(ctx context.Context, t testing.TB, c *broker.Cluster, topics broker.Topics, produced []source.Record,
) (extra []source.Record) {
	left := map[string]int{}
	for _, r := range produced {
		left[r.Topic+string(r.Value)]++
	}
	for _, raw := range []string{source.Comments, source.Reactions, source.Orders} {
		if err := readTopic(ctx, c, topicOf(topics, raw), func(r *kgo.Record) {
			if left[raw+string(r.Value)]--; left[raw+string(r.Value)] < 0 {
				extra = append(extra, source.Record{Topic: raw, Key: r.Key, Value: r.Value})
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	return extra
}

// takeIn makes records that were doubled part of the scenario, each behind its like. It tells whether there are any.
func (sc *scenario) takeIn(t testing.TB, extra []source.Record) bool {
	if len(extra) == 0 {
		return false
	}
	t.Logf("the killed broker has doubled %d records", len(extra))
	again := map[string]int{}
	for _, r := range extra {
		again[r.Topic+string(r.Value)]++
		if _, reason := oracle.Decode(r, "", time.Now().UnixMilli(), earliest.UnixMilli()); reason != "" {
			sc.truth.Bad[reason]++
		}
	}
	var all []source.Record
	for _, r := range sc.records {
		all = append(all, r)
		for ; again[r.Topic+string(r.Value)] > 0; again[r.Topic+string(r.Value)]-- {
			all = append(all, r)
		}
	}
	sc.records = all
	return true
}

// survive plays the scenario at a steady pace against a process that is killed again and again.
func (sc scenario) survive(t *testing.T, c child, cluster *broker.Cluster, topics broker.Topics,
	want map[string]*eventpb.Meter) {
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	produced := make(chan error, 1)
	go func() { produced <- produce(ctx, cluster, topics, sc.records, len(sc.records)/32) }()
	last := stormOfKills(t, c, killsPerStorm, rand.New(rand.NewPCG(1, 2)))
	t.Cleanup(func() {
		if t.Failed() {
			last.kill() // else it still writes to what is read here
			t.Logf("the last process said:\n%s", tail(last.out.String()))
		}
	})
	if err := <-produced; err != nil {
		t.Fatal("producing:", err)
	}
	got := settled(ctx, t, cluster, topics, sc.shows, 6*time.Second)
	if sc.takeIn(t, doubled(ctx, t, cluster, topics, sc.records)) {
		want = sc.undisturbed(t)
	}
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("after the kills, final meters differ:\n%s", d)
	}
	dead := deadLetters(ctx, t, cluster, topics)
	if d := gocmp.Diff(sc.truth.Bad, dead); d != "" {
		t.Errorf("dead letters by reason (-want +got):\n%s", d)
	}
	if how, over := last.ended(); over {
		t.Errorf("the last process ended by itself: %s", how)
	}
}

// TestKafkaTakeoverWithEmptyDisk runs two processes in one group and kills one for good: the other must go on from the
// changelog, since the dead one's disk is not its own. The show goes on meanwhile at five times its speed: what the dead one
// should have read comes at least 50 s of event time after the rest, were that not held back, and 35 s are late.
func TestKafkaTakeoverWithEmptyDisk(t *testing.T) {
	k := brokertest.Real(t)
	k.Create(t, 4)
	const show, speed = 3 * time.Minute, 5
	sc := play(t, 4711, show, 6, sim.Wire{Disorder: 2 * time.Second, DuplicateRate: .01, BadRate: .002})
	want := sc.undisturbed(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	brokers := brokersOf(os.Getenv(brokertest.BrokersEnv))
	a := start(t, child{DataDir: t.TempDir(), Brokers: brokers, Prefix: k.Prefix})
	b := start(t, child{DataDir: t.TempDir(), Brokers: brokers, Prefix: k.Prefix})
	awaitOwners(ctx, t, k, 2)
	put := func(from, to int) {
		t.Helper()
		if err := produce(ctx, k.Cluster, k.Topics, sc.records[from:to], len(sc.records)*speed/int(show.Seconds())); err != nil {
			t.Fatal("producing:", err)
		}
	}
	third := len(sc.records) / 3
	put(0, third)
	awaitCheckpoints(ctx, t, k)
	killed := sc.arrivedAfter(sc.records[third].ArriveMS + 10_000)
	put(third, killed)
	a.kill()
	put(killed, len(sc.records))
	got := settled(ctx, t, k.Cluster, k.Topics, sc.shows, 3*time.Second)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("after the takeover, final meters differ:\n%s", d)
	}
	if how, over := b.ended(); over {
		t.Errorf("the survivor ended by itself: %s", how)
	}
}

// arrivedAfter is the index of the first record that arrives later.
func (sc scenario) arrivedAfter(ms int64) int {
	return slices.IndexFunc(sc.records, func(r source.Record) bool { return r.ArriveMS > ms })
}

// awaitTopics waits until the topics can be read.
func awaitTopics(t testing.TB, c *broker.Cluster, topics broker.Topics) {
	t.Helper()
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := broker.Load(ctx, c, topics)
		cancel()
		if err == nil {
			return
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Fatal("the topics were not made")
}

// quiet keeps the client's complaints about a broker that is killed on purpose out of the test's output.
var quiet = slog.New(slog.DiscardHandler)
