package history

import (
	"cmp"
	"slices"
)

// cell is a value of a series: the last that was said, and the extremes of what was said since it was last unknown.
// Whole numbers as they are, others in ten-thousandths.
type cell struct {
	key          key
	last, lo, hi int64
}

// row is a bucket of a table as it was said: a revision of it. Its cells are in order of key; what is not there is not
// known.
type row struct {
	t     int64 // start of the bucket, epoch seconds
	rev   int64 // 0: first said
	at    int64 // time of the last statement in it, epoch seconds
	said  int64 // append time at which it was said, epoch seconds
	cells []cell
}

// merge is r after next, of the same bucket: a later statement replaces the values and widens the extremes, an earlier
// one only widens. In a tier of single seconds (widen false) there are no extremes. It shares nothing that it changes.
func (r row) merge(next row, widen bool) row {
	out, older := next, r
	if next.at < r.at {
		out, older = r, next
	}
	out.t, out.rev, out.said = r.t, r.rev, next.said
	out.cells = slices.Clone(out.cells)
	if !widen {
		return out
	}
	i := 0
	for j := range out.cells {
		c := &out.cells[j]
		for i < len(older.cells) && older.cells[i].key < c.key {
			i++
		}
		if i < len(older.cells) && older.cells[i].key == c.key && c.key.ranged() {
			c.lo, c.hi = min(c.lo, older.cells[i].lo), max(c.hi, older.cells[i].hi)
		}
	}
	return out
}

// same tells whether two rows say the same, whenever they said it.
func (r row) same(o row) bool { return slices.Equal(r.cells, o.cells) }

func (r row) find(k key) (cell, bool) {
	i, ok := slices.BinarySearchFunc(r.cells, k, func(c cell, k key) int { return cmp.Compare(c.key, k) })
	if !ok {
		return cell{}, false
	}
	return r.cells[i], true
}

// maxRevisions bounds the revisions that are kept of a bucket: the first and the latest ones. What lies between goes, and
// the numbers show that it did.
const maxRevisions = 8

// insert puts a row into a block's rows, which are in order of time and revision: as what is first said of its bucket, or
// as a new revision if it changes what was said. revised tells the latter.
func insert(rows []row, r row, widen bool) (out []row, revised bool) {
	end, _ := slices.BinarySearchFunc(rows, r.t+1, func(r row, t int64) int { return cmp.Compare(r.t, t) })
	if end == 0 || rows[end-1].t != r.t {
		r.rev = 0
		return slices.Insert(rows, end, r), false
	}
	latest := rows[end-1]
	m := latest.merge(r, widen)
	if m.same(latest) {
		rows[end-1].at = m.at
		return rows, false
	}
	m.rev = latest.rev + 1
	rows = slices.Insert(rows, end, m)
	if first := end + 1 - maxRevisions; first > 0 && rows[first-1].t == r.t { // one too many: the second oldest goes
		rows = slices.Delete(rows, first, first+1)
	}
	return rows, true
}
