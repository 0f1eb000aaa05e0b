package alignment

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A packed text is where the text is, but for what packing rounds off; whatever its length.
func TestAPointIsNearItsText(t *testing.T) {
	for _, text := range []string{
		"ab", "これはコメントです", newSpeaker(3).say(), strings.Repeat("とても長い、", 20), strings.Join(newSpeaker(4).words, " "), "สวัสดี",
	} {
		var exact, packed Texts
		exact.Add(text, alike)
		p := Point(alike.Pack([]rune(text), nil))
		if !p.Valid() {
			t.Errorf("%.12q: %x", text, p)
			continue
		}
		packed.Take(p)
		a, b := exact.Mean(), packed.Mean()
		if c := cosine(&a, &b); c < .999 || !near(b.dot(&b), 1, 1e-4) || packed.N != 1 {
			t.Errorf("%.12q: cosine %v, length² %v, %d texts", text, c, b.dot(&b), packed.N)
		}
	}
	if p := alike.Pack([]rune("草"), nil); p != nil {
		t.Errorf("a text of one rune is at %x", p)
	}
}

// A point is a function of its text alone, whatever lies before it, and is not longer than a dimension's byte each.
func TestPointsArePackedOneBehindTheOther(t *testing.T) {
	dense := 0
	rapid.Check(t, func(t *rapid.T) {
		var all []byte
		for _, s := range rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringN(100, 300, -1)), 1, 4).Draw(t, "texts") {
			from := len(all)
			all = alike.Pack([]rune(s), all)
			p := Point(all[from:])
			if len(p) > 0 && !p.Valid() || !slices.Equal(p, alike.Pack([]rune(s), nil)) {
				t.Fatalf("%q: %x", s, p)
			}
			if len(p) == Dimensions {
				dense++
			}
		}
	})
	if dense == 0 {
		t.Error("no text was long")
	}
}

func TestWhatNoTextIsPackedAsIsNotValid(t *testing.T) {
	for _, p := range []Point{{}, {1}, {1, 0}, {2, 1, 1, 1}, {1, 1, 1, 1}, make(Point, 256), make(Point, 258)} {
		if p.Valid() {
			t.Errorf("%x is valid", p)
		}
	}
}

func BenchmarkPack20(b *testing.B) {
	text := []rune("これは20文字くらいのコメントです、ね。")
	var p []byte
	b.ReportAllocs()
	for b.Loop() {
		p = alike.Pack(text, p[:0])
	}
	b.ReportMetric(float64(len(p)), "bytes")
	b.ReportMetric(float64(len(text)), "runes")
}

func BenchmarkTake20(b *testing.B) {
	p := Point(alike.Pack([]rune("これは20文字くらいのコメントです、ね。"), nil))
	var t Texts
	b.ReportAllocs()
	for b.Loop() {
		t.Take(p)
	}
}
