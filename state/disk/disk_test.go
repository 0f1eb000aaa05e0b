package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

func openIn(t testing.TB, dir string) *disk.DB {
	t.Helper()
	db, err := disk.Open(dir, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func dump(t testing.TB, b state.Backing) string {
	t.Helper()
	var out bytes.Buffer
	if err := b.Scan("", "\xff", func(k string, v []byte) error {
		fmt.Fprintf(&out, "%q=%q ", k, v)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Badger must be the Backing that Memory is: the same gets, scans and writes.
func TestTaskIsMemory(t *testing.T) {
	db := openIn(t, "")
	n := int32(0)
	rapid.Check(t, func(rt *rapid.T) {
		n += 2
		task, neighbour, want := db.Task("s", n), db.Task("s", n+1), state.Memory{}
		if err := neighbour.Put([]state.Entry{{Key: "", Value: []byte("other")}, {Key: "k", Value: nil}}); err != nil {
			rt.Fatal(err)
		}
		key := rapid.SampledFrom([]string{"", "a/", "a/1", "a/10", "a0", "b/\x00", "b/\xff", "ü"})
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) {
				set := rapid.MapOfN(key, rapid.SliceOfN(rapid.Byte(), 0, 3), 0, 5).Draw(rt, "entries")
				var entries []state.Entry
				for _, k := range slices.Sorted(maps.Keys(set)) {
					e := state.Entry{Key: k, Value: append([]byte{}, set[k]...)}
					if rapid.Bool().Draw(rt, "delete") {
						e.Value = nil
					}
					entries = append(entries, e)
				}
				want.Write(entries)
				if err := task.Put(entries); err != nil {
					rt.Fatal(err)
				}
			},
			"get": func(rt *rapid.T) {
				k := key.Draw(rt, "key")
				got, err := task.Get(k)
				if err != nil || (got == nil) != (want[k] == nil) || !bytes.Equal(got, want[k]) {
					rt.Fatalf("Get(%q) = %q, %v, want %q", k, got, err, want[k])
				}
			},
			"scan": func(rt *rapid.T) {
				from, to := key.Draw(rt, "from"), key.Draw(rt, "to")
				list := func(b state.Backing) (out []string) {
					if err := b.Scan(from, to, func(k string, v []byte) error {
						out = append(out, fmt.Sprintf("%q=%q", k, v))
						return nil
					}); err != nil {
						rt.Fatal(err)
					}
					return out
				}
				if got, want := list(task), list(want); !slices.Equal(got, want) {
					rt.Fatalf("Scan(%q, %q) = %v, want %v", from, to, got, want)
				}
			},
			"": func(*rapid.T) {},
		})
		if got := dump(t, neighbour); got != `""="other" ` {
			rt.Fatalf("the neighbour now holds %s", got)
		}
	})
}

func TestSweepDropsWhatWasWrittenBefore(t *testing.T) {
	db := openIn(t, "")
	task, other := db.Task("s", 1), db.Task("s", 10)
	put := func(task *disk.Task, from, to int) {
		var entries []state.Entry
		for i := from; i < to; i++ {
			entries = append(entries, state.Entry{Key: fmt.Sprintf("k%06d", i), Value: []byte("v")})
		}
		if err := task.Put(entries); err != nil {
			t.Fatal(err)
		}
	}
	put(task, 0, 25_000)
	put(other, 0, 10)
	now, err := task.Now()
	if err != nil {
		t.Fatal(err)
	}
	put(task, 1_000, 2_000) // written again, though the same
	put(task, 30_000, 30_001)
	swept, err := task.Sweep(t.Context(), now)
	if err != nil || swept != 24_000 {
		t.Fatalf("swept %d, %v, want 24000", swept, err)
	}
	left := 0
	if err := task.Scan("", "\xff", func(string, []byte) error { left++; return nil }); err != nil || left != 1_001 {
		t.Fatalf("%d left, %v, want 1001", left, err)
	}
	if other := dump(t, other); len(other) == 0 {
		t.Error("the other task was swept too")
	}
}

func TestMarkSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	db := openIn(t, dir)
	task := db.Task("show", 3)
	if _, ok, err := task.Mark(); ok || err != nil {
		t.Fatalf("a new task has a mark: %v, %v", ok, err)
	}
	want := state.Mark{ChangelogID: "c", ChangelogOffset: 7, WallMS: 5, Marker: state.Marker{Version: 1, InputOffset: 9}}
	if err := task.Write([]state.Entry{{Key: "a/b", Value: []byte("x")}}, want); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(dir, nil); !errors.Is(err, disk.ErrInUse) {
		t.Errorf("opening it twice: %v, want ErrInUse", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	task = openIn(t, dir).Task("show", 3)
	got, ok, err := task.Mark()
	if err != nil || !ok || !bytes.Equal(got.Encode(), want.Encode()) {
		t.Errorf("mark %+v, %v, %v, want %+v", got, ok, err, want)
	}
	if got := dump(t, task); got != `"a/b"="x" ` {
		t.Errorf("holds %s", got)
	}
}

func TestDamagedDatabaseIsMovedAside(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	db := openIn(t, dir)
	if err := db.Task("show", 0).Put([]state.Entry{{Key: "a/b", Value: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "MANIFEST"), []byte("this is not a manifest"), 0o600); err != nil {
		t.Fatal(err)
	}
	db = openIn(t, dir)
	if got := dump(t, db.Task("show", 0)); got != "" {
		t.Errorf("the new one holds %s", got)
	}
	if aside, _ := filepath.Glob(dir + ".damaged-*"); len(aside) != 1 {
		t.Errorf("moved aside: %v, want one", aside)
	}
}

func TestUnreadableDirectoryIsNotDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(dir, []byte("a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(dir, nil); err == nil {
		t.Fatal("opened a file as a directory")
	}
	if b, err := os.ReadFile(dir); err != nil || string(b) != "a file" {
		t.Errorf("what was there is gone: %q, %v", b, err)
	}
}

func TestMarkAge(t *testing.T) {
	now := time.UnixMilli(1_000_000_000)
	for _, c := range []struct {
		wallMS int64
		want   time.Duration
	}{
		{1_000_000_000 - 5000, 5 * time.Second},
		{1_000_000_000 + 5000, 0},
		{1_000_000_000 + 3_600_000, 1<<63 - 1},
	} {
		if got := disk.MarkAge(state.Mark{WallMS: c.wallMS}, now); got != c.want {
			t.Errorf("age of a mark at %d: %v, want %v", c.wallMS, got, c.want)
		}
	}
}

// What Badger counts is a scrape, also after the end of the database.
func TestDatabaseIsScraped(t *testing.T) {
	db := openIn(t, t.TempDir())
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(db)
	sum := func(name string) (v float64, series int) {
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.Metric {
				if f.GetName() == name {
					v, series = v+m.GetCounter().GetValue(), series+1
				}
			}
		}
		return v, series
	}
	before, _ := sum("netsu_badger_user_bytes_total")
	if err := db.Task("s", 0).Put([]state.Entry{{Key: "k", Value: make([]byte, 1000)}}); err != nil {
		t.Fatal(err)
	}
	if after, _ := sum("netsu_badger_user_bytes_total"); after-before < 1000 {
		t.Errorf("1,000 bytes were counted as %v", after-before)
	}
	if _, n := sum("netsu_badger_level_size_bytes"); n == 0 {
		t.Error("no levels")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, n := sum("netsu_badger_level_size_bytes"); n != 0 {
		t.Errorf("%d levels of a closed database", n)
	}
}
