package journey

import (
	"bytes"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Touches lie with their person and orders lie by themselves, in other partitions. So an order asks its buyer, over the
// log, who is to be credited; the answer is weights, and the money stays here. Only the order speaks to the credits,
// from its one partition: two that did could overtake each other there.
//
//	order ── purchase ─▶ person ── attribution ─▶ order ── credits ─▶
//
// Until an answer comes, the order's own ESOL has it. Answers of somebody who is no longer asked are not heard.

// ask tells the buyer what has changed of the purchase, and a former buyer that it is none of theirs. r is nil for an
// order that counts nowhere. It tells whether it changed what the order remembers.
func (f *Fold) ask(id string, o *journeypb.Order, r *reading, out *operators.Outputs) (changed bool) {
	q := r.purchase(id, o)
	if a := o.Asked; a != nil && (q == nil || a.PersonHi != q.PersonHi || a.PersonLo != q.PersonLo) {
		tell(out, &eventpb.Purchase{OrderId: id, PersonHi: a.PersonHi, PersonLo: a.PersonLo}, o.OrderedMs)
		o.Asked, o.Answer, changed = nil, nil, true
	}
	if q == nil {
		return changed
	}
	digest := f.digest(q)
	if o.Asked != nil && bytes.Equal(o.Asked.Digest, digest) {
		return changed
	}
	o.Asked = &journeypb.Asked{PersonHi: q.PersonHi, PersonLo: q.PersonLo, Digest: digest}
	tell(out, q, o.OrderedMs)
	return true
}

func tell(out *operators.Outputs, q *eventpb.Purchase, ms int64) {
	person := event.ID{Hi: q.PersonHi, Lo: q.PersonLo}
	out.Event(operators.LogJourneys, event.JourneyKey("", person), &eventpb.Event{
		Kind: eventpb.Kind_KIND_PURCHASE, TimeMs: ms, Purchase: q,
	})
}

// purchase is what the buyer must know, nil where there is nothing to ask: nobody known to have bought, and no campaign
// that anybody could be owed under.
func (r *reading) purchase(id string, o *journeypb.Order) *eventpb.Purchase {
	if r == nil || !r.asks() {
		return nil
	}
	for i := range r.shares[:min(len(r.shares), maxAsked)] {
		if len(r.models[i]) > 0 || r.sale.esol != "" &&
			slices.ContainsFunc(r.sale.campaigns, func(c campaign) bool { return c.covers(r.shares[i].brand) }) {
			return r.question(id, o)
		}
	}
	return nil
}

// question describes an order to its buyer, or whoever else wants to know how it came about.
func (r *reading) question(id string, o *journeypb.Order) *eventpb.Purchase {
	q := &eventpb.Purchase{
		OrderId: id, PersonHi: o.PersonHi, PersonLo: o.PersonLo, OrderedMs: o.OrderedMs, Paid: o.EverPaid,
		GivenBack: o.EverPaid && r.nothingLeft(),
		ShowId:    r.sale.show, EsolId: value(o.Esol), Code: value(o.Code), Channel: value(o.Channel),
	}
	left := maxProducts
	for i := range r.shares[:min(len(r.shares), maxAsked)] {
		s := &r.shares[i]
		p := &eventpb.PurchasePart{BrandId: s.brand}
		for _, g := range s.goods {
			if g.product != "" && left > 0 {
				p.ProductIds = append(p.ProductIds, g.product)
				left--
			}
		}
		for _, c := range r.models[i] {
			p.CampaignIds = append(p.CampaignIds, c.id)
		}
		q.Parts = append(q.Parts, p)
	}
	return q
}

// nothingLeft tells whether refunds and cancelling have taken back all that was paid, and that was something.
func (r *reading) nothingLeft() bool {
	paid := false
	for i := range r.parts {
		if r.parts[i].net > 0 {
			return false
		}
		paid = paid || r.parts[i].paid > 0
	}
	return paid
}

// answered takes the buyer's answer.
func (f *Fold) answered(a *eventpb.Attribution, out *operators.Outputs) error {
	if a == nil {
		return nil
	}
	o, ok, err := f.orders.Get(a.OrderId)
	if err != nil || !ok || o.Asked.GetPersonHi() != a.PersonHi || o.Asked.GetPersonLo() != a.PersonLo {
		return err
	}
	cause := eventpb.Cause_CAUSE_REATTRIBUTION
	if o.Answer == nil {
		cause = eventpb.Cause_CAUSE_ATTRIBUTION
	}
	o.Answer = operators.Owned(a)
	id := o.Answer.OrderId
	if len(a.Verdicts) == 0 && len(a.Holds) == 0 {
		o.Answer = nil
	}
	if _, err := f.say(id, o, cause, out); err != nil {
		return err
	}
	f.orders.Put(id, o)
	return nil
}
