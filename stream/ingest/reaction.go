package ingest

import (
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// reactionKinds is every kind of a reaction by its name in JSON.
var reactionKinds = map[string]eventpb.Kind{
	"like":          eventpb.Kind_KIND_LIKE,
	"gift":          eventpb.Kind_KIND_GIFT,
	"share":         eventpb.Kind_KIND_SHARE,
	"follow":        eventpb.Kind_KIND_FOLLOW,
	"join":          eventpb.Kind_KIND_JOIN,
	"leave":         eventpb.Kind_KIND_LEAVE,
	"product_click": eventpb.Kind_KIND_PRODUCT_CLICK,
	"add_to_cart":   eventpb.Kind_KIND_ADD_TO_CART,
	"checkout":      eventpb.Kind_KIND_CHECKOUT,
	"inquiry":       eventpb.Kind_KIND_INQUIRY,
	"coupon_claim":  eventpb.Kind_KIND_COUPON_CLAIM,
	"link_visit":    eventpb.Kind_KIND_LINK_VISIT,
	"pin":           eventpb.Kind_KIND_PIN,
	"call":          eventpb.Kind_KIND_CALL,
	"viewers":       eventpb.Kind_KIND_VIEWERS,
	"spend":         eventpb.Kind_KIND_SPEND,
	"touch":         eventpb.Kind_KIND_TOUCH,
	"identity":      eventpb.Kind_KIND_IDENTITY,
}

// onJourney tells the kinds that are acts of a person towards buying, or cost: they go to the journeys too.
func onJourney(k eventpb.Kind) bool {
	switch k {
	case eventpb.Kind_KIND_ORDER, eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_ADD_TO_CART,
		eventpb.Kind_KIND_CHECKOUT, eventpb.Kind_KIND_COUPON_CLAIM, eventpb.Kind_KIND_LINK_VISIT,
		eventpb.Kind_KIND_INQUIRY, eventpb.Kind_KIND_TOUCH, eventpb.Kind_KIND_SPEND,
		eventpb.Kind_KIND_IDENTITY:
		return true
	}
	return false
}

// reaction reads {"kind", "count", "product_id", "amount", "currency", "channel", "code"}, and of a call {"action", "text"}.
func (d *Decoder) reaction() {
	e := &d.event
	t := d.top.get(fKind)
	if t.shape == absent || t.shape == text && len(t.b) == 0 {
		d.fail(MissingField, fKind, "the kind of reaction", t)
		return
	}
	kind, ok := reactionKinds[string(t.b)] // no allocation: the compiler looks up the bytes
	if !ok || t.shape != text {
		d.fail(UnknownKind, fKind, "one of the published kinds", t)
		return
	}
	e.Kind = kind
	d.common()
	e.AccountCreatedMs = d.time(&d.top, fAccountCreated)
	if e.ShowId == "" && !onJourney(kind) {
		d.requiredID(fShowID)
	}
	e.Count = 1
	if n, ok := d.integer(&d.top, fCount, 0, maxCount); ok {
		e.Count = n
	} else if kind == eventpb.Kind_KIND_VIEWERS {
		d.fail(MissingField, fCount, "the number of viewers", d.top.get(fCount))
	}
	e.ProductId = d.id(fProductID)
	e.Channel = d.word(fChannel)
	e.Code = d.id(fCode)
	if kind == eventpb.Kind_KIND_CALL {
		e.Action = d.action()
		e.Text = d.free(fText, maxTextBytes)
	}
	d.money(kind)
	if kind == eventpb.Kind_KIND_IDENTITY {
		d.identity()
	}
}

// identity reads {"other_platform", "other_person_id", "same"}: person and other are one human, or with same false are
// not after all. It is of no show. It goes to the greater of the two pseudonyms, whichever was named first.
func (d *Decoder) identity() {
	e := &d.event
	d.requiredID(fPersonID)
	other := d.person(d.word(fOtherPlatform), d.requiredID(fOtherPersonID))
	same := d.top.get(fSame)
	if same.shape != absent && same.shape != boolTrue && same.shape != boolFalse {
		d.fail(BadField, fSame, "true or false", same)
	}
	person := event.ID{Hi: e.PersonHi, Lo: e.PersonLo}
	if person.Less(other) {
		person, other = other, person
	}
	e.ShowId, e.Count = "", 1
	if same.shape == boolFalse {
		e.Count = 0
	}
	e.PersonHi, e.PersonLo, e.OtherHi, e.OtherLo = person.Hi, person.Lo, other.Hi, other.Lo
}

// action is what a call calls for: a kind of reaction, a comment or an order.
func (d *Decoder) action() eventpb.Kind {
	t := d.top.get(fAction)
	if t.shape == absent || t.shape == text && len(t.b) == 0 {
		return eventpb.Kind_KIND_UNSPECIFIED
	}
	if t.shape == text {
		if kind, ok := reactionKinds[string(t.b)]; ok {
			return kind
		}
		switch string(t.b) {
		case "comment":
			return eventpb.Kind_KIND_COMMENT
		case "order":
			return eventpb.Kind_KIND_ORDER
		}
	}
	d.fail(BadField, fAction, "a kind of reaction, comment or order", t)
	return eventpb.Kind_KIND_UNSPECIFIED
}

// money reads the amount of the two kinds that have one. A gift's value may be unknown; spend without an amount is
// none.
func (d *Decoder) money(kind eventpb.Kind) {
	given := d.top.get(fAmount).shape != absent
	if kind == eventpb.Kind_KIND_SPEND || kind == eventpb.Kind_KIND_GIFT && given {
		d.event.Currency = d.currency(fCurrency)
		if d.bad == nil {
			d.event.AmountMinor = d.amount(&d.top, fAmount, d.event.Currency)
		}
	}
}
