package state

import (
	"cmp"
	"container/list"
	"maps"
	"slices"
)

// Backing is where a store looks for what it does not hold in memory: Badger in the program (state/disk), a map in
// tests. It holds what the last written cut left. Values belong to the caller.
type Backing interface {
	// Get returns nil for a key that is not there.
	Get(key string) ([]byte, error)
	// Scan calls fn for the keys in [from, to) in order; fn may stop it with an error, which Scan returns.
	Scan(from, to string, fn func(key string, value []byte) error) error
}

// Entry is one key of a cut. A nil Value means that the key is gone; an empty one is a value.
type Entry struct {
	Key   string
	Value []byte
}

// Store holds all tables of one task. It is a write-back cache over a Backing: what a fold changes stays in memory
// until a checkpoint has written it; what is clean may be evicted, least recently used first, when the memory held
// grows past the limit. Dirty values are never evicted, so the limit bounds what is clean; what is dirty is bounded by
// the runner, which makes a checkpoint when Len says that there is much of it. One goroutine owns it.
//
// A slot is in exactly one of three places, and what may be evicted is the first alone, so evicting costs what it
// evicts:
//
//	clean (in the lru list) ──Put, Delete──▶ dirty ──Cut──▶ writing ──Written──▶ clean
//	                                           ▲               │ Put, Delete
//	                                           └───────────────┘ (dirty and writing: Written leaves it dirty)
//
// Of a mirror (NewMirror) nothing is clean: Written forgets it.
type Store struct {
	backing Backing
	limit   int64
	held    int64 // bytes of the clean slots, overhead included
	slots   map[string]*slot
	lru     *list.List // of clean *slot, front = most recent
	tables  map[string]*changes
	dirty   int
	cutting bool

	Hits, Misses, Evictions int64
}

// changes are the slots of one table that the backing does not have yet. They are kept by table so that Range, which
// must walk them, walks no other table's.
type changes struct {
	dirty, writing map[string]*slot
	mirror         bool // what is clean is not held
}

// slot is one cached key.
type slot struct {
	key     string
	value   any
	absent  bool // known not to be there; value is nil
	encode  func(any) []byte
	in      *changes
	size    int64 // of the encoded value, as of when it was last read or cut
	dirty   bool
	fresh   bool // put where nothing was held, and in no cut yet: see Table.Withdraw
	writing bool
	elem    *list.Element // nil unless clean
}

// DefaultLimit is how many bytes of clean values a store holds unless told otherwise.
const DefaultLimit = 64 << 20

// NewStore returns a store over backing that holds about limit bytes of clean values; zero means DefaultLimit.
func NewStore(backing Backing, limit int64) *Store {
	if limit == 0 {
		limit = DefaultLimit
	}
	return &Store{
		backing: backing, limit: limit,
		slots: map[string]*slot{}, lru: list.New(), tables: map[string]*changes{},
	}
}

// Cut encodes what has changed since the last cut, in the order of keys, and marks it as being written. The fold may go on at
// once. There is one cut at a time: call Written (it lies in the backing now) before the next.
func (s *Store) Cut() []Entry {
	if s.cutting {
		panic("cannot happen: a cut while another is being written")
	}
	s.cutting = true
	slots := make([]*slot, 0, s.dirty)
	for _, t := range s.tables {
		slots = slices.AppendSeq(slots, maps.Values(t.dirty))
		t.writing, t.dirty = t.dirty, t.writing
	}
	s.dirty = 0
	slices.SortFunc(slots, func(a, b *slot) int { return cmp.Compare(a.key, b.key) })
	entries := make([]Entry, len(slots))
	for i, sl := range slots {
		entries[i] = sl.cut()
	}
	return entries
}

// cut encodes the slot, which is being written from now on.
func (sl *slot) cut() Entry {
	e := Entry{Key: sl.key}
	if !sl.absent {
		if e.Value = sl.encode(sl.value); e.Value == nil {
			e.Value = []byte{}
		}
	}
	sl.size = int64(len(e.Value))
	sl.dirty, sl.writing, sl.fresh = false, true, false
	return e
}

// Written says that the last cut lies in the backing: its keys may be evicted from now on.
func (s *Store) Written() {
	s.cutting = false
	for _, t := range s.tables {
		for _, sl := range t.writing {
			sl.writing = false
			switch {
			case sl.dirty:
			case t.mirror:
				delete(s.slots, sl.key)
			default:
				s.keep(sl)
			}
		}
		// A new map, since clear keeps the memory of the largest cut there ever was.
		t.writing = map[string]*slot{}
	}
	s.evict()
}

// Len is how many keys are in memory, and how many of them have changed since the last cut.
func (s *Store) Len() (held, dirty int) { return len(s.slots), s.dirty }

// Held is about how many bytes of clean values are in memory, bounded by the limit.
func (s *Store) Held() int64 { return s.held }

// table returns the changes of the table called name.
func (s *Store) table(name string) *changes {
	if s.tables[name] == nil {
		s.tables[name] = &changes{dirty: map[string]*slot{}, writing: map[string]*slot{}}
	}
	return s.tables[name]
}

// slotOverhead is what a cached key costs beside its key and encoded value, roughly: map entries, list element, slot.
const slotOverhead = 256

func (sl *slot) cost() int64 { return sl.size + int64(len(sl.key)) + slotOverhead }

// load caches what was read from the backing.
func (s *Store) load(sl *slot) {
	s.slots[sl.key] = sl
	s.keep(sl)
	s.evict()
}

// keep makes sl the most recent of the clean slots.
func (s *Store) keep(sl *slot) {
	sl.elem = s.lru.PushFront(sl)
	s.held += sl.cost()
}

func (s *Store) used(sl *slot) {
	if sl.elem != nil {
		s.lru.MoveToFront(sl.elem)
	}
}

// change sets the slot of key, made if need be, and marks it dirty.
func (s *Store) change(key string, in *changes, encode func(any) []byte, value any, absent bool) {
	sl := s.slots[key]
	if sl == nil {
		sl = &slot{key: key, in: in, encode: encode, fresh: !absent}
		s.slots[key] = sl
	}
	if sl.elem != nil {
		s.lru.Remove(sl.elem)
		sl.elem = nil
		s.held -= sl.cost()
	}
	sl.value, sl.absent, sl.fresh = value, absent, sl.fresh && !absent
	if !sl.dirty {
		sl.dirty = true
		in.dirty[key] = sl
		s.dirty++
	}
}

// withdraw forgets a fresh slot; false means that key has none.
func (s *Store) withdraw(key string) bool {
	sl := s.slots[key]
	if sl == nil || !sl.fresh {
		return false
	}
	delete(s.slots, key)
	delete(sl.in.dirty, key)
	s.dirty--
	return true
}

// evict drops the clean slots that were used least recently until the limit is kept. The one just used stays even if it
// alone is above the limit: its caller is about to use it.
func (s *Store) evict() {
	for s.held > s.limit && s.lru.Len() > 1 {
		s.drop(s.lru.Back().Value.(*slot))
		s.Evictions++
	}
}

// drop forgets a clean slot.
func (s *Store) drop(sl *slot) {
	s.lru.Remove(sl.elem)
	delete(s.slots, sl.key)
	s.held -= sl.cost()
}
