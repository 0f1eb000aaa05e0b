package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event/schema"
)

func compileSchema(t *testing.T, name string) (*jsonschema.Schema, []any) {
	t.Helper()
	b, err := schema.Files.ReadFile(name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s, doc.(map[string]any)["examples"].([]any)
}

var schemaNames = map[Raw]string{RawComments: "comment", RawReactions: "reaction", RawOrders: "order", RawCatalog: "catalog"}

// verdicts are what the schema and the decoder say of one record.
func verdicts(t interface{ Fatal(...any) }, s *jsonschema.Schema, d *Decoder, raw Raw, b []byte) (byDecoder *Reject,
	bySchema error,
) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	in := input(raw, string(b))
	if m, ok := doc.(map[string]any); ok && raw == RawCatalog {
		in.Key = fmt.Appendf(nil, "%v/%v", m["kind"], m["id"])
	}
	_, r := d.Decode(in)
	return r, s.Validate(doc)
}

func TestSchemaExamples(t *testing.T) {
	for raw, name := range schemaNames {
		s, examples := compileSchema(t, name)
		if len(examples) < 2 {
			t.Errorf("%s has %d examples", name, len(examples))
		}
		for i, example := range examples {
			b, _ := json.Marshal(example)
			if byDecoder, bySchema := verdicts(t, s, testDecoder(t), raw, b); bySchema != nil || byDecoder != nil {
				t.Errorf("%s example %d: schema says %v, decoder %v", name, i, bySchema, byDecoder)
			}
		}
	}
}

// TestSchemaAgreesWithDecoder changes the examples: fields dropped, set to null or to something else. What the schema
// takes the decoder takes, and the other way round.
func TestSchemaAgreesWithDecoder(t *testing.T) {
	for raw, name := range schemaNames {
		t.Run(name, func(t *testing.T) {
			s, examples := compileSchema(t, name)
			// The bounds of event time are settings, not the schema's.
			d := NewDecoder(testHasher(t), time.Unix(-1e10, 0), func() time.Time { return noon })
			good, bad := 0, 0
			rapid.Check(t, func(t *rapid.T) {
				b, _ := json.Marshal(rapid.SampledFrom(examples).Draw(t, "example"))
				var m map[string]any
				_ = json.Unmarshal(b, &m)
				for range rapid.IntRange(0, 3).Draw(t, "changes") {
					alter(t, m)
				}
				b, _ = json.Marshal(m)
				byDecoder, bySchema := verdicts(t, s, d, raw, b)
				if byDecoder != nil && (strings.Contains(byDecoder.Detail, "no more decimals") ||
					strings.HasPrefix(byDecoder.Detail, "end: expected start") ||
					strings.HasPrefix(byDecoder.Detail, "contract: ")) {
					return // what a schema cannot say
				}
				if (bySchema == nil) != (byDecoder == nil) {
					t.Fatalf("%s\nschema says %v\ndecoder %v", b, bySchema, byDecoder)
				}
				if byDecoder == nil {
					good++
				} else {
					bad++
				}
			})
			if good == 0 || bad == 0 {
				t.Errorf("%d taken, %d refused: one side is not tested", good, bad)
			}
		})
	}
}

// alter changes one field, or one field of a nested object.
func alter(t *rapid.T, m map[string]any) {
	f := rapid.Custom(func(t *rapid.T) string { return names[rapid.IntRange(0, int(fieldCount)-1).Draw(t, "n")] }).Draw(t, "field")
	if keys := sortedKeys(m); len(keys) > 0 && rapid.Bool().Draw(t, "existing") {
		f = rapid.SampledFrom(keys).Draw(t, "of")
	}
	if list, ok := m[f].([]any); ok && len(list) > 0 && rapid.Bool().Draw(t, "inside") {
		if inner, ok := list[0].(map[string]any); ok {
			alter(t, inner)
			return
		}
	}
	if inner, ok := m[f].(map[string]any); ok && len(inner) > 0 && rapid.IntRange(0, 5).Draw(t, "within") > 0 {
		alter(t, inner)
		return
	}
	if rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
		delete(m, f)
		return
	}
	m[f] = rapid.SampledFrom([]any{nil, "", "x", "like", "gift", "spend", "viewers", "retract", "paid", "5", "12.00", "JPY", "USD", -1, 0, 7,
		true, []any{}, []any{"x"}, []any{map[string]any{}}, map[string]any{}, 1788264000000, "2026-09-01T12:00:00Z", "1e3", "-5"}).Draw(t, "value")
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for _, name := range names {
		if _, ok := m[name]; ok {
			keys = append(keys, name)
		}
	}
	return keys
}
