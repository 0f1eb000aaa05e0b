package condition

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/feed/delta"
)

// Bounds of a condition.
const (
	maxLength      = 500 // bytes
	maxComparisons = 16
	maxDepth       = 16
)

// node is a comparison, or what combines them.
type node struct {
	op          string // "&&", "||", "!", or "" for a comparison
	left, right *node
	cmp         *comparison
}

// comparison is a place against a literal.
type comparison struct {
	path    []string
	written string // the path as it was written
	op      string
	literal literal
}

// literal is a number, a text, a truth or null.
type literal struct {
	kind   byte // 'n', 's', 'b' or '0'
	text   string
	number float64
	truth  bool
}

// Condition is a question that was understood.
type Condition struct {
	text string
	root *node
	all  []*comparison
	rule *delta.Rule
}

// String is the question as it was asked.
func (c *Condition) String() string { return c.text }

// Parse reads a condition about documents of a type. The error says where it was not understood, and what was expected.
func Parse(text string, of reflect.Type, r *delta.Rule) (*Condition, error) {
	if len(text) > maxLength || !utf8.ValidString(text) {
		return nil, fmt.Errorf("expected at most %d bytes of UTF-8", maxLength)
	}
	p := &parser{text: text, of: of, rule: r, c: &Condition{text: text, rule: r}}
	root, err := p.or(0)
	if err == nil {
		if p.space(); p.at < len(text) {
			err = p.expected("&& or || or the end")
		}
	}
	if err != nil {
		return nil, err
	}
	p.c.root = root
	return p.c, nil
}

// Path reads a path alone, as one would stand in a condition about documents of a type.
func Path(text string, of reflect.Type, r *delta.Rule) ([]string, error) {
	if len(text) > maxLength || !utf8.ValidString(text) {
		return nil, fmt.Errorf("expected at most %d bytes of UTF-8", maxLength)
	}
	p := &parser{text: text}
	path, err := p.path()
	if err == nil && p.at < len(text) {
		err = p.expected("a . or the end")
	}
	if err == nil {
		err = delta.Reaches(of, r, path)
	}
	return path, err
}

type parser struct {
	text string
	at   int
	of   reflect.Type
	rule *delta.Rule
	c    *Condition
}

func (p *parser) expected(what string) error {
	rest := p.text[p.at:]
	if len(rest) > 20 {
		rest = rest[:20]
	}
	return fmt.Errorf("at byte %d, before %q: expected %s", p.at, rest, what)
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.ContainsRune(" \t\n", rune(p.text[p.at])) {
		p.at++
	}
}

// take moves on over a token that is there.
func (p *parser) take(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

func (p *parser) or(depth int) (*node, error) { return p.chain(depth, "||", p.and) }

func (p *parser) and(depth int) (*node, error) { return p.chain(depth, "&&", p.not) }

func (p *parser) chain(depth int, op string, of func(int) (*node, error)) (*node, error) {
	left, err := of(depth)
	for err == nil && p.take(op) {
		var right *node
		if right, err = of(depth); err == nil {
			left = &node{op: op, left: left, right: right}
		}
	}
	return left, err
}

func (p *parser) not(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.expected(fmt.Sprintf("at most %d brackets and ! within each other", maxDepth))
	}
	switch {
	case p.take("!"):
		n, err := p.not(depth + 1)
		return &node{op: "!", left: n}, err
	case p.take("("):
		n, err := p.or(depth + 1)
		if err == nil && !p.take(")") {
			err = p.expected(")")
		}
		return n, err
	}
	return p.comparison()
}

func (p *parser) comparison() (*node, error) {
	p.space()
	start := p.at
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	c := &comparison{path: path, written: p.text[start:p.at]}
	if err := delta.Reaches(p.of, p.rule, path); err != nil {
		return nil, fmt.Errorf("at byte %d: %.60s: %w", start, c.written, err)
	}
	for _, op := range []string{">=", "<=", "==", "!=", ">", "<"} {
		if p.take(op) {
			c.op = op
			break
		}
	}
	if c.op == "" {
		return nil, p.expected("one of > >= < <= == !=")
	}
	if c.literal, err = p.literal(); err != nil {
		return nil, err
	}
	if ordered := c.op[0] == '<' || c.op[0] == '>'; ordered && c.literal.kind != 'n' && c.literal.kind != 's' {
		return nil, fmt.Errorf("at byte %d: %s has no order to compare by; use == or !=", start, c.literal.text)
	}
	if len(p.c.all) == maxComparisons {
		return nil, fmt.Errorf("at byte %d: expected at most %d comparisons", start, maxComparisons)
	}
	p.c.all = append(p.c.all, c)
	return &node{cmp: c}, nil
}

func (p *parser) path() ([]string, error) {
	var path []string
	for {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		path = append(path, name)
		if p.at >= len(p.text) || p.text[p.at] != '.' {
			return path, nil
		}
		p.at++
	}
}

func (p *parser) name() (string, error) {
	if p.at < len(p.text) && p.text[p.at] == '"' {
		return p.quoted()
	}
	end := p.at
	for end < len(p.text) && (isWord(p.text[end]) || p.text[end] >= utf8.RuneSelf) {
		end++
	}
	if end == p.at {
		return "", p.expected(`a path as room.final.heat.gauge, or a name in quotes`)
	}
	name := p.text[p.at:end]
	p.at = end
	return name, nil
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted reads a text in the quotes and escapes of Go, which has those of JSON.
func (p *parser) quoted() (string, error) {
	prefix, err := strconv.QuotedPrefix(p.text[p.at:])
	if err != nil {
		return "", p.expected("a text that ends with a quote")
	}
	text, err := strconv.Unquote(prefix)
	if err != nil {
		return "", p.expected("a text in quotes")
	}
	p.at += len(prefix)
	return text, nil
}

func (p *parser) literal() (literal, error) {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == '"' {
		text, err := p.quoted()
		return literal{kind: 's', text: text}, err
	}
	end := p.at
	for end < len(p.text) && (isWord(p.text[end]) || p.text[end] == '.' || p.text[end] == '+') {
		end++
	}
	word := p.text[p.at:end]
	switch word {
	case "null":
		p.at = end
		return literal{kind: '0', text: word}, nil
	case "true", "false":
		p.at = end
		return literal{kind: 'b', text: word, truth: word == "true"}, nil
	}
	f, err := strconv.ParseFloat(word, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || word == "" || !strings.ContainsAny(word[:1], "+-.0123456789") || strings.ContainsAny(word, "xX_") {
		return literal{}, p.expected(`a number, a text in quotes, true, false or null`)
	}
	p.at = end
	return literal{kind: 'n', text: word, number: f}, nil
}
