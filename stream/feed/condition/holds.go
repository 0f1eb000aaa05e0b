package condition

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/govalues/decimal"

	"github.com/netsu/netsu/stream/feed/delta"
)

// Answer is what a condition comes to.
type Answer int8

// The answers.
const (
	Unknown Answer = iota
	False
	True
)

// MarshalJSON is true, false or null.
func (a Answer) MarshalJSON() ([]byte, error) {
	return []byte([]string{"null", "false", "true"}[a]), nil
}

// Holds asks it of a document, given as its members with canonical values.
func (c *Condition) Holds(document []delta.Member) Answer { return c.holds(c.root, document) }

// Values are what a document says at the places that the condition looks at, by the path as it was written; null where
// nothing is known.
func (c *Condition) Values(document []delta.Member) map[string]json.RawMessage {
	values := map[string]json.RawMessage{}
	for _, cmp := range c.all {
		v := delta.Lookup(c.rule, document, cmp.path)
		if v == nil {
			v = []byte("null")
		}
		values[cmp.written] = v
	}
	return values
}

// Parts are the top-level members that the condition looks at.
func (c *Condition) Parts() []string {
	var names []string
	for _, cmp := range c.all {
		names = append(names, cmp.path[0])
	}
	return names
}

func (c *Condition) holds(n *node, document []delta.Member) Answer {
	switch n.op {
	case "!":
		return [...]Answer{Unknown, True, False}[c.holds(n.left, document)]
	case "&&":
		return either(c.holds(n.left, document), c.holds(n.right, document), False)
	case "||":
		return either(c.holds(n.left, document), c.holds(n.right, document), True)
	}
	return n.cmp.holds(delta.Lookup(c.rule, document, n.cmp.path))
}

// either is decided by one answer alone, and otherwise known if both are.
func either(a, b, decides Answer) Answer {
	switch {
	case a == decides || b == decides:
		return decides
	case a == Unknown || b == Unknown:
		return Unknown
	}
	return a
}

func answer(yes bool) Answer {
	if yes {
		return True
	}
	return False
}

func (c *comparison) holds(value []byte) Answer {
	null := value == nil || string(value) == "null"
	if c.literal.kind == '0' {
		return answer(null == (c.op == "=="))
	}
	if null {
		return Unknown
	}
	order, comparable := c.compare(value)
	switch {
	case !comparable: // of another kind: neither less nor greater, and certainly not the same
		return answer(c.op == "!=")
	case c.op == "==":
		return answer(order == 0)
	case c.op == "!=":
		return answer(order != 0)
	case c.op == "<":
		return answer(order < 0)
	case c.op == "<=":
		return answer(order <= 0)
	case c.op == ">":
		return answer(order > 0)
	default:
		return answer(order >= 0)
	}
}

func (c *comparison) compare(value []byte) (order int, comparable bool) {
	switch l := c.literal; {
	case value[0] == '"':
		var text string
		if json.Unmarshal(value, &text) != nil {
			return 0, false
		}
		if l.kind == 'n' {
			return exactly(text, l.text)
		}
		return strings.Compare(text, l.text), l.kind == 's'
	case value[0] == 't' || value[0] == 'f':
		if l.kind != 'b' || (value[0] == 't') == l.truth {
			return 0, l.kind == 'b'
		}
		return 1, true
	case value[0] == '{' || value[0] == '[':
		return 0, false
	default:
		f, err := strconv.ParseFloat(string(value), 64)
		return cmp.Compare(f, l.number), err == nil && l.kind == 'n'
	}
}

// exactly compares two decimal texts: an amount in minor units, and what it is asked against.
func exactly(amount, number string) (order int, comparable bool) {
	a, err1 := decimal.Parse(amount)
	b, err2 := decimal.Parse(number)
	if err1 != nil || err2 != nil {
		return 0, false
	}
	return a.Cmp(b), true
}
