package check

import (
	"fmt"
	"slices"
	"testing"

	apps "k8s.io/api/apps/v1"
	networking "k8s.io/api/networking/v1"
)

// The bridge has the registry's secrets and its mappings, and no other key; no other process has either.
func TestChartGivesTheBridgeWhatItNeeds(t *testing.T) {
	for _, c := range []struct {
		values, changes string
		secrets         []string
		mappings        bool
	}{
		{"bridge", "{}", []string{"registry"}, true},
		{"bridge", "{bridge: {topics: [shop.chat=json], registry: {existingSecret: ''}}}", nil, true},
		{"bridge", "{roles: [show, journey, ledger]}", nil, false},
	} {
		pod := decode[apps.StatefulSet](t, chartOf(t, c.values, c.changes), "apps/v1 StatefulSet/live-netsu").Spec.Template.Spec
		if got := secretsOf(pod); !slices.Equal(got, c.secrets) {
			t.Errorf("%s: the processes have the secrets %v, want %v", c.changes, got, c.secrets)
		}
		mappings := false
		for _, v := range pod.Volumes {
			mappings = mappings || v.ConfigMap != nil && v.ConfigMap.Name == "netsu-mappings"
		}
		if mappings != c.mappings {
			t.Errorf("%s: has the mappings: %v", c.changes, mappings)
		}
	}
}

// The bridge may reach its registry, at the ports of its addresses; nobody else may.
func TestChartLetsTheRegistryBeAsked(t *testing.T) {
	for changes, want := range map[string]string{
		"{}": "8081",
		"{bridge: {registry: {urls: ['http://a', 'https://b', 'https://c:9443/sub']}}}": "80 443 9443",
		"{networkPolicy: {registryTo: [{ipBlock: {cidr: 192.0.2.0/24}}]}}":              "8081 to 192.0.2.0/24",
		"{roles: [show]}":                  "",
		"{bridge: {registry: {urls: []}}}": "",
	} {
		policy := decode[networking.NetworkPolicy](t, chartOf(t, "bridge", changes), "networking.k8s.io/v1 NetworkPolicy/live-netsu")
		got := ""
		for _, rule := range policy.Spec.Egress[2:] { // behind names and Kafka
			if got != "" {
				got += " "
			}
			got += fmt.Sprint(rule.Ports[0].Port)
			for _, to := range rule.To {
				got += " to " + to.IPBlock.CIDR
			}
		}
		if got != want {
			t.Errorf("%s: may reach %q besides names and Kafka, want %q", changes, got, want)
		}
	}
}
