package explanation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/explanation"
	"github.com/netsu/netsu/operators/journey"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const noon = 1_788_264_000_000 // 2026-09-01T12:00Z

// document is of an order that a journey and a ledger were told of.
func document(t *testing.T) *explanation.Document {
	t.Helper()
	memory := [2]state.Memory{{}, {}}
	stores := [2]*state.Store{state.NewStore(memory[0], 0), state.NewStore(memory[1], 0)}
	journeys, err := journey.New(stores[0], 0)
	if err != nil {
		t.Fatal(err)
	}
	books, err := ledger.New(stores[1], 0)
	if err != nil {
		t.Fatal(err)
	}
	click := func(n uint64, before int64, esol string) *eventpb.Event {
		return &eventpb.Event{
			Kind: eventpb.Kind_KIND_PRODUCT_CLICK, IdLo: n, TimeMs: noon - before, PersonLo: 7, EsolId: esol, Channel: "web",
		}
	}
	next := []*eventpb.Event{
		{Kind: eventpb.Kind_KIND_CATALOG, Catalog: &eventpb.Catalog{Kind: "campaign", Id: "autumn",
			Campaign: &eventpb.Campaign{
				Currency: "USD", CommissionPpm: 100_000, AttributionModel: "linear", EsolIds: []string{"mika", "ren"},
			}}},
		click(1, 3_600_000, "mika"), click(2, 1_800_000, "other"), click(3, 60_000, "ren"), click(4, -1, "ren"),
		{Kind: eventpb.Kind_KIND_ORDER, IdLo: 9, TimeMs: noon, PersonLo: 7, Order: &eventpb.Order{
			OrderId: "o\x1b[1m", Version: 1, Status: eventpb.OrderStatus_ORDER_STATUS_PAID, HasAmount: true,
			AmountMinor: 1001, Currency: "USD", Refunds: []*eventpb.Refund{{RefundId: "r1", AmountMinor: 100}},
		}},
	}
	for len(next) > 0 {
		r := operators.Record{AppendMS: noon + 1000, Events: next}
		var out operators.Outputs
		if err := journeys.Apply(&r, &out); err != nil {
			t.Fatal(err)
		}
		var credits []*eventpb.Event
		for _, e := range next {
			if e.Kind == eventpb.Kind_KIND_CATALOG {
				credits = append(credits, e)
			}
		}
		next = nil
		for _, o := range out.Events {
			if o.Log == operators.LogJourneys {
				next = append(next, o.Event)
			} else {
				credits = append(credits, o.Event)
			}
		}
		credits = append(credits, &eventpb.Event{Kind: eventpb.Kind_KIND_TICK, Tick: &eventpb.Tick{}})
		r.Events = credits
		if err := books.Apply(&r, &operators.Outputs{}); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range stores {
		memory[i].Write(s.Cut())
	}
	e, err := journey.Explain(memory[0], "o\x1b[1m")
	if err != nil {
		t.Fatal(err)
	}
	var all []*ledger.Book
	for _, id := range explanation.Campaigns(e) {
		of, err := ledger.ReadBooks(memory[1], id, "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, of...)
	}
	d, err := explanation.With(e, all)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestText(t *testing.T) {
	var out strings.Builder
	if err := explanation.WriteText(&out, document(t)); err != nil {
		t.Fatal(err)
	}
	want := `ORDER "o\x1b[1m": paid
  ordered          2026-09-01T12:00:00.000Z
  paid             2026-09-01T12:00:00.000Z
  buyer            00000000000000000000000000000007
  names            nothing
  so by itself of  nothing
  amounts          created 10.01, paid 10.01, refunded 1.00, cancelled 0.00, net 9.01 USD
  refund           r1 of 1.00 USD

PART of brand unknown, products unknown: created 10.01, paid 10.01, refunded 1.00, cancelled 0.00, net 9.01

  under campaign autumn, which governs, by linear

  touch                     kind           surface  ESOL   show  product  counts              id
  2026-09-01T11:00:00.000Z  product_click  web      mika   -     -        yes                 00000000000000000000000000000001
  2026-09-01T11:30:00.000Z  product_click  web      other  -     -        no: other contract  00000000000000000000000000000002
  2026-09-01T11:59:00.000Z  product_click  web      ren    -     -        yes                 00000000000000000000000000000003
  2026-09-01T12:00:00.001Z  product_click  web      ren    -     -        no: after order     00000000000000000000000000000004

  model       ESOL  created  paid   refunded  cancelled  net   touches
  in force    mika  5.01     5.01   0.50      0.00       4.51  1
              ren   5.00     5.00   0.50      0.00       4.50  1
  last        ren   10.01    10.01  1.00      0.00       9.01  1
  first       mika  10.01    10.01  1.00      0.00       9.01  1
  linear *    mika  5.01     5.01   0.50      0.00       4.51  1
              ren   5.00     5.00   0.50      0.00       4.50  1
  time_decay  mika  4.99     4.99   0.49      0.00       4.50  1
              ren   5.02     5.02   0.51      0.00       4.51  1
  position    mika  5.01     5.01   0.50      0.00       4.51  1
              ren   5.00     5.00   0.50      0.00       4.50  1
  shapley     mika  5.01     5.01   0.50      0.00       4.51  1
              ren   5.00     5.00   0.50      0.00       4.50  1

CREDITED, in USD

  scope              created  paid   refunded  cancelled  net   in live  settles
  campaign/autumn    10.01    10.01  1.00      0.00       9.01  -        2026-09-15T12:00:00.000Z
  deal/6:autumnmika  5.01     5.01   0.50      0.00       4.51  -        2026-09-15T12:00:00.000Z
  deal/6:autumnren   5.00     5.00   0.50      0.00       4.50  -        2026-09-15T12:00:00.000Z
  esol/mika          5.01     5.01   0.50      0.00       4.51  -        2026-09-15T12:00:00.000Z
  esol/ren           5.00     5.00   0.50      0.00       4.50  -        2026-09-15T12:00:00.000Z

COMMISSION

  mika under autumn, for the esol: estimated 0.45, approved 0.00, payable 0.00, paid 0.00, clawed back 0.00 USD (on 4.51)

  #0  2026-09-01T12:00:01.000Z  brand:accrued  → esol:estimated  0.45  sale

  ren under autumn, for the esol: estimated 0.45, approved 0.00, payable 0.00, paid 0.00, clawed back 0.00 USD (on 4.50)

  #0  2026-09-01T12:00:01.000Z  brand:accrued  → esol:estimated  0.45  sale
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the text differs:\n%s\n%s", diff, out.String())
	}
}

func TestJSON(t *testing.T) {
	var out strings.Builder
	if err := explanation.WriteJSON(&out, document(t)); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Order, Status, Net string
		Models             []struct {
			Model  string
			Shares []struct{ Esol, Net string }
		}
		Commission []struct {
			Campaign, Esol, Party, Base, Estimated string
			Entries                                []struct{ Time, From, To, Amount, Why string }
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Order != "o\x1b[1m" || doc.Status != "paid" || doc.Net != "9.01" || len(doc.Models) != 6 ||
		doc.Models[0].Shares[0].Esol != "ren" || doc.Models[0].Shares[0].Net != "9.01" {
		t.Errorf("the order is %+v", doc)
	}
	if c := doc.Commission; len(c) != 2 || c[0].Esol != "mika" || c[0].Base != "4.51" || c[0].Estimated != "0.45" ||
		c[0].Entries[0].Amount != "0.45" || c[0].Entries[0].To != "esol:estimated" || c[1].Esol != "ren" {
		t.Errorf("the commission is %+v", c)
	}
}
