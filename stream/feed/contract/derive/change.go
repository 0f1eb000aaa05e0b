package derive

import (
	"maps"
	"reflect"
	"strings"
)

// Change is the schema of what a delta says of a struct by one of its words, set, add or max (stream/feed/delta): a tree of the
// same shape in which nothing is required. A union is an object by the key of its elements. add and max have the places of their
// rule alone; set has all, since a difference that a rule cannot say is said by set, and so it may have a union as the whole list.
// What is given whole is of the schema named part, which is this struct's with How.Part.
func (d *Deriver) Change(t reflect.Type, word, part string, how How) Schema {
	how.Part = true
	c := &changing{&making{Deriver: d, how: how, defs: map[string]any{}}, word, part, map[string]Schema{}}
	s := c.object(t)
	if s == nil {
		s = Schema{"type": "object", "additionalProperties": !how.Closed} // there is no such place
	}
	maps.DeleteFunc(c.defs, func(_ string, def Schema) bool { return def == nil })
	if len(c.defs) > 0 {
		s["$defs"] = c.defs
	}
	return s
}

// changing is one such schema under way.
type changing struct {
	values     *making // what is given whole, whose defs are the part's
	word, part string
	defs       map[string]Schema // nil of types that have no place of the word
}

// object is nil where the struct has no place of the word.
func (c *changing) object(t reflect.Type) Schema {
	properties := Schema{}
	c.fields(t, properties)
	if len(properties) == 0 {
		return nil
	}
	return Schema{"type": "object", "properties": properties, "additionalProperties": !c.values.how.Closed}
}

func (c *changing) fields(t reflect.Type, properties Schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			c.fields(f.Type, properties)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "" || name == "-" {
			continue
		}
		if s := c.place(t, f, name); s != nil {
			properties[name] = s
		}
	}
}

// place is the schema of a field, nil where nothing can be said of it by the word.
func (c *changing) place(t reflect.Type, f reflect.StructField, name string) Schema {
	rule, _, _ := strings.Cut(f.Tag.Get("merge"), ",")
	var within Schema // of what is in it, name by name or key by key
	switch {
	case rule == "union":
		if of := c.in(f.Type.Elem()); of != nil {
			within = Schema{"type": "object", "additionalProperties": of}
		}
	case rule == "":
		within = c.in(f.Type)
	case rule == c.word:
		return c.grown(c.values.place(t, f, name))
	}
	if c.word != "set" {
		return within
	}
	whole := c.whole(c.values.place(t, f, name))
	switch {
	case within == nil:
		return whole
	case rule == "union" || f.Type.Kind() == reflect.Pointer: // the whole list; or null, and what was null until now
		return Schema{"anyOf": []any{within, whole}}
	}
	return within
}

// in is the schema of a struct that is gone into, nil where a value takes the place of the other.
func (c *changing) in(t reflect.Type) Schema {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || c.values.fact(t.Name()+"()") != nil {
		return nil
	}
	if _, made := c.defs[t.Name()]; !made {
		c.defs[t.Name()] = c.object(t) // documents do not hold themselves
	}
	if c.defs[t.Name()] == nil {
		return nil
	}
	return Schema{"$ref": "#/$defs/" + t.Name()}
}

// grown is a place of add or max, which is said of what is not null and stays so.
func (c *changing) grown(s Schema) Schema {
	if kinds, ok := s["type"].([]string); ok {
		s["type"] = kinds[0]
	}
	delete(s, "x-merge")
	return s
}

// whole is a place whose value takes the place of the other: the types in it are the part's, where all fields are told of too.
func (c *changing) whole(s Schema) Schema {
	delete(s, "x-merge")
	delete(s, "x-key")
	return c.elsewhere(s).(Schema)
}

// elsewhere is a schema with its references led to the part's.
func (c *changing) elsewhere(v any) any {
	switch v := v.(type) {
	case Schema:
		s := maps.Clone(v)
		for key, of := range v {
			if ref, ok := of.(string); ok && key == "$ref" {
				s[key] = c.part + ref
			} else {
				s[key] = c.elsewhere(of)
			}
		}
		return s
	case []any:
		all := make([]any, len(v))
		for i, of := range v {
			all[i] = c.elsewhere(of)
		}
		return all
	}
	return v
}
