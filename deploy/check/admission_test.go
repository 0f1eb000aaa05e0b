package check

import (
	"encoding/json"
	"strings"
	"testing"

	appsapi "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1 "k8s.io/kubernetes/pkg/apis/apps/v1"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	autoscalingv2 "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	autoscalingvalidation "k8s.io/kubernetes/pkg/apis/autoscaling/validation"
	internal "k8s.io/kubernetes/pkg/apis/core"
	corev1 "k8s.io/kubernetes/pkg/apis/core/v1"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1 "k8s.io/kubernetes/pkg/apis/networking/v1"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyv1 "k8s.io/kubernetes/pkg/apis/policy/v1"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
	podsecurity "k8s.io/pod-security-admission/api"
	restricted "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// server has the kinds that the chart makes in the form that an API server validates, and how it comes to that form.
var server = func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		internal.AddToScheme, corev1.AddToScheme, apps.AddToScheme, appsv1.AddToScheme, autoscaling.AddToScheme, autoscalingv2.AddToScheme,
		networking.AddToScheme, networkingv1.AddToScheme, policy.AddToScheme, policyv1.AddToScheme,
	} {
		if err := add(s); err != nil {
			panic(err)
		}
	}
	return s
}()

// inServer is the object as an API server has it: with defaults, in the internal form.
func inServer(t *testing.T, object runtime.Object) runtime.Object {
	t.Helper()
	object = object.DeepCopyObject()
	object.(meta.Object).SetNamespace("shop")
	server.Default(object)
	if o, ok := object.(*core.Service); ok && o.Spec.ClusterIP == core.ClusterIPNone {
		o.Spec.ClusterIPs = []string{core.ClusterIPNone} // as the server has done by the time it validates
	}
	group := object.GetObjectKind().GroupVersionKind().Group
	in, err := server.ConvertToVersion(object, schema.GroupVersion{Group: group, Version: runtime.APIVersionInternal})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// refusals are what an API server has against a new object, of a kind of its own, after decoding and defaults. Not asked here: admission plugins.
func refusals(t *testing.T, object runtime.Object) field.ErrorList {
	t.Helper()
	switch o := inServer(t, object).(type) {
	case *apps.StatefulSet:
		return appsvalidation.ValidateStatefulSet(o, appsvalidation.StatefulSetValidationOptions{}, corevalidation.PodValidationOptions{})
	case *apps.Deployment:
		return appsvalidation.ValidateDeployment(o, corevalidation.PodValidationOptions{})
	case *autoscaling.HorizontalPodAutoscaler:
		return autoscalingvalidation.ValidateHorizontalPodAutoscaler(o, autoscalingvalidation.HorizontalPodAutoscalerSpecValidationOptions{MinReplicasLowerBound: 1})
	case *internal.ConfigMap:
		return corevalidation.ValidateConfigMap(o)
	case *internal.Secret:
		return corevalidation.ValidateSecret(o)
	case *internal.Service:
		return corevalidation.ValidateServiceCreate(o)
	case *internal.ServiceAccount:
		return corevalidation.ValidateServiceAccount(o)
	case *networking.Ingress:
		return networkingvalidation.ValidateIngressCreate(o)
	case *networking.NetworkPolicy:
		return networkingvalidation.ValidateNetworkPolicy(o, networkingvalidation.NetworkPolicyValidationOptions{})
	case *policy.PodDisruptionBudget:
		return policyvalidation.ValidatePodDisruptionBudget(o, policyvalidation.PodDisruptionBudgetValidationOptions{})
	default:
		t.Fatalf("nothing is known of a %T", o)
		return nil
	}
}

// checkRestricted sees that a namespace that enforces the restricted profile admits the pod.
func checkRestricted(t *testing.T, pod core.PodTemplateSpec) {
	t.Helper()
	profile, err := restricted.NewEvaluator(restricted.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := podsecurity.LevelVersion{Level: podsecurity.LevelRestricted, Version: podsecurity.LatestVersion()}
	if is := restricted.AggregateCheckResults(profile.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec)); !is.Allowed {
		t.Errorf("the pod is not restricted: %s", is.ForbiddenDetail())
	}
}

// checkAdmitted gives all that the chart makes to the server's validation.
func checkAdmitted(t *testing.T, docs map[string]string) {
	t.Helper()
	for id, doc := range docs {
		kind := kindOf(id)
		if strings.HasPrefix(kind, "keda.sh/") || strings.HasPrefix(kind, "monitoring.coreos.com/") {
			continue // has a schema and no validation
		}
		object := kinds[kind]().(runtime.Object)
		sent, err := yaml.YAMLToJSON([]byte(doc)) // as Helm sends it: what YAML takes for a number is one
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(sent, object); err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		for _, err := range refusals(t, object) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// Each name that Helm takes for a release, and each that values may have.
func TestChartIsAdmittedUnderAnyName(t *testing.T) {
	long := strings.Repeat("long", 13) + "x" // 53 letters, the most for Helm
	for _, release := range []string{"live", "2026", "true", "live.shop", long, "netsu-" + long[:47]} {
		for _, over := range []string{"{}", "{nameOverride: '1.2'}", "{nameOverride: " + long + long[:10] + "}", "{fullnameOverride: " + long + "}",
			"{serviceAccount: {name: '123'}, priorityClassName: '123', hashingKey: {existingSecret: '123', secretKey: '123'}, access: {secretKey: '123'}, tls: {existingSecret: '123'}, storage: {storageClass: '123'}, gateway: {secrets: {existingSecret: '123'}, mappings: {existingConfigMap: '123'}, ingress: {className: '123', tlsSecret: '123'}}}"} {
			docs, err := renderAs(release, valuesOf(t, "everything", over), nil)
			if err != nil {
				t.Errorf("%s, %s: %v", release, over, err)
				continue
			}
			t.Run(release+" "+over, func(t *testing.T) { checkAdmitted(t, docs) })
		}
	}
}

// The validation must be one that refuses, or the tests above say nothing.
func TestAdmissionRefuses(t *testing.T) {
	set := decode[appsapi.StatefulSet](t, chartOf(t, "smallest", "{}"), "apps/v1 StatefulSet/live-netsu")
	set.Spec.Template.Labels["app.kubernetes.io/instance"] = "other"
	if got := refusals(t, &set); len(got) != 1 || !strings.Contains(got[0].Error(), "`selector` does not match template `labels`") {
		t.Errorf("a StatefulSet that does not select its pods: %v", got)
	}
}
