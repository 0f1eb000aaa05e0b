package journey

import (
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// b.N persons with ten touches each, in two visits of five that all the others lie between, over Badger with a cache of
// 64 MB: what a person takes on disk, what the process holds in memory, and how many touches it takes in.
//
//	go test -run '^$' -bench PersonsOnDisk -benchtime 2000000x ./operators/journey
func BenchmarkPersonsOnDisk(b *testing.B) {
	dir := b.TempDir()
	db, err := disk.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	task := db.Task("journey", 0)
	store := state.NewStore(task, 64<<20)
	fold, err := New(store, 0)
	if err != nil {
		b.Fatal(err)
	}
	cut := func() {
		if err := task.Put(store.Cut()); err != nil {
			b.Fatal(err)
		}
		store.Written()
	}
	var out operators.Outputs
	block := make([]*eventpb.Event, 0, 100)
	touches, before := 0, cpu(b)
	flush := func() {
		out.Reset()
		if err := fold.Apply(&operators.Record{Events: block}, &out); err != nil {
			b.Fatal(err)
		}
		touches += len(block)
		if block = block[:0]; touches%20_000 == 0 {
			cut()
		}
	}
	b.ResetTimer()
	for visit := range 2 {
		for person := range b.N {
			for i := range 5 {
				n := uint64(visit*5+i)<<40 | uint64(person)
				block = append(block, &eventpb.Event{
					Kind: eventpb.Kind_KIND_PRODUCT_CLICK, IdHi: n * 0x9e3779b97f4a7c15, IdLo: n, TimeMs: int64(visit*5+i) * 60_000,
					PersonHi: uint64(person) * 0x9e3779b97f4a7c15, PersonLo: uint64(person) + 1,
					ShowId: "asadew-evening-2026-11-24", EsolId: "e", ProductId: "dew-serum-30ml",
				})
				if len(block) == 100 {
					flush()
				}
			}
		}
	}
	flush()
	cut()
	b.StopTimer()
	b.ReportMetric(float64(touches)/(cpu(b)-before).Seconds(), "events/cpu-s")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MB")
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(sizeOf(b, dir))/float64(b.N), "disk-B/person")
}

// sizeOf is what files take, as blocks and not as they say: Badger's are sparse.
func sizeOf(b *testing.B, dir string) (bytes int64) {
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}
