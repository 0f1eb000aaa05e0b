package syncrate

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/fade"
)

// encodingVersion is that of the state. Panes are written as their distance from the last one.
const encodingVersion = 1

var errState = errors.New("the sync rate's state makes no sense")

// countMax bounds the whole numbers that are read.
const countMax = 1 << 53

// Encode is the whole state: equal states give equal bytes.
func (s *State) Encode() []byte {
	w := codec.NewWriter(encodingVersion)
	w.Bool(s.possession.known)
	w.Int(s.possession.owners)
	w.Int(s.possession.active)
	w.Float(s.possession.base)
	w.Bool(s.started)
	if !s.started {
		return w.Done()
	}
	w.Int(s.pane)
	for i := range s.bags {
		s.bags[i].encode(w)
	}
	s.recent.encode(w, s.pane)
	s.echo.encode(w, s.pane)
	s.acts.encode(w, s.pane)
	encodeCalls(w, s.calls.open, s.pane)
	encodeCalls(w, s.calls.closed, s.pane)
	return w.Done()
}

// Decode is the inverse of Encode. Bytes that Encode cannot have written are an error.
func Decode(b []byte) (*State, error) {
	r := reader{codec.NewReader(b, encodingVersion)}
	s := New()
	s.possession = possession{r.Bool(), r.whole(countMax), r.whole(countMax), r.float()}
	r.check(s.possession.owners <= s.possession.active && s.possession.base < 1)
	if s.started = r.Bool(); s.started {
		s.pane = r.Int()
		for i := range s.bags {
			s.bags[i].decode(r)
		}
		s.recent.decode(r, s.pane)
		s.echo.decode(r, s.pane)
		s.acts.decode(r, s.pane)
		s.calls.open = r.calls(s.pane, 0, responsePanes-1, openCallsMax)
		s.calls.closed = r.calls(s.pane, responsePanes, countMax, closedCallsMax)
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return s, nil
}

// reader reads what must hold.
type reader struct{ *codec.Reader }

func (r reader) check(ok bool) {
	if !ok {
		r.Fail(errState)
	}
}

func (r reader) whole(most int64) int64 {
	n := r.Int()
	r.check(n >= 0 && n <= most)
	return n
}

func (r reader) float() float64 {
	x := r.Float()
	r.check(x >= 0 && !math.IsInf(x, 0))
	return x
}

func (r reader) mass() fade.Mass {
	m := fade.Mass{Sum: r.float(), Squares: r.float()}
	r.check((m.Sum == 0) == (m.Squares == 0))
	return m
}

// slots reads ascending slots, each followed by something of at least size bytes.
func (r reader) slots(size int, each func(slot uint16)) {
	next := uint64(0)
	for range r.Count(1 + size) {
		slot := r.Uint()
		if slot < next || slot >= Slots {
			r.Fail(errState)
			return
		}
		next = slot + 1
		each(uint16(slot))
	}
}

func encodeMass(w *codec.Writer, m fade.Mass) { w.Float(m.Sum); w.Float(m.Squares) }

func (b *bag) encode(w *codec.Writer) {
	encodeMass(w, b.tokens)
	n := 0
	for _, c := range b.counts {
		if c != 0 {
			n++
		}
	}
	w.Uint(uint64(n))
	for slot, c := range b.counts {
		if c != 0 {
			w.Uint(uint64(slot))
			w.Float(c)
		}
	}
}

func (b *bag) decode(r reader) {
	b.tokens = r.mass()
	r.slots(8, func(slot uint16) {
		b.counts[slot] = r.float()
		r.check(b.counts[slot] > 0 && b.tokens.Sum > 0)
	})
}

func (t *recent) encode(w *codec.Writer, pane int64) {
	for k := pane - window + 1; k <= pane; k++ {
		h := t.at(k)
		w.Int(h.words)
		w.Uint(uint64(len(h.counts)))
		for _, c := range h.counts {
			w.Uint(uint64(c.Slot))
			w.Int(int64(c.N))
		}
	}
}

func (t *recent) decode(r reader, pane int64) {
	for i := int64(window - 1); i >= 0; i-- {
		h := t.at(pane - i)
		h.words = r.whole(countMax)
		t.words += h.words
		r.slots(1, func(slot uint16) {
			n := r.whole(maxCount)
			r.check(n > 0)
			h.counts = append(h.counts, Count{slot, int32(n)})
			t.uses[slot] += n
		})
	}
}

func (e *echo) encode(w *codec.Writer, pane int64) {
	n := 0
	for slot, k := range e.since {
		w.Int(min(pane-k, window)) // longer ago is all the same
		if e.open[slot].open {
			n++
		}
	}
	w.Uint(uint64(n))
	for slot := range e.open {
		if o := &e.open[slot]; o.open {
			w.Uint(uint64(slot))
			w.Int(pane - o.pane)
			w.Int(o.uses)
			w.Int(o.words)
			w.Uint(uint64(len(o.people)))
			for _, person := range o.people {
				w.Hash(person)
			}
		}
	}
	w.Float(e.after)
	encodeMass(w, e.uses)
	w.Float(e.expected)
	encodeMass(w, e.windows)
	w.Float(e.spread.rr)
	w.Float(e.spread.ra)
	w.Float(e.spread.aa)
	for _, n := range e.lags {
		w.Float(n)
	}
}

func (e *echo) decode(r reader, pane int64) {
	for slot := range e.since {
		e.since[slot] = pane - r.whole(window)
	}
	r.slots(4, func(slot uint16) {
		o := opening{open: true, pane: pane - r.whole(window-1), uses: r.whole(countMax), words: r.whole(countMax)}
		for range r.Count(8) {
			person := r.Hash()
			r.check(len(o.people) == 0 || person > o.people[len(o.people)-1])
			o.people = append(o.people, person)
		}
		e.open[slot] = o
		e.opened = append(e.opened, slot)
		e.kept += len(o.people)
	})
	slices.SortStableFunc(e.opened, func(a, b uint16) int { return cmp.Compare(e.open[a].pane, e.open[b].pane) })
	r.check(e.kept <= echoPeopleMax)
	e.after, e.uses, e.expected, e.windows = r.float(), r.mass(), r.float(), r.mass()
	e.spread = spread{r.float(), r.Float(), r.float()} // the middle one may be negative
	r.check(e.spread.ra-e.spread.ra == 0)
	for i := range e.lags {
		e.lags[i] = r.float()
	}
}

func (a *acts) encode(w *codec.Writer, pane int64) {
	for k := pane - responsePanes + 1; k <= pane; k++ {
		var keys []actKey
		for _, d := range *a.in(k) {
			if d.last[d.action] == uint8(k) {
				keys = append(keys, actKey{d.person, d.action})
			}
		}
		slices.SortFunc(keys, compareActs)
		w.Uint(uint64(len(keys)))
		for _, key := range keys {
			w.Hash(key.person)
			w.Uint(uint64(key.action))
		}
	}
	for k := pane - int64(len(a.history)) + 1; k <= pane; k++ {
		m := a.at(k)
		w.Bool(m.known)
		if !m.known {
			continue
		}
		w.Bool(m.called)
		w.Int(m.active)
		n := Actions
		for n > 0 && m.acting[n-1] == 0 {
			n--
		}
		w.Uint(uint64(n))
		for _, acting := range m.acting[:n] {
			w.Int(acting)
		}
	}
}

func (a *acts) decode(r reader, pane int64) {
	for i := int64(responsePanes - 1); i >= 0; i-- {
		list, before := a.in(pane-i), actKey{}
		for n := range r.Count(9) {
			key, action := actKey{person: r.Hash()}, r.Uint()
			key.action = uint8(action % Actions)
			h := a.heads[key.person]
			r.check(action < Actions && a.pairs < actsMax && (n == 0 || compareActs(before, key) < 0))
			if h != nil && h.did>>key.action&1 == 1 {
				r.Fail(errState)
				return
			}
			h = a.remember(h, key.person, key.action)
			h.last[key.action] = uint8(pane - i)
			*list = append(*list, deed{h, key.action})
			before = key
		}
	}
	for i := int64(len(a.history) - 1); i >= 0; i-- {
		if !r.Bool() {
			continue
		}
		m := moment{known: true, called: r.Bool(), active: r.whole(countMax)}
		n := r.Count(1)
		r.check(n <= Actions)
		for j := range min(n, Actions) {
			m.acting[j] = r.whole(countMax)
		}
		*a.at(pane - i) = m
	}
}

func encodeCalls(w *codec.Writer, list []call, pane int64) {
	w.Uint(uint64(len(list)))
	for i := range list {
		c := &list[i]
		w.Int(pane - c.pane)
		w.Hash(c.id)
		w.Uint(uint64(c.action))
		for _, n := range c.bins {
			w.Int(n)
		}
		w.Float(c.before)
		w.Float(c.beforeN)
		w.Int(int64(c.windows))
		w.Int(c.active)
	}
}

// calls reads at most limit calls of an age between least and most, oldest first.
func (r reader) calls(pane, least, most int64, limit int) (list []call) {
	for range r.Count(48) {
		age := r.whole(most)
		c := call{pane: pane - age, id: r.Hash()}
		action := r.Uint()
		r.check(age >= least && action < Actions && len(list) < limit)
		c.action = uint8(action % Actions)
		for i := range c.bins {
			c.bins[i] = r.whole(1 << 31)
		}
		c.before, c.beforeN, c.windows, c.active = r.float(), r.float(), int(r.whole(3)), r.whole(countMax)
		r.check(c.before <= 1 && (len(list) == 0 || list[len(list)-1].pane <= c.pane))
		list = append(list, c)
	}
	return list
}
