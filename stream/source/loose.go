package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// loose is text that platforms write as a string in one place and as a number in another: ids, amounts. It keeps the
// digits as they stand; null and absent are empty. Of an object it is the "id": a reference that was expanded.
type loose string

// UnmarshalJSON takes a string, a number, a truth value or an object with an id.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(l))
	case 'n':
		*l = ""
	case '{':
		var whole struct{ ID loose }
		if err := json.Unmarshal(b, &whole); err != nil {
			return err
		}
		*l = whole.ID
	case '[':
		return errors.New("an array where an id or an amount is expected")
	default:
		*l = loose(b)
	}
	return nil
}

// yes tells whether a truth value, which some write as 1 or "true", is one.
func (l loose) yes() bool { return l == "true" || l == "1" }

// whole is the integer; 0 where it is none.
func (l loose) whole() int64 {
	n, _ := strconv.ParseInt(string(l), 10, 64)
	return n
}

// instant is a time in RFC 3339; null and absent are zero.
type instant int64

// UnmarshalJSON reads RFC 3339.
func (t *instant) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		return err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return errors.New("a time that is not RFC 3339")
	}
	*t = instant(at.UnixMilli())
	return nil
}

// firstOf is the first that is not zero.
func firstOf(times ...instant) int64 {
	return int64(cmp.Or(times...))
}
