package main

const noGateway = "No process here is a gateway, or nothing was delivered in this time."

func deliveries() panel {
	return panel{title: "Deliveries", width: 8, unit: "cps", empty: noGateway,
		about: "Deliveries a second by source and how they ended. Unreadable are dead letters, and answered 202; busy (429) and " +
			"failed (503) come again; of unsigned ones nothing is kept.",
		query: []query{{"sum by (source, outcome) (rate(netsu_gateway_deliveries_total[$__rate_interval])) > 0",
			"{{source}} {{outcome}}"}}}
}

func turnedAway() panel {
	return panel{title: "Deliveries refused, by cause", width: 8, unit: "cps", empty: noGateway,
		about: "Why deliveries were not accepted, a second. slots, kafka_slow and bytes are backpressure; gave_way, readers and " +
			"too_slow are senders that dribble; the others are the senders' mistakes.",
		query: []query{{"sum by (cause) (rate(netsu_gateway_refused_total[$__rate_interval]))", "{{cause}}"}}}
}

func deliverySeconds() panel {
	return panel{title: "Seconds of a delivery", width: 8, unit: "s", empty: noGateway, thin: "/ p50$/",
		about: "Kafka: from a delivery being in order to the acknowledgement of all in-sync replicas. Whole: from its head to " +
			"its answer, so with how slowly it was sent.",
		query: []query{{quantile(.99, "netsu_gateway_write_seconds", "le"), "Kafka p99"},
			{quantile(.5, "netsu_gateway_write_seconds", "le"), "Kafka p50"},
			{quantile(.99, "netsu_gateway_delivery_seconds", "le"), "whole p99"}}}
}

func atWork() panel {
	return panel{title: "Deliveries at work", width: 12, unit: "none", empty: noGateway, thin: "/limit$/",
		about: "Bodies being read, of anyone; and deliveries that proved themselves and are being mapped and written, with how " +
			"many of these there may be: at the limit, further ones are told 429.",
		query: []query{{"sum by (instance) (netsu_gateway_reading)", "{{instance}} read"},
			{"sum by (instance) (netsu_gateway_writing)", "{{instance}} written"},
			{"max(netsu_gateway_writing_limit)", "limit"}}}
}

func gatewayBytes() panel {
	return panel{title: "Bytes at the gateway", width: 12, unit: "bytes", empty: noGateway,
		about: "What waits for Kafka's acknowledgement (16 MiB of records, and of dead letters, is all that may), and bytes of " +
			"large deliveries in flight (64 MiB).",
		query: []query{{"sum by (instance) (netsu_gateway_kafka_waiting_bytes)", "{{instance}} wait for Kafka"},
			{"sum by (instance) (netsu_gateway_large_bytes)", "{{instance}} in flight"}}}
}
