package history

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// table is what is remembered of a part of a scope beside its rows: how far it has come, and the rows that are not
// complete.
//
// A bucket is complete when the table's time leaves it, or its meter is taken back. A pane's second is complete when it
// is said. What then comes for an earlier bucket is gathered in again, until something for another bucket comes: so a
// stretch of the log that is told anew, by a fold that was rebuilt, makes one revision of each bucket and not one for
// each pane.
type table struct {
	log    uint64 // number of the log that offset and from are of
	offset int64  // of the last record taken
	from   place  // of the last meter taken
	placed bool   // from is known
	last   int64  // greatest time said, epoch seconds
	spoken bool   // last is known
	tiers  [tierCount]openRows
	gaps   []gap

	name    string
	part    string
	pending [tierCount][]row // complete, and not yet in a block; in the order in which they became so
	dirty   bool
}

// openRows are the rows of a tier that are not complete. Of a tier that is complete at once, now is the latest row that
// was said, and again is never there.
type openRows struct{ now, again *row }

// take takes a statement in. hole is where its partition last missed records. It is false for what says nothing new.
func (t *table) take(s *statement, log uint64, offset int64, h hole, keep Keep) bool {
	if t.log == log && offset <= t.offset {
		return false
	}
	other := t.log != log && t.log != 0
	if other {
		t.placed = false
	}
	if other || h.End > 0 && t.offset < h.End {
		t.missed(s, h, other)
	}
	t.log, t.offset, t.dirty = log, offset, true
	if t.placed && !s.place.supersedes(t.from) {
		return false
	}
	t.from, t.placed = s.place, true
	if s.gone {
		t.complete()
		return true
	}
	if s.silent {
		return true
	}
	for i, tier := range tiers {
		if keep[i] == 0 {
			t.tiers[i], t.pending[i] = openRows{}, nil
			continue
		}
		r := s.row(tier.bucket(s.t))
		if tier.seconds == 1 && onPanes(t.part) {
			t.sayAtOnce(i, r)
		} else {
			t.say(i, r)
		}
	}
	if !t.spoken || s.t > t.last {
		t.last, t.spoken = s.t, true
	}
	return true
}

// missed notes that rows before a statement may be missing. What a hole held was said before it ended, and nothing is said
// before its time; what is then said of a later time than any before narrows it further.
func (t *table) missed(s *statement, h hole, other bool) {
	g := gap{to: h.Append}
	if other {
		g.to = max(g.to, s.said)
	}
	if t.spoken {
		g.from = t.last + 1
	}
	if !s.gone && !s.silent && s.t > t.last {
		g.to = min(g.to, s.t-1)
	}
	if g.to >= g.from {
		t.gaps = addGap(t.gaps, g)
	}
}

// sayAtOnce is for a tier whose rows are complete when they are said. The same again, ten times a second, costs nothing.
func (t *table) sayAtOnce(i int, r row) {
	now := t.tiers[i].now
	if now != nil && now.t == r.t && now.same(r) {
		return
	}
	t.pending[i] = append(t.pending[i], r)
	if now == nil || r.t >= now.t {
		t.tiers[i].now = &r
	}
}

func (t *table) say(i int, r row) {
	o, widen := &t.tiers[i], tiers[i].seconds > 1
	if o.again != nil && o.again.t != r.t {
		t.pending[i] = append(t.pending[i], *o.again)
		o.again = nil
	}
	into := &o.now
	switch {
	case o.now == nil:
	case r.t > o.now.t:
		t.pending[i] = append(t.pending[i], *o.now)
		o.now = nil
	case r.t < o.now.t:
		into = &o.again
	}
	if *into != nil {
		r = (*into).merge(r, widen)
	}
	*into = &r
}

// complete ends all buckets.
func (t *table) complete() {
	for i := range t.tiers {
		o := &t.tiers[i]
		if tiers[i].seconds == 1 && onPanes(t.part) {
			continue
		}
		for _, r := range []*row{o.again, o.now} {
			if r != nil {
				t.pending[i] = append(t.pending[i], *r)
			}
		}
		*o = openRows{}
	}
}

// incomplete are the rows of a tier that are in no block.
func (t *table) incomplete(i int) []row {
	var out []row
	for _, r := range []*row{t.tiers[i].again, t.tiers[i].now} {
		if r != nil && !(tiers[i].seconds == 1 && onPanes(t.part)) {
			out = append(out, *r)
		}
	}
	return out
}

// encode packs what is to be remembered.
func (t *table) encode() []byte {
	b := binary.AppendUvarint(nil, t.log)
	b = binary.AppendVarint(b, t.offset)
	b = appendBool(b, t.placed)
	b = binary.AppendUvarint(b, uint64(len(t.from.stage)))
	b = append(b, t.from.stage...)
	b = binary.AppendUvarint(b, uint64(t.from.partition))
	b = binary.AppendUvarint(b, uint64(t.from.Offset))
	b = binary.AppendUvarint(b, uint64(t.from.Index))
	b = appendBool(b, t.spoken)
	b = binary.AppendVarint(b, t.last)
	b = binary.AppendUvarint(b, uint64(len(t.gaps)))
	for _, g := range t.gaps {
		b = binary.AppendVarint(binary.AppendVarint(b, g.from), g.to)
	}
	for i, tier := range tiers {
		for _, r := range []*row{t.tiers[i].now, t.tiers[i].again} {
			var rows []row
			if r != nil {
				rows = []row{*r}
			}
			b = appendRows(b, tier, rows)
		}
	}
	return seal(b, 0)
}

// decodeTable is the inverse.
func decodeTable(name, part string, b []byte) (*table, error) {
	body, _, err := unseal(b)
	if err != nil {
		return nil, fmt.Errorf("reading the history's table %q: %w", name, err)
	}
	r := reader{b: body}
	t := &table{name: name, part: part, log: r.uvarint(), offset: r.varint(), placed: r.bool()}
	t.from = place{r.text(64), int32(r.count(1<<31 - 1)), event.Position{Offset: int64(r.uvarint()), Index: uint32(r.uvarint())}}
	t.spoken = r.bool()
	t.last = r.varint()
	for range r.count(maxGaps) {
		t.gaps = append(t.gaps, gap{r.varint(), r.varint()})
	}
	for i, tier := range tiers {
		for _, to := range []**row{&t.tiers[i].now, &t.tiers[i].again} {
			if rows := r.rows(tier); len(rows) > 0 {
				*to = &rows[0]
			}
		}
	}
	if r.err == nil && len(r.b) > 0 {
		r.fail("bytes are left over")
	}
	if r.err != nil {
		return nil, fmt.Errorf("reading the history's table %q: %w", name, r.err)
	}
	t.gaps = slices.Clip(t.gaps)
	return t, nil
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func (r *reader) bool() bool { return r.count(1) == 1 }
