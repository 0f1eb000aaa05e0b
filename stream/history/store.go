package history

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/disk"
)

// Keys of the database:
//
//	b TIER WINDOW TABLE   a block: the rows of a table whose buckets begin in a window; windows in order, so that what is
//	                      too old lies together at the front of its tier
//	t TABLE               a table
//	p PARTITION           how far a partition of the meters has been read
//	m                     what holds for all: meta
const metaKey = "m"

func blockKey(tier int, window int64, table string) string {
	var b [6]byte
	b[0], b[1] = 'b', byte(tier)
	binary.BigEndian.PutUint32(b[2:], uint32(window)) // times are from 1970 to 3000, so it fits
	return string(b[:]) + table
}

func tablePrefix(tier int) string { return string([]byte{'b', byte(tier)}) }

func tableKey(table string) string { return "t" + table }

func partitionKey(p int32) string { return fmt.Sprintf("p%08d", p) }

// meta is what holds for the whole database. Log numbers the logs that the meters were, ID being Kafka's name of the
// latest.
type meta struct {
	Version int              `json:"version"`
	Log     uint64           `json:"log"`
	ID      string           `json:"id"`
	Floor   [tierCount]int64 `json:"floor"` // window: what lies before it is gone
	Rows    [tierCount]int64 `json:"rows"`
	Bytes   [tierCount]int64 `json:"bytes"` // of keys and values
	Tables  int64            `json:"tables_bytes"`
}

const metaVersion = 1

func (m *meta) bytes() int64 {
	n := m.Tables
	for _, b := range m.Bytes {
		n += b
	}
	return n
}

// latest is the append time of the last record read, zero before there is one.
func (s *store) latest() (last time.Time) {
	for _, p := range s.positions {
		if at := time.Unix(p.Last, 0); at.After(last) {
			last = at
		}
	}
	return last
}

// position is how far a partition has been read.
type position struct {
	Log  uint64 `json:"log"`
	Next int64  `json:"next"`
	Last int64  `json:"last"` // append time of the record before Next, epoch seconds
	Hole hole   `json:"hole"`
	// First is where the log ended when this history began with it: what is missing below was never there for it to read.
	First int64 `json:"first,omitempty"`
}

// store takes meters in. One goroutine uses it; readers look at the database beside it.
//
// What it takes is pending until commit: tables, blocks and positions. A table is written with its blocks as one, and says
// itself up to which offset it has taken records. So a commit may be cut between tables wherever a batch is full, and a
// process that dies between two batches takes again only what it had not written.
type store struct {
	db      *disk.Blocks
	keep    Keep
	most    int64 // bytes
	now     func() time.Time
	metrics *metrics
	log     *slog.Logger

	meta      meta
	positions map[int32]*position
	tables    map[string]*table
	rows      int             // pending
	holes     int             // pending
	written   map[int32]int64 // next, as of the last commit
	squeeze   float64         // what bytes leave of the times in keep
}

// Bounds of what is in memory: a commit is due when so many rows are pending or so many tables are held. After one with more
// than maxClean tables only those stay that had changed.
const (
	maxPending = 50_000
	maxTables  = 20_000
	maxClean   = 10_000
)

// openStore reads how far the database is, of the log of that id.
func openStore(db *disk.Blocks, id string, keep Keep, most int64, now func() time.Time, m *metrics, log *slog.Logger) (*store, error) {
	s := &store{
		db: db, keep: keep, most: most, now: now, metrics: m, log: log, meta: meta{Version: metaVersion},
		positions: map[int32]*position{}, written: map[int32]int64{}, tables: map[string]*table{}, squeeze: 1,
	}
	err := db.View(func(v disk.Snapshot) error {
		b, err := v.Get(metaKey)
		if err != nil {
			return err
		}
		if b != nil {
			if s.meta, err = decodeMeta(b); err != nil {
				return err
			}
		}
		if s.meta.ID != id { // the topic was deleted and made anew, or this is the first start
			s.meta.ID = id
			s.meta.Log++
		}
		return v.Each("p", "", func(k string, _ int64, value func() ([]byte, error)) (bool, error) {
			b, err := value()
			if err != nil {
				return false, err
			}
			var n int32
			var p position
			if _, err := fmt.Sscanf(k, "p%d", &n); err != nil {
				return false, fmt.Errorf("%w: key %q", ErrDamaged, k)
			}
			if err := json.Unmarshal(b, &p); err != nil {
				return false, fmt.Errorf("%w: position of partition %d: %w", ErrDamaged, n, err)
			}
			if p.Log == s.meta.Log {
				s.positions[n], s.written[n] = &p, p.Next
			}
			return true, nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("opening the history: %w", err)
	}
	return s, nil
}

func decodeMeta(b []byte) (meta, error) {
	var m meta
	if err := json.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if m.Version > metaVersion {
		return m, fmt.Errorf("it was written by a newer netsu (version %d, this one reads %d): upgrade this one, or delete "+
			"the history's directory to begin anew", m.Version, metaVersion)
	}
	return m, nil
}

// next is the offset at which to go on reading a partition; below 0: at the start of the log.
func (s *store) next(partition int32) int64 {
	if p := s.positions[partition]; p != nil {
		return p.Next
	}
	return -1
}

// begin notes where a partition ends that was never read: before anything of it is taken.
func (s *store) begin(partition int32, end int64) {
	if s.positions[partition] == nil {
		s.positions[partition] = &position{Log: s.meta.Log, First: end}
	}
}

// behind is how many records below the ends of the partitions are not written: what was taken and not committed is no history yet.
func (s *store) behind(ends map[int32]int64) (n int64) {
	for p, end := range ends {
		n += max(0, end-s.written[p])
	}
	return n
}

// take takes a record of the meters in; offsets of a partition must come in order. st is nil for a record of which no
// series are kept. It is false where nothing new was said.
func (s *store) take(partition int32, offset, appendMS int64, st *statement) (bool, error) {
	p := s.positions[partition]
	if p == nil {
		p = &position{Log: s.meta.Log}
		s.positions[partition] = p
	}
	if offset < p.Next {
		return false, nil
	}
	if offset > p.Next {
		p.Hole = hole{End: offset, Append: appendMS / 1000}
		if offset > p.First {
			s.holes++
		}
	}
	p.Next, p.Last = offset+1, appendMS/1000
	if st == nil {
		return false, nil
	}
	t, err := s.table(st.table, st.part)
	if err != nil {
		return false, err
	}
	before := t.pendingRows()
	fresh := t.take(st, s.meta.Log, offset, p.Hole, s.keep)
	s.rows += t.pendingRows() - before
	return fresh, nil
}

func (t *table) pendingRows() (n int) {
	for _, rows := range t.pending {
		n += len(rows)
	}
	return n
}

// table finds a table in memory or on disk, or makes one.
func (s *store) table(name, part string) (*table, error) {
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	var t *table
	err := s.db.View(func(v disk.Snapshot) (err error) {
		t, err = readTable(v, name, part)
		return err
	})
	if err != nil && !errors.Is(err, ErrDamaged) {
		return nil, err
	}
	if t == nil {
		t = &table{name: name, part: part, offset: -1}
	}
	if err != nil {
		s.log.Error("what was open of a table is lost; its gap is noted", "err", err)
		t.gaps = []gap{{to: s.now().Unix()}}
	}
	s.tables[name] = t
	return t, nil
}

func readTable(v disk.Snapshot, name, part string) (*table, error) {
	b, err := v.Get(tableKey(name))
	if err != nil || b == nil {
		return nil, err
	}
	return decodeTable(name, part, b)
}

// due tells whether a commit must not wait.
func (s *store) due() bool { return s.rows >= maxPending || len(s.tables) >= maxTables }

// commit writes what is pending, and then the positions.
func (s *store) commit() error {
	w := &writer{s: s, batch: s.db.Batch()}
	defer func() { w.batch.Drop() }()
	dirty := slices.SortedFunc(maps.Values(s.tables), func(a, b *table) int { return strings.Compare(a.name, b.name) })
	dirty = slices.DeleteFunc(dirty, func(t *table) bool { return !t.dirty })
	for _, t := range dirty {
		if err := w.table(t); err != nil {
			return fmt.Errorf("writing the history of %q: %w", t.name, err)
		}
	}
	var last []state.Entry
	for n, p := range s.positions {
		last = append(last, state.Entry{Key: partitionKey(n), Value: mustJSON(p)})
	}
	slices.SortFunc(last, func(a, b state.Entry) int { return cmp.Compare(a.Key, b.Key) })
	if err := w.put(last); err != nil {
		return fmt.Errorf("writing how far the history is: %w", err)
	}
	if err := w.batch.Commit(); err != nil {
		return fmt.Errorf("writing the history: %w", err)
	}
	for _, t := range dirty {
		t.dirty, t.pending = false, [tierCount][]row{}
	}
	for n, p := range s.positions {
		s.written[n] = p.Next
	}
	s.metrics.holes.Add(float64(s.holes))
	s.rows, s.holes = 0, 0
	if len(s.tables) > maxClean { // those that a moment ago nothing was said of
		kept := map[string]*table{}
		for _, t := range dirty {
			kept[t.name] = t
		}
		s.tables = kept
	}
	s.metrics.show(&s.meta)
	return nil
}

// writer is one commit.
type writer struct {
	s     *store
	batch *disk.Batch
}

// put writes entries as one, with the meta as it is then.
func (w *writer) put(entries []state.Entry) error {
	entries = append(entries, state.Entry{Key: metaKey, Value: mustJSON(w.s.meta)})
	err := w.batch.Put(entries)
	if !errors.Is(err, disk.ErrBatchFull) {
		return err
	}
	if err := w.batch.Commit(); err != nil {
		return err
	}
	w.batch = w.s.db.Batch()
	return w.batch.Put(entries)
}

// table writes a table with its pending rows.
func (w *writer) table(t *table) error {
	var entries []state.Entry
	for i := range t.pending {
		for window, rows := range byWindow(tiers[i], t.pending[i]) {
			if window < w.s.meta.Floor[i] {
				w.s.metrics.evicted(i, "late", len(rows))
				continue
			}
			e, damaged, err := w.block(i, blockKey(i, window, t.name), rows)
			if err != nil {
				return err
			}
			if damaged {
				t.gaps = addGap(t.gaps, gap{window * tiers[i].window, (window+1)*tiers[i].window - 1})
			}
			entries = append(entries, e)
		}
	}
	k := tableKey(t.name)
	old, err := w.batch.Get(k)
	if err != nil {
		return err
	}
	value := t.encode()
	w.s.meta.Tables += stored(k, value) - stored(k, old)
	return w.put(append(entries, state.Entry{Key: k, Value: value}))
}

// block is a block with rows put into it. A damaged one is replaced.
func (w *writer) block(tier int, key string, rows []row) (e state.Entry, damaged bool, err error) {
	old, err := w.batch.Get(key)
	if err != nil {
		return e, false, err
	}
	var all []row
	if old != nil {
		all, err = decodeBlock(tiers[tier], old)
		if damaged = errors.Is(err, ErrDamaged); damaged {
			w.s.log.Error("a block of the history cannot be read and is begun anew; its gap is noted",
				"tier", tiers[tier].name, "table", key[6:], "err", err)
			all = nil
		} else if err != nil {
			return e, false, fmt.Errorf("block of %s: %w", tiers[tier].name, err)
		}
	}
	before := rowsIn(old)
	for _, r := range rows {
		var revised bool
		if all, revised = insert(all, r, tiers[tier].seconds > 1); revised {
			w.s.metrics.revisions.Inc()
		}
	}
	value := encodeBlock(tiers[tier], all)
	w.s.meta.Rows[tier] += int64(len(all) - before)
	w.s.meta.Bytes[tier] += stored(key, value) - stored(key, old)
	return state.Entry{Key: key, Value: value}, damaged, nil
}

// stored is what a key and its value count for; no value: nothing.
func stored(key string, value []byte) int64 {
	if value == nil {
		return 0
	}
	return int64(len(key) + len(value))
}

// byWindow are rows by the window of their bucket, each in their order.
func byWindow(t tier, rows []row) map[int64][]row {
	out := map[int64][]row{}
	for _, r := range rows {
		w := t.block(r.t)
		out[w] = append(out[w], r)
	}
	return out
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("cannot happen: plain fields do not encode: " + err.Error())
	}
	return b
}
