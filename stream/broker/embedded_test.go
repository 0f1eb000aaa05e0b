package broker_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
)

func embedded(t *testing.T, s broker.EmbeddedSettings) brokertest.Kafka {
	t.Helper()
	e, err := broker.StartEmbedded(s)
	must(t, err)
	t.Cleanup(e.Close)
	return brokertest.Kafka{Cluster: e.Cluster(), Topics: broker.DefaultTopics(), Embedded: e}
}

// restarts are the ways in which a broker's next run can find its directory.
var restarts = map[string]func(t *testing.T, k brokertest.Kafka, dir string) string{
	"after Close": func(_ *testing.T, k brokertest.Kafka, dir string) string {
		k.Embedded.Close()
		return dir
	},
	// What kill -9 leaves is what is on disk while it runs.
	"after a crash": func(t *testing.T, _ brokertest.Kafka, dir string) string {
		crashed := t.TempDir()
		must(t, os.CopyFS(crashed, os.DirFS(dir)))
		return crashed
	},
}

func TestEmbeddedKeepsWhatItAcknowledged(t *testing.T) {
	for name, restart := range restarts {
		t.Run(name, func(t *testing.T) {
			dir, ctx := t.TempDir(), deadline(t)
			k := embedded(t, broker.EmbeddedSettings{Dir: dir})
			before := k.Create(t, 2)
			cl := k.Client(t, kgo.DefaultProduceTopic(k.Topics.Orders))
			must(t, cl.ProduceSync(ctx, kgo.StringRecord("a"), kgo.StringRecord("b")).FirstErr())
			adm := kadm.NewClient(cl)
			at := kadm.Offsets{}
			at.AddOffset(k.Topics.Orders, 0, 1, -1)
			must(t, adm.CommitAllOffsets(ctx, "readers", at))

			again := embedded(t, broker.EmbeddedSettings{Dir: restart(t, k, dir)})
			after, err := broker.Load(ctx, again.Cluster, again.Topics)
			must(t, err)
			for topic, id := range before.IDs {
				if after.IDs[topic] != id {
					t.Errorf("%s has id %s after the restart, had %s", topic, after.IDs[topic], id)
				}
			}
			got := committed(t, again, k.Topics.Orders, "b")
			if slices.Sort(got); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("read %v, want a and b", got)
			}
			offsets, err := kadm.NewClient(again.Client(t)).FetchOffsets(ctx, "readers")
			must(t, err)
			if o, ok := offsets.Lookup(k.Topics.Orders, 0); !ok || o.At != 1 {
				t.Errorf("the group is at %d, want 1", o.At)
			}
		})
	}
}

func TestEmbeddedRefuses(t *testing.T) {
	t.Run("a directory that is in use", func(t *testing.T) {
		dir := t.TempDir()
		first, err := broker.StartEmbedded(broker.EmbeddedSettings{Dir: dir})
		must(t, err)
		_, err = broker.StartEmbedded(broker.EmbeddedSettings{Dir: dir})
		if !errors.Is(err, broker.ErrInUse) || !strings.Contains(err.Error(), dir) {
			t.Errorf("error is %v, want ErrInUse with the directory", err)
		}
		first.Close()
		embedded(t, broker.EmbeddedSettings{Dir: dir}) // free again
	})
	t.Run("a port that is taken", func(t *testing.T) {
		other, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer other.Close()
		dir, port := t.TempDir(), other.Addr().(*net.TCPAddr).Port
		_, err = broker.StartEmbedded(broker.EmbeddedSettings{Dir: dir, Port: port})
		if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
			t.Errorf("error is %v, want one that names port %d", err, port)
		}
		embedded(t, broker.EmbeddedSettings{Dir: dir}) // what failed has let go of the directory
	})
	t.Run("a directory that cannot be made", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(file, nil, 0o600))
		if _, err := broker.StartEmbedded(broker.EmbeddedSettings{Dir: file}); err == nil {
			t.Error("no error")
		}
	})
}

func TestEmbeddedListensOnTheGivenPort(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := free.Addr().String()
	free.Close()
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	if k := embedded(t, broker.EmbeddedSettings{Port: n}); k.Embedded.Addr() != addr {
		t.Errorf("listens on %s, want %s", k.Embedded.Addr(), addr)
	}
}
