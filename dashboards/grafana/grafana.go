// Package grafana holds the dashboards for Grafana as JSON, made by the module in build.
package grafana

//go:generate go run -C build .
