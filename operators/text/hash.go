package text

import "math/bits"

// The hashes have 64 bits and no secret key. Who makes two texts collide only makes their own comments look alike.
const (
	seed  = 0xcbf29ce484222325
	prime = 0x9e3779b97f4a7c15
)

// Hash is the identity of a normalised text: never 0, unless nothing is left of it.
func Hash(s string) uint64 {
	var r Reader
	return identity(r.normalise(s))
}

func identity(normalised []byte) uint64 {
	if len(normalised) == 0 {
		return 0
	}
	return hashOf(seed, normalised)
}

// hashOf mixes bytes eight at a time. It is never 0.
func hashOf(h uint64, b []byte) uint64 {
	h ^= uint64(len(b)) * prime
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h, uint64(b[0])|uint64(b[1])<<8|uint64(b[2])<<16|uint64(b[3])<<24|uint64(b[4])<<32|uint64(b[5])<<40|
			uint64(b[6])<<48|uint64(b[7])<<56)
	}
	if len(b) > 0 {
		rest := uint64(0)
		for i, c := range b {
			rest |= uint64(c) << (8 * i)
		}
		h = mix(h, rest)
	}
	return max(h^h>>32, 1)
}

func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^v, prime)
	return hi ^ lo ^ bits.RotateLeft64(h, 23)
}

// SimHashRunes is the length from which SimHash means anything: shorter texts are too alike by chance.
const SimHashRunes = 12

// similarBits is how many bits of 64 near-duplicates may differ in (Manku, Jain & Das Sarma 2007).
const similarBits = 3

// SimilarHash tells near-duplicates by their SimHash.
func SimilarHash(a, b uint64) bool { return bits.OnesCount64(a^b) <= similarBits }

// simHash is Charikar's sketch (2002) of the trigrams of letters, with all digits as one: texts that share most of them
// agree in most bits, and numbers, punctuation and emoji, which copies are varied by, make no difference at all. 0 for a
// text of fewer than three letters.
func (r *Reader) simHash() uint64 {
	grams := r.grams[:0]
	var a, b rune
	n := 0
	for i, c := range r.runes {
		if k := r.scripts[i]; k == other || k == emoji {
			continue
		}
		if '0' <= c && c <= '9' {
			c = '0'
		}
		if n++; n >= 3 {
			grams = append(grams, mix(mix(mix(seed, uint64(a)), uint64(b)), uint64(c)))
		}
		a, b = b, c
	}
	r.grams = grams[:min(len(grams), gramsMax)]
	return majority(r.grams)
}

// gramsMax is how many trigrams a sketch looks at: so many fit the counters of majority.
const gramsMax = 255

// majority has the bits that more than half of the hashes have. It counts eight bits at a time, each in a byte of its own.
func majority(hashes []uint64) uint64 {
	var counts [8]uint64
	for _, h := range hashes {
		for i := range counts {
			counts[i] += lanes[h>>(8*i)&0xff]
		}
	}
	sim := uint64(0)
	for i := range 64 {
		if n := counts[i/8] >> (8 * (i % 8)) & 0xff; 2*int(n) > len(hashes) {
			sim |= 1 << i
		}
	}
	return sim
}

// lanes spreads the bits of a byte over the bytes of a word.
var lanes = func() (t [256]uint64) {
	for b := range t {
		for i := range 8 {
			t[b] |= uint64(b>>i&1) << (8 * i)
		}
	}
	return t
}()
