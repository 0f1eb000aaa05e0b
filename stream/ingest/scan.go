package ingest

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNesting bounds how deep objects and arrays may lie in each other.
const maxNesting = 32

// scanner walks JSON by hand: one pass, no reflection, nothing allocated but what its scratch grows to (strings with
// escapes). It accepts exactly what encoding/json accepts (down to maxNesting), which a property test and a fuzz target
// hold it to; input must be valid UTF-8.
type scanner struct {
	b       []byte
	pos     int
	scratch []byte // unescaped strings; tokens alias it until reset
}

func (s *scanner) reset(b []byte) { s.b, s.pos, s.scratch = b, 0, s.scratch[:0] }

func (s *scanner) bad(expected string) *Reject {
	if s.pos >= len(s.b) {
		return reject(MalformedJSON, "at byte %d: expected %s, got the end", s.pos, expected)
	}
	return reject(MalformedJSON, "at byte %d: expected %s", s.pos, expected)
}

// peek skips white space and returns the next byte, 0 at the end (which no JSON contains).
func (s *scanner) peek() byte {
	for s.pos < len(s.b) {
		c := s.b[s.pos]
		if c > ' ' || c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
		s.pos++
	}
	return 0
}

// record reads a whole input that must be one object.
func (s *scanner) record(f *fields) *Reject {
	f.seen = [2]uint64{}
	if s.peek() != '{' {
		return s.bad("an object")
	}
	if r := s.object(f, 1); r != nil {
		return r
	}
	if s.peek(); s.pos < len(s.b) {
		return s.bad("nothing after the object")
	}
	return nil
}

// object reads an object at '{'. A nil f only checks it.
func (s *scanner) object(f *fields, depth int) *Reject {
	s.pos++
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	for {
		if s.peek() != '"' {
			return s.bad("a member name")
		}
		name, r := s.str()
		if r != nil {
			return r
		}
		if s.peek() != ':' {
			return s.bad("a colon")
		}
		s.pos++
		v, r := s.value(depth)
		if r != nil {
			return r
		}
		if f != nil {
			if known, ok := fieldOf(name.b); ok {
				f.set(known, v)
			}
		}
		switch s.peek() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return nil
		default:
			return s.bad("a comma or the object's end")
		}
	}
}

// array reads an array at '['. each is called with every element; nil only checks them.
func (s *scanner) array(depth int, each func(token) *Reject) *Reject {
	s.pos++
	if s.peek() == ']' {
		s.pos++
		return nil
	}
	for {
		v, r := s.value(depth)
		if r == nil && each != nil {
			r = each(v)
		}
		if r != nil {
			return r
		}
		switch s.peek() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return nil
		default:
			return s.bad("a comma or the array's end")
		}
	}
}

// value reads any value that lies depth deep.
func (s *scanner) value(depth int) (token, *Reject) {
	switch c := s.peek(); c {
	case '"':
		return s.str()
	case '{', '[':
		return s.nested(c, depth+1)
	case 't':
		return s.literal("true", boolTrue)
	case 'f':
		return s.literal("false", boolFalse)
	case 'n':
		return s.literal("null", null)
	default:
		return s.num()
	}
}

func (s *scanner) nested(open byte, depth int) (token, *Reject) {
	if depth > maxNesting {
		return token{}, reject(MalformedJSON, "at byte %d: nested deeper than %d", s.pos, maxNesting)
	}
	start, t := s.pos, token{shape: array}
	var r *Reject
	if open == '{' {
		t.shape = object
		r = s.object(nil, depth)
	} else {
		r = s.array(depth, nil)
	}
	t.b = s.b[start:s.pos]
	return t, r
}

func (s *scanner) literal(word string, sh shape) (token, *Reject) {
	if len(s.b)-s.pos < len(word) || string(s.b[s.pos:s.pos+len(word)]) != word {
		return token{}, s.bad("a value")
	}
	s.pos += len(word)
	return token{shape: sh}, nil
}

func (s *scanner) num() (token, *Reject) {
	start := s.pos
	if s.at('-') {
		s.pos++
	}
	switch {
	case s.at('0'):
		s.pos++
	case !s.digits():
		return token{}, s.bad("a value")
	}
	if s.at('.') {
		s.pos++
		if !s.digits() {
			return token{}, s.bad("a digit")
		}
	}
	if s.at('e') || s.at('E') {
		s.pos++
		if s.at('+') || s.at('-') {
			s.pos++
		}
		if !s.digits() {
			return token{}, s.bad("a digit")
		}
	}
	return token{shape: number, b: s.b[start:s.pos]}, nil
}

func (s *scanner) at(c byte) bool { return s.pos < len(s.b) && s.b[s.pos] == c }

// digits skips digits and tells whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.b) && s.b[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start
}

// str reads a string at '"'.
func (s *scanner) str() (token, *Reject) {
	s.pos++
	start := s.pos
	s.plain()
	if s.at('"') {
		t := token{shape: text, b: s.b[start:s.pos]}
		s.pos++
		return t, nil
	}
	return s.escapedStr(start)
}

// plain skips to the next quote, backslash or control character, eight bytes at a time.
func (s *scanner) plain() {
	const (
		ones  = 0x0101010101010101
		highs = 0x8080808080808080
	)
	i, b := s.pos, s.b
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// (x-ones)&^x marks the zero bytes of x, (w-0x20…)&^w the bytes below 0x20; the lowest mark is always true.
		hit := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
		if hit != 0 {
			s.pos = i + bits.TrailingZeros64(hit)/8
			return
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	s.pos = i
}

// escapedStr reads on where plain stopped before the string's end, unescaping into scratch.
func (s *scanner) escapedStr(start int) (token, *Reject) {
	from := len(s.scratch)
	for {
		s.scratch = append(s.scratch, s.b[start:s.pos]...)
		switch {
		case s.at('"'):
			s.pos++
			return token{shape: text, b: s.scratch[from:len(s.scratch):len(s.scratch)], escaped: true}, nil
		case s.at('\\'):
			s.pos++
			if r := s.escape(); r != nil {
				return token{}, r
			}
		default:
			return token{}, s.bad("the string's end (control characters must be escaped)")
		}
		start = s.pos
		s.plain()
	}
}

// escape reads what follows a backslash.
func (s *scanner) escape() *Reject {
	if s.pos >= len(s.b) {
		return s.bad("an escape")
	}
	c := s.b[s.pos]
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return s.unicode()
	default:
		return s.bad("an escape")
	}
	s.pos++
	s.scratch = append(s.scratch, c)
	return nil
}

// unicode reads \uXXXX at its 'u', with the second half of a surrogate pair. A half without its other half becomes
// U+FFFD, as in encoding/json.
func (s *scanner) unicode() *Reject {
	r, ok := s.hex4(s.pos + 1)
	if !ok {
		return s.bad("u and four hex digits")
	}
	s.pos += 5
	if utf16.IsSurrogate(r) {
		low, ok := rune(-1), false
		if s.at('\\') && s.pos+1 < len(s.b) && s.b[s.pos+1] == 'u' {
			low, ok = s.hex4(s.pos + 2)
		}
		if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
			s.pos += 6
		} else {
			r = utf8.RuneError
		}
	}
	s.scratch = utf8.AppendRune(s.scratch, r)
	return nil
}

func (s *scanner) hex4(at int) (r rune, ok bool) {
	if at+4 > len(s.b) {
		return 0, false
	}
	for _, c := range s.b[at : at+4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
