package source_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/source"
)

const houseMapping = `platform: house
events:
  - kind: order
    match: {$.type: [sale, refund], $.v: 2}
    each: $.orders
    fields: {order_id: x, time: $.at, status: paid}
  - kind: order
    match: {$.type: sale}
    fields:
      order_id: $.no
      person_id: $.buyer['customer no']
      time: {path: $.at, format: 2006-01-02 15:04:05, zone: Asia/Tokyo}
      status: {path: $.state, map: {P: paid, X: cancelled}, default: created}
      currency: {path: $.cur, default: JPY}
      amount: {path: $.total, unit: minor}
      tax: $.tax
      test: $.test
    lines: {each: $.items, fields: {product_id: $.sku, quantity: $.n, unit_price: $.price, line_id: $.pos}}
    refunds: {each: $.back, fields: {refund_id: $.id, amount: $.sum}}
  - kind: comment
    match: {$.type: chat}
    each: $.lines
    fields: {time: {path: $.t, format: epoch_s}, text: $.s}
  - kind: gift
    match: {$.type: coin}
    fields: {event_id: $.id, time: {path: $.t, format: epoch_us}, amount: $.yen, currency: JPY, count: $.n}
`

const houseSale = `{"type":"sale","no":12,"buyer":{"customer no":"c7"},"at":"2026-09-01 21:00:00","state":"P","cur":"USD","total":3650,"tax":"3.5",
 "test":true,"items":[{"pos":1,"sku":"lip","n":2,"price":12.50},{"sku":"nail","n":1,"price":"11.5"}],"back":[{"id":"r1","sum":0.10}]}`

func house(t testing.TB, mapping string) source.Payloads {
	t.Helper()
	m, err := source.ParseMapping([]byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	p := settings
	p.Mapping = m
	return p
}

func TestMappingOfAHousesOwnJSON(t *testing.T) {
	p := house(t, houseMapping)
	expect(t, said(t, p, "mapping", houseSale+`{"type":"sale","no":"13","at":"2026-09-01 21:00:01","total":5}`+
		`{"type":"coin","id":"g","t":1788264000999999,"yen":"200","n":3}`),
		"01T12:00:00 12 paid 36.50 USD tax 3.50 [1/lip: 2×12.50] [/nail: 1×11.50] {r1: 0.10} test",
		"01T12:00:01 13 created 5 JPY", "01T12:00:00 gift 200 JPY")
	sale := mapped(t, p, "mapping", houseSale)[0]
	if sale.Platform != "house" || sale.PersonHi == 0 || sale.ShowId != "S1" || sale.Id != mapped(t, p, "mapping", " "+houseSale)[0].Id {
		t.Errorf("a sale: %v", sale)
	}
	lines := house(t, `{platform: house, unmatched: pass, events: [{kind: comment, each: $.lines, match: {$.hide: false}, fields: {time: {path: $.t, format: epoch_s}, text: $.s}}]}`)
	expect(t, said(t, lines, "mapping", `{"lines":[{"t":1788264000,"s":"hi","hide":false},{"t":"1788264001.75","s":"there","hide":false},{"hide":true}]}{"other":1}`),
		`01T12:00:00 comment "hi"`, `01T12:00:01 comment "there"`)
	if all := mapped(t, lines, "mapping", `{"lines":[{"t":1788264000,"s":"hi","hide":false},{"t":1788264000,"s":"hi","hide":false}]}`); all[0].Id == all[1].Id {
		t.Error("two elements have one id")
	}
}

func TestMappingRefusesWhatItCannotRead(t *testing.T) {
	p := house(t, houseMapping)
	for payload, want := range map[string]string{
		`{"type":"else"}`:                                                         "no rule of the mapping matches",
		with(houseSale, `"no":12,`, ""):                                           "rule 2: order_id: there is no value",
		with(houseSale, `"no":12`, `"no":[1]`):                                    "order_id: expected one value",
		with(houseSale, "3650", "36.5"):                                           "amount: expected an integer of minor units",
		with(houseSale, "12.50", "12.505"):                                        "lines: unit_price: ",
		with(houseSale, `"n":2`, `"n":2.5`):                                       "lines: quantity: expected an integer",
		with(houseSale, `"USD"`, `"points"`):                                      "amount: not an active",
		with(houseSale, `21:00:00`, `21h`):                                        "time: a time that is not of the format",
		with(houseSale, `"test":true`, `"test":1`):                                "test: expected true or false",
		with(houseSale, `"items":[`, `"items":{"a":[`, `}],"back"`, `}]},"back"`): "$.items is no array",
	} {
		var got error
		for _, err := range p.Read("mapping", strings.NewReader(payload)) {
			got = err
		}
		if got == nil || !strings.Contains(got.Error(), want) || strings.Contains(got.Error(), "36.5") || strings.Contains(got.Error(), "points") {
			t.Errorf("%s: error %v, want %q and nothing of the payload", payload, got, want)
		}
	}
	// A word that map does not list is refused, but where there is a default.
	strict := house(t, strings.Replace(houseMapping, "}, default: created}", "}}", 1))
	for _, err := range strict.Read("mapping", strings.NewReader(with(houseSale, `"P"`, `"Q"`))) {
		if err == nil || !strings.Contains(err.Error(), "status: the value is none") {
			t.Errorf("a state that map does not list: %v", err)
		}
	}
}

// A mistake in a mapping is an error that names its line.
func TestMappingIsStrict(t *testing.T) {
	for change, want := range map[string]string{
		"platform: house|platfrom: house":          `line 1: there is no "platfrom"`,
		"platform: house|platform: ":               "line 1",
		"kind: gift|kind: gifts":                   "kind is none of comment",
		"order_id: $.no|order-id: $.no":            `line 10: there is no field "order-id"`,
		"      order_id: $.no\n|":                  "line 10: the field order_id is missing",
		"$.buyer['customer no']|$.buyer.*":         "line 11: the path $.buyer.* may name several",
		"$.buyer['customer no']|$..buyer":          "line 11",
		"$.buyer['customer no']|$.buyer[":          "line 11: ",
		", zone: Asia/Tokyo|":                      "line 12: times of this format name no zone",
		"Asia/Tokyo|Asia/Tokio":                    "line 12: zone is none",
		"zone: Asia/Tokyo|zone: Local":             "line 12: zone is none",
		"format: epoch_s|format: epoch":            "format is none",
		"unit: minor|unit: cents":                  "line 15: expected one of major, minor",
		"tax: $.tax|tax: {path: $.tax, zone: UTC}": "line 16: format and zone are for times",
		"tax: $.tax|tax: {path: $.tax, path: $.t}": "line 16",
		"each: $.items, |":                         "line 18: each is missing",
		"quantity: $.n, unit_price|unit_price":     "line 18: the field quantity is missing",
		"- kind: comment|- kind: comment\n    lines: {each: $.a, fields: {product_id: a, quantity: 1}}": "only orders have lines",
		"events:|events: []\nmore:": "there is no \"more\"",
	} {
		old, now, _ := strings.Cut(change, "|")
		if !strings.Contains(houseMapping, old) {
			t.Fatalf("there is no %q", old)
		}
		_, err := source.ParseMapping([]byte(strings.Replace(houseMapping, old, now, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", change, err, want)
		}
	}
}

// TestMappingOfMoneyIsExact: any amount, as a number or as text, in major or minor units, of any currency, comes through
// to the unit; one decimal more is refused.
func TestMappingOfMoneyIsExact(t *testing.T) {
	p := house(t, houseMapping)
	major := house(t, strings.Replace(houseMapping, "{path: $.total, unit: minor}", "$.total", 1))
	rapid.Check(t, func(r *rapid.T) {
		currency := rapid.SampledFrom([]string{"JPY", "USD", "KWD", "IDR"}).Draw(r, "currency")
		minor := rapid.Int64Range(0, 1_000_000_000_000_000).Draw(r, "minor")
		text := event.FormatMinor(minor, currency)
		quoted := `"` + text + `"`
		if rapid.Bool().Draw(r, "number") {
			quoted = text
		}
		payload := func(total string) string {
			return fmt.Sprintf(`{"type":"sale","no":1,"at":"2026-09-01 21:00:00","cur":"%s","total":%s}`, currency, total)
		}
		if got := mapped(t, major, "mapping", payload(quoted))[0].Order.AmountMinor; got != minor {
			r.Fatalf("%s became %d", quoted, got)
		}
		if got := mapped(t, p, "mapping", payload(fmt.Sprint(minor)))[0].Order.AmountMinor; got != minor {
			r.Fatalf("%d minor units became %d", minor, got)
		}
		finer := text + "1"
		if !strings.Contains(text, ".") {
			finer = text + ".1"
		}
		for rec, err := range major.Read("mapping", strings.NewReader(payload(finer))) {
			if err == nil {
				r.Fatalf("%s was taken: %s", finer, rec.Value)
			}
		}
	})
}

// FuzzMapping: whatever the mapping and the payload, there is no panic, and what is made is JSON.
func FuzzMapping(f *testing.F) {
	f.Add(houseMapping, houseSale)
	f.Add("platform: a\nevents: [{kind: like, fields: {time: $.t}}]", `{"t":"2026-09-01T12:00:00Z"}`)
	f.Fuzz(func(t *testing.T, mapping, payload string) {
		m, err := source.ParseMapping([]byte(mapping))
		if err != nil {
			return
		}
		p := settings
		p.Mapping = m
		for r, err := range p.Read("mapping", strings.NewReader(payload)) {
			if err == nil && !json.Valid(r.Value) {
				t.Errorf("no JSON: %q", r.Value)
			}
		}
	})
}
