package ledger_test

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/fx"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// rateEvent is the catalog's entry of a rate: "USD JPY 150.25"; "" takes it back.
func rateEvent(id, rate string, fromMS int64) *eventpb.Event {
	c := &eventpb.Catalog{Kind: "fx", Id: id, Deleted: rate == ""}
	if !c.Deleted {
		part := strings.Fields(rate)
		c.Fx = &eventpb.Fx{Base: part[0], Quote: part[1], Rate: part[2], FromMs: fromMS}
	}
	return catalogEvent(c)
}

func creditIn(campaign, order, currency string, paid, net int64) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: &eventpb.Credit{
		Scope: "campaign/" + campaign, OrderId: order, Currency: currency, PaidMinor: paid, RefundedMinor: paid - net,
		NetMinor: net, Units: 1, Paid: paid > 0, SettlesMs: 1e12,
	}}
}

// rates are what the catalog says last, by id.
type rates map[string]*eventpb.Fx

func (r rates) told(c *eventpb.Catalog) {
	if delete(r, c.Id); !c.Deleted && c.Fx.Base != c.Fx.Quote {
		r[c.Id] = c.Fx
	}
}

var decimals = map[string]int64{"JPY": 1, "USD": 100, "THB": 100, "BHD": 1000}

// price is how many major units of a currency a major unit of another is, and the date of the oldest rate in that.
type price struct {
	*big.Rat
	fromMS int64
}

// of is the price at a time; nil: nobody knows.
func (r rates) of(from, to string, atMS int64) *price {
	latest := func(base, quote string) *price {
		best := ""
		for id, x := range r {
			if x.Base != base || x.Quote != quote || x.FromMs > atMS {
				continue
			}
			if best == "" || x.FromMs > r[best].FromMs || x.FromMs == r[best].FromMs && id > best {
				best = id
			}
		}
		if best == "" {
			return nil
		}
		rate, _ := new(big.Rat).SetString(r[best].Rate)
		return &price{rate, r[best].FromMs}
	}
	either := func(a, b string) *price {
		if p := latest(a, b); p != nil {
			return p
		}
		if p := latest(b, a); p != nil {
			return &price{p.Inv(p.Rat), p.fromMS}
		}
		return nil
	}
	if p := either(from, to); p != nil || from == "USD" || to == "USD" {
		return p
	}
	in, out := either(from, "USD"), either("USD", to)
	if in == nil || out == nil {
		return nil
	}
	return &price{in.Mul(in.Rat, out.Rat), min(in.fromMS, out.fromMS)}
}

// version is that of a table that was told nothing but what is so in the end.
func (r rates) version(atMS int64) string {
	table := fx.New("")
	for id, x := range r {
		_ = table.Put(id, x)
	}
	return table.Version(atMS)
}

// nearest is x rounded, halves to even.
func nearest(x *big.Rat) int64 {
	up := new(big.Rat).Add(x, big.NewRat(1, 2))
	floor := new(big.Int).Div(up.Num(), up.Denom())
	if up.IsInt() && floor.Bit(0) == 1 {
		floor.Sub(floor, big.NewInt(1))
	}
	return floor.Int64()
}

// total is what a campaign's must be, credit by credit; nil: none.
func (r rates) total(credits map[string]*eventpb.Credit, own string, atMS int64) *eventpb.Total {
	net, paid, oldest := new(big.Rat), new(big.Rat), int64(math.MaxInt64)
	mixed, out := false, map[string]bool{}
	for _, c := range credits {
		if own == "" || c.PaidMinor == 0 && c.NetMinor == 0 {
			continue
		}
		p := &price{Rat: big.NewRat(1, 1)}
		if c.Currency != own {
			mixed = true
			if p = r.of(c.Currency, own, atMS); p == nil {
				out[c.Currency] = true
				continue
			}
			oldest = min(oldest, p.fromMS)
		}
		p.Mul(p.Rat, big.NewRat(decimals[own], decimals[c.Currency]))
		net.Add(net, new(big.Rat).Mul(p.Rat, big.NewRat(c.NetMinor, 1)))
		paid.Add(paid, new(big.Rat).Mul(p.Rat, big.NewRat(c.PaidMinor, 1)))
	}
	if !mixed {
		return nil
	}
	t := &eventpb.Total{
		Currency: own, Exponent: uint32(len(fmt.Sprint(decimals[own])) - 1), Version: r.version(atMS),
		LeftOut: slices.Sorted(maps.Keys(out)),
	}
	if oldest == math.MaxInt64 {
		t.Insufficient = "no_rate"
		return t
	}
	t.NetMinor, t.PaidMinor, t.AsOfMs = nearest(net), nearest(paid), oldest
	return t
}

// With every tick, what each campaign sold in all is the sum of its latest credits by the rates that the catalog has then,
// whichever of the two came first, whatever was replaced or taken back, and across restarts.
func TestTotalsAreOfTheLatestCreditsAndRates(t *testing.T) {
	currencies := []string{"JPY", "USD", "THB", "BHD"}
	campaigns := []string{"c", "d"}
	restated := 0
	rapid.Check(t, func(rt *rapid.T) {
		o := newOffice(t, &eventpb.Campaign{})
		is := rates{}
		own := map[string]string{"c": "JPY"}
		credits := map[string]map[string]*eventpb.Credit{"c": {}, "d": {}}
		before := map[string]*quoted{"c": {}, "d": {}}
		tickedMS := int64(math.MinInt64)
		for range rapid.IntRange(1, 40).Draw(rt, "records") {
			apply := o.applyOn
			if rapid.Bool().Draw(rt, "restart") {
				apply = o.apply
			}
			o.nowMS += rapid.Int64Range(1, 200).Draw(rt, "pause")
			switch campaign := rapid.SampledFrom(campaigns).Draw(rt, "campaign"); pick(rt, "do", "credit", "credit", "gone", "rate",
				"rate", "no rate", "terms", "tick") {
			case "credit":
				paid := rapid.Int64Range(0, 90_000).Draw(rt, "paid")
				e := creditIn(campaign, pick(rt, "order", "1", "2", "3", "4", "5"), pick(rt, "currency", currencies...), paid,
					rapid.Int64Range(-50, paid).Draw(rt, "net"))
				credits[campaign][e.Credit.OrderId] = e.Credit
				apply(e)
			case "gone":
				order := pick(rt, "order", "1", "2", "3", "4", "5")
				delete(credits[campaign], order)
				apply(creditIn(campaign, order, "", 0, 0))
			case "rate":
				e := rateEvent(pick(rt, "id", "a", "b", "c", "d", "e"), fmt.Sprintf("%s %s %d.%02d", pick(rt, "base", currencies...),
					pick(rt, "quote", currencies...), rapid.IntRange(1, 200).Draw(rt, "rate"), rapid.IntRange(0, 99).Draw(rt, "decimals")),
					o.nowMS+rapid.Int64Range(-300, 300).Draw(rt, "from"))
				is.told(e.Catalog)
				apply(e)
			case "no rate":
				e := rateEvent(pick(rt, "id", "a", "b", "c", "d", "e"), "", 0)
				is.told(e.Catalog)
				apply(e)
			case "terms":
				own[campaign] = pick(rt, "own", "JPY", "USD", "BHD")
				apply(catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: campaign,
					Campaign: &eventpb.Campaign{Currency: own[campaign]}}))
			case "tick":
				tickedMS = o.nowMS
				apply(tick)
				for _, campaign := range campaigns {
					want := is.total(credits[campaign], own[campaign], o.nowMS)
					got := o.last["campaign/"+campaign+"/returns"].GetReturns().GetTotal()
					if !got.EqualVT(want) {
						rt.Fatalf("of %s at %d\n got %v\nwant %v", campaign, o.nowMS, got, want)
					}
				}
			}
			for _, campaign := range campaigns {
				restated += before[campaign].check(rt, o, campaign, is, credits[campaign], tickedMS)
			}
		}
	})
	if restated == 0 {
		t.Errorf("%d totals were restated: the test has lost its teeth", restated)
	}
}

// quoted is a campaign's total as said, and of which credits.
type quoted struct {
	meter   *eventpb.Meter
	total   *eventpb.Total
	credits map[string]*eventpb.Credit
}

// check holds what was restated of a total to what the same credits come to by the rates of now.
func (q *quoted) check(
	t *rapid.T, o *office, campaign string, is rates, credits map[string]*eventpb.Credit, tickedMS int64,
) (n int) {
	meter := o.last["campaign/"+campaign+"/returns"]
	if meter == q.meter {
		return 0
	}
	var net, paid, wantNet, wantPaid int64
	for _, a := range o.alerts {
		if r := a.Alert.Restatement; r.Reason == eventpb.Restatement_RATE_CHANGED && a.Alert.Scope == "campaign/"+campaign {
			n++
			net, paid = r.Amounts[0].TotalNetMinor, r.Amounts[0].TotalPaidMinor
		}
	}
	now := meter.GetReturns().GetTotal()
	if was := q.total; was != nil && was.Insufficient == "" && now != nil && now.Currency == was.Currency {
		then := is.total(q.credits, was.Currency, tickedMS)
		wantNet, wantPaid = then.NetMinor-was.NetMinor, then.PaidMinor-was.PaidMinor
	}
	if net != wantNet || paid != wantPaid {
		t.Fatalf("of %s: restated by %d and %d, the rates come to %d and %d", campaign, net, paid, wantNet, wantPaid)
	}
	q.meter, q.total, q.credits = meter, now, maps.Clone(credits)
	return n
}

// inAll is the campaign's total in short.
func (o *office) inAll() string {
	o.t.Helper()
	m := o.last["campaign/c/returns"]
	if m == nil {
		return "nothing"
	}
	t := m.Returns.Total
	if t == nil {
		return "no total"
	}
	if t.Insufficient == "" && t.Version == "" {
		o.t.Errorf("a number without the version of its rates: %v", t)
	}
	return strings.TrimSpace(fmt.Sprintf("%d of %d %s as of %d without %v %s", t.NetMinor, t.PaidMinor, t.Currency, t.AsOfMs,
		t.LeftOut, t.Insufficient))
}

// A total is there where there is something to convert, says what it is of, and follows rates, dates and terms.
func TestTotalOverCurrencies(t *testing.T) {
	const usd, thb = "USD JPY 150", "THB JPY 4.30"
	yen := creditIn("c", "1", "JPY", 3000, 2000)
	dollars := creditIn("c", "2", "USD", 1000, 500)
	baht := creditIn("c", "3", "THB", 10_000, 10_000)
	for _, c := range []struct {
		name   string
		events []*eventpb.Event // each a record of its own, then a tick at 1000
		want   string
	}{
		{"all in its own currency", []*eventpb.Event{yen, rateEvent("1", usd, 0)}, "no total"},
		{"rates before orders", []*eventpb.Event{rateEvent("1", usd, 7), yen, dollars}, "2750 of 4500 JPY as of 7 without []"},
		{"orders before rates", []*eventpb.Event{yen, dollars, tick, rateEvent("1", usd, 7)}, "2750 of 4500 JPY as of 7 without []"},
		{"all in another", []*eventpb.Event{dollars, rateEvent("1", usd, 7)}, "750 of 1500 JPY as of 7 without []"},
		{"one without a rate", []*eventpb.Event{yen, dollars, baht, rateEvent("1", usd, 7)},
			"2750 of 4500 JPY as of 7 without [THB]"},
		{"of the oldest rate", []*eventpb.Event{baht, dollars, rateEvent("1", usd, 9), rateEvent("2", thb, 7)},
			"1180 of 1930 JPY as of 7 without []"},
		{"no rate", []*eventpb.Event{yen, dollars, baht}, "0 of 0 JPY as of 0 without [THB USD] no_rate"},
		{"only one that comes later", []*eventpb.Event{dollars, rateEvent("1", usd, 1001)},
			"0 of 0 JPY as of 0 without [USD] no_rate"},
		{"one that has come", []*eventpb.Event{dollars, rateEvent("1", usd, 7), rateEvent("2", "USD JPY 160", 1000)},
			"800 of 1600 JPY as of 1000 without []"},
		{"through the dollar", []*eventpb.Event{baht, rateEvent("1", usd, 9), rateEvent("2", "USD THB 30", 8)},
			"500 of 500 JPY as of 8 without []"},
		{"through nothing else", []*eventpb.Event{dollars, rateEvent("1", thb, 9), rateEvent("2", "USD THB 30", 8)},
			"0 of 0 JPY as of 0 without [USD] no_rate"},
		{"a rate taken back", []*eventpb.Event{dollars, rateEvent("1", usd, 7), tick, rateEvent("1", "", 0)},
			"0 of 0 JPY as of 0 without [USD] no_rate"},
		{"a currency in itself is no rate, nor what was there before",
			[]*eventpb.Event{dollars, rateEvent("1", usd, 7), rateEvent("1", "USD USD 2", 7)},
			"0 of 0 JPY as of 0 without [USD] no_rate"},
		{"a rate of a currency that there is not", []*eventpb.Event{dollars, rateEvent("1", "USD XXX 150", 7)},
			"0 of 0 JPY as of 0 without [USD] no_rate"},
		{"orders taken back", []*eventpb.Event{yen, dollars, rateEvent("1", usd, 7), creditIn("c", "2", "", 0, 0)}, "no total"},
		{"too much", []*eventpb.Event{creditIn("c", "2", "USD", math.MaxInt64/2, 1), rateEvent("1", "USD JPY 500", 7)},
			"0 of 0 JPY as of 7 without [] overflow"},
		{"and then not", []*eventpb.Event{creditIn("c", "2", "USD", math.MaxInt64/2, 100), rateEvent("1", "USD JPY 500", 7), tick,
			rateEvent("1", "USD JPY 1", 7)}, "1 of 46116860184273879 JPY as of 7 without []"},
		{"the campaign's currency is another", []*eventpb.Event{yen, dollars, rateEvent("1", usd, 7), tick,
			catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: "c", Campaign: &eventpb.Campaign{Currency: "USD"}})},
			"1833 of 3000 USD as of 7 without []"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, &eventpb.Campaign{})
			for _, e := range c.events {
				o.apply(e)
				o.nowMS += 10
			}
			o.nowMS = 1000
			o.apply(tick)
			if got := o.inAll(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Between ticks no time passes for rates: what is said of all campaigns then is by the same ones.
func TestTotalIsAsOfTheLatestTick(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{})
	o.nowMS = 1000
	o.apply(rateEvent("1", "USD JPY 150", 7), rateEvent("2", "USD JPY 160", 1500), tick)
	for _, c := range []struct {
		ms    int64
		event *eventpb.Event
		want  string
	}{
		{1400, creditIn("c", "1", "USD", 1000, 1000), "1500 of 1500 JPY as of 7 without []"},
		{1900, creditIn("c", "2", "USD", 1000, 1000), "3000 of 3000 JPY as of 7 without []"},
		{2000, tick, "3200 of 3200 JPY as of 1500 without []"},
	} {
		o.nowMS = c.ms
		o.apply(c.event)
		if got := o.inAll(); got != c.want {
			t.Errorf("at %d: %s, want %s", c.ms, got, c.want)
		}
	}
}

// A deal has no total: its ESOL is paid in the currencies of the orders.
func TestADealHasNoTotal(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{})
	o.apply(rateEvent("1", "USD JPY 150", 0))
	o.sale("1", 0, 3000, func(c *eventpb.Credit) { c.Currency = "USD" })
	o.until(500)
	if m := o.last["deal/1:ce/returns"]; m == nil || m.Returns.Total != nil {
		t.Errorf("%v", m)
	}
}

// The table takes 512 rates. One more is left out, also when there is room later, until it comes again.
func TestRatesBeyondTheTableAreLeftOut(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{})
	o.apply(creditIn("c", "1", "USD", 1000, 1000))
	var many []*eventpb.Event
	for i := range 512 {
		many = append(many, rateEvent(fmt.Sprint(i), "THB JPY 4", int64(i)))
	}
	o.apply(many...)
	one := rateEvent("one more", "USD JPY 150", 7)
	for _, c := range []struct {
		name  string
		event *eventpb.Event
		want  string
	}{
		{"full", one, "0 of 0 JPY as of 0 without [USD] no_rate"},
		{"room", rateEvent("3", "", 0), "0 of 0 JPY as of 0 without [USD] no_rate"},
		{"again", one, "1500 of 1500 JPY as of 7 without []"},
	} {
		o.nowMS += 1000
		o.apply(c.event)
		o.nowMS += 1000
		o.apply(tick)
		if got := o.inAll(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A rate has the campaigns said again that have a total, some with every tick, however many rates came; no other campaign.
func TestRatesSayTotalsAgainInTurns(t *testing.T) {
	const campaigns, batch = 2500, 1024
	d := newDesk(t, 1)
	var events []*eventpb.Event
	for i := range campaigns {
		id := fmt.Sprintf("%04d", i)
		events = append(events, catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: id, Campaign: &eventpb.Campaign{
			Currency: "JPY"}}), creditIn(id, "1", "USD", 100, 100), creditIn("yen"+id, "1", "JPY", 100, 100))
	}
	version := map[string]string{}
	said := func(appendMS int64, events ...*eventpb.Event) (n int) {
		t.Helper()
		var out operators.Outputs
		if err := d.fold.Apply(&operators.Record{AppendMS: appendMS, Events: events}, &out); err != nil {
			t.Fatal(err)
		}
		for _, m := range out.Meters {
			if m.Meter.Part == "returns" {
				n++
				version[m.Meter.Scope] = m.Meter.Returns.GetTotal().GetVersion()
			}
		}
		d.checkpoint()
		d.restart()
		return n
	}
	said(1000, append(events, tick)...)
	rest := campaigns - 2*batch
	for i, want := range []int{0, batch, batch, rest, 0} {
		events := []*eventpb.Event{tick}
		if i == 0 {
			events = []*eventpb.Event{rateEvent("1", "USD JPY 150", 0), rateEvent("2", "USD JPY 150", 9000)}
		}
		if got := said(2000+int64(i), events...); got != want {
			t.Errorf("record %d after the rates said %d campaigns, want %d", i, got, want)
		}
	}
	before := maps.Clone(version)
	for i, want := range []int{batch, batch, rest, 0} {
		if got := said(9000+int64(i), tick); got != want {
			t.Errorf("tick %d after the rate's date said %d campaigns, want %d", i, got, want)
		}
	}
	for scope, v := range version {
		if mixed := !strings.Contains(scope, "yen"); mixed != (v != "" && v != before[scope]) {
			t.Errorf("%s says version %q, and said %q", scope, v, before[scope])
			break
		}
	}
	said(9100, rateEvent("2", "USD JPY 150", 9000))
	if got := said(9101, tick); got != 0 {
		t.Errorf("the same rate again said %d campaigns", got)
	}
	said(9200, creditIn("0000", "1", "JPY", 100, 100), tick)
	said(9300, rateEvent("2", "", 0))
	if got := said(9301, tick) + said(9302, tick) + said(9303, tick); got != campaigns-1 {
		t.Errorf("a rate that went said %d campaigns, of which one has no total any more", got)
	}
}
