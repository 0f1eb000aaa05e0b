package source_test

import (
	"strings"
	"testing"
)

const shopOrder = `{"id":11,"created_at":"2026-09-01T21:00:00+09:00","updated_at":"2026-09-01T21:00:02+09:00",
 "processed_at":"2026-09-01T21:00:00+09:00","currency":"JPY","total_price":"3300","total_tax":"300","taxes_included":true,
 "financial_status":"paid","payment_gateway_names":["gift_card","shopify_payments"],"source_name":"web",
 "landing_site":"/products/lip?utm_source=mika&utm_medium=Live&utm_campaign=C1","discount_codes":[{"code":"MIKA10"}],
 "customer":{"id":7},"line_items":[{"id":1,"product_id":101,"sku":"LIP","quantity":2,"price":"1500"}],
 "total_shipping_price_set":{"shop_money":{"amount":"300","currency_code":"JPY"}}}`

// with replaces parts of a payload.
func with(payload string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(payload, pairs[i]) {
			panic("there is no " + pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(payload)
}

// last is the last of the lines: the order as it is now.
func last(lines []string) []string { return lines[max(0, len(lines)-1):] }

func TestShopifyOrderTakesItsSteps(t *testing.T) {
	const content = " 3300 JPY tax 300 ship 300 [1/101: 2×1500] tax_included"
	for name, c := range map[string]struct {
		payload string
		want    []string
	}{
		"paid":                   {shopOrder, []string{"01T12:00:00 11 paid" + content}},
		"authorized is not paid": {with(shopOrder, `"paid"`, `"authorized"`), []string{"01T12:00:00 11 created" + content}},
		"nor is paid in part":    {with(shopOrder, `"paid"`, `"partially_paid"`), []string{"01T12:00:00 11 created" + content}},
		"voided": {with(shopOrder, `"paid"`, `"voided"`),
			[]string{"01T12:00:00 11 created" + content, "01T12:00:02 11 cancelled" + content}},
		"cash on delivery, on its way": {with(shopOrder, `"paid"`, `"pending"`, `"shopify_payments"`, `"Cash on Delivery (COD)"`),
			[]string{"01T12:00:00 11 created" + content}},
		"cash on delivery, delivered": {with(shopOrder, `"shopify_payments"`, `"Cash on Delivery (COD)"`, "21:00:02", "23:30:00"),
			[]string{"01T12:00:00 11 created" + content, "01T14:30:00 11 paid" + content}},
		"paid by a transaction": {with(shopOrder, `"customer"`, `"transactions":[
			{"kind":"authorization","status":"success","created_at":"2026-09-01T12:00:00Z"},
			{"kind":"capture","status":"failure","created_at":"2026-09-01T12:10:00Z"},
			{"kind":"capture","status":"success","created_at":"2026-09-01T12:20:00Z"}],"customer"`),
			[]string{"01T12:00:00 11 created" + content, "01T12:20:00 11 paid" + content}},
		"cancelled after it was paid, all of it given back": {with(shopOrder, `"paid"`, `"refunded"`,
			`"customer"`, `"cancelled_at":"2026-09-02T09:00:00+09:00","customer"`),
			[]string{"01T12:00:00 11 created" + content, "01T12:00:00 11 refunded" + content, "02T00:00:00 11 cancelled" + content}},
		"a test":   {with(shopOrder, `"customer"`, `"test":true,"customer"`), []string{"01T12:00:00 11 paid" + strings.Replace(content, " tax_i", " test tax_i", 1)}},
		"imported": {with(shopOrder, `"processed_at":"2026-09-01`, `"processed_at":"2026-08-31`), []string{"31T12:00:00 11 paid" + content}},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, said(t, settings, "shopify", c.payload), c.want...)
			expect(t, said(t, settings, "shopify", `{"orders":[`+c.payload+`]}`), c.want...)
		})
	}
}

// The steps of one update are in order, and the same update gives the same ids.
func TestShopifyVersionsFollowUpdates(t *testing.T) {
	cancelled := with(shopOrder, `"customer"`, `"cancelled_at":"2026-09-02T09:00:00+09:00","customer"`)
	all := mapped(t, settings, "shopify", shopOrder+cancelled+cancelled)
	var last int64
	for _, e := range all[:3] {
		if e.Order.Version < last {
			t.Errorf("version %d of %v comes after %d", e.Order.Version, e.Order.Status, last)
		}
		last = e.Order.Version
	}
	if all[1].Id != all[3].Id || all[2].Id != all[4].Id || all[1].Id == all[2].Id || all[0].Id == all[2].Id {
		t.Errorf("ids %s %s %s %s %s", all[0].Id, all[1].Id, all[2].Id, all[3].Id, all[4].Id)
	}
}

func TestShopifyOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		payload                          string
		channel, method, code, affiliate string
		show, campaign                   string
	}{
		"a link":           {shopOrder, "live", "card", "MIKA10", "mika", "S1", "C1"},
		"note attributes":  {with(shopOrder, `"customer"`, `"note_attributes":[{"name":"Show_ID","value":"S2"},{"name":"ref","value":"yuki"},{"name":"channel","value":"messaging"}],"customer"`), "messaging", "card", "MIKA10", "yuki", "S2", "C1"},
		"a named code":     {with(shopOrder, "utm_source=mika", "ref=aya"), "live", "card", "MIKA10", "aya", "S1", "C1"},
		"an ad is no code": {with(shopOrder, "utm_medium=Live", "utm_medium=cpc"), "web", "card", "MIKA10", "", "S1", "C1"},
		"a telephone":      {with(shopOrder, `"source_name":"web"`, `"source_name":"shopify_draft_order"`, "utm_medium=Live", ""), "phone", "card", "MIKA10", "", "S1", "C1"},
		"an app":           {with(shopOrder, `"source_name":"web"`, `"source_name":"580111"`, "utm_medium=Live", ""), "web", "card", "MIKA10", "", "S1", "C1"},
		"konbini":          {with(shopOrder, "shopify_payments", "コンビニ決済 (Konbini)"), "live", "konbini", "MIKA10", "mika", "S1", "C1"},
		"daiko":            {with(shopOrder, "shopify_payments", "代金引換"), "live", "cod", "MIKA10", "mika", "S1", "C1"},
		"a wallet":         {with(shopOrder, "shopify_payments", "PayPal Express"), "live", "wallet", "MIKA10", "mika", "S1", "C1"},
		"only a gift card": {with(shopOrder, `,"shopify_payments"`, ""), "live", "gift_card", "MIKA10", "mika", "S1", "C1"},
		"codfish is none":  {with(shopOrder, `"gift_card","shopify_payments"`, `"Codfish Pay"`), "live", "codfish pay", "MIKA10", "mika", "S1", "C1"},
	} {
		t.Run(name, func(t *testing.T) {
			all := mapped(t, settings, "shopify", c.payload)
			e := all[len(all)-1]
			o := e.Order
			got := []string{o.Channel, o.PaymentMethod, o.Code, o.AffiliateCode, e.ShowId, e.CampaignId, e.EsolId, e.Platform}
			expect(t, got, c.channel, c.method, c.code, c.affiliate, c.show, c.campaign, "mika", "shopify")
			if e.PersonHi == 0 {
				t.Error("no person")
			}
		})
	}
}

// Discounts: as allocated, else the lines' own and the rest by largest remainder, but none for what shipping was less.
func TestShopifyDiscountsAreOfLines(t *testing.T) {
	const lines = `[{"id":1,"product_id":101,"quantity":1,"price":"1000"},{"id":2,"product_id":102,"quantity":1,"price":"1000"},{"id":3,"sku":"C","quantity":1,"price":"1000"}]`
	old := `[{"id":1,"product_id":101,"sku":"LIP","quantity":2,"price":"1500"}]`
	for name, c := range map[string]struct{ payload, want string }{
		"by largest remainder": {with(shopOrder, old, lines+`,"total_discounts":"1000"`), "[1/101: 1×1000-334] [2/102: 1×1000-333] [3/C: 1×1000-333]"},
		"as allocated": {with(shopOrder, old, with(lines, `"quantity":1,"price":"1000"},{"id":3`, `"quantity":1,"price":"1000","discount_allocations":[{"amount":"90"},{"amount":"9.00","amount_set":{"shop_money":{"amount":"10","currency_code":"JPY"}}}]},{"id":3`)+`,"total_discounts":"1000"`),
			"[1/101: 1×1000] [2/102: 1×1000-100] [3/C: 1×1000]"},
		"a line's own first": {with(shopOrder, old, with(lines, `"price":"1000"},{"id":2`, `"price":"1000","total_discount":"600"},{"id":2`)+`,"total_discounts":"1500"`),
			"[1/101: 1×1000-750] [2/102: 1×1000-375] [3/C: 1×1000-375]"},
		"of shipping": {with(shopOrder, `"quantity":2,"price":"1500"}]`, `"quantity":2,"price":"100","total_discount":"150"}],"total_discounts":"450"`), "[1/101: 2×100-200]"},
	} {
		if got := said(t, settings, "shopify", c.payload)[0]; !strings.Contains(got, " ship 300 "+c.want+" tax_included") {
			t.Errorf("%s: want %s in %s", name, c.want, got)
		}
	}
	p := settings
	p.SKU = true
	if got := said(t, p, "shopify", shopOrder)[0]; !strings.Contains(got, "[1/LIP: 2×1500]") {
		t.Errorf("by SKU: %s", got)
	}
}

const shopRefund = `{"id":21,"order_id":11,"created_at":"2026-09-03T00:00:00Z","refund_line_items":[
 {"line_item_id":1,"quantity":1,"subtotal":391.33,"line_item":{"id":1,"product_id":101}}],
 "order_adjustments":[{"amount":"-5.00","kind":"refund_discrepancy"}],"transactions":[
 {"kind":"refund","status":"success","amount":"209.00","currency":"USD"},
 {"kind":"refund","status":"pending","amount":"50.00","currency":"USD"},
 {"kind":"refund","status":"failure","amount":"60.00","currency":"USD"},
 {"kind":"refund","status":"error","amount":"70.00","currency":"USD"},
 {"kind":"void","status":"success","amount":"80.00","currency":"USD"},
 {"kind":"refund","status":"success","amount":"1.50","currency":"USD"}]}`

func TestShopifyRefundIsMoneyOfTransactionsAndUnitsOfLines(t *testing.T) {
	pending := with(shopRefund, `"success","amount":"209.00"`, `"pending","amount":"209.00"`, `"success","amount":"1.50"`, `"error","amount":"1.50"`)
	for name, c := range map[string]struct {
		payload string
		want    []string
	}{
		"a webhook": {shopRefund, []string{"03T00:00:00 11 partially_refunded USD {21: 210.50 1×1}"}},
		"shipping":  {with(shopRefund, `"refund_line_items":[`, `"refund_line_items":[],"_":[`), []string{"03T00:00:00 11 partially_refunded USD {21: 210.50}"}},
		"pending":   {pending, []string{"03T00:00:00 11 created USD {21: 0.00 1×1}"}},
		"units only": {`{"id":21,"order_id":11,"created_at":"2026-09-03T00:00:00Z","refund_line_items":[{"line_item_id":1,"quantity":1}],"transactions":[]}`,
			nil},
		"told in the buyer's currency": {with(shopRefund, `"subtotal":391.33`, `"subtotal_set":{"shop_money":{"amount":"1","currency_code":"JPY"}}`), nil},
		"of a test":                    {with(shopRefund, `"success","amount":"209.00"`, `"success","test":true,"amount":"209.00"`), []string{"03T00:00:00 11 partially_refunded USD {21: 210.50 1×1} test"}},
		"with its order": {with(shopOrder, `"JPY"`, `"USD"`, `"paid"`, `"partially_refunded"`, `"customer"`, `"current_total_price":"1","refunds":[`+shopRefund+`],"customer"`),
			[]string{"01T12:00:00 11 partially_refunded 3300.00 USD tax 300.00 ship 300.00 [1/101: 2×1500.00] {21: 210.50 1×1} tax_included"}},
	} {
		t.Run(name, func(t *testing.T) { expect(t, last(said(t, settings, "shopify", c.payload)), c.want...) })
	}
	if e := mapped(t, settings, "shopify", pending)[0]; e.Order.Version != 1 || e.ShowId != "" {
		t.Errorf("a refund of nothing yet has version %d and show %q: it would hide what is newer", e.Order.Version, e.ShowId)
	}
	for _, bad := range []string{
		`{"id":21,"order_id":11,"created_at":"2026-09-03T00:00:00Z","refund_line_items":[]}`,
		with(shopOrder, `"customer"`, `"refunds":[`+shopRefund+`],"customer"`),
	} {
		for _, err := range settings.Read("shopify", strings.NewReader(bad)) {
			if err == nil {
				t.Errorf("taken: %s", bad)
			}
		}
	}
}

// The buyer paid euro; the shop counts dollars.
func TestShopifyCountsInTheShopsCurrency(t *testing.T) {
	set := func(shop, buyer string) string {
		return `{"shop_money":{"amount":"` + shop + `","currency_code":"USD"},"presentment_money":{"amount":"` + buyer + `","currency_code":"EUR"}}`
	}
	refund := func(amount string) string {
		return `{"id":21,"created_at":"2026-09-03T00:00:00Z","refund_line_items":[],"transactions":[{"kind":"refund","status":"success","amount":"` + amount + `","currency":"EUR"}]}`
	}
	order := func(refunds string) string {
		return `{"id":11,"created_at":"2026-09-01T12:00:00Z","currency":"USD","total_price":"110.00","total_price_set":` +
			set("110.00", "100.00") + `,"financial_status":"partially_refunded","line_items":[{"id":1,"product_id":101,"quantity":1,` +
			`"price":"100.00","price_set":` + set("110.00", "100.00") + `}],"refunds":[` + refunds + `]}`
	}
	expect(t, last(said(t, settings, "shopify", order(refund("33.33")))),
		"01T12:00:00 11 partially_refunded 110.00 USD [1/101: 1×110.00] {21: 36.66}") // 36.663
	expect(t, last(said(t, settings, "shopify", order(refund("100.00")))),
		"01T12:00:00 11 partially_refunded 110.00 USD [1/101: 1×110.00] {21: 110.00}")
	for _, err := range settings.Read("shopify", strings.NewReader(order(refund("100.01")))) {
		if err == nil {
			t.Error("a refund of more than the order in the buyer's currency was taken")
		}
	}
}

// Edited before anything was given back, an order is what it is now; afterwards refunds come off what it was.
func TestShopifyEditedOrder(t *testing.T) {
	edited := with(shopOrder, `"total_tax"`, `"current_total_price":"1800","current_total_tax":"164","total_tax"`, `"quantity":2`, `"quantity":2,"current_quantity":1`)
	expect(t, said(t, settings, "shopify", edited), "01T12:00:00 11 paid 1800 JPY tax 164 ship 300 [1/101: 1×1500] tax_included")
	// Cancelled, there is nothing left of it, but it was what it was.
	cancelled := with(shopOrder, `"total_tax"`, `"current_total_price":"0","cancelled_at":"2026-09-02T00:00:00Z","total_tax"`,
		`"paid"`, `"voided"`)
	expect(t, last(said(t, settings, "shopify", cancelled)),
		"02T00:00:00 11 cancelled 3300 JPY tax 300 ship 300 [1/101: 2×1500] tax_included")
}

func TestRecordedShopifyPayloads(t *testing.T) {
	const set = "shopify_payload_fixtures"
	expect(t, said(t, settings, "shopify", fixture(t, set, "order")),
		"10T16:00:00 450789469 created 409.94 USD tax 11.94 [466157049/632910392: 1×199.00] [518995019/632910392: 1×199.00] "+
			"[703073504/632910392: 1×199.00]")
	// The list says that something was given back, and not how much.
	expect(t, last(said(t, settings, "shopify", fixture(t, set, "orders"))), "10T16:00:00 450789469 partially_refunded 598.94 USD tax 11.94")
	// The lines of this refund sum to another amount than its transaction.
	expect(t, said(t, settings, "shopify", fixture(t, set, "refund")),
		"20T17:35:06 450789469 partially_refunded USD {509562969: 209.00 703073504×1 466157049×1}")
	for _, nothing := range []string{"transaction", "transactions"} {
		expect(t, said(t, settings, "shopify", fixture(t, set, nothing)))
	}
	for _, other := range []string{"carts", "checkouts", "customer", "dispute", "draft_order_completed", "events", "fulfillment",
		"product", "products", "refund_calculate", "tender_transactions", "variant"} {
		for r, err := range settings.Read("shopify", strings.NewReader(fixture(t, set, other))) {
			if err == nil {
				t.Errorf("%s is no order, and became %s", other, r.Value)
			}
		}
	}
}
