package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"
)

// valuesOf is a file of ci/ and changes to it.
func valuesOf(t *testing.T, file, changes string) map[string]any {
	t.Helper()
	values, err := chartutil.ReadValuesFile(chartDir + "/ci/" + file + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	var over map[string]any
	if err := yaml.Unmarshal([]byte(changes), &over); err != nil {
		t.Fatal(err)
	}
	return chartutil.CoalesceTables(over, values)
}

// chartOf is the chart with a file of ci/ and changes to it.
func chartOf(t *testing.T, file, changes string) map[string]string {
	t.Helper()
	docs, err := render(valuesOf(t, file, changes))
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

func decode[T any](t *testing.T, docs map[string]string, name string) (o T) {
	t.Helper()
	if docs[name] == "" {
		t.Fatalf("there is no %s among %v", name, slices.Sorted(maps.Keys(docs)))
	}
	if err := yaml.UnmarshalStrict([]byte(docs[name]), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// secretsOf are the Secrets that a pod mounts.
func secretsOf(pod core.PodSpec) (names []string) {
	for _, v := range pod.Volumes {
		if v.Secret != nil {
			names = append(names, v.Secret.SecretName)
		}
	}
	slices.Sort(names)
	return names
}

// Each kind of process has the secrets that it uses, and no other.
func TestChartGivesEachWhatItNeeds(t *testing.T) {
	docs := chartOf(t, "everything", "{}")
	set := decode[apps.StatefulSet](t, docs, "apps/v1 StatefulSet/live-netsu")
	gateway := decode[apps.Deployment](t, docs, "apps/v1 Deployment/live-netsu-gateway")
	if got := secretsOf(set.Spec.Template.Spec); !slices.Equal(got, []string{"feed-tls", "kafka-tls", "kafka-user", "netsu-access", "netsu-hashing"}) {
		t.Errorf("the processes have the secrets %v", got)
	}
	if got := secretsOf(gateway.Spec.Template.Spec); !slices.Equal(got, []string{"kafka-tls", "kafka-user", "netsu-gateway"}) {
		t.Errorf("the gateway has the secrets %v", got)
	}
	folds := decode[apps.StatefulSet](t, chartOf(t, "smallest", "{roles: [show, journey, ledger], hashingKey: {existingSecret: ''}}"),
		"apps/v1 StatefulSet/live-netsu")
	if got := secretsOf(folds.Spec.Template.Spec); len(got) != 0 {
		t.Errorf("processes that neither ingest nor serve have the secrets %v", got)
	}
}

// What selects the gateway finds no other process, and the other way round; and each Service leads to a port of its pods.
func TestChartSelectsApart(t *testing.T) {
	docs := chartOf(t, "everything", "{}")
	pods := map[string]core.PodTemplateSpec{
		"live-netsu":         decode[apps.StatefulSet](t, docs, "apps/v1 StatefulSet/live-netsu").Spec.Template,
		"live-netsu-gateway": decode[apps.Deployment](t, docs, "apps/v1 Deployment/live-netsu-gateway").Spec.Template,
	}
	services := 0
	for id := range docs {
		name, ok := strings.CutPrefix(id, "v1 Service/")
		if !ok {
			continue
		}
		services++
		s := decode[core.Service](t, docs, id)
		for of, pod := range pods {
			selects := true
			for k, v := range s.Spec.Selector {
				selects = selects && pod.Labels[k] == v
			}
			if want := strings.TrimSuffix(name, "-headless") == of; selects != want {
				t.Errorf("Service %s selects %s: %v", name, of, selects)
			} else if !want {
				continue
			}
			for _, p := range s.Spec.Ports {
				if !slices.ContainsFunc(pod.Spec.Containers[0].Ports, func(c core.ContainerPort) bool { return c.Name == p.TargetPort.StrVal }) {
					t.Errorf("Service %s leads to a port %s, which %s does not have", name, p.TargetPort.StrVal, of)
				}
			}
		}
	}
	if services != 4 {
		t.Errorf("%d Services", services)
	}
	ingress := decode[networking.Ingress](t, docs, "networking.k8s.io/v1 Ingress/live-netsu-gateway")
	backend := ingress.Spec.Rules[0].HTTP.Paths[0].Backend.Service
	if to := decode[core.Service](t, docs, "v1 Service/"+backend.Name); to.Spec.Ports[0].Name != backend.Port.Name ||
		ingress.Spec.TLS[0].Hosts[0] != ingress.Spec.Rules[0].Host {
		t.Errorf("ingress %+v leads to %+v", ingress.Spec, to.Spec.Ports)
	}
}

// Who verifies tokens with a JWK Set by URL may reach it, at the port of its address; nobody else may.
func TestChartLetsTheJWKSetBeRead(t *testing.T) {
	for changes, want := range map[string]string{
		"{}": "",
		"{settings: {access_jwks_url: 'https://idp.example/jwks'}}":                                                             "443",
		"{settings: {access_jwks_url: 'https://idp.example:8443/jwks'}}":                                                        "8443",
		"{roles: [ingest], settings: {access_jwks_url: 'https://idp.example/jwks'}}":                                            "",
		"{settings: {access_jwks_url: 'https://idp.example/jwks'}, networkPolicy: {jwksTo: [{ipBlock: {cidr: 192.0.2.0/24}}]}}": "443 to 192.0.2.0/24",
	} {
		policy := decode[networking.NetworkPolicy](t, chartOf(t, "smallest", changes), "networking.k8s.io/v1 NetworkPolicy/live-netsu")
		got := ""
		for _, rule := range policy.Spec.Egress[2:] { // behind names and Kafka
			got = fmt.Sprint(rule.Ports[0].Port)
			for _, to := range rule.To {
				got += " to " + to.IPBlock.CIDR
			}
		}
		if got != want {
			t.Errorf("%s: egress to the port %q, want %q", changes, got, want)
		}
	}
}

// A certificate is given to the feed's port, and the probes go on asking the port of operators.
func TestChartTLS(t *testing.T) {
	docs := chartOf(t, "smallest", "{tls: {existingSecret: feed-tls}}")
	settings := decode[core.ConfigMap](t, docs, "v1 ConfigMap/live-netsu").Data["netsu.yaml"]
	set := decode[apps.StatefulSet](t, docs, "apps/v1 StatefulSet/live-netsu").Spec.Template.Spec
	mounted := ""
	for _, m := range set.Containers[0].VolumeMounts {
		if m.Name == "listen" {
			mounted = m.MountPath
		}
	}
	if !strings.Contains(settings, "listen_tls_cert_file: "+mounted+"/tls.crt\nlisten_tls_key_file: "+mounted+"/tls.key") || mounted == "" {
		t.Errorf("mounted at %q, and the settings are\n%s", mounted, settings)
	}
	if s := decode[core.Service](t, docs, "v1 Service/live-netsu"); *s.Spec.Ports[0].AppProtocol != "https" {
		t.Errorf("the Service says that it speaks %s", *s.Spec.Ports[0].AppProtocol)
	}
	for _, p := range []*core.Probe{set.Containers[0].StartupProbe, set.Containers[0].LivenessProbe, set.Containers[0].ReadinessProbe} {
		if p.HTTPGet.Port.StrVal != "ops" || p.HTTPGet.Scheme != "" {
			t.Errorf("a probe asks %+v, and that port speaks plain HTTP", p.HTTPGet)
		}
	}
}
