package gauges

import (
	"cmp"
	"slices"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// slots decides which scopes of one kind have series. Who has them keeps them: a series that comes and goes cannot be
// read. It is not safe for concurrent use.
type slots struct {
	max    int
	linger time.Duration
	known  map[string]*memory // by id; only scopes that the feed holds, so bounded with them
}

// memory is what is remembered of a scope from scrape to scrape.
type memory struct {
	held       bool
	ended      time.Time         // of a show: when it was first seen ended; zero: it is on the air
	high       map[layer]float64 // the highest that each counter has been
	currencies []string          // those with series of their own, at most maxCurrencies
}

// idleAfter is how long an ESOL, campaign or brand keeps series that others want.
const idleAfter = time.Hour

func newSlots(max int, linger time.Duration) *slots {
	return &slots{max: max, linger: linger, known: map[string]*memory{}}
}

// share splits scopes into those with series and those without, each in order of id.
func (t *slots) share(all []Scope, now time.Time) (with, without []*Scope) {
	t.forget(all)
	var held, want []*Scope
	for i := range all {
		s := &all[i]
		m := t.known[s.ID]
		if m == nil {
			m = &memory{high: map[layer]float64{}}
			t.known[s.ID] = m
		}
		switch m.held = m.held && t.mayKeep(s, m, now); {
		case m.held:
			held = append(held, s)
		case s.Kind != event.ScopeShow || s.onAir():
			want = append(want, s)
		}
	}
	slices.SortFunc(want, func(a, b *Scope) int {
		return cmp.Or(-compare(a.showable(), b.showable()), -compare(a.onAir(), b.onAir()),
			-cmp.Compare(a.AsOfMS, b.AsOfMS), cmp.Compare(a.ID, b.ID))
	})
	held = t.makeRoom(held, want, now)
	n := min(len(want), max(0, t.max-len(held)))
	for n > 0 && !want[n-1].showable() {
		n--
	}
	for _, s := range want[:n] {
		t.known[s.ID].held = true
	}
	with, without = append(held, want[:n]...), want[n:]
	byID := func(a, b *Scope) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(with, byID)
	slices.SortFunc(without, byID)
	return with, without
}

// forget drops what the feed does not hold any more.
func (t *slots) forget(all []Scope) {
	if len(t.known) == 0 {
		return
	}
	there := make(map[string]bool, len(all))
	for i := range all {
		there[all[i].ID] = true
	}
	for id := range t.known {
		if !there[id] {
			delete(t.known, id)
		}
	}
}

// mayKeep is false for a show that ended some time ago.
func (t *slots) mayKeep(s *Scope, m *memory, now time.Time) bool {
	switch {
	case s.Kind != event.ScopeShow:
		return true
	case s.onAir():
		m.ended = time.Time{}
		return true
	case m.ended.IsZero():
		m.ended = now
	}
	return now.Sub(m.ended) < t.linger
}

// makeRoom takes the series of shows that have ended and of other scopes that have been idle for long, as far as others
// that are on the air, or have changed lately, want them.
func (t *slots) makeRoom(held, want []*Scope, now time.Time) []*Scope {
	line := now.Add(-idleAfter).UnixMilli()
	busy := 0
	for _, s := range want {
		if s.showable() && (s.onAir() || s.AsOfMS > line) {
			busy++
		}
	}
	lacking := len(held) + busy - t.max
	if lacking <= 0 {
		return held
	}
	slices.SortFunc(held, func(a, b *Scope) int {
		return cmp.Or(-compare(a.onAir(), b.onAir()), -cmp.Compare(a.AsOfMS, b.AsOfMS), cmp.Compare(a.ID, b.ID))
	})
	for ; lacking > 0 && len(held) > 0; lacking-- {
		last := held[len(held)-1]
		if last.onAir() || last.Kind != event.ScopeShow && last.AsOfMS > line {
			break
		}
		t.known[last.ID].held = false
		held = held[:len(held)-1]
	}
	return held
}

func compare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
