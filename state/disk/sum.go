package disk

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cespare/xxhash/v2"
	"github.com/dgraph-io/badger/v4"
)

// sum is what proves that a part of the database is as it was written: the hashes of its keys with their values, added up,
// so that a write changes it by what it takes away and what it puts there. It is written in the transaction that changes
// it, and Badger keeps or loses a transaction as a whole; so it is that of what is there, whenever the process dies.
//
// Checksums alone do not do. Badger ends a log at the first entry that it cannot read, and an iteration or a compaction
// at the first block; a table that its manifest does not name is removed. In each case what is missing is not said, and
// where a newer mark survives, the state would be silently wrong. The sum says it.
type sum struct {
	of     int    // number of the database
	prefix string // of the keys that it is of; at itself does not have it
	at     []byte // the key of the sum
	value  uint64
	known  bool // value is that of what is on disk
}

func hashOf(key, value []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(key)))
	d.Write(n[:])
	d.Write(key)
	d.Write(value)
	return d.Sum64()
}

// check adds up what is there and holds it against what was written. A database from before there were sums gets its
// first.
func (s *sum) check(txn *badger.Txn) error {
	var is uint64
	keys := 0
	it := txn.NewIterator(badger.IteratorOptions{PrefetchValues: false, Prefix: []byte(s.prefix)})
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		item := it.Item()
		if string(item.Key()) == string(s.at) {
			continue
		}
		if err := item.Value(func(v []byte) error { is += hashOf(item.Key(), v); return nil }); err != nil {
			return err
		}
		keys++
	}
	was, err := get(txn, s.at)
	if err != nil {
		return err
	}
	if was != nil && (len(was) != 8 || binary.BigEndian.Uint64(was) != is) {
		return fmt.Errorf("%w: what lies under %q, %d keys, is not what was written there", ErrDamaged, s.prefix, keys)
	}
	s.value, s.known = is, true
	return nil
}

// set changes a key in a transaction, and the sum with it; value nil: the key is gone.
func (s *sum) set(txn *badger.Txn, key, value []byte) error {
	item, err := txn.Get(key)
	switch {
	case err == nil:
		err = item.Value(func(old []byte) error { s.value -= hashOf(key, old); return nil })
	case errors.Is(err, badger.ErrKeyNotFound):
		err = nil
	}
	if err != nil {
		return err
	}
	if value == nil {
		return txn.Delete(key)
	}
	s.value += hashOf(key, value)
	return txn.Set(key, value)
}

// seal writes the sum as it is now.
func (s *sum) seal(txn *badger.Txn) error {
	return txn.Set(s.at, binary.BigEndian.AppendUint64(nil, s.value))
}

// sealed is more than a seal takes of a transaction's bytes.
const sealed = 256

// unseen is how many entries a transaction counts beside those put: Badger's mark of its end, and the seal. All together
// must be fewer than its limit.
const unseen = 2
