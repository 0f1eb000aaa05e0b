package metrics

// perAudience is money per people or views.
var perAudience = []Definition{{
	Name: "gpm", JA: "GPM（視聴）", EN: "GMV per 1,000 views", Unit: MoneyPer1000,
	Basis: "paid GMV", Numerator: "paid GMV", Denominator: "views (PV)", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, Conflict: "Douyin, WeChat: views; TikTok has Watch GPM (this) and Show GPM (show_gpm)",
	SampleMin: 1000, Sample: "views", sample: func(c *Counts) int64 { return c.Views },
	of: func(c *Counts) (int64, int64) { return c.PaidMinor, c.Views },
}, {
	Name: "gpm_net", JA: "純GPM（視聴）", EN: "Net GMV per 1,000 views", Unit: MoneyPer1000,
	Basis: "net GMV", Numerator: "net GMV", Denominator: "views (PV)", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsOut, Conflict: "see gpm; platforms leave refunds in", SampleMin: 1000, Sample: "views",
	sample: func(c *Counts) int64 { return c.Views },
	of:     func(c *Counts) (int64, int64) { return c.NetMinor, c.Views },
}, {
	Name: "show_gpm", JA: "GPM（露出）", EN: "GMV per 1,000 impressions", Unit: MoneyPer1000,
	Basis: "paid GMV", Numerator: "paid GMV", Denominator: "impressions of the show", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay, Conflict: "TikTok's Show GPM; see gpm",
	SampleMin: 1000, Sample: "impressions", sample: func(c *Counts) int64 { return c.Impressions },
	of: func(c *Counts) (int64, int64) { return c.PaidMinor, c.Impressions },
}, {
	Name: "uv_value", JA: "UV価値", EN: "GMV per viewer", Unit: MoneyPer,
	Basis: "paid GMV", Numerator: "paid GMV", Denominator: "viewers (UV)", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, Conflict: "Douyin: gross; operators mean net (uv_value_net)",
	SampleMin: 100, Sample: "viewers", sample: func(c *Counts) int64 { return c.Viewers },
	of: func(c *Counts) (int64, int64) { return c.PaidMinor, c.Viewers },
}, {
	Name: "uv_value_net", JA: "純UV価値", EN: "Net GMV per viewer", Unit: MoneyPer,
	Basis: "net GMV", Numerator: "net GMV", Denominator: "viewers (UV)", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsOut, Conflict: "see uv_value", SampleMin: 100, Sample: "viewers",
	sample: func(c *Counts) int64 { return c.Viewers },
	of:     func(c *Counts) (int64, int64) { return c.NetMinor, c.Viewers },
}}

// audience is about people alone.
var audience = []Definition{{
	Name: "viewers", JA: "視聴者数", EN: "Viewers", Unit: Count, Basis: "persons seen in the show",
	Numerator: "distinct persons (UV)", Window: wholeScope, Attribution: notNeeded, RefundRule: noRefunds,
	Conflict: "viewers (UV) or views (PV); displayed popularity is multiplied on some platforms, and never taken for it",
	of:       func(c *Counts) (int64, int64) { return c.Viewers, 0 },
}, {
	Name: "pcu", JA: "最大同時視聴者数", EN: "Peak concurrent viewers", Unit: Count, Basis: "viewers at a time",
	Numerator: "the most at any reading, one a second at best", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "the most per slot, of 1 or 5 minutes: larger slots give smaller peaks",
	of: func(c *Counts) (int64, int64) { return c.PeakConcurrent, 0 },
}, {
	Name: "acu", JA: "平均同時視聴者数", EN: "Average concurrent viewers", Unit: CountPer, Basis: "viewers at a time",
	Numerator: "seconds watched by all viewers", Denominator: "seconds on the air", Window: wholeScope,
	Attribution: notNeeded, RefundRule: noRefunds, Conflict: "the mean over slots, of 1 or 5 minutes",
	SampleMin: 60, Sample: "seconds on the air", sample: func(c *Counts) int64 { return c.ShowSeconds },
	of: func(c *Counts) (int64, int64) { return c.ViewerSeconds, c.ShowSeconds },
}, {
	Name: "watch_time", JA: "平均視聴時間", EN: "Watch time per viewer", Unit: Seconds, Basis: "viewers",
	Numerator: "seconds watched by all viewers", Denominator: "viewers (UV)", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "per viewer (Douyin) or per view (YouTube)", SampleMin: 100, Sample: "viewers",
	sample: func(c *Counts) int64 { return c.Viewers },
	of:     func(c *Counts) (int64, int64) { return c.ViewerSeconds, c.Viewers },
}, {
	Name: "effective_view_rate", JA: "有効視聴率", EN: "Effective views", Unit: Ratio, Basis: "views",
	Numerator: "views of more than 10 s", Denominator: "views (PV)", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "TikTok ads: 10 s; StreamShop: 45 s", SampleMin: 100, Sample: "views",
	sample: func(c *Counts) int64 { return c.Views },
	of:     func(c *Counts) (int64, int64) { return c.EffectiveViews, c.Views },
}, {
	Name: "engaged_rate", JA: "参加率", EN: "Viewers who took part", Unit: Ratio, Basis: "viewers",
	Numerator: "persons who commented, reacted, shared or followed", Denominator: "viewers (UV)", Window: wholeScope,
	Attribution: notNeeded, RefundRule: noRefunds,
	Conflict:  "of people (this; Lazada: viewers engaged) or of acts; Douyin: interaction_rate",
	SampleMin: 100, Sample: "viewers", sample: func(c *Counts) int64 { return c.Viewers },
	of: func(c *Counts) (int64, int64) { return c.EngagedViewers, c.Viewers },
}, {
	Name: "follow_rate", JA: "フォロー率", EN: "Viewers who followed", Unit: Ratio, Basis: "viewers",
	Numerator: "new followers", Denominator: "viewers (UV)", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "one shop's alarm: below 2 %", SampleMin: 100, Sample: "viewers",
	sample: func(c *Counts) int64 { return c.Viewers },
	of:     func(c *Counts) (int64, int64) { return c.NewFollowers, c.Viewers },
}, {
	Name: "chat_rate", JA: "コメント頻度", EN: "Comments a minute", Unit: PerMinute, Basis: "comments, bots among them",
	Numerator: "comments", Denominator: "seconds on the air", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "YouTube: chat rate",
	SampleMin: 60, Sample: "seconds on the air", sample: func(c *Counts) int64 { return c.ShowSeconds },
	of: func(c *Counts) (int64, int64) { return c.Comments, c.ShowSeconds },
}}
