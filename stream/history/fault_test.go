package history

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/state/retain"
	"github.com/netsu/netsu/stream/event"
)

const faultAt = int64(1_770_000_000) // second of the first row

// reopened is what Run does after a failure: it goes on from what the database holds now.
func reopened(t *testing.T, db *disk.Blocks) *store {
	t.Helper()
	return reopenedWith(t, db, newMetrics(nil))
}

func reopenedWith(t *testing.T, db *disk.Blocks, m *metrics) *store {
	t.Helper()
	if err := db.Renew(); err != nil {
		t.Fatal(err)
	}
	s, err := openStore(db, "log", DefaultKeep, 0, func() time.Time { return time.Unix(faultAt+100, 0) }, m,
		slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// takeRows takes the log's records from one offset up to another, a row a second, and commits.
func takeRows(t *testing.T, s *store, from, to int64) error {
	t.Helper()
	for o := max(from, s.next(0)); o < to; o++ {
		st := &statement{table: tableName("esol/E", partMoney), part: partMoney, t: faultAt + o, said: faultAt + o,
			place: place{"ledger", 0, event.Position{Offset: o}}}
		k, _ := keyOf(idMoneyBuyers, "")
		st.cells = []cell{{k, o, o, o}}
		if _, err := s.take(0, o, (faultAt+o)*1000, st); err != nil {
			t.Fatal(err)
		}
	}
	return s.commit()
}

// seconds are those that there are rows of, and the gaps that are said.
func seconds(t *testing.T, db *disk.Blocks) (rows string, gaps []partGap) {
	t.Helper()
	c, _ := parseName("money.buyers")
	a, err := read(db, &query{scope: "esol/E", columns: []column{c}, tier: 0, from: faultAt, to: faultAt + 100, limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range a.lines {
		rows += fmt.Sprint(l.t-faultAt, " ")
	}
	return rows, a.gaps
}

// A damaged history begins anew: what the log has no more is said to be missing, what it still has is read again, and what
// comes is taken.
func TestDamagedHistoryHasAGap(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "history")
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	db, err := disk.OpenBlocks(dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := takeRows(t, reopened(t, db), 0, 6); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatal("no tables to damage:", err)
	}
	b, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/3] ^= 0x55
	if err := os.WriteFile(tables[0], b, 0o600); err != nil {
		t.Fatal(err)
	}

	if db, err = disk.OpenBlocks(dir, quiet); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := takeRows(t, reopened(t, db), 4, 9); err != nil { // the log has been compacted: 0 to 3 are gone
		t.Fatal(err)
	}
	rows, gaps := seconds(t, db)
	if d := cmp.Diff("4 5 6 7 8 ", rows); d != "" {
		t.Error("rows:", d)
	}
	if want := []partGap{{partMoney, gap{0, faultAt + 4 - 1}}}; !cmp.Equal(want, gaps, unexported) {
		t.Errorf("gaps %v, want %v", gaps, want)
	}
}

// Without room nothing is written, and nothing is lost: with room again the log is read from where the history is.
func TestHistoryOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	err := syscall.Mount("netsu-test", dir, "tmpfs", 0, "size=320m")
	if errors.Is(err, syscall.EPERM) {
		t.Skip("needs the right to mount a file system, which root has:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	db, err := disk.OpenBlocks(filepath.Join(dir, "history"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := takeRows(t, reopened(t, db), 0, 3); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 160<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := takeRows(t, reopened(t, db), 0, 6); !errors.Is(err, disk.ErrNoRoom) {
			t.Fatalf("a commit without room: %v", err)
		}
		if rows, _ := seconds(t, db); rows != "0 1 2 " {
			t.Errorf("without room it has %s", rows)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := takeRows(t, reopened(t, db), 0, 8); err != nil {
		t.Fatal(err)
	}
	if rows, gaps := seconds(t, db); rows != "0 1 2 3 4 5 6 7 " || len(gaps) > 0 {
		t.Errorf("with room again it has %s, gaps %v", rows, gaps)
	}
}

// What is missing counts once it is known for good and not at each try to write it; and not where the log lacked it already when
// this history began with it.
func TestHolesAreCountedOnce(t *testing.T) {
	db := inMemory(t)
	defer db.Close()
	registry := prometheus.NewRegistry()
	m := newMetrics(registry)
	holes := func() float64 {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "netsu_history_holes_total" {
				return f.Metric[0].GetCounter().GetValue()
			}
		}
		return -1
	}
	take := func(s *store, offsets ...int64) *store {
		t.Helper()
		for _, o := range offsets {
			if _, err := s.take(0, o, (faultAt+o)*1000, nil); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	s := reopenedWith(t, db, m)
	s.begin(0, 10)
	if err := take(s, 3, 5, 9, 10).commit(); err != nil {
		t.Fatal(err)
	}
	if n := holes(); n != 0 {
		t.Errorf("a new history counts %v holes of the time before it", n)
	}
	for range 3 { // tries whose commit fails
		s := reopenedWith(t, db, m)
		s.begin(0, 20)
		take(s, 15, 19)
	}
	if n := holes(); n != 0 {
		t.Errorf("%v holes before any was written", n)
	}
	s = reopenedWith(t, db, m)
	s.begin(0, 20)
	if err := take(s, 15, 19).commit(); err != nil {
		t.Fatal(err)
	}
	if n := holes(); n != 2 {
		t.Errorf("%v holes, want 2", n)
	}
	if err := take(s, 20, 21).commit(); err != nil {
		t.Fatal(err)
	}
	if n := holes(); n != 2 {
		t.Errorf("%v holes after records without any, want 2", n)
	}
}

// What was read and cannot be written is not in the history, so it is behind by it: in the same try and in the next.
func TestWhatIsNotWrittenIsBehind(t *testing.T) {
	db := inMemory(t)
	defer db.Close()
	ends := map[int32]int64{0: 8, 1: 5}
	s := reopened(t, db)
	for o := range int64(6) {
		if _, err := s.take(0, o, faultAt*1000, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.behind(ends); n != 8+5 {
		t.Errorf("before a commit it is behind by %d", n)
	}
	if err := s.commit(); err != nil {
		t.Fatal(err)
	}
	if n := s.behind(ends); n != 2+5 {
		t.Errorf("after it by %d", n)
	}
	if n := reopened(t, db).behind(ends); n != 2+5 {
		t.Errorf("opened again by %d", n)
	}
}

// A clock that is set forward and back takes nothing before its time.
func TestSweepAfterTheClockStepped(t *testing.T) {
	db := inMemory(t)
	defer db.Close()
	s := reopened(t, db)
	if err := takeRows(t, s, 0, 10); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(faultAt+10, 0).Add(DefaultKeep[0] - time.Minute) // the rows of seconds have a minute left
	s.now = retain.New(func() time.Time { return now }, s.latest().Add(DefaultKeep[0])).Now
	for _, step := range []time.Duration{time.Hour, -2 * time.Hour, time.Hour} {
		now = now.Add(step)
		if err := errors.Join(s.sweep(), s.sweepTables()); err != nil {
			t.Fatal(err)
		}
		if rows, _ := seconds(t, db); rows != "0 1 2 3 4 5 6 7 8 9 " {
			t.Fatalf("after a step of %v it has %s", step, rows)
		}
	}
}
