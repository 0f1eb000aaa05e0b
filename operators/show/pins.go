package show

import (
	"math"
	"strings"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: what did putting this product on air do? People who clicked, carted or ordered it in the minute after,
// against those of the minute before.
type pins struct {
	onAir  string // the product that was put on air last; "": none
	open   []pin  // oldest first
	done   []*eventpb.PinLift
	recent [2 * liftPanes][]wanted // what was done to products, by pane
}

type pin struct {
	pane    int64
	product string
}

// wanted is that somebody did something to a product.
type wanted struct {
	product string
	person  uint64
	order   bool
	click   bool
}

// Limits: pins that come while pinsMax wait for their minute are not measured. Of what is done to products in a pane,
// wantedMax are kept, the first by time.
const (
	liftPanes = 60
	pinsMax   = 16
	pinsSaid  = 8
	wantedMax = 512
)

// rest keeps what is measured.
func (p *pins) rest() { *p = pins{done: p.done} }

func (p *pins) slot(pane int64) *[]wanted { return &p.recent[uint64(pane)%uint64(len(p.recent))] }

func (p *pins) step(sc *scene) {
	now := p.slot(sc.pane)
	*now = (*now)[:0]
	for i := range sc.deeds {
		d := &sc.deeds[i]
		switch {
		case d.kind == eventpb.Kind_KIND_PIN:
			p.onAir = d.product
			if d.product != "" && len(p.open) < pinsMax {
				p.open = append(p.open, pin{sc.pane, d.product})
			}
		case d.kind == eventpb.Kind_KIND_CALL, d.product == "", d.person.IsZero(), len(*now) == wantedMax,
			d.kind == eventpb.Kind_KIND_ORDER && !sc.sold(d.id):
		default:
			*now = append(*now, wanted{
				strings.Clone(d.product), d.person.Hi, d.kind == eventpb.Kind_KIND_ORDER,
				d.kind == eventpb.Kind_KIND_PRODUCT_CLICK,
			})
		}
	}
	for len(p.open) > 0 && p.open[0].pane+liftPanes <= sc.pane {
		p.measure(sc, p.open[0])
		p.open = p.open[1:]
	}
}

// measure compares the minute from the pin on with the one before it.
func (p *pins) measure(sc *scene, at pin) {
	l := &eventpb.PinLift{ProductId: at.product, Pane: at.pane}
	before, after := map[uint64]bool{}, map[uint64]bool{}
	for k := sc.pane - 2*liftPanes + 1; k <= sc.pane; k++ {
		for _, w := range *p.slot(k) {
			switch {
			case w.product != at.product:
			case k < at.pane:
				before[w.person] = true
				l.ClicksBefore += count(w.click)
				l.OrdersBefore += count(w.order)
			default:
				after[w.person] = true
				l.Clicks += count(w.click)
				l.Orders += count(w.order)
			}
		}
	}
	l.Lift = ratioOf(len(after), len(before))
	p.done = append(p.done, l)
	p.done = p.done[max(0, len(p.done)-pinsSaid):]
}

func count(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

// liftMin is how many people a lift needs, both minutes together.
const liftMin = 10

// ratioOf is the ratio of two counts of people, each with half a person added (Haldane), with the interval of a ratio of
// two Poisson means on the logarithm.
func ratioOf(after, before int) *eventpb.Estimate {
	n := after + before
	e := &eventpb.Estimate{N: float64(n)}
	if n < liftMin {
		e.Insufficient = "too_few_people"
		return e
	}
	a, b := float64(after)+.5, float64(before)+.5
	spread := stable.Exp(float64(normal95 * math.Sqrt(1/a+1/b)))
	e.Value = a / b
	e.Lo, e.Hi = e.Value/spread, float64(e.Value*spread)
	e.Grade = grade(float64(spread * spread))
	return e
}
