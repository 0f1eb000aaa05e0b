package history

import (
	"errors"
	"fmt"
	"slices"

	"github.com/netsu/netsu/state/disk"
	"github.com/netsu/netsu/stream/event"
)

// Bounds of one answer.
const (
	maxAnswerRows = 10_000
	maxWindows    = 4_096 // that are looked into, for each part
	maxNames      = 64
)

// query is what is asked for: rows of a tier that begin in [from, to), epoch seconds.
type query struct {
	scope    string
	columns  []column
	tier     int
	from, to int64
	all      bool // revisions
	limit    int
}

// parts are those that the columns are of, in the order of the list.
func (q *query) parts() []string {
	kind, _, _ := event.SplitScope(q.scope)
	return slices.DeleteFunc(partsOf(kind), func(p string) bool {
		return !slices.ContainsFunc(q.columns, func(c column) bool { return c.series.part == p })
	})
}

// answer is what there is.
type answer struct {
	parts []string
	lines []line
	floor int64 // start of the oldest bucket that would still be kept
	gaps  []partGap
	open  int64 // start of the oldest bucket that is not complete; 0: all are
	next  int64 // where to go on; 0: this is all
}

// line is a bucket, or one revision of it: a row of each part, nil where there is none.
type line struct {
	t    int64
	rows []*row
}

type partGap struct {
	part string
	gap
}

// errUnknown: nothing was ever kept of the scope.
var errUnknown = errors.New("nothing is known of the scope")

// read answers a query from the database as it is now.
func read(db *disk.Blocks, q *query) (*answer, error) {
	a := &answer{parts: q.parts()}
	err := db.View(func(v disk.Snapshot) error {
		b, err := v.Get(metaKey)
		if err != nil {
			return err
		}
		if b == nil {
			return errUnknown
		}
		m, err := decodeMeta(b)
		if err != nil {
			return err
		}
		a.floor = m.Floor[q.tier] * tiers[q.tier].window
		tables := make([]*table, len(a.parts))
		for i, p := range a.parts {
			if tables[i], err = readTable(v, tableName(q.scope, p), p); err != nil {
				return err
			}
		}
		return a.fill(v, q, tables)
	})
	return a, err
}

func (a *answer) fill(v disk.Snapshot, q *query, tables []*table) error {
	tier, known, end := tiers[q.tier], false, int64(0)
	for i, t := range tables {
		if t == nil {
			continue
		}
		known = true
		for _, g := range t.gaps {
			if g.to >= q.from && g.from < q.to {
				a.gaps = append(a.gaps, partGap{a.parts[i], g})
			}
		}
		for _, r := range t.incomplete(q.tier) {
			if a.open == 0 || r.t < a.open {
				a.open = r.t
			}
		}
		if t.spoken {
			end = max(end, t.last+1)
		}
	}
	if !known {
		return errUnknown
	}
	from, to := tier.bucket(max(q.from, a.floor)+tier.seconds-1), min(q.to, end)
	for n := 0; from < to; n++ {
		if n == maxWindows {
			a.next = from
			return nil
		}
		until := min(to, (tier.block(from)+1)*tier.window)
		parts, err := window(v, q.tier, tables, from, until)
		if err != nil {
			return err
		}
		if a.add(q, parts); a.next != 0 {
			return nil
		}
		from = until
	}
	return nil
}

// window reads the rows of each part that begin in a piece of a window.
func window(v disk.Snapshot, i int, tables []*table, from, until int64) ([][]row, error) {
	parts := make([][]row, len(tables))
	for n, t := range tables {
		if t == nil {
			continue
		}
		b, err := v.Get(blockKey(i, tiers[i].block(from), t.name))
		if err != nil {
			return nil, err
		}
		var rows []row
		if b != nil {
			if rows, err = decodeBlock(tiers[i], b); err != nil {
				return nil, fmt.Errorf("reading the history of %q: %w", t.name, err)
			}
		}
		for _, r := range t.incomplete(i) {
			if tiers[i].block(r.t) == tiers[i].block(from) {
				rows, _ = insert(rows, r, tiers[i].seconds > 1)
			}
		}
		parts[n] = slices.DeleteFunc(rows, func(r row) bool { return r.t < from || r.t >= until })
	}
	return parts, nil
}

// add puts rows of the parts side by side, bucket by bucket, until there are as many lines as are asked for.
func (a *answer) add(q *query, parts [][]row) {
	for {
		t, any := int64(0), false
		for _, rows := range parts {
			if len(rows) > 0 && (!any || rows[0].t < t) {
				t, any = rows[0].t, true
			}
		}
		if !any {
			return
		}
		if len(a.lines) >= q.limit {
			a.next = t
			return
		}
		a.bucket(q, t, parts)
	}
}

// bucket takes one bucket off the parts.
func (a *answer) bucket(q *query, t int64, parts [][]row) {
	first := len(a.lines)
	for p, rows := range parts {
		n := 0
		for n < len(rows) && rows[n].t == t {
			n++
		}
		of := rows[:n]
		parts[p] = rows[n:]
		if !q.all && n > 0 {
			of = of[n-1:]
		}
		for i := range of {
			if first+i == len(a.lines) {
				a.lines = append(a.lines, line{t, make([]*row, len(parts))})
			}
			a.lines[first+i].rows[p] = &of[i]
		}
	}
}
