package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/theory/jsonpath"
	"go.yaml.in/yaml/v3"
)

// mappingPath is a path that names one value or none.
type mappingPath struct {
	text string
	*jsonpath.Path
}

// at is an error that names a line.
func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{n.Line}, args...)...)
}

// pairs visits the members of a mapping of YAML. A name that comes twice is an error.
func pairs(n *yaml.Node, visit func(key, value *yaml.Node) error) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "expected names with values")
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || seen[key.Value] {
			return at(key, "%q stands here twice, or is no name", key.Value)
		}
		seen[key.Value] = true
		if err := visit(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// members reads a mapping whose names are known.
func members(n *yaml.Node, names string, read map[string]func(*yaml.Node) error) error {
	return pairs(n, func(key, value *yaml.Node) error {
		f := read[key.Value]
		if f == nil {
			return at(key, "there is no %q here; there are %s", key.Value, names)
		}
		return f(value)
	})
}

func elements(n *yaml.Node, visit func(*yaml.Node) error) error {
	if n.Kind != yaml.SequenceNode {
		return at(n, "expected a list")
	}
	for _, e := range n.Content {
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

// word is a scalar as it is written, whatever type YAML would give it.
func word(n *yaml.Node, to *string) error {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return at(n, "expected one value")
	}
	*to = n.Value
	return nil
}

func oneOf[T any](n *yaml.Node, known map[string]T, to *T) error {
	v, ok := known[n.Value]
	if n.Kind != yaml.ScalarNode || !ok {
		return at(n, "expected one of %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	*to = v
	return nil
}

func path(n *yaml.Node, to **mappingPath) error {
	var text string
	if err := word(n, &text); err != nil {
		return err
	}
	p, err := jsonpath.Parse(text)
	if err != nil {
		return at(n, "%w", err)
	}
	if p.Query().Singular() == nil {
		return at(n, "the path %s may name several values: only names and indices can be used", text)
	}
	*to = &mappingPath{text, p}
	return nil
}
