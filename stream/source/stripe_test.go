package source_test

import (
	"strings"
	"testing"
)

// No recorded payloads of Stripe were at hand: these are made by its public documentation.
func stripeEvent(id, object string, created string) string {
	return `{"id":"evt_` + id + `","object":"event","created":` + created + `,"livemode":true,"type":"` + id +
		`","data":{"object":` + object + `}}`
}

const (
	stripePI = `{"id":"pi_1","object":"payment_intent","created":1788264000,"livemode":true,"amount":5000,"currency":"jpy",` +
		`"status":"requires_action","payment_method_types":["konbini"],"customer":"cus_1",` +
		`"metadata":{"Show_ID":"S2","affiliate":"mika","coupon":"TEN"}}`
	stripeCharge = `{"id":"ch_1","object":"charge","created":1788264060,"livemode":true,"amount":5000,"amount_captured":5000,` +
		`"amount_refunded":0,"captured":true,"currency":"usd","status":"succeeded","payment_intent":"pi_1","customer":{"id":"cus_1"},` +
		`"payment_method_details":{"type":"card","card":{"wallet":null}},"metadata":{}}`
	stripeRefund = `{"id":"re_1","object":"refund","created":1788350400,"amount":1200,"currency":"usd","status":"succeeded",` +
		`"charge":"ch_1","payment_intent":"pi_1"}`
)

var stripeIntent = stripeEvent("payment_intent.requires_action", stripePI, "1788264000")

func TestStripePaysWhenItSucceeds(t *testing.T) {
	charge := func(pairs ...string) string {
		return stripeEvent("charge.updated", with(stripeCharge, pairs...), "1788264060")
	}
	for name, c := range map[string]struct{ payload, want string }{
		"konbini, not paid yet":    {stripeIntent, "01T12:00:00 pi_1 created 5000 JPY"},
		"konbini, under way":       {with(stripeIntent, `"requires_action"`, `"processing"`), "01T12:00:00 pi_1 created 5000 JPY"},
		"konbini, paid":            {with(stripeIntent, `"requires_action"`, `"succeeded","amount_received":4000`), "01T12:00:00 pi_1 paid 4000 JPY"},
		"konbini, run out of time": {with(stripeIntent, `"requires_action"`, `"canceled"`), "01T12:00:00 pi_1 cancelled 5000 JPY"},
		"a bare object":            {stripePI, "01T12:00:00 pi_1 created 5000 JPY"},
		"a list":                   {`{"object":"list","data":[` + stripePI + `]}`, "01T12:00:00 pi_1 created 5000 JPY"},
		"a test":                   {with(stripeIntent, `"livemode":true,"type"`, `"livemode":false,"type"`), "01T12:00:00 pi_1 created 5000 JPY test"},
		"a charge":                 {charge(), "01T12:01:00 pi_1 paid 50.00 USD"},
		"captured in part":         {charge(`"amount_captured":5000`, `"amount_captured":3000`), "01T12:01:00 pi_1 paid 30.00 USD"},
		"authorized":               {charge(`"captured":true`, `"captured":false`), "01T12:01:00 pi_1 created 50.00 USD"},
		"let go of":                {charge(`"captured":true`, `"captured":false`, `"amount_refunded":0`, `"amount_refunded":5000`), "01T12:01:00 pi_1 created 50.00 USD"},
		"a charge that failed":     {charge(`"succeeded"`, `"failed"`), "01T12:01:00 pi_1 created 50.00 USD"},
		"a charge without intent":  {charge(`"pi_1"`, `null`), "01T12:01:00 ch_1 paid 50.00 USD"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, said(t, settings, "stripe", c.payload), c.want) })
	}
	e := mapped(t, settings, "stripe", stripeIntent)[0]
	expect(t, []string{e.ShowId, e.EsolId, e.Order.Code, e.Order.AffiliateCode, e.Order.PaymentMethod, e.Order.Channel},
		"S2", "mika", "TEN", "mika", "konbini", "web")
	// A charge is not the order itself: it must not hide the show that its intent names.
	e = mapped(t, settings, "stripe", charge())[0]
	expect(t, []string{e.ShowId, e.EsolId, e.Order.Channel, e.Order.PaymentMethod}, "", "", "", "card")
	expect(t, said(t, settings, "stripe", `{"object":"customer","id":"cus_1"}`+stripeEvent("customer.updated", `{"object":"customer"}`, "1")))
}

func TestStripeRefundsAreObjects(t *testing.T) {
	refunded := with(stripeCharge, `"amount_refunded":0`, `"amount_refunded":1700`)
	listed := with(refunded, `"metadata"`, `"refunds":{"data":[`+stripeRefund+`,`+with(stripeRefund, "re_1", "re_2", "1200", "500")+`,`+
		with(stripeRefund, "re_1", "re_3", "succeeded", "pending")+`]},"metadata"`)
	totals := settings
	totals.RunningTotals = true
	event := func(object string) string { return stripeEvent("charge.refunded", object, "1788350401") }
	expect(t, said(t, settings, "stripe", event(stripeRefund)), "02T12:00:01 pi_1 partially_refunded USD {re_1: 12.00}")
	expect(t, said(t, settings, "stripe", event(with(stripeRefund, "succeeded", "pending"))))
	expect(t, said(t, settings, "stripe", event(with(stripeRefund, "succeeded", "failed"))), "02T12:00:01 pi_1 paid USD {re_1: 0.00}")
	expect(t, said(t, settings, "stripe", event(refunded)), "02T12:00:01 pi_1 paid 50.00 USD")
	expect(t, said(t, settings, "stripe", event(listed)), "02T12:00:01 pi_1 partially_refunded 50.00 USD {re_1: 12.00} {re_2: 5.00}")
	expect(t, said(t, totals, "stripe", event(listed)), "02T12:00:01 pi_1 partially_refunded 50.00 USD {ch_1/total: 17.00}")
	expect(t, said(t, totals, "stripe", event(with(refunded, `"captured":true`, `"captured":false`))),
		"02T12:00:01 pi_1 created 50.00 USD") // let go of, not given back
	all := with(refunded, `"amount_refunded":1700`, `"refunded":true,"amount_refunded":5000`)
	expect(t, said(t, totals, "stripe", event(all)), "02T12:00:01 pi_1 refunded 50.00 USD {ch_1/total: 50.00}")
}

func TestStripeCheckoutSessions(t *testing.T) {
	const session = `{"id":"cs_1","object":"checkout.session","created":1788264000,"livemode":true,"amount_total":2310,` +
		`"currency":"usd","payment_intent":"pi_1","payment_status":"unpaid","status":"complete","payment_method_types":["card","konbini"],` +
		`"total_details":{"amount_discount":100,"amount_shipping":300,"amount_tax":110},"line_items":{"data":[` +
		`{"id":"li_1","quantity":3,"amount_subtotal":1000,"price":{"product":"prod_1"}},` +
		`{"id":"li_2","quantity":1,"amount_subtotal":1000,"price":{"product":"prod_2"}}]}}`
	const content = " 23.10 USD tax 1.10 ship 3.00 [li_1/prod_1: 3×3.34-0.52] [li_2/prod_2: 1×10.00-0.50]"
	expect(t, said(t, settings, "stripe", session), "01T12:00:00 pi_1 created"+content)
	expect(t, said(t, settings, "stripe", with(session, `"unpaid"`, `"paid"`)), "01T12:00:00 pi_1 paid"+content)
	expect(t, said(t, settings, "stripe", with(session, `"complete"`, `"expired"`)), "01T12:00:00 pi_1 cancelled"+content)
	expect(t, said(t, settings, "stripe", with(session, `"complete"`, `"open"`, `"pi_1"`, "null")))
	// The invoice of a subscription has an intent of its own, and a card that is kept is no order.
	for mode, orders := range map[string]int{"payment": 1, "subscription": 0, "setup": 0} {
		got := said(t, settings, "stripe", with(session, `"pi_1"`, `null,"mode":"`+mode+`"`))
		if len(got) != orders {
			t.Errorf("a session for a %s without an intent: %q", mode, got)
		}
	}
	// A krona has no hundredths, though Stripe writes them: what is spread over the lines are whole ones.
	expect(t, said(t, settings, "stripe", with(session, `"usd"`, `"isk"`, "2310", "231000", `discount":100`, `discount":10000`,
		`shipping":300`, `shipping":30000`, `tax":110`, `tax":11000`, `subtotal":1000`, `subtotal":100000`)),
		"01T12:00:00 pi_1 created 2310 ISK tax 110 ship 300 [li_1/prod_1: 3×334-52] [li_2/prod_2: 1×1000-50]")
}

// Names in metadata and links are compared without case; of several, the one in lower case counts, always.
func TestNamesThatDifferInCase(t *testing.T) {
	for range 50 {
		e := mapped(t, settings, "stripe", with(stripePI, `"Show_ID":"S2","affiliate":"mika"`,
			`"Affiliate":"A","AFFILIATE":"B","affiliate":"c"`))[0]
		if got := e.Order.AffiliateCode; got != "c" {
			t.Fatalf("stripe: %q", got)
		}
		e = mapped(t, settings, "shopify", `{"id":1,"created_at":"2026-09-01T12:00:00Z","updated_at":"2026-09-01T12:00:00Z",`+
			`"currency":"USD","total_price":"1.00","line_items":[],"landing_site":"/?Ref=a&REF=b&ref=c"}`)[0]
		if got := e.Order.AffiliateCode; got != "c" {
			t.Fatalf("shopify: %q", got)
		}
	}
}

// What happens within one second is versioned by the order's life.
func TestStripeVersionsFollowTheOrdersLife(t *testing.T) {
	var last int64
	for _, object := range []string{stripePI, with(stripePI, "requires_action", "succeeded"), stripeRefund, with(stripePI, "requires_action", "canceled")} {
		v := mapped(t, settings, "stripe", stripeEvent("x", object, "1788264000"))[0].Order.Version
		if v <= last || v/1000 != 1788264000 {
			t.Errorf("version %d after %d", v, last)
		}
		last = v
	}
}

func TestStripeCurrencies(t *testing.T) {
	for _, c := range []struct{ currency, want string }{
		{"jpy", "5000 JPY"}, {"vnd", "5000 VND"}, {"usd", "50.00 USD"}, {"huf", "50.00 HUF"}, {"twd", "50.00 TWD"},
		{"kwd", "5.000 KWD"}, {"isk", "50 ISK"}, {"ugx", "50 UGX"}, {"mga", "5000.00 MGA"},
	} {
		got := said(t, settings, "stripe", with(stripePI, `"jpy"`, `"`+c.currency+`"`))
		expect(t, got, "01T12:00:00 pi_1 created "+c.want)
	}
	for _, bad := range []string{with(stripePI, `"jpy"`, `"isk"`, "5000", "5050"), with(stripePI, `"jpy"`, `"xyz"`)} {
		for _, err := range settings.Read("stripe", strings.NewReader(bad)) {
			if err == nil {
				t.Errorf("taken: %s", bad)
			}
		}
	}
	expect(t, said(t, settings, "stripe", with(stripePI, `"jpy"`, `"usd"`, "5000", "5")), "01T12:00:00 pi_1 created 0.05 USD")
}
