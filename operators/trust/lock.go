package trust

import "math"

// Signature is a MinHash of 64 positions: of a set of 64-bit hashes of (show, 5 s bucket, action), in any order.
// NewSignature is that of the empty set.
type Signature [64]uint64

// NewSignature is the signature of the empty set.
func NewSignature() *Signature {
	s := &Signature{}
	for i := range s {
		s[i] = math.MaxUint64
	}
	return s
}

// Add puts x into the set.
func (s *Signature) Add(x uint64) {
	for i := range s {
		s[i] = min(s[i], scramble(x+uint64(i+1)*0x9e3779b97f4a7c15))
	}
}

// Jaccard estimates |A∩B| / |A∪B|, with a standard error of at most 1/16; 0 if one is empty.
func Jaccard(a, b *Signature) float64 {
	same := 0
	for i := range a {
		if a[i] == b[i] && a[i] != math.MaxUint64 {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

// Lockstep is the feature lock: the Jaccard similarity with another account where it is at least .5, over at least 10
// matching acts in at least 3 shows; else 0.
func Lockstep(jaccard float64, matches, shows int) float64 {
	if !(jaccard >= .5) || matches < 10 || shows < 3 {
		return 0
	}
	return unit(jaccard)
}

// scramble is a bijection of 64-bit numbers that spreads each bit over all.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
