package replay

import (
	"bytes"
	"encoding/json"
)

// What follows finds the places of values in JSON that is known to be valid (json.Valid has said so), so that a value
// can be changed in place without writing the rest anew. On anything else it stops; it never reads outside b.

// fields visits the members of the object at b[at:], if there is one: name and where the value is.
func fields(b []byte, at int, visit func(name string, from, to int)) {
	at = space(b, at)
	if at >= len(b) || b[at] != '{' {
		return
	}
	for at = space(b, at+1); at < len(b) && b[at] == '"'; at = space(b, at+1) {
		end := skipString(b, at)
		name, ok := unquote(b[at:end])
		if !ok {
			return
		}
		from := space(b, end)
		if from >= len(b) || b[from] != ':' {
			return
		}
		from = space(b, from+1)
		to := skip(b, from)
		if to <= from {
			return
		}
		visit(name, from, to)
		if at = space(b, to); at >= len(b) || b[at] != ',' {
			return
		}
	}
}

// unquote is the text of a string token; nearly all names are without escapes.
func unquote(token []byte) (text string, ok bool) {
	if len(token) >= 2 && bytes.IndexByte(token, '\\') < 0 {
		return string(token[1 : len(token)-1]), true
	}
	return text, json.Unmarshal(token, &text) == nil
}

// elements visits the elements of the array at b[at:], if there is one.
func elements(b []byte, at int, visit func(from, to int)) {
	at = space(b, at)
	if at >= len(b) || b[at] != '[' {
		return
	}
	for at = space(b, at+1); at < len(b) && b[at] != ']'; at = space(b, at+1) {
		to := skip(b, at)
		if to <= at {
			return
		}
		visit(at, to)
		if at = space(b, to); at >= len(b) || b[at] != ',' {
			return
		}
	}
}

func space(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\t' || b[at] == '\n' || b[at] == '\r') {
		at++
	}
	return at
}

// skip is the end of the value at b[at:].
func skip(b []byte, at int) int {
	depth := 0
	for at < len(b) {
		switch c := b[at]; c {
		case '"':
			at = skipString(b, at)
		case '{', '[':
			depth++
			at++
		case '}', ']':
			if depth == 0 {
				return at
			}
			depth--
			at++
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return at
			}
			at++
			continue
		default:
			for at < len(b) && !delimits(b[at]) {
				at++
			}
		}
		if depth == 0 {
			return at
		}
	}
	return at
}

func delimits(c byte) bool {
	switch c {
	case ',', ':', '}', ']', '{', '[', '"', ' ', '\t', '\n', '\r':
		return true
	}
	return false
}

// skipString is the end of the string whose opening quote is b[at].
func skipString(b []byte, at int) int {
	for at++; at < len(b); at++ {
		switch b[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(b)
}
