package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Mapping says how a house's own JSON is read, in YAML:
//
//	platform: house                       # of all events; ids of people are of this platform
//	unmatched: refuse                     # or pass: payloads that no rule matches
//	events:                               # every rule that matches makes an event
//	  - kind: order                       # comment, retract, order, or a kind of reaction
//	    match: {$.type: [paid, shipped]}  # all must hold; absent: always
//	    each: $.orders                    # an array whose elements are read, $ being the element; absent: the payload
//	    fields:
//	      order_id: $.no                  # a path
//	      currency: JPY                   # anything else is a constant
//	      amount: {path: $.total, unit: minor}
//	      time: {path: $.at, format: 2006-01-02 15:04:05, zone: Asia/Tokyo}
//	      status: {path: $.state, map: {P: paid, X: cancelled}, default: created}
//	    lines: {each: $.items, fields: {product_id: $.sku, quantity: $.n, unit_price: $.price}}
//	    refunds: {each: $.refunds, fields: {refund_id: $.id, amount: $.sum}}
//
// Paths are the singular queries of JSONPath (RFC 9535): names and indices, $.a['b c'][0]. They name one value or none, so
// that equal payloads make equal events. Field names and their meanings are those of the raw format; a value's type goes
// by its field:
//
//	text    a string, or a number or truth value as it is written
//	time    format: rfc3339 (the default), epoch_s, epoch_ms, epoch_us, or a layout of Go's package time; where the layout
//	        has no offset, zone is a name of the IANA's
//	whole   an integer
//	money   decimal text or a number, read by its digits and never as a binary fraction; unit: major (the default) or minor
//	truth   true or false
//
// map puts other words for the values that it lists, and refuses others unless there is a default, which also stands for
// a value that is absent.
type Mapping struct {
	platform string
	pass     bool
	events   []mappingRule
}

type mappingRule struct {
	kind    string
	match   []mappingMatch
	each    *mappingPath
	fields  []mappingField
	lines   *mappingPart
	refunds *mappingPart
}

type mappingMatch struct {
	path   *mappingPath
	values []string
}

// mappingPart is a list within an event.
type mappingPart struct {
	each   *mappingPath
	fields []mappingField
}

// maxMappingBytes bounds a mapping, so that a wrong path cannot fill memory.
const maxMappingBytes = 1 << 20

// LoadMapping reads a mapping. An error names the file and the line.
func LoadMapping(file string) (*Mapping, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading a mapping: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxMappingBytes+1))
	if err == nil && len(text) > maxMappingBytes {
		err = errors.New("it is larger than a mapping can be")
	}
	if err != nil {
		return nil, fmt.Errorf("reading a mapping: %s: %w", file, err)
	}
	m, err := ParseMapping(text)
	if err != nil {
		return nil, fmt.Errorf("reading a mapping: %s: %w", file, err)
	}
	return m, nil
}

// ParseMapping reads a mapping. An error names the line.
func ParseMapping(text []byte) (*Mapping, error) {
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("expected YAML: %w", err)
	}
	if !errors.Is(d.Decode(&more), io.EOF) {
		return nil, errors.New("it has more than one YAML document")
	}
	m := &Mapping{}
	err := members(doc.Content[0], "platform, unmatched, events", map[string]func(*yaml.Node) error{
		"platform":  func(n *yaml.Node) error { return word(n, &m.platform) },
		"unmatched": func(n *yaml.Node) error { return oneOf(n, map[string]bool{"pass": true, "refuse": false}, &m.pass) },
		"events": func(n *yaml.Node) error {
			return elements(n, func(n *yaml.Node) error {
				r, err := parseRule(n)
				m.events = append(m.events, r)
				return err
			})
		},
	})
	switch {
	case err != nil:
		return nil, err
	case m.platform == "":
		return nil, errors.New("line 1: platform is missing: the name that ids of people belong to")
	case len(m.events) == 0:
		return nil, errors.New("line 1: events is missing")
	}
	return m, nil
}

func parseRule(n *yaml.Node) (r mappingRule, err error) {
	var fields, lines, refunds *yaml.Node
	keep := func(to **yaml.Node) func(*yaml.Node) error {
		return func(n *yaml.Node) error { *to = n; return nil }
	}
	err = members(n, "kind, match, each, fields, lines, refunds", map[string]func(*yaml.Node) error{
		"kind":   func(n *yaml.Node) error { return word(n, &r.kind) },
		"each":   func(n *yaml.Node) error { return path(n, &r.each) },
		"match":  func(n *yaml.Node) (err error) { r.match, err = parseMatch(n); return err },
		"fields": keep(&fields), "lines": keep(&lines), "refunds": keep(&refunds),
	})
	if err != nil {
		return r, err
	}
	set := r.kind
	switch r.kind {
	case "comment", "retract", "order":
	default:
		if set = "reaction"; !slices.Contains(mappingReactions, r.kind) {
			return r, at(n, "kind is none of comment, retract, order, %s", strings.Join(mappingReactions, ", "))
		}
	}
	if (lines != nil || refunds != nil) && r.kind != "order" {
		return r, at(n, "only orders have lines and refunds")
	}
	if r.fields, err = parseFields(n, fields, set); err != nil {
		return r, err
	}
	if r.lines, err = parsePart(lines, "line"); err != nil {
		return r, err
	}
	r.refunds, err = parsePart(refunds, "refund")
	return r, err
}

func parsePart(n *yaml.Node, of string) (*mappingPart, error) {
	if n == nil {
		return nil, nil
	}
	var fields *yaml.Node
	p := &mappingPart{}
	err := members(n, "each, fields", map[string]func(*yaml.Node) error{
		"each":   func(n *yaml.Node) error { return path(n, &p.each) },
		"fields": func(n *yaml.Node) error { fields = n; return nil },
	})
	if err == nil && p.each == nil {
		err = at(n, "each is missing: the path of the array")
	}
	if err == nil {
		p.fields, err = parseFields(n, fields, of)
	}
	return p, err
}

func parseMatch(n *yaml.Node) (all []mappingMatch, err error) {
	return all, pairs(n, func(key, value *yaml.Node) error {
		var m mappingMatch
		if err := path(key, &m.path); err != nil {
			return err
		}
		list := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			list = value.Content
		}
		for _, v := range list {
			var text string
			if err := word(v, &text); err != nil {
				return err
			}
			m.values = append(m.values, text)
		}
		all = append(all, m)
		return nil
	})
}
