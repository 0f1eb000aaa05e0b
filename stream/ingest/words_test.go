package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/attribution"
)

// Every word of the catalog that is one of a few passes as written here, and any other is refused with the field and what was
// expected: none silently means the default.
func TestUnknownWordsOfTheCatalogAreRefused(t *testing.T) {
	enumerations := []struct {
		field, kind, members string // %q: the word
		words                []string
	}{
		{"attribution_model", "campaign", `"attribution_model":%q`,
			[]string{"last", "first", "linear", "time_decay", "position", "shapley", "none"}},
		{"rounding", "campaign", `"rounding":%q`, []string{"largest_remainder", "webster"}},
		{"surface", "campaign", `"windows":[{"surface":%q,"window_ms":1}]`,
			[]string{"live", "app", "web", "messaging", "email", "code"}},
		{"base", "campaign", `"currency":"JPY","margin_ppm":1,"contract":{"base":%q}`, []string{"net", "margin"}},
		{"shortfall", "campaign", `"currency":"JPY","contract":{"commitment":"9","fixed_fee":"9","penalty_ppm":1,"shortfall":%q}`,
			[]string{"pro_rata", "penalty"}},
		{"currency", "campaign", `"currency":%q`, []string{"JPY", "USD"}},
	}
	decode := func(d *Decoder, kind, members, word string) *Reject {
		in := input(RawCatalog, fmt.Sprintf(`{"kind":%q,"id":"c",`+members+`}`, kind, word))
		in.Key = []byte(kind + "/c")
		_, r := d.Decode(in)
		return r
	}
	d := testDecoder(t)
	for _, e := range enumerations {
		for _, word := range e.words {
			if r := decode(d, e.kind, e.members, word); r != nil {
				t.Errorf("%s %s: %v", e.field, word, r)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		e := enumerations[rapid.IntRange(0, len(enumerations)-1).Draw(t, "enumeration")]
		known := rapid.SampledFrom(e.words).Draw(t, "known")
		word := rapid.OneOf(
			rapid.StringMatching(`[a-z_]{1,20}`),
			rapid.SampledFrom([]string{known + "_touch", " " + known, known[:len(known)-1], known + "s", "qq" + known}),
		).Draw(t, "word")
		// A currency may be written in small letters, and there are more than these.
		if slices.Contains(e.words, word) || e.field == "currency" && len(word) == 3 {
			return
		}
		r := decode(d, e.kind, e.members, word)
		if r == nil {
			t.Fatalf("%s: %q passes", e.field, word)
		}
		if !strings.Contains(r.Detail, e.field+": expected") {
			t.Fatalf("%s: %q is refused without the place and what was expected: %v", e.field, word, r)
		}
	})
}

// The words that pass are those that the folds know.
func TestWordsThatPassAreKnownToTheFolds(t *testing.T) {
	for _, word := range attributionModels {
		if known := attribution.ParseModel(word) != attribution.None; known == (word == "none") {
			t.Errorf("%s: known to the folds: %v", word, known)
		}
	}
	for m := attribution.Last; m <= attribution.Shapley; m++ {
		if !slices.Contains(attributionModels, m.String()) {
			t.Errorf("%s does not pass", m)
		}
	}
	for _, word := range roundings {
		if attribution.ParseRounding(word).String() != word {
			t.Errorf("%s is another rounding to the folds", word)
		}
	}
}
