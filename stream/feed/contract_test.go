package feed

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/netsu/netsu/stream/feed/contract/derive"
	"github.com/netsu/netsu/stream/feed/delta"
)

// dialect is that of all schemas.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// schemas makes all schemas, by their names: as they are published, or with nothing allowed that is not in them.
func schemas(closed bool) (map[string]fact, *derive.Deriver) {
	docs, err := derive.ReadDocs(".", "delta", "../../operators/metrics")
	if err != nil {
		panic(err)
	}
	d := derive.New(docs, facts)
	all := map[string]fact{}
	union := map[string][]any{}
	for _, p := range promises {
		how := p.how
		how.Closed = how.Closed || closed
		s := d.Of(p.of, how)
		if p.t != "" {
			s["properties"].(fact)["t"] = fact{"const": p.t}
			required, _ := s["required"].([]string)
			if !slices.Contains(required, "t") {
				s["required"] = append(required, "t")
			}
			side, _, _ := strings.Cut(p.name, "-")
			union[side] = append(union[side], fact{"$ref": p.name + ".json"})
		} else if properties := s["properties"].(fact); p.of == reflect.TypeFor[Explanation]() {
			delete(properties, "t") // of the frame
			delete(properties, "id")
		}
		all[p.name] = s
	}
	for kind, shape := range shapes {
		for _, word := range []string{"set", "add", "max"} {
			s := d.Change(shape.of, word, kind+".part.json", derive.How{Closed: closed})
			s["title"] = word + " of a delta of " + kind
			all[kind+"."+word] = s
		}
	}
	for side, refs := range union {
		all[side+"-frame"] = fact{"title": side + " frame", "description": "any frame of the " + side, "oneOf": refs}
	}
	for _, s := range all {
		s["$schema"] = dialect
	}
	return all, d
}

var published = sync.OnceValue(func() map[string]fact {
	all, _ := schemas(false)
	return all
})

// file compares what is made with what is committed, or writes it.
func contractFile(t *testing.T, name string, made []byte) {
	t.Helper()
	path := filepath.Join("contract", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, committed) {
		t.Errorf("%s is not what the code says now: go test ./stream/feed -update writes it, the diff is the review", path)
	}
}

// The committed schemas are what the code says, and none is left of a type that is gone.
func TestTheSchemasAreWhatTheCodeSays(t *testing.T) {
	all, d := schemas(false)
	for name, s := range all {
		contractFile(t, "schema/"+name+".json", indented(t, s))
	}
	for _, name := range d.Unused() {
		t.Errorf("facts are known of %s, which no schema has", name)
	}
	found, err := filepath.Glob("contract/schema/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if name := strings.TrimSuffix(filepath.Base(path), ".json"); all[name] == nil {
			t.Errorf("%s is of no type: take it away", path)
		}
	}
	contractFile(t, "index.json", indented(t, contractIndex(all)))
}

func contractIndex(all map[string]fact) any {
	type entry struct {
		Name  string `json:"name"`
		Title any    `json:"title"`
		Path  string `json:"path"`
	}
	index := struct {
		Version  string  `json:"version"`
		AsyncAPI string  `json:"asyncapi"`
		OpenAPI  string  `json:"openapi"`
		Schemas  []entry `json:"schemas"`
	}{Version: schemaVersion, AsyncAPI: "/v1/asyncapi.json", OpenAPI: "/v1/openapi.json", Schemas: []entry{}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		title := all[name]["title"]
		if title == nil {
			title = "part of " + strings.TrimSuffix(name, ".part")
		}
		index.Schemas = append(index.Schemas, entry{name, title, "/v1/schema/" + name + ".json"})
	}
	return index
}

// What x-merge says in a published schema, read as a client reads it, are the rules by which deltas are made.
func TestTheSchemasMergeAsDeltasDo(t *testing.T) {
	for kind, s := range shapes {
		b, err := os.ReadFile(filepath.Join("contract", "schema", kind+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var root map[string]any
		if err := json.Unmarshal(b, &root); err != nil {
			t.Fatal(err)
		}
		read := delta.Places{Add: []string{}, Max: []string{}, Union: map[string]string{}}
		readMerges(root, root, "", &read)
		slices.Sort(read.Add)
		slices.Sort(read.Max)
		if want := s.rule.Places(); !reflect.DeepEqual(read, want) {
			t.Errorf("%s: the schema says\n%v, deltas are made by\n%v", kind, read, want)
		}
	}
}

// What a delta may add, or raise, is at the places of that rule and at no other.
func TestTheSchemasOfDeltasHaveThePlacesOfTheirRule(t *testing.T) {
	for kind, s := range shapes {
		want := s.rule.Places()
		for word, places := range map[string][]string{"add": want.Add, "max": want.Max} {
			b, err := json.Marshal(published()[kind+"."+word])
			if err != nil {
				t.Fatal(err)
			}
			var root map[string]any
			if err := json.Unmarshal(b, &root); err != nil {
				t.Fatal(err)
			}
			read := readChanges(root, root, "")
			slices.Sort(read)
			if !slices.Equal(read, places) {
				t.Errorf("%s.%s has\n%v, deltas are made by\n%v", kind, word, read, places)
			}
		}
	}
}

// readChanges are the places of values in a schema of a delta's word.
func readChanges(root, at map[string]any, path string) (places []string) {
	if ref, ok := at["$ref"].(string); ok {
		at = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	if of, ok := at["additionalProperties"].(map[string]any); ok {
		return readChanges(root, of, path+"/*")
	}
	if at["type"] != "object" {
		return []string{path}
	}
	properties, _ := at["properties"].(map[string]any)
	for name, p := range properties {
		places = append(places, readChanges(root, p.(map[string]any), path+"/"+name)...)
	}
	return places
}

// readMerges walks a schema's places. What is at a place with a merge of its own is not looked into, but the elements of a
// union.
func readMerges(root, at map[string]any, path string, into *delta.Places) {
	if ways, ok := at["anyOf"].([]any); ok {
		for _, one := range ways {
			readMerges(root, one.(map[string]any), path, into)
		}
		return
	}
	if ref, ok := at["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/$defs/")
		readMerges(root, root["$defs"].(map[string]any)[name].(map[string]any), path, into)
		return
	}
	if items, ok := at["items"].(map[string]any); ok {
		readMerges(root, items, path+"/*", into)
		return
	}
	properties, _ := at["properties"].(map[string]any)
	for name, p := range properties {
		place, here := p.(map[string]any), path+"/"+name
		switch place["x-merge"] {
		case "set":
			continue
		case "add":
			into.Add = append(into.Add, here)
			continue
		case "max":
			into.Max = append(into.Max, here)
			continue
		case "union":
			into.Union[here] = place["x-key"].(string)
		}
		readMerges(root, place, here, into)
	}
}
