package text

import (
	"sync"
	"unicode/utf8"
)

// The hash of a text, a token or a name: h = seed; for each unit u: h = (h^u)·m1, h ^= h>>29; and at the end
// h ^= h>>32, h *= m2, h ^= h>>29, and 1 for 0. 64 bits and no secret: who makes two texts collide only loses novelty
// for comments of their own, or joins two words that nobody says.
const (
	seed     = 0xcbf29ce484222325
	seedName = 0x2545f4914f6cdd1d // so that the name of an entry is no token
	m1       = 0x9e3779b97f4a7c15
	m2       = 0xd6e8feb86659fd93
)

func mix(h uint64, u uint64) uint64 {
	h = (h ^ u) * m1
	return h ^ h>>29
}

func finish(h uint64) uint64 {
	h = (h ^ h>>32) * m2
	return max(h^h>>29, 1)
}

func hashRunes(runes []rune) uint64 {
	h := uint64(seed)
	for _, c := range runes {
		h = mix(h, uint64(c))
	}
	return finish(h)
}

func hashText(runes []rune) uint64 {
	if len(runes) == 0 {
		return 0
	}
	return hashRunes(runes)
}

// hashName hashes the parts of a name, each with its length before it.
func hashName(class Class, parts ...string) uint64 {
	h := mix(seedName, uint64(class))
	for _, p := range parts {
		h = mix(h, uint64(len(p)))
		for i := range len(p) {
			h = mix(h, uint64(p[i]))
		}
	}
	return finish(h)
}

// readers lend their memory to calls without a Reader; what is left in one has no effect.
var readers = sync.Pool{New: func() any { return new(Reader) }}

// Hash is the identity of what s says: equal for texts that are the same after Normalise, 0 only if nothing is left.
// The id of a token or a phrase among Reading.Words is its Hash. Without allocation.
func Hash(s string) uint64 {
	r := readers.Get().(*Reader)
	r.normalise(s)
	h := hashText(r.runes)
	readers.Put(r)
	return h
}

// Normalise is the text that Hash is of.
func Normalise(s string) string {
	r := readers.Get().(*Reader)
	r.normalise(s)
	b := make([]byte, 0, len(s))
	for _, c := range r.runes {
		b = utf8.AppendRune(b, c)
	}
	readers.Put(r)
	return string(b)
}
