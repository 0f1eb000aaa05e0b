package text

// asking are phrases that ask, wherever they stand: half of the questions in a chat have no question mark. [JUDG]
var asking = []string{
	// Japanese
	"ですか", "ますか", "ませんか", "でしょうか", "だろうか", "ないですか", "いくら", "いつから", "いつまで", "いつ届", "いつ発売", "どうやって",
	"どうですか", "どこで", "どれが", "どっちが", "なんで", "何色", "何円", "何時", "教えて", "おしえて", "何が違", "違いは", "まだあります",
	// English
	"how much", "how many", "how long", "how big", "how heavy", "how do", "how does", "how is", "how are", "how can",
	"what is", "what are", "what's", "what size", "what color", "what colour", "which one", "which color", "when is",
	"when will", "when does", "where is", "where can", "where do", "is there", "is it", "is this", "is that", "are there",
	"are these", "are they", "does it", "does this", "does anyone", "do you", "do they", "do we", "can you", "can i",
	"can we", "could you", "will it", "will there", "will you", "would it", "has anyone", "have you", "any chance",
	"anyone know", "anyone tried",
	// Thai
	"ไหม", "มั้ย", "มั๊ย", "หรือเปล่า", "รึเปล่า", "หรือยัง", "เท่าไหร่", "เท่าไร", "ยังไง", "อย่างไร", "กี่", "ที่ไหน", "เมื่อไหร่", "เมื่อไร",
	"อะไร", "ไหนคะ", "ไหนครับ", "ทำไม",
	// Indonesian
	"berapa", "apakah", "gimana", "bagaimana", "kapan", "dimana", "di mana", "kenapa", "mengapa", "apa aja", "apa saja",
	"apa bedanya", "bedanya apa", "gak ya", "ga ya", "nggak ya", "bisa ga", "bisa gak", "bisa nggak", "ada ga", "ada gak",
	// Chinese
	"吗", "嗎", "什么", "什麼", "怎么", "怎麼", "多少", "哪里", "哪裡", "哪个", "哪個", "几号", "有没有", "有沒有", "是不是", "能不能",
	// Korean
	"나요", "까요", "인가요", "어디", "얼마", "언제", "무엇", "뭐예요", "뭔가요", "어떻게",
}

// askingAtEnd are those that ask only where nothing but marks follows.
var askingAtEnd = []string{"かな", "るか", "のか", "たっけ", "だっけ", "ですよね", "呢"}
