package schema

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// document is a JSON Schema with those that it refers to, by the names that it refers to them by.
type document struct {
	root   any
	others map[string]any
	known  map[string]*Shape // by reference: a schema may contain itself
}

func parseDocument(s Source) (*document, error) {
	d := &document{others: map[string]any{}, known: map[string]*Shape{}}
	for _, r := range s.References {
		v, err := DecodeJSON([]byte(r.Text))
		if err != nil {
			return nil, fmt.Errorf("reading the referenced schema %s: %w", r.Name, err)
		}
		d.others[r.Name] = v
	}
	var err error
	if d.root, err = DecodeJSON([]byte(s.Text)); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	switch d.root.(type) {
	case map[string]any, bool:
		return d, nil
	}
	return nil, fmt.Errorf("reading the schema: a JSON Schema is an object or a truth value")
}

func (d *document) shape() *Shape {
	return (&document{d.root, d.others, map[string]*Shape{}}).of(d.root, d.root)
}

var anything = &Shape{Name: "anything", Any: true}

// of is the shape of a schema in a document. What cannot be told is anything.
func (d *document) of(v, within any) *Shape {
	fields, ok := v.(map[string]any)
	if !ok {
		return anything
	}
	if ref, ok := fields["$ref"].(string); ok {
		return d.referred(ref, within)
	}
	s := &Shape{Name: "union"}
	for _, word := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := fields[word].([]any)
		for _, e := range list {
			s.Branches = append(s.Branches, d.of(e, within))
		}
	}
	own := d.own(fields, within)
	if len(s.Branches) == 0 {
		return own
	}
	if !own.Any {
		s.Branches = append(s.Branches, own)
	}
	return s
}

// own is what a schema says by itself, without what it combines.
func (d *document) own(fields map[string]any, within any) *Shape {
	s := &Shape{Name: typeName(fields)}
	if properties, ok := fields["properties"].(map[string]any); ok {
		s.Fields = map[string]*Shape{}
		for name, p := range properties {
			s.Fields[name] = d.of(p, within)
		}
	}
	if more, ok := fields["additionalProperties"].(map[string]any); ok {
		s.Values = d.of(more, within)
	}
	if _, ok := fields["patternProperties"]; ok {
		s.Values = anything
	}
	for _, word := range []string{"items", "prefixItems"} {
		switch items := fields[word].(type) {
		case map[string]any:
			s.Elements = d.of(items, within)
		case []any:
			s.Elements = anything
		}
	}
	if s.Fields == nil && s.Values == nil && s.Elements == nil {
		// Of a plain object or array nothing more is known, and of no type nothing at all.
		s.Any = s.Name == "" || strings.Contains(s.Name, "object") || strings.Contains(s.Name, "array")
	}
	return s
}

func typeName(fields map[string]any) string {
	switch t := fields["type"].(type) {
	case string:
		return t
	case []any:
		return strings.Trim(fmt.Sprint(t...), "[]")
	}
	if _, ok := fields["enum"]; ok {
		return "enum"
	}
	if _, ok := fields["const"]; ok {
		return "const"
	}
	return ""
}

// referred follows a $ref: a JSON pointer into this document, or a name that the registry knows another by.
func (d *document) referred(ref string, within any) *Shape {
	key := fmt.Sprintf("%p %s", within, ref)
	if s := d.known[key]; s != nil {
		return s
	}
	s := &Shape{Name: "union"}
	d.known[key] = s
	name, pointer, _ := strings.Cut(ref, "#")
	doc := within
	if name != "" {
		if doc = d.named(name); doc == nil {
			s.Any, s.Name = true, ref
			return s
		}
	}
	at, ok := follow(doc, pointer)
	if !ok {
		s.Any, s.Name = true, ref
		return s
	}
	s.Branches = []*Shape{d.of(at, doc)}
	return s
}

// named finds a document by its reference's name, else by the last part of it.
func (d *document) named(name string) any {
	if v := d.others[name]; v != nil {
		return v
	}
	for _, known := range slices.Sorted(maps.Keys(d.others)) {
		if path.Base(known) == path.Base(name) {
			return d.others[known]
		}
	}
	return nil
}

func follow(v any, pointer string) (any, bool) {
	if pointer == "" || pointer == "/" {
		return v, true
	}
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		if unescaped, err := url.PathUnescape(part); err == nil {
			part = unescaped
		}
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, v != nil
}
