package text_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/text"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		// English: words, without what is short, possessive or a break.
		{"Love this SHADE!! a", "love this shade"},
		{"don't stop, it's the brand's", "don't stop it the brand"},
		{"spf50 3.5ml 1,980 x2", "spf50 3.5ml 1,980 x2"},
		{"wow wow WOW", "wow"},
		{"see https://www.example.com/a?b=c&d see2", "se example.com se2"},
		{"http://shop.example.co.jp", "shop.example.co.jp"},
		{"www.example.org/x かわいい", "example.org かわ わい"},
		{"lip_tint #ootd @mio", "lip tint otd mio"},
		{"see www.example.org. or https:// or www. or w.", "se example.org or htps"},
		{"crème", "crème"},
		// Japanese: pairs within a script, a single one as it is, ー with what it draws out.
		{"このリップ可愛い", "この リッ ップ 可愛 い"},
		{"色", "色"},
		{"すごーい", "すご ごー ーい"},
		{"カード", "カー ード"},
		{"ｗｗｗ", ""},
		{"SPF50買った", "spf50 買 った"},
		{"人々", "人々"},
		// Chinese.
		{"多少钱", "多少 少钱"},
		// Thai: three grapheme clusters at a time.
		{"น้ำ", "น้ำ"},
		{"ไหม", "ไหม"},
		{"ราคา", "ราค าคา"},
		{"น้ำหนัก", "น้ำหนั หนัก"},
		{"สี แดง", "สี แดง"},
		{"ครีมที่ดี", "ครีม รีมที่ มที่ดี"},
		// Korean: words of two syllables or more.
		{"이 립스틱 색 예뻐요 ㅋㅋ", "립스틱 예뻐요"},
		{"LG전자", "lg 전자"},
		// Indonesian.
		{"Berapa harganya kak?", "berapa harganya kak"},
		// Emoji: sequences whole, without skin tones; flags.
		{"👍🏽 👍🏿 👍", "👍"},
		{"👨‍👩‍👧❤️‍🔥😍😍", "👨‍👩‍👧 ❤‍🔥 😍"},
		{"🇯🇵🇰🇷", "🇯🇵 🇰🇷"},
		{"👋🏻🙋🏽‍♀️", "👋 🙋‍♀"},
		{"かわいい😍lip", "かわ わい 😍 lip"},
		{"… — ! ( )", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			var r text.Reader
			var want []uint64
			for _, w := range strings.Fields(c.want) {
				want = append(want, text.Hash(w))
			}
			if got := r.Read(c.in, nil).Words; !slices.Equal(got, want) {
				t.Errorf("%d words %x, want %q: %d, %x", len(got), got, c.want, len(want), want)
			}
		})
	}
}

func TestTheFirstWordsStay(t *testing.T) {
	var s []string
	for i := range 100 {
		s = append(s, fmt.Sprintf("wo1%c2%c", 'a'+i%26, 'a'+i/26))
	}
	var r text.Reader
	got := r.Read(strings.Join(s, " ")+" ?", nil)
	if len(got.Words) != text.WordsMax || got.Words[31] != text.Hash(s[31]) {
		t.Errorf("%d words", len(got.Words))
	}
	if !got.Question {
		t.Error("what comes after the last word is not read")
	}
}

func TestWordsAreDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r text.Reader
		words := slices.Clone(r.Read(anyText().Draw(t, "text"), nil).Words)
		n := len(words)
		slices.Sort(words)
		if slices.Contains(words, 0) || len(slices.Compact(words)) != n {
			t.Fatalf("%x", words)
		}
	})
}
