package vocab

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/netsu/netsu/operators/fade"
)

// The sizes of a vocabulary. [JUDG]
const (
	Slots      = 512
	PinnedMax  = 384
	candidates = 8192
	afterDrop  = candidates * 3 / 4

	selectPanes = 30
	// A challenger takes a slot when its count exceeds staysFactor times the holder's and stays person-panes more.
	staysFactor, stays = 1.5, 1.
)

var halfLife = fade.New(600)

// Use says that a person used a word in a pane.
type Use struct{ Person, Word uint64 }

// Vocabulary is the words of one show. It belongs to one goroutine.
type Vocabulary struct {
	started bool
	pane    int64 // the last one
	words   [Slots]uint64
	pinned  [Slots]bool
	slots   map[uint64]uint16
	counts  map[uint64]float64 // faded person-panes of the candidates, with or without a slot

	fresh   []uint64
	once    useSet
	ranked  []candidate
	renewed []uint16
}

type candidate struct {
	word  uint64
	count float64
}

// New is a vocabulary whose slots are all free.
func New() *Vocabulary {
	return &Vocabulary{slots: map[uint64]uint16{}, counts: map[uint64]float64{}}
}

// Slot is the slot of a word, if it has one.
func (v *Vocabulary) Slot(word uint64) (slot uint16, ok bool) {
	slot, ok = v.slots[word]
	return slot, ok
}

// Word is the word of a slot, 0 if it is free or there is no such slot.
func (v *Vocabulary) Word(slot uint16) uint64 {
	if slot >= Slots {
		return 0
	}
	return v.words[slot]
}

// Pin says which words must have slots: the first PinnedMax different ones of the list. A word that was pinned and is
// not any more keeps its slot as an open word. It returns, ascending, the slots that stand for another word from now
// on; the slice is good until the next call. The same list again changes nothing.
func (v *Vocabulary) Pin(words []uint64) (renewed []uint16) {
	v.renewed = v.renewed[:0]
	v.pinned = [Slots]bool{}
	var missing []uint64
	n, seen := 0, map[uint64]bool{0: true}
	for _, word := range words {
		if n == PinnedMax {
			break
		}
		if seen[word] {
			continue
		}
		seen[word] = true
		n++
		if slot, ok := v.slots[word]; ok {
			v.pinned[slot] = true
		} else {
			missing = append(missing, word)
		}
	}
	if len(missing) > 0 {
		open := v.open()
		for i, word := range missing {
			v.give(open[i].slot, word)
			v.pinned[open[i].slot] = true
		}
	}
	slices.Sort(v.renewed)
	return v.renewed
}

// Step folds the uses of a final pane; panes come in order. Every 30 panes, before the first uses of the next 30 are
// counted, the open slots are given out anew. It returns, ascending, the slots that stand for another word from this
// pane on; the slice is good until the next call. Uses may come in any order, and twice.
func (v *Vocabulary) Step(pane int64, uses []Use) (renewed []uint16) {
	v.renewed = v.renewed[:0]
	v.advance(pane)
	v.count(uses)
	slices.Sort(v.renewed)
	return v.renewed
}

// advance goes on to a pane. Of the reselections that lie between, only the first can change anything: without new uses
// all counts fade alike, and what a challenger lacked then it lacks later, too.
func (v *Vocabulary) advance(pane int64) {
	if !v.started {
		v.started, v.pane = true, pane
		return
	}
	next := v.pane - mod(v.pane, selectPanes) + selectPanes
	if pane >= next {
		v.fadeTo(next)
		v.reselect()
	}
	if pane > v.pane {
		v.fadeTo(pane)
	}
}

func mod(a, b int64) int64 { return ((a % b) + b) % b }

func (v *Vocabulary) fadeTo(pane int64) {
	times := halfLife.Halvings(v.pane, pane)
	v.pane = pane
	if times == 0 {
		return
	}
	for word, count := range v.counts { // each for itself: their order does not matter
		if count = fade.Halved(count, times); count == 0 {
			delete(v.counts, word)
		} else {
			v.counts[word] = count
		}
	}
}

// count adds one person-pane for each different use. A sum of n times the same weight does not depend on an order; who
// gets the last places among the candidates would, so then the new words come by their hash.
func (v *Vocabulary) count(uses []Use) {
	v.once.clear(len(uses))
	v.fresh = v.fresh[:0]
	w := halfLife.Weight(v.pane)
	for _, u := range uses {
		if u.Word == 0 || !v.once.add(u) {
			continue
		}
		if had, ok := v.counts[u.Word]; ok {
			v.counts[u.Word] = had + w
		} else {
			v.fresh = append(v.fresh, u.Word)
		}
	}
	if len(v.counts)+len(v.fresh) > candidates {
		slices.Sort(v.fresh)
	}
	for _, word := range v.fresh {
		if had, ok := v.counts[word]; ok || len(v.counts) < candidates {
			v.counts[word] = had + w
		}
	}
}

// useSet is the set of uses of one pane: open addressing, the zero use is free. Both halves of a use are keyed
// hashes, so their own bits serve as the hash.
type useSet struct{ slots []Use }

func (s *useSet) clear(n int) {
	clear(s.slots)
	if len(s.slots) < 2*n {
		s.slots = make([]Use, 1<<bits.Len(uint(2*n)))
	}
}

// add says whether the use is new.
func (s *useSet) add(u Use) bool {
	mask := uint64(len(s.slots) - 1)
	h := (u.Person ^ bits.RotateLeft64(u.Word, 32)) * 0x9e3779b97f4a7c15
	for i := h >> 32 & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case u:
			return false
		case Use{}:
			s.slots[i] = u
			return true
		}
	}
}

// reselect gives free slots to the largest words that have none, and then lets the largest of the others challenge the
// least holders.
func (v *Vocabulary) reselect() {
	v.rank()
	w := halfLife.Weight(v.pane)
	open, at := v.open(), 0
	for _, c := range v.ranked {
		if at == len(open) {
			break
		}
		if _, has := v.slots[c.word]; has {
			continue
		}
		if o := open[at]; !o.free && c.count <= float64(staysFactor*o.count)+float64(stays*w) {
			break
		}
		v.give(open[at].slot, c.word)
		at++
	}
}

// rank lists the candidates, largest first, and drops the least when they are full.
func (v *Vocabulary) rank() {
	v.ranked = v.ranked[:0]
	for word, count := range v.counts { // sorted below
		v.ranked = append(v.ranked, candidate{word, count})
	}
	slices.SortFunc(v.ranked, func(a, b candidate) int {
		if c := cmp.Compare(b.count, a.count); c != 0 {
			return c
		}
		return cmp.Compare(a.word, b.word)
	})
	if len(v.ranked) >= candidates {
		for _, c := range v.ranked[afterDrop:] {
			delete(v.counts, c.word)
		}
		v.ranked = v.ranked[:afterDrop]
	}
}

type openSlot struct {
	slot  uint16
	free  bool
	count float64
	word  uint64
}

// open lists the slots that are not pinned: free ones, then those whose words are used least.
func (v *Vocabulary) open() []openSlot {
	var list []openSlot
	for i, word := range v.words {
		if !v.pinned[i] {
			list = append(list, openSlot{uint16(i), word == 0, v.counts[word], word})
		}
	}
	slices.SortFunc(list, func(a, b openSlot) int {
		switch {
		case a.free && b.free:
			return cmp.Compare(a.slot, b.slot)
		case a.free:
			return -1
		case b.free:
			return 1
		}
		if c := cmp.Compare(a.count, b.count); c != 0 {
			return c
		}
		return cmp.Compare(b.word, a.word)
	})
	return list
}

func (v *Vocabulary) give(slot uint16, word uint64) {
	if was := v.words[slot]; was != 0 {
		delete(v.slots, was)
	}
	v.words[slot] = word
	v.slots[word] = slot
	v.renewed = append(v.renewed, slot)
}
