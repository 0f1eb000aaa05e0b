package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/source"
)

// How buying goes on from a click: the share that takes each next step and the mean delay before it.
const (
	toCart, cartDelay         = .35, 6 * time.Second
	toCheckout, checkoutDelay = .65, 8 * time.Second
	toOrder, orderDelay       = .75, 8 * time.Second
)

func (sh *show) pin(at int64, id string, by float64) {
	if len(sh.products) == 0 {
		return
	}
	next := sh.products[(slices.Index(sh.products, sh.pinned)+1)%len(sh.products)]
	for _, p := range sh.products {
		if p.ID == id {
			next = p
		}
	}
	sh.pinned = next
	r := source.Reaction{Common: sh.common(at, -1), Kind: "pin", ProductID: next.ID}
	sh.sim.send(r.Record(), note{kind: r.Kind, show: sh.ID}, sh.care())
	sh.esol(at+500, sh.speak(sh.bank.pin), "")
	sh.boost(buying, by, at+60_000)
}

// wanted is the product on air, or now and then another.
func (sh *show) wanted() *Product {
	if sh.pinned != nil && sh.rng.Float64() < .85 {
		return sh.pinned
	}
	return sh.products[sh.rng.IntN(len(sh.products))]
}

// click is where a purchase may begin.
func (sh *show) click(at int64) {
	who, p := sh.person(), sh.wanted()
	of := func(r *source.Reaction) { r.ProductID = p.ID }
	sh.react(at, who, "product_click", of)
	if sh.rng.Float64() >= toCart {
		return
	}
	sh.sim.plan(sh.later(at, cartDelay), func(at int64) {
		sh.react(at, who, "add_to_cart", of)
		if sh.rng.Float64() >= toCheckout {
			return
		}
		sh.sim.plan(sh.later(at, checkoutDelay), func(at int64) {
			sh.react(at, who, "checkout", of)
			if sh.rng.Float64() < toOrder {
				sh.sim.plan(sh.later(at, orderDelay), func(at int64) { sh.buy(at, who, p) })
			}
		})
	})
}

func (sh *show) inquiry(at int64) {
	p := sh.wanted()
	sh.react(at, sh.person(), "inquiry", func(r *source.Reaction) { r.ProductID = p.ID })
}

func (sh *show) couponClaim(at int64) {
	sh.react(at, sh.person(), "coupon_claim", func(r *source.Reaction) { r.Code = "HEAT-" + sh.ID })
}

func (sh *show) linkVisit(at int64) {
	sh.react(at, sh.person(), "link_visit", func(r *source.Reaction) { r.Channel = "messaging" })
}

// purchase is an order as the shop knows it; its versions are what the world sees of it.
type purchase struct {
	sh      *show
	id      string
	who     int
	version int64
	lines   []source.Line
	minor   int64
	told    bool // the amount has been sent
	paid    bool
	method  string
	coupon  string
	test    bool
	placed  int64
}

// buy places an order. A person waits a minute between two, and orders are for people who are still there.
func (sh *show) buy(at int64, who int, p *Product) {
	if last, ok := sh.lastOrder[who]; sh.over(at) || ok && at < last+60_000 {
		return
	}
	sh.lastOrder[who] = at
	sh.orders++
	o := &purchase{sh: sh, id: sh.ID + "-" + strconv.FormatInt(10_000+sh.orders, 10), who: who, placed: at,
		method: "card", test: sh.rng.Float64() < .005}
	o.add(p)
	for sh.rng.Float64() < .25 && len(o.lines) < 4 {
		o.add(sh.products[sh.rng.IntN(len(sh.products))])
	}
	if sh.rng.Float64() < .3 {
		o.coupon = "HEAT-" + sh.ID
	}
	switch u := sh.rng.Float64(); {
	case u < .12:
		o.method = "konbini"
	case u < .24:
		o.method = "cod"
	}
	o.created(at)
}

// add puts a line into the basket, now and then with a discount of a tenth.
func (o *purchase) add(p *Product) {
	rng := o.sh.rng
	n, discount := int64(1), int64(0)
	if rng.Float64() < .2 {
		n += 1 + rng.Int64N(2)
	}
	if rng.Float64() < .2 {
		discount = p.PriceMinor * n / 10
	}
	l := source.Line{LineID: strconv.Itoa(len(o.lines) + 1), ProductID: p.ID, BrandID: p.BrandID, Quantity: n,
		UnitPrice: o.text(p.PriceMinor)}
	if discount > 0 {
		l.Discount = o.text(discount)
	}
	o.lines = append(o.lines, l)
	o.minor += p.PriceMinor*n - discount
}

func (o *purchase) created(at int64) {
	// Some shops send the amount only with the payment.
	v := o.full(at, "created")
	n := o.note(Money{Created: o.minor})
	if o.sh.rng.Float64() < .06 {
		v.Amount, v.Lines = "", nil
		n.money = Money{}
	} else {
		o.told = true
	}
	n.firstOf = true
	o.send(v, n)

	sh, u := o.sh, o.sh.rng.Float64()
	slow := o.method != "card"
	switch {
	case slow && u < .25: // never paid; some of them say so
		if u < .15 {
			sh.sim.plan(at+20_000+sh.rng.Int64N(120_000), o.cancelled)
		}
	case u < .03:
		sh.sim.plan(sh.later(at+2000, 10*time.Second), o.cancelled)
	case slow:
		sh.sim.plan(at+15_000+sh.rng.Int64N(90_000), o.pay)
	default:
		sh.sim.plan(sh.later(at+1000, 3*time.Second), o.pay)
	}
}

func (o *purchase) pay(at int64) {
	o.paid = true
	money := Money{Paid: o.minor}
	v := o.status(at, "paid")
	if !o.told || o.sh.rng.Float64() < .5 {
		v = o.full(at, "paid")
		if !o.told {
			money.Created = o.minor
		}
		o.told = true
	}
	o.send(v, o.note(money))
	switch u := o.sh.rng.Float64(); {
	case u < .04:
		o.sh.sim.plan(at+20_000+o.sh.rng.Int64N(180_000), o.refundAll)
	case u < .08:
		o.sh.sim.plan(at+20_000+o.sh.rng.Int64N(180_000), o.refundPart)
	case u < .10:
		o.sh.sim.plan(at+5000+o.sh.rng.Int64N(60_000), o.cancelled)
	}
}

// cancelled takes back all that was paid, if anything was.
func (o *purchase) cancelled(at int64) {
	m := Money{}
	if o.paid {
		m.Cancelled = o.minor
	}
	o.send(o.status(at, "cancelled"), o.note(m))
}

// refundAll says so by status alone or with the transaction, as shops differ.
func (o *purchase) refundAll(at int64) {
	v := o.status(at, "refunded")
	if o.sh.rng.Float64() < .7 {
		v.Currency = o.sh.Currency
		v.Refunds = []source.RefundPart{{RefundID: o.id + "-r1", Amount: o.text(o.minor), TimeMS: at,
			Lines: o.returned()}}
	}
	o.send(v, o.note(Money{Refunded: o.minor}))
}

// refundPart gives one piece of the first line back; some then ask for the same again.
func (o *purchase) refundPart(at int64) {
	part := o.minor / int64(2+o.sh.rng.IntN(3))
	v := o.status(at, "partially_refunded")
	v.Currency = o.sh.Currency
	back := []source.Line{{LineID: "1", ProductID: o.lines[0].ProductID, BrandID: o.lines[0].BrandID, Quantity: 1}}
	v.Refunds = []source.RefundPart{{RefundID: o.id + "-r1", Amount: o.text(part), TimeMS: at, Lines: back}}
	o.send(v, o.note(Money{Refunded: part}))
}

func (o *purchase) returned() []source.Line {
	back := slices.Clone(o.lines)
	for i := range back {
		back[i].UnitPrice, back[i].Discount = "", ""
	}
	return back
}

// status is an update that says what changed and nothing else: no show, no person, no amount.
func (o *purchase) status(at int64, status string) source.Order {
	o.version++
	v := source.Order{Common: o.sh.common(at, -1), OrderID: o.id, Status: status, Test: o.test}
	v.ShowID, v.EsolID, v.Platform = "", "", ""
	if o.sh.ByVersion {
		v.Version = o.version
	} else {
		v.UpdatedMS = at
	}
	return v
}

// full is a version with everything in it. Test orders stay out of the room.
func (o *purchase) full(at int64, status string) source.Order {
	v := o.status(at, status)
	c := o.sh.common(at, o.who)
	v.EsolID, v.Platform, v.PersonID = c.EsolID, c.Platform, c.PersonID
	if !o.test {
		v.ShowID = c.ShowID
	}
	v.Lines, v.Currency, v.Amount = o.lines, o.sh.Currency, o.text(o.minor)
	v.Channel, v.PaymentMethod, v.Code = "live", o.method, o.coupon
	return v
}

func (o *purchase) note(m Money) note {
	if o.test {
		m = Money{}
	}
	return note{kind: "order", show: o.sh.ID, currency: o.sh.Currency, money: m, test: o.test}
}

func (o *purchase) send(v source.Order, n note) { o.sh.sim.send(v.Record(), n, o.sh.care()) }

func (o *purchase) text(minor int64) string { return event.FormatMinor(minor, o.sh.Currency) }
