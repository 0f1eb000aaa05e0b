// Package shardset is a set of the parts that a fold writes many small things in: 1,024 of them, so that a cut, which finds
// some hundreds of some thousands changed, writes little else.
//
//	id ──its first 10 bits──▶ shard ──changed──▶ Set ──Each──▶ a key of the next cut
//
// With a few parts all would be written each time; a key of its own for everybody would cost more than what it holds [JUDG].
// It knows not what is in a part, nor where it is kept.
package shardset

import "math/bits"

// Shards is how many there are, and Bits their number's.
const (
	Bits   = 10
	Shards = 1 << Bits
)

// Set is some of the shards.
type Set [Shards / 64]uint64

// Of is the shard of what is spread evenly over 64 bits; shards are in the order of what they hold.
func Of(spread uint64) int { return int(spread >> (64 - Bits)) }

// Add adds a shard.
func (s *Set) Add(n int) { s[n/64] |= 1 << (n % 64) }

// Remove takes a shard out.
func (s *Set) Remove(n int) { s[n/64] &^= 1 << (n % 64) }

// Union adds all of another set.
func (s *Set) Union(t *Set) {
	for i := range s {
		s[i] |= t[i]
	}
}

// Take adds all of another set, and is what was not in it before.
func (s *Set) Take(t *Set) (added Set) {
	for i := range s {
		added[i] = t[i] &^ s[i]
		s[i] |= t[i]
	}
	return added
}

// Each calls fn for each shard, ascending.
func (s *Set) Each(fn func(n int)) {
	for i, word := range s {
		for ; word != 0; word &= word - 1 {
			fn(64*i + bits.TrailingZeros64(word))
		}
	}
}
