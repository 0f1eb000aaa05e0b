package disk_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

var damages = flag.Int("damages", 6, "how many ways of damaging a database are tried, each with a seed of its own")

// written is a database as it lies on disk when its process is killed, and what it had held after each write of it.
type written struct {
	dir string
	was []string // dump after write n; 0: before the first
}

const tasks = 2

// write makes a database of some tables and a log, and copies it while it is open: that is what kill -9 leaves.
func write(t *testing.T, rng *rand.Rand) (all [tasks]written) {
	from, dir := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "state")
	db := openIn(t, from)
	var memory [tasks]state.Memory
	for i := range all {
		memory[i] = state.Memory{}
		all[i] = written{dir, []string{digest(t, memory[i])}}
	}
	for n := 1; n <= 45; n++ { // about 36 MB: two tables and the log of a third
		for i := range all {
			task := db.Task("s", int32(i))
			var entries []state.Entry
			for k := range 40 {
				e := state.Entry{Key: fmt.Sprintf("k/%03d", (n*17+k*5)%200), Value: make([]byte, 10_000)}
				if k == 0 { // never written again: what is missing of an early table is missed
					e.Key = fmt.Sprintf("once/%03d", n)
				}
				for b := 0; b < len(e.Value); b += 97 {
					e.Value[b] = byte(rng.Uint32())
				}
				if k > 0 && rng.IntN(10) == 0 {
					e.Value = nil
				}
				entries = append(entries, e)
			}
			slices.SortFunc(entries, func(a, b state.Entry) int { return strings.Compare(a.Key, b.Key) })
			entries = slices.CompactFunc(entries, func(a, b state.Entry) bool { return a.Key == b.Key })
			memory[i].Write(entries)
			if err := task.Write(entries, state.Mark{Marker: state.Marker{Version: 1, InputOffset: int64(n)}}); err != nil {
				t.Fatal(err)
			}
			all[i].was = append(all[i].was, digest(t, memory[i]))
		}
	}
	for { // no table is being written: a copy is not of one moment
		logs, _ := filepath.Glob(filepath.Join(from, "*.mem"))
		if tables, _ := filepath.Glob(filepath.Join(from, "*.sst")); len(logs) == 1 && len(tables) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	sparseCopy(t, dir, from)
	return all
}

// digest is what a task holds, in few bytes; "" for nothing.
func digest(t testing.TB, b state.Backing) string {
	t.Helper()
	h, keys := sha256.New(), 0
	if err := b.Scan("", "\xff", func(k string, v []byte) error {
		keys++
		_, err := fmt.Fprintf(h, "%q %d ", k, len(v))
		h.Write(v)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if keys == 0 {
		return ""
	}
	return fmt.Sprintf("%d keys %x", keys, h.Sum(nil))
}

// sparseCopy copies a directory's files. What is only zeros takes no room: Badger's logs are mostly that.
func sparseCopy(t testing.TB, to, from string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 64<<10)
	for _, e := range filesOf(t, from) {
		b, err := os.ReadFile(filepath.Join(from, e))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(filepath.Join(to, e))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(b); at += len(zeros) {
			if part := b[at:min(at+len(zeros), len(b))]; !bytes.Equal(part, zeros[:len(part)]) {
				if _, err := f.WriteAt(part, int64(at)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := errors.Join(f.Truncate(int64(len(b))), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func filesOf(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names
}

// used is the length of a file without the zeros at its end, where Badger's logs are not written yet.
func used(t testing.TB, name string) int {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return len(bytes.TrimRight(b, "\x00"))
}

// spoil does something to one of the files, and says what.
func spoil(t testing.TB, dir string, rng *rand.Rand) string {
	t.Helper()
	files := slices.DeleteFunc(filesOf(t, dir), func(n string) bool { return n == "LOCK" || used(t, filepath.Join(dir, n)) == 0 })
	name := files[rng.IntN(len(files))]
	path := filepath.Join(dir, name)
	n := used(t, path)
	switch rng.IntN(4) {
	case 0: // torn
		to := n - 1 - rng.IntN(min(n, 4000))
		if err := os.Truncate(path, int64(to)); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s cut from %d to %d", name, n, to)
	case 1: // lost
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return name + " removed"
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at, count := rng.IntN(n), 1+rng.IntN(20)
	if rng.IntN(3) == 0 {
		at = max(0, n-count-rng.IntN(200)) // the ends have what says where the rest is
	}
	for i := at; i < min(at+count, n); i++ {
		b[i] ^= byte(1 + rng.IntN(255))
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(b[at:min(at+count, n)], int64(at)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s: %d bytes changed at %d of %d", name, count, at, n)
}

// TestDamageIsNoticed: whatever is done to one file of a database whose process was killed, what a task then starts from
// is what it had held at its mark, or it is told that there is nothing. It is never anything else.
func TestDamageIsNoticed(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	all := write(t, rand.New(rand.NewPCG(seed, 0)))
	noticed, whole := 0, 0
	for i := range *damages {
		rng := rand.New(rand.NewPCG(seed, uint64(i+1)))
		dir := filepath.Join(t.TempDir(), "state")
		sparseCopy(t, dir, all[0].dir)
		what := spoil(t, dir, rng)
		var log bytes.Buffer
		db, err := disk.Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Errorf("%s: it does not open: %v", what, err)
			continue
		}
		empty := 0
		for n, w := range all {
			at, got := start(t, db, int32(n))
			// Between the keys and their mark it may have ended, too.
			if got != w.was[at] && (at+1 == len(w.was) || got != w.was[at+1]) {
				t.Errorf("%s: task %d at mark %d holds something else", what, n, at)
			}
			if got == "" {
				empty++
			}
		}
		aside, _ := filepath.Glob(dir + ".damaged-*")
		switch said := strings.Contains(log.String(), "moved_to="+dir); {
		case empty == 0 && len(aside) == 0 && !said:
			whole++
		case empty == tasks && len(aside) == 1 && said:
			noticed++
		default:
			t.Errorf("%s: %d tasks are empty, moved aside %v, log: %s", what, empty, aside, &log)
		}
		if err := db.Close(); err != nil {
			t.Errorf("%s: closing: %v", what, err)
		}
		if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d were noticed, %d did no harm", noticed, *damages, whole)
	if *damages >= 50 && (noticed == 0 || whole == 0) {
		t.Error("the test has lost its teeth")
	}
}

// start is what a task does first. Where it is told that the database was replaced, it begins again.
func start(t *testing.T, db *disk.DB, n int32) (mark int, holds string) {
	t.Helper()
	for range 2 {
		task := db.Task("s", n)
		err := task.Verify()
		if errors.Is(err, disk.ErrReplaced) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		m, _, err := task.Mark()
		if err != nil {
			t.Fatal(err)
		}
		return int(m.Marker.InputOffset), digest(t, task)
	}
	t.Fatal("replaced again and again")
	return 0, ""
}

// TestLostTableIsNoticed: a manifest without its last record names one table less, which Badger removes without a word,
// while newer keys and marks lie in its log. Every checksum is right then, and the state is wrong.
func TestLostTableIsNoticed(t *testing.T) {
	all := write(t, rand.New(rand.NewPCG(1, 2)))
	dir := all[0].dir
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables %v, %v: the test has lost its teeth", tables, err)
	}
	manifest := filepath.Join(dir, "MANIFEST")
	if err := os.Truncate(manifest, int64(used(t, manifest)-1)); err != nil {
		t.Fatal(err)
	}
	db := openIn(t, dir)
	for n := range all {
		if at, holds := start(t, db, int32(n)); at != 0 || holds != "" {
			t.Errorf("task %d starts from mark %d", n, at)
		}
	}
}

// TestLostTableIsNoticedBehindMarks: after a restart nothing was written but marks, so all keys lie in a table, and that is lost.
func TestLostTableIsNoticedBehindMarks(t *testing.T) {
	dir, crashed := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "state")
	mark := func(n int64) state.Mark { return state.Mark{Marker: state.Marker{Version: 1, InputOffset: n}} }
	db := openIn(t, dir)
	if err := db.Task("s", 0).Write([]state.Entry{{Key: "k", Value: []byte("v")}}, mark(1)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil { // which makes a table of it
		t.Fatal(err)
	}
	if err := openIn(t, dir).Task("s", 0).Write(nil, mark(2)); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	manifest := filepath.Join(crashed, "MANIFEST")
	if err := os.Truncate(manifest, int64(used(t, manifest)-1)); err != nil {
		t.Fatal(err)
	}
	if at, holds := start(t, openIn(t, crashed), 0); at != 0 || holds != "" {
		t.Errorf("starts from mark %d with %q", at, holds)
	}
}

// Who used a database that was replaced is told so, and never that there is nothing; and of what was moved aside one stays.
func TestReplacedWhileInUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	db := openIn(t, dir)
	for round := range 2 {
		a, b := db.Task("s", 0), db.Task("s", 1)
		for _, task := range []*disk.Task{a, b} {
			if err := task.Put([]state.Entry{{Key: "k", Value: []byte("v")}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := disk.Unseal(a); err != nil {
			t.Fatal(err)
		}
		if err := db.Task("s", 0).Verify(); err != nil {
			t.Fatalf("round %d: what this process wrote was read again: %v", round, err)
		}
		disk.Forget(a)
		if err := db.Task("s", 0).Verify(); !errors.Is(err, disk.ErrReplaced) {
			t.Fatalf("round %d: damage was answered with %v", round, err)
		}
		if v, err := b.Get("k"); !errors.Is(err, disk.ErrReplaced) {
			t.Errorf("round %d: the other task got %q, %v", round, v, err)
		}
		if err := b.Put([]state.Entry{{Key: "k", Value: []byte("w")}}); !errors.Is(err, disk.ErrReplaced) {
			t.Errorf("round %d: the other task wrote: %v", round, err)
		}
		if got := dump(t, db.Task("s", 1)); got != "" {
			t.Errorf("round %d: the new one holds %s", round, got)
		}
		if aside, _ := filepath.Glob(dir + ".damaged-*"); len(aside) != 1 {
			t.Errorf("round %d: aside lie %v", round, aside)
		}
	}
}

func BenchmarkPut(b *testing.B) {
	db := openIn(b, b.TempDir())
	task := db.Task("s", 0)
	var entries []state.Entry
	for i := range 10_000 {
		entries = append(entries, state.Entry{Key: fmt.Sprintf("k/%06d", i), Value: bytes.Repeat([]byte{byte(i)}, 200)})
	}
	for b.Loop() {
		if err := task.Put(entries); err != nil {
			b.Fatal(err)
		}
	}
}
