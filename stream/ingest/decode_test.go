package ingest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

var noon = time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)

func testHasher(t testing.TB) *event.Hasher {
	t.Helper()
	h, err := event.NewHasher(bytes.Repeat([]byte{7}, event.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func testDecoder(t testing.TB) *Decoder {
	return NewDecoder(testHasher(t), time.Time{}, func() time.Time { return noon })
}

func input(raw Raw, value string) *Input {
	return &Input{Raw: raw, Topic: "raw", Partition: 3, Offset: 41, Value: []byte(value), RecordMS: noon.UnixMilli()}
}

func TestDecodeEvents(t *testing.T) {
	h := testHasher(t)
	e1, p1, e0 := h.Event([]byte("e1")), h.Person([]byte("tiktok\x00u1")), h.Event([]byte("e0"))
	place := h.Event([]byte("raw/3/41"))
	lesser, greater := h.Person([]byte("shop\x00c9")), p1
	if greater.Less(lesser) {
		lesser, greater = greater, lesser
	}
	at := noon.UnixMilli()
	tests := []struct {
		name string
		raw  Raw
		in   string
		want *eventpb.Event
	}{
		{"a full comment", RawComments, `{"event_id":"e1","time":"2026-09-01T21:00:00.000+09:00","show_id":"S1","esol_id":"E1",
			"platform":"tiktok","person_id":"u1","campaign_id":"C1","kind":"comment","text":"ほしい\n🔥","lang":"ja","role":"esol",
			"reply_to":"e0","more":{"a":[1,{"b":null}]}}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_COMMENT, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, ShowId: "S1", EsolId: "E1",
				Platform: "tiktok", PersonHi: p1.Hi, PersonLo: p1.Lo, CampaignId: "C1", Text: "ほしい\n🔥", Lang: "ja",
				Role: eventpb.Role_ROLE_ESOL, RefHi: e0.Hi, RefLo: e0.Lo}},
		{"a bare comment takes its place as id", RawComments, `{"time":1788264000000,"show_id":"S1","text":"","person_id":null}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_COMMENT, IdHi: place.Hi, IdLo: place.Lo, Id: "raw/3/41", TimeMs: at, ShowId: "S1"}},
		{"a retraction", RawComments, `{"event_id":"e1","time":1788264000000,"show_id":"S1","kind":"retract","retracts":"e0","text":"ignored"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_RETRACT, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, ShowId: "S1", RefHi: e0.Hi, RefLo: e0.Lo}},
		{"a like counts one", RawReactions, `{"event_id":"e1","time":1788264000000,"show_id":"S1","kind":"like"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_LIKE, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, ShowId: "S1", Count: 1}},
		{"an empty room", RawReactions, `{"event_id":"e1","time":1788264000000,"show_id":"S1","kind":"viewers","count":0}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_VIEWERS, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, ShowId: "S1"}},
		{"a gift of money", RawReactions, `{"event_id":"e1","time":1788264000000,"show_id":"S1","kind":"gift","count":2,"amount":1.50,"currency":"USD"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_GIFT, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, ShowId: "S1", Count: 2, AmountMinor: 150, Currency: "USD"}},
		{"a touch without a show", RawReactions, `{"event_id":"e1","time":1788264000000,"platform":"tiktok","person_id":"u1","kind":"touch","channel":"messaging","code":"M1"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_TOUCH, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, Platform: "tiktok", PersonHi: p1.Hi, PersonLo: p1.Lo,
				Count: 1, Channel: "messaging", Code: "M1"}},
		{"two are one", RawReactions, `{"event_id":"e1","time":1788264000000,"show_id":"S1","platform":"tiktok","person_id":"u1","kind":"identity",
			"other_platform":"shop","other_person_id":"c9"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_IDENTITY, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, Platform: "tiktok", Count: 1,
				PersonHi: greater.Hi, PersonLo: greater.Lo, OtherHi: lesser.Hi, OtherLo: lesser.Lo}},
		{"or not after all, said the other way round", RawReactions, `{"event_id":"e1","time":1788264000000,"platform":"shop","person_id":"c9","kind":"identity",
			"other_platform":"tiktok","other_person_id":"u1","same":false}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_IDENTITY, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, Platform: "shop",
				PersonHi: greater.Hi, PersonLo: greater.Lo, OtherHi: lesser.Hi, OtherLo: lesser.Lo}},
		{"an order", RawOrders, `{"event_id":"e1","time":1788264000000,"show_id":"S1","order_id":"o1","updated_at":"2026-09-01T12:00:01Z","status":"partially_refunded",
			"currency":"KWD","amount":"12.345","channel":"live","payment_method":"card","code":"X","test":true,
			"tax_included":true,"tax":"1.1","shipping":0.25,"affiliate_code":"A",
			"lines":[{"line_id":"l1","product_id":"p1","brand_id":"b1","quantity":2,"unit_price":"6.5","discount":0.655},{"product_id":"p2","quantity":1,"unit_price":0}],
			"refunds":[{"refund_id":"r1","amount":"1","time":1788264000005,"lines":[{"line_id":"l1","quantity":1}]},{"refund_id":"r2","amount":"0.5"}]}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_ORDER, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, ShowId: "S1", Order: &eventpb.Order{
				OrderId: "o1", Version: at + 1000, Status: eventpb.OrderStatus_ORDER_STATUS_PARTIALLY_REFUNDED, HasAmount: true, AmountMinor: 12345,
				Currency: "KWD", Channel: "live", PaymentMethod: "card", Code: "X", Test: true,
				TaxIncluded: true, TaxMinor: 1100, ShippingMinor: 250, AffiliateCode: "A",
				Lines: []*eventpb.OrderLine{{LineId: "l1", ProductId: "p1", BrandId: "b1", Quantity: 2, UnitPriceMinor: 6500, DiscountMinor: 655},
					{ProductId: "p2", Quantity: 1}},
				Refunds: []*eventpb.Refund{{RefundId: "r1", AmountMinor: 1000, TimeMs: at + 5, Lines: []*eventpb.OrderLine{{LineId: "l1", Quantity: 1}}},
					{RefundId: "r2", AmountMinor: 500, TimeMs: at}}}}},
		{"a status alone", RawOrders, `{"event_id":"e1","time":1788264000000,"order_id":"o1","version":7,"status":"cancelled","lines":"ignored"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_ORDER, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, Order: &eventpb.Order{
				OrderId: "o1", Version: 7, Status: eventpb.OrderStatus_ORDER_STATUS_CANCELLED}}},
		{"an order versioned by its time", RawOrders, `{"event_id":"e1","time":1788264000000,"order_id":"o1","status":"paid","amount":128,"currency":"JPY"}`,
			&eventpb.Event{Kind: eventpb.Kind_KIND_ORDER, IdHi: e1.Hi, IdLo: e1.Lo, Id: "e1", TimeMs: at, Order: &eventpb.Order{
				OrderId: "o1", Version: at, Status: eventpb.OrderStatus_ORDER_STATUS_PAID, HasAmount: true, AmountMinor: 128, Currency: "JPY"}}},
	}
	d := testDecoder(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, r := d.Decode(input(tt.raw, tt.in))
			if r != nil {
				t.Fatal(r)
			}
			if !proto.Equal(got, tt.want) {
				t.Errorf("got  %s\nwant %s", prototext.Format(got), prototext.Format(tt.want))
			}
		})
	}
}

// term is its own and only form.
func term(s string) *eventpb.Term { return &eventpb.Term{Id: s, Forms: []string{s}} }

func TestDecodeCatalog(t *testing.T) {
	at := noon.UnixMilli()
	mika := testHasher(t).Person([]byte("tiktok\x00mika"))
	tests := []struct {
		key, in string
		want    *eventpb.Catalog
	}{
		{"brand/B", `{"kind":"brand","id":"B","name":"Hana","lexicon":["つや",{"id":"puru","forms":["ぷる","ﾌﾟﾙ"]}],"facts":[{"id":"kyoto","forms":["made in Kyoto"],"contradicted_by":["made in Osaka"]}],"beats":["dawn"],"negative":[{"id":"かゆい"}],"return_window_ms":86400000,"corpus":["one.\nand two","朝の\u4e00滴"],"target":["three"]}`,
			&eventpb.Catalog{Kind: "brand", Id: "B", Brand: &eventpb.Brand{Name: "Hana",
				Lexicon: []*eventpb.Term{term("つや"), {Id: "puru", Forms: []string{"ぷる", "ﾌﾟﾙ"}}},
				Facts:   []*eventpb.Term{{Id: "kyoto", Forms: []string{"made in Kyoto"}, ContradictedBy: []string{"made in Osaka"}}},
				Beats:   []*eventpb.Term{term("dawn")}, Negative: []*eventpb.Term{term("かゆい")}, ReturnWindowMs: 86400000,
				Corpus: []string{"one.\nand two", "朝の一滴"}, Target: []string{"three"}}}},
		{"esol/E", `{"kind":"esol","id":"E","name":"Mika","tier":"gold","platform_ids":[{"platform":"tiktok","id":"m\u0069ka"}],"codes":["MIKA10"]}`,
			&eventpb.Catalog{Kind: "esol", Id: "E", Esol: &eventpb.Esol{Name: "Mika", Tier: "gold",
				PlatformIds: []*eventpb.PlatformId{{Platform: "tiktok", Id: "mika"}}, Codes: []string{"MIKA10"},
				Persons: []*eventpb.PersonId{{Hi: mika.Hi, Lo: mika.Lo}}}}},
		{"show/S/1", `{"kind":"show","id":"S/1","title":"t","esol_id":"E","platform":"x","campaign_ids":["C"],"start":"2026-09-01T12:00:00Z","end":1788264000001}`,
			&eventpb.Catalog{Kind: "show", Id: "S/1", Show: &eventpb.Show{Title: "t", EsolId: "E", Platform: "x", CampaignIds: []string{"C"},
				StartMs: at, EndMs: at + 1}}},
		{"product/P", `{"kind":"product","id":"P","name":"Lip","aliases":["リップ"],"brand_id":"B","category":"makeup","return_rate_ppm":120000,"base_owned_ppm":20000}`,
			&eventpb.Catalog{Kind: "product", Id: "P", Product: &eventpb.Product{Name: "Lip", Aliases: []string{"リップ"}, BrandId: "B",
				Category: "makeup", ReturnRatePpm: 120000, BaseOwnedPpm: 20000}}},
		{"campaign/C", `{"kind":"campaign","id":"C","name":"n","brand_id":"B","esol_ids":["E","F"],"start":1788264000000,"currency":"IDR","spend":"1000000",
			"gmv_commitment":"5000000.50","margin_ppm":300000,"commission_ppm":150000,"attribution_model":"linear","attribution_window_ms":604800000,
			"rounding":"webster","windows":[{"surface":"email","window_ms":0},{"surface":"live","window_ms":5}],"organic_counts":true,"closes_on_order":true,"holdout_ppm":500000}`,
			&eventpb.Catalog{Kind: "campaign", Id: "C", Campaign: &eventpb.Campaign{Name: "n", BrandId: "B", EsolIds: []string{"E", "F"}, StartMs: at,
				Currency: "IDR", SpendMinor: 100000000, GmvCommitmentMinor: 500000050, MarginPpm: 300000, CommissionPpm: 150000,
				AttributionModel: "linear", AttributionWindowMs: 604800000, Rounding: "webster", OrganicCounts: true, ClosesOnOrder: true, HoldoutPpm: 500000,
				Windows: []*eventpb.Window{{Surface: "email"}, {Surface: "live", WindowMs: 5}}}}},
		{"campaign/K", `{"kind":"campaign","id":"K","currency":"USD","margin_ppm":400000,"commission_ppm":100000,"contract":{"fixed_fee":"30.5",
			"rates":[{"product_id":"P","ppm":1},{"esol_tier":"gold","ppm":2}],"tiers":[{"from":"10","ppm":3}],"versions":[{"valid_from":1788264000000,
			"commission_ppm":4,"rates":[{"product_id":"Q","esol_tier":"gold","ppm":5}],"tiers":[{"from":6,"ppm":7},{"from":8,"ppm":9}]},
			{"valid_from":1788264000001}],"base":"margin","cap_order":"1","cap_item":"2","cap_month":"3","lock_ms":4,"notice_ms":5,"guarantee":"6",
			"commitment":"7","shortfall":"penalty","penalty_ppm":8,"payout_delay_ms":9,"payout_monthly":true,"close_ms":10,"month_offset_ms":-11}}`,
			&eventpb.Catalog{Kind: "campaign", Id: "K", Campaign: &eventpb.Campaign{Currency: "USD", MarginPpm: 400000, CommissionPpm: 100000,
				Contract: &eventpb.Contract{FixedFeeMinor: 3050,
					Rates: []*eventpb.Rate{{ProductId: "P", Ppm: 1}, {EsolTier: "gold", Ppm: 2}}, Tiers: []*eventpb.Tier{{FromMinor: 1000, Ppm: 3}},
					Versions: []*eventpb.RateVersion{{ValidFromMs: at, CommissionPpm: 4, Rates: []*eventpb.Rate{{ProductId: "Q", EsolTier: "gold", Ppm: 5}},
						Tiers: []*eventpb.Tier{{FromMinor: 600, Ppm: 7}, {FromMinor: 800, Ppm: 9}}}, {ValidFromMs: at + 1}},
					Base: "margin", CapOrderMinor: 100, CapItemMinor: 200, CapMonthMinor: 300, LockMs: 4, NoticeMs: 5, GuaranteeMinor: 600,
					CommitmentMinor: 700, Shortfall: "penalty", PenaltyPpm: 8, PayoutDelayMs: 9, PayoutMonthly: true, CloseMs: 10, MonthOffsetMs: -11}}}},
		{"campaign/L", `{"kind":"campaign","id":"L","currency":"USD","contract":{"legs":[{"party":"esol","ppm":1},{"party":"agency","ppm":2}]}}`,
			&eventpb.Catalog{Kind: "campaign", Id: "L", Campaign: &eventpb.Campaign{Currency: "USD",
				Contract: &eventpb.Contract{Legs: []*eventpb.Leg{{Party: "esol", Ppm: 1}, {Party: "agency", Ppm: 2}}}}}},
		{"payout/P1", `{"kind":"payout","id":"P1","campaign_id":"K","esol_id":"E","through":1788264000000}`,
			&eventpb.Catalog{Kind: "payout", Id: "P1", Payout: &eventpb.Payout{CampaignId: "K", EsolId: "E", ThroughMs: at}}},
		{"fx/USD-JPY", `{"kind":"fx","id":"USD-JPY","base":"USD","quote":"JPY","rate":"149.25","from":1788264000000}`,
			&eventpb.Catalog{Kind: "fx", Id: "USD-JPY", Fx: &eventpb.Fx{Base: "USD", Quote: "JPY", Rate: "149.25", FromMs: at}}},
	}
	d := testDecoder(t)
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			in := input(RawCatalog, tt.in)
			in.Key = []byte(tt.key)
			got, r := d.Decode(in)
			if r != nil {
				t.Fatal(r)
			}
			if got.Kind != eventpb.Kind_KIND_CATALOG || got.TimeMs != at || got.Id != "raw/3/41" || !proto.Equal(got.Catalog, tt.want) {
				t.Errorf("got %s\nwant %s", prototext.Format(got), prototext.Format(tt.want))
			}
			in.Value = nil
			got, r = d.Decode(in)
			if r != nil {
				t.Fatal(r)
			}
			if c := got.Catalog; !c.Deleted || c.Kind != tt.want.Kind || c.Id != tt.want.Id {
				t.Errorf("its deletion is %s", prototext.Format(got))
			}
			in.Key, in.Value = []byte("brand/other"), []byte(tt.in)
			if _, r = d.Decode(in); r == nil || r.Reason != BadField {
				t.Errorf("under another's key: %v", r)
			}
		})
	}
}

func TestDecodeRejects(t *testing.T) {
	const ok = `"time":1788264000000,"show_id":"S1"`
	tests := []struct {
		raw    Raw
		in     string
		reason Reason
		detail string // begins with
	}{
		{RawComments, `{` + ok + `,"text":"` + strings.Repeat("x", event.MaxRecordBytes) + `"}`, TooLarge, "expected at most 1048576"},
		{RawComments, "{" + ok + ",\"text\":\"caf\xe9\"}", InvalidUTF8, ""},
		{RawComments, `{` + ok + `,"text":"cut o`, MalformedJSON, "at byte"},
		{RawComments, ``, MalformedJSON, "at byte 0"},
		{RawComments, `[]`, MalformedJSON, "at byte 0"},
		{RawComments, `{` + ok + `,"kind":"shout","text":"x"}`, UnknownKind, "kind: expected comment or retract, got a string of 5"},
		{RawComments, `{"show_id":"S1","text":"x"}`, MissingField, "time:"},
		{RawComments, `{"time":1788264000000,"text":"x"}`, MissingField, "show_id:"},
		{RawComments, `{"time":1788264000000,"show_id":"","text":"x"}`, MissingField, "show_id:"},
		{RawComments, `{` + ok + `}`, MissingField, "text:"},
		{RawComments, `{` + ok + `,"kind":"retract"}`, MissingField, "retracts:"},
		{RawComments, `{` + ok + `,"text":5}`, BadField, "text: expected a string, got a number"},
		{RawComments, `{` + ok + `,"text":"` + strings.Repeat("x", maxTextBytes+1) + `"}`, BadField, "text: expected at most 8192 bytes, got a string of 8193"},
		{RawComments, `{` + ok + `,"text":"x","person_id":"` + strings.Repeat("x", 257) + `"}`, BadField, "person_id:"},
		{RawComments, `{` + ok + `,"text":"x","event_id":"a\u0000b"}`, BadField, "event_id:"},
		{RawComments, `{` + ok + `,"text":"x","role":"king"}`, BadField, "role:"},
		{RawComments, `{"time":"yesterday","show_id":"S1","text":"x"}`, BadTime, "time:"},
		{RawComments, `{"time":true,"show_id":"S1","text":"x"}`, BadTime, "time:"},
		{RawComments, `{"time":1788264300001,"show_id":"S1","text":"x"}`, TimeFuture, "time: expected at most 300000 ms ahead, got 300001"},
		{RawComments, `{"time":"2014-12-31T23:59:59.999Z","show_id":"S1","text":"x"}`, TimePast, "time: expected 2015-01-01T00:00:00Z or later, got 1 ms"},
		{RawReactions, `{` + ok + `}`, MissingField, "kind:"},
		{RawReactions, `{` + ok + `,"kind":"teleport"}`, UnknownKind, "kind:"},
		{RawReactions, `{"time":1788264000000,"kind":"like"}`, MissingField, "show_id:"},
		{RawReactions, `{` + ok + `,"kind":"like","count":-3}`, BadField, "count: expected an integer from 0"},
		{RawReactions, `{` + ok + `,"kind":"like","count":1.5}`, BadField, "count:"},
		{RawReactions, `{` + ok + `,"kind":"like","count":1000000001}`, BadField, "count:"},
		{RawReactions, `{` + ok + `,"kind":"viewers"}`, MissingField, "count:"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":"12.3.4","currency":"USD"}`, BadAmount, "amount:"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":"0.5","currency":"JPY"}`, BadAmount, "amount: expected no more decimals than JPY"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":"-1","currency":"JPY"}`, BadAmount, "amount: expected zero to"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":1e3,"currency":"JPY"}`, BadAmount, "amount:"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":{},"currency":"JPY"}`, BadAmount, "amount:"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":"12","currency":"ZZZ"}`, UnknownCurrency, "currency:"},
		{RawReactions, `{` + ok + `,"kind":"gift","amount":"12"}`, MissingField, "currency:"},
		{RawReactions, `{` + ok + `,"kind":"spend","currency":"USD"}`, MissingField, "amount:"},
		{RawOrders, `{` + ok + `,"status":"paid"}`, MissingField, "order_id:"},
		{RawOrders, `{` + ok + `,"order_id":"o"}`, MissingField, "status:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"lost"}`, BadField, "status:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","updated_at":"now"}`, BadTime, "updated_at:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":"5"}`, MissingField, "currency:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":"-5","currency":"JPY"}`, BadAmount, "amount:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","test":"yes"}`, BadField, "test:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":1,"currency":"JPY","lines":[{"product_id":"p","unit_price":1}]}`, MissingField, "quantity:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":1,"currency":"JPY","lines":[{"product_id":"p","quantity":1}]}`, MissingField, "unit_price:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":1,"currency":"JPY","lines":[{"quantity":1,"unit_price":1}]}`, MissingField, "product_id:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":1,"currency":"JPY","lines":[7]}`, BadField, "lines:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"paid","amount":1,"currency":"JPY","lines":[` + strings.Repeat(`{"product_id":"p","quantity":1,"unit_price":1},`, 1000) + `{}]}`, BadField, "lines: expected at most 1000"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"refunded","currency":"JPY","refunds":[{"amount":1}]}`, MissingField, "refund_id:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"refunded","currency":"JPY","refunds":[{"refund_id":"r"}]}`, MissingField, "amount:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"refunded","currency":"JPY","refunds":[{"refund_id":"r","amount":"1","lines":[{"quantity":1}]}]}`, MissingField, "product_id:"},
		{RawOrders, `{` + ok + `,"order_id":"o","status":"refunded","refunds":[{"refund_id":"r","amount":"1"}]}`, MissingField, "currency:"},
		{RawCatalog, `{"id":"X"}`, MissingField, "kind:"},
		{RawCatalog, `{"kind":"shop","id":"X"}`, UnknownKind, "kind:"},
		{RawCatalog, `{"kind":"brand"}`, MissingField, "id:"},
		{RawCatalog, `{"kind":"brand","id":"X"}`, BadField, "key:"},
	}
	d := testDecoder(t)
	for _, tt := range tests {
		_, r := d.Decode(input(tt.raw, tt.in))
		if r == nil || r.Reason != tt.reason || !strings.HasPrefix(r.Detail, tt.detail) {
			t.Errorf("%.120s\n got %v\nwant %s: %s…", tt.in, r, tt.reason, tt.detail)
		}
	}
}

// What a brand speaks is read by a fold, all of it: more than the limits is refused, not cut.
func TestCorpusAndTargetAreBounded(t *testing.T) {
	d := testDecoder(t)
	longest := `"` + strings.Repeat("あ", maxCorpusRunes) + `"`
	for value, detail := range map[string]string{
		`[` + strings.Repeat(longest+`,`, maxCorpusTexts-1) + longest + `]`: "",
		`[` + strings.Repeat(`"x",`, maxCorpusTexts) + `"x"]`:               "expected at most 200 texts",
		`["` + strings.Repeat("あ", maxCorpusRunes) + `x"]`:                  "expected texts of at most 1000 characters",
		`["x",7]`: "expected an array of strings",
		`"x"`:     "expected an array of strings",
	} {
		for _, field := range []string{"corpus", "target"} {
			in := input(RawCatalog, `{"kind":"brand","id":"B","`+field+`":`+value+`}`)
			in.Key = []byte("brand/B")
			_, r := d.Decode(in)
			if detail == "" && r != nil {
				t.Errorf("%s %.40s: %v", field, value, r)
			}
			if detail != "" && (r == nil || r.Reason != BadField || !strings.HasPrefix(r.Detail, field+": "+detail)) {
				t.Errorf("%s %.40s: %v, want %s", field, value, r, detail)
			}
		}
	}
}

func TestDecodeJudgesFutureByAppendTime(t *testing.T) {
	d := testDecoder(t)
	in := input(RawComments, `{"time":1788264300001,"show_id":"S1","text":"x"}`)
	in.RecordMS++
	if _, r := d.Decode(in); r == nil || r.Reason != TimeFuture {
		t.Errorf("by our clock: %v", r)
	}
	in.Appended = true
	if _, r := d.Decode(in); r != nil {
		t.Errorf("by the broker's clock: %v", r)
	}
}

func TestDecodeRejectsHoldNoContent(t *testing.T) {
	d := testDecoder(t)
	for _, in := range []string{
		`{"time":"secret","show_id":"secret","text":"secret"}`, `{"time":1,"show_id":"secret","text":"secret"}`,
		`{"time":1788264000000,"show_id":"secret","text":["secret"],"person_id":"secret"}`,
		`{"time":1788264000000,"show_id":"secret","kind":"secret"}`, `{"secret":secret}`,
	} {
		for raw := RawComments; raw <= RawCatalog; raw++ {
			if _, r := d.Decode(input(raw, in)); r == nil || strings.Contains(r.Detail, "secret") {
				t.Errorf("%s: %v", in, r)
			}
		}
	}
}

const benchComment = `{"event_id":"c-1093842-7781","time":"2026-09-01T12:00:00.123Z","show_id":"show-20260901-mika","esol_id":"mika",` +
	`"platform":"tiktok","person_id":"user-88412093","text":"これ絶対買う！イエベ秋でも似合うかな？","lang":"ja","role":"viewer","room":"main"}`

func BenchmarkDecodeComment(b *testing.B) {
	d := testDecoder(b)
	in := input(RawComments, benchComment)
	b.SetBytes(int64(len(benchComment)))
	b.ReportAllocs()
	for b.Loop() {
		if _, r := d.Decode(in); r != nil {
			b.Fatal(r)
		}
	}
}

func BenchmarkDecodeLike(b *testing.B) {
	d := testDecoder(b)
	in := input(RawReactions, `{"event_id":"l-1093842-7781","time":1788264000123,"show_id":"show-20260901-mika","platform":"tiktok","person_id":"user-88412093","kind":"like","count":3}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, r := d.Decode(in); r != nil {
			b.Fatal(r)
		}
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	d := testDecoder(t)
	for _, in := range []*Input{
		input(RawComments, benchComment),
		input(RawComments, `{"time":1788264000000,"show_id":"S1","text":"\u3042\ud83d\ude00\n","person_id":"\u0061"}`),
		input(RawReactions, `{"time":1788264000000,"show_id":"S1","kind":"gift","amount":"3","currency":"JPY"}`),
	} {
		if n := testing.AllocsPerRun(100, func() { d.Decode(in) }); n != 0 {
			t.Errorf("%v allocations: %s", n, in.Value)
		}
	}
}
