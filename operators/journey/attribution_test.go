package journey

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

func pick(t *rapid.T, name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }

func drawTouch(t *rapid.T) *eventpb.Event {
	return &eventpb.Event{
		Kind: rapid.SampledFrom([]eventpb.Kind{eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_TOUCH}).Draw(t, "kind"),
		IdLo: rapid.Uint64Range(1, 1<<20).Draw(t, "id"), TimeMs: rapid.Int64Range(0, 40).Draw(t, "time") * (hourMS / 4),
		PersonLo: rapid.SampledFrom([]uint64{1, 1, 2, 3}).Draw(t, "person"),
		EsolId:   pick(t, "esol", "", "", "e", "f"), ShowId: pick(t, "show", "", "s", "t"),
		Code:      pick(t, "code", "", "", "E10"),
		ProductId: pick(t, "product", "", "p", "p2", "q"), Channel: pick(t, "channel", "", "email", "web"),
		CampaignId: pick(t, "campaign", "", "", "ca"),
	}
}

// drawIdentity joins two of the persons, or parts them again.
func drawIdentity(t *rapid.T) *eventpb.Event {
	greater := rapid.Uint64Range(2, 3).Draw(t, "greater")
	return &eventpb.Event{
		Kind: eventpb.Kind_KIND_IDENTITY, IdLo: rapid.Uint64Range(1<<40, 1<<60).Draw(t, "id"),
		TimeMs: rapid.Int64Range(0, 5).Draw(t, "time"), Count: rapid.SampledFrom([]int64{1, 1, 0}).Draw(t, "same"),
		PersonLo: greater, OtherLo: rapid.Uint64Range(1, greater-1).Draw(t, "lesser"),
	}
}

var productsOf = map[string]string{"p": "a", "p2": "a", "q": "b"}

func drawOrders(t *rapid.T, n int) []*eventpb.Event {
	var all []*eventpb.Event
	span := rapid.SampledFrom([]int64{2, 14}).Draw(t, "span")
	statuses := rapid.SampledFrom([][]eventpb.OrderStatus{{created, paid, paid, cancelled, refunded}, {refunded}, {paid}}).
		Draw(t, "statuses")
	for i := range n {
		amount := rapid.Int64Range(0, 1000).Draw(t, "amount")
		named := &eventpb.Event{
			ShowId: pick(t, "show", "", "s", "t"), EsolId: pick(t, "esol", "", "", "e"),
			CampaignId: pick(t, "campaign", "", "ca", "cx"), Code: pick(t, "code", "", "", "E10"),
		}
		var lines []*eventpb.OrderLine
		for _, p := range []string{"p", "q"} {
			if rapid.Bool().Draw(t, p) {
				lines = append(lines, &eventpb.OrderLine{
					LineId: p, ProductId: p, BrandId: productsOf[p], Quantity: 1, UnitPriceMinor: amount/3 + 1,
				})
			}
		}
		at := (44 - rapid.Int64Range(0, span).Draw(t, "time")) * (hourMS / 4)
		for v := range rapid.IntRange(1, 3).Draw(t, "versions") {
			e := &eventpb.Event{
				Kind: eventpb.Kind_KIND_ORDER, IdLo: uint64(1<<30 + 10*i + v), TimeMs: at + int64(v)*60_000,
				PersonLo: rapid.SampledFrom([]uint64{1, 1, 1, 0, 2, 3}).Draw(t, "person"),
				ShowId:   named.ShowId, EsolId: named.EsolId, CampaignId: named.CampaignId, Code: named.Code,
				Order: &eventpb.Order{
					OrderId: "o" + strconv.Itoa(i), Version: int64(v), HasAmount: true, AmountMinor: amount, Currency: "USD",
					Status: rapid.SampledFrom(statuses).Draw(t, "status"),
					Lines:  lines,
				},
			}
			if rapid.IntRange(0, 2).Draw(t, "refund") == 0 {
				e.Order.Refunds = []*eventpb.Refund{refund("r", rapid.Int64Range(0, amount+1).Draw(t, "back"))}
			}
			all = append(all, e)
		}
	}
	return all
}

func drawEntry(t *rapid.T) *eventpb.Event {
	switch pick(t, "entry", "show", "campaign", "campaign", "campaign", "campaign", "esol", "product") {
	case "show":
		s := &eventpb.Show{
			EsolId: pick(t, "esol", "", "e", "f", "g"), EndMs: rapid.Int64Range(0, 1).Draw(t, "end") * 8 * hourMS,
		}
		if rapid.Bool().Draw(t, "under") {
			s.CampaignIds = []string{"ca"}
		}
		return catalogEntry("show", pick(t, "id", "s", "t"), func(c *eventpb.Catalog) { c.Show = s })
	case "esol":
		return catalogEntry("esol", pick(t, "id", "e", "f"), func(c *eventpb.Catalog) {
			c.Esol = &eventpb.Esol{}
			if rapid.Bool().Draw(t, "code") {
				c.Esol.Codes = []string{"E10"}
			}
		})
	case "product":
		return catalogEntry("product", pick(t, "id", "p", "p2", "q"), func(c *eventpb.Catalog) {
			c.Product = &eventpb.Product{BrandId: productsOf[c.Id],
				ReturnRatePpm: rapid.SampledFrom([]uint32{0, 100_000, 300_000}).Draw(t, "rate")}
			c.Deleted = rapid.IntRange(0, 3).Draw(t, "gone") == 0
		})
	}
	id := pick(t, "id", "ca", "cb", "cx", "cy")
	v := &eventpb.Campaign{
		BrandId:             map[string]string{"ca": "a", "cb": "b", "cx": "", "cy": "a"}[id],
		EsolIds:             rapid.SampledFrom([][]string{nil, {"e"}, {"e", "f"}}).Draw(t, "esols"),
		StartMs:             rapid.Int64Range(0, 1).Draw(t, "start") * 6 * hourMS,
		EndMs:               rapid.Int64Range(0, 1).Draw(t, "end") * 11 * hourMS,
		AttributionModel:    pick(t, "model", "last_touch", "last", "first", "linear", "time_decay", "position", "shapley"),
		AttributionWindowMs: rapid.SampledFrom([]int64{0, 0, 0, 3 * hourMS}).Draw(t, "window"),
		Rounding:            pick(t, "rounding", "", "webster"),
		OrganicCounts:       rapid.Bool().Draw(t, "organic"), ClosesOnOrder: rapid.Bool().Draw(t, "closes"),
	}
	if rapid.Bool().Draw(t, "windows") {
		v.Windows = []*eventpb.Window{{Surface: "live", WindowMs: 2 * hourMS}, {Surface: "email", WindowMs: 0}}
	}
	return catalogEntry("campaign", id, func(c *eventpb.Catalog) {
		c.Campaign, c.Deleted = v, rapid.IntRange(0, 5).Draw(t, "gone") == 0
	})
}

// rich is a catalog under which orders are shared.
func rich(model string) []*eventpb.Event {
	all := []*eventpb.Event{
		catalogEntry("show", "s", func(c *eventpb.Catalog) { c.Show = &eventpb.Show{EsolId: "e"} }),
		catalogEntry("show", "t", func(c *eventpb.Catalog) { c.Show = &eventpb.Show{EsolId: "f"} }),
		catalogEntry("esol", "g", func(c *eventpb.Catalog) { c.Esol = &eventpb.Esol{Codes: []string{"E10"}} }),
	}
	for _, id := range []string{"ca", "cx"} {
		all = append(all, catalogEntry("campaign", id, func(c *eventpb.Catalog) {
			c.Campaign = &eventpb.Campaign{AttributionModel: model, EsolIds: []string{"e", "f", "g"}}
		}))
	}
	return all
}

// Guarantees 1 and 2 for shared credit: what is credited in the end is a function of the set of touches, of order
// versions and of the last catalog, whatever came first and through which partitions, and equals what a plain reading
// of the rules gives.
func TestCreditsAreAFunctionOfTheSet(t *testing.T) {
	attributed, shared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		touches := rapid.SliceOfNDistinct(rapid.Custom(drawTouch), 3, 14, func(e *eventpb.Event) uint64 { return e.IdLo }).
			Draw(t, "touches")
		orders := drawOrders(t, rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(t, "orders"))
		entries := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 10).Draw(t, "catalog")
		if rapid.Bool().Draw(t, "rich") {
			entries = append(rich(pick(t, "model", "linear", "position", "time_decay", "shapley")), entries...)
		}
		byID := func(e *eventpb.Event) uint64 { return e.IdLo }
		identities := rapid.SliceOfNDistinct(rapid.Custom(drawIdentity), 0, 4, byID).Draw(t, "identities")
		acts := slices.Concat(touches, orders, identities)
		acts = append(acts, rapid.SliceOfN(rapid.SampledFrom(acts), 0, 4).Draw(t, "again")...)
		acts = rapid.Permutation(acts).Draw(t, "arrival")

		w := newTown(t, rapid.IntRange(1, 3).Draw(t, "partitions"), rapid.SampledFrom([]int64{1, 2000, 0}).Draw(t, "cache"))
		left := entries
		if rapid.Bool().Draw(t, "catalog first") {
			for _, e := range entries {
				w.bring(e)
			}
			w.settle()
			left = nil
		}
		for len(acts) > 0 || len(left) > 0 {
			if len(left) > 0 && (len(acts) == 0 || rapid.Bool().Draw(t, "entry next")) {
				w.bring(left[0])
				left = left[1:]
			} else {
				w.bring(acts[0])
				acts = acts[1:]
			}
			w.wander(t, 3)
		}
		w.settle()

		n := plain(w, touches, orders, entries)
		n.join(identities)
		for _, id := range slices.Sorted(maps.Keys(n.orders)) {
			o := n.orders[id]
			n.check(t, w, o)
			shared += int(bit(len(w.of("esol", o.id)) > 1))
			for _, c := range w.of("esol", o.id) {
				attributed += int(bit(c.Model != ""))
			}
		}
	})
	if attributed < 20 || shared == 0 {
		t.Errorf("%d credits by a model, %d orders shared: the test has lost its teeth", attributed, shared)
	}
}

// join follows the newest that was said of each two persons: each joins the least of the others.
func (n *naive) join(identities []*eventpb.Event) {
	slices.SortFunc(identities, func(a, b *eventpb.Event) int {
		return cmp.Or(cmp.Compare(a.TimeMs, b.TimeMs), cmp.Compare(a.IdLo, b.IdLo))
	})
	same := map[[2]uint64]bool{}
	for _, e := range identities {
		same[[2]uint64{e.PersonLo, e.OtherLo}] = e.Count > 0
	}
	n.joined = map[uint64]uint64{}
	for greater := uint64(2); greater <= 3; greater++ {
		for lesser := greater - 1; lesser > 0; lesser-- {
			if same[[2]uint64{greater, lesser}] {
				n.joined[greater] = lesser
			}
		}
	}
}

// plain gathers the sets.
func plain(w *town, touches, orders, entries []*eventpb.Event) *naive {
	n := &naive{
		touches: touches, orders: map[string]*naiveOrder{},
		shows: map[string]*eventpb.Show{}, esols: map[string]*eventpb.Esol{},
		camps: map[string]*eventpb.Campaign{}, brands: map[string]string{}, rates: map[string]uint32{},
	}
	for _, e := range entries {
		c := e.Catalog
		delete(n.brands, c.Id)
		delete(n.rates, c.Id)
		delete(n.camps, c.Id)
		switch {
		case c.Deleted:
		case c.Show != nil:
			n.shows[c.Id] = c.Show
		case c.Esol != nil:
			n.esols[c.Id] = c.Esol
		case c.Product != nil:
			n.brands[c.Id], n.rates[c.Id] = c.Product.BrandId, c.Product.ReturnRatePpm
		case c.Campaign != nil:
			n.camps[c.Id] = c.Campaign
		}
	}
	slices.SortFunc(orders, func(a, b *eventpb.Event) int {
		return cmp.Or(cmp.Compare(a.Order.OrderId, b.Order.OrderId), cmp.Compare(a.Order.Version, b.Order.Version))
	})
	for _, e := range orders {
		o := n.orders[e.Order.OrderId]
		if o == nil {
			o = &naiveOrder{
				id: e.Order.OrderId, atMS: e.TimeMs, show: e.ShowId, esol: e.EsolId, code: e.Code, campaign: e.CampaignId,
				products: map[string][]string{},
			}
			for _, l := range e.Order.Lines {
				o.products[l.BrandId] = append(o.products[l.BrandId], l.ProductId)
			}
			if len(e.Order.Lines) == 0 {
				o.products[""] = nil
			}
			n.orders[o.id] = o
		}
		if e.PersonLo != 0 {
			o.person = e.PersonLo
		}
	}
	for _, o := range n.orders {
		for brand := range o.products {
			part := n.part(w, o, brand)
			o.paid = o.paid || part.Paid
		}
		var paid, net int64
		for brand := range o.products {
			part := n.part(w, o, brand)
			paid += part.PaidMinor
			net = max(net, part.NetMinor)
		}
		o.back = o.paid && paid > 0 && net <= 0
	}
	return n
}

// part is a brand's part of an order, as its credit has it; that of no brand has the order's one part.
func (n *naive) part(w *town, o *naiveOrder, brand string) *eventpb.Credit {
	if brand != "" {
		return w.credits["brand/"+brand+" "+o.id]
	}
	// An order without lines has one part: the fold's own, by its order.
	for _, f := range w.folds {
		if v, ok, _ := f.orders.Get(o.id); ok {
			s, _ := f.shares(v)
			return &eventpb.Credit{
				CreatedMinor: s[0].created, PaidMinor: s[0].paid, RefundedMinor: s[0].refunded,
				CancelledMinor: s[0].cancelled, NetMinor: s[0].net, Units: s[0].units, Paid: v.EverPaid,
			}
		}
	}
	return nil
}

func (n *naive) check(t *rapid.T, w *town, o *naiveOrder) {
	esols, deals, shows, camps := map[string]want{}, map[string]want{}, map[string]want{}, map[string]want{}
	add := func(to map[string]want, name string, v want) {
		if name == "" || name == "-" {
			return
		}
		x := to[name]
		x.add(v)
		to[name] = x
	}
	esol := n.seller(o.esol, o.show, o.code)
	end := n.shows[o.show].GetEndMs()
	live := o.show != "" && (end == 0 || o.atMS <= end)
	for brand := range o.products {
		p := n.part(w, o, brand)
		whole := want{p.CreatedMinor, p.PaidMinor, p.RefundedMinor, p.CancelledMinor, p.Units, live}
		models := n.modelsOf(o, brand)
		byEsol, byShow := map[string]want{esol: whole}, map[string]want{o.show: whole}
		if len(models) > 0 {
			byEsol = n.shares(o, brand, models[0], p, func(x naiveTouch) string { return x.esol })
			if o.show == "" {
				byShow = n.shares(o, brand, models[0], p, func(x naiveTouch) string { return x.show })
			}
			var all want
			for _, v := range byEsol {
				all.add(v)
			}
			if all.inLive = live; len(byEsol) > 0 && all != whole {
				t.Fatalf("%s of %s: the plain shares %v do not sum to %v", brand, o.id, byEsol, whole)
			}
		}
		for name, v := range byEsol {
			add(esols, name, v)
		}
		for name, v := range byShow {
			add(shows, name, v)
		}
		counts := n.counts(o)
		for _, id := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(counts, models)))) {
			if b := n.camps[id].BrandId; b != "" && b != brand {
				continue
			}
			by := map[string]want{esol: whole}
			if slices.Contains(models, id) {
				by = n.shares(o, brand, id, p, func(x naiveTouch) string { return x.esol })
			}
			for name, v := range by {
				if name != "" && name != "-" {
					add(deals, fmt.Sprint(len(id), ":", id, name), v)
				}
				if v.inLive = false; !slices.Contains(counts, id) && name != "-" {
					add(camps, id, v)
				}
			}
			if whole.inLive = false; slices.Contains(counts, id) {
				add(camps, id, whole)
			}
			whole.inLive = live
		}
	}
	all := map[string]map[string]want{"esol": esols, "deal": deals, "show": shows, "campaign": camps}
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		got, wanted := w.of(kind, o.id), all[kind]
		for _, name := range slices.Sorted(maps.Keys(wanted)) {
			v := wanted[name]
			c := got[name]
			if c == nil {
				t.Fatalf("%s/%s has nothing of %s, want %+v", kind, name, o.id, v)
			}
			if g := (want{c.CreatedMinor, c.PaidMinor, c.RefundedMinor, c.CancelledMinor, c.Units, c.InLive}); g != v {
				t.Fatalf("%s/%s has %+v of %s, want %+v", kind, name, g, o.id, v)
			}
			if kind == "esol" || kind == "deal" {
				if holds := n.holds(o); !slices.Equal(c.Holds, holds) {
					t.Fatalf("%s/%s of %s is held for %v, want %v", kind, name, o.id, c.Holds, holds)
				}
			}
			if kind == "deal" {
				checkLines(t, c)
			}
			if kind == "campaign" {
				n.checkKept(t, o, c)
			}
		}
		if len(got) != len(wanted) {
			t.Fatalf("%s of %s: %v, want %v", kind, o.id, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(wanted)))
		}
	}
}

// checkKept holds what a campaign's credit says of returns against the catalog.
func (n *naive) checkKept(t *rapid.T, o *naiveOrder, c *eventpb.Credit) {
	rates, sum, last := map[uint32]bool{}, int64(0), -1
	for _, products := range o.products {
		for _, p := range products {
			rates[cmp.Or(n.rates[p], 400_000)] = true
		}
	}
	if _, some := o.products[""]; some {
		rates[400_000] = true // of no known product
	}
	for _, k := range c.Kept {
		if sum += k.NetMinor; int(k.ReturnRatePpm) <= last || k.NetMinor > 0 && !rates[k.ReturnRatePpm] ||
			k.NetMinor <= 0 && k.ReturnRatePpm != 0 || k.NetMinor == 0 {
			t.Fatalf("of rates %v: %v", rates, c)
		}
		last = int(k.ReturnRatePpm)
	}
	if want := c.NetMinor; c.Paid && sum != want || !c.Paid && (len(c.Kept) > 0 || c.PaidMs != 0) {
		t.Fatalf("what is kept sums to %d, not %d: %v", sum, want, c)
	}
}

func checkLines(t *rapid.T, c *eventpb.Credit) {
	var all eventpb.CreditLine
	for i, l := range c.Lines {
		all.PaidMinor += l.PaidMinor
		all.NetMinor += l.NetMinor
		all.Units += l.Units
		if i > 0 && l.ProductId <= c.Lines[i-1].ProductId {
			t.Fatalf("lines out of order: %v", c.Lines)
		}
	}
	if all.PaidMinor != c.PaidMinor || all.NetMinor != c.NetMinor || all.Units != c.Units {
		t.Fatalf("the lines of %v sum to %v", c, &all)
	}
}
