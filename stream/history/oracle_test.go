package history

import (
	"cmp"
	"slices"
)

// told is a statement as a test makes it: a record of a partition of the meters.
type told struct {
	partition      int32
	offset, append int64
	st             *statement // nil: of no series
}

// oracle computes from the whole list of records what every tier must hold, bucket by bucket and series by series,
// without blocks, positions or open rows.
type oracle struct{ log []told }

// of are the statements of a table that say something new, tombstones among them.
func (o oracle) of(table string) (list []*statement) {
	seen := map[string]place{}
	for _, r := range o.log {
		if r.st == nil || r.st.table != table {
			continue
		}
		if from, ok := seen[""]; ok && !r.st.place.supersedes(from) {
			continue
		}
		seen[""] = r.st.place
		if !r.st.silent {
			list = append(list, r.st)
		}
	}
	return list
}

// visit is what was said of a bucket in one go: while it was the newest, or while something older was told again.
type visit struct {
	bucket int64
	ended  int // number of the statement that ended it
	said   []*statement
}

func (o oracle) visits(table string, tr tier, atOnce bool) (out []*visit) {
	var front map[int64]*visit
	frontier := int64(-1)
	var late *visit
	list := o.of(table)
	endAll := func(i int) {
		for _, v := range front {
			v.ended = min(v.ended, i)
		}
	}
	for i, s := range list {
		if s.gone {
			endAll(i)
			if late != nil {
				late.ended = i
			}
			front, frontier, late = nil, -1, nil
			continue
		}
		b := s.t - s.t%tr.seconds
		if atOnce {
			out = append(out, &visit{b, i, []*statement{s}})
			continue
		}
		if late != nil && late.bucket != b {
			late.ended, late = i, nil
		}
		switch {
		case b < frontier:
			if late == nil {
				late = &visit{bucket: b, ended: len(list)}
				out = append(out, late)
			}
			late.said = append(late.said, s)
			continue
		case b > frontier:
			endAll(i)
			frontier, front = b, map[int64]*visit{b: {bucket: b, ended: len(list)}}
			out = append(out, front[b])
		}
		front[b].said = append(front[b].said, s)
	}
	// A late visit ends before the newest bucket where both end with one statement; they are of two buckets.
	slices.SortStableFunc(out, func(a, b *visit) int { return cmp.Compare(a.ended, b.ended) })
	return out
}

// track is one series over what is said of a bucket.
type track struct {
	has          bool
	last, lo, hi int64
}

func (k *track) say(has bool, c track, newest, ranged bool) {
	switch {
	case newest && has && k.has && ranged:
		k.last, k.lo, k.hi = c.last, min(k.lo, c.lo), max(k.hi, c.hi)
	case newest:
		*k = c
		k.has = has
	case has && k.has && ranged:
		k.lo, k.hi = min(k.lo, c.lo), max(k.hi, c.hi)
	}
}

// rows are all revisions of all buckets.
func (o oracle) rows(table, part string, tr tier) []row {
	atOnce := tr.seconds == 1 && onPanes(part)
	keys := map[key]bool{}
	for _, s := range o.of(table) {
		for _, c := range s.cells {
			keys[c.key] = true
		}
	}
	var order []key
	for k := range keys {
		order = append(order, k)
	}
	slices.Sort(order)
	type state struct {
		at   int64
		keys map[key]*track
		rows []row
	}
	newState := func() *state {
		s := &state{at: -1, keys: map[key]*track{}}
		for k := range keys {
			s.keys[k] = &track{}
		}
		return s
	}
	write := func(s *state, bucket, said int64) row {
		r := row{t: bucket, at: s.at, said: said}
		for _, k := range order {
			if t := s.keys[k]; t.has {
				r.cells = append(r.cells, cell{k, t.last, t.lo, t.hi})
			}
		}
		return r
	}
	buckets := map[int64]*state{}
	for _, v := range o.visits(table, tr, atOnce) {
		here := newState()
		for _, s := range v.said {
			newest := s.t >= here.at
			for k, t := range here.keys {
				c, has := row{cells: s.cells}.find(k)
				t.say(has, track{true, c.last, c.last, c.last}, newest, k.ranged() && tr.seconds > 1)
			}
			here.at = max(here.at, s.t)
		}
		b := buckets[v.bucket]
		if b == nil {
			b = newState()
			buckets[v.bucket] = b
		}
		newest := here.at >= b.at
		for k, t := range b.keys {
			t.say(here.keys[k].has, *here.keys[k], newest, k.ranged() && tr.seconds > 1)
		}
		b.at = max(b.at, here.at)
		r := write(b, v.bucket, v.said[len(v.said)-1].said)
		if n := len(b.rows); n > 0 {
			if slices.Equal(b.rows[n-1].cells, r.cells) {
				b.rows[n-1].at = r.at
				continue
			}
			r.rev = b.rows[n-1].rev + 1
		}
		b.rows = append(b.rows, r)
	}
	var out []row
	for _, b := range buckets {
		if n := len(b.rows); n > maxRevisions {
			b.rows = append(b.rows[:1:1], b.rows[n-maxRevisions+1:]...)
		}
		out = append(out, b.rows...)
	}
	slices.SortFunc(out, func(a, b row) int { return cmp.Or(cmp.Compare(a.t, b.t), cmp.Compare(a.rev, b.rev)) })
	return out
}

// missing tells whether rows of a table may be missing at a second: some hole was read over between two of its records,
// of what lies after all that was said before it.
func (o oracle) missing(table string, second int64) bool {
	next := map[int32]int64{}
	hole := map[int32]told{}
	seen, last := int64(-1), int64(-1)
	var from *place
	for _, r := range o.log {
		if r.offset > next[r.partition] {
			hole[r.partition] = r
		}
		next[r.partition] = r.offset + 1
		if r.st == nil || r.st.table != table {
			continue
		}
		h, any := hole[r.partition]
		fresh := from == nil || r.st.place.supersedes(*from)
		speaks := !r.st.gone && !r.st.silent
		if any && h.offset > seen {
			to := h.append / 1000
			if speaks && r.st.t > last {
				to = min(to, r.st.t-1)
			}
			if second > last && second <= to {
				return true
			}
		}
		seen = r.offset
		if fresh {
			from = &r.st.place
			if speaks {
				last = max(last, r.st.t)
			}
		}
	}
	return false
}
