package text_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/text"
)

func simHash(s string) uint64 {
	var r text.Reader
	return r.Read(s, nil).SimHash
}

func TestSimilarTexts(t *testing.T) {
	for _, c := range [][2]string{
		{"今すぐこのリンクから限定クーポンをゲットしてね", "今すぐこのリンクから限定クーポンをゲットしてね！！4821"},
		{"今すぐこのリンクから限定クーポンをゲットしてね", "😍今すぐ このリンクから、限定クーポンをゲットしてね🔥🔥"},
		{"follow me for free coupons today", "Follow me, for FREE coupons today!!! 77"},
		{"follow me for free coupons today", "follow me for free coupons today 🎁🎁 #193"},
		{"ทักแชทรับส่วนลดพิเศษวันนี้เท่านั้น", "ทักแชทรับส่วนลดพิเศษวันนี้เท่านั้น!! 239 🎁"},
		{"加我微信领取优惠券每天限量一百份", "加我微信领取优惠券，每天限量一百份～88"},
	} {
		if a, b := simHash(c[0]), simHash(c[1]); !text.SimilarHash(a, b) {
			t.Errorf("%q and %q: %d bits apart", c[0], c[1], bits.OnesCount64(a^b))
		}
	}
	for _, c := range [][2]string{
		{"このリップの色めっちゃ可愛いですね", "この下地の崩れにくさが最高ですよね"},
		{"送料無料っていつまでやってますか", "送料無料になるのはいくらからですか"},
		{"how much is the red one please", "how much is the shipping please"},
		{"ราคาเท่าไหร่คะแม่ส่งฟรีไหม", "ราคาแพงไปหน่อยนะคะแม่ไม่เอา"},
		{"1234567890 ab", "8642097531 ab"},
	} {
		if a, b := simHash(c[0]), simHash(c[1]); text.SimilarHash(a, b) {
			t.Errorf("%q and %q: only %d bits apart", c[0], c[1], bits.OnesCount64(a^b))
		}
	}
	if text.SimilarHash(0, 15) || !text.SimilarHash(0, 7) {
		t.Error("not three bits")
	}
}

// TestSimHashOfGeneratedTexts wants decorated copies alike, and no two of 400 texts of the same 60 words so.
func TestSimHashOfGeneratedTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var words []string
	for range 60 {
		w := make([]rune, 2+random.IntN(4))
		for i := range w {
			w[i] = []rune("かきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもラリルレロ色肌艶白赤")[random.IntN(39)]
		}
		words = append(words, string(w))
	}
	var hashes []uint64
	for range 400 {
		var parts []string
		for range 5 + random.IntN(8) {
			parts = append(parts, words[random.IntN(len(words))])
		}
		s := strings.Join(parts, "")
		h := simHash(s)
		if d := simHash(fmt.Sprintf("%s %d%c", s, random.IntN(1e6), 0x1f600+random.IntN(60))); d != h {
			t.Errorf("%q: decorated, %d bits apart", s, bits.OnesCount64(h^d))
		}
		hashes = append(hashes, h)
	}
	sum, least := 0, 64
	for i, a := range hashes {
		for _, b := range hashes[:i] {
			d := bits.OnesCount64(a ^ b)
			sum, least = sum+d, min(least, d)
		}
	}
	mean := float64(sum) / float64(len(hashes)*(len(hashes)-1)/2)
	if mean < 26 || least <= 3 {
		t.Errorf("unrelated texts are %.1f bits apart, the nearest two %d; want 26 or more, more than 3", mean, least)
	}
	t.Logf("mean %.1f, least %d", mean, least)
}

// TestLongTextsOneRuneApart shows what an edit of one rune costs, at the lengths where SimHash can tell it.
func TestLongTextsOneRuneApart(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{20, 50, 100, 200, 400} {
		near, sum := 0, 0
		for range 300 {
			s := make([]rune, n)
			for i := range s {
				s[i] = rune(0x3042 + random.IntN(70))
			}
			a := simHash(string(s))
			s[random.IntN(n)] = '色'
			b := simHash(string(s))
			sum += bits.OnesCount64(a ^ b)
			if text.SimilarHash(a, b) {
				near++
			}
		}
		t.Logf("%d runes: %.1f bits, %d%% alike", n, float64(sum)/300, near/3)
		if n == 400 && near < 200 {
			t.Errorf("%d of 300 texts of %d runes alike", near, n)
		}
	}
}
