package main

import "fmt"

// operations is what who runs Netsu looks at. The alerts' runbook is deploy/RUNBOOK.md.
func operations() (*board, error) {
	b := newBoard("netsu-operations", "Netsu · Operations", "Is everything read, folded, remembered and shown, and how "+
		"late? The alerts are explained in deploy/RUNBOOK.md.", "now-30m")
	for _, row := range []struct {
		title  string
		panels []panel
	}{
		{"Now", []panel{processes(), freshest(), lagNow(), failedTasks(), checkpointAge(), leftOut()}},
		{"Ingest", []panel{events(), deadLetters(), ingestLag(), lateEvents()}},
		{"Folds", []panel{foldLag(), foldLagSeconds(), foldFreshness(), checkpoints(), restoring(), folded(),
			cache(), failures(), standbys()}},
		{"Feed", []panel{appendToWrite(), subscribers(), frames(), alerts(), restatements(), refusedTokens()}},
		{"Gateway", []panel{deliveries(), turnedAway(), deliverySeconds(), atWork(), gatewayBytes()}},
		{"Bridge", []panel{bridged(), bridgeLetters(), bridgeLag(), bridgeSchemas()}},
		{"History and tape", []panel{historyRows(), historyBytes(), historyEvicted(), historyTrouble(), tape()}},
		{"State and Kafka", []panel{levelSizes(), amplification(), requests(), kafkaErrors(), kafkaBytes(), topicBytes()}},
		{"Process", []panel{memory(), cpu(), goroutines(), files()}},
	} {
		if err := b.row(row.title, row.panels...); err != nil {
			return nil, err
		}
	}
	return b, nil
}

const notScraped = "Nothing scraped: is Netsu running, and is its address in Prometheus' targets?"

func processes() panel {
	return panel{title: "Processes up", look: number, width: 4, unit: "none", empty: notScraped,
		about: "Processes that Prometheus reaches, of those in its targets.",
		query: []query{{`sum(up{job="netsu"})`, "up"}}}
}

func freshest() panel {
	return panel{title: "Feed freshness", look: number, width: 4, unit: "s", decimals: 1,
		empty: "No show is on the air.",
		about: "Now minus the lowest watermark of the shows on the air: how old what people see is, at " +
			"worst and of the feed that is furthest behind. Shows that are replayed with their own times are as old as they are.",
		steps: levels("green", at(15, "orange"), at(60, "red")),
		query: []query{{"max(netsu_feed_freshness_seconds)", "old"}}}
}

func lagNow() panel {
	return panel{title: "Lag", look: number, width: 4, unit: "locale", empty: notScraped,
		about: "Records of all logs that are still to be folded. What matters is whether it falls.",
		steps: levels("green", at(1000, "orange"), at(100_000, "red")),
		query: []query{{"sum(stage:netsu_fold_lag_records:sum)", "records"}}}
}

func failedTasks() panel {
	return panel{title: "Failed tasks", look: number, width: 4, unit: "none", empty: notScraped,
		about: "Tasks that failed and will be restored again by themselves. The log and /readyz say " +
			"why.",
		steps: levels("green", at(1, "red")),
		query: []query{{`sum(netsu_fold_task_state{state="failed"})`, "failed"}}}
}

func checkpointAge() panel {
	return panel{title: "Oldest checkpoint", look: number, width: 4, unit: "s", decimals: 1,
		empty: "No checkpoint was made yet.",
		about: "How much would be folded again after a crash, at worst. Twice --checkpoint-every is " +
			"normal.",
		steps: levels("green", at(30, "orange"), at(60, "red")),
		query: []query{{"max(stage:netsu_fold_checkpoint_age_seconds:max)", "old"}}}
}

func leftOut() panel {
	return panel{title: "Scopes without series", look: number, width: 4, unit: "none", empty: notScraped,
		about: "Shows, ESOLs, campaigns and brands that are summed into __other__ for want of room.",
		steps: levels("green", at(1, "orange")),
		query: []query{{"sum(max by (scope) (netsu_feed_left_out_scopes))", "left out"}}}
}

func events() panel {
	return panel{title: "Events ingested", width: 12, unit: "cps", empty: notScraped,
		about: "Events accepted a second, by raw topic. A record that is read again counts again.",
		query: []query{{"sum by (topic) (rate(netsu_ingest_events_total[$__rate_interval]))", "{{topic}}"}}}
}

func deadLetters() panel {
	return panel{title: "Dead letters", width: 12, unit: "cps", empty: notScraped,
		about: "Records refused a second, by reason. Nothing is lost: `netsu deadletters list` shows " +
			"them, `resubmit` sends them again.",
		query: []query{{"sum by (reason) (rate(netsu_ingest_dead_letters_total[$__rate_interval]))", "{{reason}}"}}}
}

func ingestLag() panel {
	return panel{title: "Raw records not ingested", width: 12, unit: "locale", empty: notScraped,
		about: "Offsets of the raw partitions that are not ingested yet, and (right) how long ago all " +
			"was.",
		right: "/^all/", rightIs: "s",
		query: []query{{"sum(netsu_ingest_lag_offsets)", "offsets"},
			{"min(netsu_ingest_freshness_seconds)", "all ingested up to"}}}
}

func lateEvents() panel {
	return panel{title: "Late events", width: 12, unit: "none", empty: "No show is on the air.",
		about: "Events a minute that came after their second was final, over all shows. They count for " +
			"money, not for heat.",
		query: []query{{"sum(60 * max by (show, esol) (rate(netsu_show_late_events_total[$__rate_interval])))", "late"}}}
}

func foldLag() panel {
	return panel{title: "Lag in records", width: 8, unit: "locale", empty: notScraped,
		about: "Records of each stage's log that are not folded.",
		query: []query{{"stage:netsu_fold_lag_records:sum", "{{stage}}"}}}
}

func foldLagSeconds() panel {
	return panel{title: "Lag in seconds", width: 8, unit: "s", empty: notScraped,
		about: "Age of the latest record folded while there are more, of the slowest task; 0 where all " +
			"is folded.",
		query: []query{{"max by (stage) (netsu_fold_lag_seconds)", "{{stage}}"}}}
}

func foldFreshness() panel {
	return panel{title: "Freshness by stage", width: 8, unit: "s", empty: notScraped,
		about: "Now minus the append time of the latest record folded, of the slowest task. Ticks come " +
			"four times a second, so above a second or two nobody writes or the stage does not keep up.",
		steps: levels("green", at(10, "red")),
		query: []query{{"stage:netsu_fold_freshness_seconds:max", "{{stage}}"}}}
}

// quantile of a histogram's classic buckets, by a label.
func quantile(q float64, metric, by string) string {
	return fmt.Sprintf("histogram_quantile(%g, sum by (%s) (rate(%s_bucket[$__rate_interval])))", q, by, metric)
}

func checkpoints() panel {
	return panel{title: "Checkpoints, p50 and p99", width: 8, unit: "s", empty: "No checkpoint in this time.",
		about: "How long a checkpoint takes, behind the fold: it does not stop it unless the next is " +
			"due.", thin: "/ p50$/",
		query: []query{{quantile(.99, "netsu_fold_checkpoint_seconds", "stage, le"), "{{stage}} p99"},
			{quantile(.5, "netsu_fold_checkpoint_seconds", "stage, le"), "{{stage}} p50"}}}
}

func restoring() panel {
	return panel{title: "Restore, records to go", width: 8, unit: "locale", empty: notScraped,
		about: "Records of the changelogs that tasks still have to read before they fold again. 0: all " +
			"are back.",
		query: []query{{"sum by (stage) (netsu_fold_restore_remaining_records)", "{{stage}}"}}}
}

func folded() panel {
	return panel{title: "Events folded", width: 8, unit: "cps", empty: notScraped,
		about: "Events folded a second, by stage, without duplicates.",
		query: []query{{"sum by (stage) (rate(netsu_fold_events_total[$__rate_interval]))", "{{stage}}"}}}
}

func cache() panel {
	return panel{title: "State read from memory", width: 8, unit: "percentunit", max: 1,
		empty: "No state was read in this time.",
		about: "Share of the reads of state that memory answered. Low with evictions: raise " +
			"--cache-mb. The show fold reads none.",
		query: []query{{"stage:netsu_fold_cache_hits:ratio_rate5m", "{{stage}}"}}}
}

func failures() panel {
	return panel{title: "Failures of tasks", width: 8, unit: "none", empty: notScraped,
		about: "Times in the last 10 minutes that a task failed and was restored; fenced are those " +
			"where another process had taken its partition, as at a takeover.",
		query: []query{{"sum by (stage) (increase(netsu_fold_failures_total[10m]))", "{{stage}}"},
			{"sum by (stage) (increase(netsu_fold_fenced_total[10m]))", "{{stage}} fenced"}}}
}

func standbys() panel {
	return panel{title: "Standby copies", width: 8, unit: "s", empty: "No copies: one process alone, or --standby-copies 0.",
		about: "How old the newest checkpoint is in the copies that processes keep of each other's state, the worst of a stage. " +
			"A few seconds while owners make checkpoints; the first copy of a partition takes as long as its state is large.",
		query: []query{{"max by (stage) (netsu_standby_freshness_seconds)", "{{stage}}"}}}
}

func appendToWrite() panel {
	return panel{title: "Append to write", width: 8, unit: "s",
		empty: "No subscriber was sent anything in this time.", thin: "/p50/",
		about: "From the append of the newest event in a delta to the delta having been written to a " +
			"subscriber. Without the way there and back over the network.",
		query: []query{{quantile(.99, "netsu_feed_append_to_write_seconds", "le"), "p99"},
			{quantile(.5, "netsu_feed_append_to_write_seconds", "le"), "p50"}}}
}

func subscribers() panel {
	return panel{title: "Subscribers", width: 8, unit: "locale", empty: notScraped,
		about: "Websockets, and their subscriptions, over all processes.",
		query: []query{{"sum(netsu_feed_subscribers)", "connections"}, {"sum(netsu_feed_subscriptions)", "subscriptions"}}}
}

func frames() panel {
	return panel{title: "Frames", width: 8, unit: "cps", empty: notScraped,
		about: "Frames written a second, and editions that a newer one replaced before a slow " +
			"subscriber took them.",
		query: []query{{"sum by (t) (rate(netsu_feed_frames_total[$__rate_interval]))", "{{t}}"},
			{"sum by (cause) (rate(netsu_feed_conflated_total[$__rate_interval]))", "replaced: {{cause}}"}}}
}

func alerts() panel {
	return panel{title: "Moments and diagnoses", width: 8, unit: "none", empty: notScraped,
		about: "How many came in 10 minutes, over all shows, by kind: what one process saw.",
		query: []query{{"max by (kind) (increase(netsu_feed_alerts_total[10m]))", "{{kind}}"}}}
}

func restatements() panel {
	return panel{title: "Corrections of money", width: 8, unit: "none", empty: notScraped,
		about: "Restatements in 10 minutes, over all scopes, by reason: what one process saw. Many of one kind at once are a " +
			"shop's correction, a change of the catalog or of a contract.",
		query: []query{{"max by (reason) (increase(netsu_feed_restatements_total[10m]))", "{{reason}}"}}}
}

func levelSizes() panel {
	return panel{title: "State on disk", width: 12, unit: "bytes", empty: "No process here keeps state.",
		about: "Badger's tables, by level, over all processes; what is still in memory is not in it. " +
			"Right: how due the level most due for compaction is, above 1 it is, and the tables being " +
			"compacted.",
		right: "/^(due|tables)/", rightIs: "none",
		query: []query{{"sum by (level) (netsu_badger_level_size_bytes)", "level {{level}}"},
			{"max(netsu_badger_level_score)", "due"},
			{"sum(netsu_badger_compacting_tables)", "tables being compacted"}}}
}

func amplification() panel {
	return panel{title: "Written to disk", width: 12, unit: "Bps", empty: "No process here keeps state.",
		about: "Bytes a second: what checkpoints write, and what Badger writes for it by flush and by " +
			"compaction.",
		query: []query{{"sum(rate(netsu_badger_user_bytes_total[$__rate_interval]))", "checkpoints"},
			{"sum by (by) (rate(netsu_badger_written_bytes_total[$__rate_interval]))", "{{by}}"}}}
}

func requests() panel {
	return panel{title: "Kafka requests, p99", width: 12, unit: "s", empty: notScraped,
		about: "From the writing of a request to its answer. A fetch waits for records, so half a " +
			"second is idle and not slow.",
		query: []query{{quantile(.99, "netsu_kafka_request_seconds", "request, le"), "{{request}}"}}}
}

func kafkaErrors() panel {
	return panel{title: "Kafka troubles", width: 12, unit: "cps", empty: notScraped,
		about: "A second: connections refused or closed, requests that broke, and seconds that brokers " +
			"asked us to wait.",
		query: []query{{"sum(rate(netsu_kafka_connect_errors_total[$__rate_interval]))", "refused"},
			{"sum(rate(netsu_kafka_disconnects_total[$__rate_interval]))", "closed"},
			{"sum(rate(netsu_kafka_request_errors_total[$__rate_interval]))", "broken"},
			{"sum(rate(netsu_kafka_throttled_seconds_total[$__rate_interval]))", "throttled, s/s"}}}
}

func kafkaBytes() panel {
	return panel{title: "Kafka traffic", width: 12, unit: "Bps", empty: notScraped,
		about: "Bytes a second to and from brokers, as they were on the wire.",
		query: []query{{"sum(rate(netsu_kafka_read_bytes_total[$__rate_interval]))", "read"},
			{"sum(rate(netsu_kafka_write_bytes_total[$__rate_interval]))", "written"}}}
}

func topicBytes() panel {
	return panel{title: "By topic", width: 12, unit: "Bps", empty: notScraped, thin: "/ read$/",
		about: "Compressed bytes a second that these processes write to each topic (solid): what " +
			"retention will have to hold. Dashed: what they read of it, restores included.",
		query: []query{{"sum by (topic) (rate(netsu_kafka_produced_bytes_total[$__rate_interval]))", "{{topic}}"},
			{"sum by (topic) (rate(netsu_kafka_fetched_bytes_total[$__rate_interval]))", "{{topic}} read"}}}
}

func memory() panel {
	return panel{title: "Memory", width: 6, unit: "bytes",
		empty: notScraped, about: "Resident memory of each process.",
		query: []query{{`process_resident_memory_bytes{job="netsu"}`, "{{instance}}"}}}
}

func cpu() panel {
	return panel{title: "CPU", width: 6, unit: "none",
		empty: notScraped,
		about: "Cores that each process keeps busy, user and system time.",
		query: []query{{`rate(process_cpu_seconds_total{job="netsu"}[$__rate_interval])`, "{{instance}}"}}}
}

func goroutines() panel {
	return panel{title: "Goroutines", width: 6, unit: "locale", empty: notScraped,
		about: "Of each process. Two per websocket and some per partition; otherwise flat.",
		query: []query{{`go_goroutines{job="netsu"}`, "{{instance}}"}}}
}

func files() panel {
	return panel{title: "Open files", width: 6, unit: "locale", empty: notScraped, thin: "/ limit$/",
		about: "File handles of each process, and its limit.",
		query: []query{{`process_open_fds{job="netsu"}`, "{{instance}}"},
			{`process_max_fds{job="netsu"}`, "{{instance}} limit"}}}
}
