package syncrate

import "slices"

// window is the length of the echo's two windows, in panes.
const window = 60

// tally is a whole number for each slot that was said in a pane: few of them.
type tally struct {
	counts [Slots]int64
	slots  []uint16 // whose count is not 0, ascending
}

// of sums counts by slot. What has no slot, or is not positive, is left to the other words.
func (t *tally) of(counts []Count) (sum int64) {
	for _, slot := range t.slots {
		t.counts[slot] = 0
	}
	t.slots = t.slots[:0]
	for _, c := range counts {
		if c.Slot < Slots && c.N > 0 {
			if t.counts[c.Slot] == 0 {
				t.slots = append(t.slots, c.Slot)
			}
			t.counts[c.Slot] += int64(c.N)
			sum += int64(c.N)
		}
	}
	slices.Sort(t.slots)
	return sum
}

// recent is what the audience said in the last 60 panes: the panes one by one and, in whole numbers, their sums.
type recent struct {
	panes [64]heard // mod 64
	uses  [Slots]int64
	words int64
}

type heard struct {
	counts []Count // by slot, ascending
	words  int64
}

func (r *recent) at(pane int64) *heard { return &r.panes[uint64(pane)%uint64(len(r.panes))] }

// add takes in a pane, and the one that is 60 before it leaves.
func (r *recent) add(pane int64, t *tally, words int64) {
	gone := r.at(pane - window)
	for _, c := range gone.counts {
		r.uses[c.Slot] -= int64(c.N)
	}
	r.words -= gone.words
	gone.counts, gone.words = gone.counts[:0], 0

	h := r.at(pane)
	h.words = words
	r.words += words
	for _, slot := range t.slots {
		n := min(t.counts[slot], maxCount)
		h.counts = append(h.counts, Count{slot, int32(n)})
		r.uses[slot] += n
	}
}

// maxCount bounds what one pane may say of a word.
const maxCount = 1<<31 - 1

func (r *recent) renew(slot uint16) {
	for i := range r.panes {
		h := &r.panes[i]
		h.counts = slices.DeleteFunc(h.counts, func(c Count) bool { return c.Slot == slot })
	}
	r.uses[slot] = 0
}
