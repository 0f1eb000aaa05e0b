package delta_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/feed/delta"
)

// document has every way to merge, also below a list and with names that pointers and JSON escape.
type document struct {
	Title string           `json:"title"`
	Sum   int64            `json:"a/sum~" merge:"add"`
	Peak  *float64         `json:"peak" merge:"max"`
	At    *string          `json:"at" merge:"max"`
	Money *money           `json:"money"`
	Rows  []row            `json:"rows" merge:"union,id"`
	Plain []row            `json:"plain"`
	Any   map[string]*int8 `json:"any"`
	embedded
}

type embedded struct {
	Tail []string `json:"tail"`
	Mean *money   `json:"mean" merge:"set"`
}

type money struct {
	Minor string `json:"minor" merge:"add"`
}

type row struct {
	ID    string   `json:"id"`
	N     int64    `json:"n" merge:"add"`
	Parts []money2 `json:"parts" merge:"union,currency"`
}

type money2 struct {
	Currency string `json:"currency"`
	money
}

var rule = delta.Of(reflect.TypeFor[document]())

func optional[T any](g *rapid.Generator[T]) *rapid.Generator[*T] { return rapid.Ptr(g, true) }

func documents() *rapid.Generator[document] {
	number := rapid.OneOf(rapid.Int64Range(-1<<50, 1<<50), rapid.Int64(),
		rapid.Int64Range(1<<53-9, 1<<53+9), rapid.Int64Range(-1<<53-9, -1<<53+9)) // where a client's float64 stops to be exact
	minor := rapid.Custom(func(t *rapid.T) money {
		return money{fmt.Sprint(rapid.OneOf(number, rapid.Int64()).Draw(t, "minor"))}
	})
	id := rapid.OneOf(rapid.SampledFrom([]string{"S1", "S2", "42", "7", "a/b", "~0", `"\`, "雪", "\u2028"}), rapid.String())
	rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
		return row{id.Draw(t, "id"), number.Draw(t, "n"), rapid.SliceOfN(rapid.Custom(func(t *rapid.T) money2 {
			return money2{rapid.SampledFrom([]string{"JPY", "USD", "THB"}).Draw(t, "currency"), minor.Draw(t, "money")}
		}), 0, 3).Draw(t, "parts")}
	}), 0, 6)
	return rapid.Custom(func(t *rapid.T) document {
		return document{
			Title: rapid.String().Draw(t, "title"), Sum: number.Draw(t, "sum"),
			Peak: optional(rapid.Float64Range(-10, 10)).Draw(t, "peak"), At: optional(rapid.String()).Draw(t, "at"),
			Money: optional(minor).Draw(t, "money"), Rows: rows.Draw(t, "rows"), Plain: rows.Draw(t, "plain"),
			Any:      rapid.MapOfN(id, optional(rapid.Int8()), 0, 4).Draw(t, "any"),
			embedded: embedded{rapid.SliceOfN(id, 0, 3).Draw(t, "tail"), optional(minor).Draw(t, "mean")},
		}
	})
}

func canonical(t *rapid.T, v any) []byte {
	b, err := json.Marshal(v)
	if err == nil {
		b, err = delta.Canonical(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// follow is a client: it knows the frame and the places, and nothing else.
func follow(t *rapid.T, client *delta.Rule, held, after []byte) (next []byte, p delta.Patch) {
	p = delta.Diff(rule, delta.Members(held, nil), delta.Members(after, nil))
	frame := append(p.AppendMembers([]byte(`{"t":"delta"`)), '}')
	var ops delta.Ops
	doc := map[string]any{}
	if err := json.Unmarshal(frame, &ops); err != nil {
		t.Fatalf("the frame is no JSON: %v\n%s", err, frame)
	}
	if err := json.Unmarshal(held, &doc); err != nil {
		t.Fatal(err)
	}
	if err := delta.Apply(client, doc, &ops); err != nil {
		t.Fatalf("%v\nheld %s\nfrom %s", err, held, frame)
	}
	next, err := delta.State(doc)
	if err != nil {
		t.Fatal(err)
	}
	return next, p
}

// Any sequence of states, of which any may be left out, ends in the last: what conflation rests on.
func TestFollowingAnyOfTheStatesEndsInTheLast(t *testing.T) {
	client := rule.Places().From()
	rapid.Check(t, func(t *rapid.T) {
		states := rapid.SliceOfN(documents(), 2, 5).Draw(t, "states")
		kept := rapid.SliceOfN(rapid.Bool(), len(states), len(states)).Draw(t, "kept")
		held := canonical(t, states[0])
		last := canonical(t, states[len(states)-1])
		for i := 1; i < len(states); i++ {
			if kept[i] || i == len(states)-1 {
				next := canonical(t, states[i])
				got, p := follow(t, client, held, next)
				if string(got) != string(next) || delta.Hash(got) != delta.Hash(next) {
					t.Fatalf("held %s\nwant %s\ngot  %s\nset %s\nadd %s\nmax %s\ncut %s\norder %s", held, next, got,
						p.Set, p.Add, p.Max, p.Cut, p.Order)
				}
				if p.Empty() != (string(held) == string(next)) {
					t.Fatalf("empty is %v of\n%s and\n%s", p.Empty(), held, next)
				}
				held = got
			}
		}
		if string(held) != string(last) {
			t.Fatal("not the last state")
		}
	})
}

// A small change is said in few words: nothing that stayed is repeated.
func TestADifferenceSaysOnlyWhatChanged(t *testing.T) {
	peak, at := 3.5, "2026-05-01T20:00:00.000Z"
	before := document{Title: "a", Sum: 3, Peak: &peak, At: &at, Money: &money{"1000"}, Rows: []row{
		{"S1", 1, []money2{{"JPY", money{"10"}}}}, {"S2", 2, nil}, {"S3", 3, nil}}}
	higher, later := 4.5, "2026-05-01T20:00:01.000Z"
	after := before
	after.Sum, after.Peak, after.At, after.Money = 5, &higher, &later, &money{"-250"}
	after.Rows = []row{{"S3", 3, nil}, {"S1", 1, []money2{{"JPY", money{"12"}}}}, {"S4", 0, nil}}
	rapid.Check(t, func(t *rapid.T) {
		p := delta.Diff(rule, delta.Members(canonical(t, before), nil), delta.Members(canonical(t, after), nil))
		got := map[string]string{"set": string(p.Set), "add": string(p.Add), "max": string(p.Max), "cut": string(p.Cut),
			"order": string(p.Order)}
		want := map[string]string{
			"set":   `{"rows":{"S4":{"id":"S4","n":0,"parts":null}}}`,
			"add":   `{"a/sum~":2,"money":{"minor":"-1250"},"rows":{"S1":{"parts":{"JPY":{"minor":"2"}}}}}`,
			"max":   `{"at":"2026-05-01T20:00:01.000Z","peak":4.5}`,
			"cut":   `["/rows/S2"]`,
			"order": `{"/rows":["S3","S1","S4"]}`,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestPlacesSayEverythingThatAClientNeeds(t *testing.T) {
	want := delta.Places{
		Add:   []string{"/a~1sum~0", "/money/minor", "/plain/*/n", "/plain/*/parts/*/minor", "/rows/*/n", "/rows/*/parts/*/minor"},
		Max:   []string{"/at", "/peak"},
		Union: map[string]string{"/rows": "id", "/rows/*/parts": "currency", "/plain/*/parts": "currency"},
	}
	if diff := cmp.Diff(want, rule.Places()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, rule.Places().From().Places()); diff != "" {
		t.Error("and back:", diff)
	}
}

// A client that is out of step is told, by an error or by the hash; it never goes on with something else unawares.
func TestBeingOutOfStepShows(t *testing.T) {
	client := rule.Places().From()
	rapid.Check(t, func(t *rapid.T) {
		from, to := documents().Draw(t, "from"), documents().Draw(t, "to")
		other := canonical(t, documents().Draw(t, "other"))
		p := delta.Diff(rule, delta.Members(canonical(t, from), nil), delta.Members(canonical(t, to), nil))
		var ops delta.Ops
		doc := map[string]any{}
		if json.Unmarshal(append(p.AppendMembers([]byte(`{"t":"delta"`)), '}'), &ops) != nil ||
			json.Unmarshal(other, &doc) != nil {
			t.Fatal("not JSON")
		}
		if delta.Apply(client, doc, &ops) != nil {
			return
		}
		got, err := delta.State(doc)
		if err != nil {
			t.Fatal(err)
		}
		want := canonical(t, to)
		if (delta.Hash(got) == delta.Hash(want)) != slices.Equal(got, want) {
			t.Fatalf("one hash for\n%s and\n%s", got, want)
		}
	})
}

// choose is Selection.Append by decoding everything.
func choose(v any, paths [][]string) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			out = append(out, choose(e, paths))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for _, path := range paths {
			below, ok := v[path[0]]
			if !ok {
				continue
			}
			var rest [][]string
			for _, other := range paths {
				if other[0] == path[0] {
					rest = append(rest, other[1:])
				}
			}
			if slices.ContainsFunc(rest, func(p []string) bool { return len(p) == 0 }) {
				out[path[0]] = below
			} else {
				out[path[0]] = choose(below, rest)
			}
		}
		return out
	}
	return v
}

func TestFieldsAreWhatWasAskedFor(t *testing.T) {
	all := []string{"title", "money", "money.minor", "rows", "rows.n", "rows.parts", "rows.parts.minor", "plain.id", "any", "tail", "at"}
	rapid.Check(t, func(t *rapid.T) {
		paths := rapid.SliceOfN(rapid.SampledFrom(all), 0, 5).Draw(t, "paths")
		before, after := canonical(t, documents().Draw(t, "before")), canonical(t, documents().Draw(t, "after"))
		s, err := delta.Fields(reflect.TypeFor[document](), rule, paths)
		if err != nil {
			t.Fatal(err)
		}
		var split [][]string
		for _, p := range paths {
			split = append(split, strings.Split(p, "."))
			if strings.HasPrefix(p, "rows.") { // keys of unions come along
				split = append(split, []string{"rows", "id"})
			}
			if strings.HasPrefix(p, "rows.parts.") {
				split = append(split, []string{"rows", "parts", "currency"})
			}
		}
		var chosen [2][]byte
		for i, text := range [][]byte{before, after} {
			var v any
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
			chosen[i] = s.Append(nil, text)
			if want := canonical(t, choose(v, split)); string(chosen[i]) != string(want) {
				t.Fatalf("%v of %s\nis   %s\nwant %s", paths, text, chosen[i], want)
			}
		}
		if got, _ := follow(t, rule.Places().From(), chosen[0], chosen[1]); string(got) != string(chosen[1]) {
			t.Fatalf("a selection cannot be followed: %s, not %s", got, chosen[1])
		}
		if s.Empty() != (len(paths) == 0) {
			t.Fatalf("%v is empty: %v", paths, s.Empty())
		}
		again := slices.Clone(paths)
		slices.Reverse(again)
		if o, err := delta.Fields(reflect.TypeFor[document](), rule, again); err != nil || o.String() != s.String() {
			t.Fatalf("%s and %s are of the same fields: %v", s, o, err)
		}
	})
}

func TestFieldsThatAreNot(t *testing.T) {
	for path, want := range map[string]string{
		"rows.m":        "beside it are id, n, parts",
		"titel":         "beside it are title, a/sum~",
		"title.x":       "below what has no fields",
		"":              "there is no",
		"money.minor.x": "below what has no fields",
	} {
		if _, err := delta.Fields(reflect.TypeFor[document](), rule, []string{path}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", path, err)
		}
	}
}
