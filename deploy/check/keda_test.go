package check

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/kedacore/keda/v2/version" // a package of the module, so that go.mod keeps the module, which has the schemas
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// checkKEDA checks a resource against the schema that KEDA installs, with fields that the schema does not have refused.
func checkKEDA(t *testing.T, kind, doc string) {
	t.Helper()
	file := map[string]string{
		"keda.sh/v1alpha1 ScaledObject":          "keda.sh_scaledobjects.yaml",
		"keda.sh/v1alpha1 TriggerAuthentication": "keda.sh_triggerauthentications.yaml",
	}[kind]
	var crd struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema map[string]any }
			}
		}
	}
	if err := yaml.Unmarshal(read(t, filepath.Join(kedaDir(t), "config/crd/bases", file)), &crd); err != nil {
		t.Fatal(err)
	}
	schema := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	closeObjects(schema)
	schema["properties"].(map[string]any)["metadata"] = map[string]any{"type": "object"}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("crd.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("crd.json")
	if err != nil {
		t.Fatal(err)
	}
	var object any
	if err := yaml.Unmarshal([]byte(doc), &object); err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(object); err != nil {
		t.Errorf("%s: %v\n%s", kind, err, doc)
	}
}

// kedaDir is where the module cache has KEDA.
func kedaDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/kedacore/keda/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// closeObjects makes a schema refuse fields that it does not name, as Kubernetes does when asked to be strict.
func closeObjects(schema map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	_, open := schema["additionalProperties"]
	if keep, _ := schema["x-kubernetes-preserve-unknown-fields"].(bool); properties != nil && !open && !keep {
		schema["additionalProperties"] = false
	}
	if schema["x-kubernetes-int-or-string"] == true {
		delete(schema, "type")
	}
	for _, p := range properties {
		if sub, ok := p.(map[string]any); ok {
			closeObjects(sub)
		}
	}
	for _, key := range []string{"items", "additionalProperties"} {
		if sub, ok := schema[key].(map[string]any); ok {
			closeObjects(sub)
		}
	}
}
