package stream_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/sim"
)

// TestThreeNodes kills nodes of a cluster of three while records arrive: the one that leads the most partitions, and when
// that is back and in sync, another, which coordinates the most groups and transactions. The processes are left alone. What is
// final is what a quiet run says. It takes a minute and a half and three brokers, so it wants -long.
func TestThreeNodes(t *testing.T) {
	if !*long {
		t.Skip("starts three brokers and takes 90 s: wants -long")
	}
	own := startKafka(t, 3)
	n := &nodes{t: t, own: own, seen: &viewer{at: map[string][]time.Time{}}, enough: make(chan struct{}), produced: make(chan int, 1)}
	var cancel context.CancelFunc
	n.ctx, cancel = context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	var err error
	if n.cluster, err = broker.New(broker.Settings{Seeds: own.addrs(), Logger: quiet}); err != nil {
		t.Fatal(err)
	}
	n.topics = broker.DefaultTopics()
	if _, err := broker.Create(n.ctx, n.cluster, n.topics, 4, 3); err != nil {
		t.Fatal(err)
	}
	n.adm = kadm.NewClient(n.client())
	// What is not needed for the kills is not sent.
	n.sc = play(t, seedOf(t), 6*time.Minute, 3, sim.Wire{Disorder: 5 * time.Second, DuplicateRate: .01, BadRate: .002})
	var ps []*process
	for range 2 {
		ps = append(ps, start(t, child{DataDir: t.TempDir(), Brokers: own.addrs(), Prefix: broker.DefaultPrefix}))
	}
	n.load()
	n.see()
	awaitMeters(n.ctx, t, n.cluster, n.topics)
	n.canLoseOne()
	first := n.kill("leads the most partitions", n.leaders())
	leading := n.coordinators()
	delete(leading, first)
	n.kill("coordinates the most groups and transactions", leading)
	n.land()
	for _, p := range ps {
		if how, over := p.ended(); over {
			t.Errorf("a process ended by itself: %s", how)
		}
		if p.kill(); t.Failed() {
			t.Logf("a process said:\n%s", tail(p.out.String()))
		}
	}
}

// nodes is a cluster of three under load.
type nodes struct {
	t        *testing.T
	ctx      context.Context
	own      *ownKafka
	cluster  *broker.Cluster
	topics   broker.Topics
	adm      *kadm.Client
	sc       scenario
	seen     *viewer
	enough   chan struct{}
	produced chan int
}

// nodesSpeed is how much faster than they happened the records arrive. A leader is missed for 6 s at least, and what waits for
// the next must not become late (35 s).
const nodesSpeed = 1.5

func (n *nodes) client(opts ...kgo.Opt) *kgo.Client {
	n.t.Helper()
	cl, err := n.cluster.Client(opts...)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(cl.Close)
	return cl
}

// load lets the records arrive until land.
func (n *nodes) load() {
	records := n.sc.records
	rate := float64(len(records)) / float64(records[len(records)-1].ArriveMS-records[0].ArriveMS) * 1000 * nodesSpeed
	go func() {
		sent, err := produceUntil(n.ctx, n.cluster, n.topics, records, int(rate), n.enough)
		if err != nil {
			n.t.Error("producing:", err)
		}
		n.produced <- sent
	}()
}

// see notes when meters come, as a reader of committed ones sees it.
func (n *nodes) see() {
	cl := n.client(kgo.ConsumeTopics(n.topics.Meters), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			fetches := cl.PollFetches(n.ctx)
			if n.ctx.Err() != nil || fetches.IsClientClosed() {
				return
			}
			n.seen.mu.Lock()
			fetches.EachPartition(func(p kgo.FetchTopicPartition) {
				if len(p.Records) > 0 {
					partition := fmt.Sprint(p.Partition)
					n.seen.at[partition] = append(n.seen.at[partition], time.Now())
				}
			})
			n.seen.mu.Unlock()
		}
	}()
	n.t.Cleanup(func() { cl.Close(); <-done })
}

// canLoseOne refuses to begin where the death of a node could lose what was acknowledged.
func (n *nodes) canLoseOne() {
	n.t.Helper()
	less, err := broker.Copies(n.ctx, n.cluster, n.topics, 3)
	if err != nil || len(less) > 0 {
		n.t.Fatalf("the cluster cannot lose a node: %v %q", err, less)
	}
}

// leaders counts the partitions that each node leads, of Netsu's topics.
func (n *nodes) leaders() map[int]int {
	n.t.Helper()
	count := map[int]int{}
	listed, err := n.adm.ListTopics(n.ctx, n.topics.All()...)
	if err != nil {
		n.t.Fatal(err)
	}
	listed.EachPartition(func(p kadm.PartitionDetail) { count[int(p.Leader)]++ })
	return count
}

// coordinators counts the groups and transactional ids that each node coordinates.
func (n *nodes) coordinators() map[int]int {
	n.t.Helper()
	count := map[int]int{}
	groups, err := n.adm.ListGroups(n.ctx)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, g := range groups {
		count[int(g.Coordinator)]++
	}
	transactions, err := n.adm.ListTransactions(n.ctx, nil, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	for _, x := range transactions {
		count[int(x.Coordinator)]++
	}
	return count
}

// kill kills the node with the highest count, goes on without it, and starts it again. It ends when that is in sync.
func (n *nodes) kill(what string, count map[int]int) (victim int) {
	n.t.Helper()
	for node := range n.own.nodes {
		if victim == 0 || count[node+1] > count[victim] {
			victim = node + 1
		}
	}
	if count[victim] == 0 {
		n.t.Fatalf("no node %s: the kill would show nothing", what)
	}
	killed := time.Now()
	n.own.script("kill", victim)
	n.until("leaders for all partitions", func(p kadm.PartitionDetail) bool {
		return p.Leader >= 0 && int(p.Leader) != victim
	})
	led := time.Since(killed)
	awaitMeters(n.ctx, n.t, n.cluster, n.topics)
	n.own.script("start", victim)
	started := time.Now()
	n.until("all copies in sync", func(p kadm.PartitionDetail) bool { return len(p.ISR) == n.own.nodes })
	inSync := time.Since(started)
	awaitMeters(n.ctx, n.t, n.cluster, n.topics)
	gaps := n.seen.gaps(killed, time.Now())
	if len(gaps) == 0 {
		n.t.Fatal("no meters are seen")
	}
	n.t.Logf("killed node %d, which %s (%d): all partitions led after %v; the longest that a partition of meters was silent: %v; "+
		"in sync %v after its start", victim, what, count[victim], led.Round(100*time.Millisecond),
		slices.Max(gaps).Round(100*time.Millisecond), inSync.Round(100*time.Millisecond))
	return victim
}

// until waits until all partitions, Kafka's own included, are as ok has them.
func (n *nodes) until(what string, ok func(kadm.PartitionDetail) bool) {
	n.t.Helper()
	until(n.ctx, n.t, what, func() bool {
		listed, err := n.adm.ListTopicsWithInternal(n.ctx)
		if err != nil || listed.Error() != nil {
			return false
		}
		all := true
		listed.EachPartition(func(p kadm.PartitionDetail) { all = all && ok(p) })
		return all
	})
}

// land ends the load, lets all settle, and compares with a quiet run of the same records and with the oracle.
func (n *nodes) land() {
	n.t.Helper()
	t := n.t
	close(n.enough)
	sent := <-n.produced
	if sent == len(n.sc.records) {
		t.Log("all records had arrived before the last kill was over")
	}
	n.sc.truncate(sent)
	got := settled(n.ctx, t, n.cluster, n.topics, n.sc.shows, 3*time.Second)
	want := n.sc.undisturbed(t)
	n.sc.judge(t, want)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("final meters differ from those of a quiet run:\n%s", d)
	}
	if d := cmp.Diff(n.sc.truth.Bad, deadLetters(n.ctx, t, n.cluster, n.topics)); d != "" {
		t.Errorf("dead letters by reason (-want +got):\n%s", d)
	}
	t.Logf("%d records, %d meters compared", sent, len(want))
}
