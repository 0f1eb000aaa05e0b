package text_test

import (
	"testing"

	"github.com/netsu/netsu/operators/text"
)

func TestQuestion(t *testing.T) {
	for language, c := range map[string]struct{ yes, no []string }{
		"ja": {
			[]string{"これいくらですか", "送料無料っていつまで？", "ブルベでも似合いますかー", "在庫ありますかｗｗ", "イエベにも合うかな", "どっちがおすすめ", "何色あるの",
				"サイズ教えてください",
				"敏感肌でも大丈夫でしょうか🥺", "いつ届きますか 楽しみ", "お値段は？？", "赤みありますかね", "何mlですか", "アレルギーの人でも使えるか", "限定なんでしたっけ",
				"そうか、いくらだろ"},
			[]string{"このリップ可愛い", "そうか", "本当に無くなったのか", "いいけどこれ高い", "今度こんどこそ買う",
				"そんなに", "あいつ", "ポスターかな", "そうかー", "買おうかな", "なるほど", "なめらかで良かった", "やわらか", "いくらでも買う", "どっちも欲しい", "どれも可愛い",
				"まじか", "さわやか！",
				"使うしか", "教えてくれてありがとう", "かわいいとか", "ポチった", "8888", "どこでも買える", "買うか", "多少高くても買う"},
		},
		"en": {
			[]string{"how much is it", "What size is this", "does it come in black", "is there a discount code",
				"hi! do you ship to japan", "ok so where can i buy", "price?",
				"anyone know the shade", "which one is better", "hello how much", "can i use it daily",
				"😍 is it waterproof", "what's the name"},
			[]string{"love it", "what a beautiful color", "how cute", "HOW PRETTY!!", "i know how to use it",
				"wow this is it", "that is how they do it", "show me more", "bought it because it works",
				"no matter how much it costs i want it", "https://example.com/?q=1 see this", "i can", "somehow nice"},
		},
		"th": {
			[]string{"ราคาเท่าไหร่คะ", "มีสีอื่นไหมคะ", "ส่งฟรีมั้ย", "ใช้ยังไงคะ", "กี่บาทคะ", "มีของหรือยัง",
				"แพ้ง่ายใช้ได้หรือเปล่า", "ซื้อได้ที่ไหน", "ส่งวันไหน", "จริงหรอ"},
			[]string{"สวยมากค่ะ", "ผ้าไหมสวยมาก", "ไหม้แล้ว", "ซื้อแล้วชอบมาก", "อะไรก็ดี", "เท่าไหร่ก็ซื้อ",
				"น้ำหนักเบา", "555", "ไม่เป็นอะไร"},
		},
		"id": {
			[]string{"berapa harganya kak", "apakah bisa cod", "bisa cod kak?", "ada warna lain?",
				"ada warna lain ga", "bisa cod gak kak", "gimana cara ordernya", "kapan restock", "masih ready ga",
				"ini apa kak", "boleh retur nggak", "ready ga min", "ada ga yang merah"},
			[]string{"bagus banget", "ada di rumah", "aku suka", "ga papa", "ga ada", "beberapa warna bagus",
				"berapapun aku beli", "udah beli kemarin", "bisa cod mantap", "udah bisa tapi ga mau",
				"gak apa apa", "apalagi yang merah"},
		},
		"zh": {
			[]string{"多少钱", "有货吗", "怎么买", "这是什么颜色", "敏感肌能不能用", "還有貨嗎", "几号发货", "哪款好用", "油皮可以用吗宝宝？", "主播身高多少", "链接呢"},
			[]string{"好漂亮", "买了", "没什么", "什么都好", "怎么这么好看", "这么便宜", "喜欢", "666", "还没有", "好看着呢"},
		},
		"ko": {
			[]string{"얼마예요", "배송 언제 되나요", "이거 있나요", "민감성 피부도 괜찮을까요ㅠㅠ", "어떻게 사요", "몇 호가 좋아요", "세일 합니까", "이거 뭐예요",
				"재고 있어요?", "어디서 사요"},
			[]string{"예뻐요", "또 만나요", "샀어요", "너무 좋아요", "ㅋㅋㅋㅋ", "빛나요", "하니까 좋네요", "얼마나 좋은지 몰라", "진짜 대박"},
		},
	} {
		t.Run(language, func(t *testing.T) {
			var r text.Reader
			for _, s := range c.yes {
				if !r.Read(s, nil).Question {
					t.Errorf("%q asks", s)
				}
			}
			for _, s := range c.no {
				if r.Read(s, nil).Question {
					t.Errorf("%q asks nothing", s)
				}
			}
		})
	}
}

func TestOwnUse(t *testing.T) {
	for language, c := range map[string]struct{ yes, no []string }{
		"ja": {
			[]string{"前に買った！", "毎日使ってる", "使ってます〜", "2本目リピしました", "三個目です", "愛用してる", "ポチった", "昨日届いた", "ｶﾞｲﾄﾞ持ってます",
				"これ使ってるけど色落ちしますか？",
				"買ったけど良かった", "買った人いる？私は買った"},
			[]string{"買いたい", "買ったらポイントつく？", "買った人いる？", "使ったことない", "何使ってるんですか", "買うか迷う", "楽しかった！", "欲しい", "買った方がいい？",
				"届いたら教えて", "かわいかった"},
		},
		"en": {
			[]string{"I bought this", "i've been using it for a year", "my second bottle", "just bought mine",
				"I USE it daily", "mine arrived today", "i already have the red one", "repurchased twice",
				"I’ve bought two"},
			[]string{"i want it", "can i use it daily?", "should i buy", "anyone bought this?", "i used to",
				"if i bought it", "it is of use", "thinking of buying", "my second favorite color"},
		},
		"th": {
			[]string{"ซื้อแล้วค่ะ", "ใช้อยู่ค่ะดีมาก", "เคยใช้แล้วชอบ", "มีแล้วค่ะ", "สั่งแล้วนะคะ", "กดแล้ว"},
			[]string{"อยากซื้อ", "ไม่เคยใช้", "ใครเคยใช้บ้าง", "ยังไม่เคยซื้อ", "ซื้อที่ไหน", "สวยมาก"},
		},
		"id": {
			[]string{"udah beli kak", "aku pakai ini tiap hari", "sudah punya", "udah co ya", "repeat order terus",
				"pesananku udah sampai"},
			[]string{"mau beli", "belum beli", "yang udah beli gimana", "cara pakai", "pengen punya", "bagus"},
		},
		"zh": {
			[]string{"已拍", "我买了", "用过很好用", "回购了三次", "第二瓶了", "昨天收到了", "我在用"},
			[]string{"想买", "有人用过吗", "没用过", "想买了", "可以买了", "够用了", "不用了", "好看"},
		},
		"ko": {
			[]string{"샀어요", "저 쓰고 있어요", "재구매했어요", "이미 구매했어요", "어제 받았어요"},
			[]string{"사고 싶어요", "안 샀어요", "예뻐요", "쓰고 있는 거 뭐예요", "살까요"},
		},
	} {
		t.Run(language, func(t *testing.T) {
			var r text.Reader
			for _, s := range c.yes {
				if !r.Read(s, nil).OwnUse {
					t.Errorf("%q has it", s)
				}
			}
			for _, s := range c.no {
				if r.Read(s, nil).OwnUse {
					t.Errorf("%q does not say that its speaker has it", s)
				}
			}
		})
	}
}
