package derive

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Schema is a JSON Schema.
type Schema = map[string]any

// Facts are what no type says, by Type.json_name or, of a whole type, Type: each is merged into the schema of its place.
// The fact Null makes a place one that may be null.
type Facts map[string]Schema

// Null is a fact of a list or map.
const Null = "null"

// How are the differences between a whole document, a part of one, and what is refused in it.
type How struct {
	Part   bool // nothing is required, and nothing described: the whole document's schema does
	Closed bool // a field that is not here is wrong
}

// Deriver makes schemas.
type Deriver struct {
	docs  Docs
	facts Facts
	used  map[string]bool // facts that were looked for and found
}

// New makes one of what is known beside the types.
func New(docs Docs, facts Facts) *Deriver { return &Deriver{docs, facts, map[string]bool{}} }

// Unused are the facts that no type has asked for.
func (d *Deriver) Unused() []string {
	var unused []string
	for _, name := range slices.Sorted(maps.Keys(d.facts)) {
		if !d.used[name] {
			unused = append(unused, name)
		}
	}
	return unused
}

// Of is the schema of a struct, its own fields at the top and the types in it under $defs.
func (d *Deriver) Of(t reflect.Type, how How) Schema {
	m := &making{Deriver: d, how: how, defs: map[string]any{}}
	s := m.object(t)
	if len(m.defs) > 0 {
		s["$defs"] = m.defs
	}
	return s
}

// making is one schema under way.
type making struct {
	*Deriver
	how  How
	defs map[string]any
}

func (m *making) fact(name string) Schema {
	f, ok := m.facts[name]
	m.used[name] = m.used[name] || ok
	return f
}

func (m *making) object(t reflect.Type) Schema {
	properties, required := Schema{}, []string{}
	m.fields(t, properties, &required)
	s := Schema{"type": "object", "properties": properties, "additionalProperties": !m.how.Closed}
	if !m.how.Part {
		s["title"] = t.Name()
		if doc := m.docs[t.Name()]; doc != "" {
			s["description"] = doc
		}
		if len(required) > 0 {
			s["required"] = required
		}
	}
	maps.Copy(s, m.fact(t.Name()))
	return s
}

func (m *making) fields(t reflect.Type, properties Schema, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			m.fields(f.Type, properties, required)
			continue
		}
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			panic(fmt.Sprintf("cannot happen: %s.%s has no name in JSON", t.Name(), f.Name))
		}
		properties[name] = m.place(t, f, name)
		if options != "omitempty" {
			*required = append(*required, name)
		}
	}
}

// place is the schema of a field.
func (m *making) place(t reflect.Type, f reflect.StructField, name string) Schema {
	s := m.of(f.Type)
	if f.Type.Kind() == reflect.Pointer {
		// null is "not known" also where the type of what is known is elsewhere.
		s = nullable(s)
	}
	if unit := unitOf(name); unit != "" && isNumber(s) {
		s["x-unit"] = unit
	}
	if isTime(name) && isText(s) {
		s["format"] = "date-time"
	}
	if kind, key, _ := strings.Cut(f.Tag.Get("merge"), ","); kind != "" {
		s["x-merge"] = kind
		if key != "" {
			s["x-key"] = key
		}
	}
	if doc := m.docs[t.Name()+"."+f.Name]; doc != "" && !m.how.Part {
		s["description"] = describe(doc, f.Name, name)
	}
	for key, v := range m.fact(t.Name() + "." + name) {
		if key == Null {
			s = nullable(s)
			continue
		}
		s[key] = v
	}
	return s
}

// describe is a field's comment with the field called as JSON calls it.
func describe(doc, field, name string) string {
	if rest, ok := strings.CutPrefix(doc, field+" "); ok {
		return name + " " + rest
	}
	return doc
}

var rawJSON = reflect.TypeFor[json.RawMessage]()

func (m *making) of(t reflect.Type) Schema {
	switch {
	case t == rawJSON:
		return Schema{}
	case m.fact(t.Name()+"()") != nil: // how a type writes itself
		return maps.Clone(m.fact(t.Name() + "()"))
	}
	switch t.Kind() {
	case reflect.Pointer:
		return m.of(t.Elem())
	case reflect.String:
		return Schema{"type": "string"}
	case reflect.Bool:
		return Schema{"type": "boolean"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return Schema{"type": "integer"}
	case reflect.Uint32, reflect.Uint64:
		return Schema{"type": "integer", "minimum": 0}
	case reflect.Float64:
		return Schema{"type": "number"}
	case reflect.Interface:
		return Schema{}
	case reflect.Slice:
		return Schema{"type": "array", "items": m.element(t.Elem())}
	case reflect.Map:
		return Schema{"type": "object", "additionalProperties": m.element(t.Elem())}
	case reflect.Struct:
		if _, made := m.defs[t.Name()]; !made {
			m.defs[t.Name()] = nil // a type that holds itself would not end otherwise
			m.defs[t.Name()] = m.object(t)
		}
		return Schema{"$ref": "#/$defs/" + t.Name()}
	}
	panic("cannot happen: a document of " + t.String())
}

func (m *making) element(t reflect.Type) Schema {
	s := m.of(t)
	if t.Kind() == reflect.Pointer {
		return nullable(s)
	}
	return s
}

// nullable is a schema, or null.
func nullable(s Schema) Schema {
	if s["type"] == nil && s["$ref"] == nil {
		return s // it says nothing, so null too
	}
	if kind, ok := s["type"].(string); ok {
		s["type"] = []string{kind, "null"}
		return s
	}
	if ref, ok := s["$ref"]; ok {
		delete(s, "$ref")
		s["anyOf"] = []any{Schema{"$ref": ref}, Schema{"type": "null"}}
	}
	return s
}

func isNumber(s Schema) bool { return is(s, "number") || is(s, "integer") }

func isText(s Schema) bool { return is(s, "string") }

func is(s Schema, kind string) bool {
	kinds, ok := s["type"].([]string)
	return s["type"] == kind || ok && slices.Contains(kinds, kind)
}
