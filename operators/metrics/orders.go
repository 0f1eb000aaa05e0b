package metrics

var orders = []Definition{{
	Name: "orders_paid", JA: "支払注文数", EN: "Orders paid", Unit: Count,
	Basis: "orders paid", Numerator: "orders paid", Window: wholeScope, Attribution: byCampaign, RefundRule: refundsStay,
	Conflict: "orders or SKU orders (lines): TikTok counts the latter in places",
	of:       func(c *Counts) (int64, int64) { return c.OrdersPaid, 0 },
}, {
	Name: "buyers", JA: "購入者数", EN: "Buyers", Unit: Count,
	Basis: "orders paid", Numerator: "distinct persons with a paid order", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, of: func(c *Counts) (int64, int64) { return c.Buyers, 0 },
}, {
	Name: "new_buyers", JA: "新規購入者数", EN: "New buyers", Unit: Count,
	Basis: "orders paid", Numerator: "distinct persons whose first order with the brand it is", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay,
	Conflict: "new to the shop, to the brand, or to the ESOL; WeChat: new_buyer_uv",
	of:       func(c *Counts) (int64, int64) { return c.NewBuyers, 0 },
}, {
	Name: "repeat_buyers", JA: "リピート購入者数", EN: "Repeat buyers", Unit: Count,
	Basis: "orders paid", Numerator: "distinct persons who had bought of the brand before", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay, Conflict: "see new_buyers; WeChat: old_buyer_uv",
	of: func(c *Counts) (int64, int64) { return c.RepeatBuyers, 0 },
}, {
	Name: "new_buyer_share", JA: "新規購入者比率", EN: "New buyers' share of buyers", Unit: Ratio,
	Basis: "orders paid", Numerator: "new buyers", Denominator: "new and repeat buyers", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay, SampleMin: 30, Sample: "buyers",
	sample: func(c *Counts) int64 { return c.NewBuyers + c.RepeatBuyers },
	of:     func(c *Counts) (int64, int64) { return c.NewBuyers, c.NewBuyers + c.RepeatBuyers },
}, {
	Name: "aov", JA: "平均注文額", EN: "Average order value", Unit: MoneyPer,
	Basis: "paid GMV", Numerator: "paid GMV", Denominator: "orders paid", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, Conflict: "per order (this) or per buyer (spend_per_buyer)",
	SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.PaidMinor, c.OrdersPaid },
}, {
	Name: "spend_per_buyer", JA: "客単価", EN: "GMV per buyer", Unit: MoneyPer,
	Basis: "paid GMV", Numerator: "paid GMV", Denominator: "buyers", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, Conflict: "see aov", SampleMin: 30, Sample: "buyers",
	sample: func(c *Counts) int64 { return c.Buyers },
	of:     func(c *Counts) (int64, int64) { return c.PaidMinor, c.Buyers },
}, {
	Name: "units_per_order", JA: "注文点数", EN: "Units per order", Unit: CountPer,
	Basis: "orders paid", Numerator: "units", Denominator: "orders paid", Window: wholeScope, Attribution: byCampaign,
	RefundRule: refundsStay, SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.UnitsPaid, c.OrdersPaid },
}, {
	Name: "payment_rate", JA: "支払完了率", EN: "Orders that were paid", Unit: Ratio,
	Basis: "orders created", Numerator: "orders paid", Denominator: "orders created", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsStay, Conflict: "where cash on delivery counts as paid, it is near 1",
	SampleMin: 30, Sample: "orders created", sample: func(c *Counts) int64 { return c.OrdersCreated },
	of: func(c *Counts) (int64, int64) { return c.OrdersPaid, c.OrdersCreated },
}, {
	Name: "refund_rate", JA: "返金率（金額）", EN: "Refund rate, by amount", Unit: MoneyRatio,
	Basis: "paid GMV", Numerator: "amounts refunded", Denominator: "paid GMV", Window: wholeScope,
	Attribution: byCampaign, RefundRule: "it is what is counted, in the window of its order",
	Conflict:  "by amount, orders, buyers or units; of the day of the refund or of the order: WeChat has five",
	SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.RefundedMinor, c.PaidMinor },
}, {
	Name: "refund_order_rate", JA: "返金率（注文数）", EN: "Refund rate, by orders", Unit: Ratio,
	Basis: "orders paid", Numerator: "orders with any refund", Denominator: "orders paid", Window: wholeScope,
	Attribution: byCampaign, RefundRule: "it is what is counted, in the window of its order", Conflict: "see refund_rate",
	SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.OrdersRefunded, c.OrdersPaid },
}, {
	Name: "cancel_rate", JA: "キャンセル率", EN: "Cancellation rate", Unit: Ratio,
	Basis: "orders created", Numerator: "orders cancelled before or after payment", Denominator: "orders created",
	Window: wholeScope, Attribution: byCampaign, RefundRule: "cancellations are not refunds, and counted here alone",
	Conflict: "some count a cancellation after payment as a refund", SampleMin: 30, Sample: "orders created",
	sample: func(c *Counts) int64 { return c.OrdersCreated },
	of:     func(c *Counts) (int64, int64) { return c.OrdersCancelled, c.OrdersCreated },
}}
