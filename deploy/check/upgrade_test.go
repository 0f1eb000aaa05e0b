package check

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	appsapi "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/fake"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	internal "k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"sigs.k8s.io/yaml"
)

// cluster is what templates find in the cluster, by kind.
type cluster map[string]*unstructured.Unstructured

func (c cluster) GetClientFor(apiVersion, kind string) (dynamic.NamespaceableResourceInterface, bool, error) {
	of, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return nil, false, err
	}
	client := fake.NewSimpleDynamicClient(runtime.NewScheme())
	resource := of.WithResource(strings.ToLower(kind) + "s")
	if o := c[kind]; o != nil {
		if err := client.Tracker().Create(resource, o, o.GetNamespace()); err != nil {
			return nil, false, err
		}
	}
	return client.Resource(resource), true, nil
}

// installed is the StatefulSet and the Deployment of an install, scaled since.
func installed(t *testing.T, docs map[string]string, scaled int64) cluster {
	t.Helper()
	has := cluster{}
	for _, name := range []string{"apps/v1 StatefulSet/live-netsu", "apps/v1 Deployment/live-netsu-gateway"} {
		if docs[name] == "" {
			t.Fatalf("there is no %s among %v", name, slices.Sorted(maps.Keys(docs)))
		}
		object := map[string]any{}
		if err := yaml.Unmarshal([]byte(docs[name]), &object); err != nil {
			t.Fatal(err)
		}
		o := &unstructured.Unstructured{Object: object}
		o.SetNamespace("shop")
		if err := unstructured.SetNestedField(o.Object, scaled, "spec", "replicas"); err != nil {
			t.Fatal(err)
		}
		has[o.GetKind()] = o
	}
	return has
}

const withGateway = "gateway: {enabled: true, secrets: {existingSecret: s}"

// Helm takes out of the cluster what an upgrade no longer says, and of no replicas Kubernetes makes one: all others would go, and
// their volumes. So an upgrade that enables autoscaling says as many as there are, and so does each one after.
func TestEnablingAutoscalingScalesNothing(t *testing.T) {
	said := chartOf(t, "smallest", "{replicas: 3, "+withGateway+", replicas: 5}}")
	scaling := valuesOf(t, "smallest", "{autoscaling: {enabled: true}, "+withGateway+", autoscaling: {enabled: true}}}")
	away, err := render(scaling)
	if err != nil {
		t.Fatal(err)
	}
	says, err := renderAs("live", scaling, installed(t, said, 7))
	if err != nil {
		t.Fatal(err)
	}
	const set, gateway = "apps/v1 StatefulSet/live-netsu", "apps/v1 Deployment/live-netsu-gateway"
	sets, gateways := decode[appsapi.StatefulSet](t, said, set), decode[appsapi.Deployment](t, said, gateway)
	*sets.Spec.Replicas, *gateways.Spec.Replicas = 7, 7
	if n := *upgraded(t, said[set], says[set], &sets).(*appsapi.StatefulSet).Spec.Replicas; n != 7 {
		t.Errorf("the upgrade scales 7 processes to %d", n)
	}
	if n := *upgraded(t, said[gateway], says[gateway], &gateways).(*appsapi.Deployment).Spec.Replicas; n != 7 {
		t.Errorf("the upgrade scales 7 gateways to %d", n)
	}
	if n := *upgraded(t, said[set], away[set], &sets).(*appsapi.StatefulSet).Spec.Replicas; n != 1 {
		t.Errorf("without the count an upgrade scales to %d: if Helm has learnt to leave it alone, the chart need not name it", n)
	}
	// Whoever renders away from the cluster must not undo what the autoscaler did.
	if n := decode[appsapi.StatefulSet](t, away, set).Spec.Replicas; n != nil {
		t.Errorf("a template sets replicas to %d", *n)
	}
}

// upgraded is what `helm upgrade` makes of an object in the cluster: the difference of what the release said and says, on what
// is there.
func upgraded(t *testing.T, said, says string, there runtime.Object) runtime.Object {
	t.Helper()
	var sent [2][]byte
	for i, doc := range []string{said, says} {
		j, err := yaml.YAMLToJSON([]byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		sent[i] = j
	}
	live, err := json.Marshal(there)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := strategicpatch.NewPatchMetaFromStruct(there)
	if err != nil {
		t.Fatal(err)
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(sent[0], sent[1], live, lists, true)
	if err != nil {
		t.Fatal(err)
	}
	if live, err = strategicpatch.StrategicMergePatchUsingLookupPatchMeta(live, patch, lists); err != nil {
		t.Fatal(err)
	}
	after := reflect.New(reflect.TypeOf(there).Elem()).Interface().(runtime.Object)
	if err := json.Unmarshal(live, after); err != nil {
		t.Fatal(err)
	}
	if o, ok := after.(*core.Service); ok && o.Spec.Type == core.ServiceTypeClusterIP { // the server takes out what other types have
		o.Spec.AllocateLoadBalancerNodePorts, o.Spec.ExternalTrafficPolicy = nil, ""
	}
	server.Default(after)
	return after
}

// upgradeRefusals are what an API server has against an object in the place of one that is there.
func upgradeRefusals(t *testing.T, object, there runtime.Object) field.ErrorList {
	t.Helper()
	there.(meta.Object).SetResourceVersion("1")
	object.(meta.Object).SetResourceVersion("1")
	was := inServer(t, there)
	switch o := inServer(t, object).(type) {
	case *apps.StatefulSet:
		return appsvalidation.ValidateStatefulSetUpdate(o, was.(*apps.StatefulSet), appsvalidation.StatefulSetValidationOptions{}, corevalidation.PodValidationOptions{})
	case *apps.Deployment:
		return appsvalidation.ValidateDeploymentUpdate(o, was.(*apps.Deployment), corevalidation.PodValidationOptions{})
	case *internal.Service:
		return corevalidation.ValidateServiceUpdate(o, was.(*internal.Service))
	default: // has nothing that cannot be changed
		return refusals(t, object)
	}
}

// From any of the values in ci/ to any other, but for volumes: the server takes the upgrade, which ends where an install of the
// new values would.
func TestChartUpgrades(t *testing.T) {
	made := map[string]map[string]string{}
	for name, values := range cases(t) {
		values["storage"] = map[string]any{"size": "1Gi"}
		docs, err := render(values)
		if err != nil {
			t.Fatal(err)
		}
		made[name] = docs
	}
	tried := 0
	for from, said := range made {
		for to, says := range made {
			for id := range says {
				blank := kinds[kindOf(id)]
				if blank == nil || from == to || said[id] == "" || strings.HasPrefix(id, "monitoring.") {
					continue // Helm makes it anew, or it is no kind of Kubernetes' own
				}
				there, wanted := blank().(runtime.Object), blank().(runtime.Object)
				for i, object := range []runtime.Object{there, wanted} {
					if err := yaml.UnmarshalStrict([]byte([]string{said[id], says[id]}[i]), object); err != nil {
						t.Fatal(err)
					}
					server.Default(object)
				}
				after := upgraded(t, said[id], says[id], there)
				if !equality.Semantic.DeepEqual(after, wanted) {
					t.Errorf("from %s to %s: %s: after the upgrade it is\n%+v\nand an install makes\n%+v", from, to, id, after, wanted)
				}
				for _, err := range upgradeRefusals(t, after, there) {
					t.Errorf("from %s to %s: %s: %v", from, to, id, err)
				}
				tried++
			}
		}
	}
	if tried < 40 {
		t.Errorf("only %d objects were upgraded", tried)
	}
}

// Kubernetes refuses other volumes for a StatefulSet, after Helm has changed half of the release. So the chart refuses first.
func TestUpgradeOfVolumesIsRefused(t *testing.T) {
	has := installed(t, chartOf(t, "smallest", "{storage: {size: 10Gi}, "+withGateway+"}}"), 2)
	for change, want := range map[string]string{
		"{storage: {size: 10Gi}}":      "",
		"{storage: {size: 10240Mi}}":   "",
		"{storage: {size: '10.0Gi'}}":  "",
		"{storage: {size: 20Gi}}":      "storage.size: the volumes have 10Gi",
		"{storage: {size: 10G}}":       "storage.size",
		"{storage: {storageClass: s}}": `storage.storageClass: the volumes have ""`,
	} {
		_, err := renderAs("live", valuesOf(t, "smallest", change), has)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}
