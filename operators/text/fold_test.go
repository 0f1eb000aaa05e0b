package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/text"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"white space only", " \t　\u00a0\n", ""},
		{"invisible only", "\ufeff\u200b\u200d\ufe0f\u200e", ""},
		{"runs", "WOOOW!!!", "wow!"},
		{"white space", "  so \t\n good　　yes ", "so god yes"},
		{"full width", "ＡＢＣ１２　ｗｗｗ！？", "abc12 w!?"},
		{"clapping", "８８８８8888", "8"},
		{"half-width kana", "ｶﾞｲﾄﾞﾌﾞｯｸﾊﾟ｡｢ｰ｣", "ガイドブックパ。「ー」"},
		{"kana taken apart", "カ\u3099ハ\u309aウ\u3099", "ガパヴ"},
		{"half-width voiced mark alone", "ﾞ", "\u3099"},
		{"long vowels", "すごーーーい", "すごーい"},
		{"iteration mark", "人々", "人々"},
		{"tildes", "かわいい〜 ～ ~ 〜〜", "かわい~ ~ ~ ~"},
		{"currency", "￥100 ￦", "¥10 ₩"},
		{"no NFKC of ellipsis", "…", "…"},
		{"no NFKC of a square", "㍿ ①", "㍿ ①"},
		{"sara am stays", "น้ำ ทำไม", "น้ำ ทำไม"},
		{"sara am taken apart is another text", "น้\u0e4d\u0e32", "น้\u0e4d\u0e32"},
		{"Thai tone before vowel", "ก\u0e48\u0e38", "ก\u0e38\u0e48"},
		{"Thai zero width space", "ราคา\u200bเท่าไหร่", "ราคาเท่าไหร่"},
		{"Thai laughter", "55555", "5"},
		{"French taken apart", "cre\u0300me BRU\u0302LE\u0301E", "crème brûlée"},
		{"runs that are none", "créée", "crée"},
		{"e and é", "ee\u0301", "eé"},
		{"Vietnamese taken apart", "tie\u0302\u0301ng vie\u0323\u0302t", "tiếng việt"},
		{"Hangul taken apart", "\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"},
		{"Korean laughter", "ㅋㅋㅋㅋ ㅠㅠ", "ㅋ ㅠ"},
		{"half-width Hangul", "ﾡﾤ", "ㄱㄴ"},
		{"Cyrillic", "ПРИВЕТ", "привет"},
		{"Greek", "ΚΑΛΗΜΈΡΑ", "καλημέρα"},
		{"signs that are letters", "K Å Ω", "k å ω"},
		{"Turkish", "İSTANBUL", "i\u0307stanbul"},
		{"compatibility ideograph", "\ufa1b", "福"},
		{"apostrophe", "don’t", "don't"},
		{"family", "👨\u200d👩\u200d👧\u200d👦👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧\u200d👦👨\u200d👩\u200d👧"},
		{"twins", "👩\u200d👩", "👩\u200d👩"},
		{"heart on fire", "❤\ufe0f\u200d🔥❤️❤", "❤\u200d🔥❤"},
		{"joiner at the end", "👩\u200d", "👩"},
		{"joiner before a letter", "👩\u200da", "👩a"},
		{"joiner after a space", "👩 \u200d👩", "👩 👩"},
		{"joiners", "👩\u200d\u200d🔥", "👩\u200d🔥"},
		{"skin tones", "👍🏽👍🏽👍", "👍🏽👍🏽👍"},
		{"emoji in a row", "😍😍😍", "😍"},
		{"keycap", "1\ufe0f\u20e3", "1\u20e3"},
		{"marks of direction", "\u202eabc\u202c \u2066x\u2069", "abc x"},
		{"controls", "a\x00b\x7fc", "abc"},
		{"soft hyphen", "co\u00adoperate", "coperate"},
		{"invalid UTF-8", "a\xff\xfeb\xc3", "a\ufffdb\ufffd"},
		{"marks without end", "e" + strings.Repeat("\u0301\u0302", 50), "é" + strings.Repeat("\u0302\u0301", 8)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := text.Normalise(c.in); got != c.want {
				t.Errorf("got %q (%[1]x), want %q (%[2]x)", got, c.want)
			}
		})
	}
}

func TestTextsThatDiffer(t *testing.T) {
	for _, c := range [][2]string{
		{"は", "ば"}, {"は", "ぱ"}, {"カ", "ガ"}, {"か", "カ"}, {"シ", "ツ"}, {"น้ำ", "นำ"}, {"ไหม", "ไหม้"}, {"e", "é"},
		{"resume", "résumé"}, {"👨\u200d👩\u200d👧", "👨👩👧"}, {"a b", "ab"}, {"1", "2"}, {"買った", "買ってた"}, {"吗", "嗎"},
		{"가", "각"},
		{"", "x"}, {"?", "!"}, {"👍", "👍🏽"},
	} {
		if text.Hash(c[0]) == text.Hash(c[1]) {
			t.Errorf("%q and %q are one text", c[0], c[1])
		}
	}
}

func TestHashIsPinned(t *testing.T) {
	// States hold these: another value is another version of every state with texts.
	for s, want := range map[string]uint64{
		"":            0,
		" ":           0,
		"8888":        0xb4c12de6d1649c12,
		"このリップ色かわいい！": 0x4dae962334a10c92,
		"เท่าไหร่คะ":  0xce4e648dd4eb1475,
	} {
		if got := text.Hash(s); got != want {
			t.Errorf("Hash(%q) = %#x, want %#x", s, got, want)
		}
	}
}

// TestEveryRune puts every rune alone and among what composes, of ideographs and those without a meaning some. It wants
// the same text however it is written, and nothing new from normalising twice.
func TestEveryRune(t *testing.T) {
	for c := rune(0); c <= unicode.MaxRune; c++ {
		many := 0x3400 <= c && c < 0xd7a4 || c >= 0x20000 || !unicode.IsGraphic(c) && !unicode.IsControl(c)
		if !utf8.ValidRune(c) || c > 0x2fb00 && c < 0xe0000 || c > 0xe1000 || many && c%13 != 0 {
			continue
		}
		for _, frame := range []string{"?", "a?b E?\u0301 カ?\u3099 👩\u200d?👩 กุ?\u0e48 \u1112?\u1161\u11ab"} {
			s := strings.ReplaceAll(frame, "?", string(c))
			n := text.Normalise(s)
			if again := text.Normalise(n); again != n {
				t.Fatalf("%U in %q: %q, and again %q", c, frame, n, again)
			}
			if !norm.NFC.IsNormalString(n) {
				t.Fatalf("%U in %q: %q is not in NFC", c, frame, n)
			}
			if d := text.Normalise(norm.NFD.String(s)); d != n {
				t.Fatalf("%U in %q: %q, but from NFD %q", c, frame, n, d)
			}
		}
	}
}

// anyText is text of what makes trouble: all scripts, marks, invisible characters, invalid bytes.
func anyText() *rapid.Generator[string] {
	part := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "E", "é", "e\u0301", "İ", "s", "ss", "ß", "Ａ", "ｗ", "８", "1", "12", "か", "カ",
			"ｶ", "ﾞ", "\u3099", "ー",
			"々", "買", "色", "ก", "ำ", "น้ำ", "\u0e38", "\u0e48", "ไหม", "한", "ㅋ", "\u1112", "\u1161", "\u11ab", " ",
			"　", "\u200b", "\u200d", "\ufe0f",
			"😀", "👍", "🏽", "👩\u200d🔥", "🇯", "🇵", "❤", "~", "〜", "?", "？", "!", "’", "'", ".", "http://", "www.", "-",
			"\xff", "\u0301", "\u0302",
			"\u0323", "\u0307", "क", "ि", "က", "\u103a", "\u0344", "か?", "買った", "i use ", "how ", "berapa"}),
		rapid.Map(rapid.Rune(), func(c rune) string { return string(c) }),
	)
	return rapid.Map(rapid.SliceOfN(part, 0, 40), func(p []string) string { return strings.Join(p, "") })
}

func TestNormaliseTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "text")
		n := text.Normalise(s)
		if again := text.Normalise(n); again != n {
			t.Fatalf("%q, and again %q", n, again)
		}
		if text.Hash(s) != text.Hash(n) {
			t.Fatalf("%q and %q have two hashes", s, n)
		}
		if d := text.Normalise(norm.NFD.String(s)); d != n {
			t.Fatalf("%q (%[1]x), but from NFD %q (%[2]x)", n, d)
		}
	})
}

// TestFoldedAway changes a text in the ways that do not make it another.
func TestFoldedAway(t *testing.T) {
	wide := func(c rune) rune {
		if '!' <= c && c <= '~' {
			return c + 0xfee0
		}
		return c
	}
	invisible := []string{"\u200b", "\ufeff", "\u200e", "\ufe0e", "\u2060", "\u00ad"}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"Lip", "Tint", "ガ", "リップ", "色", "かわいい", "น้ำ", "ราคา",
			"한국", "é", "Ồ", "👍", "!", "12"}), 1, 12)
		var b strings.Builder
		s := strings.Join(words.Draw(t, "words"), rapid.SampledFrom([]string{"", " "}).Draw(t, "between"))
		for _, c := range s {
			switch rapid.IntRange(0, 8).Draw(t, "change") {
			case 0:
				b.WriteRune(wide(c))
			case 1:
				b.WriteRune(unicode.ToUpper(c))
			case 2:
				b.WriteString(norm.NFD.String(string(c)))
			case 3:
				b.WriteString(string(c) + string(c))
			case 4:
				b.WriteString(rapid.SampledFrom(invisible).Draw(t, "invisible") + string(c))
			case 5:
				if c == ' ' {
					b.WriteString("\t　")
				}
				b.WriteRune(c)
			default:
				b.WriteRune(c)
			}
		}
		if got := b.String(); text.Hash(got) != text.Hash(s) {
			t.Fatalf("%q: %q, but %q: %q", s, text.Normalise(s), got, text.Normalise(got))
		}
	})
}

func TestWordsOfNFD(t *testing.T) {
	var a, b text.Reader
	x, y := a.Read("Crème がぎ", nil), b.Read(norm.NFD.String("CRÈME がぎ"), nil)
	if x.Hash != y.Hash || !slices.Equal(x.Words, y.Words) {
		t.Errorf("%v and %v", x, y)
	}
}
