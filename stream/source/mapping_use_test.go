package source_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Uses name every path of a mapping from the payload on, and what is expected there.
func TestMappingUses(t *testing.T) {
	var got []string
	for _, u := range house(t, houseMapping).Mapping.Uses() {
		path := "$"
		for _, s := range u.Steps {
			if path += "." + s.Name; s.Element {
				path = strings.TrimSuffix(path, ".") + "[]"
			}
		}
		got = append(got, fmt.Sprint(u.Where, " ", path, map[bool]string{true: " array"}[u.Array], map[bool]string{true: " money"}[u.Money]))
	}
	want := []string{"rule 1: each $.orders array", "rule 1: match $.type $.orders[].type", "rule 1: match $.v $.orders[].v",
		"rule 1: time $.orders[].at", "rule 2: match $.type $.type", "rule 2: currency $.cur", "rule 2: order_id $.no",
		"rule 2: person_id $.buyer.customer no", "rule 2: time $.at", "rule 2: status $.state", "rule 2: amount $.total money",
		"rule 2: tax $.tax money", "rule 2: test $.test", "rule 2: lines: each $.items array", "rule 2: lines: product_id $.items[].sku",
		"rule 2: lines: quantity $.items[].n", "rule 2: lines: unit_price $.items[].price money", "rule 2: lines: line_id $.items[].pos",
		"rule 2: refunds: each $.back array", "rule 2: refunds: refund_id $.back[].id", "rule 2: refunds: amount $.back[].sum money",
		"rule 3: match $.type $.lines[].type", "rule 3: each $.lines array", "rule 3: time $.lines[].t", "rule 3: text $.lines[].s",
		"rule 4: match $.type $.type", "rule 4: event_id $.id", "rule 4: time $.t", "rule 4: amount $.yen money", "rule 4: count $.n"}
	index := map[string]int{}
	for _, u := range got {
		index[u]++
	}
	for _, u := range want {
		index[u]--
	}
	for u, n := range index {
		if n != 0 {
			t.Errorf("%+d of %q", n, u)
		}
	}
}

// Decoded values make the events that the same JSON makes, but that no amount is taken from a binary fraction.
func TestMapTakesDecodedValues(t *testing.T) {
	p := house(t, houseMapping)
	value := func() map[string]any {
		d := json.NewDecoder(strings.NewReader(houseSale))
		d.UseNumber()
		var v map[string]any
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	got, err := p.Map(value())
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range p.Read("mapping", strings.NewReader(houseSale)) {
		if err != nil || cmp.Diff(want, got[0]) != "" {
			t.Errorf("%v: %s", err, cmp.Diff(want, got[0]))
		}
	}
	v := value()
	v["tax"] = 3.5
	if records, err := p.Map(v); err == nil || !strings.Contains(err.Error(), "tax: the amount is a binary fraction") {
		t.Errorf("%v: error %v", records, err)
	}
	v = value()
	v["no"] = 12.0 // what is no amount may be one
	if got, err := p.Map(v); err != nil || !strings.Contains(string(got[0].Value), `"order_id":"12"`) {
		t.Errorf("error %v", err)
	}
}
