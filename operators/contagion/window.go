package contagion

// A person's use of a word counts if it is the first in firstPanes.
const firstPanes = 60

// generationMax is how many uses one generation of the window remembers; there are two.
const generationMax = 32768

// window knows who has said which word within 60 s. Two generations, each of 60 s at most: the older is forgotten
// whole when the younger is full of years, so nothing is ever taken out.
//
// At the bound (more than 32,768 pairs of person and word in a generation) the generation ends early, at the end of a
// pane: from about 550 first uses a second on, the window is shorter than 60 s, and at worst one generation long. A
// single pane is always remembered whole while it is the younger generation.
type window struct {
	young, old table
	began      int64 // pane in which the younger generation began
}

// turn begins pane k.
func (w *window) turn(k int64) {
	if k-w.began < firstPanes && w.young.n <= generationMax {
		return
	}
	empty := w.old
	if len(empty.uses) > 4096 && w.young.n < len(empty.uses)/8 {
		empty.uses = nil
	}
	clear(empty.uses)
	empty.n = 0
	w.old, w.young, w.began = w.young, empty, k
}

// first notes a use in pane k and says whether it is the person's first in the window.
func (w *window) first(person uint64, slot uint16, k int64) bool {
	e, found := w.young.put(person, slot)
	first := !found || since(e, k) >= firstPanes
	if first {
		if e := w.old.get(person, slot); e != nil && since(e, k) < firstPanes {
			first = false
		}
	}
	e.pane = uint32(k)
	return first
}

// drop forgets who has said the word of a slot, as of pane k. It looks at every use.
func (w *window) drop(slot uint16, k int64) {
	for _, t := range []*table{&w.young, &w.old} {
		for i := range t.uses {
			if e := &t.uses[i]; e.used && e.slot == slot {
				e.pane = uint32(k) - firstPanes
			}
		}
	}
}

// use is the latest use of a word by a person.
type use struct {
	person uint64
	pane   uint32 // the pane's number modulo 2^32: only differences count
	slot   uint16
	used   bool
}

// since is how many panes before k the use was.
func since(e *use, k int64) uint32 { return uint32(k) - e.pane }

// table is a set of uses by open addressing. Persons are keyed hashes already, so nobody can choose them to collide.
type table struct {
	uses []use
	n    int
}

func (t *table) home(person uint64, slot uint16) int {
	h := (person ^ uint64(slot)<<48 ^ uint64(slot)) * 0x9e3779b97f4a7c15
	return int((h ^ h>>32) & uint64(len(t.uses)-1))
}

func (t *table) get(person uint64, slot uint16) *use {
	if t.n == 0 {
		return nil
	}
	for i := t.home(person, slot); t.uses[i].used; i = (i + 1) & (len(t.uses) - 1) {
		if e := &t.uses[i]; e.person == person && e.slot == slot {
			return e
		}
	}
	return nil
}

// put returns the use of the pair, made where there was none. It is good until the next put.
func (t *table) put(person uint64, slot uint16) (e *use, found bool) {
	if 4*(t.n+1) > 3*len(t.uses) {
		t.grow()
	}
	i := t.home(person, slot)
	for ; t.uses[i].used; i = (i + 1) & (len(t.uses) - 1) {
		if e := &t.uses[i]; e.person == person && e.slot == slot {
			return e, true
		}
	}
	t.uses[i] = use{person: person, slot: slot, used: true}
	t.n++
	return &t.uses[i], false
}

func (t *table) grow() {
	old := t.uses
	t.uses, t.n = make([]use, max(16, 2*len(old))), 0
	for _, e := range old {
		if e.used {
			into, _ := t.put(e.person, e.slot)
			into.pane = e.pane
		}
	}
}
