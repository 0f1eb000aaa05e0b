package text

import (
	"unicode"
)

// class says how a rune takes part in words. The lower half of a props byte.
type class = uint8

const (
	other   class = iota // punctuation, symbols
	space                //
	alpha                // a letter of a script that puts spaces between words, but for Hangul
	digit                //
	mark                 // a combining mark of another script than south's; also the joiner within an emoji
	han                  //
	hira                 //
	kata                 //
	long                 // ー goes on with hiragana and katakana
	south                // Thai, Lao, Khmer, Myanmar: letters of scripts without spaces, in grapheme clusters
	southM               // their combining marks, with SARA AM
	hangul               //
	emoji                //
	classes = 0x0f
)

// special marks a rune that may not be copied as it is: it is folded, dropped, may need the normaliser, or counts as a
// mark.
const special uint8 = 0x80

// props has class and special of the runes below U+10000.
var props = makeProps()

func propOf(c rune) uint8 {
	if uint32(c) < uint32(len(props)) {
		return props[c]
	}
	return astral(c)
}

func makeProps() *[0x10000]uint8 {
	p := new([0x10000]uint8)
	fill := func(v uint8, tables ...*unicode.RangeTable) {
		for _, t := range tables {
			for _, r := range t.R16 {
				for c := int(r.Lo); c <= int(r.Hi); c += int(r.Stride) {
					p[c] = v
				}
			}
		}
	}
	fill(alpha, unicode.L)
	fill(digit, unicode.N)
	fill(mark, unicode.M)
	fill(space, unicode.White_Space)
	fill(han, unicode.Han)
	fill(hira, unicode.Hiragana)
	fill(kata, unicode.Katakana)
	fill(hangul, unicode.Hangul)
	for _, t := range []*unicode.RangeTable{unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar} {
		for _, r := range t.R16 {
			for c := int(r.Lo); c <= int(r.Hi); c += int(r.Stride) {
				switch p[c] {
				case alpha:
					p[c] = south
				case mark:
					p[c] = southM
				}
			}
		}
	}
	p['ー'], p['ำ'], p['ຳ'], p[zwj], p['⠀'] = long, southM, southM, mark, space
	for _, r := range emojiRanges {
		for c := r[0]; c <= r[1]; c++ {
			p[c] = emoji
		}
	}
	for c := range p {
		if !inert(rune(c)) || p[c] == mark || p[c] == southM {
			p[c] |= special
		}
	}
	return p
}

// emojiRanges are the symbols below U+10000 that people use as emoji, with ★, ♡ and ♪; neither ©, keycaps nor arrows.
var emojiRanges = [...][2]rune{{0x231a, 0x231b}, {0x23e9, 0x23fa}, {0x2600, 0x27bf}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b55}}

// astral is propOf beyond the basic plane, where little but emoji and rare Han is met.
func astral(c rune) uint8 {
	switch {
	case 0x1f000 <= c && c <= 0x1faff:
		return emoji
	case 0x20000 <= c && c < 0x2f800, 0x30000 <= c && c < 0x33480:
		return han
	case 0x2f800 <= c && c < 0x2fa20:
		return han | special
	case unicode.IsLetter(c):
		return alpha | special
	case unicode.IsNumber(c):
		return digit | special
	case unicode.Is(unicode.M, c):
		return mark | special
	}
	return other | special
}

// inert reports whether c stays as it is whatever stands beside it: it has no upper case, width or invisibility to
// fold, its canonical combining class is 0 and it never composes. It is right for all that it lets through and leaves
// out rare scripts, which take the slow path.
func inert(c rune) bool {
	switch {
	case c < 0x20, 0x7f <= c && c < 0xa0, c == 0xa0, c == 0xad:
		return false
	case c < 0x300, 0x391 <= c && c < 0x482, 0x48a <= c && c < 0x530, 0x1e00 <= c && c < 0x1f00:
		return unicode.ToLower(c) == c
	case 0xe01 <= c && c < 0xe38, 0xe3f <= c && c < 0xe48, 0xe4c <= c && c < 0xe5c: // Thai without what has an order
		return true
	case 0x2010 <= c && c < 0x2028:
		return c != '’' && c != '‘'
	case 0x2030 <= c && c < 0x205f, 0x20a0 <= c && c < 0x20c1:
		return true
	case 0x2190 <= c && c < 0x2329, 0x232b <= c && c < 0x24b6, 0x2500 <= c && c < 0x2800, 0x2b00 <= c && c < 0x2c00:
		return true
	case 0x3001 <= c && c < 0x302a:
		return c != '〜'
	case 0x3030 <= c && c < 0x3099, 0x309b <= c && c < 0x3164, 0x3165 <= c && c < 0xa000, 0xac00 <= c && c < 0xd7a4:
		return true
	case c == unicode.ReplacementChar:
		return true
	}
	return false
}
