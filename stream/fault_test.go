package stream_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/sim"
	"github.com/netsu/netsu/stream/source"
)

// Faults of Kafka, done to the whole pipeline in a bubble while records arrive. After each, what is final must be the bytes
// of an undisturbed run, and what the oracle says.

// world is a Kafka of some brokers in a bubble, with users and their rights, a scenario that is played to it, and what an
// undisturbed run makes of it.
type world struct {
	t       *testing.T
	ctx     context.Context
	fake    *kfake.Cluster
	net     *kfake.VirtualNetwork
	seeds   []string
	secrets string
	root    brokertest.Kafka // as one who may everything
	sc      scenario
	journal [16]byte // its topic id
	began   time.Time
	members []*member
}

// faultsLast is how long the scenario's shows last.
const faultsLast = 90 * time.Second

// hurt runs fn in a world, then holds what has become of the scenario's records against the undisturbed run's meters,
// and what was folded against the logs.
func hurt(t *testing.T, seed uint64, want map[string]string, brokers int, fn func(w *world)) {
	t.Helper()
	inWorld(t, seed, brokers, func(w *world) {
		fn(w)
		w.judge(want)
		w.testify()
	})
}

// inWorld runs fn in a world.
func inWorld(t *testing.T, seed uint64, brokers int, fn func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(bubbleDay))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		w := &world{t: t, ctx: ctx, net: &kfake.VirtualNetwork{}, secrets: t.TempDir()}
		w.sc = play(t, seed, faultsLast, 1, sim.Wire{Disorder: 3 * time.Second, BadRate: .002})
		w.open(brokers)
		fn(w)
	})
}

// undisturbed is one seed for all tests of faults, and what its scenario comes to when nothing happens. It is made once: it
// takes as long as a fault.
func undisturbed(t *testing.T) (seed uint64, want map[string]string) {
	t.Helper()
	calm.Do(func() {
		calmSeed = seedOf(t)
		calmMeters = roads[0].travel(t, calmSeed, faultsLast, 1)
	})
	t.Logf("NETSU_TEST_SEED=%d", calmSeed)
	if len(calmMeters) == 0 {
		t.Fatal("the undisturbed run has failed")
	}
	return calmSeed, calmMeters
}

var (
	calm       sync.Once
	calmSeed   uint64
	calmMeters map[string]string
)

func (w *world) open(brokers int) {
	w.t.Helper()
	var ports []int
	for i := range brokers {
		ports = append(ports, 9092+i)
	}
	allow := func(kind kmsg.ACLResourceType) kfake.ACL {
		return kfake.ACL{Resource: kind, Name: "*", Pattern: kmsg.ACLResourcePatternTypeLiteral,
			Operation: kmsg.ACLOperationAll, Allow: true}
	}
	fake, err := kfake.NewCluster(kfake.NumBrokers(brokers), kfake.Ports(ports...), kfake.ListenFn(w.net.Listen),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": "315360000000"}),
		kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "root", "secret"),
		kfake.User("PLAIN", "netsu", "secret", allow(kmsg.ACLResourceTypeTopic), allow(kmsg.ACLResourceTypeGroup),
			allow(kmsg.ACLResourceTypeTransactionalId)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(fake.Close)
	w.fake, w.seeds = fake, fake.ListenAddrs()
	if err := os.WriteFile(filepath.Join(w.secrets, "password"), []byte("secret"), 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.root = w.as("root", w.net.DialContext)
	w.root.Create(w.t, 4)
	w.journal = w.fake.TopicInfo(w.root.Topics.Journal).TopicID
}

// as is the Kafka as a user reaches it over a network.
func (w *world) as(user string, dial func(context.Context, string, string) (net.Conn, error)) brokertest.Kafka {
	w.t.Helper()
	c, err := broker.New(w.settings(user, dial))
	if err != nil {
		w.t.Fatal(err)
	}
	return brokertest.Kafka{Cluster: c, Prefix: broker.DefaultPrefix, Topics: broker.DefaultTopics()}
}

func (w *world) settings(user string, dial func(context.Context, string, string) (net.Conn, error), hooks ...kgo.Hook) broker.Settings {
	return broker.Settings{Seeds: w.seeds, Dialer: dial, Logger: quiet, Hooks: hooks,
		SASL: broker.SASL{Mechanism: "PLAIN", User: user, PasswordFile: filepath.Join(w.secrets, "password")}}
}

// member is a process of the program in the bubble.
type member struct {
	*stream.Program
	said *said
	stop func()
}

// start runs a process on a disk, of everything but the feed unless roles are named.
func (w *world) start(k brokertest.Kafka, dir string, roles ...stream.Role) *member {
	w.t.Helper()
	if len(roles) == 0 {
		roles = []stream.Role{stream.RoleIngest, stream.RoleShow, stream.RoleJourney, stream.RoleLedger}
	}
	m := &member{said: &said{}}
	s := stream.Settings{DataDir: dir, Cluster: k.Cluster, Key: testKey,
		Logger: slog.New(slog.NewTextHandler(m.said, &slog.HandlerOptions{Level: slog.LevelInfo})),
		Roles:  roles}
	s.ReplaceStages(witnessed(2))
	var err error
	m.Program, err = stream.Open(w.ctx, s)
	if err != nil {
		w.t.Fatal("opening:", err)
	}
	w.members = append(w.members, m)
	w.running(m)
	return m
}

// running runs a process until it is stopped, which is at the test's end at the latest.
func (w *world) running(m *member) {
	running, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- m.Run(running) }()
	m.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error("running:", err)
		}
		if err := m.Close(); err != nil {
			w.t.Error("closing:", err)
		}
		if w.t.Failed() {
			w.t.Logf("the process said:\n%s", tail(m.said.String()))
		}
	})
	w.t.Cleanup(m.stop)
}

// begin plays the scenario's records as they arrived, in the background. The returned function waits for the last.
func (w *world) begin() (wait func()) {
	cl := w.root.Client(w.t, append(broker.LogWriter(), kgo.RecordRetries(1<<30))...)
	w.began = time.Now()
	first := w.sc.records[0].ArriveMS
	var group sync.WaitGroup
	group.Go(func() {
		for i, r := range w.sc.records {
			at := w.began.Add(time.Duration(r.ArriveMS-first) * time.Millisecond)
			time.Sleep(time.Until(at.Truncate(20 * time.Millisecond)))
			if i > 0 && w.sc.records[i-1].Topic == source.Catalog && r.Topic != source.Catalog {
				if err := cl.Flush(w.ctx); err != nil {
					w.t.Error("producing:", err)
				}
			}
			cl.Produce(w.ctx, &kgo.Record{Topic: topicOf(w.root.Topics, r.Topic), Key: r.Key, Value: r.Value},
				func(_ *kgo.Record, err error) {
					if err != nil {
						w.t.Error("producing:", err)
					}
				})
		}
		if err := cl.Flush(w.ctx); err != nil {
			w.t.Error("producing:", err)
		}
	})
	return group.Wait
}

// judge waits until all has been worked off and compares.
func (w *world) judge(want map[string]string) {
	w.t.Helper()
	latest := settled(w.ctx, w.t, w.root.Cluster, w.root.Topics, w.sc.shows, 5*time.Second)
	w.sc.judge(w.t, latest)
	w.same(want, latest)
	if d := cmp.Diff(w.sc.truth.Bad, deadLetters(w.ctx, w.t, w.root.Cluster, w.root.Topics)); d != "" {
		w.t.Errorf("dead letters by reason (-want +got):\n%s", d)
	}
}

func (w *world) same(want map[string]string, latest map[string]*eventpb.Meter) {
	w.t.Helper()
	if d := diff(want, finals(latest)); d != "" {
		w.t.Errorf("final meters differ from those of an undisturbed run:\n%s", d)
	}
}

// testify stops all processes and asks the witnesses in their folds. Meters alone do not tell whether an event was folded twice:
// most have an id, by which the operators know them again.
func (w *world) testify() {
	w.t.Helper()
	for _, m := range w.members {
		m.stop()
	}
	testify(w.ctx, w.t, w.root.Cluster, w.root.Topics, 4)
}

// doubled are the events that lie in a log more than once, by the place in the raw topic that they come from. Folds drop them, so
// no number tells of them.
func (w *world) doubled(log string) (n int) {
	w.t.Helper()
	seen := map[string]bool{}
	if err := readTopic(w.ctx, w.root.Cluster, log, func(r *kgo.Record) {
		var b eventpb.Block
		if err := b.UnmarshalVT(r.Value); err != nil {
			w.t.Fatal(err)
		}
		for _, e := range b.Events {
			if len(b.Sources) == 0 {
				continue // ticks
			}
			from := b.Sources[e.Source]
			place := fmt.Sprint(r.Partition, from.TopicId, from.Partition, e.SourceOffset, e.SourceIndex)
			if seen[place] {
				n++
			}
			seen[place] = true
		}
	}); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// until waits for a condition, in virtual time, and tells how long it took.
func (w *world) until(what string, limit time.Duration, ok func() bool) time.Duration {
	w.t.Helper()
	began := time.Now()
	for !ok() {
		if time.Since(began) > limit {
			w.t.Errorf("after %v: not %s", limit, what)
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return time.Since(began)
}

// running tells whether all tasks of a process run and nothing keeps it from its work.
func (m *member) running(tasks int) bool {
	n := 0
	for _, f := range m.Folds() {
		if !f.Ready() {
			return false
		}
		n += len(f.Tasks)
	}
	return n == tasks && m.troubles() == 0
}

// fresh is that all of a process's folds have folded what is newer than two seconds.
func (m *member) fresh() bool {
	for _, f := range m.Folds() {
		for _, t := range f.Tasks {
			if time.Since(time.UnixMilli(t.AppendMS)) > 2*time.Second {
				return false
			}
		}
	}
	return true
}

// troubles are those that its metrics count.
func (m *member) troubles() (n float64) {
	families, err := m.Metrics().Gather()
	if err != nil {
		panic(err)
	}
	for _, f := range families {
		if f.GetName() == "netsu_troubles" {
			for _, s := range f.Metric {
				n += s.GetGauge().GetValue()
			}
		}
	}
	return n
}

// reasons are why its tasks fail, and why it left a group.
func (m *member) reasons() string {
	var all []string
	for _, f := range m.Folds() {
		all = append(all, f.Reason)
		for _, t := range f.Tasks {
			all = append(all, t.Reason)
		}
	}
	return strings.Join(all, "\n")
}

// said is a log that is read while it is written.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// rights changes what the program's user may do: a right is denied, until the returned function is called.
func (w *world) deny(kind kmsg.ACLResourceType, name string, op kmsg.ACLOperation) (grant func()) {
	w.t.Helper()
	adm := kadm.NewClient(w.root.Client(w.t))
	b := kadm.NewACLs().Deny("User:netsu").DenyHosts("*").Operations(op).ResourcePatternType(kadm.ACLPatternLiteral)
	switch kind {
	case kmsg.ACLResourceTypeTopic:
		b = b.Topics(name)
	case kmsg.ACLResourceTypeGroup:
		b = b.Groups(name)
	case kmsg.ACLResourceTypeTransactionalId:
		b = b.ResourcePatternType(kadm.ACLPatternPrefixed).TransactionalIDs(name)
	}
	made, err := adm.CreateACLs(w.ctx, b)
	if err != nil || len(made) != 1 || made[0].Err != nil {
		w.t.Fatal("denying:", err, made)
	}
	return func() {
		gone, err := adm.DeleteACLs(w.ctx, b)
		if err != nil || len(gone) != 1 || len(gone[0].Deleted) != 1 {
			w.t.Error("granting:", err, gone)
		}
	}
}
