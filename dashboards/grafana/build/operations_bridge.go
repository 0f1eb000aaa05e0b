package main

const noBridge = "No process here is a bridge."

func bridged() panel {
	return panel{title: "Records bridged", width: 12, unit: "cps", empty: noBridge,
		about: "Records a second that were read from topics of the house's own, and the raw events that were made of them: a " +
			"mapping may make none of a record, or several. What is read again counts again here, and once in the meters.",
		query: []query{{"sum by (topic) (rate(netsu_bridge_records_total[$__rate_interval]))", "{{topic}} read"},
			{"sum by (topic) (rate(netsu_bridge_events_total[$__rate_interval]))", "{{topic}} events"}}}
}

func bridgeLetters() panel {
	return panel{title: "Dead letters of the bridge", width: 12, unit: "cps", empty: noBridge,
		about: "Records a second that could not be read or mapped, by reason. Nothing is lost: `netsu deadletters list` has them " +
			"under their own topic, partition and offset, and reading the topic again mends them.",
		query: []query{{"sum by (reason) (rate(netsu_bridge_dead_letters_total[$__rate_interval]))", "{{reason}}"}}}
}

func bridgeLag() panel {
	return panel{title: "Records not bridged", width: 12, unit: "locale", empty: noBridge,
		about: "Offsets of the house's own topics that are not read yet. What matters is whether it falls.",
		query: []query{{"sum by (instance) (netsu_bridge_lag_offsets)", "{{instance}}"}}}
}

func bridgeSchemas() panel {
	return panel{title: "Schemas", width: 12, unit: "none", empty: noBridge, right: "/^asked/", rightIs: "cps",
		about: "Partitions that stand still until a schema is known, bridges that cannot ask the registry, and (right) how many " +
			"schemas were asked for a second. In good order the first two are 0, and few are asked for after a start.",
		query: []query{{"sum(netsu_bridge_waiting_partitions)", "partitions waiting"},
			{"sum(netsu_bridge_registry_away)", "registry away"},
			{"sum by (outcome) (rate(netsu_bridge_schema_fetches_total[$__rate_interval]))", "asked, {{outcome}}"}}}
}
