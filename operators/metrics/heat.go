package metrics

// heat is what it is worth, in what was sold.
var heat = []Definition{{
	Name: "sale_backed_heat", JA: "売上を伴う熱量", EN: "Sale-backed share of heat", Unit: Ratio,
	Basis:       "heat contributed, bots discounted; a person's, before and after the order",
	Numerator:   "heat of people who bought",
	Denominator: "heat of all", Window: wholeScope, Attribution: "an order in the show, by the same person",
	RefundRule: refundsStay, Conflict: "no platform has it; WeChat's hot_quota is not explained",
	SampleMin: 30, Sample: "paid orders", sample: func(c *Counts) int64 { return c.OrdersPaid },
	of: func(c *Counts) (int64, int64) { return c.BuyerHeatMicrojoules, c.HeatMicrojoules },
}, {
	Name: "gmv_per_kilojoule", JA: "熱量あたり純GMV", EN: "Net GMV per kilojoule of heat", Unit: MoneyPer1000,
	Basis: "net GMV", Numerator: "net GMV", Denominator: "joules of heat contributed", Window: wholeScope,
	Attribution: byCampaign, RefundRule: refundsOut, Conflict: "no platform has it; compare rooms of one category only",
	SampleMin: 1000, Sample: "joules", sample: func(c *Counts) int64 { return c.HeatMicrojoules / 1_000_000 },
	of: func(c *Counts) (int64, int64) { return c.NetMinor, c.HeatMicrojoules / 1_000_000 },
}}
