package journey

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// One human may be several pseudonyms: of two platforms, or of a shop's customer list. An identity joins the greater of
// two pseudonyms to the lesser, which lie in different partitions:
//
//	greater ── dossier: all that it has ─▶ lesser (answers for both) ── replies ─▶ greater ── attribution ─▶ its orders
//
// So an order only ever hears of its own buyer's pseudonym, whoever has worked it out, and what comes later to a
// pseudonym goes on the same way. An identity that is taken back ends the loan, and each answers for itself again. A
// pseudonym of several identities joins the least of the others; chains pass on, and cannot close into a ring.
//
// Bounds: a pseudonym has at most 8 identities with lesser ones, the latest; at most 8 lend to one, the least (the
// purchases of others keep what was answered last); a dossier has at most what a person has, and fit bounds them all.
const maxTies, maxLenders = 8, 8

// joinedTo is the pseudonym that answers for p; zero: p itself.
func joinedTo(p *journeypb.Person) (to event.ID) {
	for _, t := range p.Ties {
		if t.Same {
			return event.ID{Hi: t.Hi, Lo: t.Lo}
		}
	}
	return to
}

// identity takes what is said of two pseudonyms: the newest counts.
func (f *Fold) identity(e *eventpb.Event, out *operators.Outputs) error {
	greater, lesser := event.ID{Hi: e.PersonHi, Lo: e.PersonLo}, event.ID{Hi: e.OtherHi, Lo: e.OtherLo}
	if lesser.IsZero() || !lesser.Less(greater) {
		return nil // somebody is himself
	}
	key, p, err := f.person(greater.Hi, greater.Lo)
	if err != nil {
		return err
	}
	tie := &journeypb.Tie{
		Hi: lesser.Hi, Lo: lesser.Lo, TimeMs: e.TimeMs, IdHi: e.IdHi, IdLo: e.IdLo, Same: e.Count > 0,
	}
	i, found := slices.BinarySearchFunc(p.Ties, tie, func(a, b *journeypb.Tie) int {
		return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo))
	})
	switch {
	case found && said(tie, p.Ties[i]) <= 0:
		return nil
	case found:
		p.Ties[i] = tie
	default:
		p.Ties = slices.Insert(p.Ties, i, tie)
		if len(p.Ties) > maxTies {
			oldest := slices.MinFunc(p.Ties, said)
			p.Ties = slices.DeleteFunc(p.Ties, func(t *journeypb.Tie) bool { return t == oldest })
		}
	}
	if _, err := f.answer(p, greater, everything, out); err != nil {
		return err
	}
	f.persons.Put(key, p)
	return nil
}

// said orders ties by when they were said.
func said(a, b *journeypb.Tie) int {
	return cmp.Or(cmp.Compare(a.TimeMs, b.TimeMs), cmp.Compare(a.IdHi, b.IdHi), cmp.Compare(a.IdLo, b.IdLo))
}

// lend sends what p has to the pseudonym that it is joined to, where that has changed, and takes it back from a former
// one. It tells whether it changed what is remembered.
func (f *Fold) lend(p *journeypb.Person, id event.ID, out *operators.Outputs) (changed bool) {
	send := func(to event.ID, d *eventpb.Dossier) {
		changed = true
		d.FromHi, d.FromLo, d.ToHi, d.ToLo = id.Hi, id.Lo, to.Hi, to.Lo
		out.Event(operators.LogJourneys, event.JourneyKey("", to), &eventpb.Event{
			Kind: eventpb.Kind_KIND_DOSSIER, TimeMs: p.LatestMs, Dossier: d,
		})
	}
	to, was := joinedTo(p), event.ID{Hi: p.LentToHi, Lo: p.LentToLo}
	if was != to && !was.IsZero() {
		send(was, &eventpb.Dossier{})
		p.LentDigest = nil
	}
	p.LentToHi, p.LentToLo = to.Hi, to.Lo
	if to.IsZero() {
		return changed
	}
	all := together(p)
	d := &eventpb.Dossier{Touches: slices.Clone(all.Touches)} // it is encoded after the record, and the person goes on
	for _, b := range all.Purchases {
		d.Purchases = append(d.Purchases, &eventpb.LentPurchase{
			Purchase: b.Purchase, Answered: b.Before || len(b.Answered) > 0,
		})
	}
	if digest := f.digest(d); !bytes.Equal(p.LentDigest, digest) {
		p.LentDigest = digest
		send(to, d)
	}
	return changed
}

// dossier takes what a pseudonym lends, in the place of what it lent before.
func (f *Fold) dossier(d *eventpb.Dossier, out *operators.Outputs) error {
	if d == nil {
		return nil
	}
	key, p, err := f.person(d.ToHi, d.ToLo)
	if err != nil {
		return err
	}
	d = operators.Owned(d)
	i, found := slices.BinarySearchFunc(p.Lent, d, func(l *journeypb.Lent, d *eventpb.Dossier) int {
		return cmp.Or(cmp.Compare(l.Hi, d.FromHi), cmp.Compare(l.Lo, d.FromLo))
	})
	var before []*journeypb.Bought
	if found {
		before = p.Lent[i].Purchases
		p.Lent = slices.Delete(p.Lent, i, i+1)
	}
	if len(d.Touches) > 0 || len(d.Purchases) > 0 {
		p.Lent = slices.Insert(p.Lent, i, borrowed(d, before))
		p.Lent = p.Lent[:min(len(p.Lent), maxLenders)]
		for _, t := range d.Touches {
			p.LatestMs = max(p.LatestMs, t.TimeMs)
		}
		for _, q := range d.Purchases {
			p.LatestMs = max(p.LatestMs, q.Purchase.OrderedMs)
		}
		fit(p)
	}
	if _, err := f.answer(p, event.ID{Hi: d.ToHi, Lo: d.ToLo}, everything, out); err != nil {
		return err
	}
	f.keepPerson(key, p)
	return nil
}

// borrowed is a dossier as it is kept, with what its purchases have been answered here.
func borrowed(d *eventpb.Dossier, before []*journeypb.Bought) *journeypb.Lent {
	l := &journeypb.Lent{Hi: d.FromHi, Lo: d.FromLo, Touches: d.Touches}
	for _, q := range d.Purchases {
		b := &journeypb.Bought{Purchase: q.Purchase, Before: q.Answered}
		if i := bought(before, q.Purchase.OrderId); i >= 0 {
			b.Answered = before[i].Answered
		}
		l.Purchases = append(l.Purchases, b)
	}
	return l
}

// reply passes on what has been worked out for this pseudonym, or for one that lends to it.
func (f *Fold) reply(r *eventpb.Reply, out *operators.Outputs) error {
	if r == nil || r.Attribution == nil {
		return nil
	}
	key, p, err := f.person(r.ToHi, r.ToLo)
	if err != nil || joinedTo(p) != (event.ID{Hi: r.FromHi, Lo: r.FromLo}) {
		return err
	}
	a := operators.Owned(r.Attribution)
	if i := bought(p.Purchases, a.OrderId); i >= 0 {
		f.tellOrder(p.Purchases[i], a, out)
	}
	for _, l := range p.Lent {
		if i := bought(l.Purchases, a.OrderId); i >= 0 {
			f.tellLender(l, l.Purchases[i], event.ID{Hi: r.ToHi, Lo: r.ToLo}, a, out)
		}
	}
	f.persons.Put(key, p)
	return nil
}

// tellLender sends an attribution to the pseudonym that lent the purchase, where it differs from the one before.
func (f *Fold) tellLender(
	l *journeypb.Lent, b *journeypb.Bought, from event.ID, a *eventpb.Attribution, out *operators.Outputs,
) (changed bool) {
	digest := f.digest(a)
	if bytes.Equal(b.Answered, digest) {
		return false
	}
	b.Answered = digest
	out.Event(operators.LogJourneys, event.JourneyKey("", event.ID{Hi: l.Hi, Lo: l.Lo}), &eventpb.Event{
		Kind: eventpb.Kind_KIND_REPLY, TimeMs: b.Purchase.OrderedMs, Reply: &eventpb.Reply{
			FromHi: from.Hi, FromLo: from.Lo, ToHi: l.Hi, ToLo: l.Lo, Attribution: a,
		},
	})
	return true
}

// together is p with what is lent to it, within the bounds of a person.
func together(p *journeypb.Person) *journeypb.Person {
	if len(p.Lent) == 0 {
		return p
	}
	all := &journeypb.Person{
		LatestMs: p.LatestMs, Touches: slices.Clone(p.Touches), Purchases: slices.Clone(p.Purchases),
	}
	for _, l := range p.Lent {
		all.Touches, all.Purchases = append(all.Touches, l.Touches...), append(all.Purchases, l.Purchases...)
	}
	slices.SortFunc(all.Touches, func(a, b *eventpb.Touch) int {
		return cmp.Or(cmp.Compare(a.TimeMs, b.TimeMs), cmp.Compare(a.IdHi, b.IdHi), cmp.Compare(a.IdLo, b.IdLo))
	})
	slices.SortFunc(all.Purchases, func(a, b *journeypb.Bought) int {
		return cmp.Or(cmp.Compare(a.Purchase.OrderedMs, b.Purchase.OrderedMs),
			cmp.Compare(a.Purchase.OrderId, b.Purchase.OrderId))
	})
	all.Touches = all.Touches[max(0, len(all.Touches)-maxTouches):]
	all.Purchases = all.Purchases[max(0, len(all.Purchases)-maxPurchases):]
	return all
}

func bought(list []*journeypb.Bought, order string) int {
	return slices.IndexFunc(list, func(b *journeypb.Bought) bool { return b.Purchase.OrderId == order })
}
