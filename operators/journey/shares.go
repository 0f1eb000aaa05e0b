package journey

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// share is one brand's part of an order. The brand "" holds what belongs to no known brand: it gets no credit, but it
// takes its part, so that the shares of an order always sum to the order, layer by layer.
type share struct {
	brand    string
	weight   int64 // total of its lines
	bought   int64 // units
	returned int64
	layers
	units int64
	goods []good // in order of product; none where no line is the brand's
}

// good is one product in a share. The product "" holds lines that name none.
type good struct {
	product          string
	weight           int64 // total of its lines
	bought, returned int64 // units
	back             int64 // worth of what refunds name
}

func (s *share) good(product string) *good {
	i, found := slices.BinarySearchFunc(s.goods, product, func(g good, p string) int { return cmp.Compare(g.product, p) })
	if !found {
		s.goods = slices.Insert(s.goods, i, good{product: product})
	}
	return &s.goods[i]
}

// shares divides an order over its brands, in order of brand: at least one.
//
//   - created and paid by the totals of the brands' lines.
//   - A refund that names lines by the worth of those lines. The others together, by what is left of each brand then.
//   - A full refund takes back from each exactly what it had, and so does a cancellation with what is left after
//     refunds. Without these two rules, rounding could leave one brand a unit above zero and another one below.
//
// Refunds above the amount count as they are: net goes below zero.
func (f *Fold) shares(o *journeypb.Order) ([]share, error) {
	d := division{catalog: f.catalog, order: o}
	if err := d.brands(); err != nil {
		return nil, err
	}
	if o.AmountAt != nil {
		for i, part := range event.Alloc(o.AmountMinor, d.weights()) {
			d.shares[i].created = part
			if o.EverPaid {
				d.shares[i].paid = part
			}
		}
	}
	if err := d.refund(); err != nil {
		return nil, err
	}
	if err := d.cancel(); err != nil {
		return nil, err
	}
	for i := range d.shares {
		s := &d.shares[i]
		if err := s.finish(); err != nil {
			return nil, err
		}
		if !o.EverPaid || o.Status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED || refundedBySaying(o) {
			continue // no units
		}
		var err error
		if s.units, err = event.Sub(s.bought, s.returned); err != nil {
			return nil, err
		}
	}
	return d.shares, nil
}

// refundedBySaying tells whether an order was refunded without saying how much: then it is the whole.
func refundedBySaying(o *journeypb.Order) bool {
	return o.Status == eventpb.OrderStatus_ORDER_STATUS_REFUNDED && len(o.Refunds) == 0
}

// division is the work on one order.
type division struct {
	catalog *catalog
	order   *journeypb.Order
	shares  []share

	byLine, byProduct map[string]*journeypb.Line // of the order; made for the first refund with lines
}

// brands finds the brands of the order's lines and of its refunds' lines, with weights and units.
func (d *division) brands() error {
	for _, l := range d.order.Lines {
		i, err := d.of(l)
		if err != nil {
			return err
		}
		s := &d.shares[i]
		if s.bought, err = event.Add(s.bought, l.Quantity); err != nil {
			return err
		}
		s.weight = event.AddCapped(s.weight, l.TotalMinor)
		g := s.good(l.ProductId)
		g.bought, g.weight = event.AddCapped(g.bought, max(0, l.Quantity)), event.AddCapped(g.weight, l.TotalMinor)
	}
	for _, r := range d.order.Refunds {
		for _, l := range r.Lines {
			ordered := d.ordered(l)
			i, err := d.of(ordered)
			if err != nil {
				return err
			}
			s := &d.shares[i]
			if s.returned, err = event.Add(s.returned, l.Quantity); err != nil {
				return err
			}
			g := s.good(ordered.ProductId)
			g.returned = event.AddCapped(g.returned, max(0, l.Quantity))
			g.back = event.AddCapped(g.back, worth(ordered, l.Quantity))
		}
	}
	if len(d.shares) == 0 {
		d.shares = []share{{}}
	}
	return nil
}

// of returns which share is that of a line's brand: as the line says, else as the catalog says of its product.
func (d *division) of(l *journeypb.Line) (int, error) {
	brand := l.BrandId
	if brand == "" {
		var err error
		if brand, err = d.catalog.brand(l.ProductId); err != nil {
			return 0, err
		}
	}
	i, found := slices.BinarySearchFunc(d.shares, brand, func(s share, b string) int { return cmp.Compare(s.brand, b) })
	if !found {
		d.shares = slices.Insert(d.shares, i, share{brand: brand})
	}
	return i, nil
}

// ordered returns the order's line that a refund's line is about: the first of its id, else of its product; else the
// refund's line itself, which may know its brand.
func (d *division) ordered(l *journeypb.Line) *journeypb.Line {
	if d.byLine == nil {
		d.byLine, d.byProduct = map[string]*journeypb.Line{}, map[string]*journeypb.Line{}
		for _, o := range slices.Backward(d.order.Lines) {
			d.byLine[o.LineId], d.byProduct[o.ProductId] = o, o
		}
	}
	if o := d.byLine[l.LineId]; o != nil && l.LineId != "" {
		return o
	}
	if o := d.byProduct[l.ProductId]; o != nil && l.ProductId != "" {
		return o
	}
	return l
}

func (d *division) weights() []int64 {
	w := make([]int64, len(d.shares))
	for i := range d.shares {
		w[i] = d.shares[i].weight
	}
	return w
}

// refund fills in what was paid back.
func (d *division) refund() (err error) {
	o := d.order
	var pool, sum int64
	for _, r := range o.Refunds {
		if foreign(o, r) {
			continue
		}
		if sum, err = event.Add(sum, r.AmountMinor); err != nil {
			return err
		}
		if len(r.Lines) == 0 {
			if pool, err = event.Add(pool, r.AmountMinor); err != nil {
				return err
			}
			continue
		}
		if err := d.refundLines(r); err != nil {
			return err
		}
	}
	if o.AmountAt != nil && (refundedBySaying(o) || o.AmountMinor != 0 && sum == o.AmountMinor) {
		for i := range d.shares {
			d.shares[i].refunded = d.shares[i].created
		}
		return nil
	}
	return d.refundPool(pool)
}

// refundLines divides one refund over the brands of its lines, by worth: quantity times the price paid for one. Where
// nothing is worth anything, all brands named count alike, and the others not at all.
func (d *division) refundLines(r *journeypb.Refund) error {
	w, named := make([]int64, len(d.shares)), make([]int64, len(d.shares))
	var worthy bool
	for _, l := range r.Lines {
		ordered := d.ordered(l)
		i, err := d.of(ordered)
		if err != nil {
			return err
		}
		w[i], named[i] = event.AddCapped(w[i], worth(ordered, l.Quantity)), 1
		worthy = worthy || w[i] > 0
	}
	if !worthy {
		w = named
	}
	return d.takeBack(r.AmountMinor, w)
}

// refundPool divides refunds that name no lines: by what refunds with lines have left of each brand.
func (d *division) refundPool(pool int64) error {
	if pool == 0 {
		return nil
	}
	w := make([]int64, len(d.shares))
	var left bool
	for i := range d.shares {
		rest, err := event.Sub(d.shares[i].created, d.shares[i].refunded)
		if err != nil {
			return err
		}
		w[i] = max(0, rest)
		left = left || w[i] > 0
	}
	if !left {
		w = d.weights()
	}
	return d.takeBack(pool, w)
}

func (d *division) takeBack(amount int64, weights []int64) (err error) {
	for i, part := range event.Alloc(amount, weights) {
		if d.shares[i].refunded, err = event.Add(d.shares[i].refunded, part); err != nil {
			return err
		}
	}
	return nil
}

// cancel takes back what is left of a paid order that was cancelled.
func (d *division) cancel() error {
	o := d.order
	if !o.EverPaid || o.AmountAt == nil || o.Status != eventpb.OrderStatus_ORDER_STATUS_CANCELLED {
		return nil
	}
	var whole layers
	for i := range d.shares {
		if err := whole.add(d.shares[i].layers); err != nil {
			return err
		}
	}
	if whole.paid <= whole.refunded {
		return nil
	}
	for i := range d.shares {
		var err error
		if d.shares[i].cancelled, err = event.Sub(d.shares[i].paid, d.shares[i].refunded); err != nil {
			return err
		}
	}
	return nil
}

// worth is what quantity units of a line cost, rounded down; without a price, the quantity.
func worth(l *journeypb.Line, quantity int64) int64 {
	if quantity <= 0 {
		return 0
	}
	if l.Quantity <= 0 || l.TotalMinor <= 0 {
		return quantity
	}
	hi, lo := bits.Mul64(uint64(quantity), uint64(l.TotalMinor))
	if hi >= uint64(l.Quantity) {
		return maxWeight
	}
	q, _ := bits.Div64(hi, lo, uint64(l.Quantity))
	return int64(min(q, maxWeight))
}

const maxWeight = 1<<63 - 1
