package oracle

import (
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// bill is what an order comes to, a pure function of the set of its versions: of each group of fields, the value of the
// greatest (version, event id) that has it.
type bill struct {
	hasAmount                          bool // some version says one
	created, paid, refunded, cancelled int64
	everPaid, isCancelled              bool
	currency, person, esol, show       string
	lines                              []Line
	refunds                            []Refund
	orderedMS, paidMS                  int64
	units                              int64
}

// refundOnly: there are refunds and no amount, so the order itself is unknown (yet). Without either it is an order
// whose amount is to come.
func (b *bill) refundOnly() bool { return !b.hasAmount && len(b.refunds) > 0 }

func (b *bill) net() int64 { return b.paid - b.refunded - b.cancelled }

// billOf reads the versions. ok is false for test orders.
func billOf(versions map[string]*placed) (b bill, ok bool) {
	all := slices.Collect(maps.Values(versions))
	slices.SortFunc(all, func(x, y *placed) int {
		if x.Version.Version != y.Version.Version {
			if x.Version.Version < y.Version.Version {
				return -1
			}
			return 1
		}
		return strings.Compare(x.id, y.id)
	})
	var amount int64
	var status string
	refunds := map[string]Refund{}
	for _, v := range all {
		if v.Test {
			return b, false
		}
		status = v.Status
		if v.Status == "paid" || v.Status == "refunded" || v.Status == "partially_refunded" {
			if !b.everPaid {
				b.paidMS = v.timeMS
			}
			b.everPaid = true
		}
		if v.HasAmount {
			b.hasAmount = true
			amount, b.currency, b.lines = v.Minor, v.Currency, v.Lines
		}
		if b.currency == "" && len(v.Refunds) > 0 {
			b.currency = v.Currency // of a refund whose order is not known (yet)
		}
		replace(&b.person, v.person)
		replace(&b.esol, v.esol)
		replace(&b.show, v.show)
		for _, r := range v.Refunds {
			refunds[r.ID] = r
		}
	}
	b.orderedMS = all[0].timeMS
	for _, id := range slices.Sorted(maps.Keys(refunds)) {
		r := refunds[id]
		r.Lines = priced(r.Lines, b.lines)
		b.refunds = append(b.refunds, r)
		b.refunded += refunds[id].Minor
	}
	b.isCancelled = status == "cancelled"
	b.created = amount
	if b.everPaid {
		b.paid = amount
		b.units = b.unitsOf(func(Line) bool { return true }, status)
	}
	switch {
	case status == "refunded" && len(refunds) == 0:
		b.refunded = b.paid
	case b.isCancelled && b.everPaid:
		b.cancelled = b.paid - b.refunded
	}
	return b, true
}

func replace(s *string, by string) {
	if by != "" {
		*s = by
	}
}

// unitsOf is bought and paid, less returned; none are left of an order that was cancelled, or refunded as a whole
// without saying what came back.
func (b *bill) unitsOf(of func(Line) bool, status string) (n int64) {
	if b.isCancelled || status == "refunded" && len(b.refunds) == 0 {
		return 0
	}
	for _, l := range b.lines {
		if of(l) {
			n += l.Quantity
		}
	}
	for _, r := range b.refunds {
		for _, l := range r.Lines {
			if of(l) {
				n -= l.Quantity
			}
		}
	}
	return n
}

// Money is what a scope (show/ID, esol/ID, brand/ID, campaign/ID) sold. settled counts orders whose return window is
// over at nowMS.
//
// Readings: an order is in orders_total from its first version on, and in a currency's numbers once an amount or a
// refund says which one; it counts as refunded with any refund; last_order_ms is the greatest time of an order's least
// version; buyers have a paid order that is not cancelled; the window is the longest of the order's brands'.
func (o *Oracle) Money(scope string, nowMS int64) *eventpb.Money {
	m := &eventpb.Money{}
	by := map[string]*eventpb.Gmv{}
	buyers, buyersBy := map[string]bool{}, map[string]map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(o.orders)) {
		whole, ok := billOf(o.orders[id])
		if !ok {
			continue
		}
		b, in := o.share(whole, scope)
		if !in {
			continue
		}
		if !b.refundOnly() {
			m.OrdersTotal++
			m.LastOrderMs = max(m.LastOrderMs, b.orderedMS)
		}
		if b.currency == "" {
			continue
		}
		g := by[b.currency]
		if g == nil {
			digits, _ := event.Exponent(b.currency)
			g = &eventpb.Gmv{Currency: b.currency, Exponent: uint32(digits)}
			by[b.currency], buyersBy[b.currency] = g, map[string]bool{}
		}
		enter(g, b, nowMS >= whole.paidMS+o.window(whole))
		if b.everPaid && !b.refundOnly() && !b.isCancelled && b.person != "" {
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

func enter(g *eventpb.Gmv, b bill, settled bool) {
	g.CreatedMinor += b.created
	g.PaidMinor += b.paid
	g.RefundedMinor += b.refunded
	g.CancelledMinor += b.cancelled
	g.NetMinor += b.net()
	g.Units += b.units
	if b.everPaid && settled {
		g.SettledMinor += b.net()
	}
	if b.refundOnly() {
		g.RefundedUnknownMinor += b.refunded
		g.RefundsUnknown += int64(len(b.refunds))
		return
	}
	g.OrdersCreated++
	if b.everPaid {
		g.OrdersPaid++
	}
	if b.isCancelled {
		g.OrdersCancelled++
	}
	if b.refunded != 0 || len(b.refunds) > 0 {
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
		for _, brand := range o.brands(b) {
			all["brand/"+brand] = true
		}
		for _, c := range o.campaigns(b) {
			all["campaign/"+c] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (o *Oracle) esolOf(b bill) string {
	if b.esol == "" {
		return o.catalog["show/"+b.show].GetShow().GetEsolId()
	}
	return b.esol
}

// share is a scope's part of a bill: all of it for its show and its ESOL, the brand's lines' part for brand and
// campaign.
func (o *Oracle) share(b bill, scope string) (part bill, in bool) {
	kind, id, _ := strings.Cut(scope, "/")
	switch kind {
	case "show":
		return b, b.show == id
	case "esol":
		return b, o.esolOf(b) == id
	case "brand":
		return o.brandShare(b, id)
	case "campaign":
		if slices.Contains(o.campaigns(b), id) {
			return o.brandShare(b, o.catalog["campaign/"+id].GetCampaign().GetBrandId())
		}
	}
	return b, false
}

func (o *Oracle) brand(l Line) string {
	if l.Brand != "" {
		return l.Brand
	}
	return o.catalog["product/"+l.Product].GetProduct().GetBrandId()
}

// brands are those of an order's lines, sorted; lines without one belong to "".
func (o *Oracle) brands(b bill) []string {
	of := map[string]bool{}
	for _, l := range b.lines {
		of[o.brand(l)] = true
	}
	return slices.Sorted(maps.Keys(of))
}

func (o *Oracle) campaigns(b bill) (ids []string) {
	brands := o.brands(b)
	for _, key := range slices.Sorted(maps.Keys(o.catalog)) {
		e := o.catalog[key]
		c := e.GetCampaign()
		if c == nil || !slices.Contains(brands, c.BrandId) {
			continue
		}
		named := slices.Contains(o.catalog["show/"+b.show].GetShow().GetCampaignIds(), e.Id)
		dated := c.StartMs <= b.orderedMS && (c.EndMs == 0 || b.orderedMS < c.EndMs)
		if named || dated && slices.Contains(c.EsolIds, o.esolOf(b)) {
			ids = append(ids, e.Id)
		}
	}
	return ids
}

// brandShare splits by line totals, largest remainder, brands in order of id. A refund is split by the value of its
// lines at the order's prices, or as the order is where it names none.
func (o *Oracle) brandShare(b bill, brand string) (part bill, in bool) {
	brands := o.brands(b)
	at := slices.Index(brands, brand)
	if at < 0 {
		return b, false
	}
	total := func(lines []Line) []int64 {
		w := make([]int64, len(brands))
		for _, l := range lines {
			if i := slices.Index(brands, o.brand(l)); i >= 0 {
				w[i] += max(0, l.Quantity*l.Price-l.Discount)
			}
		}
		return w
	}
	weights := total(b.lines)
	part = b
	part.created = split(b.created, weights)[at]
	part.paid = split(b.paid, weights)[at]
	if len(b.refunds) == 0 {
		part.refunded = split(b.refunded, weights)[at]
	} else {
		part.refunded = 0
	}
	for _, r := range b.refunds {
		w := total(r.Lines)
		if slices.Max(w) == 0 {
			w = weights
		}
		part.refunded += split(r.Minor, w)[at]
	}
	if b.cancelled != 0 {
		part.cancelled = part.paid - part.refunded
	}
	if b.units != 0 {
		part.units = b.unitsOf(func(l Line) bool { return o.brand(l) == brand }, "")
	}
	return part, true
}

// priced gives a refund's lines, which say what and how many, the order's prices and brands.
func priced(lines, order []Line) (out []Line) {
	for _, l := range lines {
		for _, x := range order {
			if x.Product == l.Product {
				l.Price = x.Price
				replace(&l.Brand, x.Brand)
				break
			}
		}
		out = append(out, l)
	}
	return out
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

func (o *Oracle) window(b bill) (ms int64) {
	for _, brand := range o.brands(b) {
		w := o.catalog["brand/"+brand].GetBrand().GetReturnWindowMs()
		if w == 0 {
			w = o.rules.ReturnWindow
		}
		ms = max(ms, w)
	}
	if ms == 0 {
		ms = o.rules.ReturnWindow
	}
	return ms
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
