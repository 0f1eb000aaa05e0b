package source_test

import (
	"testing"
)

const wooOrder = `{"id":727,"parent_id":0,"status":"processing","currency":"EUR","prices_include_tax":true,
 "date_created":"2026-09-01T21:00:00","date_created_gmt":"2026-09-01T12:00:00","date_modified":"2026-09-01T21:00:30",
 "date_modified_gmt":"2026-09-01T12:00:30","date_paid_gmt":"2026-09-01T12:00:20","date_completed_gmt":null,
 "discount_total":"1.00","shipping_total":"4.20","total":"28.00","total_tax":"4.80","customer_id":9,
 "payment_method":"stripe","payment_method_title":"Credit card","created_via":"checkout",
 "meta_data":[{"id":1,"key":"show_id","value":"S9"},{"id":2,"key":"_wc_order_attribution_utm_source","value":"mika"},
  {"id":3,"key":"_wc_order_attribution_utm_medium","value":"live"},{"id":4,"key":"_other","value":{"a":[1]}}],
 "coupon_lines":[{"code":"mika10"}],
 "line_items":[{"id":315,"product_id":93,"variation_id":0,"quantity":3,"sku":"LIP","subtotal":"20.00","total":"19.00","price":6.333333333333333}],
 "refunds":[]}`

func TestWooCommerceOrderTakesItsSteps(t *testing.T) {
	// 3 × 6.67 is a cent more than the line's 20.00, and it was sold for 19.00.
	const content = " 28.00 EUR tax 4.80 ship 4.20 [315/93: 3×6.67-1.01]"
	created := "01T12:00:00 727 created" + content
	for name, c := range map[string]struct {
		payload string
		want    []string
	}{
		"paid a while after it was made": {wooOrder, []string{created, "01T12:00:20 727 paid" + content}},
		"cash on delivery is processed before it is paid": {with(wooOrder, `"date_paid_gmt":"2026-09-01T12:00:20"`, `"date_paid_gmt":null`,
			`"stripe"`, `"cod"`), []string{created}},
		"completed without a date of payment": {with(wooOrder, `"date_paid_gmt":"2026-09-01T12:00:20"`, `"date_paid_gmt":null`,
			`"processing"`, `"completed"`, `"date_completed_gmt":null`, `"date_completed_gmt":"2026-09-03T12:00:00"`),
			[]string{created, "03T12:00:00 727 paid" + content}},
		"on hold for a bank transfer":              {with(wooOrder, `"processing"`, `"on-hold"`, `"2026-09-01T12:00:20"`, `null`), []string{created}},
		"a payment that failed may be tried again": {with(wooOrder, `"processing"`, `"failed"`, `"2026-09-01T12:00:20"`, `null`), []string{created}},
		"cancelled": {with(wooOrder, `"processing"`, `"cancelled"`, `"2026-09-01T12:00:20"`, `null`),
			[]string{created, "01T12:00:30 727 cancelled" + content}},
		"refunded in part, totals below zero": {with(wooOrder, `"refunds":[]`, `"refunds":[{"id":730,"reason":"","total":"-10.00"},{"id":731,"total":"-0.50"}]`),
			[]string{created + " {730: 10.00} {731: 0.50}", "01T12:00:20 727 partially_refunded" + content + " {730: 10.00} {731: 0.50}"}},
		"all of it back": {with(wooOrder, `"processing"`, `"refunded"`, `"refunds":[]`, `"refunds":[{"id":730,"total":"-28.00"}]`),
			[]string{created + " {730: 28.00}", "01T12:00:20 727 refunded" + content + " {730: 28.00}"}},
		"a draft of the checkout is no order":     {with(wooOrder, `"processing"`, `"checkout-draft"`), nil},
		"order.deleted says an id and no more":    {`{"id":727}`, nil},
		"a refund by itself names no currency":    {`{"id":730,"parent_id":727,"amount":"10.00","line_items":[]}`, nil},
		"a product":                               {`{"id":93,"name":"Lip","status":"publish","price":"6.67"}`, nil},
		"a zone where an extension wrote one":     {with(wooOrder, `"2026-09-01T12:00:00"`, `"2026-09-01T21:00:00+09:00"`), []string{created, "01T12:00:20 727 paid" + content}},
		"yen of a shop that shows two decimals":   {with(wooOrder, "EUR", "JPY", "28.00", "2800.00", "4.80", "480.00", "4.20", "420.00", `"20.00"`, `"2000.00"`, `"19.00"`, `"1900.00"`), []string{"01T12:00:00 727 created 2800 JPY tax 480 ship 420 [315/93: 3×667-101]", "01T12:00:20 727 paid 2800 JPY tax 480 ship 420 [315/93: 3×667-101]"}},
		"lines may have more decimals than money": {with(wooOrder, `"20.00"`, `"20.0049"`, `"19.00"`, `"18.9951"`), []string{created, "01T12:00:20 727 paid" + content}},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, said(t, settings, "woocommerce", c.payload), c.want...)
			expect(t, said(t, settings, "woocommerce", "["+c.payload+"]"), c.want...)
		})
	}
}

func TestWooCommerceOrigin(t *testing.T) {
	o := mapped(t, settings, "woocommerce", wooOrder)[1]
	if o.ShowId != "S9" || o.EsolId != "mika" || o.Order.Code != "mika10" || o.Order.AffiliateCode != "mika" ||
		o.Order.Channel != "live" || o.Order.PaymentMethod != "card" || o.PersonHi == 0 {
		t.Errorf("origin: %v", o)
	}
	guest := mapped(t, settings, "woocommerce", with(wooOrder, `"customer_id":9`, `"customer_id":0`, `"checkout"`, `"admin"`, `"value":"live"`, `"value":"cpc"`))[1]
	if guest.PersonHi != 0 || guest.Order.Channel != "phone" {
		t.Errorf("a guest is nobody, and all guests are not one person; typed in by the staff: %v", guest)
	}
	sku := settings
	sku.SKU = true
	if p := mapped(t, sku, "woocommerce", wooOrder)[0].Order.Lines[0].ProductId; p != "LIP" {
		t.Errorf("product %s", p)
	}
	again := mapped(t, settings, "woocommerce", wooOrder)[1]
	later := mapped(t, settings, "woocommerce", with(wooOrder, `"date_modified_gmt":"2026-09-01T12:00:30"`, `"date_modified_gmt":"2026-09-01T12:00:31"`))[1]
	if again.Id != o.Id || later.Id == o.Id || later.Order.Version <= o.Order.Version {
		t.Error("the same version must have the same id, and a later one another and a greater version")
	}
}

func TestWooCommerceRefusesMoneyItCannotRead(t *testing.T) {
	for name, payload := range map[string]string{
		"a total with three decimals": with(wooOrder, `"28.00"`, `"28.005"`), "no currency": with(wooOrder, `"EUR"`, `""`),
		"half a line": with(wooOrder, `"quantity":3`, `"quantity":2.5`), "no date": with(wooOrder, `"date_created_gmt":"2026-09-01T12:00:00"`, `"date_created_gmt":null`),
		"a total that is an exponent": with(wooOrder, `"28.00"`, `2.8e1`),
	} {
		expectRefused(t, name, "woocommerce", payload)
	}
}
