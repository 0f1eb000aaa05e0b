package show

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// past is a show's memory as of its final pane, where that differs from the memory as tentatively evaluated. A
// checkpoint is written through it: going back for real would have every open pane evaluated again, every five
// seconds.
type past struct {
	heads  [shards]idMap[pastHead]
	orders [shards]idMap[int64] // absent: not there then
	acted  [activePanes]int32
	listed *listed // the shard of which a part was asked for last
}

// listed is what was in a shard, in order of id. Parts are asked for in order, so one shard is sorted once for all of its
// own.
type listed struct {
	shard  int
	heads  []goneHead
	orders []goneOrder
}

type pastHead struct {
	head  head
	known bool
}

const absent = -1

// asFinal is what undoing all tentative panes would restore. It is kept until the next evaluation.
func (s *show) asFinal() *past {
	if s.past != nil {
		return s.past
	}
	for k := s.final.pane + 1; k <= s.room.pane; k++ {
		if s.undo(k).frozen != nil { // the memory itself was exchanged: rare, and nothing to evaluate again
			s.goBack(s.final.pane)
		}
	}
	p := &past{}
	if s.memory != nil {
		p.acted = s.memory.acted
	}
	for k := s.room.pane; k > s.final.pane; k-- {
		if u := s.undo(k); u.ran {
			p.revert(u, k)
		}
	}
	s.past = p
	return p
}

// revert is show.revert, onto p.
func (p *past) revert(u *undo, k int64) {
	for _, g := range u.ordersGone {
		v, _ := p.orders[shardOf(g.id)].put(g.id)
		*v = g.pane
	}
	for _, g := range u.headsGone {
		v, _ := p.heads[shardOf(g.id)].put(g.id)
		*v = pastHead{g.head, true}
	}
	for _, x := range u.sales {
		v, _ := p.orders[shardOf(x.ref)].put(x.ref)
		*v = absent
	}
	for i := range u.touched {
		t := &u.touched[i]
		v, _ := p.heads[shardOf(t.id)].put(t.id)
		*v = pastHead{t.before, t.known}
		if t.known && t.before.last > k-activePanes {
			p.acted[uint64(t.before.last)%activePanes]++
		}
	}
	p.acted[uint64(k)%activePanes] = u.expired
}

// part lists the heads and orders of part n of a memory as of the final pane, in order of id.
func (p *past) part(m *memory, n int) (heads []goneHead, orders []goneOrder) {
	at := shardOfPart(n)
	if p.listed == nil || p.listed.shard != at {
		now := &shard{}
		if m != nil {
			now = &m.shards[at]
		}
		heads, orders := p.shard(now, at)
		p.listed = &listed{at, heads, orders}
	}
	return inPart(p.listed.heads, n, func(h goneHead) event.ID { return h.id }),
		inPart(p.listed.orders, n, func(o goneOrder) event.ID { return o.id })
}

// inPart is what lies in part n of what is in order of id.
func inPart[V any](sorted []V, n int, id func(V) event.ID) []V {
	before := func(v V, n int) int { return cmp.Compare(partOf(id(v)), n) }
	from, _ := slices.BinarySearchFunc(sorted, n, before)
	to, _ := slices.BinarySearchFunc(sorted, n+1, before)
	return sorted[from:to]
}

// shard lists the heads and orders of a shard as of the final pane, in order of id.
func (p *past) shard(now *shard, n int) (heads []goneHead, orders []goneOrder) {
	for _, slot := range now.heads.slots {
		if slot.used && p.heads[n].get(slot.id) == nil {
			heads = append(heads, goneHead{slot.id, slot.value})
		}
	}
	for _, slot := range p.heads[n].slots {
		if slot.used && slot.value.known {
			heads = append(heads, goneHead{slot.id, slot.value.head})
		}
	}
	for _, slot := range now.orders.slots {
		if slot.used && p.orders[n].get(slot.id) == nil {
			orders = append(orders, goneOrder{slot.id, slot.value})
		}
	}
	for _, slot := range p.orders[n].slots {
		if slot.used && slot.value != absent {
			orders = append(orders, goneOrder{slot.id, slot.value})
		}
	}
	slices.SortFunc(heads, func(a, b goneHead) int { return compareIDs(a.id, b.id) })
	slices.SortFunc(orders, func(a, b goneOrder) int { return compareIDs(a.id, b.id) })
	return heads, orders
}
