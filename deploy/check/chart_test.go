package check

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const chartDir = "../helm/netsu"

// kinds are what the chart may make, with the type that each is decoded into. KEDA's have a schema instead (keda_test.go).
var kinds = map[string]func() any{
	"apps/v1 StatefulSet":                     func() any { return &apps.StatefulSet{} },
	"apps/v1 Deployment":                      func() any { return &apps.Deployment{} },
	"autoscaling/v2 HorizontalPodAutoscaler":  func() any { return &autoscaling.HorizontalPodAutoscaler{} },
	"networking.k8s.io/v1 Ingress":            func() any { return &networking.Ingress{} },
	"v1 ConfigMap":                            func() any { return &core.ConfigMap{} },
	"v1 Secret":                               func() any { return &core.Secret{} },
	"v1 Service":                              func() any { return &core.Service{} },
	"v1 ServiceAccount":                       func() any { return &core.ServiceAccount{} },
	"policy/v1 PodDisruptionBudget":           func() any { return &policy.PodDisruptionBudget{} },
	"networking.k8s.io/v1 NetworkPolicy":      func() any { return &networking.NetworkPolicy{} },
	"monitoring.coreos.com/v1 ServiceMonitor": func() any { return &monitoring.ServiceMonitor{} },
}

// cases are the values the chart is tried with: each file of ci/.
func cases(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob(chartDir + "/ci/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no values to try: %v", err)
	}
	all := map[string]map[string]any{}
	for _, file := range files {
		values, err := chartutil.ReadValuesFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".yaml")] = values
	}
	return all
}

// render is `helm template`: the documents by kind and name, in YAML.
func render(values map[string]any) (map[string]string, error) {
	return renderAs("live", values, nil)
}

// renderAs is that for a release of any name; with a cluster, it is `helm upgrade`, which sees what is there.
func renderAs(release string, values map[string]any, has engine.ClientProvider) (map[string]string, error) {
	chart, err := loader.Load(chartDir)
	if err != nil {
		return nil, err
	}
	options := chartutil.ReleaseOptions{Name: release, Namespace: "shop", IsInstall: true, Revision: 1}
	with, err := chartutil.ToRenderValues(chart, values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	var files map[string]string
	if has == nil {
		files, err = engine.Engine{Strict: true}.Render(chart, with)
	} else {
		files, err = engine.RenderWithClientProvider(chart, with, has)
	}
	if err != nil {
		return nil, err
	}
	docs := map[string]string{}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(file, ".txt") {
			continue
		}
		d := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(files[file])))
		for {
			doc, err := d.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			var head struct {
				APIVersion, Kind string
				Metadata         struct{ Name string }
			}
			if err := yaml.Unmarshal(doc, &head); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			if head.Kind == "" { // only comments
				continue
			}
			name := fmt.Sprintf("%s %s/%s", head.APIVersion, head.Kind, head.Metadata.Name)
			if docs[name] != "" {
				return nil, fmt.Errorf("%s is made twice", name)
			}
			docs[name] = string(doc)
		}
	}
	return docs, nil
}

func TestChartLint(t *testing.T) {
	for name, values := range cases(t) {
		linted := lint.All(chartDir, values, "shop", true)
		for _, m := range linted.Messages {
			if m.Severity > support.InfoSev { // as helm lint --strict
				t.Errorf("%s: %s", name, m)
			}
		}
	}
}

// kindOf is what the name of a document starts with, as apps/v1 StatefulSet of apps/v1 StatefulSet/live-netsu.
func kindOf(id string) string { return id[:strings.LastIndex(id, "/")] }

// What comes out has only fields that exist, and pods that the restricted profile of Kubernetes admits.
func TestChartRenders(t *testing.T) {
	made := map[string]bool{}
	for name, values := range cases(t) {
		t.Run(name, func(t *testing.T) {
			docs, err := render(values)
			if err != nil {
				t.Fatal(err)
			}
			for id, doc := range docs {
				kind := kindOf(id)
				made[kind] = true
				if strings.HasPrefix(kind, "keda.sh/") {
					checkKEDA(t, kind, doc)
					continue
				}
				into := kinds[kind]
				if into == nil {
					t.Errorf("nothing is known of %s", id)
					continue
				}
				object := into()
				if err := yaml.UnmarshalStrict([]byte(doc), object); err != nil {
					t.Errorf("%s: %v\n%s", id, err, doc)
				}
				switch o := object.(type) {
				case *apps.StatefulSet:
					checkPod(t, o.Spec.Template.Spec, o.Spec.VolumeClaimTemplates)
					checkRestricted(t, o.Spec.Template)
				case *apps.Deployment:
					checkPod(t, o.Spec.Template.Spec, nil)
					checkRestricted(t, o.Spec.Template)
				}
				if c, ok := object.(*core.ConfigMap); ok {
					checkSettings(t, values, c.Data["netsu.yaml"])
				}
			}
			checkAdmitted(t, docs)
		})
	}
	for kind := range kinds {
		if !made[kind] {
			t.Errorf("no values of ci/ make a %s", kind)
		}
	}
}

// checkPod sees that the pod can write nothing but its volumes, that its mounts and volumes belong together, and that its probes have a port.
func checkPod(t *testing.T, pod core.PodSpec, claims []core.PersistentVolumeClaim) {
	t.Helper()
	c := pod.Containers[0]
	if !*c.SecurityContext.ReadOnlyRootFilesystem {
		t.Error("the pod can write where no volume is")
	}
	if *pod.EnableServiceLinks || *pod.AutomountServiceAccountToken {
		t.Error("the pod gets variables or a token that it has no use for")
	}
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range claims {
		volumes[v.Name] = true
	}
	for _, m := range c.VolumeMounts {
		if !volumes[m.Name] {
			t.Errorf("%s is mounted and is no volume", m.Name)
		}
		delete(volumes, m.Name)
	}
	for v := range volumes {
		t.Errorf("volume %s is mounted nowhere", v)
	}
	ports := map[string]int32{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	for _, p := range []*core.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if ports[p.HTTPGet.Port.StrVal] == 0 {
			t.Errorf("a probe asks port %s", p.HTTPGet.Port.StrVal)
		}
	}
	if ports["ops"] != 8081 || c.Args[0] != "run" {
		t.Errorf("ports %v, args %v", ports, c.Args)
	}
}

// checkSettings gives the settings file to the program.
func checkSettings(t *testing.T, values map[string]any, settings string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "netsu.yaml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	got := inForce(t, nil, "--config", file)
	kafka := values["kafka"].(map[string]any)
	brokers := kafka["brokers"].([]any)
	if got["brokers"] != strings.Trim(strings.ReplaceAll(fmt.Sprint(brokers), " ", ","), "[]") ||
		got["ops_listen"] != ":8081" || got["roles"] != "gateway" && got["data_dir"] != "/var/lib/netsu" {
		t.Errorf("the settings in force are %v", got)
	}
}

// A typo, a missing value and a contradiction are refused, and the message names them.
func TestChartRefuses(t *testing.T) {
	for change, want := range map[string]string{
		"{replica: 3}":                                                   "replica",
		"{kafka: {brokers: [kafka]}}":                                    "brokers",
		"{kafka: {broker: [kafka:9092]}}":                                "broker",
		"{roles: [cook]}":                                                "roles",
		"{settings: {listen: ':1'}}":                                     "listen",
		"{settings: {log_level: loud}}":                                  "log_level",
		"{kafka: {brokers: []}}":                                         "kafka.brokers: name at least one",
		"{access: {existingSecret: ''}}":                                 "access.existingSecret",
		"{hashingKey: {existingSecret: ''}}":                             "hashingKey.existingSecret",
		"{kafka: {sasl: {mechanism: PLAIN}}}":                            "kafka.sasl.",
		"{kafka: {tls: {enabled: true, existingSecret: s, certKey: c}}}": "kafka.tls.keyKey",
		"{roles: [feed], autoscaling: {enabled: true}}":                  "scale processes with only that role by replicas",
		"{autoscaling: {enabled: true, minReplicas: 5}}":                 "autoscaling.maxReplicas: 4 is less than minReplicas, 5",
		"{hashingKey: {secretKey: ''}}":                                  "secretKey",
		"{storage: {size: 10ki}}":                                        "size",
		"{resources: {limits: {memory: 1gi}}}":                           "memory",
		"{serviceMonitor: {interval: 1.5s}}":                             "interval",
		"{podDisruptionBudget: {maxUnavailable: 101%}}":                  "maxUnavailable",
		"{roles: []}":                                                    "roles: name at least one, or enable the gateway",
		"{roles: [gateway]}":                                             "roles",
		"{tls: {existingSecret: s, certKey: ''}}":                        "certKey",
		"{gateway: {enabled: true}}":                                     "gateway.secrets.existingSecret",
		"{gateway: {enabled: true, secrets: {existingSecret: s}, autoscaling: {enabled: true, maxReplicas: 1}}}": "gateway.autoscaling.maxReplicas: 1 is less than minReplicas, 2",
		"{gateway: {enabled: true, tls: s}}": "tls",
		"{gateway: {enabled: true, secrets: {existingSecret: s}, ingress: {enabled: true, tlsSecret: t}}}": "gateway.ingress.host",
		"{gateway: {enabled: true, secrets: {existingSecret: s}, ingress: {enabled: true, host: h}}}":      "gateway.ingress.tlsSecret",
	} {
		values, err := chartutil.ReadValuesFile(chartDir + "/ci/smallest.yaml")
		if err != nil {
			t.Fatal(err)
		}
		var over map[string]any
		if err := yaml.Unmarshal([]byte(change), &over); err != nil {
			t.Fatal(err)
		}
		_, err = render(chartutil.CoalesceTables(over, values))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}

// A Secret of which no key is used has nothing for KEDA, and nothing for the pods.
func TestAutoscalingWithoutSecrets(t *testing.T) {
	values, err := chartutil.ReadValuesFile(chartDir + "/ci/smallest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := render(chartutil.CoalesceTables(map[string]any{
		"kafka":       map[string]any{"tls": map[string]any{"enabled": true, "existingSecret": "s", "caKey": ""}},
		"autoscaling": map[string]any{"enabled": true},
	}, values))
	if err != nil {
		t.Fatal(err)
	}
	scaled := false
	for name, doc := range docs {
		if strings.Contains(doc, "secretTargetRef") || strings.Contains(doc, "authenticationRef") || strings.Contains(doc, `secretName: "s"`) {
			t.Errorf("%s:\n%s", name, doc)
		}
		scaled = scaled || strings.Contains(doc, "kind: ScaledObject")
	}
	if !scaled {
		t.Error("there is no ScaledObject")
	}
}

// The decoder must be one that refuses a field that does not exist, or the tests above say nothing.
func TestDecoderIsStrict(t *testing.T) {
	doc := bytes.TrimSpace([]byte("apiVersion: apps/v1\nkind: StatefulSet\nspec: {replica: 3}"))
	if err := yaml.UnmarshalStrict(doc, &apps.StatefulSet{}); err == nil {
		t.Error("spec.replica is taken")
	}
}
