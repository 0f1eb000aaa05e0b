package metrics

import "github.com/netsu/netsu/operators/roims"

const (
	allCosts = "all costs"
	costs    = "costs are fixed fee, commission, samples, ads, production, coupons funded, platform fees"
	thirty   = "orders with an amount"
)

// returns is the family of ROIMS; operators/roims computes them, and has intervals.
var returns = []Definition{{
	Name: "roims_gross", JA: "ROIMS（グロス）", EN: "ROIMS, gross", Unit: Multiple,
	Basis: "attributed paid GMV; " + costs, Numerator: "attributed paid GMV", Denominator: allCosts,
	Window: "the campaign's", Attribution: byCampaign, RefundRule: refundsStay, Conflict: "platforms' ROI or ROAS, often over ad spend alone",
	SampleMin: roims.OrdersMin, Sample: thirty, roims: func(c *Counts) roims.Result { return c.Returns.Gross() },
}, {
	Name: "roims_net", JA: "ROIMS（ネット）", EN: "ROIMS, net", Unit: Multiple,
	Basis: "attributed net GMV; " + costs, Numerator: "attributed net GMV", Denominator: allCosts, Window: "the campaign's",
	Attribution: byCampaign, RefundRule: refundsOut, Conflict: "see roims_gross; break-even is roims_break_even",
	SampleMin: roims.OrdersMin, Sample: thirty, roims: func(c *Counts) roims.Result { return c.Returns.Net() },
}, {
	Name: "roims_profit", JA: "ROIMS（利益）", EN: "ROIMS, profit", Unit: Multiple,
	Basis: "margin on attributed net GMV; " + costs, Numerator: "(attributed net GMV × contribution margin - all costs)",
	Denominator: allCosts, Window: "the campaign's", Attribution: byCampaign, RefundRule: refundsOut,
	Conflict: "0 is break-even here; others add the cost and have 1", SampleMin: roims.OrdersMin, Sample: thirty,
	roims: func(c *Counts) roims.Result { return c.Returns.Profit() },
}, {
	Name: "roims_incremental", JA: "ROIMS（純増）", EN: "ROIMS, incremental", Unit: Multiple,
	Basis: "net GMV of treated people; " + costs, Numerator: "net GMV of the treated less that of as many held out",
	Denominator: allCosts, Window: "the experiment's", Attribution: "none: chance decided who was held out",
	RefundRule: refundsOut, Conflict: "attributed ROIMS is often called incremental; here never",
	SampleMin: roims.OrdersMin, Sample: "people with an amount, in each arm",
	roims: func(c *Counts) roims.Result { return c.Returns.Incremental(c.Holdout) },
}, {
	Name: "mer", JA: "MER（総合効率）", EN: "Marketing efficiency ratio (blended)", Unit: Multiple,
	Basis: "net GMV of the brand's whole business", Numerator: "all net GMV",
	Denominator: "all that was spent on marketing", Window: "the campaign's", Attribution: "none: all sales count", RefundRule: refundsOut,
	Conflict: "some take gross revenue", SampleMin: roims.OrdersMin, Sample: thirty,
	roims: func(c *Counts) roims.Result { return c.Brand.Blended() },
}, {
	Name: "roims_break_even", JA: "損益分岐ROIMS", EN: "ROIMS at break-even", Unit: Multiple,
	Basis: "contribution margin, after returns and fees", Numerator: "1", Denominator: "contribution margin",
	Window: "the campaign's", Attribution: "none", RefundRule: "in the margin",
	roims: func(c *Counts) roims.Result { return c.Returns.BreakEven() },
}}
