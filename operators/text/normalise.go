package text

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Normalise makes texts equal that say the same: NFC, width folded, lower case, white space as one space and none at the
// ends, runs of one character as that character ("WOOOW!!!" = "wow!"), 〜 and ～ as ~, and without what cannot be seen. What
// is not UTF-8 becomes U+FFFD.
func Normalise(s string) string {
	var r Reader
	return string(r.normalise(s))
}

// normalise is Normalise into r.text and r.runes; good until the next.
func (r *Reader) normalise(s string) []byte {
	r.raw = append(r.raw[:0], s...)
	raw := r.raw
	if needsFolding(raw) {
		raw = r.fold()
	}
	out, runes := r.text[:0], r.runes[:0]
	last, space := rune(-1), false
	for i := 0; i < len(raw); {
		c, n := rune(raw[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRune(raw[i:])
		}
		before := i
		i += n
		switch {
		case isSpace(c):
			space = true
			continue
		case isInvisible(c) && !joinsEmoji(raw, before, i, c):
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '〜' || c == '～':
			c = '~'
		case c >= utf8.RuneSelf:
			c = lower(c)
		}
		if space && last >= 0 {
			out, runes = append(out, ' '), append(runes, ' ')
			last = ' '
		}
		space = false
		if c == last {
			continue
		}
		last = c
		runes = append(runes, c)
		if c < utf8.RuneSelf {
			out = append(out, byte(c))
		} else {
			out = utf8.AppendRune(out, c)
		}
	}
	r.text, r.runes = out, runes
	return out
}

// fold is NFC of the width-folded text: half-width kana compose only once they are wide.
func (r *Reader) fold() []byte {
	r.wide = r.wide[:0]
	for src := r.raw; len(src) > 0; {
		r.wide = slices.Grow(r.wide, 3*len(src)+utf8.UTFMax)
		n, read, err := width.Fold.Transform(r.wide[len(r.wide):cap(r.wide)], src, true)
		r.wide, src = r.wide[:len(r.wide)+n], src[read:]
		if err != nil && read == 0 { // what is not UTF-8 is copied; there is nothing else to fail on
			break
		}
	}
	if norm.NFC.IsNormal(r.wide) { // composing allocates, and is seldom needed
		return r.wide
	}
	r.raw = norm.NFC.Append(r.raw[:0], r.wide...)
	return r.raw
}

// needsFolding tells whether a text may change by folding its width or composing it: by ranges, so that the usual comment
// is not read twice. It errs on the safe side.
func needsFolding(s []byte) bool {
	last := rune(0)
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, n := utf8.DecodeRune(s[i:])
		i += n
		before := last
		last = c
		switch {
		case c < 0x300: // Latin-1 and extended Latin are composed
		case 0x3041 <= c && c <= 0x3096, 0x309b <= c && c <= 0x30ff, 0x4e00 <= c && c <= 0x9fff: // kana without marks, Han
		case 0xac00 <= c && c <= 0xd7a3, 0x400 <= c && c <= 0x482: // Hangul syllables, Cyrillic
		case 0xe01 <= c && c <= 0xe5b: // Thai: a vowel below goes before a tone
			if 0xe38 <= c && c <= 0xe3a && 0xe48 <= before && before <= 0xe4b {
				return true
			}
		case 0x2010 <= c && c <= 0x206f, 0x2190 <= c && c <= 0x2328, 0x232b <= c && c <= 0x2984, 0x2987 <= c && c <= 0x2adb,
			0x2add <= c && c <= 0x2bff, 0x1f000 <= c && c <= 0x1faff:
		case 0x3001 <= c && c <= 0x3029, 0x3030 <= c && c <= 0x303f, 0xfe00 <= c && c <= 0xfe0f, c == 0xfeff:
		default:
			return true
		}
	}
	return false
}

func isSpace(c rune) bool {
	if c < utf8.RuneSelf {
		return c == ' ' || '\t' <= c && c <= '\r'
	}
	return unicode.IsSpace(c)
}

const joiner = '\u200d'

// isInvisible tells characters that leave no mark: joiners, marks of direction, variation selectors, soft hyphens, tags,
// and controls.
func isInvisible(c rune) bool {
	switch {
	case c < ' ' || 0x7f <= c && c < 0xa0 || c == 0xad:
		return true
	case c < 0x180b:
		return c == 0x34f || c == 0x61c || c == 0x115f || c == 0x1160
	}
	return 0x180b <= c && c <= 0x180f || 0x200b <= c && c <= 0x200f || 0x202a <= c && c <= 0x202e ||
		0x2060 <= c && c <= 0x206f || 0xfe00 <= c && c <= 0xfe0f || c == 0xfeff || c == 0x3164 || c == 0xffa0 ||
		0xe0000 <= c && c <= 0xe0fff
}

// joinsEmoji tells whether the joiner at s[from:to] holds an emoji together: 👩‍👧 is not 👩👧.
func joinsEmoji(s []byte, from, to int, c rune) bool {
	if c != joiner || from == 0 || to == len(s) {
		return false
	}
	before, n := utf8.DecodeLastRune(s[:from])
	if isInvisible(before) && before != joiner { // a variation selector
		before, _ = utf8.DecodeLastRune(s[:from-n])
	}
	after, _ := utf8.DecodeRune(s[to:])
	return isEmoji(before) && isEmoji(after)
}

// isEmoji tells the pictures, with their skin tones and flags; not keycaps and ©, which are text.
func isEmoji(c rune) bool {
	return 0x1f000 <= c && c <= 0x1faff || 0x2600 <= c && c <= 0x27bf || 0x2b05 <= c && c <= 0x2b55 ||
		0x2190 <= c && c <= 0x21ff || 0x23e9 <= c && c <= 0x23fa || c == 0x231a || c == 0x231b || c == 0x3030
}

// lower spares the scripts that have no case, where most of the text is, the search through Unicode's tables.
func lower(c rune) rune {
	switch {
	case 0xe00 <= c && c < 0x1000, 0x2e80 <= c && c < 0xa640, 0xac00 <= c && c < 0xd7b0, c >= 0x1f000:
		return c
	}
	return unicode.ToLower(c)
}
