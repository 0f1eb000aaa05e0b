package broker_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/broker"
)

// Without room nothing is acknowledged; with room again, what waited is taken, once, and is there after a restart.
func TestEmbeddedTakesNothingWithoutRoom(t *testing.T) {
	dir := t.TempDir()
	err := syscall.Mount("netsu-test", dir, "tmpfs", 0, "size=96m")
	if errors.Is(err, syscall.EPERM) {
		t.Skip("needs the right to mount a file system, which root has:", err)
	}
	must(t, err)
	t.Cleanup(func() { must(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	data := filepath.Join(dir, "broker")
	k := embedded(t, broker.EmbeddedSettings{Dir: data, TidyEvery: -1})
	k.Create(t, 1)
	cl := k.Client(t, kgo.DefaultProduceTopic(k.Topics.Orders), kgo.RecordRetries(1<<30), kgo.RetryTimeout(time.Minute))
	must(t, cl.ProduceSync(deadline(t), kgo.StringRecord("before")).FirstErr())
	ballast := filepath.Join(dir, "ballast")
	must(t, os.WriteFile(ballast, make([]byte, 64<<20), 0o600))
	<-time.After(200 * time.Millisecond) // longer than an answer of the file system is taken for true

	acknowledged := make(chan error, 1)
	cl.Produce(context.Background(), kgo.StringRecord("meanwhile"), func(_ *kgo.Record, err error) { acknowledged <- err })
	select {
	case err := <-acknowledged:
		t.Fatalf("without room a record was answered: %v", err)
	case <-time.After(time.Second):
	}
	must(t, os.Remove(ballast))
	must(t, <-acknowledged)
	k.Embedded.Close()
	again := embedded(t, broker.EmbeddedSettings{Dir: data})
	if got := committed(t, again, k.Topics.Orders, "meanwhile"); len(got) != 2 || got[0] != "before" {
		t.Errorf("the log has %v", got)
	}
}
