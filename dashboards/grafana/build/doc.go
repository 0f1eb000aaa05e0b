// Command build writes the dashboards for Grafana.
//
//	go generate ./dashboards/grafana           rebuild *.json (from the root of the project)
//	go run -C dashboards/grafana/build ./check  ask a Prometheus that scrapes a Netsu for everything that they ask for
//
// One file per dashboard, one function per panel: what it asks, what it says, what it is not, and what stands there when
// it is empty. The JSON beside this folder is the output, committed, and the same bytes each time.
//
// Every feed shows every meter, so with two processes each number is there twice: a panel takes the max over them before
// it sums anything.
//
// It is a module of its own, so that the program's go.mod stays small.
package main
