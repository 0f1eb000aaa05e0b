package main

const noHistory = "No process here keeps history."

func historyRows() panel {
	return panel{title: "Rows of history", width: 8, unit: "locale", empty: noHistory,
		about: "Rows kept, by tier and process, revisions among them.",
		query: []query{{"sum by (instance, tier) (netsu_history_rows)", "{{instance}} {{tier}}"}}}
}

func historyBytes() panel {
	return panel{title: "Bytes of history", width: 8, unit: "bytes", empty: noHistory, thin: "/ limit$/",
		about: "Keys and values, of each process, and how many there may be. Beyond that all times shrink by the same factor.",
		query: []query{{"sum by (instance) (netsu_history_bytes)", "{{instance}}"},
			{"netsu_history_limit_bytes", "{{instance}} limit"}}}
}

func historyEvicted() panel {
	return panel{title: "Rows dropped", width: 8, unit: "none", empty: noHistory,
		about: "Rows dropped in 10 minutes by why: age is as it should be, bytes is before their time, late came after what is kept.",
		query: []query{{"sum by (cause) (increase(netsu_history_evicted_rows_total[10m]))", "{{cause}}"}}}
}

func historyTrouble() panel {
	return panel{title: "History: lag and gaps", width: 12, unit: "locale", empty: noHistory,
		about: "Records of the meters that history has not written, and gaps in 10 minutes: records that were compacted away before " +
			"they were read, but for those from before the history began.",
		query: []query{{"netsu_history_lag_records", "{{instance}} lag"},
			{"increase(netsu_history_holes_total[10m])", "{{instance}} gaps"}}}
}

func tape() panel {
	return panel{title: "Tape", width: 12, unit: "bytes", empty: "No process here keeps tapes.",
		about: "Bytes of recordings, as of the last sweep, and (right) shows on the air that are not recorded though they should be.",
		right: "/ shows$/", rightIs: "none",
		query: []query{{"netsu_feed_tape_bytes", "{{instance}}"},
			{"netsu_feed_untaped_shows", "{{instance}} untaped shows"}}}
}

func refusedTokens() panel {
	return panel{title: "Refused at the feed", width: 8, unit: "cps", empty: notScraped,
		about: "Requests and hellos a second that were refused for whose they said they were, by why; and times that keys could " +
			"not be read anew. What a token does not grant is not among them.",
		query: []query{{"sum by (code) (rate(netsu_access_refused_total[$__rate_interval]))", "{{code}}"},
			{"sum(netsu_access_file_broken)", "keys files that cannot be read"},
			{"sum(rate(netsu_access_set_failures_total[$__rate_interval]))", "JWK Sets that cannot be read"}}}
}
