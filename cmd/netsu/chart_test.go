package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// Every setting can be given to the Helm chart: by a value of its own, or under settings, where the schema of the values
// must name it.
func TestChartKnowsEverySetting(t *testing.T) {
	var schema struct {
		Properties struct {
			Settings struct{ Properties map[string]any }
		}
	}
	b, err := os.ReadFile("../../deploy/helm/netsu/values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	// The chart sets these by other values, or fixes them.
	own := []string{"brokers", "prefix", "roles", "data_dir", "hashing_key_file", "listen", "ops_listen", "access_keys_file",
		"listen_tls_cert_file", "listen_tls_key_file", "gateway_listen", "gateway_mappings_dir", "gateway_secrets_dir"}
	bridge := []string{"bridge_mappings_dir", "bridge_topics"} // set by the values of bridge, as is registry_…
	embedded := []string{"broker_port", "partitions"}          // of the embedded broker, which the chart does not use
	var want []string
	settingFlags().VisitAll(func(f *pflag.Flag) {
		key := keyOf(f.Name)
		kafka := strings.HasPrefix(key, "tls") || strings.HasPrefix(key, "sasl")
		kafka = kafka || strings.HasPrefix(key, "registry_") || slices.Contains(bridge, key)
		if !kafka && !slices.Contains(own, key) && !slices.Contains(embedded, key) {
			want = append(want, key)
		}
	})
	if got := slices.Sorted(maps.Keys(schema.Properties.Settings.Properties)); !slices.Equal(got, want) {
		t.Errorf("settings in values.schema.json are %v, those of the program that the chart does not set are %v", got, want)
	}
}
