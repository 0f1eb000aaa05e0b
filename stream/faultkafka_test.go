package stream_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/sim"
)

// ownKafka is a real Kafka of the test's own, which it may harm.
type ownKafka struct {
	t                testing.TB
	dir              string
	port, controller int // of the first node, the others' follow
	nodes            int
}

// startKafka starts one of so many nodes with deploy/kafka/kafka.sh, where tests are run against a real Kafka at all.
func startKafka(t testing.TB, nodes int) *ownKafka {
	t.Helper()
	brokertest.Real(t) // skips, or fails, where there is none
	k := &ownKafka{t: t, dir: t.TempDir(), nodes: nodes, port: ownPorts(t, nodes), controller: ownPorts(t, nodes)}
	t.Cleanup(func() { k.script("kill") })
	k.script("start")
	return k
}

// script runs kafka.sh for one node, or for all.
func (k *ownKafka) script(verb string, node ...int) {
	k.t.Helper()
	cmd := exec.Command(filepath.Join("..", "deploy", "kafka", "kafka.sh"), verb, k.dir)
	for _, n := range node {
		cmd.Args = append(cmd.Args, fmt.Sprint(n))
	}
	cmd.Env = append(os.Environ(), fmt.Sprint("KAFKA_PORT=", k.port), fmt.Sprint("KAFKA_CONTROLLER_PORT=", k.controller),
		fmt.Sprint("KAFKA_NODES=", k.nodes), "KAFKA_HEAP=256m")
	// What is started outlives the script and would hold a pipe open.
	out, err := os.Create(filepath.Join(k.dir, verb+".out"))
	if err != nil {
		k.t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(out.Name())
		k.t.Fatalf("kafka.sh %s: %v\n%s", verb, err, said)
	}
}

// ownPorts is the first of some free ports that the system gives to nobody: who dials a port of those that it gives out, while
// nobody listens there, can be given it as his own, and then talks to himself and keeps it.
func ownPorts(t testing.TB, n int) int {
	t.Helper()
	for range 100 {
		first, free := 20000+rand.IntN(10000), 0
		for ; free < n; free++ {
			l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", first+free))
			if err != nil {
				break
			}
			l.Close()
		}
		if free == n {
			return first
		}
	}
	t.Fatal("no free ports")
	return 0
}

// kill is SIGKILL. It returns when nobody listens any more.
func (k *ownKafka) kill() {
	k.t.Helper()
	b, err := os.ReadFile(filepath.Join(k.dir, "pid"))
	if err != nil {
		k.t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		k.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		k.t.Fatal(err)
	}
	for _, port := range []int{k.port, k.controller} {
		for {
			conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
			if err != nil {
				break
			}
			conn.Close()
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (k *ownKafka) addr() string { return fmt.Sprint("127.0.0.1:", k.port) }

// addrs are those of all nodes.
func (k *ownKafka) addrs() (all []string) {
	for n := range k.nodes {
		all = append(all, fmt.Sprint("127.0.0.1:", k.port+n))
	}
	return all
}

// TestKafkaRestarts: the only broker is stopped and started, and killed and started, while records arrive; the process is
// left alone.
func TestKafkaRestarts(t *testing.T) {
	own := startKafka(t, 1)
	cluster, err := broker.New(broker.Settings{Seeds: []string{own.addr()}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	topics := broker.DefaultTopics()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if _, err := broker.Create(ctx, cluster, topics, 4, 1); err != nil {
		t.Fatal(err)
	}
	seed := seedOf(t)
	lasts, rate, paced := time.Minute, 3., 20*time.Second
	if *long {
		lasts, rate, paced = 4*time.Minute, 9, 2*time.Minute
	}
	sc := play(t, seed, lasts, rate, sim.Wire{Disorder: 5 * time.Second, DuplicateRate: .01, BadRate: .002})
	want := sc.undisturbed(t)
	p := start(t, child{DataDir: t.TempDir(), Brokers: []string{own.addr()}, Prefix: broker.DefaultPrefix})
	produced := make(chan error, 1)
	go func() {
		produced <- produce(ctx, cluster, topics, sc.records, int(float64(len(sc.records))/paced.Seconds()))
	}()
	for _, c := range []struct {
		what string
		down func()
	}{{"stopped", func() { own.script("stop") }}, {"killed", own.kill}} {
		awaitMeters(ctx, t, cluster, topics) // it works
		began := time.Now()
		c.down()
		own.script("start")
		up := time.Now()
		awaitMeters(ctx, t, cluster, topics)
		t.Logf("%s: away for %v, new meters %v after it was back", c.what, up.Sub(began).Round(100*time.Millisecond),
			time.Since(up).Round(100*time.Millisecond))
	}
	if err := <-produced; err != nil {
		t.Fatal("producing:", err)
	}
	got := settled(ctx, t, cluster, topics, sc.shows, 3*time.Second)
	if sc.takeIn(t, doubled(ctx, t, cluster, topics, sc.records)) {
		want = sc.undisturbed(t)
	}
	sc.judge(t, got)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("final meters differ from those of an undisturbed run (NETSU_TEST_SEED=%d):\n%s", seed, d)
	}
	if d := cmp.Diff(sc.truth.Bad, deadLetters(ctx, t, cluster, topics)); d != "" {
		t.Errorf("dead letters by reason (-want +got):\n%s", d)
	}
	if how, over := p.ended(); over {
		t.Errorf("the process ended by itself: %s", how)
	}
	p.kill()
	if t.Failed() {
		t.Logf("the process said:\n%s", tail(p.out.String()))
	}
}

// awaitMeters waits for a meter that is written from now on.
func awaitMeters(ctx context.Context, t testing.TB, c *broker.Cluster, topics broker.Topics) {
	t.Helper()
	cl, err := c.Client(kgo.ConsumeTopics(topics.Meters), kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(time.Now().UnixMilli())))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	for ctx.Err() == nil {
		if f := cl.PollFetches(ctx); len(f.Records()) > 0 {
			return
		}
	}
	t.Fatal("no meter is written")
}
