package history

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/event"
)

// world is a store with the log that it reads, which a test may stop at any moment and open again.
type world struct {
	t      *rapid.T
	db     *disk.Blocks
	s      *store
	keep   Keep
	now    time.Time
	log    []told
	next   [2]int64
	read   int // of the log, by this store
	places map[string]int64
	floor  [tierCount]int64
}

func inMemory(t interface{ Fatal(...any) }) *disk.Blocks {
	db, err := disk.OpenBlocks("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// open begins with what is in the database and with nothing that was in memory, as after a death of the process: that
// Badger keeps its word about batches is a test of state/disk.
func (w *world) open() {
	var err error
	w.s, err = openStore(w.db, "log", w.keep, 0, func() time.Time { return w.now }, newMetrics(nil), slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	w.read = 0
}

// follow takes what the store has not, as a consumer would that begins at its positions.
func (w *world) follow() {
	for ; w.read < len(w.log); w.read++ {
		r := w.log[w.read]
		if r.offset < w.s.next(r.partition) {
			continue
		}
		if _, err := w.s.take(r.partition, r.offset, r.append, r.st); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) do(err error) {
	if err != nil {
		w.t.Fatal(err)
	}
}

var testTables = []struct {
	name, part string
	partition  int32
}{
	{tableName("show/S", partRoom), partRoom, 0},
	{tableName("show/S", partMoney), partMoney, 1},
	{tableName("show/T", partInsight), partInsight, 1},
}

// say appends a record to the log.
func (w *world) say(t *rapid.T) {
	n := rapid.IntRange(0, len(testTables)-1).Draw(t, "table")
	tab := testTables[n]
	if rapid.IntRange(0, 15).Draw(t, "hole") == 0 {
		w.next[tab.partition] += int64(rapid.IntRange(1, 3).Draw(t, "missing"))
	}
	r := told{partition: tab.partition, offset: w.next[tab.partition], append: w.now.UnixMilli()}
	w.next[tab.partition]++
	kind := rapid.SampledFrom([]string{"say", "say", "say", "say", "say", "again", "gone", "silent", "other"}).Draw(t, "kind")
	if kind != "other" {
		st := &statement{table: tab.name, part: tab.part, said: w.now.Unix(), t: w.now.Unix()}
		if kind != "again" || w.places[tab.name] == 0 {
			w.places[tab.name]++
		} else {
			w.places[tab.name] -= rapid.Int64Range(0, 1).Draw(t, "older")
		}
		st.place = place{"show", 0, event.Position{Offset: w.places[tab.name]}}
		st.gone, st.silent = kind == "gone", kind == "silent"
		if onPanes(tab.part) {
			st.t -= 40
		}
		if rapid.IntRange(0, 3).Draw(t, "late") == 0 {
			st.t -= rapid.Int64Range(1, 700).Draw(t, "by")
		}
		for _, s := range all {
			if s.part != tab.part || s.id%5 != 1 && !s.ranged || rapid.IntRange(0, 4).Draw(t, "known") == 0 {
				continue
			}
			currency := ""
			if _, ok := parseName(s.name); !ok {
				currency = "JPY"
			}
			k, _ := keyOf(s.id, currency)
			v := rapid.Int64Range(-2, 5).Draw(t, "value")
			st.cells = append(st.cells, cell{k, v, v, v})
		}
		r.st = st
	}
	w.log = append(w.log, r)
}

// check compares every tier of every table with the oracle, and what is counted with what is there.
func (w *world) check() {
	o := oracle{w.log[:w.read]}
	for i, tr := range tiers {
		for _, tab := range testTables {
			scope := tab.name[:len(tab.name)-len(tab.part)-1]
			c := column{series: &series{part: tab.part}}
			a, err := read(w.db, &query{scope: scope, columns: []column{c}, tier: i, from: 1_769_990_000, to: maxTime, all: true, limit: 1 << 30})
			want := o.rows(tab.name, tab.part, tr)
			if err == errUnknown && len(want) == 0 {
				continue
			}
			w.do(err)
			floor := w.floor[i] * tr.window
			want = slices.DeleteFunc(want, func(r row) bool { return r.t < floor })
			var got []row
			for _, l := range a.lines {
				got = append(got, *l.rows[0])
			}
			if d := cmp.Diff(want, got, unexported); d != "" && len(want)+len(got) > 0 {
				w.t.Fatalf("%s of %q: want-, got+:\n%s", tr.name, tab.name, d)
			}
			if a.floor != floor {
				w.t.Fatalf("%s has floor %d, want %d", tr.name, a.floor, floor)
			}
		}
	}
	for _, tab := range testTables {
		gaps := w.table(tab.name, tab.part).gaps
		for second := w.now.Unix() - 3000; second < w.now.Unix(); second += 13 {
			got := slices.ContainsFunc(gaps, func(g gap) bool { return g.from <= second && second <= g.to })
			if want := o.missing(tab.name, second); got != want {
				w.t.Fatalf("rows of %q may be missing at %d: %v, want %v; %v", tab.name, second, got, want, gaps)
			}
		}
	}
	w.counts()
}

func (w *world) table(name, part string) (t *table) {
	w.do(w.db.View(func(v disk.Snapshot) (err error) {
		t, err = readTable(v, name, part)
		return err
	}))
	if t == nil {
		return &table{}
	}
	return t
}

// counts compares the meta with a walk over all keys.
func (w *world) counts() {
	var m meta
	w.do(w.db.View(func(v disk.Snapshot) error {
		for _, prefix := range []string{"b", "t"} {
			if err := v.Each(prefix, "", func(k string, size int64, value func() ([]byte, error)) (bool, error) {
				b, err := value()
				if size != int64(len(b)) {
					w.t.Fatalf("%q has %d bytes, said to be %d", k, len(b), size)
				}
				if prefix == "t" {
					m.Tables += stored(k, b)
					return true, err
				}
				if at := int64(binary.BigEndian.Uint32([]byte(k[2:6]))); at < w.floor[k[1]] {
					w.t.Fatalf("a block of %s at %d is older than %d", tiers[k[1]].name, at, w.floor[k[1]])
				}
				m.Rows[k[1]] += int64(rowsIn(b))
				m.Bytes[k[1]] += stored(k, b)
				return true, err
			}); err != nil {
				return err
			}
		}
		return nil
	}))
	got := w.s.meta
	if m.Rows != got.Rows || m.Bytes != got.Bytes || m.Tables != got.Tables {
		w.t.Fatalf("counted %+v, there is %+v", got, m)
	}
}

// TestTiersAreWhatWasSaid: whatever is said, in whatever order and however often, with records missing, meters taken back,
// rows grown too old, commits anywhere and the process dying anywhere, every tier holds what the oracle computes from the
// list of records, revisions included.
func TestTiersAreWhatWasSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{
			t: t, db: inMemory(t), places: map[string]int64{}, now: time.Unix(1_770_000_000, 0),
			keep: Keep{20 * time.Minute, 3 * time.Hour, 20 * time.Hour, 1000 * time.Hour},
		}
		defer w.db.Close()
		w.open()
		t.Repeat(map[string]func(*rapid.T){
			"say": func(t *rapid.T) {
				for range rapid.IntRange(1, 30).Draw(t, "records") {
					w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int64{0, 0, 100, 1000, 1000, 7000, 90_000}).Draw(t, "ms")) * time.Millisecond)
					w.say(t)
				}
			},
			"follow": func(t *rapid.T) { w.follow() },
			"commit": func(t *rapid.T) {
				w.follow()
				w.do(w.s.commit())
				w.check()
			},
			"sweep": func(t *rapid.T) {
				w.follow()
				w.do(w.s.commit())
				w.now = w.now.Add(time.Duration(rapid.Int64Range(0, 1200).Draw(t, "later")) * time.Second)
				w.do(w.s.sweep())
				w.do(w.s.sweepTables())
				for i, tr := range tiers {
					w.floor[i] = max(w.floor[i], tr.block(w.now.Unix()-int64(w.keep[i].Seconds())))
				}
				w.check()
			},
			"die": func(t *rapid.T) { // what was taken and not committed is lost
				w.open()
			},
		})
		w.follow()
		w.do(w.s.commit())
		w.check()
	})
}

// A commit that is cut between two tables, and what follows it lost, loses and doubles nothing.
func TestCommitCutBetweenTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{t: t, db: inMemory(t), places: map[string]int64{}, now: time.Unix(1_770_000_000, 0), keep: DefaultKeep}
		defer w.db.Close()
		w.open()
		for range rapid.IntRange(1, 100).Draw(t, "records") {
			w.now = w.now.Add(time.Second)
			w.say(t)
		}
		w.follow()
		// As commit does, but only some tables get there, and no position.
		cut := &writer{s: w.s, batch: w.db.Batch()}
		for _, tab := range testTables {
			if tb := w.s.tables[tab.name]; tb != nil && rapid.Bool().Draw(t, "written") {
				w.do(cut.table(tb))
			}
		}
		w.do(cut.batch.Commit())
		w.open()
		w.follow()
		w.do(w.s.commit())
		w.check()
	})
}

// Another log under the same name begins anew and says so; what was kept stays.
func TestAnotherLogIsAGap(t *testing.T) {
	db := inMemory(t)
	defer db.Close()
	at := int64(1_770_000_000)
	say := func(id string, offset, second int64) {
		s, err := openStore(db, id, DefaultKeep, 0, time.Now, newMetrics(nil), slog.Default())
		if err != nil {
			t.Fatal(err)
		}
		st := &statement{table: tableName("esol/E", partMoney), part: partMoney, t: second, said: second,
			place: place{"ledger", 0, event.Position{Offset: offset}}}
		k, _ := keyOf(idMoneyBuyers, "")
		st.cells = []cell{{k, offset, offset, offset}}
		if fresh, err := s.take(0, offset, second*1000, st); err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		if err := s.commit(); err != nil {
			t.Fatal(err)
		}
	}
	say("one", 0, at)
	say("one", 1, at+1)
	say("two", 0, at+100) // at an offset and from a position that the other log had too
	c, _ := parseName("money.buyers")
	a, err := read(db, &query{scope: "esol/E", columns: []column{c}, tier: 0, from: at, to: at + 1000, limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range a.lines {
		got = append(got, fmt.Sprint(l.t-at, l.rows[0].cells[0].last))
	}
	if d := cmp.Diff([]string{"0 0", "1 1", "100 0"}, got); d != "" {
		t.Error(d)
	}
	if want := []partGap{{partMoney, gap{at + 2, at + 99}}}; !cmp.Equal(want, a.gaps, unexported) {
		t.Errorf("gaps %v, want %v", a.gaps, want)
	}
}
