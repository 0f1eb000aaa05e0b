package metrics

// funnel is from an impression to an order. Its parts are of people or of times, and never mixed in one ratio but in
// ctor, which platforms define so.
var funnel = []Definition{{
	Name: "ctr", JA: "商品クリック率", EN: "Product click rate", Unit: Ratio, Basis: "times",
	Numerator: "product clicks", Denominator: "product impressions", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "of times (this) or of people (product_visitor_rate)",
	SampleMin: 100, Sample: "product impressions", sample: func(c *Counts) int64 { return c.ProductImpressions },
	of: func(c *Counts) (int64, int64) { return c.ProductClicks, c.ProductImpressions },
}, {
	Name: "ctor", JA: "クリック購入率", EN: "Click-to-order rate", Unit: Ratio, Basis: "times; lines of paid orders",
	Numerator: "SKU orders", Denominator: "product clicks", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, Conflict: "TikTok: SKU orders over clicks; of people it is cvr_product_visitors",
	SampleMin: 100, Sample: "product clicks", sample: func(c *Counts) int64 { return c.ProductClicks },
	of: func(c *Counts) (int64, int64) { return c.SKUOrders, c.ProductClicks },
}, {
	Name: "product_visitor_rate", JA: "商品誘導率", EN: "Viewers who looked at a product", Unit: Ratio, Basis: "people",
	Numerator: "product visitors", Denominator: "viewers (UV)", Window: wholeScope, Attribution: notNeeded,
	RefundRule: noRefunds, Conflict: "Lazada: Product Guided Rate; Douyin: viewing_click_rate",
	SampleMin: 100, Sample: "viewers", sample: func(c *Counts) int64 { return c.Viewers },
	of: func(c *Counts) (int64, int64) { return c.ProductVisitors, c.Viewers },
}, {
	Name: "cart_rate", JA: "カート追加率", EN: "Product visitors who filled a cart", Unit: Ratio, Basis: "people",
	Numerator: "persons who added to the cart", Denominator: "product visitors", Window: wholeScope,
	Attribution: notNeeded, RefundRule: noRefunds, Conflict: "Lazada counts visitors and units apart",
	SampleMin: 100, Sample: "product visitors", sample: func(c *Counts) int64 { return c.ProductVisitors },
	of: func(c *Counts) (int64, int64) { return c.CartVisitors, c.ProductVisitors },
}, {
	Name: "cvr_viewers", JA: "購入率（視聴者）", EN: "Conversion of viewers", Unit: Ratio, Basis: "people; orders paid",
	Numerator: "buyers", Denominator: "viewers (UV)", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, Conflict: "Douyin's audience_pay_ratio; Lazada's Conversion is cvr_product_visitors",
	SampleMin: 100, Sample: "viewers", sample: func(c *Counts) int64 { return c.Viewers },
	of: func(c *Counts) (int64, int64) { return c.Buyers, c.Viewers },
}, {
	Name: "cvr_product_visitors", JA: "購入率（商品閲覧者）", EN: "Conversion of product visitors", Unit: Ratio,
	Basis: "people; orders paid", Numerator: "buyers", Denominator: "product visitors", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay, Conflict: "Lazada's Conversion; see cvr_viewers",
	SampleMin: 100, Sample: "product visitors", sample: func(c *Counts) int64 { return c.ProductVisitors },
	of: func(c *Counts) (int64, int64) { return c.Buyers, c.ProductVisitors },
}}
