package sim

import (
	"time"

	"github.com/netsu/netsu/stream/source"
)

// DemoHistory is how much has already happened when a demo begins.
const DemoHistory = 12 * time.Minute

// Demo is the demo's cast: nine shows of eight ESOLs in four languages and currencies, each with its own temper. It
// begins DemoHistory before now and never ends; acts repeat. About a hundred events a second in all. People, brands and
// products are invented.
func Demo(seed uint64, now time.Time) Config {
	start := now.Add(-DemoHistory).Truncate(time.Second)
	return Config{Seed: seed, Start: start, Cast: demoCast(start), Shows: demoShows(),
		Wire: Wire{Disorder: 900 * time.Millisecond, DuplicateRate: .004, LateRate: .0004, BadRate: .0006}}
}

func demoShows() []Spec {
	const m, s = time.Minute, time.Second
	pin := func(at time.Duration) Act { return Act{Kind: Pin, At: at} }
	call := func(at time.Duration, by float64) Act { return Act{Kind: Call, At: at, Size: by} }
	raid := func(at time.Duration, people float64) Act { return Act{Kind: Raid, At: at, Size: people} }
	hot := func(at, last time.Duration, by float64) Act { return Act{Kind: Hot, At: at, For: last, Size: by} }
	quiet := func(at, last time.Duration) Act { return Act{Kind: Quiet, At: at, For: last} }
	return []Spec{
		{ID: "hana-evening", Title: "はなの夜ふかしコスメ", EsolID: "hana", Platform: "youtube", Lang: "ja",
			Currency: "JPY", Campaigns: []string{"dew-spring"},
			Products: []string{"dew-serum", "dew-balm", "dew-mist"},
			People:   900, Rate: 16, Branching: .45, Every: 11 * m,
			Acts: []Act{pin(40 * s), call(110*s, 5), hot(3*m, 90*s, 2.2), pin(5 * m), call(380*s, 5),
				raid(8*m, 120), pin(9 * m), {Kind: Copies, At: 570 * s, For: 80 * s, Size: 40}}},
		{ID: "ren-kitchen", Title: "蓮の台所から生中継", EsolID: "ren", Platform: "tiktok", Lang: "ja",
			Currency: "JPY", Campaigns: []string{"kumo-launch"},
			Products: []string{"kumo-pan", "kumo-knife", "kumo-towel"},
			People:   400, Rate: 9, Branching: .3, Every: 9 * m, ByVersion: true,
			Acts: []Act{pin(30 * s), call(2*m, 5), pin(4 * m), quiet(6*m, 100*s), call(8*m, 5)}},
		{ID: "mika-desk", Title: "Mika's Desk Setup Night", EsolID: "mika", Platform: "youtube", Lang: "en",
			Currency: "USD", Campaigns: []string{"north-fall"},
			Products: []string{"north-buds", "north-lamp", "north-stand"},
			People:   700, Rate: 11, Branching: .4, Every: 10 * m, EpochTimes: true,
			Acts: []Act{pin(50 * s), hot(3*m, 2*m, 2.5), call(4*m, 5), pin(6 * m), call(7*m, 5)}},
		{ID: "ploy-silk", Title: "ไลฟ์ผ้าสวยกับพลอย", EsolID: "ploy", Platform: "facebook", Lang: "th",
			Currency: "THB", Campaigns: []string{"silk-gold"},
			Products: []string{"silk-scarf", "silk-dress", "silk-bag"},
			People:   600, Rate: 12, Branching: .5, Every: 8 * m, ByVersion: true,
			Acts: []Act{pin(20 * s), call(80*s, 7), pin(3 * m), call(4*m, 7), raid(5*m, 80), pin(6 * m)}},
		{ID: "sari-batik", Title: "Sari: Batik & Kopi Malam", EsolID: "sari", Platform: "tiktok", Lang: "id",
			Currency: "IDR", Campaigns: []string{"rasa-home"},
			Products: []string{"rasa-batik", "rasa-coffee", "rasa-balm"},
			People:   800, Rate: 12, Branching: .4, Every: 9 * m,
			Acts: []Act{pin(30 * s), call(100*s, 5), hot(4*m, m, 2), pin(5 * m), call(7*m, 5)}},
		{ID: "yuna-small-room", Title: "ユナの小さな茶室", EsolID: "yuna", Platform: "youtube", Lang: "ja",
			Currency: "JPY", Products: []string{"dew-mist", "kumo-towel"},
			People: 14, Rate: 2.2, Branching: .3, Every: 7 * m, EpochTimes: true,
			Acts: []Act{pin(1 * m), call(3*m, 5), pin(5 * m)}},
		{ID: "hana-archive", Title: "はなの作業部屋（静かめ）", EsolID: "hana", Platform: "twitch", Lang: "ja",
			Currency: "JPY", Campaigns: []string{"dew-spring"},
			Products: []string{"dew-balm"},
			People:   60, Rate: .8, Branching: .1, Every: 12 * m,
			Acts: []Act{quiet(2*m, 4*m), pin(7 * m)}},
		// Many people and little heat: more comments than the tea room, a fraction of its temperature.
		{ID: "kai-warehouse", Title: "Kai's Warehouse Clearance", EsolID: "kai", Platform: "tiktok", Lang: "en",
			Currency: "USD", Campaigns: []string{"north-fall"}, Products: []string{"north-lamp", "north-stand"},
			People: 4000, Rate: 5, Branching: .15, Every: 10 * m,
			Acts: []Act{pin(1 * m), call(3*m, 2), pin(6 * m)}},
		// Too few to say anything of.
		{ID: "noa-first-show", Title: "のあのはじめての配信", EsolID: "noa", Platform: "youtube", Lang: "ja",
			Currency: "JPY", Products: []string{"dew-mist"}, People: 2, Rate: .12, Every: 10 * m, Acts: []Act{pin(2 * m)}},
	}
}

// baseOwnedPPM is how many own one thing of a category anyway; of the others the demo's catalog does not know.
var baseOwnedPPM = map[string]int64{"skincare": 8_000, "kitchen": 5_000, "audio": 12_000, "fashion": 3_000, "food": 10_000}

func demoCast(start time.Time) Cast {
	from, to := start.Add(-7*24*time.Hour).UnixMilli(), start.Add(60*24*time.Hour).UnixMilli()
	product := func(id, name, brand, category, currency string, price int64, words ...string) Product {
		return Product{Product: source.Product{ID: id, Name: name, BrandID: brand, Category: category, Aliases: words,
			ReturnRatePPM: 40_000, BaseOwnedPPM: baseOwnedPPM[category]}, Currency: currency, PriceMinor: price, Words: words}
	}
	campaign := func(id, name, brand, currency, spend, commitment string, esols ...string) source.Campaign {
		return source.Campaign{ID: id, Name: name, BrandID: brand, EsolIDs: esols, StartMS: from, EndMS: to,
			Currency: currency,
			Spend:    spend, GMVCommitment: commitment, MarginPPM: 450_000, CommissionPPM: 120_000,
			AttributionWindowMS: (7 * 24 * time.Hour).Milliseconds()}
	}
	day := (24 * time.Hour).Milliseconds()
	cast := Cast{
		Brands: []source.Brand{
			{ID: "asadew", Name: "朝露ラボ Asadew", Lexicon: []source.Term{{ID: "dew", Forms: []string{"朝露", "しずく"}},
				{ID: "moist", Forms: []string{"うるおい", "ぷるぷる", "しっとり"}}, {ID: "serum", Forms: []string{"美容液"}}},
				Facts: []source.Term{{ID: "no-scent", Forms: []string{"無香料"}, ContradictedBy: []string{"香りつき"}},
					{ID: "made-in-japan", Forms: []string{"国内製造", "日本製"}}, {ID: "refill", Forms: []string{"詰め替えあり"}}},
				Beats:    []source.Term{{ID: "first-drop", Forms: []string{"朝の一滴"}}, {ID: "grandmother", Forms: []string{"祖母の化粧台"}}},
				Negative: source.Terms("かゆい", "べたつく"), ReturnWindowMS: 14 * day},
			{ID: "kumo", Name: "雲と台所 Kumo Kitchen", Lexicon: source.Terms("鉄フライパン", "包丁", "今治"),
				Facts: []source.Term{{ID: "by-hand", Forms: []string{"職人の手仕上げ"}}, {ID: "lasts", Forms: []string{"百年もつ"}}},
				Beats: []source.Term{{ID: "forge", Forms: []string{"町の鍛冶場"}}}, ReturnWindowMS: 10 * day},
			{ID: "northlight", Name: "Northlight", Lexicon: source.Terms("warm light", "open fit", "aluminium"),
				Facts: []source.Term{{ID: "warranty", Forms: []string{"two-year warranty"}, ContradictedBy: []string{"no warranty"}},
					{ID: "battery", Forms: []string{"30 hours of battery"}}},
				Beats: []source.Term{{ID: "polar-night", Forms: []string{"the polar night"}}}, ReturnWindowMS: 30 * day},
			{ID: "silklane", Name: "Silk Lane ตรอกไหม", Lexicon: source.Terms("ผ้าไหม", "ทอมือ"),
				Facts: source.Terms("ทอมือทุกผืน"), Beats: []source.Term{{ID: "lane", Forms: []string{"ตรอกของคุณยาย"}}}},
			{ID: "rasa", Name: "Rasa Rumah", Lexicon: source.Terms("batik tulis", "kopi"),
				Facts: source.Terms("dibuat tangan"), Beats: []source.Term{{ID: "home", Forms: []string{"rasa pulang"}}}},
			{ID: "tsukiyo", Name: "月夜 Tsukiyo"}, {ID: "sumi", Name: "墨の器 Sumi"}, {ID: "fern", Name: "Fern & Clay"},
		},
		Esols: []source.Esol{
			{ID: "hana", Name: "水城はな", Tier: "macro", Owns: []string{"dew-serum"}}, {ID: "ren", Name: "青葉 蓮", Tier: "mid"},
			{ID: "mika", Name: "Mika Thornfield", Tier: "mid"}, {ID: "ploy", Name: "พลอยใส วาดดาว", Tier: "macro"},
			{ID: "sari", Name: "Sari Cempaka", Tier: "mid"}, {ID: "yuna", Name: "ユナ", Tier: "nano"},
			{ID: "kai", Name: "Kai Brandt", Tier: "mid"}, {ID: "noa", Name: "のあ", Tier: "nano"},
		},
		Products: []Product{
			product("dew-serum", "しずく美容液", "asadew", "skincare", "JPY", 4_980, "美容液", "しずく"),
			product("dew-balm", "朝露バーム", "asadew", "skincare", "JPY", 3_280, "バーム"),
			product("dew-mist", "うるおいミスト", "asadew", "skincare", "JPY", 1_980, "ミスト"),
			product("kumo-pan", "鉄の小さなフライパン", "kumo", "kitchen", "JPY", 8_800, "フライパン"),
			product("kumo-knife", "三徳包丁 雲", "kumo", "kitchen", "JPY", 12_800, "包丁"),
			product("kumo-towel", "台所てぬぐい", "kumo", "kitchen", "JPY", 1_200, "てぬぐい"),
			product("north-buds", "Northlight Buds", "northlight", "audio", "USD", 8_900, "buds"),
			product("north-lamp", "Dusk Lamp", "northlight", "home", "USD", 6_450, "the lamp"),
			product("north-stand", "Fold Stand", "northlight", "desk", "USD", 3_999, "the stand"),
			product("silk-scarf", "ผ้าพันคอไหม", "silklane", "fashion", "THB", 59_000, "ผ้าพันคอ"),
			product("silk-dress", "เดรสผ้าไหม", "silklane", "fashion", "THB", 189_000, "เดรส"),
			product("silk-bag", "กระเป๋าทอมือ", "silklane", "fashion", "THB", 79_050, "กระเป๋า"),
			product("rasa-batik", "Kemeja Batik Rasa", "rasa", "fashion", "IDR", 28_900_000, "kemeja"),
			product("rasa-coffee", "Kopi Rumah 250 g", "rasa", "food", "IDR", 8_550_000, "kopi"),
			product("rasa-balm", "Balsem Cempaka", "rasa", "skincare", "IDR", 4_250_000, "balsem"),
		},
		Campaigns: []source.Campaign{
			campaign("dew-spring", "朝露 春のしずく", "asadew", "JPY", "1800000", "12000000", "hana", "yuna"),
			campaign("kumo-launch", "Kumo 新作お披露目", "kumo", "JPY", "900000", "6000000", "ren"),
			campaign("north-fall", "Northlight Fall Desk", "northlight", "USD", "12000.00", "90000.00", "mika", "kai"),
			campaign("silk-gold", "Silk Lane โกลด์", "silklane", "THB", "150000.00", "1200000.00", "ploy"),
			campaign("rasa-home", "Rasa Pulang", "rasa", "IDR", "45000000.00", "300000000.00", "sari"),
		},
		FX: []source.FX{
			{Base: "USD", Quote: "JPY", Rate: "150.00", FromMS: from}, {Base: "THB", Quote: "JPY", Rate: "4.30",
				FromMS: from},
			{Base: "IDR", Quote: "JPY", Rate: "0.0094", FromMS: from},
		},
	}
	for i := range cast.Brands {
		b := &cast.Brands[i]
		b.Corpus, b.Target = corpora[b.ID], targets[b.ID]
	}
	return cast
}
