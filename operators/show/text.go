package show

import (
	"unicode"
	"unicode/utf8"
)

// textHash is the identity of what a comment says, for novelty: its runes in lower case, without leading and trailing
// space, runs of space as one space, runs of one rune as one rune ("WOOOW!!!" = "wow!"). Never 0, which means no text.
//
// The hash has 64 bits and no secret key. Who makes two texts collide only loses novelty for comments of their own.
func textHash(text string) uint64 {
	h := uint64(0xcbf29ce484222325)
	last, space := rune(-1), false
	for i := 0; i < len(text); {
		r, n := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(text[i:])
		}
		i += n
		if isSpace(r) {
			space = true
			continue
		}
		r = lower(r)
		if space && last >= 0 {
			h = mix(h, ' ')
			last = ' '
		}
		space = false
		if r != last {
			h = mix(h, r)
			last = r
		}
	}
	h ^= h >> 32
	return max(h, 1)
}

func mix(h uint64, r rune) uint64 {
	h = (h ^ uint64(r)) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

func isSpace(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	return unicode.IsSpace(r)
}

// lower spares the scripts that have no case, where most of the text is, the search through Unicode's tables.
func lower(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf, 0x2e80 <= r && r < 0xa640, 0xac00 <= r && r < 0xd7b0:
		return r
	}
	return unicode.ToLower(r)
}
