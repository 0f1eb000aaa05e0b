package state

import (
	"cmp"
	"container/list"
	"fmt"
	"slices"
)

// Backing is where a store looks for what it does not hold in memory: Badger in the program (state/disk), a map in tests.
// It holds what the last written cut left. Values belong to the caller.
type Backing interface {
	// Get returns nil for a key that is not there.
	Get(key string) ([]byte, error)
	// Scan calls fn for the keys in [from, to) in order; fn may stop it with an error, which Scan returns.
	Scan(from, to string, fn func(key string, value []byte) error) error
}

// Entry is one key of a cut. A nil Value means that the key is gone.
type Entry struct {
	Key   string
	Value []byte
}

// Store holds all tables of one task. It is a write-back cache over a Backing: what a fold changes stays in memory until
// a checkpoint has written it; what is clean may be evicted, least recently used first, when the memory held grows past
// the limit. Dirty values are never evicted, so the limit bounds what is clean; what is dirty is bounded by the checkpoint
// interval. One goroutine owns it.
type Store struct {
	backing Backing
	limit   int64
	held    int64
	slots   map[string]*slot
	lru     *list.List // of *slot, front = most recent
	dirty   map[string]*slot
	writing map[string]*slot

	Hits, Misses, Evictions int64
}

// slot is one cached key.
type slot struct {
	key     string
	value   any // nil and absent: known not to be there
	absent  bool
	encode  func(any) []byte
	size    int64
	dirty   bool
	writing bool
	elem    *list.Element
}

// NewStore returns a store over backing that holds about limit bytes of clean values; zero means 64 MiB.
func NewStore(backing Backing, limit int64) *Store {
	if limit == 0 {
		limit = 64 << 20
	}
	return &Store{
		backing: backing, limit: limit,
		slots: map[string]*slot{}, lru: list.New(),
		dirty: map[string]*slot{}, writing: map[string]*slot{},
	}
}

// Cut encodes what has changed since the last cut, in key order, and marks it as being written. The fold may go on at
// once. There is one cut at a time: call Written (it lies in the backing now) before the next.
func (s *Store) Cut() []Entry {
	if len(s.writing) != 0 {
		panic("cannot happen: a cut while another is being written")
	}
	entries := make([]Entry, 0, len(s.dirty))
	for key, sl := range s.dirty {
		e := Entry{Key: key}
		if !sl.absent {
			e.Value = sl.encode(sl.value)
			s.held += int64(len(e.Value)) - sl.size
			sl.size = int64(len(e.Value))
		}
		entries = append(entries, e)
		sl.dirty, sl.writing = false, true
	}
	s.writing, s.dirty = s.dirty, s.writing
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) })
	return entries
}

// Written says that the last cut lies in the backing: its keys may be evicted from now on.
func (s *Store) Written() {
	for _, sl := range s.writing {
		sl.writing = false
	}
	clear(s.writing)
	s.evict()
}

// Len is how many keys are in memory, and how many of them are dirty.
func (s *Store) Len() (held, dirty int) { return len(s.slots), len(s.dirty) }

func (s *Store) touch(sl *slot) { s.lru.MoveToFront(sl.elem) }

func (s *Store) add(key string, value any, absent bool, size int64, encode func(any) []byte) *slot {
	sl := &slot{key: key, value: value, absent: absent, size: size, encode: encode}
	sl.elem = s.lru.PushFront(sl)
	s.slots[key] = sl
	s.held += size
	return sl
}

func (s *Store) mark(sl *slot) {
	if !sl.dirty {
		sl.dirty = true
		s.dirty[sl.key] = sl
	}
}

// slotOverhead is what a cached key costs beside its encoded value, roughly: map entries, list element, slot.
const slotOverhead = 256

func (s *Store) evict() {
	for e := s.lru.Back(); e != nil && s.held+int64(len(s.slots))*slotOverhead > s.limit; {
		sl := e.Value.(*slot)
		e = e.Prev()
		if sl.dirty || sl.writing {
			continue
		}
		s.lru.Remove(sl.elem)
		delete(s.slots, sl.key)
		s.held -= sl.size
		s.Evictions++
	}
}

// Codec turns values of a table into bytes and back. Equal values must give equal bytes: sort what comes from a map.
type Codec[V any] struct {
	Encode func(V) []byte
	Decode func([]byte) (V, error)
}

// Table is a typed part of a store: keys "name/key".
type Table[V any] struct {
	store  *Store
	prefix string
	codec  Codec[V]
	encode func(any) []byte
}

// NewTable returns the table called name in s. Names contain no slash.
func NewTable[V any](s *Store, name string, codec Codec[V]) *Table[V] {
	return &Table[V]{s, name + "/", codec, func(v any) []byte { return codec.Encode(v.(V)) }}
}

// Get returns the value of key. A value that is a pointer may be changed in place, but counts as changed only by Put.
func (t *Table[V]) Get(key string) (v V, ok bool, err error) {
	full := t.prefix + key
	if sl := t.store.slots[full]; sl != nil {
		t.store.Hits++
		t.store.touch(sl)
		if sl.absent {
			return v, false, nil
		}
		return sl.value.(V), true, nil
	}
	t.store.Misses++
	b, err := t.store.backing.Get(full)
	if err != nil {
		return v, false, fmt.Errorf("reading state %q: %w", full, err)
	}
	if b == nil {
		t.store.add(full, nil, true, 0, t.encode)
		t.store.evict()
		return v, false, nil
	}
	if v, err = t.codec.Decode(b); err != nil {
		return v, false, fmt.Errorf("decoding state %q: %w", full, err)
	}
	t.store.add(full, v, false, int64(len(b)), t.encode)
	t.store.evict()
	return v, true, nil
}

// Put sets the value of key and marks it to be written by the next checkpoint.
func (t *Table[V]) Put(key string, v V) {
	full := t.prefix + key
	sl := t.store.slots[full]
	if sl == nil {
		sl = t.store.add(full, v, false, 0, t.encode)
	} else {
		t.store.touch(sl)
	}
	sl.value, sl.absent = v, false
	t.store.mark(sl)
}

// Delete removes key.
func (t *Table[V]) Delete(key string) {
	full := t.prefix + key
	sl := t.store.slots[full]
	if sl == nil {
		sl = t.store.add(full, nil, true, 0, t.encode)
	}
	sl.value, sl.absent = nil, true
	t.store.mark(sl)
}

// Range calls fn for the keys in [from, to) in order; an empty to means the table's end. It sees what has been Put and
// not what has been deleted. fn must not change the table.
func (t *Table[V]) Range(from, to string, fn func(key string, v V) error) error {
	lo, hi := t.prefix+from, t.prefix+to
	if to == "" {
		hi = t.prefix[:len(t.prefix)-1] + "0" // the byte after '/'
	}
	var mine []string
	for _, set := range []map[string]*slot{t.store.dirty, t.store.writing} {
		for key := range set {
			if lo <= key && key < hi {
				mine = append(mine, key)
			}
		}
	}
	slices.Sort(mine)
	mine = slices.Compact(mine)
	say := func(full string, v V) error { return fn(full[len(t.prefix):], v) }
	flush := func(before string) error {
		for len(mine) > 0 && (before == "" || mine[0] < before) {
			sl := t.store.slots[mine[0]]
			mine = mine[1:]
			if sl.absent {
				continue
			}
			if err := say(sl.key, sl.value.(V)); err != nil {
				return err
			}
		}
		return nil
	}
	err := t.store.backing.Scan(lo, hi, func(key string, b []byte) error {
		if err := flush(key); err != nil {
			return err
		}
		if len(mine) > 0 && mine[0] == key {
			return nil // the newer one comes with the next flush
		}
		if sl := t.store.slots[key]; sl != nil && !sl.absent {
			return say(key, sl.value.(V))
		}
		v, err := t.codec.Decode(b)
		if err != nil {
			return fmt.Errorf("decoding state %q: %w", key, err)
		}
		return say(key, v)
	})
	if err != nil {
		return err
	}
	return flush("")
}
