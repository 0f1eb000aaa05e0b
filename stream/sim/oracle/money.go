package oracle

import (
	"cmp"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// bill is what an order comes to, a pure function of the set of its versions: of each group of fields, the value of the
// greatest (version, event id) that has it.
type bill struct {
	hasAmount            bool // some version says one
	amount               int64
	status               string
	everPaid             bool
	currency, person     string
	show, esol, campaign string
	code                 string
	lines                []Line
	refunds              []Refund
	orderedMS, paidMS    int64 // the least times, of all versions and of those that say it was paid
}

// part is what a scope has of a bill.
type part struct {
	created, paid, refunded, cancelled, units int64
	windowMS                                  int64
}

func (p *part) net() int64 { return p.paid - p.refunded - p.cancelled }

// refundOnly: there are refunds and no amount, so the order itself is unknown (yet).
func (b *bill) refundOnly() bool { return !b.hasAmount && len(b.refunds) > 0 }

func (b *bill) isCancelled() bool { return b.status == "cancelled" }

// refundedBySaying: the status alone says that all went back.
func (b *bill) refundedBySaying() bool { return b.status == "refunded" && len(b.refunds) == 0 }

// billOf reads the versions. ok is false for what counts nowhere: test orders, and orders of which neither an amount
// nor a refund is known (yet), so that no average is taken over orders without one.
func billOf(versions map[string]*placed) (b bill, ok bool) {
	all := slices.Collect(maps.Values(versions))
	slices.SortFunc(all, func(x, y *placed) int {
		return cmp.Or(cmp.Compare(x.Version.Version, y.Version.Version), strings.Compare(x.id, y.id))
	})
	b.orderedMS, b.paidMS = math.MaxInt64, math.MaxInt64
	refunds, in := map[string]Refund{}, map[string]string{} // by id; in their currencies
	var otherCurrency string
	for _, v := range all {
		if v.Test {
			return b, false
		}
		b.orderedMS = min(b.orderedMS, v.timeMS)
		b.status = v.Status
		if v.Status == "paid" || v.Status == "refunded" || v.Status == "partially_refunded" {
			b.everPaid, b.paidMS = true, min(b.paidMS, v.timeMS)
		}
		if v.HasAmount {
			b.hasAmount, b.amount, b.currency = true, v.Minor, v.Currency
			if len(v.Lines) > 0 {
				b.lines = v.Lines
			}
		} else {
			replace(&otherCurrency, v.Currency)
		}
		replace(&b.person, v.person)
		replace(&b.esol, v.esol)
		replace(&b.show, v.show)
		replace(&b.campaign, v.campaign)
		replace(&b.code, v.Code)
		for _, r := range v.Refunds {
			refunds[r.ID], in[r.ID] = r, v.Currency
		}
	}
	if !b.hasAmount {
		b.currency = otherCurrency // of a refund whose order is not known (yet)
	}
	for _, id := range slices.Sorted(maps.Keys(refunds)) {
		r := refunds[id]
		if in[id] != "" && in[id] != b.currency {
			r.Minor = 0 // no money of this order
		}
		b.refunds = append(b.refunds, r)
	}
	return b, b.currency != "" && (b.hasAmount || len(b.refunds) > 0)
}

func replace(s *string, by string) {
	if by != "" {
		*s = by
	}
}

// Money is what a scope (show/ID, esol/ID, brand/ID, campaign/ID) sold. settled counts orders whose return window is
// over at nowMS.
//
// Readings: an order counts once an amount is known, and while nothing but refunds of it is, apart: its money in
// refunded and refunded_unknown, itself once in refunds_unknown, however many refunds. It counts as refunded where
// money of the scope's own part went back; last_order_ms is the greatest of the orders' least times; buyers have a paid
// order that is not cancelled.
func (o *Oracle) Money(scope string, nowMS int64) *eventpb.Money {
	m := &eventpb.Money{}
	by := map[string]*eventpb.Gmv{}
	buyers, buyersBy := map[string]bool{}, map[string]map[string]bool{}
	for _, versions := range o.orders {
		b, ok := billOf(versions)
		if !ok {
			continue
		}
		p, in := o.share(b, scope)
		if !in {
			continue
		}
		g := by[b.currency]
		if g == nil {
			digits, _ := event.Exponent(b.currency)
			g = &eventpb.Gmv{Currency: b.currency, Exponent: uint32(digits)}
			by[b.currency], buyersBy[b.currency] = g, map[string]bool{}
		}
		enter(g, b, p, nowMS)
		if b.refundOnly() {
			continue
		}
		m.OrdersTotal++
		m.LastOrderMs = max(m.LastOrderMs, b.orderedMS)
		if b.everPaid && !b.isCancelled() && b.person != "" {
			buyers[b.person], buyersBy[b.currency][b.person] = true, true
		}
	}
	m.Buyers = int64(len(buyers))
	for _, currency := range slices.Sorted(maps.Keys(by)) {
		g := by[currency]
		g.Buyers = int64(len(buyersBy[currency]))
		g.AverageOrderMinor = halfEven(g.PaidMinor, g.OrdersPaid)
		m.Gmv = append(m.Gmv, g)
	}
	return m
}

func enter(g *eventpb.Gmv, b bill, p part, nowMS int64) {
	g.CreatedMinor += p.created
	g.PaidMinor += p.paid
	g.RefundedMinor += p.refunded
	g.CancelledMinor += p.cancelled
	g.NetMinor += p.net()
	g.Units += p.units
	if b.refundOnly() {
		g.RefundedUnknownMinor += p.refunded
		g.RefundsUnknown++
		return
	}
	g.OrdersCreated++
	if b.everPaid {
		g.OrdersPaid++
		if b.paidMS+p.windowMS <= nowMS {
			g.SettledMinor += p.net()
		}
	}
	if b.isCancelled() {
		g.OrdersCancelled++
	}
	if p.refunded != 0 {
		g.OrdersRefunded++
	}
}

// Scopes are all that any order touches, in order.
func (o *Oracle) Scopes() []string {
	all := map[string]bool{}
	for _, versions := range o.orders {
		b, ok := billOf(versions)
		if !ok {
			continue
		}
		if b.show != "" {
			all["show/"+b.show] = true
		}
		if e := o.esolOf(b); e != "" {
			all["esol/"+e] = true
		}
		for brand := range o.divide(b) {
			if brand != "" {
				all["brand/"+brand] = true
			}
		}
		for _, c := range o.campaigns(b) {
			all["campaign/"+c] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// esolOf is the ESOL that an order names, else its show's, else the first by id whose code it has.
func (o *Oracle) esolOf(b bill) string {
	if esol := cmp.Or(b.esol, o.catalog["show/"+b.show].GetShow().GetEsolId()); esol != "" || b.code == "" {
		return esol
	}
	for _, key := range slices.Sorted(maps.Keys(o.catalog)) {
		if e := o.catalog[key]; slices.Contains(e.GetEsol().GetCodes(), b.code) {
			return e.Id
		}
	}
	return ""
}

// share is a scope's part of a bill: all of it for its show and its ESOL, the brand's part for brand and campaign. A
// campaign of no brand has all of it.
func (o *Oracle) share(b bill, scope string) (p part, in bool) {
	kind, id, _ := strings.Cut(scope, "/")
	parts := o.divide(b)
	switch kind {
	case "show":
		return whole(parts), b.show == id
	case "esol":
		return whole(parts), o.esolOf(b) == id
	case "campaign":
		if !slices.Contains(o.campaigns(b), id) {
			return p, false
		}
		if id = o.catalog["campaign/"+id].GetCampaign().GetBrandId(); id == "" {
			return whole(parts), true
		}
	}
	if parts[id] == nil || id == "" {
		return p, false
	}
	return *parts[id], true
}

// whole puts the parts together again. It settles with the last of them.
func whole(parts map[string]*part) (all part) {
	for _, p := range parts {
		all.created += p.created
		all.paid += p.paid
		all.refunded += p.refunded
		all.cancelled += p.cancelled
		all.units += p.units
		all.windowMS = max(all.windowMS, p.windowMS)
	}
	return all
}

func (o *Oracle) brand(l Line) string {
	if l.Brand != "" {
		return l.Brand
	}
	return o.catalog["product/"+l.Product].GetProduct().GetBrandId()
}

// campaigns are those that run when the order is made and that its show runs under, that name its ESOL, or that it
// names itself; those of a brand, only if it has a part in the order.
func (o *Oracle) campaigns(b bill) (ids []string) {
	parts := o.divide(b)
	for _, key := range slices.Sorted(maps.Keys(o.catalog)) {
		e := o.catalog[key]
		c := e.GetCampaign()
		if c == nil || c.BrandId != "" && parts[c.BrandId] == nil {
			continue
		}
		esol := o.esolOf(b)
		named := slices.Contains(o.catalog["show/"+b.show].GetShow().GetCampaignIds(), e.Id) || b.campaign == e.Id ||
			esol != "" && slices.Contains(c.EsolIds, esol)
		if named && c.StartMs <= b.orderedMS && (c.EndMs == 0 || b.orderedMS < c.EndMs) {
			ids = append(ids, e.Id)
		}
	}
	return ids
}

// divide splits a bill over the brands of its lines and of its refunds' lines; what belongs to no known brand is that
// of "". Created and paid go by line totals. A refund that names lines goes by what those cost; the others together, by
// what is left of each brand then. A refund of the whole gives back to each what it had, and so does a cancellation
// with what is left of what was paid.
func (o *Oracle) divide(b bill) map[string]*part {
	d := division{Oracle: o, bill: b, parts: map[string]*part{}, weights: map[string]int64{}}
	for _, l := range b.lines {
		d.at(l).units += l.Quantity
		d.weights[o.brand(l)] += cost(l)
	}
	for _, r := range b.refunds {
		for _, l := range r.Lines {
			d.at(d.ordered(l)).units -= l.Quantity
		}
	}
	if len(d.parts) == 0 {
		d.at(Line{})
	}
	if b.hasAmount {
		d.give(b.amount, d.weights, func(p *part, minor int64) { p.created = minor })
	}
	d.refund()
	all := whole(d.parts)
	for _, p := range d.parts {
		if b.everPaid {
			p.paid = p.created
		}
		if b.everPaid && b.hasAmount && b.isCancelled() && all.created > all.refunded {
			p.cancelled = p.paid - p.refunded
		}
		if !b.everPaid || b.isCancelled() || b.refundedBySaying() {
			p.units = 0
		}
	}
	return d.parts
}

// division is the work on one bill.
type division struct {
	*Oracle
	bill
	parts   map[string]*part
	weights map[string]int64 // totals of the order's lines, by brand
}

func (d *division) at(l Line) *part {
	brand := d.brand(l)
	if d.parts[brand] == nil {
		w := d.catalog["brand/"+brand].GetBrand().GetReturnWindowMs()
		if w <= 0 {
			w = d.rules.ReturnWindow
		}
		d.parts[brand] = &part{windowMS: w}
	}
	return d.parts[brand]
}

// ordered is the order's line that a refund's line is about, by line id, else by product; else the refund's own.
func (d *division) ordered(back Line) Line {
	same := func(key func(Line) string) int {
		return slices.IndexFunc(d.lines, func(l Line) bool { return key(back) != "" && key(l) == key(back) })
	}
	if i := same(func(l Line) string { return l.ID }); i >= 0 {
		return d.lines[i]
	}
	if i := same(func(l Line) string { return l.Product }); i >= 0 {
		return d.lines[i]
	}
	return back
}

func cost(l Line) int64 { return max(0, l.Quantity*l.Price-l.Discount) }

// give divides an amount over the brands by weights. Without any it divides it over all of them alike.
func (d *division) give(minor int64, weights map[string]int64, each func(*part, int64)) {
	brands := slices.Sorted(maps.Keys(d.parts))
	w := make([]int64, len(brands))
	for i, brand := range brands {
		w[i] = weights[brand]
	}
	for i, share := range split(minor, w) {
		each(d.parts[brands[i]], share)
	}
}

func (d *division) refund() {
	var all, unnamed int64
	back := func(p *part, minor int64) { p.refunded += minor }
	for _, r := range d.refunds {
		all += r.Minor
		if len(r.Lines) == 0 {
			unnamed += r.Minor
			continue
		}
		worth, named, any := map[string]int64{}, map[string]int64{}, false
		for _, l := range r.Lines {
			was, n := d.ordered(l), max(0, l.Quantity)
			brand := d.brand(was)
			if was.Quantity > 0 && cost(was) > 0 {
				n = n * cost(was) / was.Quantity
			}
			worth[brand] += n
			named[brand] = 1
			any = any || worth[brand] > 0
		}
		if !any {
			worth = named
		}
		d.give(r.Minor, worth, back)
	}
	if d.hasAmount && (d.refundedBySaying() || d.amount != 0 && all == d.amount) {
		for _, p := range d.parts {
			p.refunded = p.created
		}
		return
	}
	left, any := map[string]int64{}, false
	for brand, p := range d.parts {
		left[brand] = max(0, p.created-p.refunded)
		any = any || left[brand] > 0
	}
	if !any {
		left = d.weights
	}
	d.give(unnamed, left, back)
}

// split divides by the largest remainder, in numbers without bounds; of equal remainders the first comes first. Weights
// that are all zero count as equal.
func split(total int64, weights []int64) []int64 {
	sum := new(big.Int)
	for _, w := range weights {
		sum.Add(sum, big.NewInt(w))
	}
	if sum.Sign() == 0 {
		weights = slices.Repeat([]int64{1}, len(weights))
		sum.SetInt64(int64(len(weights)))
	}
	sign := int64(1)
	if total < 0 {
		sign = -1
	}
	parts, rest := make([]int64, len(weights)), make([]*big.Int, len(weights))
	left := sign * total
	for i, w := range weights {
		q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(sign*total), big.NewInt(w)), sum, new(big.Int))
		parts[i], rest[i] = q.Int64(), r
		left -= parts[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i].Cmp(rest[best]) > 0 {
				best = i
			}
		}
		parts[best]++
		rest[best] = big.NewInt(-1)
	}
	for i := range parts {
		parts[i] *= sign
	}
	return parts
}

// halfEven is a/b to the nearest, ties to even; 0 for no b.
func halfEven(a, b int64) int64 {
	if b == 0 {
		return 0
	}
	q, r := new(big.Int).DivMod(big.NewInt(a), big.NewInt(b), new(big.Int))
	switch c := r.Lsh(r, 1).Cmp(big.NewInt(b)); {
	case c > 0, c == 0 && q.Bit(0) == 1:
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}
