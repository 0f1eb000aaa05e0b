package broker

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// tidied is an embedded broker that tidies up when told, with small limits.
type tidied struct {
	*testing.T
	e       *Embedded
	ctx     context.Context
	adm     *kadm.Client
	clients []*kgo.Client
}

func startTidied(t *testing.T, dir string) *tidied {
	t.Helper()
	log := slog.New(slog.NewTextHandler(failing{t}, nil))
	e, err := StartEmbedded(EmbeddedSettings{Dir: dir, TidyEvery: -1, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	e.tidier.growth = 4 << 10
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	k := &tidied{T: t, e: e, ctx: ctx}
	t.Cleanup(k.close)
	k.adm = kadm.NewClient(k.client())
	return k
}

// failing makes the test fail by whatever is logged: a healthy broker logs nothing.
type failing struct{ t *testing.T }

func (f failing) Write(b []byte) (int, error) {
	f.t.Errorf("logged: %s", bytes.TrimSpace(b))
	return len(b), nil
}

func (k *tidied) client(opts ...kgo.Opt) *kgo.Client {
	cl, err := k.e.Cluster().Client(opts...)
	if err != nil {
		k.Fatal(err)
	}
	k.clients = append(k.clients, cl)
	return cl
}

// close ends the clients first, which would log that the broker is gone.
func (k *tidied) close() {
	for _, cl := range k.clients {
		cl.Close()
	}
	k.e.Close()
}

func (k *tidied) must(err error) {
	k.Helper()
	if err != nil {
		k.Fatal(err)
	}
}

func (k *tidied) topic(name string, configs map[string]string) {
	k.Helper()
	m := map[string]*string{}
	for key, v := range configs {
		m[key] = &v
	}
	_, err := k.adm.CreateTopic(k.ctx, 1, 1, m, name)
	k.must(err)
}

// fill writes n records of about 100 bytes with keys k0…k9 and values that end in their number.
func (k *tidied) fill(cl *kgo.Client, topic string, n int) {
	k.Helper()
	for i := range n {
		r := &kgo.Record{Topic: topic, Key: fmt.Appendf(nil, "k%d", i%10), Value: fmt.Appendf(nil, "%090d", i)}
		k.must(cl.ProduceSync(k.ctx, r).FirstErr())
	}
}

// tidy does what a tick does, and makes the request that compaction waits for.
func (k *tidied) tidy() {
	k.Helper()
	k.must(k.e.tidier.tidy(k.ctx))
	_, err := k.adm.ListGroups(k.ctx) // not ListTopics: the client may answer that itself
	k.must(err)
}

func (k *tidied) info(topic string) (bytes, start, end int64) {
	p := k.e.fake.PartitionInfo(topic, 0)
	return p.NumBytes, p.LogStartOffset, p.HighWatermark
}

// values reads the topic, read-committed, to its end: the last value of each key.
func (k *tidied) values(topic string) map[string]string {
	k.Helper()
	_, _, end := k.info(topic)
	cl := k.client(kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.FetchMaxWait(50*time.Millisecond),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	defer cl.Close()
	got := map[string]string{}
	for at := int64(0); at < end; {
		fetches := cl.PollFetches(k.ctx)
		k.must(fetches.Err0())
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				got[string(r.Key)] = strings.TrimLeft(string(r.Value), "0")
			}
			at = r.Offset + 1
		})
	}
	return got
}

var compactConfig = map[string]string{"cleanup.policy": "compact", "retention.ms": "-1"}

func TestCompactionKeepsTheLastValueOfEachKey(t *testing.T) {
	k := startTidied(t, t.TempDir())
	k.topic("c", compactConfig)
	cl := k.client()
	k.fill(cl, "c", 500)
	large, _, _ := k.info("c")
	k.tidy()
	small, _, _ := k.info("c")
	if small > large/10 {
		t.Errorf("%d bytes after compaction, were %d", small, large)
	}
	want := map[string]string{}
	for i := 490; i < 500; i++ {
		want[fmt.Sprintf("k%d", i%10)] = fmt.Sprint(i)
	}
	if got := k.values("c"); !maps.Equal(got, want) {
		t.Errorf("values are %v, want %v", got, want)
	}
	k.fill(cl, "c", 10) // not yet grown enough to be worth it
	grown, _, _ := k.info("c")
	k.tidy()
	if now, _, _ := k.info("c"); now != grown {
		t.Errorf("compacted again at %d bytes, %d after the last time", grown, small)
	}
}

func TestCompactionWaitsForOpenTransactions(t *testing.T) {
	k := startTidied(t, t.TempDir())
	k.topic("c", compactConfig)
	k.fill(k.client(), "c", 500)
	want := k.values("c")

	txn := k.client(kgo.TransactionalID("t"))
	k.must(txn.BeginTransaction())
	k.fill(txn, "c", 100) // overwrites all keys, for now
	k.tidy()
	k.must(txn.EndTransaction(k.ctx, kgo.TryAbort))
	if got := k.values("c"); !maps.Equal(got, want) {
		t.Errorf("values are %v after a transaction was aborted, want %v", got, want)
	}
	k.tidy()
	if bytes, _, _ := k.info("c"); bytes > 10<<10 {
		t.Errorf("%d bytes: not compacted after the transaction ended", bytes)
	}
	if got := k.values("c"); !maps.Equal(got, want) {
		t.Errorf("values are %v after compaction, want %v", got, want)
	}
}

func TestCompactionSurvivesACrash(t *testing.T) {
	dir := t.TempDir()
	k := startTidied(t, dir)
	k.topic("c", compactConfig)
	k.topic("d", nil)
	k.fill(k.client(), "c", 500)
	k.fill(k.client(), "d", 20)
	want := k.values("c")
	k.must(protect(dir))
	k.close() // the files are as at a crash, but for the following:
	files, err := filepath.Glob(filepath.Join(dir, dataDir, partitionsDir, "c-0", "*.dat"))
	k.must(err)
	if len(files) == 0 {
		t.Fatal("no segment of c found")
	}
	for _, f := range files {
		k.must(os.Remove(f)) // what compaction does before it writes
	}
	k.must(os.MkdirAll(filepath.Join(dir, protectingDir, "litter"), 0o700))
	k.must(os.MkdirAll(filepath.Join(dir, unprotectingDir, "litter"), 0o700))

	again := startTidied(t, dir)
	if got := again.values("c"); !maps.Equal(got, want) {
		t.Errorf("values are %v after the restart, want %v", got, want)
	}
	if _, start, end := again.info("d"); start != 0 || end != 20 {
		t.Errorf("the other topic holds [%d,%d), want [0,20)", start, end)
	}
	left, err := os.ReadDir(dir)
	k.must(err)
	for _, f := range left {
		if !slices.Contains([]string{"lock", dataDir}, f.Name()) {
			t.Errorf("left over: %s", f.Name())
		}
	}
	again.tidy()
	if bytes, _, _ := again.info("c"); bytes > 10<<10 {
		t.Errorf("%d bytes: not compacted after the restart", bytes)
	}
}

func TestCompactedTopicsOutliveTheDefaultRetention(t *testing.T) {
	k := startTidied(t, t.TempDir())
	topics := DefaultTopics()
	if _, err := Create(k.ctx, k.e.Cluster(), topics, 1, 1); err != nil {
		t.Fatal(err)
	}
	for topic, stays := range map[string]bool{topics.Catalog: true, topics.Meters: true, topics.Orders: false} {
		old := &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte("v"), Timestamp: time.Now().Add(-100 * day)}
		k.must(k.client().ProduceSync(k.ctx, old).FirstErr())
		k.tidy()
		if _, start, end := k.info(topic); (start < end) != stays {
			t.Errorf("%s holds [%d,%d) after 100 days; should its record stay: %v", topic, start, end, stays)
		}
	}
}

func TestCommittedRecordsGoEarly(t *testing.T) {
	// An eighth of 64 kB is 8 kB, about 50 records.
	configs := map[string]string{"retention.bytes": "65536", "segment.bytes": "4096"}
	commit := func(k *tidied, group string, at int64) {
		offsets := kadm.Offsets{}
		offsets.AddOffset("d", 0, at, -1)
		k.must(k.adm.CommitAllOffsets(k.ctx, group, offsets))
	}
	t.Run("up to the slowest reader", func(t *testing.T) {
		k := startTidied(t, t.TempDir())
		k.topic("d", configs)
		k.fill(k.client(), "d", 300)
		commit(k, "fast", 300)
		commit(k, "slow", 40)
		k.tidy()
		if _, start, _ := k.info("d"); start != 40 {
			t.Errorf("begins at %d, want 40, where the slow group is", start)
		}
		commit(k, "slow", 300)
		k.tidy()
		if bytes, start, _ := k.info("d"); start < 200 || start > 270 || bytes > 2*8192 {
			t.Errorf("begins at %d with %d bytes, want about the last 50 records", start, bytes)
		}
	})
	t.Run("but not those that nobody has read, up to the hard bound", func(t *testing.T) {
		k := startTidied(t, t.TempDir())
		k.topic("d", configs)
		k.fill(k.client(), "d", 300)
		k.tidy()
		if _, start, _ := k.info("d"); start != 0 {
			t.Errorf("begins at %d, want 0: no group has committed", start)
		}
		k.fill(k.client(), "d", 300)
		commit(k, "slow", 1)
		k.tidy()
		if bytes, start, _ := k.info("d"); start == 0 || bytes > 65536 {
			t.Errorf("begins at %d with %d bytes, want at most 65536", start, bytes)
		}
	})
}
