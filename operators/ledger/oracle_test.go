package ledger_test

import (
	"math/big"
	"slices"
	"sort"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// oracle says what every scope's money must be, straight from the whole set of order events, the catalog as it ends,
// and the time up to which orders have settled. It is written for being read: everything is recomputed from scratch,
// sums are unbounded, and nothing is shared with the folds.
type oracle struct {
	catalog map[string]*eventpb.Catalog // by kind/id
	settled int64
	money   map[string]*eventpb.Money
	buyers  map[[3]string]bool // scope, currency ("": any), person
}

func expect(orders []*eventpb.Event, catalog []*eventpb.Catalog, settled int64) map[string]*eventpb.Money {
	o := &oracle{map[string]*eventpb.Catalog{}, settled, map[string]*eventpb.Money{}, map[[3]string]bool{}}
	for _, c := range catalog {
		o.catalog[c.Kind+"/"+c.Id] = c
		if c.Deleted {
			delete(o.catalog, c.Kind+"/"+c.Id)
		}
	}
	byOrder := map[string][]*eventpb.Event{}
	for _, e := range orders {
		byOrder[e.Order.OrderId] = append(byOrder[e.Order.OrderId], e)
	}
	for _, versions := range byOrder {
		o.order(versions)
	}
	for key := range o.buyers {
		m := o.money[key[0]]
		if key[1] == "" {
			m.Buyers++
			continue
		}
		for _, g := range m.Gmv {
			if g.Currency == key[1] {
				g.Buyers++
			}
		}
	}
	for _, m := range o.money {
		for _, g := range m.Gmv {
			if g.OrdersPaid != 0 {
				g.AverageOrderMinor = halfEven(g.PaidMinor, g.OrdersPaid)
			}
		}
		sort.Slice(m.Gmv, func(i, j int) bool { return m.Gmv[i].Currency < m.Gmv[j].Currency })
	}
	return o.money
}

// final is an order when all its versions have been laid over each other.
type final struct {
	status                       eventpb.OrderStatus
	known, test, paid            bool
	amount, orderedMS, paidMS    int64
	currency, otherCurrency      string
	lines                        []*eventpb.OrderLine
	refunds                      map[string]*eventpb.Refund
	show, esol, campaign, person string
}

func lay(versions []*eventpb.Event) final {
	sort.Slice(versions, func(i, j int) bool {
		a, b := versions[i], versions[j]
		if a.Order.Version != b.Order.Version {
			return a.Order.Version < b.Order.Version
		}
		return a.IdLo < b.IdLo // the tests use no IdHi
	})
	f := final{refunds: map[string]*eventpb.Refund{}, orderedMS: versions[0].TimeMs}
	currencies := map[string]string{} // of the refunds
	set := func(to *string, v string) {
		if v != "" {
			*to = v
		}
	}
	for _, e := range versions {
		v := e.Order
		f.orderedMS = min(f.orderedMS, e.TimeMs)
		f.test = f.test || v.Test
		if v.Status != 0 {
			f.status = v.Status
		}
		if v.Status == eventpb.OrderStatus_ORDER_STATUS_PAID || v.Status >= eventpb.OrderStatus_ORDER_STATUS_REFUNDED {
			if !f.paid || e.TimeMs < f.paidMS {
				f.paidMS = e.TimeMs
			}
			f.paid = true
		}
		if v.HasAmount {
			f.known, f.amount, f.currency = true, v.AmountMinor, v.Currency
			if len(v.Lines) > 0 {
				f.lines = v.Lines
			}
		} else {
			set(&f.otherCurrency, v.Currency)
		}
		set(&f.show, e.ShowId)
		set(&f.esol, e.EsolId)
		set(&f.campaign, e.CampaignId)
		set(&f.person, event.ID{Hi: e.PersonHi, Lo: e.PersonLo}.String())
		for _, r := range v.Refunds {
			f.refunds[r.RefundId], currencies[r.RefundId] = r, v.Currency
		}
	}
	if !f.known {
		f.currency = f.otherCurrency
	}
	for id, r := range f.refunds { // of another currency: no money of this order
		if c := currencies[id]; c != "" && c != f.currency {
			f.refunds[id] = &eventpb.Refund{RefundId: id, Lines: r.Lines}
		}
	}
	return f
}

// slice is one brand's part, or the whole.
type slice struct{ created, paid, refunded, cancelled, units int64 }

func (o *oracle) order(versions []*eventpb.Event) {
	f := lay(versions)
	if f.test || f.currency == "" || !f.known && len(f.refunds) == 0 {
		return
	}
	brands := o.divide(f)
	var whole slice
	var window int64
	for brand, s := range brands {
		whole.created += s.created
		whole.paid += s.paid
		whole.refunded += s.refunded
		whole.cancelled += s.cancelled
		whole.units += s.units
		window = max(window, o.window(brand))
	}
	esol := f.esol
	if c := o.catalog["show/"+f.show]; esol == "" && c != nil && f.show != "" {
		esol = c.Show.EsolId
	}
	if f.show != "" {
		o.post("show/"+f.show, f, whole, window)
	}
	if esol != "" {
		o.post("esol/"+esol, f, whole, window)
	}
	for brand, s := range brands {
		if brand != "" {
			o.post("brand/"+brand, f, *s, o.window(brand))
		}
	}
	for _, c := range o.catalog {
		if c.Kind != "campaign" {
			continue
		}
		show := o.catalog["show/"+f.show]
		named := slices.Contains(c.Campaign.EsolIds, esol) && esol != "" ||
			f.show != "" && show != nil && slices.Contains(show.Show.CampaignIds, c.Id) || f.campaign == c.Id
		within := f.orderedMS >= c.Campaign.StartMs && (c.Campaign.EndMs == 0 || f.orderedMS < c.Campaign.EndMs)
		if !named || !within {
			continue
		}
		if c.Campaign.BrandId == "" {
			o.post("campaign/"+c.Id, f, whole, window)
		} else if s := brands[c.Campaign.BrandId]; s != nil {
			o.post("campaign/"+c.Id, f, *s, o.window(c.Campaign.BrandId))
		}
	}
}

func (o *oracle) window(brand string) int64 {
	if c := o.catalog["brand/"+brand]; c != nil && brand != "" && c.Brand.ReturnWindowMs > 0 {
		return c.Brand.ReturnWindowMs
	}
	return 14 * 86_400_000
}

func (o *oracle) brandOf(l *eventpb.OrderLine) string {
	if l.BrandId != "" {
		return l.BrandId
	}
	if c := o.catalog["product/"+l.ProductId]; c != nil {
		return c.Product.BrandId
	}
	return ""
}

func (o *oracle) divide(f final) map[string]*slice {
	parts, weight := map[string]*slice{}, map[string]int64{}
	at := func(brand string) *slice {
		if parts[brand] == nil {
			parts[brand] = &slice{}
		}
		return parts[brand]
	}
	cancelled := f.status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED && f.paid
	for _, l := range f.lines {
		s := at(o.brandOf(l))
		weight[o.brandOf(l)] += max(0, l.Quantity*l.UnitPriceMinor-l.DiscountMinor)
		if f.paid {
			s.units += l.Quantity
		}
	}
	ordered := func(back *eventpb.OrderLine) *eventpb.OrderLine {
		for _, l := range f.lines {
			if l.LineId != "" && l.LineId == back.LineId {
				return l
			}
		}
		for _, l := range f.lines {
			if l.ProductId != "" && l.ProductId == back.ProductId {
				return l
			}
		}
		return back
	}
	var sum, pool int64
	for _, r := range f.refunds {
		sum += r.AmountMinor
		for _, l := range r.Lines {
			at(o.brandOf(ordered(l))).units -= l.Quantity
		}
	}
	if len(parts) == 0 {
		at("")
	}
	if f.known {
		for brand, part := range apportion(f.amount, weight, parts) {
			parts[brand].created = part
			if f.paid {
				parts[brand].paid = part
			}
		}
	}
	full := f.known && (len(f.refunds) == 0 && f.status == eventpb.OrderStatus_ORDER_STATUS_REFUNDED ||
		len(f.refunds) > 0 && f.amount != 0 && sum == f.amount)
	for _, r := range f.refunds {
		if len(r.Lines) == 0 {
			pool += r.AmountMinor
			continue
		}
		worth, named := map[string]int64{}, map[string]*slice{}
		for _, l := range r.Lines {
			was := ordered(l)
			price := l.Quantity
			if total := max(0, was.Quantity*was.UnitPriceMinor-was.DiscountMinor); total > 0 {
				price = l.Quantity * total / was.Quantity
			}
			worth[o.brandOf(was)] += price
			named[o.brandOf(was)] = parts[o.brandOf(was)]
		}
		for brand, part := range apportion(r.AmountMinor, worth, named) {
			parts[brand].refunded += part
		}
	}
	if pool != 0 {
		left, any := map[string]int64{}, false
		for brand, s := range parts {
			left[brand] = max(0, s.created-s.refunded)
			any = any || left[brand] > 0
		}
		if !any {
			left = weight
		}
		for brand, part := range apportion(pool, left, parts) {
			parts[brand].refunded += part
		}
	}
	var paid, refunded int64
	for _, s := range parts {
		if full {
			s.refunded = s.created
		}
		if !f.paid || f.status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED ||
			f.status == eventpb.OrderStatus_ORDER_STATUS_REFUNDED && len(f.refunds) == 0 {
			s.units = 0
		}
		paid, refunded = paid+s.paid, refunded+s.refunded
	}
	if cancelled && paid > refunded {
		for _, s := range parts {
			s.cancelled = s.paid - s.refunded
		}
	}
	return parts
}

// apportion is Hamilton's method in rational numbers: the floor of each quota, then a unit each to the largest
// fractions.
func apportion(amount int64, weight map[string]int64, among map[string]*slice) map[string]int64 {
	var names []string
	total := int64(0)
	for name := range among {
		names = append(names, name)
		total += weight[name]
	}
	sort.Strings(names)
	out, fraction, left := map[string]int64{}, map[string]*big.Rat{}, amount
	for _, name := range names {
		quota := big.NewRat(amount, int64(len(names)))
		if total > 0 {
			quota = new(big.Rat).Mul(big.NewRat(amount, 1), big.NewRat(weight[name], total))
		}
		floor := new(big.Int).Quo(quota.Num(), quota.Denom())
		out[name] = floor.Int64()
		fraction[name] = quota.Sub(quota, new(big.Rat).SetInt(floor))
		left -= floor.Int64()
	}
	sort.SliceStable(names, func(i, j int) bool { return fraction[names[i]].Cmp(fraction[names[j]]) > 0 })
	for _, name := range names[:left] {
		out[name]++
	}
	return out
}

func (o *oracle) post(scope string, f final, s slice, window int64) {
	m := o.money[scope]
	if m == nil {
		m = &eventpb.Money{}
		o.money[scope] = m
	}
	var g *eventpb.Gmv
	for _, have := range m.Gmv {
		if have.Currency == f.currency {
			g = have
		}
	}
	if g == nil {
		digits, _ := event.Exponent(f.currency)
		g = &eventpb.Gmv{Currency: f.currency, Exponent: uint32(digits)}
		m.Gmv = append(m.Gmv, g)
	}
	net := s.paid - s.refunded - s.cancelled
	g.CreatedMinor += s.created
	g.PaidMinor += s.paid
	g.RefundedMinor += s.refunded
	g.CancelledMinor += s.cancelled
	g.NetMinor += net
	g.Units += s.units
	if !f.known && len(f.refunds) > 0 {
		g.RefundedUnknownMinor += s.refunded
		g.RefundsUnknown++
		return
	}
	if m.OrdersTotal == 0 || f.orderedMS > m.LastOrderMs {
		m.LastOrderMs = f.orderedMS
	}
	m.OrdersTotal++
	g.OrdersCreated++
	if s.refunded != 0 {
		g.OrdersRefunded++
	}
	cancelled := f.status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED
	if cancelled {
		g.OrdersCancelled++
	}
	if f.paid {
		g.OrdersPaid++
		if f.paidMS+window <= o.settled {
			g.SettledMinor += net
		}
		if !cancelled && f.person != "" {
			o.buyers[[3]string{scope, f.currency, f.person}] = true
			o.buyers[[3]string{scope, "", f.person}] = true
		}
	}
}

func halfEven(sum, n int64) int64 {
	q, r := new(big.Int).DivMod(big.NewInt(sum), big.NewInt(n), new(big.Int)) // floor: n is positive
	switch twice := 2 * r.Int64(); {
	case twice > n, twice == n && q.Bit(0) == 1:
		return q.Int64() + 1
	}
	return q.Int64()
}
