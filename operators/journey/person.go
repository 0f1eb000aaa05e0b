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
//   - Between two purchases, the latest 16 of touches that differ in nothing but their time are kept: if one counts, so do
//     those after it, and no more than 16 are considered (MODEL §5). Those of the last day, by the same clock, are not
//     counted: a purchase comes over two logs, and while a backlog is read the touches are far ahead of it. Nor are
//     those of a pseudonym that is joined to another, which knows of purchases that it does not. Over all, the latest
//     256 are kept.
//   - A purchase is open for 15 days, by the same clock: then every touch that it may count (30 days back) is still
//     there. What was answered last about a closed one stands. Of more than 64 purchases those ordered first go; what
//     was answered about them stands too.
//   - All of it is at most 768 KB, so that it fits in a record of the changelog: of more, lenders go first, the greatest
//     of them, then the purchases ordered first. Ids of usual length come to a tenth of it.
const (
	day           = 24 * 3600 * 1000
	keepTouchesMS = 45 * day
	awaitMS       = day // a purchase known later than so much after it may find fewer touches
	openMS        = keepTouchesMS - attribution.MaxWindowMS
	maxTouches    = 256
	maxAlike      = attribution.MaxTouches
	maxPurchases  = 64
	everything    = -1 << 63 // a time before all

	maxPersonBytes = 768 << 10
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
		q = operators.Owned(q)
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
	fit(p)
	if _, err := f.answer(p, event.ID{Hi: q.PersonHi, Lo: q.PersonLo}, everything, out); err != nil {
		return err
	}
	f.keepPerson(key, p)
	return nil
}

// fit keeps a person within maxPersonBytes. Touches alone cannot pass that.
func fit(p *journeypb.Person) {
	for len(p.Lent) > 0 && p.SizeVT() > maxPersonBytes {
		p.Lent = p.Lent[:len(p.Lent)-1]
	}
	for len(p.Purchases) > 0 && p.SizeVT() > maxPersonBytes {
		p.Purchases = slices.Delete(p.Purchases, 0, 1)
	}
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
	if len(p.Touches) <= maxAlike || !joinedTo(p).IsZero() {
		return
	}
	purchases := together(p).Purchases
	kept, next := len(p.Touches), len(purchases)
	for kept > 0 && p.Touches[kept-1].TimeMs >= p.LatestMs-awaitMS {
		kept--
	}
	counts := map[alike]int{} // since the purchase next, walking back
	for i := kept - 1; i >= 0; i-- {
		t := p.Touches[i]
		for ; next > 0 && purchases[next-1].Purchase.OrderedMs >= t.TimeMs; next-- {
			if open(p, purchases[next-1]) {
				clear(counts)
			}
		}
		as := alikeTo(t)
		if counts[as]++; counts[as] <= maxAlike {
			kept--
			p.Touches[kept] = t
		}
	}
	p.Touches = slices.Delete(p.Touches, 0, kept)
}

// alike is all that attribution and holds look at of a touch, but its time.
type alike struct {
	kind                                         eventpb.Kind
	product, esol, show, code, campaign, channel string
}

func alikeTo(t *eventpb.Touch) alike {
	return alike{t.Kind, t.ProductId, t.EsolId, t.ShowId, t.Code, t.CampaignId, t.Channel}
}
