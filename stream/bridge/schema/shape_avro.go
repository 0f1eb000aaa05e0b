package schema

import (
	"strings"

	"github.com/twmb/avro"
	"github.com/twmb/avro/atype"
)

// avroShapes are those of named types, by their full names: a type may contain itself.
type avroShapes struct{ known map[string]*Shape }

// of is a node's shape; names in it without a dot are of the namespace around it.
func (a *avroShapes) of(n *avro.SchemaNode, around string) *Shape {
	switch n.Type {
	case atype.Record, atype.Error:
		s := &Shape{Name: n.Name, Fields: map[string]*Shape{}}
		a.known[inNamespace(n.Namespace, n.Name)] = s
		for i := range n.Fields {
			s.Fields[n.Fields[i].Name] = a.of(&n.Fields[i].Type, n.Namespace)
		}
		return s
	case atype.Array:
		return &Shape{Name: n.Type, Elements: a.of(n.Items, around)}
	case atype.Map:
		return &Shape{Name: n.Type, Values: a.of(n.Values, around)}
	case atype.Union:
		s := &Shape{Name: n.Type}
		for i := range n.Branches {
			s.Branches = append(s.Branches, a.of(&n.Branches[i], around))
		}
		return s
	case atype.Enum, atype.Fixed:
		s := &Shape{Name: n.Name}
		a.known[inNamespace(n.Namespace, n.Name)] = s
		return s
	case atype.Float, atype.Double:
		return &Shape{Name: n.Type, Binary: true}
	}
	if s := a.known[inNamespace(around, n.Type)]; s != nil {
		return s
	}
	if s := a.known[n.Type]; s != nil {
		return s
	}
	return &Shape{Name: n.Type}
}

func inNamespace(namespace, name string) string {
	if namespace == "" || strings.Contains(name, ".") {
		return name
	}
	return namespace + "." + name
}
