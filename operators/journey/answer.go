package journey

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// answer works out who is to be credited for a person's open purchases made at a time or later, and tells their orders
// where that differs from what was told before. A pseudonym that is joined to another leaves it to that. It tells
// whether it changed what is remembered of the person.
func (f *Fold) answer(
	p *journeypb.Person, id event.ID, fromMS int64, out *operators.Outputs,
) (changed bool, err error) {
	changed = f.lend(p, id, out)
	if !joinedTo(p).IsZero() {
		return changed, nil
	}
	w := working{fold: f, person: p, fromMS: fromMS}
	for _, b := range p.Purchases {
		a, err := w.attribute(b)
		if err != nil {
			return changed, err
		}
		changed = a != nil && f.tellOrder(b, a, out) || changed
	}
	for _, l := range p.Lent {
		for _, b := range l.Purchases {
			a, err := w.attribute(b)
			if err != nil {
				return changed, err
			}
			changed = a != nil && f.tellLender(l, b, id, a, out) || changed
		}
	}
	return changed, nil
}

// tellOrder tells an order its attribution, where it differs from the one before.
func (f *Fold) tellOrder(b *journeypb.Bought, a *eventpb.Attribution, out *operators.Outputs) (changed bool) {
	digest := f.digest(a)
	if bytes.Equal(b.Answered, digest) {
		return false
	}
	first := len(b.Answered) == 0
	b.Answered = digest
	if first && len(a.Verdicts) == 0 && len(a.Holds) == 0 {
		return true // nothing is what the order goes by anyway
	}
	out.Event(operators.LogJourneys, event.JourneyKey(a.OrderId, event.ID{}), &eventpb.Event{
		Kind: eventpb.Kind_KIND_ATTRIBUTION, TimeMs: b.Purchase.OrderedMs, Attribution: a,
	})
	return true
}

// working is the work on the purchases of one person, with all that is lent.
type working struct {
	fold   *Fold
	person *journeypb.Person
	fromMS int64
	// Once a purchase is to be attributed, as with most touches none is: the person with all that is lent, and the
	// contacts of its touches.
	all      *journeypb.Person
	contacts []contact
}

// attribute is nil for a purchase that need not be attributed (anew).
func (w *working) attribute(b *journeypb.Bought) (a *eventpb.Attribution, err error) {
	q := b.Purchase
	if q.OrderedMs < w.fromMS || (b.Before || len(b.Answered) > 0) && !open(w.person, b) {
		return nil, nil
	}
	if w.all == nil {
		w.all = together(w.person)
		if w.contacts, err = w.fold.contacts(w.all); err != nil {
			return nil, err
		}
	}
	if a, err = w.fold.attribute(w.all, q, w.contacts); err != nil {
		return nil, fmt.Errorf("attributing order %q: %w", q.OrderId, err)
	}
	return a, nil
}

// contact is a touch with what the catalog knows of it.
type contact struct {
	attribution.Touch
	campaign string   // that it names
	under    []string // campaigns that its show runs under
	own      bool     // the order itself
}

func (f *Fold) contacts(p *journeypb.Person) ([]contact, error) {
	all := make([]contact, 0, len(p.Touches)+1)
	for _, t := range p.Touches {
		c, err := f.contact(t)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (f *Fold) contact(t *eventpb.Touch) (c contact, err error) {
	show, err := f.catalog.show(t.ShowId)
	if err != nil {
		return c, err
	}
	c = contact{campaign: t.CampaignId, under: show.GetCampaignIds(), Touch: attribution.Touch{
		TimeMS: t.TimeMs, ID: event.ID{Hi: t.IdHi, Lo: t.IdLo},
		Surface: attribution.SurfaceOf(t.Channel, t.Code, t.ShowId),
		Show:    t.ShowId, ShowEndMS: show.GetEndMs(), Product: t.ProductId,
	}}
	if c.Esol, err = f.catalog.seller(t.EsolId, show, t.Code); err != nil {
		return c, err
	}
	c.Brand, err = f.catalog.brand(t.ProductId)
	return c, err
}

// attribute is who shares a purchase, and what is suspicious about it: a function of what is kept of its person and of
// the catalog. A campaign that the catalog here does not have (yet) has no verdict.
func (f *Fold) attribute(p *journeypb.Person, q *eventpb.Purchase, touches []contact) (*eventpb.Attribution, error) {
	a := &eventpb.Attribution{
		OrderId: q.OrderId, PersonHi: q.PersonHi, PersonLo: q.PersonLo, Holds: suspicions(p, q),
	}
	touches, err := f.withOwn(touches, q)
	if err != nil {
		return nil, err
	}
	others := otherOrders(p, q)
	for _, part := range q.Parts {
		o := attribution.Order{ID: q.OrderId, TimeMS: q.OrderedMs, Brand: part.BrandId, Products: part.ProductIds}
		for _, id := range part.CampaignIds {
			c, _, err := f.catalog.campaigns.Get(id)
			if err != nil {
				return nil, err
			}
			r := ruleOf(c)
			if r.Model == attribution.None {
				continue
			}
			v := &eventpb.Verdict{BrandId: part.BrandId, CampaignId: id, Model: r.Model.String()}
			for _, s := range attribution.Attribute(countingFor(touches, id, c), o, others, r) {
				v.Claims = append(v.Claims, claim(s))
			}
			a.Verdicts = append(a.Verdicts, v)
		}
	}
	return a, nil
}

// withOwn adds what the order itself names, which counts as a touch at its time.
func (f *Fold) withOwn(touches []contact, q *eventpb.Purchase) ([]contact, error) {
	if q.ShowId == "" && q.EsolId == "" && q.Code == "" {
		return touches, nil
	}
	own, err := f.contact(&eventpb.Touch{
		TimeMs: q.OrderedMs, ShowId: q.ShowId, EsolId: q.EsolId, Code: q.Code, Channel: q.Channel,
	})
	if err != nil {
		return nil, err
	}
	own.own = true
	return append(touches[:len(touches):len(touches)], own), nil
}

// otherOrders are the person's other purchases, part by part: they may have spent touches.
func otherOrders(p *journeypb.Person, q *eventpb.Purchase) (all []attribution.Order) {
	for _, b := range p.Purchases {
		if b.Purchase.OrderId == q.OrderId {
			continue
		}
		for _, part := range b.Purchase.Parts {
			all = append(all, attribution.Order{
				ID: b.Purchase.OrderId, TimeMS: b.Purchase.OrderedMs, Brand: part.BrandId, Products: part.ProductIds,
			})
		}
	}
	return all
}

func ruleOf(c *eventpb.Campaign) attribution.Rule {
	w := attribution.DefaultWindows()
	for _, own := range c.GetWindows() {
		if s, ok := attribution.ParseSurface(own.Surface); ok {
			w[s] = own.WindowMs
		}
	}
	return attribution.Rule{
		Model:   attribution.ParseModel(c.GetAttributionModel()),
		Windows: w.Capped(c.GetAttributionWindowMs()),
		Organic: c.GetOrganicCounts(), Closes: c.GetClosesOnOrder(),
	}
}

// countingFor are the touches that count under a campaign.
func countingFor(touches []contact, id string, c *eventpb.Campaign) []attribution.Touch {
	counting := make([]attribution.Touch, 0, len(touches))
	for i := range touches {
		if t := &touches[i]; t.countsFor(id, c) {
			counting = append(counting, t.Touch)
		}
	}
	return counting
}

// countsFor tells whether a touch counts under a campaign: it is of one of its ESOLs (any, where it names none), of a
// show that runs under it, or names it; or it is the order itself, or organic. Those of other ESOLs are another
// contract's.
func (t *contact) countsFor(id string, c *eventpb.Campaign) bool {
	return t.own || t.Esol == "" || len(c.GetEsolIds()) == 0 || t.campaign == id ||
		slices.Contains(c.EsolIds, t.Esol) || slices.Contains(t.under, id)
}

func claim(s attribution.Share) *eventpb.Claim {
	c := &eventpb.Claim{EsolId: s.Esol, ShowId: s.Show, Weight: s.Weight, InLive: s.InLive}
	for _, id := range s.Touches {
		c.Touches = append(c.Touches, id.Hi, id.Lo)
	}
	return c
}
