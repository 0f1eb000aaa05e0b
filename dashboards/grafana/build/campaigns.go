package main

import "strings"

const allMoney = "In units of the chosen currency, as a float for drawing; the feed has the exact minor units. " +
	"Currencies are never added."

// campaigns is what a brand looks at: what was sold, what stayed sold, and who sold it.
func campaigns() (*board, error) {
	b := newBoard("netsu-campaigns", "Netsu · Campaigns", "What campaigns, brands and ESOLs sold, gross and net, and the "+
		"heat beside it.", "now-3h")
	b.choice("brand", "Brand", "netsu_brand_shows_on_air", "For the panels that name brands, and for which campaigns can be chosen.")
	b.choice("campaign", "Campaign", `netsu_campaign_info{brand=~"$brand"}`, "Those of the chosen brands. All is all campaigns: choose them where a brand is to be looked at alone.")
	b.choice("esol", "ESOL", "netsu_esol_shows_on_air", "For the panels that name ESOLs.")
	b.choice("currency", "Currency", "netsu_brand_gmv_net", "One at a time: currencies cannot be added.")
	if err := b.row("Now", netNow(), paidNow(), refundShare(), ordersPaid(), averageOrder()); err != nil {
		return nil, err
	}
	if err := b.row("Campaigns", layers(), netByCampaign(), takenBack()); err != nil {
		return nil, err
	}
	if err := b.row("What the money returned", roims(), chance(), forecast(), costs(), commission()); err != nil {
		return nil, err
	}
	if err := b.row("ESOLs", ranking(), heatAgainstSales(), esols()); err != nil {
		return nil, err
	}
	return b, b.row("Brands", netByBrand(), brandRefunds(), brandHeat())
}

const nothingSold = "Nothing sold in this currency by this choice yet. Other currencies: above."

func netNow() panel {
	return panel{title: "Net GMV ($currency)", look: number, width: 5, unit: "locale", empty: nothingSold,
		about: "Paid minus refunded minus cancelled, over the chosen campaigns, as of now. It can " +
			"fall. Not profit, and not settled: return windows are open. An order that counts for two " +
			"campaigns counts in both. " + allMoney,
		query: []query{{"sum(" + of("netsu_campaign_gmv_net", "campaign", "currency") + ")", "net"}}}
}

func paidNow() panel {
	return panel{title: "Paid GMV ($currency)", look: number, width: 5, unit: "locale", empty: nothingSold,
		about: "Everything ever paid in the chosen campaigns, before refunds and cancellations: what " +
			"platforms call GMV. Not what stays. " + allMoney,
		query: []query{{"sum(" + of("netsu_campaign_gmv_paid_total", "campaign", "currency") + ")", "paid"}}}
}

func refundShare() panel {
	return panel{title: "Refund share", look: number, width: 5, unit: "percentunit",
		empty: "Nothing paid, so no share of it.",
		about: "Refunded over paid, of the chosen campaigns, since their start. Refunds lag sales by " +
			"days: low today does not mean low. Red above 15 %, a level that shops use and not a law.",
		steps: levels("green", at(.10, "orange"), at(.15, "red")), decimals: 1,
		query: []query{{share("campaign", "refunded"), "refunded"}}}
}

func ordersPaid() panel {
	return panel{title: "Orders paid", look: number, width: 4, unit: "locale", empty: nothingSold,
		about: "Orders that were paid, in the chosen campaigns and currency. An order with products of " +
			"two campaigns counts in both.",
		query: []query{{"sum(" + of("netsu_campaign_orders_paid_total", "campaign", "currency") + ")", "orders"}}}
}

func averageOrder() panel {
	return panel{title: "Average order ($currency)", look: number, width: 5, unit: "locale", empty: nothingSold,
		about: "Paid GMV over paid orders. A mean: one large order moves it. " + allMoney,
		query: []query{{"sum(" + of("netsu_campaign_gmv_paid_total", "campaign", "currency") + ") / (sum(" +
			of("netsu_campaign_orders_paid_total", "campaign", "currency") + ") > 0)", "average"}}}
}

// share is a layer over what was paid.
func share(kind, layer string) string {
	labels := []string{kind, "currency"}
	return "sum(" + of("netsu_"+kind+"_gmv_"+layer+"_total", labels...) + ") / (sum(" +
		of("netsu_"+kind+"_gmv_paid_total", labels...) + ") > 0)"
}

func layers() panel {
	sum := func(name string) string { return "sum(" + of("netsu_campaign_gmv_"+name, "campaign", "currency") + ")" }
	return panel{title: "GMV by layer ($currency)", width: 12, unit: "locale", empty: nothingSold,
		about: "Four answers to \"how much\": created (ordered, paid or not), paid, net (less refunds " +
			"and cancellations) and settled (net of orders whose return window is over). Say which one " +
			"you quote. " + allMoney,
		query: []query{{sum("created_total"), "created"}, {sum("paid_total"), "paid"}, {sum("net"), "net"},
			{sum("settled"), "settled"}}}
}

func netByCampaign() panel {
	return panel{title: "Net GMV by campaign ($currency)", width: 12, unit: "locale", empty: nothingSold,
		about: "Net of each campaign. A campaign beyond the limit of series is in __other__. " + allMoney,
		query: []query{{of("netsu_campaign_gmv_net", "campaign", "currency"), "{{campaign}}"}}}
}

func takenBack() panel {
	per := func(name string) string {
		return "sum(" + speed("netsu_campaign_gmv_"+name+"_total", "campaign", "currency") + ")"
	}
	return panel{title: "Paid, refunded, cancelled per minute ($currency)", width: 24, unit: "locale",
		empty: "Nothing was paid or given back in this currency.",
		about: "How fast money comes and goes, in event order of arrival: a refund is drawn when it " +
			"came, not when its order did. " + allMoney,
		query: []query{{per("paid"), "paid"}, {per("refunded"), "refunded"}, {per("cancelled"), "cancelled"}}}
}

func roims() panel {
	return panel{title: "ROIMS ($currency)", width: 12, unit: "none", decimals: 2, thin: "/ (lo|hi)$/",
		empty: "Fewer than 30 orders, or nothing spent: no ratio yet.",
		about: "Net GMV credited to each chosen campaign over all that it costs (spend, commission, fees), with its " +
			"95 % interval drawn thin. Credited by rule: what would have been sold anyway is not known without a " +
			"holdout, so this is never incremental. Break-even is 1 / margin.",
		query: []query{{of("netsu_campaign_roims_ratio", "campaign", "currency"), "{{campaign}}"},
			{of("netsu_campaign_roims_lo_ratio", "campaign", "currency"), "{{campaign}} lo"},
			{of("netsu_campaign_roims_hi_ratio", "campaign", "currency"), "{{campaign}} hi"}}}
}

func chance() panel {
	return panel{title: "Chance to reach the commitment", look: bars, width: 12, unit: "percentunit", max: 1,
		empty: "No commitment, or too early to tell: at least 10 orders and 5 % of the time on the air.",
		about: "Probability that net GMV reaches what the campaign has committed to, by how orders came so far over the " +
			"planned shows (or the campaign's dates), calibrated on simulations and not on your campaigns.",
		query: []query{{of("netsu_campaign_commitment_probability", "campaign", "currency"), "{{campaign}}"}}}
}

func forecast() panel {
	return panel{title: "Pace to the commitment ($currency)", width: 12, unit: "locale", thin: "/ (lo|hi)$/",
		empty: "No commitment in this currency.",
		about: "Net GMV so far and what was committed to; thin, between what it will end with four times in five. " + allMoney,
		query: []query{{of("netsu_campaign_gmv_net", "campaign", "currency"), "{{campaign}} net"},
			{of("netsu_campaign_commitment", "campaign", "currency"), "{{campaign}} committed"},
			{of("netsu_campaign_forecast_lo", "campaign", "currency"), "{{campaign}} lo"},
			{of("netsu_campaign_forecast_hi", "campaign", "currency"), "{{campaign}} hi"}}}
}

func costs() panel {
	return panel{title: "Cost by campaign ($currency)", look: bars, width: 6, unit: "locale",
		empty: "Nothing was spent in this currency.",
		about: "Spend, and commission and fees in all their states. " + allMoney,
		query: []query{{of("netsu_campaign_cost", "campaign", "currency"), "{{campaign}}"}}}
}

func commission() panel {
	return panel{title: "Commission by state ($currency)", look: bars, width: 6, unit: "locale",
		empty: "Nothing is owed in this currency.",
		about: "Owed by the chosen campaigns: estimated until the return window is over, approved, payable on a statement, " +
			"paid; clawed back is to be set off against the next payout. " + allMoney,
		query: []query{{"sum by (state) (" + of("netsu_campaign_commission", "campaign", "currency") + ")", "{{state}}"}}}
}

func ranking() panel {
	return panel{title: "ESOLs by net GMV ($currency)", look: bars, width: 8, unit: "locale", empty: nothingSold,
		about: "The twenty chosen ESOLs with the most net GMV, over everything they sold in this " +
			"currency and not of one campaign only. By what stays sold: not by followers, viewers or " +
			"comments. " + allMoney,
		query: []query{{"topk(20, " + of("netsu_esol_gmv_net", "esol", "currency") + ")", "{{esol}}"}}}
}

func heatAgainstSales() panel {
	return panel{title: "Heat against sales", width: 16, unit: "none", max: 100, right: "/ paid$/", rightIs: "locale",
		empty: "None of the chosen ESOLs is on the air with enough people to say how hot it is.",
		about: "Left, the heat score 0 to 100 of each ESOL's shows on the air as one body; right, paid " +
			"orders a minute in the chosen currency. Beside each other, not one because of the other: " +
			"no causal claim is made.",
		query: []query{{of("netsu_esol_heat_score", "esol"), "{{esol}} heat"},
			{speed("netsu_esol_orders_paid_total", "esol", "currency"), "{{esol}} paid"}}}
}

func esols() panel {
	byEsol := func(metric string) string { return of(metric, "esol") }
	money := func(metric string) string {
		return strings.Replace(of(metric, "esol", "currency"), "esol, currency", "esol", 1)
	}
	return panel{title: "ESOLs", look: grid, width: 24, unit: "locale",
		empty: "No ESOL is known: they come with their first show or order.",
		about: "One row per chosen ESOL: what is on the air now, and what was sold in the chosen " +
			"currency since the beginning. Net per head divides by people active in the last 5 " +
			"minutes, and is there only on the air; it compares rooms and is no forecast.",
		columns: []column{{name: "net", unit: "locale"}, {name: "paid", unit: "locale"},
			{name: "refunded", unit: "percentunit", steps: levels("green", at(.10, "orange"), at(.15, "red"))},
			{name: "heat", unit: "none"}, {name: "J/head", unit: "none"}, {name: "net per head", unit: "locale"}},
		query: []query{
			{byEsol("netsu_esol_shows_on_air"), "on air"}, {byEsol("netsu_esol_heat_score"), "heat"},
			{byEsol("netsu_esol_temperature_joules_per_head"), "J/head"}, {byEsol("netsu_esol_active_heads"), "heads"},
			{money("netsu_esol_orders_paid_total"), "orders"}, {money("netsu_esol_gmv_paid_total"), "paid"},
			{money("netsu_esol_gmv_net"), "net"},
			{money("netsu_esol_gmv_refunded_total") + " / (" + money("netsu_esol_gmv_paid_total") + " > 0)", "refunded"},
			{money("netsu_esol_gmv_net") + " / (" + byEsol("netsu_esol_active_heads") + " > 0)", "net per head"},
		}}
}

func netByBrand() panel {
	return panel{title: "Net GMV by brand ($currency)", width: 12, unit: "locale", empty: nothingSold,
		about: "Net of each chosen brand, over all its campaigns and what is sold without one. " + allMoney,
		query: []query{{of("netsu_brand_gmv_net", "brand", "currency"), "{{brand}}"}}}
}

func brandRefunds() panel {
	return panel{title: "Refund share by brand", width: 12, unit: "percentunit",
		empty: "Nothing paid, so no share of it.",
		about: "Refunded over paid, since the beginning, by brand in the chosen currency. The alert is " +
			"at 15 %.",
		steps: levels("green", at(.10, "orange"), at(.15, "red")),
		query: []query{{of("brand:netsu_gmv_refunded:ratio", "brand", "currency"), "{{brand}}"}}}
}

func brandHeat() panel {
	return panel{title: "Heat by brand", width: 24, unit: "none", empty: "No show on the air sells a chosen brand.",
		about: "Heat, 0 to 100, of the shows on the air that sell each chosen brand, as one body and not their mean. It is the heat " +
			"of rooms: a show that sells other brands too counts whole for each of them.",
		query: []query{{of("netsu_brand_heat_score", "brand"), "{{brand}}"}}}
}
