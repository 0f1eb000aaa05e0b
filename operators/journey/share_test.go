package journey

import (
	"fmt"
	"slices"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// spring is a campaign of brand a under a model, with ESOLs e and f; show s is e's.
func spring(model string, change func(*eventpb.Campaign)) []*eventpb.Event {
	c := &eventpb.Campaign{BrandId: "a", EsolIds: []string{"e", "f"}, AttributionModel: model}
	if change != nil {
		change(c)
	}
	return []*eventpb.Event{
		catalogEntry("campaign", "spring", func(e *eventpb.Catalog) { e.Campaign = c }),
		catalogEntry("show", "s", func(e *eventpb.Catalog) { e.Show = &eventpb.Show{EsolId: "e", EndMs: 10 * hourMS} }),
	}
}

func touched(id uint64, atMS int64, change func(*eventpb.Event)) *eventpb.Event {
	e := &eventpb.Event{Kind: eventpb.Kind_KIND_TOUCH, IdLo: id, TimeMs: atMS, PersonLo: 7}
	change(e)
	return e
}

func of(esol string) func(*eventpb.Event) { return func(e *eventpb.Event) { e.EsolId = esol } }

// sold is a version of an order on the web, of brand a and of person 7, that names neither show nor ESOL.
func sold(
	order string, n, atMS int64, status eventpb.OrderStatus, amount int64, refunds ...*eventpb.Refund,
) *eventpb.Event {
	l := &eventpb.OrderLine{LineId: "l", ProductId: "p", BrandId: "a", Quantity: 1, UnitPriceMinor: 5}
	e := version(n, status, amount, l)
	e.ShowId, e.EsolId, e.TimeMs, e.PersonLo = "", "", atMS, 7
	e.Order.OrderId, e.Order.Refunds = order, refunds
	return e
}

func (d *desk) expect(t *testing.T, want map[string]string) {
	t.Helper()
	for key, v := range want {
		if got := d.net(key); got != v {
			t.Errorf("%s: %s, want %s", key, got, v)
		}
	}
}

// A campaign's model shares an order among those whose touches led to it; a late touch and a refund share it anew.
func TestAnOrderIsShared(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(
		touched(1, hourMS, func(e *eventpb.Event) { e.ShowId = "s" }), touched(2, 2*hourMS, of("f")),
		sold("o", 1, 12*hourMS, paid, 1000),
	)
	d.expect(t, map[string]string{
		"esol/e o": "500-0-0=500 USD", "esol/f o": "500-0-0=500 USD", "show/s o": "500-0-0=500 USD",
		"campaign/spring o": "1000-0-0=1000 USD", "deal/6:springe o": "500-0-0=500 USD", "brand/a o": "1000-0-0=1000 USD",
	})
	if c := d.credits["deal/6:springe o"]; c.Model != "linear" || c.InLive || c.CampaignId != "spring" ||
		c.EsolId != "e" || c.BrandId != "a" || !slices.Equal(c.Touches, []string{"00000000000000000000000000000001"}) ||
		c.SettlesMs != 12*hourMS+defaultReturnWindowMS {
		t.Errorf("the deal is %v", c)
	}
	d.apply(touched(3, 11*hourMS, of("e")))
	d.expect(t, map[string]string{
		"esol/e o": "667-0-0=667 USD", "esol/f o": "333-0-0=333 USD", "show/s o": "333-0-0=333 USD",
	})
	d.apply(sold("o", 2, 13*hourMS, partially, 1000, refund("r", 1)))
	d.expect(t, map[string]string{"esol/e o": "667-1-0=666 USD", "esol/f o": "333-0-0=333 USD"})
	d.apply(sold("o", 3, 14*hourMS, cancelled, 1000, refund("r", 1)))
	d.expect(t, map[string]string{"esol/e o": "667-1-666=0 USD", "esol/f o": "333-0-333=0 USD"})
	d.apply(sold("o", 4, 14*hourMS, refunded, 1000, refund("r", 1000)))
	d.expect(t, map[string]string{"esol/e o": "667-667-0=0 USD", "esol/f o": "333-333-0=0 USD"})
	said := d.said
	d.apply(touched(3, 11*hourMS, of("e")), touched(4, 15*hourMS, of("f")), tick)
	if d.said != said {
		t.Errorf("said %d credits for a touch seen before and one after the order", d.said-said)
	}
}

// Whose touches count, and for whom.
func TestWhoIsShared(t *testing.T) {
	inShow := func(show string) func(*eventpb.Event) { return func(e *eventpb.Event) { e.ShowId = show } }
	clicked := func(product string) func(*eventpb.Event) {
		return func(e *eventpb.Event) { e.EsolId, e.ProductId = "f", product }
	}
	late := catalogEntry("show", "u", func(e *eventpb.Catalog) {
		e.Show = &eventpb.Show{EsolId: "z", CampaignIds: []string{"spring"}}
	})
	code := catalogEntry("esol", "f", func(e *eventpb.Catalog) { e.Esol = &eventpb.Esol{Codes: []string{"F10"}} })
	named := sold("o", 1, 12*hourMS, paid, 1000)
	named.ShowId = "s"
	coupon := sold("o", 1, 12*hourMS, paid, 1000)
	coupon.Order.Code = "F10"
	order := sold("o", 1, 12*hourMS, paid, 1000)
	unknown := sold("o", 1, 12*hourMS, paid, 1000)
	unknown.PersonLo = 0
	organic := spring("linear", func(c *eventpb.Campaign) { c.OrganicCounts = true })
	closes := spring("linear", func(c *eventpb.Campaign) { c.ClosesOnOrder = true })
	plain := spring("linear", nil)
	for _, c := range []struct {
		name    string
		catalog []*eventpb.Event
		events  []*eventpb.Event
		want    map[string]string
	}{
		{"nobody touched", plain, []*eventpb.Event{order}, map[string]string{
			"esol/e o": "none", "campaign/spring o": "none", "brand/a o": "1000-0-0=1000 USD"}},
		{"the order names a show: that is a touch", plain, []*eventpb.Event{touched(1, 0, of("f")), named}, map[string]string{
			"esol/e o": "500-0-0=500 USD", "esol/f o": "500-0-0=500 USD", "show/s o": "1000-0-0=1000 USD"}},
		{"the order names a code", append(plain, code), []*eventpb.Event{coupon}, map[string]string{
			"esol/f o": "1000-0-0=1000 USD", "deal/6:springf o": "1000-0-0=1000 USD"}},
		{"an ESOL of no contract here", plain, []*eventpb.Event{touched(1, 0, of("z")), touched(2, 0, of("f")), order},
			map[string]string{"esol/z o": "none", "esol/f o": "1000-0-0=1000 USD"}},
		{"but of a show under it", append(plain, late), []*eventpb.Event{touched(1, 0, inShow("u")), order},
			map[string]string{"esol/z o": "1000-0-0=1000 USD", "deal/6:springz o": "1000-0-0=1000 USD"}},
		{"or of a link of it", plain,
			[]*eventpb.Event{touched(1, 0, func(e *eventpb.Event) { e.EsolId, e.CampaignId = "z", "spring" }), order},
			map[string]string{"esol/z o": "1000-0-0=1000 USD"}},
		{"a click on something else", plain, []*eventpb.Event{touched(1, 0, clicked("q")), order},
			map[string]string{"esol/f o": "none"}},
		{"organic touches do not count", plain,
			[]*eventpb.Event{touched(1, 0, of("")), touched(2, 0, of("f")), order},
			map[string]string{"esol/f o": "1000-0-0=1000 USD"}},
		{"unless they do, for nobody", organic,
			[]*eventpb.Event{touched(1, 0, of("")), touched(2, 0, of("f")), order},
			map[string]string{"esol/f o": "500-0-0=500 USD", "campaign/spring o": "500-0-0=500 USD"}},
		{"the buyer is not known", plain, []*eventpb.Event{touched(1, 0, of("f")), unknown},
			map[string]string{"esol/f o": "none"}},
		{"a touch that an order has spent", closes,
			[]*eventpb.Event{touched(1, 0, of("f")), order, sold("n", 1, 11*hourMS, paid, 1000)},
			map[string]string{"esol/f n": "1000-0-0=1000 USD", "esol/f o": "none"}},
		{"a word that is no model", spring("last_touch", nil), []*eventpb.Event{touched(1, 0, of("f")), named},
			map[string]string{"esol/e o": "1000-0-0=1000 USD", "esol/f o": "none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			first, last := newDesk(t), newDesk(t)
			first.apply(c.catalog...)
			first.apply(c.events...)
			slices.Reverse(c.events)
			last.apply(c.events...)
			last.apply(c.catalog...)
			last.apply(tick, tick, tick)
			first.expect(t, c.want)
			last.expect(t, c.want)
		})
	}
}

// An order in the show is in live, one after it is not.
func TestInLiveAndAfter(t *testing.T) {
	for at, want := range map[int64]bool{9 * hourMS: true, 11 * hourMS: false} {
		d := newDesk(t)
		d.apply(spring("last", nil)...)
		e := sold("o", 1, at, paid, 1000)
		e.ShowId = "s"
		d.apply(touched(1, hourMS, func(e *eventpb.Event) { e.ShowId = "s" }), e, sold("p", 1, at, paid, 1000))
		for _, key := range []string{"esol/e o", "show/s o", "deal/6:springe o", "esol/e p", "show/s p"} {
			if c := d.credits[key]; c.GetInLive() != want {
				t.Errorf("%s of an order at %d h: in live %v", key, at/hourMS, c.GetInLive())
			}
		}
		if got := d.credits["esol/e o"].GetTouches(); !slices.Equal(got, []string{"order"}) {
			t.Errorf("the last touch is %v", got)
		}
	}
}

// Each product has what was paid and given back for it.
func TestLines(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(touched(1, 0, of("e")), touched(2, 0, of("f")))
	e := sold("o", 1, hourMS, paid, 1000, refund("r", 100, &eventpb.OrderLine{LineId: "2", Quantity: 1}), refund("s", 90))
	e.Order.Lines = []*eventpb.OrderLine{
		{LineId: "1", ProductId: "q", BrandId: "a", Quantity: 1, UnitPriceMinor: 600},
		{LineId: "2", ProductId: "p", BrandId: "a", Quantity: 4, UnitPriceMinor: 100},
	}
	d.apply(e)
	// p: 400 paid, 100 and a third of 90 back; q: 600 paid, two thirds of 90 back. Each ESOL has half.
	if got := fmt.Sprint(d.credits["deal/6:springe o"].Lines); got != fmt.Sprint([]*eventpb.CreditLine{
		{ProductId: "p", Units: 2, PaidMinor: 200, NetMinor: 135}, {ProductId: "q", PaidMinor: 300, NetMinor: 270},
	}) {
		t.Errorf("lines are %v", got)
	}
}

// Holds say why, and take nothing.
func TestHolds(t *testing.T) {
	self := catalogEntry("esol", "e", func(e *eventpb.Catalog) {
		e.Esol = &eventpb.Esol{Persons: []*eventpb.PersonId{{Lo: 7}}}
	})
	orders := func(n int64, apart int64, status eventpb.OrderStatus) (all []*eventpb.Event) {
		for i := range n {
			e := sold(fmt.Sprint("o", i), 1, (i+1)*apart, status, 1000)
			e.EsolId = "e"
			all = append(all, e)
		}
		return all
	}
	click := touched(1, hourMS-1999, func(e *eventpb.Event) { e.Kind = eventpb.Kind_KIND_PRODUCT_CLICK })
	slow := touched(1, hourMS-2000, func(e *eventpb.Event) { e.Kind = eventpb.Kind_KIND_PRODUCT_CLICK })
	for _, c := range []struct {
		name   string
		events []*eventpb.Event
		want   string // of the last order
	}{
		{"one", orders(1, hourMS, paid), "[]"},
		{"six in an hour", orders(6, 60_000, paid), "[brushing]"},
		{"five in an hour", orders(5, 60_000, paid), "[]"},
		{"six in more", orders(6, hourMS/4, paid), "[]"},
		{"three given back", orders(3, dayMS, refunded), "[order_then_refund]"},
		{"two given back", orders(2, dayMS, refunded), "[]"},
		{"three of five", append(orders(5, dayMS, paid), orders(3, dayMS, refunded)...), "[]"},
		{"three of four", append(orders(4, dayMS, paid), orders(3, dayMS, refunded)...), "[order_then_refund]"},
		{"at once", append(orders(1, hourMS, paid), click), "[click_to_order]"},
		{"after two seconds", append(orders(1, hourMS, paid), slow), "[]"},
		{"the ESOL", append(orders(1, hourMS, paid), self), "[self_purchase]"},
	} {
		for _, model := range []string{"", "last"} {
			t.Run(c.name+" "+model, func(t *testing.T) {
				d := newDesk(t)
				for i := range c.events {
					if o := c.events[i].Order; o != nil { // each event is another version
						c.events[i].IdLo = uint64(i + 1)
						o.Version = int64(i)
					}
				}
				d.apply(spring(model, nil)...)
				d.apply(c.events...)
				d.apply(tick, tick)
				last := ""
				for _, e := range c.events {
					last = max(last, e.GetOrder().GetOrderId())
				}
				for _, scope := range []string{"esol/e ", "deal/6:springe "} {
					v := d.credits[scope+last]
					if got := fmt.Sprint(v.GetHolds()); got != c.want || v.GetCreatedMinor() != 1000 {
						t.Errorf("%s is held for %s, want %s, and has %d", scope, got, c.want, v.GetCreatedMinor())
					}
				}
				if v := d.credits["brand/a "+last]; len(v.Holds) > 0 {
					t.Error("a brand is held")
				}
			})
		}
	}
}

// An order whose buyer turns out to be another leaves the first with nothing to answer for, holds included.
func TestTheBuyerChanges(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(touched(1, hourMS-1, func(e *eventpb.Event) { e.Kind, e.EsolId = eventpb.Kind_KIND_PRODUCT_CLICK, "e" }))
	other := touched(2, 0, of("f"))
	other.PersonLo = 8
	d.apply(other, sold("o", 1, hourMS, paid, 1000))
	if c := d.credits["esol/e o"]; len(c.GetHolds()) != 1 {
		t.Errorf("before: %v", c)
	}
	moved := sold("o", 2, hourMS, paid, 1000)
	moved.PersonLo = 8
	d.apply(moved)
	d.expect(t, map[string]string{"esol/e o": "none", "esol/f o": "1000-0-0=1000 USD"})
	if c := d.credits["esol/f o"]; len(c.GetHolds()) != 0 {
		t.Errorf("after: %v", c)
	}
	if p, _, _ := d.fold.persons.Get("00000000000000000000000000000007"); len(p.Purchases) != 0 {
		t.Errorf("the first keeps %v", p.Purchases)
	}
}

func identity(n uint64, atMS int64, greater, lesser uint64, same int64) *eventpb.Event {
	return &eventpb.Event{
		Kind: eventpb.Kind_KIND_IDENTITY, IdLo: n, TimeMs: atMS, PersonLo: greater, OtherLo: lesser, Count: same,
	}
}

func by(person uint64, e *eventpb.Event) *eventpb.Event {
	e.PersonLo = person
	return e
}

// Two pseudonyms that are one human share what each did and bought, until they are parted again, through a third too.
func TestPseudonymsAreJoined(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(by(5, touched(1, 0, of("e"))), by(9, touched(2, 0, of("f"))), sold("o", 1, hourMS, paid, 1000))
	d.expect(t, map[string]string{"esol/e o": "none", "esol/f o": "none"})
	d.apply(identity(1, 10, 7, 5, 1))
	d.expect(t, map[string]string{"esol/e o": "1000-0-0=1000 USD", "esol/f o": "none"})
	d.apply(identity(2, 11, 9, 7, 1))
	d.expect(t, map[string]string{"esol/e o": "500-0-0=500 USD", "esol/f o": "500-0-0=500 USD"})
	d.apply(by(9, touched(3, 1, of("f"))), by(9, touched(3, 1, of("f"))))
	d.expect(t, map[string]string{"esol/e o": "333-0-0=333 USD", "esol/f o": "667-0-0=667 USD"})
	d.apply(identity(3, 9, 7, 5, 0)) // older than what is known
	d.expect(t, map[string]string{"esol/e o": "333-0-0=333 USD"})
	d.apply(identity(4, 12, 7, 5, 0))
	d.expect(t, map[string]string{"esol/e o": "none", "esol/f o": "1000-0-0=1000 USD"})
	d.apply(identity(5, 13, 9, 7, 0))
	d.expect(t, map[string]string{"esol/e o": "none", "esol/f o": "none"})
	if _, p, _ := d.fold.person(0, 5); len(p.Lent) != 0 {
		t.Errorf("a loan is left: %v", p.Lent)
	}
}

// The bounds of what an order asks: the rest stays with its own ESOL.
func TestQuestionsAreBounded(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", func(c *eventpb.Campaign) { c.BrandId = "" })...)
	e := sold("o", 1, hourMS, paid, 100_000)
	e.EsolId, e.Order.Lines = "e", nil
	for i := range 100 {
		e.Order.Lines = append(e.Order.Lines, &eventpb.OrderLine{
			LineId: fmt.Sprint(i), ProductId: fmt.Sprint(i), BrandId: fmt.Sprintf("b%03d", i), Quantity: 1, UnitPriceMinor: 1000,
		})
	}
	d.apply(touched(1, 0, of("f")), e)
	d.expect(t, map[string]string{ // f has half of 32 brands
		"esol/f o": "16000-0-0=16000 USD", "esol/e o": "84000-0-0=84000 USD", "campaign/spring o": "100000-0-0=100000 USD",
	})
	_, p, _ := d.fold.person(0, 7)
	if n := len(p.Purchases[0].Purchase.Parts); n != maxAsked {
		t.Errorf("%d parts are asked about", n)
	}
}

// While a backlog is read, touches are ahead of the purchases before them. Neither shares nor holds may depend on it.
func TestAPurchaseComesBehindLaterTouches(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(touched(1, 3*hourMS-1000, func(e *eventpb.Event) { e.Kind, e.EsolId = eventpb.Kind_KIND_PRODUCT_CLICK, "f" }))
	for i := range int64(100) {
		d.apply(touched(uint64(10+i), 4*hourMS+i, of("e")))
	}
	d.apply(sold("o", 1, 3*hourMS, paid, 1000))
	d.expect(t, map[string]string{"esol/f o": "1000-0-0=1000 USD", "deal/6:springf o": "1000-0-0=1000 USD"})
	if got := fmt.Sprint(d.credits["esol/f o"].GetHolds()); got != "[click_to_order]" {
		t.Errorf("held for %s", got)
	}
}

// Touches that do not count under a campaign push out none that do, also once they are old.
func TestOtherTouchesPushOutNone(t *testing.T) {
	for name, other := range map[string]func(*eventpb.Event){
		"another contract's":    of("z"),
		"of nobody":             func(e *eventpb.Event) { e.Kind = eventpb.Kind_KIND_PRODUCT_CLICK },
		"of another show":       func(e *eventpb.Event) { e.EsolId, e.ShowId = "z", "z" },
		"by another's campaign": func(e *eventpb.Event) { e.EsolId, e.Code = "z", "z" },
	} {
		d := newDesk(t)
		d.apply(spring("linear", nil)...)
		d.apply(touched(1, hourMS, of("e")))
		for i := range int64(20) {
			d.apply(touched(uint64(10+i), 2*hourMS+i, other))
		}
		d.apply(sold("o", 1, 4*hourMS, created, 1000), touched(2, 40*hourMS, of("z")), sold("o", 2, 4*hourMS, paid, 1000))
		d.expect(t, map[string]string{"esol/e o": "1000-0-0=1000 USD"})
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// What one pseudonym bought parts the touches of the other, whichever of the two it is that looks on.
func TestJoinedPurchasesPartTouches(t *testing.T) {
	for _, watcher := range []uint64{5, 9} { // it joins another, or another joins it
		d := newDesk(t)
		d.apply(spring("linear", nil)...)
		d.apply(identity(1, 0, 7, 5, 1), identity(2, 0, 9, 7, 1))
		d.apply(by(watcher, touched(1, hourMS, of("f"))), sold("o", 1, 2*hourMS, created, 1000))
		for i := range int64(20) {
			d.apply(by(watcher, touched(uint64(10+i), 3*hourMS+i, of("f"))))
		}
		d.apply(by(watcher, touched(2, 40*hourMS, of("f"))), sold("o", 2, 2*hourMS, paid, 1000))
		d.expect(t, map[string]string{"esol/f o": "1000-0-0=1000 USD"})
		if t.Failed() {
			t.Fatalf("of %d", watcher)
		}
	}
}

// A dossier says what was so when it was written, whatever else the record holds.
func TestADossierDoesNotChange(t *testing.T) {
	d := newDesk(t)
	d.apply(identity(1, 0, 7, 5, 1))
	for i := range int64(20) {
		d.apply(touched(uint64(100+i), 2*hourMS+i, of("e")))
	}
	var events []*eventpb.Event
	for i := range int64(3) {
		events = append(events, touched(uint64(10-i), hourMS-i, of("e"))) // each before the last
	}
	var out operators.Outputs
	if err := d.fold.Apply(&operators.Record{Events: events}, &out); err != nil {
		t.Fatal(err)
	}
	for i, o := range out.Events {
		if n := len(o.Event.Dossier.GetTouches()); n != 21+i || o.Event.Dossier.Touches[0].TimeMs != hourMS-int64(i) {
			t.Errorf("dossier %d has %v", i, o.Event.Dossier.GetTouches())
		}
	}
	if len(out.Events) != 3 {
		t.Errorf("%d dossiers", len(out.Events))
	}
}

// Ids may be 255 bytes long; what is kept must still fit in a record.
func TestLongIdsAreBounded(t *testing.T) {
	long := func(i int) string { return fmt.Sprintf("%0255d", i) }
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	many := &eventpb.Order{}
	for i := range 64 {
		many.Lines = append(many.Lines, &eventpb.OrderLine{ProductId: long(i), BrandId: "a", Quantity: 1, UnitPriceMinor: 5})
	}
	for i := range 64 {
		o := sold(long(i), 1, hourMS+int64(i), paid, 1000)
		o.Order.Lines = many.Lines
		d.apply(o)
	}
	var refunds []*eventpb.Refund
	for i := range maxRefunds {
		refunds = append(refunds, refund(long(i), 1, many.Lines[0]))
	}
	d.apply(sold("o", 1, hourMS, paid, 10_000, refunds...))
	_, p, _ := d.fold.person(0, 7)
	if n := p.SizeVT(); n > maxPersonBytes || n < maxPersonBytes/2 {
		t.Errorf("a person has %d bytes", n)
	}
	o, _, _ := d.fold.orders.Get("o")
	if n := o.SizeVT(); n > maxOrderBytes+64<<10 || len(o.Refunds) < maxRefunds/2 { // what was said and asked comes on top
		t.Errorf("an order has %d bytes and %d refunds", n, len(o.Refunds))
	}
}

// The bounds of a person: what is beyond them goes, and what was answered by then stands.
func TestAPersonIsBounded(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(touched(1, hourMS, of("e")), touched(2, 2*hourMS, of("f")), sold("o", 1, 3*hourMS, paid, 1000))
	person := func() (touches, purchases int) {
		_, p, err := d.fold.person(0, 7)
		if err != nil {
			t.Fatal(err)
		}
		return len(p.Touches), len(p.Purchases)
	}
	for i := range int64(100) { // of one product only the latest 16 after the purchase stay, and those before it
		d.apply(touched(uint64(10+i), 4*hourMS+i, of("e")))
	}
	if n, _ := person(); n != 2+100 {
		t.Errorf("%d touches are kept within the day", n)
	}
	d.apply(touched(4, 4*hourMS+100+awaitMS, of("e")))
	if n, _ := person(); n != 2+attribution.MaxTouches+1 {
		t.Errorf("%d touches are kept", n)
	}
	d.apply(touched(3, 2*hourMS, of("f"))) // late, and shared anew
	d.expect(t, map[string]string{"esol/e o": "333-0-0=333 USD", "esol/f o": "667-0-0=667 USD"})
	for i := range int64(400) {
		d.apply(touched(uint64(1000+i), 5*hourMS+i, func(e *eventpb.Event) { e.EsolId, e.ProductId = "e", fmt.Sprint(i) }))
	}
	if n, _ := person(); n != maxTouches {
		t.Errorf("%d touches are kept", n)
	}

	d = newDesk(t)
	d.apply(spring("linear", nil)...)
	d.apply(touched(1, hourMS, of("e")), touched(2, 2*hourMS, of("f")), sold("o", 1, 3*hourMS, paid, 1000))
	d.apply(touched(3, 50*dayMS, of("e"))) // all is past: the touches go, the answer stays
	if n, m := person(); n != 1 || m != 1 {
		t.Errorf("%d touches and %d purchases are kept", n, m)
	}
	d.apply(touched(4, hourMS, of("f")), sold("o", 2, 51*dayMS, partially, 1000, refund("r", 500)))
	d.expect(t, map[string]string{"esol/e o": "500-250-0=250 USD", "esol/f o": "500-250-0=250 USD"})
	for i := range int64(100) {
		d.apply(sold(fmt.Sprintf("p%03d", i), 1, 52*dayMS+i, created, 1000))
	}
	if _, m := person(); m != maxPurchases {
		t.Errorf("%d purchases are kept", m)
	}
}

// A credit says what it comes of: the order, its buyer's touches, the catalog. That is no reason to say it again.
func TestWhatACreditComesOf(t *testing.T) {
	d := newDesk(t)
	d.apply(spring("linear", nil)...)
	named := func(e *eventpb.Event) *eventpb.Event { e.EsolId = "e"; return e }
	d.apply(touched(1, hourMS, of("f")), named(sold("o", 1, 12*hourMS, paid, 1000)))
	check := func(what string, want map[string]eventpb.Cause) {
		t.Helper()
		for scope, cause := range want {
			if got := d.causes[scope+" o"]; got != cause {
				t.Errorf("%s: the credit of %s comes of %v, want %v", what, scope, got, cause)
			}
		}
		clear(d.causes)
	}
	check("sold", map[string]eventpb.Cause{
		"brand/a": eventpb.Cause_CAUSE_UNSPECIFIED, "esol/e": eventpb.Cause_CAUSE_ATTRIBUTION,
		"esol/f": eventpb.Cause_CAUSE_ATTRIBUTION, "deal/6:springf": eventpb.Cause_CAUSE_ATTRIBUTION,
	})
	d.apply(touched(3, 11*hourMS, of("f")))
	check("a late touch", map[string]eventpb.Cause{
		"esol/e": eventpb.Cause_CAUSE_REATTRIBUTION, "esol/f": eventpb.Cause_CAUSE_REATTRIBUTION,
	})
	d.apply(named(sold("o", 2, 13*hourMS, partially, 1000, refund("r", 100))))
	check("a refund", map[string]eventpb.Cause{
		"brand/a": eventpb.Cause_CAUSE_ORDER, "esol/e": eventpb.Cause_CAUSE_ORDER, "esol/f": eventpb.Cause_CAUSE_ORDER,
	})
	said := d.said
	d.apply(catalogEntry("product", "p", func(e *eventpb.Catalog) { e.Product = &eventpb.Product{BrandId: "a"} }), tick)
	if d.said != said {
		t.Errorf("said %d credits again that are what they were", d.said-said)
	}
	d.apply(catalogEntry("brand", "a", func(e *eventpb.Catalog) { e.Brand = &eventpb.Brand{ReturnWindowMs: 5} }), tick)
	check("another window", map[string]eventpb.Cause{"brand/a": eventpb.Cause_CAUSE_CATALOG})
	test := named(sold("o", 3, 13*hourMS, paid, 1000))
	test.Order.Test = true
	d.apply(test)
	check("a test after all", map[string]eventpb.Cause{
		"brand/a": eventpb.Cause_CAUSE_ORDER, "deal/6:springf": eventpb.Cause_CAUSE_ORDER,
	})
}
