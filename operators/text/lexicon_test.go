package text_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/text"
)

func compile(t interface{ Fatal(...any) }, forms ...string) *text.Lexicon {
	var entries []text.Entry
	for i, f := range forms {
		entries = append(entries, text.Entry{ID: fmt.Sprint(i), Forms: strings.Split(f, "|")})
	}
	lx, err := text.Compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	return lx
}

func TestTerms(t *testing.T) {
	lx := compile(t, "art", "lip tint|LIPTINT", "リップ", "リ", "น้ำ", "립스틱", "3個", "SPF50", "色", "ไหม", "ｶﾞｲﾄﾞ", "👩",
		"party", "don't", "dress", "\u0302")
	for _, c := range []struct {
		in   string
		want []uint16
	}{
		{"", nil},
		{"art", []uint16{0}},
		{"ART!", []uint16{0}},
		{"party", []uint16{12}},
		{"smart art2 arty", nil},
		{"arts", []uint16{0}},
		{"artsy", nil},
		{"アートart色", []uint16{0, 8}},
		{"Lip  Tint", []uint16{1}},
		{"lip tints", []uint16{1}},
		{"lip-tint", nil},
		{"liptint", []uint16{1}},
		{"このリップの色", []uint16{2, 3, 8}},
		{"น้ำหนักนำ", []uint16{4}},
		{"이 립스틱이 좋아요", []uint16{5}},
		{"새립스틱", nil},
		{"3個ください", []uint16{6}},
		{"13個ください", nil},
		{"ＳＰＦ５０です", []uint16{7}},
		{"SPF500", []uint16{7}}, // 500 is 50
		{"SPF505", nil},
		{"ไหม้", nil},
		{"ไหมคะ", []uint16{9}},
		{"ガイドブック", []uint16{10}},
		{"カ\u3099イト\u3099", []uint16{10}},
		{"👩 👩\u200d🔥", []uint16{11}},
		{"👩\u200d🔥 🔥\u200d👩", nil},
		{"don’t", []uint16{13}},
		{"dresses", nil},
		{"art's", []uint16{0}},
		{"arté", nil},
		{"art\u0301", nil},
		{"arts\u0e38", nil},
		{"\u0302 b\u0302", []uint16{15}},
		{"b\u0302", nil},
	} {
		t.Run(c.in, func(t *testing.T) {
			var r text.Reader
			if got := r.Read(c.in, lx).Terms; !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// named is what Terms must be, by looking for every form at every place.
func named(s string, lx *text.Lexicon) (terms []uint16) {
	runes := []rune(text.Normalise(s))
	for i, e := range lx.Entries() {
		for _, f := range e.Forms {
			form := []rune(text.Normalise(f))
			for at := 0; len(form) > 0 && at+len(form) <= len(runes); at++ {
				if string(runes[at:at+len(form)]) == string(form) && stands(runes, at, at+len(form)) {
					terms = append(terms, uint16(i))
				}
			}
		}
	}
	terms = slices.Compact(terms)
	return terms[:min(len(terms), text.TermsMax)]
}

// stands reports whether a form may stand at [i,j).
func stands(runes []rune, i, j int) bool {
	joined := func(k int) bool { // a word goes on over k
		if k <= 0 || k >= len(runes) {
			return false
		}
		a, b := runes[k-1], runes[k]
		return a == '\u200d' || unicode.Is(unicode.M, b) || b == 'ำ' || b == '\u200d' || alphabetic(a) && alphabetic(b)
	}
	hangul := i > 0 && unicode.Is(unicode.Hangul, runes[i]) &&
		(unicode.Is(unicode.Hangul, runes[i-1]) || alphabetic(runes[i-1]) && unicode.Is(unicode.M, runes[i-1]))
	plural := j < len(runes) && runes[j] == 's' && unicode.Is(unicode.Latin, runes[j-1]) && !joined(j+1)
	if unicode.Is(unicode.M, runes[i]) && i > 0 {
		return false
	}
	return !joined(i) && !hangul && (!joined(j) || plural)
}

// alphabetic reports whether c is part of a word of a script with spaces, but for Hangul.
func alphabetic(c rune) bool {
	if unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) || c == 'ー' {
		return false
	}
	return unicode.In(c, unicode.L, unicode.N, unicode.M)
}

func TestTermsAgainstSearch(t *testing.T) {
	part := rapid.SampledFrom([]string{"a", "b", "s", "A", "é", "e\u0301", "1", "2", " ", "か", "き", "カ", "ー", "買",
		"色", "ก", "ข", "ุ", "่", "ำ", "가", "나", "😀", "🔥",
		"👩\u200d🔥", ".", "'", "д", "к", "\u0302"})
	words := func(least, most int) *rapid.Generator[string] {
		return rapid.Map(rapid.SliceOfN(part, least, most), func(p []string) string { return strings.Join(p, "") })
	}
	rapid.Check(t, func(t *rapid.T) {
		var entries []text.Entry
		for i, forms := range rapid.SliceOfN(rapid.SliceOfN(words(0, 4), 0, 3), 0, 50).Draw(t, "lexicon") {
			entries = append(entries, text.Entry{ID: fmt.Sprint(i), Forms: forms})
		}
		lx, err := text.Compile(entries)
		if err != nil {
			t.Fatal(err)
		}
		s := words(0, 40).Draw(t, "text")
		var r text.Reader
		if got, want := r.Read(s, lx).Terms, named(s, lx); !slices.Equal(got, want) {
			t.Fatalf("%q: got %v, want %v", s, got, want)
		}
	})
}

func TestTheSmallestTermsStay(t *testing.T) {
	var forms []string
	for i := range 60 {
		forms = append(forms, strings.Repeat("色肌", i/2+1)+"色"[:i%2*3])
	}
	slices.Reverse(forms)
	var r text.Reader
	got := r.Read(strings.Repeat("色肌", 40), compile(t, forms...)).Terms
	want := named(strings.Repeat("色肌", 40), compile(t, forms...))
	if len(got) != text.TermsMax || !slices.Equal(got, want) || got[0] != 0 {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCompileBounds(t *testing.T) {
	long := strings.Repeat("ab", text.FormRunesMax/2)
	lx, err := text.Compile([]text.Entry{{ID: "x", Forms: []string{long + "c", long, "", "\u200b"}}})
	if !errors.Is(err, text.ErrTooMany) || !strings.Contains(err.Error(), "0 entries and 1 forms") {
		t.Error(err)
	}
	var r text.Reader
	if got := r.Read(long, lx).Terms; !slices.Equal(got, []uint16{0}) {
		t.Errorf("a form of %d runes: %v", text.FormRunesMax, got)
	}
	if got := r.Read(long+"c", lx).Terms; len(got) != 0 {
		t.Errorf("a form that was left out: %v", got)
	}

	entries := make([]text.Entry, text.EntriesMax+1)
	for i := range entries {
		for k := range 5 {
			entries[i].Forms = append(entries[i].Forms, fmt.Sprintf("%c%c%c",
				'ア'+rune(i%64), '一'+rune(i/64), '丁'+rune(k)))
		}
	}
	lx, err = text.Compile(entries)
	if lost := text.EntriesMax*5 - text.FormsMax; !errors.Is(err, text.ErrTooMany) || lx.Len() != text.EntriesMax ||
		!strings.Contains(err.Error(), fmt.Sprintf("1 entries and %d forms", lost)) {
		t.Errorf("%d entries: %v", lx.Len(), err)
	}
	if got := r.Read(entries[0].Forms[4], lx).Terms; !slices.Equal(got, []uint16{0}) {
		t.Errorf("first entry: %v", got)
	}
	if got := r.Read(entries[text.EntriesMax-1].Forms[0], lx).Terms; len(got) != 0 {
		t.Errorf("entry beyond the forms: %v", got)
	}

	var runes []text.Entry // 5,000 forms of 64 runes that share no prefix
	for i := range 4096 {
		form := make([]rune, 64)
		for k := range form {
			form[k] = '一' + rune((i+k*97)%20000)
		}
		runes = append(runes, text.Entry{ID: fmt.Sprint(i), Forms: []string{string(form), "x" + string(form)}})
	}
	if _, err = text.Compile(runes); !errors.Is(err, text.ErrTooMany) {
		t.Errorf("more runes than there is room for: %v", err)
	}
}

func TestLexiconDoesNotChange(t *testing.T) {
	entries := []text.Entry{{ID: "1", Forms: []string{"abc"}}, {Class: text.Fact, ID: "2", Brand: "b", Forms: nil}}
	lx, err := text.Compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	entries[0].ID, entries[0].Forms[0] = "x", "y"
	if e := lx.Entry(0); lx.Len() != 2 || e.ID != "1" || e.Forms[0] != "abc" || lx.Entries()[1].Class != text.Fact {
		t.Errorf("%+v", lx.Entries())
	}
}

func TestWordIDs(t *testing.T) {
	entries := []text.Entry{
		{Class: text.Term, Brand: "ab", ID: "c"}, {Class: text.Term, Brand: "a", ID: "bc"},
		{Class: text.Fact, Brand: "ab", ID: "c"},
		{Class: text.Contradiction, Brand: "ab", ID: "c"}, {Class: text.Term, ID: "abc"},
		{Class: text.Term, Brand: "abc"}, {},
	}
	lx, err := text.Compile(entries)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[uint64]int{text.Hash("abc"): -1, text.Hash("ab"): -2, 0: -3}
	for i := range entries {
		w := lx.Word(uint16(i))
		if j, ok := seen[w]; ok {
			t.Errorf("entries %d and %d have one word", i, j)
		}
		seen[w] = i
	}
	other, err := text.Compile([]text.Entry{{ID: "zzz"}, {Class: text.Fact, Brand: "ab", ID: "c",
		Forms: []string{"x"}}})
	if err != nil || other.Word(1) != lx.Word(2) {
		t.Error("the word of an entry depends on more than its class, brand and id")
	}
}
