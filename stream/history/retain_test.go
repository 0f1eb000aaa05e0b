package history

import (
	"log/slog"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// Where bytes run out all tiers lose the same part of their time, what is held stays within the bound, and the answer
// says from when on there are rows.
func TestBytesShortenAllTiersAlike(t *testing.T) {
	db := inMemory(t)
	defer db.Close()
	now := time.Unix(1_770_000_000, 0)
	keep := Keep{100 * time.Hour, 100 * time.Hour, 1000 * time.Hour, 3000 * time.Hour}
	s, err := openStore(db, "log", keep, 60_000, func() time.Time { return now }, newMetrics(nil), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	k, _ := keyOf(idMoneyBuyers, "")
	least := 1.
	for i := range int64(20_000) {
		now = now.Add(time.Minute)
		v := (i * 7919) % 1_000_003 // does not compress away
		st := &statement{table: tableName("esol/E", partMoney), part: partMoney, t: now.Unix(), said: now.Unix(),
			place: place{"ledger", 0, event.Position{Offset: i}}, cells: []cell{{k, v, v, v}}}
		if _, err := s.take(0, i, now.UnixMilli(), st); err != nil {
			t.Fatal(err)
		}
		if i%60 != 59 {
			continue
		}
		if err := s.commit(); err != nil {
			t.Fatal(err)
		}
		if err := s.sweep(); err != nil {
			t.Fatal(err)
		}
		least = min(least, s.squeeze)
		if s.meta.bytes() > 60_000 {
			t.Fatalf("after %d minutes %d bytes are held", i, s.meta.bytes())
		}
	}
	if least == 1 {
		t.Fatal("nothing had to go: the test tests nothing")
	}
	for i, tr := range tiers {
		if s.meta.Rows[i] == 0 {
			t.Errorf("no rows of %s are left", tr.name)
		}
		c, _ := parseName("money.buyers")
		a, err := read(db, &query{scope: "esol/E", columns: []column{c}, tier: i, from: s.meta.Floor[i] * tr.window, to: now.Unix(), limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.lines) == 0 || a.floor != s.meta.Floor[i]*tr.window || a.lines[0].t < a.floor {
			t.Errorf("%s: floor %d, rows %v", tr.name, a.floor, a.lines)
		}
		if oldest := time.Duration(now.Unix()-a.floor) * time.Second; oldest > keep[i] {
			t.Errorf("%s reaches back %v, beyond %v", tr.name, oldest, keep[i])
		}
	}
	// A tier that is kept no longer goes, and comes back empty.
	s.keep[0] = 0
	if err := s.sweep(); err != nil || s.meta.Rows[0] != 0 || s.meta.Bytes[0] != 0 {
		t.Fatalf("%d rows, %d bytes of a tier that is not kept, %v", s.meta.Rows[0], s.meta.Bytes[0], err)
	}
	s.keep[0] = time.Hour
	if err := s.sweep(); err != nil || s.meta.Floor[0] > tiers[0].block(now.Unix()) {
		t.Fatalf("floor %d, %v", s.meta.Floor[0], err)
	}
}

// A table of which all rows are too old is forgotten.
func TestTablesAreForgotten(t *testing.T) {
	db := inMemory(t)
	defer db.Close()
	now := time.Unix(1_770_000_000, 0)
	s, err := openStore(db, "log", Keep{3: time.Hour}, 0, func() time.Time { return now }, newMetrics(nil), slog.Default())
	if err != nil {
		t.Fatal(err)
	}
	st := &statement{table: tableName("esol/E", partMoney), part: partMoney, t: now.Unix(), said: now.Unix(), place: place{stage: "s"}}
	if _, err := s.take(0, 0, now.UnixMilli(), st); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after time.Duration
		left  bool
	}{{0, true}, {59 * time.Minute, true}, {2 * time.Minute, false}} {
		now = now.Add(step.after)
		for _, do := range []func() error{s.commit, s.sweep, s.sweepTables} {
			if err := do(); err != nil {
				t.Fatal(err)
			}
		}
		if left := s.meta.Tables > 0; left != step.left {
			t.Errorf("%v later %d bytes of tables are left", step.after, s.meta.Tables)
		}
	}
}
