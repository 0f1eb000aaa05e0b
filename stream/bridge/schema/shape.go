package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Shape is what values of a schema can have, for finding a path's mistake before there is data. It may refer to itself.
type Shape struct {
	// Name of the type, as a person knows it.
	Name string
	// Any tells that nothing is known of what is there.
	Any bool
	// Fields of an object. nil: it is none.
	Fields map[string]*Shape
	// Values are those of a map, whose names are not known. nil: it is none.
	Values *Shape
	// Elements are those of an array. nil: it is none.
	Elements *Shape
	// Branches are those of a union.
	Branches []*Shape
	// Binary tells that it is a binary fraction.
	Binary bool
}

// Step is one of a path: a name, or an element of an array.
type Step struct {
	Name    string
	Element bool
}

// At is the shape at a path. A path that cannot be there is an error that names the step.
func (s *Shape) At(path []Step) (*Shape, error) {
	for i, step := range path {
		next := s.step(step)
		if next == nil {
			return nil, fmt.Errorf("there is no %s in %s", step, s.describe(path[:i]))
		}
		s = next
	}
	return s, nil
}

// String is the step as in a path.
func (s Step) String() string {
	if s.Element {
		return "[…]"
	}
	return "." + s.Name
}

// step is what is one step further: of a union, what any of its branches has.
func (s *Shape) step(step Step) *Shape {
	var found []*Shape
	for _, b := range s.all(nil) {
		switch {
		case b.Any:
			found = append(found, b)
		case step.Element && b.Elements != nil:
			found = append(found, b.Elements)
		case !step.Element && b.Fields[step.Name] != nil:
			found = append(found, b.Fields[step.Name])
		case !step.Element && b.Values != nil:
			found = append(found, b.Values)
		}
	}
	switch len(found) {
	case 0:
		return nil
	case 1:
		return found[0]
	}
	return &Shape{Name: "union", Branches: found}
}

// all are the branches of a union, of unions within it too, each once, else the shape itself.
func (s *Shape) all(known []*Shape) []*Shape {
	if slices.Contains(known, s) {
		return known
	}
	if len(s.Branches) == 0 {
		return append(known, s)
	}
	seen := append(known, s)
	for _, b := range s.Branches {
		seen = b.all(seen)
	}
	return seen
}

// IsBinary tells whether a value there can be a binary fraction.
func (s *Shape) IsBinary() bool {
	return slices.ContainsFunc(s.all(nil), func(b *Shape) bool { return b.Binary })
}

// IsScalar tells whether a value there can be one that is no array and no object.
func (s *Shape) IsScalar() bool {
	return slices.ContainsFunc(s.all(nil), func(b *Shape) bool {
		return b.Any || b.Fields == nil && b.Values == nil && b.Elements == nil && len(b.Branches) == 0 && b.Name != "null"
	})
}

// IsArray tells whether a value there can be an array.
func (s *Shape) IsArray() bool {
	return slices.ContainsFunc(s.all(nil), func(b *Shape) bool { return b.Any || b.Elements != nil })
}

func (s *Shape) describe(path []Step) string {
	at := "$"
	for _, step := range path {
		at += step.String()
	}
	fields := map[string]bool{}
	for _, b := range s.all(nil) {
		for name := range b.Fields {
			fields[name] = true
		}
	}
	if len(fields) == 0 {
		return fmt.Sprintf("%s, which is of the type %s", at, s.Name)
	}
	return fmt.Sprintf("%s, which has %s", at, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
}
