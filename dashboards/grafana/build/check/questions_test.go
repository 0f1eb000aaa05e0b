package main

import (
	"slices"
	"testing"
)

func TestAnAlertIsAskedAsAQuestion(t *testing.T) {
	got := asked(`a >= 75 and b < 3 and netsu:x:rate == 0 or up{job="n"} == 0`)
	want := `a >= bool 75 and b < bool 3 and netsu:x:rate == bool 0 or up{job="n"} == bool 0`
	if got != want {
		t.Errorf("asked %s", got)
	}
}

func TestAllNamesOfMetricsAreFound(t *testing.T) {
	got := metricsIn(`sum by (topic) (rate(netsu_a_total{topic="netsu_not"}[5m])) / stage:netsu_b:max + netsu:c:rate5m - ` +
		`up{job="netsu"} * process_d_seconds % go_e`)
	want := []string{"netsu_a_total", "stage:netsu_b:max", "netsu:c:rate5m", "up", "process_d_seconds", "go_e"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
}

func TestAVariableIsAskedForItsChoices(t *testing.T) {
	if got, err := variable(`label_values(netsu_a{b=~".*"}, show)`); got != `count by (show) (netsu_a{b=~".*"})` || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := variable("query_result(x)"); err == nil {
		t.Error("a query_result is taken for label_values")
	}
}
