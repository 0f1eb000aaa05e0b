package journey

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// defaultReturnWindowMS is how long goods may be sent back where their brand says nothing: 14 days.
const defaultReturnWindowMS = 14 * 24 * 3600 * 1000

// say tells the order's buyer what has changed of the purchase, and emits the credits of the order that differ from
// those said before. A scope that no longer holds one gets a credit of nothing: no currency, all zero. Each says what it
// comes of, so that the ledger can say why the money of a scope is not what it had been: that is no part of what makes a
// credit another, since it depends on which came first. It tells whether it changed what the order remembers.
func (f *Fold) say(
	id string, o *journeypb.Order, cause eventpb.Cause, out *operators.Outputs,
) (changed bool, err error) {
	r, err := f.read(o)
	if err != nil {
		return false, fmt.Errorf("crediting order %q: %w", id, err)
	}
	changed = f.ask(id, o, r, out)
	credits, err := f.credits(id, o, r)
	if err != nil {
		return false, fmt.Errorf("crediting order %q: %w", id, err)
	}
	if len(o.Said) == 0 {
		cause = eventpb.Cause_CAUSE_UNSPECIFIED
	}
	emit := func(c *eventpb.Credit) {
		changed, c.Cause = true, cause
		kind, key := eventpb.Kind_KIND_CREDIT, c.Scope
		if of, id, _ := event.SplitScope(c.Scope); of == event.ScopeDeal || of == event.ScopeArm {
			campaign, _, _ := event.SplitDealID(id)
			kind, key = eventpb.Kind_KIND_DEAL, event.Scope(event.ScopeCampaign, campaign)
		}
		out.Event(operators.LogCredits, key, &eventpb.Event{Kind: kind, TimeMs: o.OrderedMs, Credit: c})
	}
	said := make([]*journeypb.Said, 0, len(credits))
	before := o.Said
	for _, c := range credits {
		for len(before) > 0 && before[0].Scope < c.Scope {
			emit(&eventpb.Credit{Scope: before[0].Scope, OrderId: id})
			before = before[1:]
		}
		digest := f.digest(c)
		if len(before) > 0 && before[0].Scope == c.Scope {
			same := bytes.Equal(before[0].Digest, digest)
			before = before[1:]
			if same {
				said = append(said, &journeypb.Said{Scope: c.Scope, Digest: digest})
				continue
			}
		}
		said = append(said, &journeypb.Said{Scope: c.Scope, Digest: digest})
		emit(c)
	}
	for _, gone := range before {
		emit(&eventpb.Credit{Scope: gone.Scope, OrderId: id})
	}
	o.Said = said
	return changed, nil
}

// digest is 128 bits of SHA-256 over a message: enough to tell whether it has changed, a fifth of keeping it.
func (f *Fold) digest(m interface {
	SizeVT() int
	MarshalToSizedBufferVTStrict([]byte) (int, error)
}) []byte {
	f.scratch = slices.Grow(f.scratch[:0], m.SizeVT())[:m.SizeVT()]
	if _, err := m.MarshalToSizedBufferVTStrict(f.scratch); err != nil {
		panic("cannot happen: a buffer of the message's own size: " + err.Error())
	}
	sum := sha256.Sum256(f.scratch)
	return bytes.Clone(sum[:16])
}

// credits is what each scope is owed for the order, in order of scope: a function of the order's versions, of the
// catalog and of the buyer's answer.
func (f *Fold) credits(id string, o *journeypb.Order, r *reading) ([]*eventpb.Credit, error) {
	if r == nil {
		return nil, nil
	}
	b := books{order: o, reading: r, catalog: f.catalog, own: r.sale.own()}
	if err := b.enter(); err != nil {
		return nil, err
	}
	var out []*eventpb.Credit
	credit := func(scope string, p part) *eventpb.Credit {
		c := &eventpb.Credit{
			Scope: scope, OrderId: id, PersonHi: o.PersonHi, PersonLo: o.PersonLo, Currency: r.currency,
			CreatedMinor: p.created, PaidMinor: p.paid, RefundedMinor: p.refunded, CancelledMinor: p.cancelled,
			NetMinor: p.net, Units: p.units,
			Paid: !r.refundOnly && o.EverPaid, RefundOnly: r.refundOnly, OrderedMs: o.OrderedMs,
			Cancelled: !r.refundOnly && o.Status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED,
			ShowId:    r.sale.show, EsolId: r.sale.esol, Channel: value(o.Channel),
		}
		if c.Paid {
			c.PaidMs, c.SettlesMs = o.PaidMs, event.AddCapped(o.PaidMs, p.windowMS)
		}
		out = append(out, c)
		return c
	}
	for _, h := range b.shows {
		c := credit(event.Scope(event.ScopeShow, h.name), h.part)
		c.ShowId, c.InLive = h.name, h.inLive
	}
	for _, h := range b.brands {
		credit(event.Scope(event.ScopeBrand, h.name), h.part).BrandId = h.name
	}
	for _, h := range b.campaigns {
		c := credit(event.Scope(event.ScopeCampaign, h.name), h.part)
		c.BrandId, c.CampaignId = h.campaign.BrandId, h.name
		if c.Paid {
			c.Kept = h.kept
		}
	}
	for _, h := range slices.Concat(b.esols, b.deals) {
		scope := event.Scope(event.ScopeEsol, h.esol)
		if h.campaign.Campaign != nil {
			scope = event.Scope(event.ScopeDeal, h.name)
		}
		c := credit(scope, h.part)
		c.EsolId, c.InLive, c.Model, c.Touches, c.Lines = h.esol, h.inLive, h.model, h.touchIDs(), h.lines
		if h.campaign.Campaign != nil {
			c.CampaignId, c.BrandId = h.campaign.id, h.campaign.BrandId
		}
		var err error
		if c.Holds, err = f.holds(o, h.esol); err != nil {
			return nil, err
		}
	}
	arms, err := f.arms(id, o, r)
	if err != nil {
		return nil, err
	}
	out = append(out, arms...)
	slices.SortFunc(out, func(a, b *eventpb.Credit) int { return cmp.Compare(a.Scope, b.Scope) })
	return out, nil
}

// books is what every scope has of one order.
type books struct {
	order *journeypb.Order
	*reading
	catalog                                *catalog
	own                                    claims // what the order says by itself
	shows, esols, brands, campaigns, deals holdings
}

// enter goes over the brands' parts of the order.
func (b *books) enter() error {
	for i := range b.shares {
		p := b.parts[i]
		whole := portion{part: p}
		if brand := b.shares[i].brand; brand != "" {
			if err := b.brands.at(brand).add(whole); err != nil {
				return err
			}
		}
		lines := sync.OnceValues(b.shares[i].lines)
		for _, c := range b.sale.campaigns {
			if !c.covers(b.shares[i].brand) {
				continue
			}
			of, err := lines()
			if err != nil {
				return err
			}
			if err := b.campaign(c, of, whole); err != nil {
				return err
			}
		}
		if err := b.seller(p, i); err != nil {
			return err
		}
		if err := b.deal(p, i, lines); err != nil {
			return err
		}
	}
	return nil
}

// campaign enters a portion of a part, with its lines, for a campaign.
func (b *books) campaign(c campaign, lines []*eventpb.CreditLine, p portion) (err error) {
	h := b.campaigns.at(c.id)
	h.campaign = c
	if h.kept, err = b.catalog.keep(h.kept, lines); err != nil {
		return err
	}
	return h.add(p)
}

// seller enters a part for ESOLs and shows, by the campaign that governs it. An order's own show has sold it, whoever
// is credited; only what was sold in none goes to the shows of the touches that led to it, so that no money is in two.
func (b *books) seller(p part, i int) error {
	cs := b.own
	if len(b.models[i]) > 0 {
		cs = b.claims(i, b.models[i][0])
	}
	esols, err := cs.portions(p, byEsol)
	if err != nil {
		return err
	}
	for _, q := range esols {
		if q.name == "" {
			continue
		}
		h := b.esols.at(q.name)
		h.esol = q.name
		if err := h.add(q); err != nil {
			return err
		}
	}
	shows := []portion{{name: b.sale.show, part: p, inLive: b.sale.inLive}}
	if b.sale.show == "" {
		if shows, err = cs.portions(p, byShow); err != nil {
			return err
		}
	}
	for _, q := range shows {
		if q.name == "" {
			continue
		}
		if err := b.shows.at(q.name).add(q); err != nil {
			return err
		}
	}
	return nil
}

// deal enters a part for what each ESOL has of it under each campaign: under one with a model by its own, else whole.
// A campaign that the order counts for only through touches has what its ESOLs have.
func (b *books) deal(p part, i int, lines func() ([]*eventpb.CreditLine, error)) error {
	s := &b.shares[i]
	enter := func(c campaign, cs claims, through bool) error {
		portions, err := cs.portions(p, byEsol)
		if err != nil {
			return err
		}
		for _, q := range portions {
			if q.name == "" {
				continue
			}
			whole, err := lines()
			if err != nil {
				return err
			}
			its := scale(whole, q.part.layers, q.part.units)
			h := b.deals.at(event.DealID(c.id, q.name))
			h.esol, h.campaign = q.name, c
			if through {
				if err := b.campaign(c, its, portion{part: q.part}); err != nil {
					return err
				}
			}
			if h.lines, err = addLines(h.lines, its); err != nil {
				return err
			}
			if err := h.add(q); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range b.models[i] {
		through := !slices.ContainsFunc(b.sale.campaigns, func(d campaign) bool { return d.id == c.id })
		if err := enter(c, b.claims(i, c), through); err != nil {
			return err
		}
	}
	for _, c := range b.sale.campaigns {
		asked := slices.ContainsFunc(b.models[i], func(d campaign) bool { return d.id == c.id })
		if asked || !c.covers(s.brand) {
			continue
		}
		if err := enter(c, b.own, false); err != nil {
			return err
		}
	}
	return nil
}

// own is what an order says by itself: its ESOL has it whole.
func (s *sale) own() claims {
	if s.esol == "" {
		return claims{}
	}
	return claims{list: []*eventpb.Claim{{EsolId: s.esol, ShowId: s.show, Weight: 1, InLive: s.inLive}}}
}

// claims are those of the buyer's answer under a campaign; while there is none, the order's own.
func (b *books) claims(i int, c campaign) claims {
	for _, v := range b.order.Answer.GetVerdicts() {
		if v.CampaignId == c.id && v.BrandId == b.shares[i].brand {
			return claims{v.Claims, v.Model, attribution.ParseRounding(c.Rounding)}
		}
	}
	return b.own
}
