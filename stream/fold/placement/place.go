package placement

import (
	"cmp"
	"slices"
)

// Member is a process as the leader sees it.
type Member struct {
	Owned  []int32         // partitions that it owns now. No two members own the same
	Copies map[int32]int64 // partitions of which its disk has a copy, and the changelog offset that the copy has come to
}

// Plan is by partition. Members go by their index.
type Plan struct {
	Owner    []int
	Standbys [][]int // the likeliest successor first
}

// Place places the partitions 0 to n-1 on the members, by the rule in doc.go, with so many standbys each, or as many as
// there are other members.
func Place(n int, members []Member, standbys int) Plan {
	p := Plan{Owner: make([]int, n), Standbys: make([][]int, n)}
	if len(members) == 0 {
		return p
	}
	p.Owner = owners(n, members, -1)
	if standbys = min(standbys, len(members)-1); standbys <= 0 {
		return p
	}
	planned := make([]Member, len(members))
	for i, m := range members {
		planned[i].Copies = m.Copies
	}
	for part, o := range p.Owner {
		planned[o].Owned = append(planned[o].Owned, int32(part))
	}
	load := make([]int, len(members)) // standbys
	for dead := range planned {
		after := owners(n, planned, dead)
		for _, part := range planned[dead].Owned {
			p.Standbys[part] = append(p.Standbys[part], after[part])
			load[after[part]]++
		}
	}
	for range standbys - 1 {
		for part := range p.Standbys {
			next := further(p, planned, load, int32(part))
			p.Standbys[part] = append(p.Standbys[part], next)
			load[next]++
		}
	}
	return p
}

// further is the member for one more standby of a partition. One that has a copy keeps it, unless it has two standbys more
// than another: a copy moves only where that evens things out.
func further(p Plan, members []Member, load []int, part int32) int {
	best := -1
	for m := range members {
		if m == p.Owner[part] || slices.Contains(p.Standbys[part], m) {
			continue
		}
		if best < 0 || cost(members[m], load[m], part) < cost(members[best], load[best], part) {
			best = m
		}
	}
	return best
}

func cost(m Member, load int, part int32) int {
	if _, ok := m.Copies[part]; ok {
		return 2*load - 3
	}
	return 2 * load
}

// owners places all partitions on the members except one (-1: on all).
func owners(n int, members []Member, except int) []int {
	s := &shares{owner: make([]int, n), count: make([]int, len(members)), members: members, except: except}
	alive := len(members)
	if except >= 0 {
		alive--
	}
	s.base, s.extra = n/alive, n%alive
	for part := range s.owner {
		s.owner[part] = none
	}
	for m := range members {
		if m != except {
			s.keep(m)
		}
	}
	s.fill()
	return s.owner
}

const none = -1

// shares are the partitions being dealt out: base to each member, and one more to so many of them.
type shares struct {
	members     []Member
	except      int
	base, extra int
	owner       []int // by partition
	count       []int // by member
	large       int   // members that have one more
}

// room tells whether a member may get another partition. While some are without an owner, somebody has room.
func (s *shares) room(m int) bool {
	return m != s.except && (s.count[m] < s.base || s.count[m] == s.base && s.large < s.extra)
}

func (s *shares) give(part int32, m int) {
	s.owner[part] = m
	if s.count[m]++; s.count[m] == s.base+1 {
		s.large++
	}
}

// keep leaves a member what it owns, as far as it has room. What others have the furthest copies of goes first, since they
// will want it.
func (s *shares) keep(m int) {
	owned := slices.Clone(s.members[m].Owned)
	slices.SortFunc(owned, func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.wanted(a, m), s.wanted(b, m)), cmp.Compare(a, b))
	})
	for _, part := range owned {
		if int(part) < len(s.owner) && s.owner[part] == none && s.room(m) {
			s.give(part, m)
		}
	}
}

// wanted is how far the copy of a partition has come at those members other than m that may have room for it.
func (s *shares) wanted(part int32, m int) int64 {
	furthest := int64(none)
	for i, other := range s.members {
		if at, ok := other.Copies[part]; ok && i != m && i != s.except && len(other.Owned) <= s.base {
			furthest = max(furthest, at)
		}
	}
	return furthest
}

// fill deals out what nobody keeps: first what few have a copy of, so that its place is not taken by what has a choice.
func (s *shares) fill() {
	var pool []int32
	copies := map[int32]int{}
	for part, o := range s.owner {
		if o != none {
			continue
		}
		pool = append(pool, int32(part))
		for i, m := range s.members {
			if _, ok := m.Copies[int32(part)]; ok && i != s.except {
				copies[int32(part)]++
			}
		}
	}
	slices.SortStableFunc(pool, func(a, b int32) int { return cmp.Compare(rank(copies[a]), rank(copies[b])) })
	for _, part := range pool {
		s.give(part, s.best(part))
	}
}

// rank puts none behind all others.
func rank(copies int) uint { return uint(copies) - 1 }

// best is the member with room whose copy has come furthest, and among equals the one that owns least.
func (s *shares) best(part int32) int {
	best := none
	for m := range s.members {
		if s.room(m) && (best == none || s.better(part, m, best)) {
			best = m
		}
	}
	return best
}

func (s *shares) better(part int32, a, b int) bool {
	ca, oka := s.members[a].Copies[part]
	cb, okb := s.members[b].Copies[part]
	switch {
	case oka != okb:
		return oka
	case ca != cb:
		return ca > cb
	}
	return s.count[a] < s.count[b]
}
