package text_test

import (
	"fmt"
	"testing"

	"github.com/netsu/netsu/operators/text"
)

// comments are what BenchmarkRead reads, about 17 and 50 runes each.
var comments = map[string][2][]string{
	"ja": {
		{"このリップの色めっちゃ可愛い！！", "送料無料っていつまでですか？", "2本目リピしました〜発色最高", "ファンデ崩れないから愛用してるｗｗ"},
		{"このリップの色めっちゃ可愛いんだけど、ブルベ夏でも似合いますか？肌が白いから赤みが強いと浮きそうで心配です！",
			"前回買ったファンデが本当に崩れなくて毎日使ってます、今日は下地とセットで二個目をポチったので届くのが楽しみ〜"},
	},
	"en": {
		{"love this shade!!", "how much is it?", "Just bought mine", "is it waterproof"},
		{"I bought this last month and it's the best lip tint", "Does the foundation come in a lighter shade? My skin"},
	},
	"th": {
		{"ราคาเท่าไหร่คะแม่", "สีนี้น้ำหนักเบาไหม", "ซื้อแล้วชอบมากค่ะ", "ส่งฟรีไหมคะพี่"},
		{"ลิปสีนี้ติดทนไหมคะ น้ำหนักเบาหรือเปล่า ผิวแห้งใช้ได้ไหม",
			"ซื้อมาแล้วชอบมากค่ะ ใช้อยู่ทุกวันเลย สีสวยติดทนไม่ตกร่อง"},
	},
	"mixed": {
		{"SPF50のUVクリーム欲しい😍", "NEWカラーかわいいww🥺", "iPhoneで見てる〜👏👏", "ＣＯＤ bisa ga kak ready"},
		{"CICAシートマスク2箱セットで¥2,980なの安すぎw 🛒 https://example.com/x 送料も0円？",
			"このアイテムのNo.12ってwarm toneですか？色ち買いしたい😍😍😍 เท่าไหร่คะ love it so much"},
	},
}

// lexicon is n terms of shopping: Latin, kana, Han and Thai, some of which the comments name.
func lexicon(tb testing.TB, n int) *text.Lexicon {
	if n == 0 {
		return nil
	}
	some := []string{"リップ", "lip tint", "ファンデ", "下地", "spf50", "ลิป", "送料無料", "色", "シートマスク", "shade", "น้ำหนัก", "発色",
		"foundation", "cica", "uvクリーム", "クリーム"}
	parts := []string{"リ", "ファ", "色", "下", "肌", "クリ", "waterproof", "glow", "matte ", "ผิว", "สี", "美", "白", "ナチュ",
		"トーン", "อง"}
	var entries []text.Entry
	for i := range n {
		form := parts[i%16] + parts[i/16%16] + parts[(i*7+i/256)%16]
		if i < len(some) {
			form = some[i]
		}
		entries = append(entries, text.Entry{Class: text.Product, ID: fmt.Sprint(i), Brand: "B", Forms: []string{form}})
	}
	lx, err := text.Compile(entries)
	if err != nil {
		tb.Fatal(err)
	}
	return lx
}

func BenchmarkRead(b *testing.B) {
	for _, language := range []string{"ja", "en", "th", "mixed"} {
		for i, runes := range []int{17, 50} {
			for _, n := range []int{0, 500, 1000} {
				b.Run(fmt.Sprintf("%s/runes=%d/terms=%d", language, runes, n), func(b *testing.B) {
					lx, texts := lexicon(b, n), comments[language][i]
					var r text.Reader
					b.ReportAllocs()
					for k := 0; b.Loop(); k++ {
						r.Read(texts[k%len(texts)], lx)
					}
				})
			}
		}
	}
}

func BenchmarkHash(b *testing.B) {
	for _, language := range []string{"ja", "en", "th", "mixed"} {
		b.Run(language, func(b *testing.B) {
			texts := comments[language][0]
			b.ReportAllocs()
			for k := 0; b.Loop(); k++ {
				text.Hash(texts[k%len(texts)])
			}
		})
	}
}

// BenchmarkReadNFD reads what needs the normaliser.
func BenchmarkReadNFD(b *testing.B) {
	texts := []string{"カ\u3099イト\u3099フ\u3099ック欲しい〜かわいい", "ｶﾞｲﾄﾞﾌﾞｯｸ欲しい〜かわいい!"}
	lx := lexicon(b, 1000)
	var r text.Reader
	b.ReportAllocs()
	for k := 0; b.Loop(); k++ {
		r.Read(texts[k%len(texts)], lx)
	}
}

func BenchmarkCompile(b *testing.B) {
	entries := lexicon(b, 1000).Entries()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := text.Compile(entries); err != nil {
			b.Fatal(err)
		}
	}
}
