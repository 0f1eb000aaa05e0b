package source

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// object writes one JSON object, fields in the order of the calls, so that equal events are equal bytes.
type object struct {
	b    []byte
	open bool // a field was written: the next one needs a comma
}

func begin(b []byte) object { return object{b: append(b, '{')} }

func (o *object) end() []byte { return append(o.b, '}') }

func (o *object) name(name string) {
	if o.open {
		o.b = append(o.b, ',')
	}
	o.open = true
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

// text writes a string; an empty one is left out.
func (o *object) text(name, v string) {
	if v != "" {
		o.name(name)
		o.b = appendString(o.b, v)
	}
}

// number writes an integer, also zero.
func (o *object) number(name string, v int64) {
	o.name(name)
	o.b = strconv.AppendInt(o.b, v, 10)
}

// truth writes true; false is left out.
func (o *object) truth(name string, v bool) {
	if v {
		o.name(name)
		o.b = append(o.b, "true"...)
	}
}

// time writes an event time: RFC 3339 in UTC with milliseconds, or the bare number of epoch milliseconds.
func (o *object) time(name string, ms int64, epoch bool) {
	if epoch {
		o.number(name, ms)
		return
	}
	o.name(name)
	o.b = append(o.b, '"')
	o.b = time.UnixMilli(ms).UTC().AppendFormat(o.b, "2006-01-02T15:04:05.000Z07:00")
	o.b = append(o.b, '"')
}

func (o *object) list(name string, v []string) {
	if len(v) == 0 {
		return
	}
	o.name(name)
	o.b = append(o.b, '[')
	for i, s := range v {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = appendString(o.b, s)
	}
	o.b = append(o.b, ']')
}

// object writes a nested object.
func (o *object) object(name string, members func(*object)) {
	o.name(name)
	inner := begin(o.b)
	members(&inner)
	o.b = inner.end()
}

// objects writes an array of them, if there are any.
func objects[T any](o *object, name string, list []T, members func(*object, T)) {
	if len(list) == 0 {
		return
	}
	o.name(name)
	o.b = append(o.b, '[')
	for i, v := range list {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		inner := begin(o.b)
		members(&inner, v)
		o.b = inner.end()
	}
	o.b = append(o.b, ']')
}

const hexDigits = "0123456789abcdef"

// appendString quotes s as JSON. Bytes that are not UTF-8 become U+FFFD: what this package writes is always valid.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c < ' ' || c == 0x7f:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			default:
				b = append(b, c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		b = utf8.AppendRune(b, r)
		i += n
	}
	return append(b, '"')
}
