package text

// owning are phrases of somebody who has it, has bought it or uses it. [JUDG]
var owning = []string{
	// Japanese
	"買った", "買いました", "買ってよかった", "購入しました", "購入した", "使ってる", "使ってます", "使っています", "使ったら", "愛用", "リピ", "持ってる",
	"持ってます", "届いた", "届きました", "着てる", "着てます", "飲んでる", "本目", "個目", "枚目", "手放せない", "ポチった", "ポチりました",
	// English
	"i bought", "i've bought", "bought it", "bought this", "bought mine", "bought two", "i use", "i used", "i've used",
	"been using", "i own", "i have this", "i have it", "i have mine", "got mine", "got this", "mine arrived", "mine came",
	"love mine", "my second", "my third", "reordered", "i ordered", "ordered mine", "ordered it", "just ordered",
	// Thai
	"ซื้อแล้ว", "ซื้อมา", "ซื้อซ้ำ", "ใช้อยู่", "ใช้แล้ว", "ใช้มา", "มีแล้ว", "ได้ของแล้ว", "ได้รับแล้ว", "ใส่อยู่", "กดแล้ว",
	// Indonesian
	"udah beli", "sudah beli", "udah punya", "sudah punya", "aku pakai", "aku pake", "udah pakai", "sudah pakai",
	"pakai tiap hari", "beli lagi", "repeat order", "punya aku", "udah sampai", "sudah sampai", "udah order", "sudah order",
	// Chinese
	"买了", "買了", "买过", "買過", "用过", "用過", "在用", "回购", "回購", "收到了", "入手",
	// Korean
	"샀어", "샀습니다", "쓰고 있", "사용중", "사용 중", "써봤", "재구매", "받았어요", "구매했",
}
