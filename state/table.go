package state

import (
	"fmt"
	"slices"
)

// Codec turns values of a table into bytes and back. Equal values must give equal bytes: sort what comes from a map.
// Encode must not keep or return memory of the value's that may change later; Decode may keep the bytes it is given.
type Codec[V any] struct {
	Encode func(V) []byte
	Decode func([]byte) (V, error)
}

// Table is a typed part of a store: keys "name/key".
type Table[V any] struct {
	store   *Store
	prefix  string
	codec   Codec[V]
	encode  func(any) []byte
	changes *changes
}

// NewTable returns the table called name in s. Names are not empty, start with a letter and contain no slash.
func NewTable[V any](s *Store, name string, codec Codec[V]) *Table[V] {
	return &Table[V]{s, name + "/", codec, func(v any) []byte { return codec.Encode(v.(V)) }, s.table(name)}
}

// NewMirror returns a table of what the fold itself holds, and reads only when it starts or recalls it, with Range. What has
// been written is let go of at once: to cache it would keep what the fold has long forgotten.
func NewMirror[V any](s *Store, name string, codec Codec[V]) *Table[V] {
	t := NewTable(s, name, codec)
	t.changes.mirror = true
	return t
}

// Get returns the value of key. A value that is a pointer may be changed in place, but counts as changed only by Put:
// put it back before the next call of this store, or an eviction may lose the change.
func (t *Table[V]) Get(key string) (v V, ok bool, err error) {
	full := t.prefix + key
	if sl := t.store.slots[full]; sl != nil {
		t.store.Hits++
		t.store.used(sl)
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
	sl := &slot{key: full, encode: t.encode, in: t.changes, size: int64(len(b)), absent: b == nil}
	if b != nil {
		if v, err = t.codec.Decode(b); err != nil {
			return v, false, fmt.Errorf("decoding state %q: %w", full, err)
		}
		sl.value = v
	}
	if !t.changes.mirror {
		t.store.load(sl)
	}
	return v, !sl.absent, nil
}

// Put sets the value of key and marks it to be written by the next checkpoint.
func (t *Table[V]) Put(key string, v V) {
	t.store.change(t.prefix+key, t.changes, t.encode, v, false)
}

// Delete removes key.
func (t *Table[V]) Delete(key string) {
	t.store.change(t.prefix+key, t.changes, t.encode, nil, true)
}

// Withdraw is Delete for a key whose present value was put since the last cut and which the backing does not have: then
// nothing is written, not even that the key is gone. That the backing does not have it is the caller's to know (a
// tombstone would be wanted if it did). Where the store itself knows of something older under the key, it deletes.
func (t *Table[V]) Withdraw(key string) {
	if !t.store.withdraw(t.prefix + key) {
		t.Delete(key)
	}
}

// Written tells of a mirror whether all that was said under key lies in the backing, so that Range finds it there.
func (t *Table[V]) Written(key string) bool { return t.store.slots[t.prefix+key] == nil }

// Range calls fn for the keys in [from, to) in order; an empty to means the table's end. It sees what has been Put and
// not what has been deleted. fn must not change the table. It costs a walk over the table's dirty keys beside the scan,
// and caches nothing.
func (t *Table[V]) Range(from, to string, fn func(key string, v V) error) error {
	lo, hi := t.prefix+from, t.prefix+to
	if to == "" {
		hi = t.prefix[:len(t.prefix)-1] + "0" // the byte after '/'
	}
	if lo >= hi {
		return nil
	}
	r := ranging[V]{t: t, mine: t.changed(lo, hi), fn: fn}
	if err := t.store.backing.Scan(lo, hi, r.stored); err != nil {
		return err
	}
	return r.changedBefore("")
}

// changed returns the keys in [lo, hi) that the backing does not have as they are, in order.
func (t *Table[V]) changed(lo, hi string) []string {
	var keys []string
	for _, set := range []map[string]*slot{t.changes.dirty, t.changes.writing} {
		for key := range set {
			if lo <= key && key < hi {
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// ranging merges what has changed (mine) with what the backing says, where a key that is in both is the former's.
type ranging[V any] struct {
	t    *Table[V]
	mine []string
	fn   func(string, V) error
}

// changedBefore says the changed keys before a key, or all that are left.
func (r *ranging[V]) changedBefore(key string) error {
	for len(r.mine) > 0 && (key == "" || r.mine[0] < key) {
		sl := r.t.store.slots[r.mine[0]]
		r.mine = r.mine[1:]
		if sl.absent {
			continue
		}
		if err := r.fn(sl.key[len(r.t.prefix):], sl.value.(V)); err != nil {
			return err
		}
	}
	return nil
}

// stored says a key that the backing has, unless it has changed.
func (r *ranging[V]) stored(key string, b []byte) error {
	if err := r.changedBefore(key); err != nil {
		return err
	}
	if len(r.mine) > 0 && r.mine[0] == key {
		return nil // comes with the next changedBefore, as it is now
	}
	if sl := r.t.store.slots[key]; sl != nil && !sl.absent {
		return r.fn(key[len(r.t.prefix):], sl.value.(V))
	}
	v, err := r.t.codec.Decode(b)
	if err != nil {
		return fmt.Errorf("decoding state %q: %w", key, err)
	}
	return r.fn(key[len(r.t.prefix):], v)
}
