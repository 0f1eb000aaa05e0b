package show

import "github.com/netsu/netsu/stream/event"

// idMap maps ids to values by open addressing with linear probing. Ids are keyed hashes already, so nobody can choose
// them to collide, and their own bits serve as the hash: a look-up costs about one cache line, which is why this is
// not Go's map. The order of its slots depends on history: who walks them for an output or the state sorts by
// compareIDs.
type idMap[V any] struct {
	slots []idSlot[V]
	n     int
}

type idSlot[V any] struct {
	id    event.ID
	used  bool
	value V
}

func (m *idMap[V]) home(id event.ID) uint64 {
	h := (id.Lo ^ id.Hi>>32) * 0x9e3779b97f4a7c15
	return (h ^ h>>32) & uint64(len(m.slots)-1)
}

// get returns the value of id, or nil. The pointer is good until the next put or del.
func (m *idMap[V]) get(id event.ID) *V {
	if m.n == 0 {
		return nil
	}
	mask := uint64(len(m.slots) - 1)
	for i := m.home(id); ; i = (i + 1) & mask {
		s := &m.slots[i]
		if !s.used {
			return nil
		}
		if s.id == id {
			return &s.value
		}
	}
}

// put returns the value of id, made zero where there was none. The pointer is good until the next put or del.
func (m *idMap[V]) put(id event.ID) (v *V, found bool) {
	if 4*(m.n+1) > 3*len(m.slots) {
		m.grow()
	}
	mask := uint64(len(m.slots) - 1)
	for i := m.home(id); ; i = (i + 1) & mask {
		s := &m.slots[i]
		if !s.used {
			s.used, s.id = true, id
			m.n++
			return &s.value, false
		}
		if s.id == id {
			return &s.value, true
		}
	}
}

func (m *idMap[V]) grow() {
	old := m.slots
	m.slots, m.n = make([]idSlot[V], max(8, 2*len(old))), 0
	for i := range old {
		if old[i].used {
			v, _ := m.put(old[i].id)
			*v = old[i].value
		}
	}
}

// del removes id and closes the hole by moving back what had been pushed past it, so that nothing piles up over time.
// A map that empties gives its memory back when it had grown large.
func (m *idMap[V]) del(id event.ID) bool {
	if m.n == 0 {
		return false
	}
	mask := uint64(len(m.slots) - 1)
	i := m.home(id)
	for ; !m.slots[i].used || m.slots[i].id != id; i = (i + 1) & mask {
		if !m.slots[i].used {
			return false
		}
	}
	for j := i; ; {
		j = (j + 1) & mask
		if !m.slots[j].used {
			break
		}
		if home := m.home(m.slots[j].id); (j-home)&mask >= (j-i)&mask {
			m.slots[i] = m.slots[j]
			i = j
		}
	}
	m.slots[i] = idSlot[V]{}
	if m.n--; m.n == 0 && len(m.slots) > 1<<12 {
		m.slots = nil
	}
	return true
}

// compareIDs is the order in which ids may reach an output.
func compareIDs(a, b event.ID) int {
	switch {
	case a.Less(b):
		return -1
	case b.Less(a):
		return 1
	}
	return 0
}
