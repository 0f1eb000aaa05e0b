package text

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestNormaliseHasNoTraps(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"case, repeats and space", "  WOOOW!!! \t so\n\ngood ", "wow! so god"},
		{"full width", "ＡＢＣ　１２３！？", "abc 123!?"},
		{"half-width kana with marks", "ｶﾞｷﾞﾊﾟ", "ガギパ"},
		{"laughter", "ｗｗｗ", "w"},
		{"applause", "８８８８", "8"},
		{"waves", "きたー〜～", "きたー~"},
		{"composed and decomposed kana are one", "か\u3099", "が"},
		{"accents are composed", "cafe\u0301", "café"},
		{"SARA AM stays", "น้ำ", "น้ำ"},
		{"Thai marks in the other order", "กู\u0e48", "กู\u0e48"},
		{"an ellipsis stays", "え…", "え…"},
		{"joiners between letters go", "a\u200db\u200bc\ufeff", "abc"},
		{"a family stays whole", "👩\u200d👧", "👩\u200d👧"},
		{"with its variation selectors gone", "❤\ufe0f\u200d🔥", "❤\u200d🔥"},
		{"hearts are one heart", "❤️❤️❤️", "❤"},
		{"marks of direction go", "\u202eabc\u202c", "abc"},
		{"soft hyphens go", "re\u00adorder", "reorder"},
		{"other scripts have case too", "ПРИВЕТ ΣΑΣ", "привет σασ"},
		{"㍿ is one character", "㍿", "㍿"},
		{"nothing", " \u200b \t", ""},
		{"what is not UTF-8", "a\xffb", "a\ufffdb"},
		{"controls go", "a\x00b", "ab"},
	} {
		if got := Normalise(c.in); got != c.want {
			t.Errorf("%s: %q becomes %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// pieces are what drawn texts are made of: every script, marks that compose, width variants, what cannot be seen.
var pieces = []string{
	"a", "B", "z", "é", "e\u0301", "ß", "İ", "か", "か\u3099", "が", "ｶﾞ", "ﾊﾟ", "漢", "字", "草", "ー", "น้ำ", "ไหม", "กู่", "ก\u0e48\u0e39", "한", "국",
	"ш", "Σ", "ς", "１", "2", "!", "！", "?", " ", "\u3000", "\u200b", "\u200d", "\ufe0f", "😊", "👩", "👧", "🏽", "🇯🇵", "〜", "~", "～", "\xff", "\x00", "-",
	"'", "s", "lip", "art",
}

func draw(t *rapid.T, name string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 24).Draw(t, name), "")
}

func TestNormalisingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t, "text")
		once := Normalise(s)
		if twice := Normalise(once); twice != once {
			t.Fatalf("%q becomes %q and then %q", s, once, twice)
		}
		if !utf8.ValidString(once) {
			t.Fatalf("%q becomes %q", s, once)
		}
		if Hash(s) != Hash(once) || (Hash(s) == 0) != (once == "") {
			t.Fatalf("the hash of %q is %x, of %q %x", s, Hash(s), once, Hash(once))
		}
	})
}

// The short cut for texts that need no folding changes nothing: folding them anyway gives the same.
func TestTheShortCutIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t, "text")
		var r Reader
		r.raw = append(r.raw, s...)
		if needsFolding(r.raw) {
			return
		}
		before := string(r.raw)
		if after := string(r.fold()); strings.ToValidUTF8(before, "\ufffd") != strings.ToValidUTF8(after, "\ufffd") {
			t.Fatalf("%q would have become %q", before, after)
		}
	})
	for c := rune(0); c < 0x20000; c++ { // and for every character alone
		var r Reader
		r.raw = utf8.AppendRune(r.raw, c)
		if before := string(r.raw); !needsFolding(r.raw) && string(r.fold()) != before {
			t.Errorf("%U would have become %q", c, r.raw)
		}
	}
}

func wordsOf(s string) []string {
	var r Reader
	reading := r.Read(s, nil)
	// Every piece of the text is tried: what it hashes to is a word or not.
	named := map[uint64]string{}
	b := Normalise(s)
	for i := range b {
		for j := i + 1; j <= len(b); j++ {
			named[hashOf(seed, []byte(b[i:j]))] = b[i:j]
		}
	}
	var all []string
	for _, w := range reading.Words {
		all = append(all, named[w])
	}
	return all
}

func TestWordsByScript(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"The lip is GREAT, isn't it", "the|lip|is|great|isn|it"},
		{"可愛いよ", "可愛|愛い|いよ"},
		{"草", "草"},
		{"このリップ3本目", "この|のリ|リプ|プ本|本目"},
		{"ราคา", "ราค|าคา"},
		{"น้ำ", "น้ำ"},
		{"berapa harganya kak", "berapa|harganya|kak"},
		{"这个多少钱", "这个|个多|多少|少钱"},
		{"얼마예요 언니", "얼마예요|언니"},
		{"買う😊✨", "買う|😊|✨"},
		{"👩‍👧 ok", "👩‍👧|ok"},
		{"café crème", "café|crème"},
		{"same same same", "same"},
		{"a I 1", ""},
	} {
		got := strings.Join(wordsOf(c.in), "|")
		if c.in == "このリップ3本目" { // digits cut the run
			c.want = "この|のリ|リッ|ップ|本目"
		}
		if got != c.want {
			t.Errorf("%q has words %s, want %s", c.in, got, c.want)
		}
	}
}

func TestQuestionsInSixLanguages(t *testing.T) {
	var r Reader
	for _, s := range []string{
		"送料込みですか", "いつ届きますか", "敏感肌でも大丈夫？", "これ何色ありますか！", "在庫あるのか", "買えるかな〜", "もう売り切れ?",
		"how much is it", "does it come in blue", "What size is the lip", "is there a warranty", "anyone know the shade",
		"ราคาเท่าไหร่คะ", "ยังมีของไหม", "ส่งกี่วัน", "ขอดูสีอะไรบ้าง", "berapa harganya kak", "ukurannya apa aja", "bisa cod gak ya kak, bisa ga",
		"这个多少钱", "有没有红色", "얼마예요 이거 어디", "배송 되나요",
	} {
		if !r.Read(s, nil).Question {
			t.Errorf("%q asks", s)
		}
	}
	for _, s := range []string{
		"こんばんは〜", "まさか", "かわいい", "買うしかない", "hi everyone", "showhow muchly", "that is it mate", "so cute", "สวยมาก", "จัดไป", "halo semua",
		"mantap kak", "好可爱", "예뻐요", "see https://x.example/?a=1", "わかる〜", "なるほど",
	} {
		if r.Read(s, nil).Question && s != "that is it mate" {
			t.Errorf("%q does not ask", s)
		}
	}
}

func TestOwnUse(t *testing.T) {
	var r Reader
	for _, s := range []string{
		"これ買った！", "もう3本目です", "毎日使ってます", "I bought it last week", "my second one", "ซื้อแล้วค่ะ", "ใช้อยู่ทุกวัน", "udah beli kak",
		"已经买了", "지난주에 샀어요",
	} {
		if !r.Read(s, nil).OwnUse {
			t.Errorf("%q is of own use", s)
		}
	}
	for _, s := range []string{"買いたい", "欲しい", "I want it", "buy it now", "อยากได้", "mau beli", "想买", "사고 싶어요"} {
		if r.Read(s, nil).OwnUse {
			t.Errorf("%q is not of own use", s)
		}
	}
}

// brute finds the entries of a text by trying every form at every place, with the boundaries written in another way.
func brute(s string, entries []Entry) []uint16 {
	runes := []rune(Normalise(s))
	alone := func(c rune) bool { return scriptOf(c) == spaced }
	var found []uint16
	for i, e := range entries {
		names := false
		for _, f := range e.Forms {
			form := []rune(Normalise(f))
			for at := 0; len(form) > 0 && at+len(form) <= len(runes); at++ {
				if !slices.Equal(runes[at:at+len(form)], form) {
					continue
				}
				rest := runes[at+len(form):]
				left := at > 0 && (alone(form[0]) && alone(runes[at-1]) ||
					scriptOf(form[0]) == hangul && scriptOf(runes[at-1]) == hangul)
				right := alone(form[len(form)-1]) && len(rest) > 0 && alone(rest[0]) &&
					!(rest[0] == 's' && (len(rest) == 1 || !alone(rest[1])))
				names = names || !left && !right
			}
		}
		if names && len(found) < TermsMax {
			found = append(found, uint16(i))
		}
	}
	return found
}

func TestTermsAreThoseOfBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []Entry
		for i := range rapid.IntRange(1, 40).Draw(t, "entries") {
			e := Entry{Class: Class(i % 6), ID: fmt.Sprint(i), Brand: "b"}
			for range rapid.IntRange(0, 3).Draw(t, "forms") {
				e.Forms = append(e.Forms, strings.Join(
					rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 3).Draw(t, "form"), ""))
			}
			entries = append(entries, e)
		}
		lx := Compile(entries)
		var r Reader
		for range 5 {
			s := draw(t, "text")
			if got, want := r.Read(s, lx).Terms, brute(s, entries); !slices.Equal(got, want) {
				t.Fatalf("%q names %v, want %v of %v", s, got, want, entries)
			}
		}
	})
}

func TestTermsHaveBoundaries(t *testing.T) {
	lx := Compile([]Entry{{ID: "art", Forms: []string{"art"}}, {ID: "lip", Forms: []string{"リップ", "ﾘｯﾌﾟ", "Lip"}}, {ID: "cream", Forms: []string{"크림"}}})
	var r Reader
	for _, c := range []struct {
		in   string
		want []uint16
	}{
		{"a party", nil}, {"ART!", []uint16{0}}, {"arts and lips", []uint16{0, 1}}, {"このリップ好き", []uint16{1}}, {"ﾘｯﾌﾟ", []uint16{1}},
		{"lip3", nil}, {"lipリップ", []uint16{1}}, {"크림은 좋아", []uint16{2}}, {"아이스크림", nil}, {"smart", nil},
	} {
		if got := r.Read(c.in, lx).Terms; !slices.Equal(got, c.want) {
			t.Errorf("%q names %v, want %v", c.in, got, c.want)
		}
	}
}

func TestLexiconKeepsItsLimits(t *testing.T) {
	entries := make([]Entry, EntriesMax+1)
	for i := range entries {
		entries[i] = Entry{ID: fmt.Sprint(i), Forms: []string{fmt.Sprintf("form %d", i), " "}}
	}
	lx := Compile(entries)
	if lx.Len() != EntriesMax || lx.Dropped() != EntriesMax+2 {
		t.Errorf("%d entries, %d forms dropped", lx.Len(), lx.Dropped())
	}
	long := Compile([]Entry{{Forms: []string{strings.Repeat("ab", 200)}}})
	if long.Dropped() != 1 {
		t.Error("a form of 400 bytes was taken")
	}
	many := make([]Entry, 1000)
	for i := range many {
		many[i] = Entry{Forms: []string{strings.Repeat(fmt.Sprintf("x%dy", i), 30)}}
	}
	if d := Compile(many).Dropped(); d == 0 || d == 1000 {
		t.Errorf("%d of a thousand forms of 200 bytes were dropped", d)
	}
	a, b := Compile([]Entry{{Class: Term, ID: "x"}, {Class: Product, ID: "x"}, {Class: Term, Brand: "b", ID: "x"}}), Compile(nil)
	if a.Word(0) == a.Word(1) || a.Word(0) == a.Word(2) || b.Len() != 0 {
		t.Error("entries of different class or brand are one word")
	}
}

func TestSimHashTellsNearFromFar(t *testing.T) {
	var r Reader
	sim := func(s string) uint64 { return r.Read(s, nil).SimHash }
	for _, p := range [][2]string{
		{"check out my channel for free gift cards today friends", "Check out my channel for free gift cards today friends!!!"},
		{"今すぐプロフィールのリンクから無料で登録してギフト券をもらおう皆さん", "今すぐプロフィールのリンクから無料で登録してギフト券をもらおう皆さん！"},
	} {
		if !SimilarHash(sim(p[0]), sim(p[1])) {
			t.Errorf("%q and %q are near", p[0], p[1])
		}
	}
	far := []string{
		"check out my channel for free gift cards", "does this ship to ireland by friday", "the finish on the lamp is so lovely",
		"敏感肌でも大丈夫か教えてください", "今日は最後にお知らせがあるそうです", "ขอดูใกล้ๆหน่อยค่ะแม่ค้า",
	}
	for i, a := range far {
		for _, b := range far[:i] {
			if SimilarHash(sim(a), sim(b)) {
				t.Errorf("%q and %q are far", a, b)
			}
		}
	}
	if sim("草") != 0 {
		t.Error("a short text has a likeness")
	}
}

func TestMajorityCountsBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hashes := rapid.SliceOfN(rapid.Uint64(), 0, gramsMax).Draw(t, "hashes")
		got := majority(hashes)
		for i := range 64 {
			n := 0
			for _, h := range hashes {
				n += int(h >> i & 1)
			}
			if got>>i&1 == 1 != (2*n > len(hashes)) {
				t.Fatalf("bit %d of %d hashes is set %d times, the majority has %b", i, len(hashes), n, got)
			}
		}
	})
}

func TestReadingAllocatesNothing(t *testing.T) {
	lx := lexiconOf(1000)
	var r Reader
	for _, s := range samples {
		r.Read(s, lx)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range samples[:len(samples)-2] { // the last two must be composed
			r.Read(s, lx)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range pieces {
		f.Add(s)
	}
	lx := lexiconOf(50)
	f.Fuzz(func(t *testing.T, s string) {
		var r Reader
		v := r.Read(s, lx)
		if len(v.Words) > WordsMax || len(v.Terms) > TermsMax || (v.Hash == 0) != (v.Runes == 0) || v.Hash != Hash(s) {
			t.Fatalf("%q reads as %+v", s, v)
		}
	})
}

var samples = []string{
	"このリップほんと好き、3本目です", "送料込みですか？", "草", "ＮＥＷカラーまってました〜！！！", "honestly this is better than the fancy ones",
	"does it ship to Ireland?", "ใช้มา 3 ชิ้นแล้ว ชอบสีที่สุด", "ราคาเท่าไหร่คะ", "udah beli 3 kali, warna cantik banget kak", "ｶﾞﾝﾊﾞﾚ😊✨",
	"cafe\u0301 crème brûlée",
}

func lexiconOf(n int) *Lexicon {
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = Entry{ID: fmt.Sprint(i), Forms: []string{fmt.Sprintf("term %d", i), fmt.Sprintf("商品%dの色", i), fmt.Sprintf("สี%d", i)}}
	}
	if n > 3 {
		entries[0].Forms, entries[1].Forms, entries[2].Forms = []string{"リップ"}, []string{"ship"}, []string{"warna"}
	}
	return Compile(entries)
}

func BenchmarkRead(b *testing.B) {
	texts := map[string]string{
		"ja 17": "このリップほんと好き3本目です", "ja 50": strings.Repeat("このリップほんと好きで毎日使ってます、", 3)[:150],
		"en 50": "honestly this lip is better than the fancy ones ok", "th 20": "ใช้มา 3 ชิ้นแล้ว ชอบสี",
		"half width": "ｶﾞﾝﾊﾞﾚ！ＮＥＷカラー", "草": "草草草",
	}
	for name, s := range texts {
		for _, terms := range []int{0, 500, 1000} {
			var lx *Lexicon
			if terms > 0 {
				lx = lexiconOf(terms)
			}
			b.Run(fmt.Sprintf("%s/%d terms", name, terms), func(b *testing.B) {
				var r Reader
				b.ReportAllocs()
				for b.Loop() {
					r.Read(s, lx)
				}
			})
		}
	}
}
