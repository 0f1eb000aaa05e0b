package text

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

const (
	zwj = '\u200d' // holds emoji together
	// marksMax combining marks in a row stay. The normaliser keeps its order only over runs of up to 30, and what it
	// takes apart adds a few to those that marksRaw lets through to it.
	marksMax, marksRaw = 16, 24
)

// A pass is how put writes.
type pass uint8

const (
	quick pass = iota // everything in one go, as long as nothing needs the normaliser
	raw               // fold without collapsing runs, for the normaliser: é is e and a mark, and ee is not e
	final             // of what the normaliser said
)

// normalise leaves the normalised text of s in r.runes, and the class of each rune in r.class.
func (r *Reader) normalise(s string) {
	if r.fold(s, quick) {
		return
	}
	r.fold(s, raw)
	r.folded = r.folded[:0]
	for _, c := range r.runes {
		r.folded = utf8.AppendRune(r.folded, c)
	}
	r.nfc = r.nfc[:0]
	for r.iter.Init(norm.NFC, r.folded); !r.iter.Done(); { // norm.NFC.Append would allocate
		r.nfc = append(r.nfc, r.iter.Next()...)
	}
	r.start(len(r.nfc), final)
	for b := r.nfc; len(b) > 0; {
		c, n := utf8.DecodeRune(b)
		r.put(c)
		b = b[n:]
	}
}

// fold writes s and reports whether it is done: in a quick pass, false means that s needs the normaliser.
func (r *Reader) fold(s string, p pass) bool {
	r.start(len(s), p)
	runes, class := r.runes[:cap(r.runes)], r.class[:cap(r.runes)]
	n, last, plain := 0, rune(-1), p == quick
	for _, c := range s {
		// What most runes are: a letter that stays as it is, with nothing waiting before it.
		if plain && uint32(c) < uint32(len(props)) {
			if v := props[c]; v&special == 0 && v != space {
				if c != last {
					runes[n], class[n] = c, v
					n, last = n+1, c
				}
				continue
			}
		}
		r.runes, r.class = runes[:n], class[:n]
		if r.put(c); r.denormal {
			return false
		}
		if n = len(r.runes); n > 0 {
			last = runes[n-1]
		}
		plain = p == quick && !r.space && !r.joiner
	}
	r.runes, r.class = runes[:n], class[:n]
	return true
}

// start makes room for n bytes of text: as many runes at most, as a space or a joiner is only written for one read.
func (r *Reader) start(n int, p pass) {
	r.runes = slices.Grow(r.runes[:0], n)
	r.class = slices.Grow(r.class[:0], cap(r.runes))
	r.pass, r.space, r.joiner, r.denormal, r.marks = p, false, false, false, 0
}

// put writes one rune of the text.
func (r *Reader) put(c rune) {
	if c == 'İ' { // the one letter whose lower case is two
		if r.denormal = r.pass == quick; r.denormal {
			return
		}
		r.put('i')
		c = '\u0307'
	}
	v := propOf(c)
	if v&special != 0 && v&classes != southM {
		if c = foldRune(c); c < 0 {
			return
		}
		v = propOf(c)
	}
	last, was := rune(-1), other
	if n := len(r.runes); n > 0 {
		last, was = r.runes[n-1], r.class[n-1]
	}
	switch {
	case v&classes == space:
		r.space, r.joiner = true, false
		return
	case c == zwj:
		r.joiner = was == emoji && !r.space
		return
	case v&special != 0 && r.pass == quick && v&classes != southM, v == southM|special && !r.ordered(last, c):
		r.denormal = r.pass == quick
	}
	if r.space && last >= 0 {
		r.write(' ', space)
		last, was = ' ', space
	}
	if r.joiner && v == emoji {
		r.write(zwj, mark)
		last = zwj
	}
	r.space, r.joiner = false, false
	if c == last && r.pass != raw {
		return
	}
	if was != mark && was != southM {
		r.marks = 0
	}
	if v&classes == mark || v&classes == southM {
		r.marks++
	}
	if r.marks <= marksMax || r.pass == raw && r.marks <= marksRaw {
		r.write(c, v&classes)
	}
}

func (r *Reader) write(c rune, v class) {
	r.runes, r.class = append(r.runes, c), append(r.class, v)
}

// ordered reports whether the southern mark c after last is in canonical order, without asking the normaliser: true
// only for Thai, where a tone comes after a vowel below.
func (r *Reader) ordered(last, c rune) bool {
	return 0xe01 <= c && c < 0xe5c && (thaiOrder(c) == 0 || thaiOrder(last) <= thaiOrder(c) && !r.space)
}

// thaiOrder is the canonical combining class of a Thai mark.
func thaiOrder(c rune) int {
	switch {
	case c == 0xe3a:
		return 9
	case c == 0xe38, c == 0xe39:
		return 103
	case 0xe48 <= c && c < 0xe4c:
		return 107
	}
	return 0
}

// foldRune is one rune for the one that it counts as; negative if it counts as none.
func foldRune(c rune) rune {
	switch {
	case 'A' <= c && c <= 'Z':
		return c + 'a' - 'A'
	case 0xff01 <= c && c <= 0xff5e: // ！ to ～
		return foldASCII(c - 0xfee0)
	case c == '〜':
		return '~'
	case c == '’', c == '‘':
		return '\''
	case c == zwj:
		return c
	case propOf(c)&classes == space:
		return ' '
	case 0xff61 <= c && c < 0xfff0:
		if f := width.LookupRune(c).Folded(); f != 0 {
			c = f
		}
	}
	if invisible(c) {
		return -1
	}
	return unicode.ToLower(c)
}

func foldASCII(c rune) rune {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// invisible reports whether c shows nothing of its own and has no say in what the text is: controls, what is for
// directions, line breaks, glyph variants and tags, fillers.
func invisible(c rune) bool {
	switch {
	case c < 0x20, 0x7f <= c && c < 0xa0, c == 0xad, c == 0x34f, c == 0x61c, c == 0x115f, c == 0x1160, c == 0x17b4,
		c == 0x17b5, 0x180b <= c && c <= 0x180f, 0x200b <= c && c <= 0x200f, 0x202a <= c && c <= 0x202e,
		0x2060 <= c && c <= 0x206f, c == 0x3164, 0xfe00 <= c && c <= 0xfe0f, c == 0xfeff, 0xfff0 <= c && c <= 0xfffb,
		0x1bca0 <= c && c <= 0x1bca3, 0x1d173 <= c && c <= 0x1d17a, 0xe0000 <= c && c <= 0xe0fff:
		return true
	}
	return false
}
