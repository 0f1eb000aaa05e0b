package history

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// format is how an answer is written.
type format int

const (
	formatJSON format = iota
	formatCSV
	formatNDJSON
)

func parseFormat(r *http.Request) (format, error) {
	switch r.URL.Query().Get("format") {
	case "json":
		return formatJSON, nil
	case "csv":
		return formatCSV, nil
	case "ndjson":
		return formatNDJSON, nil
	case "":
	default:
		return 0, bad("BAD_PARAMETER", "format is none that there is", "json, csv or ndjson")
	}
	for wanted := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		switch kind, _, _ := strings.Cut(wanted, ";"); strings.TrimSpace(kind) {
		case "text/csv":
			return formatCSV, nil
		case "application/x-ndjson":
			return formatNDJSON, nil
		case "application/json":
			return formatJSON, nil
		}
	}
	return formatJSON, nil
}

// columnView is what the answer says of a column.
type columnView struct {
	Name     string  `json:"name"`
	Unit     unit    `json:"unit"`
	Part     *string `json:"part"`     // whose rows it is of; null: the time
	Currency *string `json:"currency"` // of amounts, and of what is counted or divided in one
	Exponent *int    `json:"exponent"` // of amounts: how many of the digits are minor
}

// Units of the columns that are of no series.
const (
	unitTime     unit = "time"
	unitRevision unit = "revision"
)

// field is a column of the answer.
type field struct {
	view columnView
	of   func(l line) value
}

// value is a number of a row as JSON and CSV have it: "" where it is not known.
type value struct {
	text   string
	quoted bool
}

// MarshalJSON implements json.Marshaler.
func (v value) MarshalJSON() ([]byte, error) {
	switch {
	case v.text == "":
		return []byte("null"), nil
	case v.quoted:
		return strconv.AppendQuote(nil, v.text), nil
	}
	return []byte(v.text), nil
}

// fields are the columns of an answer: the time; of each part its revision, and with all revisions when each was said;
// then what was asked for.
func fields(q *query, a *answer) []field {
	out := []field{{columnView{Name: "t", Unit: unitTime}, func(l line) value { return value{instant(l.t), true} }}}
	for i, part := range a.parts {
		add := func(name string, u unit, of func(r *row) value) {
			out = append(out, field{columnView{Name: part + "." + name, Unit: u, Part: &a.parts[i]}, func(l line) value {
				if l.rows[i] == nil {
					return value{}
				}
				return of(l.rows[i])
			}})
		}
		add("rev", unitRevision, func(r *row) value { return value{strconv.FormatInt(r.rev, 10), false} })
		if q.all {
			add("said", unitTime, func(r *row) value { return value{instant(r.said), true} })
		}
	}
	for _, c := range q.columns {
		i := 0
		for a.parts[i] != c.series.part {
			i++
		}
		view := columnView{Name: c.name, Unit: c.series.unit, Part: &a.parts[i]}
		if cur := c.key.currency(); cur != "" {
			view.Currency = &cur
			if n, ok := event.Exponent(cur); ok && c.series.unit == unitMinor {
				view.Exponent = &n
			}
		}
		out = append(out, field{view, func(l line) value {
			if l.rows[i] == nil {
				return value{}
			}
			cell, ok := l.rows[i].find(c.key)
			if !ok {
				return value{}
			}
			return c.value(cell)
		}})
	}
	return out
}

// value is the column's number of a cell. Amounts are text, because many readers of JSON make floats of numbers.
func (c column) value(of cell) value {
	v := of.last
	switch c.aspect {
	case aspectMin:
		v = of.lo
	case aspectMax:
		v = of.hi
	}
	switch {
	case c.series.unit == unitMinor:
		return value{strconv.FormatInt(v, 10), true}
	case c.series.unit.whole():
		return value{strconv.FormatInt(v, 10), false}
	}
	return value{decimal(v), false}
}

// decimal writes ten-thousandths.
func decimal(v int64) string {
	sign, u := "", uint64(v)
	if v < 0 {
		sign, u = "-", -u
	}
	s := sign + strconv.FormatUint(u/10_000, 10)
	if rest := u % 10_000; rest != 0 {
		s += "." + strings.TrimRight(strconv.FormatUint(10_000+rest, 10)[1:], "0")
	}
	return s
}

type gapView struct {
	Part string  `json:"part"`
	From *string `json:"from"` // null: from the beginning, which is not known
	To   string  `json:"to"`   // excluded
}

// answerView is the answer as JSON.
type answerView struct {
	Scope    string       `json:"scope"`
	Step     string       `json:"step"`
	From     string       `json:"from"`
	To       string       `json:"to"`        // excluded
	Floor    *string      `json:"floor"`     // what lies before it is not kept any more; null: nothing was dropped
	OpenFrom *string      `json:"open_from"` // rows from here on are not complete, and may change without a revision
	Columns  []columnView `json:"columns"`
	Rows     [][]value    `json:"rows"`
	Gaps     []gapView    `json:"gaps"` // rows may be missing in them
	Next     *string      `json:"next"` // ask for what follows with this as from; null: this is all
}

func (f format) write(w http.ResponseWriter, r *http.Request, q *query, a *answer) {
	of := fields(q, a)
	var b bytes.Buffer
	switch f {
	case formatCSV:
		writeCSV(&b, of, a)
	case formatNDJSON:
		writeNDJSON(&b, of, a)
	default:
		b.Write(append(mustJSON(view(of, q, a)), '\n'))
	}
	if a.next != 0 {
		v := r.URL.Query()
		v.Set("from", instant(a.next))
		v.Set("to", instant(q.to))
		w.Header().Set("Link", "<"+r.URL.Path+"?"+v.Encode()+`>; rel="next"`)
	}
	head(w, [...]string{"application/json", "text/csv; charset=utf-8; header=present", "application/x-ndjson"}[f])
	_, _ = w.Write(b.Bytes()) // the client is gone, and nobody else is to be told
}

func view(of []field, q *query, a *answer) answerView {
	v := answerView{
		Scope: q.scope, Step: tiers[q.tier].name, From: instant(q.from), To: instant(q.to), Floor: orNull(a.floor),
		OpenFrom: orNull(a.open), Next: orNull(a.next), Rows: make([][]value, len(a.lines)), Gaps: []gapView{},
	}
	for _, f := range of {
		v.Columns = append(v.Columns, f.view)
	}
	for i, l := range a.lines {
		v.Rows[i] = make([]value, len(of))
		for j, f := range of {
			v.Rows[i][j] = f.of(l)
		}
	}
	for _, g := range a.gaps {
		v.Gaps = append(v.Gaps, gapView{g.part, orNull(g.from), instant(g.to + 1)})
	}
	return v
}

// writeCSV writes a header and the rows, as RFC 4180 has them. Gaps and the floor are in the JSON only.
func writeCSV(b *bytes.Buffer, of []field, a *answer) {
	w := csv.NewWriter(b)
	w.UseCRLF = true
	record := make([]string, len(of))
	for i, f := range of {
		record[i] = f.view.Name
	}
	_ = w.Write(record) // to memory
	for _, l := range a.lines {
		for i, f := range of {
			record[i] = f.of(l).text
		}
		_ = w.Write(record)
	}
	w.Flush()
}

// writeNDJSON writes each row as an object of its own.
func writeNDJSON(b *bytes.Buffer, of []field, a *answer) {
	names := make([][]byte, len(of))
	for i, f := range of {
		names[i], _ = json.Marshal(f.view.Name) // a string
	}
	for _, l := range a.lines {
		for i, f := range of {
			b.WriteByte("{,"[min(i, 1)])
			b.Write(names[i])
			b.WriteByte(':')
			text, _ := f.of(l).MarshalJSON() // never fails
			b.Write(text)
		}
		b.WriteString("}\n")
	}
}
