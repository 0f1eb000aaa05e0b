package journey_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const hour = 3600 * 1000

// shop is a fold over all partitions at once, and the credits that it has said last.
type shop struct {
	fold    operators.Fold
	store   *state.Store
	memory  state.Memory
	credits map[string]*eventpb.Credit // by "order scope"
}

func newShop(t rapid.TB) *shop {
	s := &shop{memory: state.Memory{}, credits: map[string]*eventpb.Credit{}}
	s.store = state.NewStore(s.memory, 0)
	var err error
	if s.fold, err = journey.New(s.store, 0); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *shop) apply(t rapid.TB, events ...*eventpb.Event) {
	for len(events) > 0 {
		var out operators.Outputs
		if err := s.fold.Apply(&operators.Record{Events: events}, &out); err != nil {
			t.Fatal(err)
		}
		events = nil
		for _, o := range out.Events {
			if o.Log == operators.LogJourneys {
				events = append(events, o.Event)
			} else {
				s.credits[o.Event.Credit.OrderId+" "+o.Event.Credit.Scope] = o.Event.Credit
			}
		}
	}
}

func (s *shop) explain(t rapid.TB, order string) *journey.Explanation {
	s.memory.Write(s.store.Cut())
	s.store.Written()
	before := len(s.memory)
	e, err := journey.Explain(s.memory, order)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.memory) != before {
		t.Fatal("explaining has changed the state")
	}
	return e
}

func entry(kind, id string, fill func(*eventpb.Catalog)) *eventpb.Event {
	c := &eventpb.Catalog{Kind: kind, Id: id}
	fill(c)
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: c}
}

func campaign(id string, c *eventpb.Campaign) *eventpb.Event {
	return entry("campaign", id, func(e *eventpb.Catalog) { e.Campaign = c })
}

func clicked(n uint64, at int64, esol string, more ...func(*eventpb.Event)) *eventpb.Event {
	e := &eventpb.Event{
		Kind: eventpb.Kind_KIND_PRODUCT_CLICK, IdLo: n, TimeMs: at, PersonLo: 7, EsolId: esol, Channel: "web",
	}
	for _, f := range more {
		f(e)
	}
	return e
}

func bought(id string, at, amount, back int64, lines ...*eventpb.OrderLine) *eventpb.Event {
	e := &eventpb.Event{
		Kind: eventpb.Kind_KIND_ORDER, IdLo: uint64(at), TimeMs: at, PersonLo: 7,
		Order: &eventpb.Order{
			OrderId: id, Version: 1, Status: eventpb.OrderStatus_ORDER_STATUS_PAID, HasAmount: true, AmountMinor: amount,
			Currency: "USD", Lines: lines,
		},
	}
	if back != 0 {
		e.Order.Refunds = []*eventpb.Refund{{RefundId: "r", AmountMinor: back}}
	}
	return e
}

func lineOf(brand, product string, price int64) *eventpb.OrderLine {
	return &eventpb.OrderLine{LineId: product, BrandId: brand, ProductId: product, Quantity: 1, UnitPriceMinor: price}
}

var ticks = slices.Repeat([]*eventpb.Event{{Kind: eventpb.Kind_KIND_TICK, Tick: &eventpb.Tick{}}}, 3)

// Why each touch counts, or does not.
func TestExplainedTouches(t *testing.T) {
	s := newShop(t)
	s.apply(t,
		campaign("spring", &eventpb.Campaign{
			BrandId: "a", EsolIds: []string{"e", "f"}, AttributionModel: "linear", ClosesOnOrder: true,
			Windows: []*eventpb.Window{{Surface: "email", WindowMs: hour}},
		}),
		entry("product", "q", func(c *eventpb.Catalog) { c.Product = &eventpb.Product{BrandId: "b"} }),
		clicked(1, 1*hour, "f"),
		clicked(2, 3*hour, "z"),
		clicked(3, 4*hour, ""),
		clicked(4, 5*hour, "e", func(e *eventpb.Event) { e.ProductId = "q" }),
		clicked(5, 6*hour, "e", func(e *eventpb.Event) { e.Channel = "email" }),
		clicked(90, 11*hour, "e"),
		bought("earlier", 2*hour, 500, 0, lineOf("a", "p", 500)),
	)
	for n := range uint64(12) { // of no product the person keeps 16
		s.apply(t, clicked(20+n, 7*hour+int64(n), "e"))
	}
	late := bought("o", 10*hour, 1000, 0, lineOf("a", "p", 1000))
	late.EsolId, late.Order.Code = "e", "E10"
	s.apply(t, late)
	for n := range uint64(5) {
		s.apply(t, clicked(10+n, 8*hour+int64(n), "f", func(e *eventpb.Event) { e.ProductId = "p" }))
	}
	e := s.explain(t, "o")
	why := map[string]int{}
	for _, touch := range e.Parts[0].Verdicts[0].Touches {
		if (touch.Why == "") != touch.Counts || (touch.SpentBy == "earlier") != (touch.Why == "spent") {
			t.Errorf("%+v", touch)
		}
		why[touch.Why]++
	}
	want := map[string]int{
		"": 16, "beyond_16": 2, "spent": 1, "other_contract": 1, "organic": 1, "other_product": 1, "outside_window": 1,
		"after_order": 1,
	}
	if fmt.Sprint(why) != fmt.Sprint(want) {
		t.Errorf("touches do not count for %v, want %v", why, want)
	}
	v := e.Parts[0].Verdicts[0]
	last := v.Touches[len(v.Touches)-1]
	if last.ID != "order" || last.Kind != "order" || last.Esol != "e" || last.Surface != "code" || !last.Counts {
		t.Errorf("the order itself: %+v", last)
	}
	if first := v.Touches[0]; first.Kind != "product_click" || first.ID != (event.ID{Lo: 1}).String() ||
		first.WindowMS != 30*24*hour {
		t.Errorf("the first touch: %+v", first)
	}
}

// The worked case: two brands, one of them shared by a campaign, and a refund.
func TestExplanation(t *testing.T) {
	s := newShop(t)
	s.apply(t,
		entry("show", "s", func(c *eventpb.Catalog) { c.Show = &eventpb.Show{EsolId: "e", EndMs: 9 * hour} }),
		entry("esol", "e", func(c *eventpb.Catalog) {
			c.Esol = &eventpb.Esol{Persons: []*eventpb.PersonId{{Lo: 7}}}
		}),
		campaign("spring", &eventpb.Campaign{BrandId: "a", EsolIds: []string{"e", "f"}, AttributionModel: "linear"}),
		clicked(1, 1*hour, "f"), clicked(2, 2*hour, "f"),
	)
	o := bought("o", 3*hour, 1000, 100, lineOf("a", "p", 700), lineOf("b", "q", 300))
	o.ShowId = "s"
	o.Order.Refunds = append(o.Order.Refunds, &eventpb.Refund{RefundId: "r", AmountMinor: 1})
	s.apply(t, o)
	foreign := bought("o", 4*hour, 1000, 0)
	foreign.Order.HasAmount, foreign.Order.Version, foreign.Order.Currency = false, 2, "EUR"
	foreign.Order.Refunds = []*eventpb.Refund{{RefundId: "x", AmountMinor: 5}}
	s.apply(t, foreign)
	e := s.explain(t, "o")
	if e.Status != "paid" || e.Net.String() != "9.00" || e.Sale.Esol != "e" || !e.Sale.InLive || e.Names.Show != "s" ||
		!slices.Equal(e.Sale.Campaigns, []string{"spring"}) || len(e.People) != 1 {
		t.Errorf("the order is %+v", e)
	}
	if len(e.Refunds) != 2 || !e.Refunds[0].Counted || e.Refunds[1].Counted || e.Refunds[1].Currency != "EUR" {
		t.Errorf("refunds are %+v", e.Refunds)
	}
	if len(e.Holds) != 2 || e.Holds[1].Name != "self_purchase" || !slices.Equal(e.Holds[1].Esols, []string{"e"}) ||
		!slices.Equal(e.Holds[0].Esols, []string{"e", "f"}) || strings.Contains(fmt.Sprint(e.Holds), ": }") {
		t.Errorf("holds are %+v", e.Holds)
	}
	a, b := e.Parts[0], e.Parts[1]
	if a.Brand != "a" || a.Net.String() != "6.30" || b.Net.String() != "2.70" || b.Verdicts[0].Model != "" {
		t.Errorf("parts are %+v", e.Parts)
	}
	if got := nets(a.Verdicts[0].Shares); got != "e 2.10 f 4.20" || !a.Verdicts[0].Current {
		t.Errorf("brand a is of %s", got)
	}
	for model, want := range map[string]string{
		"last": "e 9.00", "first": "f 9.00", "linear": "e 3.00 f 6.00", "shapley": "e 4.50 f 4.50",
	} {
		i := slices.IndexFunc(e.Models, func(m journey.Modelled) bool { return m.Model == model })
		if got := nets(e.Models[i].Shares); got != want {
			t.Errorf("%s: %s, want %s", model, got, want)
		}
	}

	doc, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"order":"o","status":"paid","currency":"USD","ordered_at":"1970-01-01T03:00:00.000Z"`,
		`"people":["00000000000000000000000000000007"]`, `"created":"10.00","paid":"10.00","refunded":"1.00"`,
		`{"id":"x","amount":"0.05","currency":"EUR","counted":false,"lines":0}`,
		`"scope":"deal/6:springf","campaign":"spring","esol":"f","model":"linear"`,
	} {
		if !strings.Contains(string(doc), part) {
			t.Errorf("there is no %s in %s", part, doc)
		}
	}
}

func nets(shares []journey.Shared) string {
	var all []string
	for _, s := range shares {
		all = append(all, s.Esol+" "+s.Net.String())
	}
	return strings.Join(all, " ")
}

// A buyer of several pseudonyms is followed to the one that answers.
func TestExplainedPeople(t *testing.T) {
	s := newShop(t)
	s.apply(t, campaign("spring", &eventpb.Campaign{AttributionModel: "last"}))
	other := clicked(1, 1*hour, "f")
	other.PersonLo = 5
	s.apply(t, other, bought("o", 2*hour, 1000, 0), &eventpb.Event{
		Kind: eventpb.Kind_KIND_IDENTITY, IdLo: 1, PersonLo: 7, OtherLo: 5, Count: 1,
	})
	e := s.explain(t, "o")
	if len(e.People) != 2 || nets(e.Models[0].Shares) != "f 10.00" || !e.Parts[0].Verdicts[0].Current {
		t.Errorf("people %v, %+v", e.People, e.Models[0])
	}

	// Rows are read one after the other.
	rows, held := s.memory, state.Memory{}
	for key, value := range rows {
		if journey.InExplanation(key, "o") {
			held[key] = value
		}
	}
	for known := 0; ; known++ {
		people, err := journey.People(held, "o")
		if err != nil {
			t.Fatal(err)
		}
		if known == len(people) {
			break
		}
		row := journey.PersonRow(people[known])
		held[row] = rows[row]
	}
	again, err := journey.Explain(held, "o")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := asJSON(t, e), asJSON(t, again); a != b {
		t.Errorf("of the rows that are needed:\n%s\nof all:\n%s", b, a)
	}
}

func asJSON(t rapid.TB, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOrdersWithoutAnExplanation(t *testing.T) {
	s := newShop(t)
	test := bought("test", hour, 1000, 0)
	test.Order.Test = true
	bare := bought("bare", hour, 0, 0)
	bare.Order.HasAmount = false
	unknown := bought("unknown", hour, 1000, 0)
	unknown.PersonLo, unknown.EsolId = 0, "e"
	s.apply(t, test, bare, unknown)
	for _, order := range []string{"test", "bare"} {
		if e := s.explain(t, order); e.Uncounted == "" || len(e.Credits) > 0 || len(e.Parts) > 0 {
			t.Errorf("%s: %+v", order, e)
		}
	}
	e := s.explain(t, "unknown")
	if len(e.People) > 0 || len(e.Models) > 0 || nets(e.Parts[0].Verdicts[0].Shares) != "e 10.00" {
		t.Errorf("without a buyer: %+v", e)
	}
	if _, err := journey.Explain(s.memory, "other"); !errors.Is(err, journey.ErrUnknownOrder) {
		t.Errorf("an order that is not known: %v", err)
	}
}

// What an answer was made of may have gone; the answer stands, and that is said.
func TestAnAnswerThatStands(t *testing.T) {
	s := newShop(t)
	s.apply(t, campaign("spring", &eventpb.Campaign{AttributionModel: "last"}), clicked(1, 1*hour, "f"),
		bought("o", 2*hour, 1000, 0))
	s.apply(t, clicked(2, 60*24*hour, "e"))
	e := s.explain(t, "o")
	if v := e.Parts[0].Verdicts[0]; v.Current || nets(v.Shares) != "f 10.00" || nets(v.Models[0].Shares) != " 10.00" {
		t.Errorf("%+v", v)
	}
}

// Every model sums to the order, and to each part of it; the model in force is what the fold has said, credit by
// credit, once all sweeps have ended.
func TestExplanationsAddUp(t *testing.T) {
	shared := 0
	rapid.Check(t, func(t *rapid.T) {
		s := newShop(t)
		pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
		for _, id := range []string{"c1", "c2"} {
			s.apply(t, campaign(id, &eventpb.Campaign{
				BrandId:          pick("brand", "", "a", "b"),
				AttributionModel: pick("model", "", "linear", "position", "time_decay", "last"),
				EsolIds:          rapid.SampledFrom([][]string{nil, {"e"}, {"e", "f"}}).Draw(t, "esols"),
				Rounding:         pick("rounding", "", "webster"), OrganicCounts: rapid.Bool().Draw(t, "organic"),
				ClosesOnOrder: rapid.Bool().Draw(t, "closes"),
			}))
		}
		for n := range rapid.Uint64Range(0, 20).Draw(t, "touches") {
			s.apply(t, clicked(n+1, rapid.Int64Range(0, 60).Draw(t, "time")*hour, pick("esol", "", "e", "f", "g")))
		}
		for i, id := range []string{"o", "n"} {
			at := rapid.Int64Range(40, 50).Draw(t, "ordered")*hour + int64(i)
			e := bought(id, at, rapid.Int64Range(0, 5000).Draw(t, "amount"), rapid.Int64Range(0, 3000).Draw(t, "back"), lineOf("a", "p", 100),
				lineOf("b", "q", rapid.Int64Range(0, 500).Draw(t, "price")))
			e.EsolId, e.CampaignId = pick("named", "", "", "e"), pick("under", "", "c1")
			e.Order.Status = rapid.SampledFrom([]eventpb.OrderStatus{1, 2, 3, 4}).Draw(t, "status")
			s.apply(t, e)
		}
		s.apply(t, ticks...)
		for _, order := range []string{"o", "n"} {
			e := s.explain(t, order)
			inForce := map[string]int64{}
			for _, p := range e.Parts {
				for i, v := range p.Verdicts {
					if !v.Current {
						t.Fatalf("%+v is not what the fold has said", v)
					}
					sums(t, v.Shares, p.Amounts)
					for _, m := range v.Models {
						sums(t, m.Shares, p.Amounts)
						if m.Model == v.Model && asJSON(t, m.Shares) != asJSON(t, v.Shares) {
							t.Fatalf("in force is %+v, and the model says %+v", v.Shares, m.Shares)
						}
					}
					for _, share := range v.Shares {
						if i == 0 {
							inForce[share.Esol] += share.Net.Minor
						}
					}
					if len(v.Shares) > 1 {
						shared++
					}
				}
			}
			if len(e.Models) != 6 {
				t.Fatalf("%d models", len(e.Models))
			}
			for i, m := range e.Models {
				sums(t, m.Shares, e.Amounts)
				if m.Model != (attribution.Last + attribution.Model(i)).String() {
					t.Fatalf("model %d is %s", i, m.Model)
				}
			}
			for _, c := range e.Credits {
				said := s.credits[order+" "+c.Scope]
				if !c.Said || said.GetNetMinor() != c.Net.Minor || said.GetRefundedMinor() != c.Refunded.Minor {
					t.Fatalf("%+v is not what was said: %v", c, said)
				}
				if c.Scope == "esol/"+c.Esol && inForce[c.Esol] != c.Net.Minor {
					t.Fatalf("%s has %d in the parts, and %+v", c.Esol, inForce[c.Esol], c)
				}
			}
		}
	})
	if shared < 20 {
		t.Errorf("only %d parts were shared", shared)
	}
}

// sums holds shares against what they are of.
func sums(t rapid.TB, shares []journey.Shared, whole journey.Amounts) {
	var sum [5]int64
	for _, s := range shares {
		for i, a := range layers(s.Amounts) {
			sum[i] += a
		}
	}
	if sum != layers(whole) {
		t.Fatalf("shares sum to %v, not to %v", sum, layers(whole))
	}
}

func layers(a journey.Amounts) [5]int64 {
	return [5]int64{a.Created.Minor, a.Paid.Minor, a.Refunded.Minor, a.Cancelled.Minor, a.Net.Minor}
}
