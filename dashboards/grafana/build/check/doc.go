// Command check asks a Prometheus that scrapes a running Netsu for everything that the dashboards, annotations, variables
// and rules ask for.
//
//	go run -C dashboards/grafana/build ./check -prometheus http://127.0.0.1:9090 -netsu http://127.0.0.1:8080 -within 90s
//
// It fails if, when that time is over, any query is still refused or answered by nothing (or by NaN only), or if any of
// our metrics is named that nothing exposes. What may be empty is the short list mayBeEmpty, each with its reason. An
// alert's query is asked with its comparisons as questions (> bool 10), so that it answers without firing.
//
// It subscribes to Netsu's feed meanwhile, since the panels of the feed are about subscribers, and delivers to its gateway,
// where -gateway names one. What Grafana would put in
// place of variables is the table substitutes.
package main
