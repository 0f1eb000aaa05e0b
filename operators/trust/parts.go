package trust

import (
	"math/bits"
	"slices"

	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/stream/event"
)

func shardOf(id event.ID) int { return shardset.Of(rank(id)) }

// parts is which parts of the state have changed. They are the people by shard, with what is ruled of them, and the texts
// by the pane that they were last said in; what else there is, which is little, is a part of its own that always changes.
// A part that was ever written stays, empty where nothing is left in it, the texts' until their pane leaves the window:
// so which parts there are depends on the panes alone, and not on when they were written.
type parts struct {
	known, ruled index // who is in a shard
	people       shardset.Set
	texts        uint64    // by pane mod 64
	panes        [64]int64 // which pane it is
	stored       struct {
		people shardset.Set
		texts  uint64
	}
	inCut struct { // to be written: no need to say so again
		people shardset.Set
		texts  uint64
	}
	written uint64     // texts by pane mod 64 that were ever encoded, so that a backing may have them
	gone    []gonePane // whose texts have left the window
}

type gonePane struct {
	pane    int64
	written bool
}

// index is the ids of each shard, ascending.
type index map[uint16][]event.ID

func (x index) add(id event.ID) {
	list := x[uint16(shardOf(id))]
	if at, found := slices.BinarySearchFunc(list, id, compareIDs); !found {
		x[uint16(shardOf(id))] = slices.Insert(list, at, id)
	}
}

func (x index) remove(id event.ID) {
	n := uint16(shardOf(id))
	at, found := slices.BinarySearchFunc(x[n], id, compareIDs)
	if !found {
		return
	}
	if x[n] = slices.Delete(x[n], at, at+1); len(x[n]) == 0 {
		delete(x, n)
	}
}

func (p *parts) changePerson(id event.ID) { p.people.Add(shardOf(id)) }

func (p *parts) changeText(t *text) {
	p.texts |= 1 << (uint64(t.last) % 64)
	p.panes[uint64(t.last)%64] = t.last
}

func (p *parts) expire(from, to int64) {
	for k := max(from, to-63); k <= to; k++ {
		slot := uint64(k) % 64
		if p.stored.texts>>slot&1 == 1 {
			p.gone = append(p.gone, gonePane{p.panes[slot], p.written>>slot&1 == 1})
		}
		for _, set := range []*uint64{&p.texts, &p.stored.texts, &p.inCut.texts, &p.written} {
			*set &^= 1 << slot
		}
	}
}

// Changed says which parts are to be written, each once until it has been encoded, and which to be deleted: of these, whether
// they have been encoded or loaded before, or were only to be.
func (s *State) Changed(people func(shard int), texts func(pane int64), gone func(pane int64, written bool)) {
	p := &s.parts
	for _, g := range p.gone {
		gone(g.pane, g.written)
	}
	p.gone = p.gone[:0]
	p.stored.people.Union(&p.people)
	fresh := p.inCut.people.Take(&p.people)
	fresh.Each(people)
	p.people = shardset.Set{}
	p.stored.texts |= p.texts
	p.eachPane(p.texts&^p.inCut.texts, texts)
	p.inCut.texts |= p.texts
	p.texts = 0
}

// Parts says which parts there are.
func (s *State) Parts(people func(shard int), texts func(pane int64)) {
	s.parts.stored.people.Each(people)
	s.parts.eachPane(s.parts.stored.texts, texts)
}

func (p *parts) eachPane(set uint64, fn func(pane int64)) {
	for ; set != 0; set &= set - 1 {
		fn(p.panes[bits.TrailingZeros64(set)])
	}
}
