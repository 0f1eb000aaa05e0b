package broker_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
)

// Transactions that were open at a crash are aborted, for good: who reads what is committed gets what the same owner commits
// after it, in one answer with what was aborted, and does not get that after another crash either. A broker that was closed
// knows itself what was open.
func TestTransactionsOpenAtACrashAreAborted(t *testing.T) {
	for name, restart := range restarts {
		t.Run(name, func(t *testing.T) {
			ctx := deadline(t)
			dir := t.TempDir()
			k := embedded(t, broker.EmbeddedSettings{Dir: dir})
			const topic = "t"
			small := "400" // bytes of a file: some batches
			if _, err := kadm.NewClient(k.Client(t)).CreateTopic(ctx, 1, 1, map[string]*string{"segment.bytes": &small}, topic); err != nil {
				t.Fatal(err)
			}
			write := func(owner, value string, end bool) {
				t.Helper()
				cl := k.Client(t, kgo.TransactionalID(owner), kgo.DefaultProduceTopic(topic))
				defer cl.Close()
				must(t, cl.BeginTransaction())
				must(t, cl.ProduceSync(ctx, kgo.KeyStringRecord(value, value)).FirstErr())
				if end {
					must(t, cl.EndTransaction(ctx, kgo.TryCommit))
				}
			}
			var want []string
			for _, value := range []string{"first", "second", "third"} {
				for _, owner := range []string{"one", "other"} {
					write(owner, value+" of "+owner, true)
					want = append(want, value+" of "+owner)
				}
				if _, got := readCommitted(t, k, topic); !slices.Equal(got, want) {
					t.Fatalf("read %q, want %q", got, want)
				}
				write("one", "open behind "+value, false)
				write("other", "open too behind "+value, false)
				dir = restart(t, k, dir)
				files := sizes(t, dir)
				k = embedded(t, broker.EmbeddedSettings{Dir: dir})
				if name == "after Close" && !maps.Equal(files, sizes(t, dir)) {
					t.Errorf("the files were %v, and are %v", files, sizes(t, dir))
				}
			}
			for _, owner := range []string{"one", "other"} {
				write(owner, "last of "+owner, true)
				want = append(want, "last of "+owner)
			}
			before, _ := readCommitted(t, k, topic)
			k = embedded(t, broker.EmbeddedSettings{Dir: restart(t, k, dir)})
			after, got := readCommitted(t, k, topic)
			if !slices.Equal(got, want) {
				t.Errorf("read %q, want %q", got, want)
			}
			if n := len(sizes(t, dir)); n < 2 {
				t.Errorf("the topic has %d files, want several", n)
			}
			if after != before {
				t.Errorf("a restart with nothing open took the log's end from %d to %d", before, after)
			}
		})
	}
}

// sizes are those of the files of partitions.
func sizes(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	files, err := filepath.Glob(filepath.Join(dir, "data", "partitions", "t-0", "*.dat"))
	must(t, err)
	for _, f := range files {
		stat, err := os.Stat(f)
		must(t, err)
		all[filepath.Base(f)] = stat.Size()
	}
	return all
}

// readCommitted is what is committed of a topic of one partition, and where that ends.
func readCommitted(t *testing.T, k brokertest.Kafka, topic string) (at int64, all []string) {
	t.Helper()
	ctx := deadline(t)
	cl := k.Client(t, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(ctx, topic)
	must(t, err)
	end, _ := ends.Lookup(topic, 0)
	for last := int64(-1); last < end.Offset-1; { // the last is a marker
		fs := cl.PollFetches(ctx)
		must(t, fs.Err())
		fs.EachRecord(func(r *kgo.Record) {
			if last = r.Offset; !r.Attrs.IsControl() {
				all = append(all, string(r.Value))
			}
		})
	}
	return end.Offset, all
}
