package source

import (
	"github.com/netsu/netsu/stream/event"
)

// lines are an order's lines with their discounts: as Shopify has allocated them, else the line's own and its part of
// the rest of the order's by largest remainder. A discount on shipping is not a line's: no line goes below zero for it.
func (s shopify) lines(o *shopifyOrder, edited bool, m *purse) []Line {
	lines := make([]Line, 0, len(o.Lines))
	discounts, gross := make([]int64, len(o.Lines)), make([]int64, len(o.Lines))
	allocated, known := false, int64(0)
	for i, l := range o.Lines {
		quantity := l.Quantity
		if edited && l.CurrentQuantity != nil {
			quantity = *l.CurrentQuantity
		}
		price := m.read(l.Price, l.PriceSet)
		gross[i] = m.times(price, quantity)
		for _, a := range l.Allocations {
			discounts[i], allocated = m.add(discounts[i], m.read(a.Amount, a.AmountSet)), true
		}
		if len(l.Allocations) == 0 {
			discounts[i] = m.read(l.Discount, l.DiscountSet)
		}
		known = m.add(known, discounts[i])
		lines = append(lines, Line{LineID: string(l.ID), ProductID: s.product(&l), Quantity: quantity,
			UnitPrice: m.text(price)})
	}
	if rest := m.read(o.Discounts, o.DiscountsSet) - known; !allocated && rest > 0 {
		spread(discounts, gross, rest)
	}
	for i, d := range discounts {
		if d > 0 {
			lines[i].Discount = m.text(d)
		}
	}
	return lines
}

// spread adds rest to discounts, by what each line costs after those that it has, and never more than that.
func spread(discounts, gross []int64, rest int64) {
	left, room := make([]int64, len(gross)), int64(0)
	for i := range gross {
		left[i] = max(0, gross[i]-discounts[i])
		room += left[i] // amounts are far from the bounds: ingest takes 10^15 minor units at most
	}
	for i, part := range event.Alloc(min(rest, room), left) {
		discounts[i] += part
	}
}

// product is the catalog's id of what a line sells. A line that somebody typed in has none but its own.
func (s shopify) product(l *shopifyLine) string {
	switch {
	case s.SKU && l.SKU != "":
		return l.SKU
	case l.ProductID != "":
		return string(l.ProductID)
	case l.SKU != "":
		return l.SKU
	case l.VariantID != "":
		return string(l.VariantID)
	}
	return "line-" + string(l.ID)
}
