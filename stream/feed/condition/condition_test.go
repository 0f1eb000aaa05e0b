package condition_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/feed/condition"
	"github.com/netsu/netsu/stream/feed/delta"
)

type document struct {
	Gauge *float64 `json:"gauge"`
	State string   `json:"state"`
	Hit   *bool    `json:"hit"`
	Rows  []row    `json:"rows" merge:"union,id"`
	Plain []row    `json:"plain"`
	Inner *inner   `json:"inner"`
}

type inner struct {
	N int64 `json:"n"`
}

type row struct {
	ID    string  `json:"id"`
	Minor *string `json:"minor"`
}

var (
	of   = reflect.TypeFor[document]()
	rule = delta.Of(of)
)

func members(t *rapid.T, d document) []delta.Member {
	b, err := json.Marshal(d)
	if err == nil {
		b, err = delta.Canonical(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return delta.Members(b, nil)
}

// A leaf is a comparison in words, with what it must come to: worked out from the struct, by big.Rat, and never from JSON.
type leaf struct {
	text string
	want func(d *document) condition.Answer
}

func yes(b bool) condition.Answer {
	if b {
		return condition.True
	}
	return condition.False
}

func ordered(op string, sign int) condition.Answer {
	return yes(map[string]bool{">": sign > 0, ">=": sign >= 0, "<": sign < 0, "<=": sign <= 0, "==": sign == 0, "!=": sign != 0}[op])
}

func leaves() *rapid.Generator[leaf] {
	return rapid.Custom(func(t *rapid.T) leaf {
		op := rapid.SampledFrom([]string{">", ">=", "<", "<=", "==", "!="}).Draw(t, "op")
		same := rapid.SampledFrom([]string{"==", "!="}).Draw(t, "same")
		n := rapid.Int64Range(-3, 3).Draw(t, "n")
		id := rapid.SampledFrom([]string{"a", "b/c", `"`, "雪"}).Draw(t, "id")
		find := func(d *document) *row {
			for i := range d.Rows {
				if d.Rows[i].ID == id {
					return &d.Rows[i]
				}
			}
			return nil
		}
		switch rapid.IntRange(0, 6).Draw(t, "leaf") {
		case 0:
			return leaf{fmt.Sprintf("gauge %s %d.5", op, n), func(d *document) condition.Answer {
				if d.Gauge == nil {
					return condition.Unknown
				}
				half := big.NewRat(2*n+1, 2)
				if n < 0 { // -3.5, not -2.5
					half = big.NewRat(2*n-1, 2)
				}
				return ordered(op, new(big.Rat).SetFloat64(*d.Gauge).Cmp(half))
			}}
		case 1:
			return leaf{fmt.Sprintf("gauge %s null", same), func(d *document) condition.Answer {
				return yes((d.Gauge == nil) == (same == "=="))
			}}
		case 2:
			return leaf{fmt.Sprintf(`state%s"b"`, op), func(d *document) condition.Answer {
				return ordered(op, strings.Compare(d.State, "b"))
			}}
		case 3:
			return leaf{fmt.Sprintf("hit %s true", same), func(d *document) condition.Answer {
				if d.Hit == nil {
					return condition.Unknown
				}
				return yes(*d.Hit == (same == "=="))
			}}
		case 4:
			amount := rapid.SampledFrom([]int64{0, 7, 1 << 60, 1<<60 + 1, -5}).Draw(t, "amount")
			return leaf{fmt.Sprintf("rows.%q.minor %s %d", id, op, amount), func(d *document) condition.Answer {
				r := find(d)
				if r == nil || r.Minor == nil {
					return condition.Unknown
				}
				have, _ := new(big.Int).SetString(*r.Minor, 10)
				return ordered(op, have.Cmp(big.NewInt(amount)))
			}}
		case 5:
			return leaf{fmt.Sprintf("inner.n %s %d", op, n), func(d *document) condition.Answer {
				if d.Inner == nil {
					return condition.Unknown
				}
				return ordered(op, big.NewInt(d.Inner.N).Cmp(big.NewInt(n)))
			}}
		default:
			return leaf{fmt.Sprintf(`inner.n %s "%d"`, same, n), func(d *document) condition.Answer { // a number is no text
				if d.Inner == nil {
					return condition.Unknown
				}
				return yes(same == "!=")
			}}
		}
	})
}

// tree is a condition in words, with what it must come to by the tables of Kleene's logic.
func tree(t *rapid.T, depth int) leaf {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf?") == 0 {
		return leaves().Draw(t, "leaf")
	}
	a := tree(t, depth-1)
	kind := rapid.SampledFrom([]string{"!", "&&", "||"}).Draw(t, "kind")
	if kind == "!" {
		return leaf{"!(" + a.text + ")", func(d *document) condition.Answer {
			return map[condition.Answer]condition.Answer{condition.True: condition.False, condition.False: condition.True}[a.want(d)]
		}}
	}
	b := tree(t, depth-1)
	return leaf{"(" + a.text + ") " + kind + "(" + b.text + ")", func(d *document) condition.Answer {
		// With false 0, not known 1 and true 2, and is the least of both and or the greatest.
		rank := map[condition.Answer]int{condition.False: 0, condition.Unknown: 1, condition.True: 2}
		back := []condition.Answer{condition.False, condition.Unknown, condition.True}
		if kind == "&&" {
			return back[min(rank[a.want(d)], rank[b.want(d)])]
		}
		return back[max(rank[a.want(d)], rank[b.want(d)])]
	}}
}

func TestAConditionIsWhatLogicMakesOfIt(t *testing.T) {
	minor := rapid.Map(rapid.OneOf(rapid.Int64Range(-10, 10), rapid.SampledFrom([]int64{1 << 60, 1<<60 + 1})),
		func(n int64) string { return fmt.Sprint(n) })
	rapid.Check(t, func(t *rapid.T) {
		q := tree(t, 2)
		c, err := condition.Parse(q.text, of, rule)
		if err != nil {
			if strings.Contains(err.Error(), "at most") {
				t.Skip("too long")
			}
			t.Fatalf("%s: %v", q.text, err)
		}
		d := document{
			Gauge: rapid.Ptr(rapid.SampledFrom([]float64{-3.5, -2.5, -0.5, 0.5, 1, 3.5}), true).Draw(t, "gauge"),
			State: rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "state"),
			Hit:   rapid.Ptr(rapid.Bool(), true).Draw(t, "hit"),
			Inner: rapid.Ptr(rapid.Custom(func(t *rapid.T) inner { return inner{rapid.Int64Range(-3, 3).Draw(t, "n")} }), true).Draw(t, "inner"),
			Rows: rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) row {
				return row{rapid.SampledFrom([]string{"a", "b/c", `"`, "雪", "x"}).Draw(t, "id"), rapid.Ptr(minor, true).Draw(t, "minor")}
			}), 0, 4, func(r row) string { return r.ID }).Draw(t, "rows"),
		}
		if got, want := c.Holds(members(t, d)), q.want(&d); got != want {
			t.Fatalf("%s of %+v is %v, want %v", q.text, d, got, want)
		}
	})
}

func TestConditionsThatAreNot(t *testing.T) {
	deep := strings.Repeat("(", 40) + "gauge > 1" + strings.Repeat(")", 40)
	many := strings.Repeat("gauge > 1 && ", 20) + "gauge > 1"
	for text, want := range map[string]string{
		"":                          "expected a path",
		"gauge":                     "expected one of >",
		"gauge > ":                  "expected a number",
		"gauge > 1 gauge":           "expected && or || or the end",
		"gauge > 1 &&":              "expected a path",
		"(gauge > 1":                "expected )",
		"gage > 1":                  `there is no "gage"; there are gauge, state`,
		"inner.m > 1":               "there are n",
		"gauge.x > 1":               "has nothing below it",
		"plain.a.minor > 1":         "have no key",
		"gauge > true":              "has no order",
		"gauge > null":              "has no order",
		"gauge > 0x10":              "expected a number",
		`state == "b`:               "ends with a quote",
		"gauge > 1 || ! ":           "expected a path",
		deep:                        "at most 16 brackets",
		many:                        "at most 16 comparisons",
		strings.Repeat("x", 501):    "at most 500 bytes",
		"gauge > \xff":              "UTF-8",
		"gauge > 1 & gauge < 2":     "expected && or ||",
		"rows.a.minor.deeper.x > 1": "has nothing below it",
	} {
		c, err := condition.Parse(text, of, rule)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, %v", text, c, err)
		}
	}
}

// FuzzParse: any text is a condition or a sentence of a bearable length, and what is a condition has an answer.
func FuzzParse(f *testing.F) {
	f.Add(`(gauge >= 1.5e0 && !(rows."b/c".minor < -3)) || state != "x"`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := condition.Parse(text, of, rule)
		if err != nil {
			if len(err.Error()) > 400 {
				t.Fatalf("%d bytes of error", len(err.Error()))
			}
			return
		}
		for _, doc := range []string{`{}`, `{"gauge":1,"hit":true,"inner":{"n":2},"rows":[{"id":"a","minor":"5"}],"state":"b"}`} {
			m := delta.Members([]byte(doc), nil)
			c.Holds(m)
			if _, err := json.Marshal(c.Values(m)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
