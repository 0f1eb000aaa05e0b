package trust

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

const (
	peopleMax   = 50_000
	copiesOf    = 20 // comments that dup looks back on
	copiesLeast = 4  // and counts at least, so that one copy of one comment is not all that somebody ever says [JUDG]
	dayMS       = 86_400_000
	evidenceMax = 5
	minutes     = 5 // of comments counted for View
)

// person is what is remembered of one account.
type person struct {
	lastMS int64 // its last act of any kind
	rhythm rhythm
	reg    float64 // of rhythm
	said   uint32  // unprompted comments so far
	copies uint32  // bit i: the i-th before the newest of them was a copy
	own    uint32  // likewise: nobody else said it
	isNew  bool
	minute int64 // the minute that counts[minute mod 5] is of
	counts [minutes]uint16
	weight float64   // its latest verdict
	why    *evidence // nil as long as there is nothing
	marked bool      // scratch of Step: it is in s.touched
}

// evidence is which comments speak against somebody: their latest names, at most 5 for each reason.
type evidence struct{ dup, reg, young []string }

const copyBits = 1<<copiesOf - 1

// comment enters an unprompted comment and returns its number.
func (p *person) comment() uint32 {
	p.copies = p.copies << 1 & copyBits
	p.own = p.own << 1 & copyBits
	p.said++
	return p.said
}

// mark says whether the comment of that number was a copy; one that is too long ago is let be.
func (p *person) mark(number uint32, name string, copied bool) {
	back := p.said - number
	if back >= copiesOf {
		return
	}
	bit := uint32(1) << back
	switch {
	case copied && p.copies&bit == 0:
		p.copies |= bit
		w := p.reasons()
		w.dup = keep(w.dup, name)
	case !copied && p.copies&bit != 0:
		p.copies &^= bit
		p.why.dup = slices.DeleteFunc(p.why.dup, func(s string) bool { return s == name })
	}
}

// ownWords says that nobody else said the comment of that number.
func (p *person) ownWords(number uint32) {
	if back := p.said - number; back < copiesOf {
		p.own |= 1 << back
	}
}

func (p *person) reasons() *evidence {
	if p.why == nil {
		p.why = &evidence{}
	}
	return p.why
}

// keep appends the name of an event, of which there are at most 5, the latest.
func keep(names []string, name string) []string {
	if name == "" || len(names) > 0 && names[len(names)-1] == name {
		return names
	}
	if len(names) == evidenceMax {
		names = slices.Delete(names, 0, 1)
	}
	return append(names, strings.Clone(name))
}

func (p *person) features() Features {
	var r Features
	if p.copies != 0 {
		r.Dup = float64(bits.OnesCount32(p.copies)) / float64(max(copiesLeast, min(p.said, copiesOf)))
	}
	r.Reg = p.reg
	if p.isNew {
		r.New = 1
	}
	return r
}

// count counts a comment for View.
func (p *person) count(ms int64) {
	p.roll(ms / 60_000)
	if c := &p.counts[uint64(p.minute)%minutes]; *c < 1<<16-1 {
		*c++
	}
}

// roll empties the minutes that have passed.
func (p *person) roll(minute int64) {
	if minute-p.minute >= minutes {
		p.counts = [minutes]uint16{}
		p.minute = minute
	}
	for p.minute < minute {
		p.minute++
		p.counts[uint64(p.minute)%minutes] = 0
	}
}

// recent is the number of comments in the minute and the four before it.
func (p *person) recent(minute int64) (n int64) {
	for m := max(minute, p.minute) - minutes + 1; m <= p.minute; m++ {
		n += int64(p.counts[uint64(m)%minutes])
	}
	return n
}

// forget drops a tenth of the people where there are too many, least recently active first.
func (s *State) forget() {
	if len(s.people) <= peopleMax {
		return
	}
	ids := make([]event.ID, 0, len(s.people))
	for id := range s.people {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b event.ID) int {
		if c := cmp.Compare(s.people[a].lastMS, s.people[b].lastMS); c != 0 {
			return c
		}
		return compareIDs(a, b)
	})
	for _, id := range ids[:len(ids)-peopleMax*9/10] {
		delete(s.people, id)
		s.parts.known.remove(id)
		s.parts.changePerson(id)
		s.rule(id, Default)
	}
}

// compareIDs is the order in which ids may reach an output.
func compareIDs(a, b event.ID) int {
	if c := cmp.Compare(a.Hi, b.Hi); c != 0 {
		return c
	}
	return cmp.Compare(a.Lo, b.Lo)
}
