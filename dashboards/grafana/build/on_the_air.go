package main

// onTheAir is what a producer's desk and a brand look at while shows run.
func onTheAir() (*board, error) {
	b := newBoard("netsu-on-the-air", "Netsu · On the air", "The shows on the air: how hot, how sure, in sync, catching, "+
		"buying. Series of a show go ten minutes after its end.", "now-30m")
	b.choice("esol", "ESOL", "netsu_show_info", "Whose shows.")
	b.choice("show", "Show", `netsu_show_info{esol=~"$esol"}`, "Shows on the air, and those that ended a moment ago.")
	b.moments("Moments", "orange", "hot|cold|raid|ignition|ignition_up")
	b.moments("Diagnoses", "red", "hot_not_buying|cold_brand|cooled_after_call|reverse_flow|lookalike_flood|no_order|other")
	if err := b.row("Now", showsOnAir(), heads(), oldest(), late(), unsaid()); err != nil {
		return nil, err
	}
	if err := b.row("Shows", theBoard()); err != nil {
		return nil, err
	}
	if err := b.row("Heat", heat(), power(), audience(), backed()); err != nil {
		return nil, err
	}
	if err := b.row("With the ESOL, and from one to the next", sync(), contagion(), trust(), ignition()); err != nil {
		return nil, err
	}
	return b, b.row("Buying, and what cannot be said", funnel(), acts(), sales(), why(), moments())
}

const noShow = "No chosen show is on the air."

func ofShow(metric string) string { return of(metric, "show", "esol") }

func showsOnAir() panel {
	return panel{title: "On the air", look: number, width: 5, unit: "none",
		empty: "The feed has not read the meters yet.",
		about: "All shows on the air now, idle ones too, whatever is chosen above.",
		query: []query{{"max(netsu_feed_shows_on_air)", "shows"}}}
}

func heads() panel {
	return panel{title: "Active heads", look: number, width: 5, unit: "locale", empty: noShow,
		about: "People who did something in the last 5 minutes, over the chosen shows; one in two " +
			"shows counts twice. Not viewers.",
		query: []query{{"sum(" + ofShow("netsu_show_active_heads") + ")", "heads"}}}
}

func oldest() panel {
	return panel{title: "Freshness", look: number, width: 5, unit: "s", empty: noShow, decimals: 1,
		about: "How old what is shown is, at worst: now minus the time up to which the slowest of the " +
			"chosen rooms is complete. Some seconds are normal: the room waits for what comes late.",
		steps: levels("green", at(15, "orange"), at(60, "red")),
		query: []query{{"max(" + ofShow("netsu_show_freshness_seconds") + ")", "old"}}}
}

func late() panel {
	return panel{title: "Completeness", look: number, width: 5, unit: "percentunit", decimals: 2, empty: noShow,
		about: "Share of the accepted events of the least complete of the chosen shows that came in " +
			"time to count for heat. Money counts late events too.",
		steps: levels("red", at(.99, "orange"), at(.999, "green")),
		query: []query{{"min(" + ofShow("netsu_show_completeness_ratio") + ")", "in time"}}}
}

func unsaid() panel {
	return panel{title: "Shows not drawn", look: number, width: 4, unit: "none",
		empty: "The feed has not read the meters yet.",
		about: "Shows on the air without series of their own, for want of room. Above 0, raise " +
			"--metrics-shows.",
		steps: levels("green", at(1, "orange")),
		query: []query{{`max(netsu_feed_left_out_scopes{scope="show"})`, "left out"}}}
}

func theBoard() panel {
	return panel{title: "Board", look: grid, width: 24, unit: "locale", empty: noShow,
		about: "One row per chosen show. Heat is 0 to 100 with its 95 % interval and grade (A is the " +
			"surest); an empty cell is not 0 but not known, and the table at the bottom says why. " +
			"Contagion with grade C is co-movement.",
		columns: []column{
			{name: "heat", unit: "none", steps: levels("blue", at(25, "green"), at(75, "red"))},
			{name: "grade", unit: "none", mappings: grades()},
			{name: "lo", unit: "none"}, {name: "hi", unit: "none"}, {name: "J/head", unit: "none"},
			{name: "sync", unit: "none"},
			{name: "trust", unit: "percentunit"}, {name: "contagion (words)", unit: "none"},
			{name: "contagion grade", unit: "none", mappings: grades()}},
		query: []query{
			{ofShow("netsu_show_heat_score"), "heat"}, {ofShow("netsu_show_heat_score_lo"), "lo"},
			{ofShow("netsu_show_heat_score_hi"), "hi"}, {ofShow("netsu_show_heat_grade"), "grade"},
			{ofShow("netsu_show_temperature_joules_per_head"), "J/head"}, {ofShow("netsu_show_active_heads"), "heads"},
			{ofShow("netsu_show_viewers"), "viewers"}, {ofShow("netsu_show_sync_rate"), "sync"},
			{ofShow("netsu_show_contagion_lexical"), "contagion (words)"},
			{ofShow("netsu_show_contagion_grade"), "contagion grade"},
			{ofShow("netsu_show_trust_ratio"), "trust"}, {ofShow("netsu_show_ignition_level"), "ignition"},
			{ofShow("netsu_show_room_orders_total"), "orders"},
		}}
}

func heat() panel {
	return panel{title: "Heat with its interval", width: 12, unit: "none", max: 100, thin: "/ (from|to)$/",
		empty: noShow + " Or none with enough people and acts: see \"Why there is no number\".",
		about: "Heat score 0 to 100, and the 95 % interval as dashed lines. 25 and 75 are the " +
			"quartiles of middling rooms. It is per head: a small burning room outranks a large " +
			"lukewarm one.",
		steps: levels("blue", at(25, "green"), at(75, "red")),
		query: []query{{ofShow("netsu_show_heat_score"), "{{show}}"}, {ofShow("netsu_show_heat_score_lo"), "{{show}} from"},
			{ofShow("netsu_show_heat_score_hi"), "{{show}} to"}}}
}

func power() panel {
	return panel{title: "Power", width: 12, unit: "watt", empty: noShow,
		about: "What the whole room radiates now, joules a second. It grows with the number of people, " +
			"which heat does not.",
		query: []query{{ofShow("netsu_show_power_watts"), "{{show}}"}}}
}

func audience() panel {
	return panel{title: "Viewers and active heads", width: 12, unit: "locale", empty: noShow, thin: "/ viewers$/",
		about: "Solid: people who acted in the last 5 minutes. Dashed: the platform's own count, where " +
			"it tells one; displayed popularity is not always people.",
		query: []query{{ofShow("netsu_show_active_heads"), "{{show}}"}, {ofShow("netsu_show_viewers"), "{{show}} viewers"}}}
}

func backed() panel {
	return panel{title: "Heat that buys", width: 12, unit: "percentunit", max: 1, empty: noShow,
		about: "Share of the heat so far that came from people with an order. Low and hot is a room " +
			"that is entertained.",
		query: []query{{ofShow("netsu_show_backed_ratio"), "{{show}}"}}}
}

func sync() panel {
	return panel{title: "Sync rate 同調率", width: 12, unit: "none", max: 100,
		empty: noShow + " Or its ESOL's words are not known, or too few people speak.",
		about: "Words and acts that room and ESOL share, 0 to 100. That they move together, not that " +
			"one moves the other.",
		query: []query{{ofShow("netsu_show_sync_rate"), "{{show}}"}}}
}

func contagion() panel {
	return panel{title: "Contagion 感染, a bracket", width: 12, unit: "none", thin: "/ total$/",
		empty: noShow + " Or too few comments to say.",
		about: "Comments set off per comment, by two definitions: words taken up from the room (solid) " +
			"and whatever makes comments follow comments (dashed). Not an interval: never quote one as " +
			"the other's error. With grade C (board) the ESOL's words were not known, and it is " +
			"co-movement only.",
		query: []query{{ofShow("netsu_show_contagion_lexical"), "{{show}}"},
			{ofShow("netsu_show_contagion_overall"), "{{show}} total"}}}
}

func trust() panel {
	return panel{title: "Trust", width: 12, unit: "percentunit", max: 1, empty: noShow,
		about: "Share of the comments of the last 5 minutes that is believed, by weight. Distrust " +
			"cools heat and touches no money. It finds timers and copy-paste; a careful spammer passes.",
		query: []query{{ofShow("netsu_show_trust_ratio"), "{{show}}"}}}
}

func ignition() panel {
	return panel{title: "Ignition", width: 12, unit: "none", empty: noShow,
		about: "Level of the train that only distinct trusted people keep going; 0 is none under way.",
		query: []query{{ofShow("netsu_show_ignition_level"), "{{show}}"}}}
}

func funnel() panel {
	return panel{title: "Funnel, people", look: bars, width: 8, unit: "locale", empty: noShow,
		about: "Distinct people who have been at each stage since the start of the show, over the " +
			"chosen shows. Not ordered: someone may buy without asking, so a later stage can be larger " +
			"than one before.",
		query: []query{{"sort_desc(sum by (stage) (max by (show, esol, stage) (netsu_show_funnel_people" +
			chosen("esol", "show") + ")))", "{{stage}}"}}}
}

func acts() panel {
	return panel{title: "Comments a minute", width: 8, unit: "none", empty: noShow,
		about: "Comments that were accepted, believed or not. More comments are not more heat.",
		query: []query{{speed("netsu_show_comments_total", "show", "esol"), "{{show}}"}}}
}

func sales() panel {
	return panel{title: "Orders a minute", width: 8, unit: "none", empty: noShow,
		about: "Distinct orders seen in the room, paid or not. Money is on the dashboard of campaigns.",
		query: []query{{speed("netsu_show_room_orders_total", "show", "esol"), "{{show}}"}}}
}

func why() panel {
	return panel{title: "Why there is no number", look: grid, width: 12, unit: "none",
		empty: "Everything can be said of the chosen shows.",
		about: "Of which show, of what, and why: too few people, too young, no words of the ESOL. A " +
			"reason is information, not a fault.",
		query: []query{{`max by (show, of, reason) (netsu_show_insufficient{esol=~"$esol",show=~"$show"})`, "unknown"}}}
}

func moments() panel {
	return panel{title: "Moments and diagnoses", look: grid, width: 12, unit: "dateTimeAsIso",
		empty: "None yet. They also mark the time axis.",
		about: "When each kind came last, of the latest 500 of all shows. A diagnosis asks for a " +
			"look, it is no verdict.",
		columns: []column{{name: "at", unit: "dateTimeAsIso"}},
		query: []query{{`max by (show, kind) (netsu_show_moment_timestamp_seconds{esol=~"$esol",show=~"$show"}) * 1000`,
			"at"}}}
}
