package journey

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// defaultReturnWindowMS is how long goods may be sent back where their brand says nothing: 14 days.
const defaultReturnWindowMS = 14 * 24 * 3600 * 1000

// say emits the credits of an order that differ from those said before. A scope that no longer holds one gets a
// credit of nothing: no currency, all zero. It tells whether it changed what the order remembers as said.
func (f *Fold) say(id string, o *journeypb.Order, out *operators.Outputs) (changed bool, err error) {
	credits, err := f.credits(id, o)
	if err != nil {
		return false, fmt.Errorf("crediting order %q: %w", id, err)
	}
	emit := func(c *eventpb.Credit) {
		changed = true
		out.Event(operators.LogCredits, c.Scope, &eventpb.Event{
			Kind: eventpb.Kind_KIND_CREDIT, TimeMs: o.OrderedMs, Credit: c,
		})
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

// digest is 128 bits of SHA-256 over a credit: enough to tell whether it has changed, a fifth of keeping it.
func (f *Fold) digest(c *eventpb.Credit) []byte {
	f.scratch = slices.Grow(f.scratch[:0], c.SizeVT())[:c.SizeVT()]
	if _, err := c.MarshalToSizedBufferVTStrict(f.scratch); err != nil {
		panic("cannot happen: a buffer of the message's own size: " + err.Error())
	}
	sum := sha256.Sum256(f.scratch)
	return bytes.Clone(sum[:16])
}

// credits is what each scope is owed for the order, in order of scope: a function of the order's versions and of the
// catalog. There is none for a test order, and none while neither an amount nor a refund is known: an order that
// counted without one would pull the averages down.
func (f *Fold) credits(id string, o *journeypb.Order) ([]*eventpb.Credit, error) {
	currency, refundOnly := o.Currency, false
	if o.AmountAt == nil {
		currency, refundOnly = value(o.OtherCurrency), len(o.Refunds) > 0
	}
	if o.Test || currency == "" || o.AmountAt == nil && !refundOnly {
		return nil, nil
	}
	shares, err := f.shares(o)
	if err != nil {
		return nil, err
	}
	sale, err := f.sale(o)
	if err != nil {
		return nil, err
	}
	all, err := f.whole(shares)
	if err != nil {
		return nil, err
	}
	var credits []*eventpb.Credit
	credit := func(kind, scopeID string, p part) *eventpb.Credit {
		c := &eventpb.Credit{
			Scope: event.Scope(kind, scopeID), OrderId: id,
			PersonHi: o.PersonHi, PersonLo: o.PersonLo, Currency: currency,
			CreatedMinor: p.created, PaidMinor: p.paid, RefundedMinor: p.refunded, CancelledMinor: p.cancelled,
			NetMinor: p.net, Units: p.units,
			Paid: !refundOnly && o.EverPaid, RefundOnly: refundOnly, OrderedMs: o.OrderedMs,
			Cancelled: !refundOnly && o.Status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED,
			ShowId:    sale.show, EsolId: sale.esol, Channel: value(o.Channel),
		}
		if c.Paid {
			c.SettlesMs = later(o.PaidMs, p.windowMS)
		}
		credits = append(credits, c)
		return c
	}
	if sale.show != "" {
		credit(event.ScopeShow, sale.show, all)
	}
	if sale.esol != "" {
		credit(event.ScopeEsol, sale.esol, all)
	}
	parts := map[string]part{"": all} // a campaign of no brand takes the order whole
	for i := range shares {
		if s := &shares[i]; s.brand != "" {
			p, err := f.part(s)
			if err != nil {
				return nil, err
			}
			parts[s.brand] = p
			credit(event.ScopeBrand, s.brand, p).BrandId = s.brand
		}
	}
	for _, campaign := range sale.campaigns {
		if p, on := parts[campaign.brand]; on {
			c := credit(event.ScopeCampaign, campaign.id, p)
			c.BrandId, c.CampaignId = campaign.brand, campaign.id
		}
	}
	slices.SortFunc(credits, func(a, b *eventpb.Credit) int { return cmp.Compare(a.Scope, b.Scope) })
	return credits, nil
}

// part is what one scope is owed of an order.
type part struct {
	layers
	units    int64
	windowMS int64
}

func (f *Fold) part(s *share) (part, error) {
	p := part{layers: s.layers, units: s.units, windowMS: defaultReturnWindowMS}
	if s.brand == "" {
		return p, nil
	}
	b, ok, err := f.catalog.brands.Get(s.brand)
	if ok {
		p.windowMS = b.ReturnWindowMs
	}
	return p, err
}

// whole is the order as one part. It settles with the last of its brands.
func (f *Fold) whole(shares []share) (all part, err error) {
	for i := range shares {
		p, err := f.part(&shares[i])
		if err != nil {
			return part{}, err
		}
		if err := all.layers.add(p.layers); err != nil {
			return part{}, err
		}
		if all.units, err = event.Add(all.units, p.units); err != nil {
			return part{}, err
		}
		all.windowMS = max(all.windowMS, p.windowMS)
	}
	return all, all.finish()
}

// sale is where an order was made, as far as its versions and the catalog know.
type sale struct {
	show, esol string
	campaigns  []campaign // in order of id
}

type campaign struct{ id, brand string }

// sale finds show, ESOL and campaigns. A campaign counts that names the ESOL, that the show runs under, or that the
// order itself names, if the catalog has it and the order was made within its dates (the end excluded).
func (f *Fold) sale(o *journeypb.Order) (s sale, err error) {
	s.show, s.esol = value(o.Show), value(o.Esol)
	var ids []string
	if s.show != "" {
		show, _, err := f.catalog.shows.Get(s.show)
		if err != nil {
			return s, err
		}
		s.esol = cmp.Or(s.esol, show.GetEsolId())
		ids = append(ids, show.GetCampaignIds()...)
	}
	if s.esol != "" {
		esol, _, err := f.catalog.esols.Get(s.esol)
		if err != nil {
			return s, err
		}
		ids = append(ids, esol.GetCampaignIds()...)
	}
	if named := value(o.Campaign); named != "" {
		ids = append(ids, named)
	}
	slices.SortFunc(ids, strings.Compare)
	for _, id := range slices.Compact(ids) {
		c, ok, err := f.catalog.campaigns.Get(id)
		if err != nil {
			return s, err
		}
		if ok && c.StartMs <= o.OrderedMs && (c.EndMs == 0 || o.OrderedMs < c.EndMs) {
			s.campaigns = append(s.campaigns, campaign{id, c.BrandId})
		}
	}
	return s, nil
}

// later is ms + window, at most the end of time.
func later(ms, window int64) int64 {
	if sum, err := event.Add(ms, window); err == nil {
		return sum
	}
	return math.MaxInt64
}
