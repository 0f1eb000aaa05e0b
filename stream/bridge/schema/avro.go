package schema

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/twmb/avro"
	"github.com/twmb/avro/atype"
)

func compileAvro(s Source) (*Schema, error) {
	text := s.Text
	if len(s.References) > 0 {
		var all avro.SchemaCache
		for _, r := range s.References {
			if _, err := all.Parse(r.Text); err != nil {
				return nil, fmt.Errorf("reading the referenced schema %s: %w", r.Name, err)
			}
		}
		whole, err := all.Parse(text)
		if err != nil {
			return nil, fmt.Errorf("reading the schema: %w", err)
		}
		text = whole.String() // with the types of the others in it
	}
	parsed, err := avro.Parse(text, logical...)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	read := func(_ []int, b []byte) (any, error) {
		var v any
		rest, err := parsed.Decode(b, &v)
		if err != nil {
			return nil, unspoken(err)
		}
		if len(rest) > 0 {
			return nil, fmt.Errorf("%d bytes are left over behind the value", len(rest))
		}
		return plain(v)
	}
	shape := func([]int) (*Shape, error) {
		return (&avroShapes{map[string]*Shape{}}).of(parsed.Root(), ""), nil
	}
	return &Schema{Kind: Avro, read: read, shape: shape}, nil
}

// unspoken leaves out of the library's errors what could be of the value; where it happened stays.
func unspoken(err error) error {
	var short *avro.ShortBufferError
	var semantic *avro.SemanticError
	switch {
	case errors.As(err, &short):
		return errors.New("the bytes end within a value")
	case errors.As(err, &semantic) && semantic.Field != "":
		return fmt.Errorf("the bytes of the field %s are not of its type", semantic.Field)
	}
	return errors.New("the bytes are not of the schema")
}

// Layouts of what RFC 3339 does not have, or has with more than is known.
const (
	layoutLocal = "2006-01-02T15:04:05.999999999"
	layoutTime  = "15:04:05.999999999"
)

// logical are the logical types whose values say more by their schema than by their Go type.
var logical = []avro.SchemaOpt{
	asText(atype.Decimal, decimalText),
	asText(atype.Date, func(v any, _ *avro.SchemaNode) (string, bool) {
		days, ok := v.(int32)
		return time.Unix(int64(days)*24*60*60, 0).UTC().Format(time.DateOnly), ok
	}),
	asText(atype.TimeMillis, func(v any, _ *avro.SchemaNode) (string, bool) {
		ms, ok := v.(int32)
		return time.UnixMilli(int64(ms)).UTC().Format(layoutTime), ok
	}),
	asText(atype.TimeMicros, moment(time.UnixMicro, layoutTime)),
	asText(atype.TimestampMillis, moment(time.UnixMilli, time.RFC3339Nano)),
	asText(atype.TimestampMicros, moment(time.UnixMicro, time.RFC3339Nano)),
	asText(atype.TimestampNanos, moment(unixNano, time.RFC3339Nano)),
	asText(atype.LocalTimestampMillis, moment(time.UnixMilli, layoutLocal)),
	asText(atype.LocalTimestampMicros, moment(time.UnixMicro, layoutLocal)),
	asText(atype.LocalTimestampNanos, moment(unixNano, layoutLocal)),
	asText(atype.UUID, func(v any, _ *avro.SchemaNode) (string, bool) {
		switch v := v.(type) {
		case string:
			return v, true
		case []byte:
			if len(v) == 16 {
				return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:]), true
			}
		}
		return "", false
	}),
}

func asText(name string, text func(any, *avro.SchemaNode) (string, bool)) avro.SchemaOpt {
	return avro.CustomType{LogicalType: name, Decode: func(v any, n *avro.SchemaNode) (any, error) {
		if s, ok := text(v, n); ok {
			return s, nil
		}
		return nil, fmt.Errorf("a value that is no %s", name)
	}}
}

func moment(of func(int64) time.Time, layout string) func(any, *avro.SchemaNode) (string, bool) {
	return func(v any, _ *avro.SchemaNode) (string, bool) {
		n, ok := v.(int64)
		return of(n).UTC().Format(layout), ok
	}
}

func unixNano(n int64) time.Time { return time.Unix(0, n) }

// maxDigits bounds a decimal: no amount of money is near it.
const maxDigits = 64

func decimalText(v any, n *avro.SchemaNode) (string, bool) {
	b, ok := v.([]byte)
	if !ok || len(b) > maxDigits/2 || n.Scale > maxDigits {
		return "", false
	}
	return shortest(avro.RatFromBytes(b, n.Scale))
}

// shortest is a decimal fraction as text, exactly, without zeros at its end.
func shortest(r *big.Rat) (string, bool) {
	if r.Num().BitLen() > 4*maxDigits || r.Denom().BitLen() > 4*maxDigits {
		return "", false
	}
	decimals, exact := r.FloatPrec()
	return r.FloatString(decimals), exact
}

// plain makes values as of JSON out of what the library gives.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, float64:
		return v, nil
	case int32:
		return json.Number(strconv.FormatInt(int64(v), 10)), nil
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), nil
	case float32:
		return float64(v), nil
	case string:
		if !utf8.ValidString(v) {
			return nil, ErrUTF8
		}
		return v, nil
	case []byte:
		return base64.StdEncoding.EncodeToString(v), nil
	case *big.Rat:
		text, ok := shortest(v)
		if !ok {
			return nil, fmt.Errorf("a decimal of more than %d digits", maxDigits)
		}
		return text, nil
	case avro.Duration:
		return fmt.Sprintf("P%dM%dDT%sS", v.Months, v.Days, seconds(v.Milliseconds)), nil
	case []any:
		for i := range v {
			e, err := plain(v[i])
			if err != nil {
				return nil, err
			}
			v[i] = e
		}
		return v, nil
	case map[string]any:
		for name, e := range v {
			e, err := plain(e)
			if err != nil {
				return nil, err
			}
			v[name] = e
		}
		return v, nil
	}
	return nil, fmt.Errorf("a value of the unexpected type %T", v)
}

func seconds(ms uint32) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }
