package sim

import (
	"slices"
	"strings"
)

// bank is what people say in one language. {p} becomes a name of the product on air, {n} a small number, {f} something that
// its brand wants told.
type bank struct {
	greet, praise, ask, laugh, hype, answer, raid, story []string // the room
	host, pin, tell, reply                               []string // the ESOL
	call                                                 []called
	spam                                                 []string // bots
	tails                                                []string // put after a line now and then
	thing                                                string   // {p} and {f} where there is none
}

// speak draws a line and fills it in.
func (sh *show) speak(lines []string) string {
	s := lines[sh.rng.IntN(len(lines))]
	n := sh.rng.IntN(8)
	if strings.Contains(s, "{") {
		s = strings.NewReplacer("{p}", sh.productWord(), "{n}", string(rune('2'+n)), "{f}", sh.tale()).Replace(s)
	}
	if sh.rng.Float64() < .45 {
		s += sh.bank.tails[sh.rng.IntN(len(sh.bank.tails))]
	}
	return s
}

// tale is a fact or a story beat of the brand whose product is on air.
func (sh *show) tale() string {
	p := sh.pinned
	if p == nil && len(sh.products) > 0 {
		p = sh.products[0]
	}
	for _, b := range sh.sim.cfg.Cast.Brands {
		if p != nil && b.ID == p.BrandID && len(b.Facts)+len(b.Beats) > 0 {
			all := slices.Concat(b.Facts, b.Beats)
			t := all[sh.rng.IntN(len(all))]
			if len(t.Forms) > 0 {
				return t.Forms[sh.rng.IntN(len(t.Forms))]
			}
			return t.ID
		}
	}
	return sh.bank.thing
}

func (sh *show) productWord() string {
	p := sh.pinned
	switch {
	case p == nil && len(sh.products) > 0:
		p = sh.products[sh.rng.IntN(len(sh.products))]
	case p == nil:
		return sh.bank.thing
	}
	words := append([]string{p.Name}, p.Words...)
	return words[sh.rng.IntN(len(words))]
}

var banks = map[string]*bank{
	"ja": {
		greet: []string{"こんばんは〜", "きたよ！", "間に合った", "今日も楽しみにしてた",
			"はじめまして、初見です", "ただいま〜", "仕事終わりに見てます", "画質きれい", "音ちょうどいいです",
			"大阪から見てます", "夕飯食べながら見てる", "{n}日ぶりに来れた"},
		praise: []string{"{p}ほんと好き", "{p}の色きれい", "{p}もう{n}本目です", "{p}使ったら肌が変わった",
			"{p}いい香りだよね", "{p}お母さんにも買った", "{p}かわいすぎる", "{p}は間違いない",
			"うちの{p}もう手放せない", "{p}コスパ最強", "質感がやばい、{p}"},
		ask: []string{"{p}は敏感肌でも大丈夫？", "{p}のサイズ感どうですか", "{p}いつ届きますか",
			"{p}とほかの違いは？", "{p}まだ在庫ありますか", "{p}送料込みですか", "{p}ギフト包装できますか",
			"{p}は何回くらい使えますか", "{p}の色違いある？", "{p}って返品できますか"},
		laugh: []string{"草", "www", "笑った", "それはずるい", "お腹いたい", "あはは", "その顔すき",
			"ツボった", "wwwww", "まってw"},
		hype: []string{"きたー！", "まってました", "最高！", "熱い！", "盛り上がってきた", "買うしかない",
			"ポチった！", "8888", "すごい勢い", "いけー！", "売り切れる前に急げ", "この瞬間を待ってた"},
		answer: []string{"わかる〜", "それな", "ほんとそれ", "私も！", "同じこと思った", "たしかに",
			"なるほど", "教えてくれてありがとう", "えっ知らなかった", "いいこと聞いた"},
		raid: []string{"おとなりから来ました！", "みんなで遊びにきたよ", "となりの部屋からこんばんは"},
		host: []string{"みんな来てくれてありがとう！", "質問あったらどんどん書いてね",
			"この手触り、伝わるかな", "私も毎日使ってます", "工場まで見に行ってきたんです",
			"今日は最後にお知らせがあります", "初見さんもゆっくりしていってね"},
		call: []called{{"ハートをいっぱいください！", "like", ""}, {"いまカートに入れてね、せーの！", "add_to_cart", ""},
			{"欲しい人はコメントに「ほしい」って書いて！", "comment", "ほしい"}},
		pin:   []string{"次はこちら、{p}です", "お待たせしました、{p}！", "{p}、近くで見てみましょう"},
		story: []string{"{f}なのうれしい", "{f}って知らなかった", "{f}に惹かれた", "やっぱり{f}だよね", "{f}、友だちにも教える"},
		tell:  []string{"これ、{f}なんです", "{f}、ここがいちばん伝えたくて", "{p}は{f}だから毎日使えます"},
		reply: []string{"{p}は大丈夫ですよ", "{p}は明日発送です", "いい質問！{p}を近くで見せますね"},
		spam:  []string{"今すぐプロフィールのリンクから無料で登録してギフト券をもらおう"},
		tails: []string{"！", "〜", "😊", "✨", "🔥", "💕", "笑", "…", "👏", "🙌"},
		thing: "これ",
	},
	"en": {
		greet: []string{"hi everyone", "made it just in time", "hello from Leeds", "first time here",
			"good evening all", "back again", "watching on my lunch break", "the picture looks great today",
			"sound is perfect", "hey hey", "been waiting since {n}"},
		praise: []string{"{p} is a keeper", "love the finish on {p}", "bought {p} last month, no regrets",
			"{p} saved my mornings", "my sister stole my {p}", "{p} is worth every penny",
			"that colour on {p} though", "{p} again please", "on my {n}th {p} already",
			"honestly {p} is better than the fancy ones"},
		ask: []string{"does {p} ship to Ireland?", "how long does {p} last?", "is {p} still in stock?",
			"what size is {p}?", "can you show {p} up close?", "is there a warranty on {p}?",
			"{p} or the older one?", "does {p} come in blue?", "is {p} ok for sensitive skin?",
			"how heavy is {p}?"},
		laugh: []string{"haha", "lol", "I can't", "that face", "hahaha stop", "crying", "you got me there",
			"lmao", "brilliant"},
		hype: []string{"let's go", "take my money", "here we go", "ordered!", "this is the one", "so hyped",
			"in my cart", "yesss", "finally", "don't sleep on this", "hearts hearts hearts"},
		answer: []string{"same here", "so true", "agreed", "thanks for the tip", "me too", "good question",
			"I wondered that too", "oh nice", "didn't know that", "exactly this"},
		raid: []string{"hello from next door!", "the whole crew is here", "we came over to say hi"},
		host: []string{"thank you all for being here", "keep the questions coming",
			"let me turn it so you can see", "I use this one at home every day", "welcome if you are new",
			"there is a surprise at the end", "look at that stitching"},
		call: []called{{"tap those hearts for me!", "like", ""}, {"put it in your cart now, three two one!", "add_to_cart", ""},
			{"type MINE if you want it!", "comment", "mine"}},
		pin:   []string{"next up: {p}", "you asked for it, here is {p}", "let's look at {p} together"},
		story: []string{"{f}, that sold me", "wait, {f}?! nice", "the {f} bit is why I came", "love that it has {f}"},
		tell:  []string{"remember, it comes with {f}", "{f} is what they are proud of", "{p} has {f}, that is the whole idea"},
		reply: []string{"yes, {p} works for that", "{p} ships tomorrow", "good question, let me show {p} up close"},
		spam:  []string{"free gift cards for everyone, follow the link in my profile and register today"},
		tails: []string{"!", "!!", " 😊", " 🔥", " 💕", " ✨", "...", " 👏", " 😂", " please"},
		thing: "that one",
	},
	"th": {
		greet: []string{"สวัสดีค่ะ", "สวัสดีครับ", "มาแล้วจ้า", "ทันพอดีเลย", "ดูจากเชียงใหม่นะคะ",
			"เพิ่งเข้ามาครั้งแรก",
			"คิดถึงไลฟ์มาก", "ภาพชัดมากวันนี้", "เสียงดีค่ะ", "มารอตั้งแต่ {n} โมง"},
		praise: []string{"{p} ดีมากจริง", "{p} สวยมาก", "ใช้ {p} มา {n} ชิ้นแล้ว", "ชอบสี {p} ที่สุด", "{p} คุ้มมาก",
			"แม่ก็ชอบ {p}", "{p} หอมมาก", "{p} ของมันต้องมี", "ซื้อ {p} ซ้ำอีกแล้ว", "ผ้าดีมาก {p}"},
		ask: []string{"{p} ราคาเท่าไหร่คะ", "{p} ยังมีของไหม", "{p} ส่งกี่วันคะ", "{p} มีกี่สี", "ขอดู {p} ใกล้ๆ หน่อย",
			"{p} ไซซ์ไหนพอดี", "{p} เก็บปลายทางได้ไหม", "{p} ซักเครื่องได้ไหมคะ", "{p} มีแถมไหม"},
		laugh: []string{"ขำมาก", "ฮาสุดๆ", "น่ารักอะ", "แม่ค้าตลก", "หัวเราะไม่หยุด", "555", "55555", "โอ๊ยขำ"},
		hype: []string{"จัดไป", "เอาด้วย", "รีบกดเลย", "เอฟแล้วจ้า", "ปังมาก", "มาแล้วของดี", "ใจเต้นเลย", "กดทันแล้ว",
			"ไฟลุก"},
		answer: []string{"จริงค่ะ", "เหมือนกันเลย", "เห็นด้วย", "ขอบคุณค่ะ", "อยากรู้เหมือนกัน", "ใช่เลย", "เพิ่งรู้",
			"ดีจัง"},
		raid: []string{"มาจากห้องข้างๆ ค่ะ", "ยกห้องมาเลย", "แวะมาทักทาย"},
		host: []string{"ขอบคุณที่มากันนะคะ", "ถามได้เลยไม่ต้องเกรงใจ", "ดูเนื้อผ้าใกล้ๆ นะ", "ใช้เองทุกวันเลยค่ะ",
			"คนใหม่นั่งก่อนนะคะ", "ท้ายไลฟ์มีเซอร์ไพรส์"},
		call: []called{{"กดหัวใจให้หน่อยค่ะ", "like", ""}, {"ใส่ตะกร้าเลย หนึ่งสองสาม", "add_to_cart", ""},
			{"ใครอยากได้พิมพ์ เอา", "comment", "เอา"}},
		pin:   []string{"ต่อไป {p} ค่ะ", "มาแล้ว {p} ที่รอคอย", "ดู {p} ชัดๆ กันค่ะ"},
		story: []string{"ชอบที่ {f}", "{f} ดีใจจัง", "เพิ่งรู้ว่า {f}"},
		tell:  []string{"ตัวนี้ {f} นะคะ", "อยากเล่าว่า {f}", "{p} {f} ค่ะ"},
		reply: []string{"{p} ได้ค่ะ", "{p} ส่งพรุ่งนี้ค่ะ", "เดี๋ยวโชว์ {p} ใกล้ๆ นะคะ"},
		spam:  []string{"แจกบัตรของขวัญฟรี กดลิงก์ในโปรไฟล์แล้วสมัครวันนี้เลย"},
		tails: []string{" 😊", " 🔥", " 💕", " ✨", "!", " ค่า", " จ้า", " 🙏", " 👏"},
		thing: "ตัวนี้",
	},
	"id": {
		greet: []string{"halo semua", "malam kak", "baru gabung nih", "akhirnya live juga",
			"hadir dari Bandung", "pertama kali nonton", "sambil makan malam", "gambarnya jernih banget",
			"suaranya pas kak", "nunggu dari jam {n}"},
		praise: []string{"{p} bagus banget", "udah beli {p} {n} kali", "warna {p} cantik", "{p} wajib punya",
			"ibu aku suka {p}", "{p} wanginya enak", "{p} nggak nyesel beli", "bahan {p} adem",
			"{p} murah tapi oke", "pakai {p} tiap hari"},
		ask: []string{"{p} masih ada kak?", "{p} ukurannya apa aja?", "ongkir {p} ke Medan berapa?",
			"{p} bisa bayar di tempat?", "boleh lihat {p} lebih dekat?", "{p} ada warna lain?",
			"{p} tahan berapa lama?", "{p} aman buat kulit sensitif?", "bedanya {p} sama yang lama apa?"},
		laugh: []string{"wkwk", "wkwkwk", "ngakak", "lucu banget", "haha", "kakaknya kocak", "sakit perut",
			"bisa aja kak"},
		hype: []string{"gas!", "langsung checkout", "ikutan", "keranjang siap", "cepetan sebelum habis",
			"mantap", "ini dia", "sudah bayar kak", "seru banget", "love love love"},
		answer: []string{"sama kak", "bener banget", "setuju", "makasih infonya", "aku juga",
			"pengen tahu juga", "oh gitu", "baru tahu", "nah itu"},
		raid: []string{"halo dari toko sebelah", "rombongan datang", "mampir bareng teman-teman"},
		host: []string{"makasih sudah datang semua", "tanya aja jangan malu", "lihat jahitannya rapi kan",
			"aku pakai sendiri di rumah", "yang baru gabung selamat datang", "nanti di akhir ada kejutan"},
		call: []called{{"tap layarnya ya kak", "like", ""}, {"masukin keranjang sekarang, satu dua tiga", "add_to_cart", ""},
			{"yang mau ketik MAU", "comment", "mau"}},
		pin:   []string{"selanjutnya {p}", "ini yang ditunggu, {p}", "kita lihat {p} lebih dekat ya"},
		story: []string{"suka banget {f}", "{f} ternyata, baru tahu", "gara-gara {f} jadi mau"},
		tell:  []string{"ini {f} lho kak", "mau cerita, {f}", "{p} {f} makanya awet"},
		reply: []string{"{p} bisa kak", "{p} dikirim besok ya", "aku lihatin {p} lebih dekat"},
		spam:  []string{"kartu hadiah gratis untuk semua, klik tautan di profil dan daftar hari ini"},
		tails: []string{" kak", "!", " 😊", " 🔥", " 💕", " ✨", " dong", " 👏", " 😂"},
		thing: "yang ini",
	},
}
