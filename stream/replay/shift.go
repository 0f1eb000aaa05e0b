package replay

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/netsu/netsu/stream/source"
)

// Shift moves every time field of r by ms: time and updated_at, account_created (an account stays as old as it was), a
// refund's time, and the catalog's start, end and from.
// All other bytes stay as they are, and so do fields that hold no time that can be read, and values that are no JSON:
// they will be dead letters with the reason they would have had.
func Shift(r source.Record, ms int64) source.Record {
	if r.ArriveMS != 0 {
		r.ArriveMS += ms
	}
	if !json.Valid(r.Value) {
		return r
	}
	var out []byte
	done := 0 // r.Value up to here is in out
	eachTime(r.Topic, r.Value, func(from, to int) {
		moved, ok := shiftToken(r.Value[from:to], ms)
		if !ok {
			return
		}
		out = append(append(out, r.Value[done:from]...), moved...)
		done = to
	})
	if done == 0 {
		return r
	}
	r.Value = append(out, r.Value[done:]...)
	if r.TimeMS != 0 {
		r.TimeMS += ms
	}
	return r
}

// shiftToken moves one JSON value: epoch milliseconds, or a string of RFC 3339, whose zone and number of digits it
// keeps (but writes milliseconds where the move has some).
func shiftToken(token []byte, ms int64) (moved []byte, ok bool) {
	if token[0] != '"' {
		v, err := strconv.ParseInt(string(token), 10, 64)
		if err != nil {
			return nil, false
		}
		return strconv.AppendInt(nil, v+ms, 10), true
	}
	text := string(token[1 : len(token)-1])
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil, false
	}
	t = t.Add(time.Duration(ms) * time.Millisecond)
	if t.Year() < 0 || t.Year() > 9999 {
		return nil, false
	}
	const seconds = len("2006-01-02T15:04:05")
	end := seconds // where the fraction ends and the zone begins
	for end < len(text) && (text[end] == '.' || text[end] == ',' || text[end] >= '0' && text[end] <= '9') {
		end++
	}
	digits := max(0, end-seconds-1)
	if ms%1000 != 0 {
		digits = max(digits, 3)
	}
	layout := "2006-01-02T15:04:05"
	if digits > 0 {
		layout += "." + "000000000000000000000000000000"[:min(digits, 9)]
	}
	moved = append(moved, '"')
	moved = t.AppendFormat(moved, layout)
	moved = append(moved, text[end:]...)
	return append(moved, '"'), true
}

// eventTime reads the event time of a value; 0 where there is none.
func eventTime(value []byte) (ms int64) {
	fields(value, 0, func(name string, from, to int) {
		if name != "time" {
			return
		}
		ms = tokenTime(value[from:to])
	})
	return ms
}

func tokenTime(token []byte) int64 {
	if token[0] != '"' {
		v, err := strconv.ParseInt(string(token), 10, 64)
		if err != nil {
			return 0
		}
		return v
	}
	t, err := time.Parse(time.RFC3339Nano, string(token[1:len(token)-1]))
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}

// eachTime visits the time fields of a raw event, in the order of the bytes.
func eachTime(topic string, value []byte, visit func(from, to int)) {
	fields(value, 0, func(name string, from, to int) {
		switch {
		case topic == source.Catalog && (name == "start" || name == "end" || name == "from"),
			topic == source.Catalog && (name == "start_ms" || name == "end_ms" || name == "from_ms"),
			topic != source.Catalog && (name == "time" || name == "updated_at" || name == "account_created"):
			visit(from, to)
		case topic == source.Orders && name == "refunds":
			elements(value[:to], from, func(at, _ int) {
				fields(value[:to], at, func(name string, from, to int) {
					if name == "time" {
						visit(from, to)
					}
				})
			})
		}
	})
}
