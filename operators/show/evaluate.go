package show

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// undo is what evaluating one pane changed, so that an event that still comes for the pane can be let in: go back
// before it, and evaluate again. A pane that has become final drops its undo.
type undo struct {
	before     room
	touched    []touched
	sales      []extra    // orders that heated, by time
	headsGone  []goneHead // beyond the limit
	ordersGone []goneOrder
	ran        bool    // there was something to evaluate; else the pane changed nothing but s.room
	expired    int32   // what memory.acted held for the pane 300 before
	frozen     *memory // what the silence made it forget
}

type touched struct {
	id     event.ID
	before head
	known  bool
	weight float64 // of what this head does in this pane
	// Microjoules that it radiated in this pane, believed and raw.
	believed, raw int64
}

type goneHead struct {
	id   event.ID
	head head
}

type goneOrder struct {
	id   event.ID
	pane int64
}

// reset empties u for the next pane, keeping its memory.
func (u *undo) reset() {
	*u = undo{
		touched: u.touched[:0], sales: u.sales[:0], headsGone: u.headsGone[:0], ordersGone: u.ordersGone[:0],
	}
}

// evaluate takes the pane after s.room into it. It depends on the set of acts in the pane and on the room before; sums
// are integers, so the order of acts does not show.
func (s *show) evaluate() {
	k := s.room.pane + 1
	s.past = nil
	u := s.undo(k)
	u.reset()
	u.before = s.room
	r, p := &s.room, s.panes[k]
	r.pane = k
	switch {
	case p != nil:
		r.silent = 0
		if !r.started {
			r.started, r.start = true, k
		}
	case r.frozen():
		return
	default:
		if r.silent++; r.silent == silentPanes {
			r.freeze()
			u.frozen, s.memory = s.memory, s.memory.onlyOrders()
			return
		}
	}
	if s.memory == nil {
		s.memory = &memory{}
	}
	u.ran = true
	m := s.memory
	slot := &m.acted[uint64(k)%activePanes]
	u.expired = *slot
	*slot = 0
	in := input{active: r.active - int64(u.expired)}
	for _, t := range *m.texts(k - textPanes) {
		m.say(t.hash, -t.n)
	}
	*m.texts(k) = (*m.texts(k))[:0]
	if p != nil {
		s.radiate(p, u, &in)
		s.contribute(k, u, &in)
		s.forget(u)
	}
	r.step(&in)
}

// radiate gives every head of the pane its energy and counts the pane's events.
//
// e = e_type · q · ν · w (MODEL §1): type and quality are in the act's base, novelty and trust are found here.
func (s *show) radiate(p *pane, u *undo, in *input) {
	r := &s.room
	s.takeBack(p.number)
	s.listTexts(p)
	for i := range p.acts {
		a := &p.acts[i]
		r.totals[a.kind].events++
		if a.base == 0 || s.retracted(a) {
			continue
		}
		e := a.base
		if a.text != 0 {
			e = novel(e, s.memory.said.get(event.ID{Lo: a.text}).n-1)
			in.repeated += a.base - e
		}
		s.heat(a.person, p.number, a.kind, e, u, in)
	}
	s.trimTexts(p.number)
	s.sell(p, u, in)
	s.watch(p)
}

// takeBack collects which comments of the pane have been retracted: by a retraction in the same pane or one of the ten
// after. Later retractions do not count, so that whether one does depends on event times and not on arrival.
func (s *show) takeBack(k int64) {
	s.gone = s.gone[:0]
	if s.retractions == 0 {
		return
	}
	for j := k; j <= k+retractPanes; j++ {
		if p := s.panes[j]; p != nil {
			for _, x := range p.extras {
				if x.kind == eventpb.Kind_KIND_RETRACT {
					s.gone = append(s.gone, x.ref)
				}
			}
		}
	}
	slices.SortFunc(s.gone, compareIDs)
}

func (s *show) retracted(a *act) bool {
	return a.kind == eventpb.Kind_KIND_COMMENT && s.takenBack(a.id)
}

func (s *show) takenBack(comment event.ID) bool {
	if len(s.gone) == 0 {
		return false
	}
	_, found := slices.BinarySearchFunc(s.gone, comment, compareIDs)
	return found
}

// listTexts counts what is said in the pane, before any comment is judged by it: so all copies in a pane are equal.
func (s *show) listTexts(p *pane) {
	m, list := s.memory, s.memory.texts(p.number)
	for i := range p.acts {
		a := &p.acts[i]
		if a.text == 0 || s.retracted(a) {
			continue
		}
		said, found := m.said.put(event.ID{Lo: a.text})
		if !found || said.pane != p.number {
			said.pane, said.slot = p.number, int32(len(*list))
			*list = append(*list, textCount{hash: a.text})
		}
		said.n++
		(*list)[said.slot].n++
	}
}

// trimTexts keeps a pane's texts within the limit.
func (s *show) trimTexts(k int64) {
	list := s.memory.texts(k)
	if len(*list) <= textsMax {
		return
	}
	slices.SortFunc(*list, func(a, b textCount) int { return cmp.Compare(a.hash, b.hash) })
	for _, t := range (*list)[textsMax:] {
		s.memory.say(t.hash, -t.n)
	}
	*list = (*list)[:textsMax]
}

// heat adds energy to what a head radiates in the pane. Acts of nobody known are the acts of one head, the zero id:
// who withholds ids cannot heat a room more than one person could.
func (s *show) heat(person event.ID, k int64, kind eventpb.Kind, microjoules int64, u *undo, in *input) {
	if microjoules <= 0 {
		return
	}
	h, known := s.memory.shards[shardOf(person)].heads.put(person)
	if !known || h.last != k {
		u.touched = append(u.touched, touched{id: person, before: *h, known: known, weight: s.weight(person, k)})
		h.last, h.slot = k, int32(len(u.touched)-1)
		if !known {
			s.memory.heads++
			s.room.people++
		}
	}
	t := &u.touched[h.slot]
	believed := microjoules
	if t.weight != 1 {
		believed = scale(microjoules, t.weight)
	}
	t.believed += believed
	t.raw += microjoules
	s.room.totals[kind].microjoules += believed
	in.radiated[kind] += believed
	in.doubted += microjoules - believed
}

// sell heats by orders: each once in the show, in the first pane that holds it, for the first of its versions there
// that names a buyer.
func (s *show) sell(p *pane, u *undo, in *input) {
	for _, x := range p.extras {
		if x.heats && s.memory.shards[shardOf(x.ref)].orders.get(x.ref) == nil {
			u.sales = append(u.sales, x)
		}
	}
	slices.SortFunc(u.sales, func(a, b extra) int {
		return cmp.Or(compareIDs(a.ref, b.ref), -cmp.Compare(named(a), named(b)), compareTimes(a, b))
	})
	u.sales = slices.CompactFunc(u.sales, func(a, b extra) bool { return a.ref == b.ref })
	slices.SortFunc(u.sales, compareTimes)
	for _, x := range u.sales {
		seen, _ := s.memory.shards[shardOf(x.ref)].orders.put(x.ref)
		*seen = p.number
		s.memory.orders++
		s.room.orders++
		s.heat(x.buyer, p.number, x.kind, s.price(x.buyer), u, in)
		if h := s.memory.shards[shardOf(x.buyer)].heads.get(x.buyer); h != nil && !h.bought {
			h.bought = true
			s.room.buyers++
		}
	}
}

// price is the base energy of an order. Nobody known never counts as having bought before.
func (s *show) price(buyer event.ID) int64 {
	h := s.memory.shards[shardOf(buyer)].heads.get(buyer)
	if h != nil && h.bought && !buyer.IsZero() {
		return againMicrojoule
	}
	return orderMicrojoule
}

func named(x extra) int {
	if x.buyer.IsZero() {
		return 0
	}
	return 1
}

func compareTimes(a, b extra) int { return cmp.Or(cmp.Compare(a.ms, b.ms), compareIDs(a.id, b.id)) }

// watch takes the latest gauge of viewers in the pane.
func (s *show) watch(p *pane) {
	var latest *extra
	for i := range p.extras {
		x := &p.extras[i]
		if x.kind == eventpb.Kind_KIND_VIEWERS && (latest == nil || compareTimes(*x, *latest) > 0) {
			latest = x
		}
	}
	if latest != nil {
		s.room.viewers = latest.count
	}
}

// contribute turns what heads radiated into what they contributed, and counts who is active.
func (s *show) contribute(k int64, u *undo, in *input) {
	m := s.memory
	for i := range u.touched {
		t := &u.touched[i]
		before, rawBefore := 0., 0.
		if t.known {
			kept := stable.Decayed(k - t.before.last)
			before, rawBefore = float64(t.before.heat*kept), float64(t.before.raw*kept)
		}
		h := m.shards[shardOf(t.id)].heads.get(t.id)
		h.heat = before + float64(t.believed)/joule
		h.raw = rawBefore + float64(t.raw)/joule
		c := contribution(before, h.heat)
		in.heat.add(c)
		if rawBefore != before || t.raw != t.believed { // almost everybody is believed: no second logarithm
			c = contribution(rawBefore, h.raw)
		}
		in.raw.add(c)
		in.acts++
		if t.known && t.before.last > k-activePanes {
			m.acted[uint64(t.before.last)%activePanes]--
		} else {
			in.active++
		}
	}
	m.acted[uint64(k)%activePanes] += int32(len(u.touched))
}

// forget keeps heads and orders within their limits.
func (s *show) forget(u *undo) {
	m := s.memory
	for _, id := range oldest(m.heads, headsMax, func(add func(event.ID, int64)) {
		for i := range m.shards {
			for _, slot := range m.shards[i].heads.slots {
				if slot.used {
					add(slot.id, slot.value.last)
				}
			}
		}
	}) {
		heads := &m.shards[shardOf(id)].heads
		u.headsGone = append(u.headsGone, goneHead{id, *heads.get(id)})
		heads.del(id)
		m.heads--
	}
	for _, id := range oldest(m.orders, ordersMax, func(add func(event.ID, int64)) {
		for i := range m.shards {
			for _, slot := range m.shards[i].orders.slots {
				if slot.used {
					add(slot.id, slot.value)
				}
			}
		}
	}) {
		orders := &m.shards[shardOf(id)].orders
		u.ordersGone = append(u.ordersGone, goneOrder{id, *orders.get(id)})
		orders.del(id)
		m.orders--
	}
}

// goBack undoes panes until the last one in is k.
func (s *show) goBack(k int64) {
	for s.room.pane > k {
		s.revert(s.undo(s.room.pane))
	}
}

// revert is the inverse of evaluate, step by step from its end.
func (s *show) revert(u *undo) {
	k := s.room.pane
	s.past = nil
	if u.frozen != nil {
		u.frozen.takeOrders(s.memory)
		s.memory = u.frozen
	}
	s.room = u.before
	if !u.ran {
		return
	}
	m := s.memory
	for _, g := range u.ordersGone {
		v, _ := m.shards[shardOf(g.id)].orders.put(g.id)
		*v = g.pane
		m.orders++
	}
	for _, g := range u.headsGone {
		v, _ := m.shards[shardOf(g.id)].heads.put(g.id)
		*v = g.head
		m.heads++
	}
	for _, x := range u.sales {
		m.shards[shardOf(x.ref)].orders.del(x.ref)
		m.orders--
	}
	for i := range u.touched {
		t := &u.touched[i]
		heads := &m.shards[shardOf(t.id)].heads
		if !t.known {
			heads.del(t.id)
			m.heads--
			continue
		}
		*heads.get(t.id) = t.before
		if t.before.last > k-activePanes {
			m.acted[uint64(t.before.last)%activePanes]++
		}
	}
	m.acted[uint64(k)%activePanes] = u.expired
	for _, t := range *m.texts(k) {
		m.say(t.hash, -t.n)
	}
	*m.texts(k) = (*m.texts(k))[:0]
	for _, t := range *m.texts(k - textPanes) {
		m.say(t.hash, t.n)
	}
}
