package metrics

var gmv = []Definition{{
	Name: "gmv_created", JA: "注文GMV", EN: "GMV, created", Unit: Money,
	Basis: "orders created, paid or not", Numerator: "amounts of orders created", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay,
	Conflict: "TikTok counts cash on delivery here, at creation, and calls it GMV; WeChat has created and paid apart",
	of:       func(c *Counts) (int64, int64) { return c.CreatedMinor, 0 },
}, {
	Name: "gmv_paid", JA: "支払GMV", EN: "GMV, paid", Unit: Money,
	Basis: "orders paid", Numerator: "amounts paid", Window: wholeScope, Attribution: byCampaign, RefundRule: refundsStay,
	Conflict: "TikTok: GMV, with returns and cancellations in it; Douyin: pay_amt",
	of:       func(c *Counts) (int64, int64) { return c.PaidMinor, 0 },
}, {
	Name: "gmv_net", JA: "純GMV", EN: "GMV, net", Unit: Money,
	Basis: "orders paid", Numerator: "amounts paid less refunded less cancelled", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsOut,
	Conflict: "what operators go by; TikTok's GMV is not less returns and cancellations",
	of:       func(c *Counts) (int64, int64) { return c.NetMinor, 0 },
}, {
	Name: "gmv_settled", JA: "確定GMV", EN: "GMV, settled", Unit: Money,
	Basis: "orders paid", Numerator: "net amounts of orders whose return window is over",
	Window: wholeScope, Attribution: byCampaign,
	RefundRule: "taken back, also after settlement",
	Conflict:   "TikTok settles 3, 7 or 15 days after delivery, by the class of the seller",
	of:         func(c *Counts) (int64, int64) { return c.SettledMinor, 0 },
}, {
	Name: "gmv_direct", JA: "直接GMV", EN: "GMV, direct", Unit: Money,
	Basis: "orders paid", Numerator: "amounts paid after a last click on the show's own content", Window: wholeScope,
	Attribution: "last click, on this content only", RefundRule: refundsStay,
	Conflict: "TikTok's Direct GMV; its GMV without the word also has orders within 14 days of any click",
	of:       func(c *Counts) (int64, int64) { return c.DirectMinor, 0 },
}, {
	Name: "gmv_in_live", JA: "配信中GMV", EN: "GMV while on the air", Unit: Money,
	Basis: "orders paid", Numerator: "net amounts of orders placed while on the air",
	Window:      "from a show's start to its end",
	Attribution: byCampaign, RefundRule: refundsOut, Conflict: "Lazada shows it apart from after the show; others do not",
	of: func(c *Counts) (int64, int64) { return c.InLiveMinor, 0 },
}, {
	Name: "gmv_after_live", JA: "配信後GMV", EN: "GMV after the show", Unit: Money,
	Basis: "orders paid", Numerator: "net amounts of orders placed after the show", Window: "7 days from a show's end",
	Attribution: byCampaign, RefundRule: refundsOut,
	Conflict: "Lazada: post-live, 7 days; TikTok: 14 days, in one with GMV",
	of:       func(c *Counts) (int64, int64) { return c.AfterLiveMinor, 0 },
}, {
	Name: "commitment_progress", JA: "コミット達成率", EN: "Commitment reached", Unit: MoneyRatio,
	Basis: "net GMV", Numerator: "net GMV", Denominator: "GMV committed to", Window: "the campaign's",
	Attribution: byCampaign, RefundRule: refundsOut,
	of: func(c *Counts) (int64, int64) { return c.NetMinor, c.CommitmentMinor },
}, {
	Name: "fan_share", JA: "ファン購入比率", EN: "Fans' share of GMV", Unit: MoneyRatio,
	Basis: "paid GMV", Numerator: "paid GMV of members of the fan club and followers", Denominator: "paid GMV",
	Window: wholeScope, Attribution: byCampaign, RefundRule: refundsStay,
	Conflict:  "members of the fan club (Douyin) or followers (TikTok), or both (this)",
	SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.FanMinor, c.PaidMinor },
}, {
	Name: "new_buyer_gmv_share", JA: "新規GMV比率", EN: "New buyers' share of GMV", Unit: MoneyRatio,
	Basis: "paid GMV", Numerator: "paid GMV of first orders with the brand",
	Denominator: "paid GMV of new and repeat buyers",
	Window:      wholeScope, Attribution: byCampaign, RefundRule: refundsStay,
	Conflict:  "new to the shop, to the brand, or to the ESOL: here to the brand",
	SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.NewBuyerMinor, c.NewBuyerMinor + c.RepeatBuyerMinor },
}, {
	Name: "ad_share", JA: "広告費率", EN: "Ad spend over GMV", Unit: MoneyRatio,
	Basis: "paid GMV", Numerator: "ad spend", Denominator: "paid GMV", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay,
	Conflict: "one shop's alarm: above 30 %; some divide by GMV of ads only",
	of:       func(c *Counts) (int64, int64) { return c.AdSpendMinor, c.PaidMinor },
}}
