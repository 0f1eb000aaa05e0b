package text

import (
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/clipperhouse/uax29/v2/words"
)

// WordsMax bounds the words of a comment: those that come first stay.
const WordsMax = 32

// cut finds the words of the normalised text, run of one script by run.
func (r *Reader) cut() {
	r.words = r.words[:0]
	from, kind := 0, other
	for i, at := 0, 0; i < len(r.runes); i++ {
		k := r.scripts[i]
		if k != kind {
			r.run(kind, from, at)
			from, kind = at, k
		}
		at += utf8.RuneLen(r.runes[i])
	}
	r.run(kind, from, len(r.text))
}

// run cuts the run text[from:to].
func (r *Reader) run(kind script, from, to int) {
	if kind == other || len(r.words) >= WordsMax {
		return
	}
	run := r.text[from:to]
	switch kind {
	case han:
		r.bigrams(run)
	case thai:
		r.trigrams(run)
	case emoji:
		r.pictures(run)
	default:
		r.spaced(run)
	}
}

// spaced takes words of at least two characters.
func (r *Reader) spaced(run []byte) {
	if ascii(run) { // letters and digits only: UAX #29 has it as one word
		if len(run) > 1 {
			r.word(run)
		}
		return
	}
	r.wordCutter.SetText(run)
	for r.wordCutter.Next() {
		if w := r.wordCutter.Value(); utf8.RuneCount(w) > 1 {
			r.word(w)
		}
	}
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// bigrams takes each two neighbours; a single character is itself a word.
func (r *Reader) bigrams(run []byte) {
	_, first := utf8.DecodeRune(run)
	if first == len(run) {
		r.word(run)
		return
	}
	for at := 0; ; {
		_, a := utf8.DecodeRune(run[at:])
		if at+a == len(run) {
			return
		}
		_, b := utf8.DecodeRune(run[at+a:])
		r.word(run[at : at+a+b])
		at += a
	}
}

// trigrams takes each three neighbouring grapheme clusters; a run of fewer is itself a word.
func (r *Reader) trigrams(run []byte) {
	r.graphemeCutter.SetText(run)
	var ends [3]int // of the last clusters
	n, start := 0, 0
	var starts [3]int
	for r.graphemeCutter.Next() {
		end := start + len(r.graphemeCutter.Value())
		starts[n%3], ends[n%3] = start, end
		start = end
		if n++; n >= 3 {
			r.word(run[starts[n%3]:end])
		}
	}
	if n < 3 {
		r.word(run)
	}
}

// pictures takes each emoji with its tone and what it is joined to.
func (r *Reader) pictures(run []byte) {
	r.graphemeCutter.SetText(run)
	for r.graphemeCutter.Next() {
		r.word(r.graphemeCutter.Value())
	}
}

// word adds a word unless it is there.
func (r *Reader) word(w []byte) {
	h := hashOf(seed, w)
	if len(r.words) >= WordsMax {
		return
	}
	for _, known := range r.words {
		if known == h {
			return
		}
	}
	r.words = append(r.words, h)
}

// cutters are UAX #29's, kept to be used again.
type cutters struct {
	wordCutter     *words.Iterator[[]byte]
	graphemeCutter *graphemes.Iterator[[]byte]
}

func newCutters() cutters { return cutters{words.FromBytes(nil), graphemes.FromBytes(nil)} }
