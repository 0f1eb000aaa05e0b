package ledger_test

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"testing"

	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// armCredit is what a person bought in an arm of c with an order.
func armCredit(arm holdout.Arm, order string, person uint64, currency string, paid, back int64) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_DEAL, Credit: &eventpb.Credit{
		Scope: "arm/" + event.DealID("c", string(arm)), OrderId: order, Currency: currency, PersonLo: person,
		PaidMinor: paid, RefundedMinor: back, NetMinor: paid - back, Paid: true, OrderedMs: 1,
	}}
}

// 40 treated who buy twice for 1000 in all against 30 held-out who buy for 500, a third of all held out: by hand. People are
// the sample, nobody is owed anything, and no money meter knows of it.
func TestIncrementalByHand(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{SpendMinor: 1000, HoldoutPpm: 250_000})
	for i := range uint64(40) {
		id := fmt.Sprint("t", i)
		o.apply(armCredit(holdout.Treated, id+"a", i+1, "JPY", 600, 0), armCredit(holdout.Treated, id+"b", i+1, "JPY", 999, 0),
			armCredit(holdout.Treated, id+"b", i+1, "JPY", 450, 50)) // a later version
	}
	for i := range uint64(30) {
		o.apply(armCredit(holdout.Control, fmt.Sprint("c", i), i+1, "JPY", 500, 0))
	}
	o.apply(armCredit(holdout.Treated, "usd", 1, "USD", 5, 0))
	o.until(500)
	for key, m := range o.last {
		if m != nil && key != "campaign/c/cost" && key != "campaign/c/returns" {
			t.Errorf("it says more than what it costs and returned: %v", m)
		}
	}
	r := o.last["campaign/c/returns"].Returns
	v := variantOf(r.Returns[0], "incremental")
	half := 1.96 * math.Sqrt(40e6+9*30*250_000) / 1000
	if r.HoldoutPpm != 250_000 || v.Claim != "incremental" || v.NumeratorMinor != 40_000-3*15_000 || v.Orders != 70 ||
		v.DenominatorMinor != 1000 || math.Abs(v.Lo+5+half) > 1e-9 || math.Abs(v.Hi+5-half) > 1e-9 {
		t.Errorf("%v, want -5 ± %v", v, half)
	}
	if r.Total != nil {
		t.Errorf("the campaign is credited with nothing in another currency: %v", r.Total)
	}
	if v := variantOf(r.Returns[0], "net"); v.Insufficient != "no_gmv" || v.NumeratorMinor != 0 {
		t.Errorf("nobody is credited: %v", v)
	}
	o.terms(&eventpb.Campaign{SpendMinor: 1000})
	o.until(1000)
	r = o.last["campaign/c/returns"].Returns
	if v := variantOf(r.Returns[0], "incremental"); v.Insufficient != "no_holdout" || r.HoldoutPpm != 0 {
		t.Errorf("without a holdout: %v", v)
	}
	o.apply(armCredit(holdout.Treated, "usd", 0, "", 0, 0))
	for i := range uint64(40) {
		id := fmt.Sprint("t", i)
		o.apply(armCredit(holdout.Treated, id+"a", 0, "", 0, 0), armCredit(holdout.Treated, id+"b", 0, "", 0, 0),
			armCredit(holdout.Control, fmt.Sprint("c", i), 0, "", 0, 0))
	}
	o.until(2000)
	if m := o.last["campaign/c/returns"]; m != nil {
		t.Errorf("what is left of nothing: %v", m)
	}
	for key := range o.memory.Memory {
		for _, table := range []string{"armed/", "credit/", "returns/"} {
			if len(key) > len(table) && key[:len(table)] == table {
				t.Errorf("%q is left", key)
			}
		}
	}
}

// What the arms of all campaigns have bought is a function of the set of orders and of the catalog, whatever the order of
// arrival, duplicates, partitions, crashes and cache.
func TestArmsAreAFunctionOfTheSet(t *testing.T) {
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		orders := rapid.SliceOfN(rapid.Custom(drawOrder), 1, 25).Draw(t, "orders")
		for i, e := range orders {
			e.Id, e.IdLo = strconv.Itoa(i), uint64(i+1)*0x9e3779b97f4a7c15
		}
		catalog := rapid.SliceOfN(rapid.Custom(drawTrial), 1, 12).Draw(t, "catalog")
		again := rapid.SliceOfN(rapid.SampledFrom(orders), 0, 8).Draw(t, "again")
		arrivals := rapid.Permutation(slices.Concat(orders, again)).Draw(t, "arrivals")

		c := newChain(t, rapid.IntRange(1, 3).Draw(t, "journeys"), rapid.IntRange(1, 3).Draw(t, "ledgers"),
			rapid.SampledFrom([]int64{1, 4096, 0}).Draw(t, "cache"))
		for _, l := range c.ledgers {
			for _, entry := range catalog {
				c.raw[-1]++
				l.append(c.nowMS, "catalog", &eventpb.Event{
					Kind: eventpb.Kind_KIND_CATALOG, Catalog: entry, SourceOffset: c.raw[-1],
				})
			}
		}
		c.play(t, arrivals, catalog)
		c.finish(t, c.nowMS, 5)
		want := expectArms(orders, catalog)
		got := map[string]string{}
		for _, l := range c.ledgers {
			for _, m := range l.meters {
				for _, in := range m.GetReturns().GetReturns() {
					v := variantOf(in, "incremental")
					if v.Insufficient != "no_holdout" && (v.NumeratorMinor != 0 || v.Orders > 0) {
						got[m.Scope+" "+in.Currency] = fmt.Sprint(v.NumeratorMinor, " of ", v.Orders)
					}
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("\n got %v\nwant %v", got, want)
		}
		compared += len(want)
	})
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

// drawTrial is drawCatalog of entries that arms depend on; most campaigns hold people out.
func drawTrial(t *rapid.T) *eventpb.Catalog {
	c := drawCatalog(t)
	if c.Campaign != nil && !c.Deleted {
		c.Campaign.HoldoutPpm = rapid.SampledFrom([]uint32{0, 1, 300_000, 500_000}).Draw(t, "held out")
	}
	return c
}

// expectArms is what each campaign's treated have bought beyond the held-out, and how many people have bought, read off the final
// set.
func expectArms(orders []*eventpb.Event, catalog []*eventpb.Catalog) map[string]string {
	o := &oracle{catalog: map[string]*eventpb.Catalog{}}
	for _, c := range catalog {
		o.catalog[c.Kind+"/"+c.Id] = c
		if c.Deleted {
			delete(o.catalog, c.Kind+"/"+c.Id)
		}
	}
	versions := map[string][]*eventpb.Event{}
	for _, e := range orders {
		versions[e.Order.OrderId] = append(versions[e.Order.OrderId], e)
	}
	type who struct {
		arm    holdout.Arm
		person string
	}
	people := map[string]map[who]int64{}
	for _, all := range versions {
		f := lay(all)
		if f.test || !f.known || f.person == "" {
			continue
		}
		id, _ := event.ParseID(f.person)
		for _, entry := range o.catalog {
			c := entry.Campaign
			if c.GetHoldoutPpm() == 0 || f.orderedMS < c.StartMs || c.EndMs != 0 && f.orderedMS >= c.EndMs {
				continue
			}
			for brand, s := range o.divide(f) {
				if c.BrandId != "" && c.BrandId != brand {
					continue
				}
				key := "campaign/" + entry.Id + " " + f.currency
				if people[key] == nil {
					people[key] = map[who]int64{}
				}
				people[key][who{holdout.Of(entry.Id, id, c.HoldoutPpm), f.person}] += s.paid - s.refunded - s.cancelled
			}
		}
	}
	want := map[string]string{}
	for key, of := range people {
		ppm := int64(o.catalog[key[:len("campaign/c1")]].Campaign.HoldoutPpm)
		var treated, control, n int64
		for w, net := range of {
			if net != 0 {
				n++
			}
			if w.arm == holdout.Control {
				control += net
			} else {
				treated += net
			}
		}
		if numerator := treated - round(big.NewRat(control, ppm), 1_000_000*(1_000_000-ppm)); n > 0 {
			want[key] = fmt.Sprint(numerator, " of ", n)
		}
	}
	return want
}
