package stream_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/fold"
	"github.com/netsu/netsu/stream/sim"
)

var (
	stateMB   = flag.Int("state.mb", 16, "megabytes of state that TestKafkaTakeoverWarm takes over")
	stateCold = flag.Bool("state.cold", false, "TestKafkaTakeoverWarm measures a takeover without a standby too")
)

// ballast is state that the journey fold does not look at: it has to be moved all the same. Values do not compress.
func ballast(ctx context.Context, t *testing.T, k brokertest.Kafka, l *broker.Layout, megabytes int) {
	t.Helper()
	log, err := changelog.Open(ctx, changelog.Settings{
		Cluster: k.Cluster, Topic: k.Topics.JourneyChangelog, TopicID: l.IDs[k.Topics.JourneyChangelog],
		TransactionalID: strings.TrimSuffix(k.Prefix, ".") + "-journey-0",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	m := state.Marker{Version: state.MarkerVersion, Schema: 1, Input: k.Topics.Journeys, InputID: l.IDs[k.Topics.Journeys]}
	rng := rand.NewChaCha8([32]byte{})
	for mb := range megabytes {
		entries := make([]state.Entry, 1024)
		for i := range entries {
			entries[i] = state.Entry{Key: fmt.Sprintf("ballast/%06d/%04d", mb, i), Value: make([]byte, 1000)}
			rng.Read(entries[i].Value)
		}
		if err := log.Append(ctx, entries, m); err != nil {
			t.Fatal(err)
		}
		if _, err := log.Commit(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// cpu is what this process has used so far.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// until polls every couple of milliseconds.
func until(ctx context.Context, t *testing.T, what string, ok func() bool) {
	t.Helper()
	for !ok() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain for: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func stageOf(p *stream.Program, name string) fold.Status {
	for _, s := range p.Folds() {
		if s.Stage == name {
			return s
		}
	}
	return fold.Status{}
}

// TestKafkaTakeoverWarm kills the process that owns everything. The other one, which keeps copies, must go on from those:
// it reads what came since the copies' latest checkpoint and not the state. With -state.mb=1024 it is the measure of what a
// takeover costs; the log has the figures.
func TestKafkaTakeoverWarm(t *testing.T) {
	t.Run("with a standby", func(t *testing.T) { takeover(t, 1) })
	if *stateCold {
		t.Run("without", func(t *testing.T) { takeover(t, 0) })
	}
}

func takeover(t *testing.T, standbys int) {
	k := brokertest.Real(t)
	layout := k.Create(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	ballast(ctx, t, k, layout, *stateMB)
	brokers := brokersOf(os.Getenv(brokertest.BrokersEnv))
	sc := play(t, 4712, time.Minute, 3, sim.Wire{Disorder: 5 * time.Second, DuplicateRate: .01, BadRate: .002})
	want := sc.undisturbed(t)

	// It does not ingest, so its death makes nothing late.
	a := start(t, child{DataDir: t.TempDir(), Brokers: brokers, Prefix: k.Prefix, Standbys: standbys,
		Roles: []stream.Role{stream.RoleShow, stream.RoleJourney, stream.RoleLedger}})
	awaitOwners(ctx, t, k, 1)
	dir := t.TempDir()
	b, err := stream.Open(ctx, stream.Settings{
		DataDir: dir, Broker: broker.Settings{Seeds: brokers, Logger: quiet}, Prefix: k.Prefix, Key: testKey,
		Listen: "127.0.0.1:0", CheckpointEvery: 500 * time.Millisecond, SessionTimeout: 6 * time.Second, Standbys: standbys,
		Logger: quiet,
	})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	began, used := time.Now(), cpu(t)
	go func() { ended <- b.Run(running) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		b.Close()
	}()
	copied := func() (s fold.StandbyStatus) {
		for _, s = range stageOf(b, "journey").Standbys {
		}
		return s
	}
	if standbys > 0 {
		until(ctx, t, "a copy of the whole state", func() bool {
			s := copied()
			return s.Records >= int64(*stateMB)*1024 && s.Next == s.End
		})
		t.Logf("copied %d MB after %v, with %v of CPU", *stateMB, time.Since(began).Round(time.Millisecond), (cpu(t) - used).Round(time.Millisecond))
	}
	adm := kadm.NewClient(k.Client(t))
	producing := time.Now()
	produced := make(chan error, 1)
	go func() { produced <- produce(ctx, k.Cluster, k.Topics, sc.records, len(sc.records)/20) }()
	// The owner has restored by then, and its checkpoints arrive.
	until(ctx, t, "checkpoints of what is produced", func() bool {
		if standbys > 0 {
			return copied().MarkedMS > producing.Add(2*time.Second).UnixMilli()
		}
		offsets, err := adm.FetchOffsets(ctx, strings.TrimSuffix(k.Prefix, ".")+"-journey")
		o, ok := offsets.Lookup(k.Topics.Journeys, 0)
		return err == nil && ok && o.At > 20
	})
	heard := k.Client(t, kgo.ConsumeTopics(k.Topics.Meters), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))
	killed := time.Now()
	a.kill()

	placed := map[string]time.Time{}
	folding := map[string]time.Time{}
	var journey fold.TaskStatus
	until(ctx, t, "all three folds going on", func() bool {
		for _, s := range b.Folds() {
			for _, task := range s.Tasks {
				if placed[s.Stage].IsZero() {
					placed[s.Stage] = time.Now()
				}
				if task.State == fold.Running && task.Offset > 0 && task.End > 0 && folding[s.Stage].IsZero() {
					folding[s.Stage] = time.Now()
				}
				if s.Stage == "journey" {
					journey = task
				}
			}
		}
		return len(folding) == 3
	})
	for _, stage := range []string{"show", "journey", "ledger"} {
		t.Logf("%s: placed %v after the kill, folded %v after that", stage, placed[stage].Sub(killed).Round(time.Millisecond),
			folding[stage].Sub(placed[stage]).Round(time.Millisecond))
	}
	for first := (*kgo.Record)(nil); first == nil; {
		fs := heard.PollFetches(ctx)
		if err := fs.Err0(); err != nil {
			t.Fatal(err)
		}
		fs.EachRecord(func(r *kgo.Record) {
			if first == nil && r.Timestamp.After(placed["show"]) {
				first = r
				t.Logf("first meter %v after the show fold was placed", r.Timestamp.Sub(placed["show"]).Round(time.Millisecond))
			}
		})
	}
	read := journey.RestoreEnd - journey.RestoreFrom
	t.Logf("the journey fold's successor read %d offsets of the changelog's %d", read, journey.RestoreEnd)
	if standbys > 0 && (journey.RestoreFrom == 0 || read > int64(*stateMB)*1024/4) {
		t.Errorf("it read from %d to %d: the copy was of no use", journey.RestoreFrom, journey.RestoreEnd)
	}
	if err := <-produced; err != nil {
		t.Fatal("producing:", err)
	}
	got := settled(ctx, t, k.Cluster, k.Topics, sc.shows, 3*time.Second)
	if d := diff(finals(want), finals(got)); d != "" {
		t.Errorf("after the takeover, final meters differ:\n%s", d)
	}
}

// awaitOwners waits until each fold's partitions are owned, by so many members each.
func awaitOwners(ctx context.Context, t *testing.T, k brokertest.Kafka, members int) {
	t.Helper()
	adm := kadm.NewClient(k.Client(t))
	groups := foldGroups(k)
	until(ctx, t, "owners of everything", func() bool {
		all, err := adm.DescribeGroups(ctx, groups...)
		if err != nil {
			return false
		}
		owning := map[string]int{}
		for _, g := range all {
			for _, m := range g.Members {
				if c, ok := m.Assigned.AsConsumer(); ok && len(c.Topics) > 0 {
					owning[g.Group]++
				}
			}
		}
		return !slices.ContainsFunc(groups, func(g string) bool { return owning[g] != members })
	})
}

// awaitCheckpoints waits until every task that is owned has made a checkpoint: of journal and journeys all partitions are.
func awaitCheckpoints(ctx context.Context, t *testing.T, k brokertest.Kafka) {
	t.Helper()
	adm := kadm.NewClient(k.Client(t))
	until(ctx, t, "checkpoints", func() bool {
		for group, topic := range map[string]string{"show": k.Topics.Journal, "journey": k.Topics.Journeys} {
			offsets, err := adm.FetchOffsets(ctx, strings.TrimSuffix(k.Prefix, ".")+"-"+group)
			if err != nil || len(offsets[topic]) == 0 {
				return false
			}
			for _, o := range offsets[topic] {
				if o.At <= 0 {
					return false
				}
			}
		}
		return true
	})
}

func foldGroups(k brokertest.Kafka) []string {
	base := strings.TrimSuffix(k.Prefix, ".")
	return []string{base + "-show", base + "-journey", base + "-ledger"}
}
