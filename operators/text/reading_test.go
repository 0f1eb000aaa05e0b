package text_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/text"
)

// checkReading wants of a reading what holds for any text.
func checkReading(t interface{ Fatalf(string, ...any) }, s string, got text.Reading, lx *text.Lexicon) {
	n := text.Normalise(s)
	switch {
	case got.Hash != text.Hash(s) || (got.Hash == 0) != (n == ""):
		t.Fatalf("%q: hash %#x, want %#x", s, got.Hash, text.Hash(s))
	case got.Runes != utf8.RuneCountInString(n):
		t.Fatalf("%q: %d runes, want those of %q", s, got.Runes, n)
	case len(got.Words) > text.WordsMax || slices.Contains(got.Words, 0):
		t.Fatalf("%q: words %x", s, got.Words)
	case len(got.Terms) > text.TermsMax || !slices.IsSorted(got.Terms):
		t.Fatalf("%q: terms %v", s, got.Terms)
	case n == "" && !reflect.DeepEqual(got, text.Reading{Words: got.Words[:0], Terms: got.Terms[:0]}):
		t.Fatalf("%q: %+v of nothing", s, got)
	}
	for _, i := range got.Terms {
		if int(i) >= lx.Len() {
			t.Fatalf("%q: term %d", s, i)
		}
	}
}

func clone(r text.Reading) text.Reading {
	r.Words, r.Terms = append([]uint64{}, r.Words...), append([]uint16{}, r.Terms...)
	return r
}

// TestReaderForgets reads texts with one Reader and with a new one each, as they are and normalised.
func TestReaderForgets(t *testing.T) {
	lx := lexicon(t, 500)
	rapid.Check(t, func(t *rapid.T) {
		var r text.Reader
		for range 3 {
			s := anyText().Draw(t, "text")
			got := clone(r.Read(s, lx))
			checkReading(t, s, got, lx)
			if n := string(r.Normalised()); n != text.Normalise(s) {
				t.Fatalf("%q: normalised to %q", s, n)
			}
			if fresh := clone(new(text.Reader).Read(s, lx)); !reflect.DeepEqual(got, fresh) {
				t.Fatalf("%q: %+v, but from a new Reader %+v", s, got, fresh)
			}
			if again := clone(r.Read(text.Normalise(s), lx)); !reflect.DeepEqual(got, again) {
				t.Fatalf("%q: %+v, but normalised first %+v", s, got, again)
			}
		}
	})
}

func TestNoAllocations(t *testing.T) {
	lx := lexicon(t, 1000)
	texts := []string{"e\u0301te\u0301 ｶﾞｲﾄﾞ \u1112\u1161\u11ab", "ก\u0e48\u0e38"}
	for _, c := range comments {
		texts = append(append(texts, c[0]...), c[1]...)
	}
	var r text.Reader
	read := func() {
		for _, s := range texts {
			r.Read(s, lx)
		}
	}
	read()
	if n := testing.AllocsPerRun(100, read); n != 0 {
		t.Errorf("Read allocates %v times", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range texts {
			text.Hash(s)
		}
	}); n != 0 && !poolForgets {
		t.Errorf("Hash allocates %v times", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range comments {
		for _, s := range append(c[0], c[1]...) {
			f.Add(s)
		}
	}
	f.Add("\xff\xfe👩\u200d\u200d🔥é\u0301 ｶﾞ http://x.y/?z")
	f.Add(strings.Repeat("e\u0301\u0302\u0323", 30))
	lx := lexicon(f, 1000)
	f.Fuzz(func(t *testing.T, s string) {
		var r text.Reader
		got := r.Read(s, lx)
		checkReading(t, s, got, lx)
		if n := text.Normalise(s); text.Normalise(n) != n || text.Hash(n) != got.Hash {
			t.Fatalf("%q: %q, and again %q", s, n, text.Normalise(n))
		}
	})
}
