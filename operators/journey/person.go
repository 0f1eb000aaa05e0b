package journey

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Bounds of what is kept of a person. Within them what is answered is a function of the set of touches and purchases.
//
//   - A touch more than 45 days older than the latest thing known of the person goes.
//   - Between two purchases, the latest 16 touches of a product are kept (MODEL §5: no more are considered), those that
//     name no product counting as one; over all, the latest 256. Those of the last day, by the same clock, are not
//     counted: a purchase comes over two logs, and while a backlog is read the touches are far ahead of it.
//   - A purchase is open for 15 days, by the same clock: then every touch that it may count (30 days back) is still
//     there. What was answered last about a closed one stands. Of more than 64 purchases those ordered first go; what
//     was answered about them stands too.
const (
	day           = 24 * 3600 * 1000
	keepTouchesMS = 45 * day
	awaitMS       = day // a purchase known later than so much after it may find fewer touches
	openMS        = keepTouchesMS - attribution.MaxWindowMS
	maxTouches    = 256
	maxOfProduct  = attribution.MaxTouches
	maxPurchases  = 64
	everything    = -1 << 63 // a time before all
)

// isTouch tells the kinds that an ESOL may be credited for.
func isTouch(k eventpb.Kind) bool {
	switch k {
	case eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_ADD_TO_CART, eventpb.Kind_KIND_CHECKOUT,
		eventpb.Kind_KIND_INQUIRY, eventpb.Kind_KIND_COUPON_CLAIM, eventpb.Kind_KIND_LINK_VISIT, eventpb.Kind_KIND_TOUCH:
		return true
	}
	return false
}

func (f *Fold) person(hi, lo uint64) (key string, p *journeypb.Person, err error) {
	key = event.ID{Hi: hi, Lo: lo}.String()
	p, ok, err := f.persons.Get(key)
	if !ok {
		p = &journeypb.Person{}
	}
	return key, p, err
}

// touch adds a touch to its person's, and says what that changes of the purchases after it.
func (f *Fold) touch(e *eventpb.Event, out *operators.Outputs) error {
	if e.PersonHi == 0 && e.PersonLo == 0 {
		return nil
	}
	key, p, err := f.person(e.PersonHi, e.PersonLo)
	if err != nil {
		return err
	}
	i, found := slices.BinarySearchFunc(p.Touches, e, func(t *eventpb.Touch, e *eventpb.Event) int {
		return cmp.Or(cmp.Compare(t.TimeMs, e.TimeMs), cmp.Compare(t.IdHi, e.IdHi), cmp.Compare(t.IdLo, e.IdLo))
	})
	if found {
		return nil
	}
	p.Touches = slices.Insert(p.Touches, i, &eventpb.Touch{
		IdHi: e.IdHi, IdLo: e.IdLo, TimeMs: e.TimeMs, Kind: e.Kind,
		Channel: strings.Clone(e.Channel), Code: strings.Clone(e.Code), EsolId: strings.Clone(e.EsolId),
		ShowId: strings.Clone(e.ShowId), ProductId: strings.Clone(e.ProductId), CampaignId: strings.Clone(e.CampaignId),
	})
	p.LatestMs = max(p.LatestMs, e.TimeMs)
	forget(p)
	if _, err := f.answer(p, event.ID{Hi: e.PersonHi, Lo: e.PersonLo}, e.TimeMs, out); err != nil {
		return err
	}
	f.persons.Put(key, p)
	return nil
}

// purchase takes what an order says of itself in the place of what it said before.
func (f *Fold) purchase(q *eventpb.Purchase, out *operators.Outputs) error {
	if q == nil {
		return nil
	}
	key, p, err := f.person(q.PersonHi, q.PersonLo)
	if err != nil {
		return err
	}
	var answered []byte
	if i := bought(p.Purchases, q.OrderId); i >= 0 {
		answered = p.Purchases[i].Answered
		p.Purchases = slices.Delete(p.Purchases, i, i+1)
	}
	if len(q.Parts) > 0 {
		if q, err = owned(q); err != nil {
			return err
		}
		p.LatestMs = max(p.LatestMs, q.OrderedMs)
		i, _ := slices.BinarySearchFunc(p.Purchases, q, func(b *journeypb.Bought, q *eventpb.Purchase) int {
			return cmp.Or(cmp.Compare(b.Purchase.OrderedMs, q.OrderedMs), cmp.Compare(b.Purchase.OrderId, q.OrderId))
		})
		p.Purchases = slices.Insert(p.Purchases, i, &journeypb.Bought{Purchase: q, Answered: answered})
		if n := len(p.Purchases) - maxPurchases; n > 0 {
			p.Purchases = slices.Delete(p.Purchases, 0, n)
		}
	}
	forget(p)
	if _, err := f.answer(p, event.ID{Hi: q.PersonHi, Lo: q.PersonLo}, everything, out); err != nil {
		return err
	}
	f.keepPerson(key, p)
	return nil
}

// keepPerson puts a person back, or forgets one of whom nothing is left.
func (f *Fold) keepPerson(key string, p *journeypb.Person) {
	if len(p.Purchases) == 0 && len(p.Touches) == 0 && len(p.Ties) == 0 && len(p.Lent) == 0 {
		f.persons.Delete(key)
	} else {
		f.persons.Put(key, p)
	}
}

func open(p *journeypb.Person, b *journeypb.Bought) bool {
	return b.Purchase.OrderedMs >= p.LatestMs-openMS
}

// forget drops the touches beyond the bounds.
func forget(p *journeypb.Person) {
	old := 0
	for old < len(p.Touches) && p.Touches[old].TimeMs < p.LatestMs-keepTouchesMS {
		old++
	}
	old = max(old, len(p.Touches)-maxTouches)
	p.Touches = slices.Delete(p.Touches, 0, old)
	if len(p.Touches) <= maxOfProduct {
		return
	}
	kept, next := len(p.Touches), len(p.Purchases)
	for kept > 0 && p.Touches[kept-1].TimeMs >= p.LatestMs-awaitMS {
		kept--
	}
	var counts []productCount // since the purchase next, walking back
	for i := kept - 1; i >= 0; i-- {
		t := p.Touches[i]
		for ; next > 0 && p.Purchases[next-1].Purchase.OrderedMs >= t.TimeMs; next-- {
			if open(p, p.Purchases[next-1]) {
				counts = counts[:0]
			}
		}
		if countUp(&counts, t.ProductId) <= maxOfProduct {
			kept--
			p.Touches[kept] = t
		}
	}
	p.Touches = slices.Delete(p.Touches, 0, kept)
}

type productCount struct {
	product string
	n       int
}

func countUp(counts *[]productCount, product string) int {
	i := slices.IndexFunc(*counts, func(c productCount) bool { return c.product == product })
	if i < 0 {
		i = len(*counts)
		*counts = append(*counts, productCount{product: product})
	}
	(*counts)[i].n++
	return (*counts)[i].n
}
