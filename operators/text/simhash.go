package text

import "math/bits"

// SimHashRunes is the length from which SimHash says more than Hash (MODEL §4, dup).
const SimHashRunes = 12

// similarBits of 64 may differ between texts that are nearly the same (Manku, Jain, Das Sarma 2007).
const similarBits = 3

// SimilarHash reports whether two SimHashes are of texts that are nearly the same. Only for texts of SimHashRunes or
// more; shorter ones are compared by Hash.
func SimilarHash(a, b uint64) bool { return bits.OnesCount64(a^b) <= similarBits }

// simHash is Charikar's hash (2002) over the pairs of neighbouring runes: bit i is what most pairs have at bit i of
// their hash. Only letters count, if there are SimHashRunes of them [JUDG]: who varies a text to pass as new appends
// digits, emoji and punctuation, and one pair too many already costs several bits of a short text.
//
// The 64 counters are kept in bits of planes: planes[k] has bit k of every counter, and adding a hash is a ripple of
// carries over all counters at once.
func simHash(runes []rune, class []class) uint64 {
	if len(runes) == 0 {
		return 0
	}
	letters := 0
	for _, v := range class {
		letters += int(isLetter >> v & 1)
	}
	counts := uint32(1<<16 - 1)
	if letters >= SimHashRunes {
		counts = isLetter
	}
	var planes [16]uint64
	last, n := rune(-1), 0
	for i, c := range runes {
		if counts>>class[i]&1 == 0 {
			continue
		}
		if last >= 0 {
			add(&planes, pairHash(last, c))
			n++
		}
		last = c
	}
	if n == 0 {
		return pairHash(0, last)
	}
	return majority(&planes, n)
}

// isLetter has a bit for every class whose runes are letters or marks of them.
const isLetter = uint32(1<<alpha | 1<<mark | 1<<han | 1<<hira | 1<<kata | 1<<long | 1<<south | 1<<southM | 1<<hangul)

func pairHash(a, b rune) uint64 {
	h := (uint64(a)<<21 | uint64(b)) * m1
	h = (h ^ h>>32) * m2
	return h ^ h>>29
}

// add counts the bits of h. More than 65,535 pairs wrap around, which no comment reaches.
func add(planes *[16]uint64, h uint64) {
	for k := range planes {
		planes[k], h = planes[k]^h, planes[k]&h
		if h == 0 {
			return
		}
	}
}

// majority has the bits whose counter is more than n/2.
func majority(planes *[16]uint64, n int) uint64 {
	more, same := uint64(0), ^uint64(0)
	for k := bits.Len(uint(n)) - 1; k >= 0; k-- {
		if p := planes[k]; n/2>>k&1 == 0 {
			more |= same & p
			same &^= p
		} else {
			same &= p
		}
	}
	return more
}
