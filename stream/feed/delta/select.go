package delta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Selection is the part of a document that somebody asked for; nil is all of it.
type Selection struct {
	fields map[string]*Selection
}

// Fields selects places of a type's documents by name, with a dot between levels, as room.final.heat: below a list they are
// fields of its elements, and an element's key is always among them. The error names what there is instead.
func Fields(t reflect.Type, r *Rule, paths []string) (*Selection, error) {
	s := &Selection{fields: map[string]*Selection{}}
	for _, path := range paths {
		if err := s.add(t, r, path, path); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Selection) add(t reflect.Type, r *Rule, path, whole string) error {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			if r.kind() == Union {
				s.fields[r.Key] = nil
			}
			r = r.each()
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("%.60q goes below what has no fields", whole)
	}
	name, rest, deeper := strings.Cut(path, ".")
	f, names := fieldOf(t, name, nil)
	if f == nil {
		return fmt.Errorf("there is no %.60q; beside it are %s", whole, strings.Join(names, ", "))
	}
	if !deeper {
		s.fields[name] = nil
		return nil
	}
	below, known := s.fields[name]
	if known && below == nil {
		return nil // all of it was asked for
	}
	if below == nil {
		below = &Selection{fields: map[string]*Selection{}}
		s.fields[name] = below
	}
	return below.add(f, r.field([]byte(name)), rest, whole)
}

// fieldOf is the type of a struct's JSON field; nil where there is none, with the names of those that there are.
func fieldOf(t reflect.Type, name string, names []string) (reflect.Type, []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			var found reflect.Type
			if found, names = fieldOf(f.Type, name, names); found != nil {
				return found, nil
			}
			continue
		}
		if own, _, _ := strings.Cut(f.Tag.Get("json"), ","); own != "" {
			if own == name {
				return f.Type, nil
			}
			names = append(names, own)
		}
	}
	return nil, names
}

// Of is a member's own selection, and whether it was selected at all.
func (s *Selection) Of(name string) (*Selection, bool) {
	if s == nil {
		return nil, true
	}
	below, ok := s.fields[name]
	return below, ok
}

// Empty tells whether nothing is selected.
func (s *Selection) Empty() bool { return s != nil && len(s.fields) == 0 }

// Narrow leaves of a selection of top-level fields only those that allowed has.
func (s *Selection) Narrow(all, allowed []string) *Selection {
	n := &Selection{fields: map[string]*Selection{}}
	for _, name := range all {
		if below, ok := s.Of(name); ok && slices.Contains(allowed, name) {
			n.fields[name] = below
		}
	}
	return n
}

// String tells selections apart: equal for equal ones. "" is everything.
func (s *Selection) String() string {
	if s == nil {
		return ""
	}
	names := make([]string, 0, len(s.fields))
	for name, below := range s.fields {
		names = append(names, name+below.String())
	}
	slices.Sort(names)
	return "{" + strings.Join(names, ",") + "}"
}

// Append writes what is selected of a canonical text, canonically.
func (s *Selection) Append(out, text []byte) []byte {
	switch {
	case s == nil || text[0] != '{' && text[0] != '[':
		return append(out, text...)
	case text[0] == '[':
		return s.appendList(out, text)
	}
	out = append(out, '{')
	first := true
	for i := 1; text[i] != '}'; {
		if text[i] == ',' {
			i++
		}
		colon := textEnd(text, i)
		end := value(text, colon+1)
		if below, ok := s.fields[string(text[i+1:colon-1])]; ok {
			if !first {
				out = append(out, ',')
			}
			first = false
			out = below.Append(append(out, text[i:colon+1]...), text[colon+1:end])
		}
		i = end
	}
	return append(out, '}')
}

func (s *Selection) appendList(out, text []byte) []byte {
	out = append(out, '[')
	for i := 1; text[i] != ']'; {
		if text[i] == ',' {
			out = append(out, ',')
			i++
		}
		end := value(text, i)
		out = s.Append(out, text[i:end])
		i = end
	}
	return append(out, ']')
}

// Reaches tells whether documents of a type can have a place at a path, in which the name below a union is an element's key.
// The error names what there is instead.
func Reaches(t reflect.Type, r *Rule, path []string) error {
	for i := 0; ; i++ {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if i == len(path) {
			return nil
		}
		switch t.Kind() {
		case reflect.Slice:
			if r.kind() != Union {
				return fmt.Errorf("the elements of %.60q have no key to tell them apart by", strings.Join(path[:i], "."))
			}
			t, r = t.Elem(), r.each()
		case reflect.Map:
			t, r = t.Elem(), nil
		case reflect.Struct:
			f, names := fieldOf(t, path[i], nil)
			if f == nil {
				return fmt.Errorf("there is no %.60q; there are %s", path[i], strings.Join(names, ", "))
			}
			t, r = f, r.field([]byte(path[i]))
		default:
			return fmt.Errorf("%.60q has nothing below it", strings.Join(path[:i], "."))
		}
	}
}

// Lookup is the canonical text of what a document has at a path; nil where it has nothing there.
func Lookup(r *Rule, document []Member, path []string) []byte {
	for _, m := range document {
		if string(m.Name[1:len(m.Name)-1]) == path[0] {
			return lookup(r.field([]byte(path[0])), m.Value, path[1:])
		}
	}
	return nil
}

func lookup(r *Rule, text []byte, path []string) []byte {
	if len(path) == 0 || text == nil {
		return text
	}
	switch text[0] {
	case '{':
		for i := 1; text[i] != '}'; {
			if text[i] == ',' {
				i++
			}
			colon := textEnd(text, i)
			end := value(text, colon+1)
			if same(text[i:colon], path[0]) {
				return lookup(r.field([]byte(path[0])), text[colon+1:end], path[1:])
			}
			i = end
		}
	case '[':
		for i := 1; r.kind() == Union && text[i] != ']'; {
			if text[i] == ',' {
				i++
			}
			end := value(text, i)
			if key := under(text[i:end], r.Key); key != nil && same(key, path[0]) {
				return lookup(r.each(), text[i:end], path[1:])
			}
			i = end
		}
	}
	return nil
}

// same tells whether a quoted canonical text is of a name.
func same(quoted []byte, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	if !bytes.ContainsRune(inner, '\\') {
		return string(inner) == name
	}
	var text string
	return json.Unmarshal(quoted, &text) == nil && text == name
}
