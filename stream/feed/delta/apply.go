package delta

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Ops is a patch as a client reads it from a delta frame.
type Ops struct {
	Cut   []string            `json:"cut"`
	Set   map[string]any      `json:"set"`
	Add   map[string]any      `json:"add"`
	Max   map[string]any      `json:"max"`
	Order map[string][]string `json:"order"`
}

// From makes the rules that places describe: what Places lists, without what those do not need.
func (p Places) From() *Rule {
	root := &Rule{}
	for _, at := range p.Add {
		root.at(at).Kind = Add
	}
	for _, at := range p.Max {
		root.at(at).Kind = Max
	}
	for at, key := range p.Union {
		u := root.at(at)
		u.Kind, u.Key = Union, key
	}
	return root
}

func (r *Rule) at(pointer string) *Rule {
	for _, segment := range split(pointer) {
		if segment == "*" {
			if r.Each == nil {
				r.Each = &Rule{}
			}
			r = r.Each
			continue
		}
		if r.Fields == nil {
			r.Fields = map[string]*Rule{}
		}
		if r.Fields[segment] == nil {
			r.Fields[segment] = &Rule{}
		}
		r = r.Fields[segment]
	}
	return r
}

func split(pointer string) []string {
	segments := strings.Split(pointer, "/")[1:]
	for i := range segments {
		segments[i] = unescape(segments[i])
	}
	return segments
}

var errPatch = errors.New("the difference does not fit what is held")

// Apply makes the next state of the one that is held, in place: a document as encoding/json decodes it. With an error it is
// out of step, and partly changed: ask for a snap.
func Apply(r *Rule, doc map[string]any, ops *Ops) error {
	for _, pointer := range ops.Cut {
		if err := cut(r, doc, split(pointer)); err != nil {
			return err
		}
	}
	if _, err := merge(r, doc, ops.Set); err != nil {
		return err
	}
	for _, m := range []struct {
		tree map[string]any
		with func(held, given any) (any, error)
	}{{ops.Add, plus}, {ops.Max, greater}} {
		if _, err := combine(r, doc, m.tree, m.with); err != nil {
			return err
		}
	}
	for pointer, keys := range ops.Order {
		if err := reorder(r, doc, split(pointer), keys); err != nil {
			return err
		}
	}
	return nil
}

// merge is the value that set makes of the one held.
func merge(r *Rule, held any, given any) (any, error) {
	into, ok := given.(map[string]any)
	if !ok {
		return given, nil
	}
	switch held := held.(type) {
	case map[string]any:
		for name, v := range into {
			var err error
			if held[name], err = merge(r.field([]byte(name)), held[name], v); err != nil {
				return nil, err
			}
		}
		return held, nil
	case []any:
		for key, v := range into {
			i := index(r, held, key)
			if i < 0 {
				held = append(held, v)
				continue
			}
			var err error
			if held[i], err = merge(r.each(), held[i], v); err != nil {
				return nil, err
			}
		}
		return held, nil
	}
	return given, nil
}

// combine is the value that add or max makes of the one held; with is what it does to a leaf.
func combine(r *Rule, held, given any, with func(held, given any) (any, error)) (any, error) {
	tree, ok := given.(map[string]any)
	if !ok {
		return with(held, given)
	}
	for name, v := range tree {
		var err error
		switch held := held.(type) {
		case map[string]any:
			held[name], err = combine(r.field([]byte(name)), held[name], v, with)
		case []any:
			i := index(r, held, name)
			if i < 0 {
				return nil, fmt.Errorf("%w: no element %q", errPatch, name)
			}
			held[i], err = combine(r.each(), held[i], v, with)
		default:
			err = fmt.Errorf("%w: nothing to go into at %q", errPatch, name)
		}
		if err != nil {
			return nil, err
		}
	}
	return held, nil
}

func plus(held, given any) (any, error) {
	switch g := given.(type) {
	case float64:
		if h, ok := held.(float64); ok {
			return h + g, nil
		}
	case string:
		h, _ := held.(string)
		a, err1 := strconv.ParseInt(h, 10, 64)
		b, err2 := strconv.ParseInt(g, 10, 64)
		if err1 == nil && err2 == nil {
			return strconv.FormatInt(a+b, 10), nil
		}
	}
	return nil, fmt.Errorf("%w: %v cannot be added to %v", errPatch, given, held)
}

func greater(held, given any) (any, error) {
	switch g := given.(type) {
	case float64:
		if h, ok := held.(float64); ok {
			return max(h, g), nil
		}
	case string:
		if h, ok := held.(string); ok {
			return max(h, g), nil
		}
	}
	return nil, fmt.Errorf("%w: %v cannot be compared to %v", errPatch, given, held)
}

// index is where the element with a key is; -1: nowhere.
func index(r *Rule, list []any, key string) int {
	if r.kind() != Union {
		return -1
	}
	return slices.IndexFunc(list, func(e any) bool { return keyOf(r, e) == key })
}

func keyOf(r *Rule, element any) string {
	o, _ := element.(map[string]any)
	key, _ := o[r.Key].(string)
	return key
}

// walk finds the parent of what a pointer names: f is given its rule, and what to call with the parent's next value.
func walk(r *Rule, held any, path []string, f func(r *Rule, held any, last string) (any, error)) (any, error) {
	if len(path) == 1 {
		return f(r, held, path[0])
	}
	switch held := held.(type) {
	case map[string]any:
		next, err := walk(r.field([]byte(path[0])), held[path[0]], path[1:], f)
		if err != nil {
			return nil, err
		}
		held[path[0]] = next
		return held, nil
	case []any:
		if i := index(r, held, path[0]); i >= 0 {
			next, err := walk(r.each(), held[i], path[1:], f)
			if err != nil {
				return nil, err
			}
			held[i] = next
			return held, nil
		}
	}
	return nil, fmt.Errorf("%w: there is no %q", errPatch, path[0])
}

func cut(r *Rule, doc map[string]any, path []string) error {
	_, err := walk(r, doc, path, func(r *Rule, held any, last string) (any, error) {
		switch held := held.(type) {
		case map[string]any:
			if _, ok := held[last]; ok {
				delete(held, last)
				return held, nil
			}
		case []any:
			if i := index(r, held, last); i >= 0 {
				return slices.Delete(held, i, i+1), nil
			}
		}
		return nil, fmt.Errorf("%w: there is no %q to cut", errPatch, last)
	})
	return err
}

func reorder(r *Rule, doc map[string]any, path, keys []string) error {
	_, err := walk(r, doc, path, func(r *Rule, held any, last string) (any, error) {
		parent, ok := held.(map[string]any)
		list, isList := parent[last].([]any)
		r = r.field([]byte(last))
		if !ok || !isList || len(list) != len(keys) {
			return nil, fmt.Errorf("%w: %q is not a list of %d", errPatch, last, len(keys))
		}
		place := make(map[string]int, len(keys))
		for i, key := range keys {
			place[key] = i
		}
		next := make([]any, len(list))
		for _, e := range list {
			i, ok := place[keyOf(r, e)]
			if !ok || next[i] != nil {
				return nil, fmt.Errorf("%w: the order of %q is of other elements", errPatch, last)
			}
			next[i] = e
		}
		parent[last] = next
		return held, nil
	})
	return err
}

// State is the canonical text of a document that is held: what Hash is of.
func State(doc map[string]any) ([]byte, error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("encoding a document: %w", err)
	}
	return Canonical(b)
}
