package bots

import (
	"math/bits"
	"unicode"
)

// Reading is what trust needs to know of a text. It stands in for the reading of the show fold, with the same meaning:
// lower case, runs of one rune and of space as one, no space around.
type Reading struct {
	Hash, SimHash uint64
	Runes         int
}

// ReadText reads a text.
func ReadText(s string) Reading {
	text := normalised(s)
	r := Reading{Runes: len(text), Hash: 0xcbf29ce484222325}
	for _, c := range text {
		r.Hash = mix(r.Hash, c)
	}
	r.SimHash = simHash(text)
	return r
}

func normalised(s string) []rune {
	var out []rune
	for _, c := range s {
		if unicode.IsSpace(c) {
			c = ' '
		}
		c = unicode.ToLower(c)
		if len(out) == 0 && c == ' ' || len(out) > 0 && out[len(out)-1] == c {
			continue
		}
		out = append(out, c)
	}
	if n := len(out); n > 0 && out[n-1] == ' ' {
		out = out[:n-1]
	}
	return out
}

// simHash is Charikar's, over the shingles of 3 runes.
func simHash(text []rune) (sim uint64) {
	var votes [64]int
	for i := 0; i+3 <= len(text); i++ {
		h := mix(mix(mix(0xcbf29ce484222325, text[i]), text[i+1]), text[i+2])
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h ^= h >> 31
		for b := range votes {
			votes[b] += int(h>>b&1)*2 - 1
		}
	}
	for b, v := range votes {
		if v > 0 {
			sim |= 1 << b
		}
	}
	return sim
}

func mix(h uint64, c rune) uint64 {
	h = (h ^ uint64(c)) * 0x9e3779b97f4a7c15
	return h ^ bits.RotateLeft64(h, 29)
}
