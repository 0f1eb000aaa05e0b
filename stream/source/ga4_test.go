package source_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event"
)

const (
	ga4Purchase = `{"client_id":"77.1","timestamp_micros":"1788264000000000","events":[{"name":"purchase","params":{"transaction_id":"T1","currency":"usd",
 "value":29.990000000000002,"tax":2.4,"shipping":5,"coupon":"MIKA10","session_id":"1","show_id":"S9",
 "items":[{"item_id":"lip","item_name":"Lip","price":9.9966666666666661,"quantity":3,"discount":1.5}]}}]}`
	ga4Row = `{"event_date":"20260901","event_timestamp":"1788264000000000","event_name":"add_to_cart","user_pseudo_id":"77.1","user_id":null,
 "event_params":[{"key":"currency","value":{"string_value":"USD","int_value":null,"float_value":null,"double_value":null}},
  {"key":"source","value":{"string_value":"mika"}},{"key":"medium","value":{"string_value":"influencer"}},{"key":"ga_session_id","value":{"int_value":"5"}}],
 "items":[{"item_id":"lip","price":9.99,"quantity":"2"},{"item_id":"nail","price":5.0}]}`
)

// What was paid is value, tax and shipping: value is without both.
func TestGA4Purchases(t *testing.T) {
	const content = " 37.39 USD tax 2.40 ship 5.00 [1/lip: 3×10.00]"
	expect(t, said(t, settings, "ga4", ga4Purchase), "01T12:00:00 T1 paid"+content)
	o := mapped(t, settings, "ga4", ga4Purchase)[0]
	if o.Order.Version != 1 || o.Order.Code != "MIKA10" || o.ShowId != "S9" || o.PersonHi == 0 || o.Platform != "ga4" {
		t.Errorf("a purchase: %v", o)
	}
	refund := with(ga4Purchase, `"purchase"`, `"refund"`)
	for name, c := range map[string]struct{ payload, want string }{
		"with items it is of a part":            {refund, "partially_refunded USD {R: 37.39 ×3}"},
		"of either sign":                        {with(refund, `29.990000000000002`, `-29.99`, `2.4`, `-2.4`), "partially_refunded USD {R: 37.39 ×3}"},
		"without items of the whole":            {with(refund, `"items":[{"item_id":"lip","item_name":"Lip","price":9.9966666666666661,"quantity":3,"discount":1.5}]`, `"items":[]`), "refunded USD {R: 37.39}"},
		"without a value how much is not known": {`{"client_id":"1","timestamp_micros":1788264000000000,"events":[{"name":"refund","params":{"transaction_id":"T1"}}]}`, "refunded "},
	} {
		got := mapped(t, settings, "ga4", c.payload)
		if len(got) != 1 {
			t.Fatalf("%s: %v", name, got)
		}
		text := line(got[0])
		for _, r := range got[0].Order.Refunds {
			text = strings.Replace(text, r.RefundId, "R", 1)
		}
		expect(t, []string{text}, "01T12:00:00 T1 "+c.want)
	}
	for name, payload := range map[string]string{
		"an amount that is really more precise": with(ga4Purchase, "29.990000000000002", "29.995"), "no currency": with(ga4Purchase, `"usd"`, `"points"`),
		"no transaction": with(ga4Purchase, `"T1"`, `""`), "no value": with(ga4Purchase, `29.990000000000002`, `null`),
		"no time": with(ga4Purchase, `"timestamp_micros":"1788264000000000",`, ""), "no amount": with(ga4Purchase, `29.990000000000002`, `"about 30"`),
		"nothing of Analytics'": `{"id":1}`,
	} {
		expectRefused(t, name, "ga4", payload)
	}
}

func TestGA4ClicksAndVisits(t *testing.T) {
	view := with(ga4Row, "add_to_cart", "view_item")
	expect(t, said(t, settings, "ga4", ga4Row+view+with(ga4Row, "add_to_cart", "begin_checkout")+with(ga4Row, "add_to_cart", "session_start")+
		with(ga4Row, "add_to_cart", "scroll")+with(ga4Row, "add_to_cart", "session_start", "influencer", "organic")),
		"01T12:00:00 add_to_cart 1", "01T12:00:00 add_to_cart 1", "01T12:00:00 product_click 1", "01T12:00:00 product_click 1",
		"01T12:00:00 checkout 1", "01T12:00:00 link_visit 1")
	all := mapped(t, settings, "ga4", ga4Row)
	if all[0].ProductId != "lip" || all[1].ProductId != "nail" || all[0].Code != "mika" || all[0].Id == all[1].Id || all[0].PersonHi == 0 {
		t.Errorf("added to the cart: %v", all)
	}
	// The same row exported again, further down in another file, is the same event; another session's is not.
	again, other := mapped(t, settings, "ga4", view+ga4Row)[2], mapped(t, settings, "ga4", with(ga4Row, `"int_value":"5"`, `"int_value":"6"`))[0]
	if again.Id != all[0].Id || other.Id == all[0].Id {
		t.Error("an event's id is not its content's")
	}
	known := mapped(t, settings, "ga4", with(ga4Row, `"user_id":null`, `"user_id":"u1"`))[0]
	if known.PersonHi == all[0].PersonHi {
		t.Error("who has logged in is who, not the browser")
	}
}

// TestBinaryFractionsOfMoney: any amount of any currency with any digit in the 17th place, which is what a sum of binary
// fractions puts there, is read as that amount.
func TestBinaryFractionsOfMoney(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		currency := rapid.SampledFrom([]string{"JPY", "USD", "KWD"}).Draw(r, "currency")
		minor := rapid.Int64Range(0, 99_999_999_999).Draw(r, "minor")
		text := event.FormatMinor(minor, currency)
		if noise := rapid.IntRange(0, 9999).Draw(r, "noise"); strings.Contains(text, ".") {
			text += strings.Repeat("0", 17-len(text)) + string(rune('0'+noise%10))
		}
		got := mapped(t, settings, "ga4", with(ga4Purchase, "usd", currency, `"value":29.990000000000002,"tax":2.4,"shipping":5`, `"value":`+text))
		if got[0].Order.AmountMinor != minor {
			r.Fatalf("%s %s is read as %d", text, currency, got[0].Order.AmountMinor)
		}
	})
}
