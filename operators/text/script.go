package text

import "unicode"

// script is how a run of characters is cut into words.
type script uint8

const (
	other  script = iota // white space, punctuation, symbols: ends a run
	spaced               // words stand apart: Latin, Greek, Cyrillic, Arabic …, digits
	han                  // Han and kana: bigrams of characters
	hangul               // words stand apart, with particles at their end
	thai                 // Thai, Lao, Khmer, Burmese: trigrams of grapheme clusters
	emoji
)

func scriptOf(c rune) script {
	switch {
	case c < 0x80:
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' {
			return spaced
		}
		return other
	case 0x3041 <= c && c <= 0x30ff && c != '・' && c != '゛' && c != '゜', 0x4e00 <= c && c <= 0x9fff, 0x3400 <= c && c <= 0x4dbf,
		0x20000 <= c && c <= 0x3ffff, 0x31f0 <= c && c <= 0x31ff, c == '々', c == '〆', 0xf900 <= c && c <= 0xfaff:
		return han
	case 0xe00 <= c && c <= 0xeff, 0x1000 <= c && c <= 0x109f, 0x1780 <= c && c <= 0x17ff:
		if c == 0xe3f || c == 0xe4f || 0xe5a <= c && c <= 0xe5b {
			return other
		}
		return thai
	case 0xac00 <= c && c <= 0xd7a3, 0x1100 <= c && c <= 0x11ff, 0x3130 <= c && c <= 0x318f:
		return hangul
	case isEmoji(c):
		return emoji
	case unicode.IsLetter(c), unicode.IsMark(c), unicode.IsDigit(c):
		return spaced
	}
	return other
}
