package journey

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// reading is an order as its versions and the catalog have it now.
type reading struct {
	currency   string
	refundOnly bool // only refunds of it are known (yet)
	person     event.ID
	sale       sale
	shares     []share
	parts      []part
	// Of each share, the campaigns whose model decides who has it, the governing one first. None where the buyer is not
	// known: then the order's own ESOL has it.
	models [][]campaign
}

// read returns nil for an order that counts nowhere: a test, or one of which neither an amount nor a refund is known
// (one that counted without would pull averages down).
func (f *Fold) read(o *journeypb.Order) (*reading, error) {
	r := &reading{currency: currencyOf(o), person: event.ID{Hi: o.PersonHi, Lo: o.PersonLo}}
	r.refundOnly = o.AmountAt == nil && len(o.Refunds) > 0
	if o.Test || r.currency == "" || o.AmountAt == nil && !r.refundOnly {
		return nil, nil
	}
	var err error
	if r.shares, err = f.shares(o); err != nil {
		return nil, err
	}
	if r.sale, err = f.sale(o); err != nil {
		return nil, err
	}
	r.parts, r.models = make([]part, len(r.shares)), make([][]campaign, len(r.shares))
	left := maxModels
	for i := range r.shares {
		s := &r.shares[i]
		if r.parts[i], err = f.part(s); err != nil {
			return nil, err
		}
		if r.asks() && i < maxAsked {
			all, err := f.governing(&r.sale, s.brand, o.OrderedMs)
			if err != nil {
				return nil, err
			}
			r.models[i] = all[:min(len(all), left)]
			left -= len(r.models[i])
		}
	}
	return r, nil
}

// asks tells whether there is somebody to ask who is to be credited.
func (r *reading) asks() bool { return !r.person.IsZero() && !r.refundOnly }

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

// sale is where an order was made, as far as its versions and the catalog know.
type sale struct {
	show, esol string
	inLive     bool       // the show was on air then
	campaigns  []campaign // that the order counts for by itself, in order of id
}

type campaign struct {
	id string
	*eventpb.Campaign
}

// covers tells whether the campaign is about a brand's part of an order.
func (c *campaign) covers(brand string) bool { return c.BrandId == "" || c.BrandId == brand }

func (c *campaign) hasModel() bool {
	return attribution.ParseModel(c.AttributionModel) != attribution.None
}

// sale finds show, ESOL and campaigns. A campaign counts that names the ESOL, that the show runs under, or that the
// order itself names, if the catalog has it and the order was made within its dates (the end excluded).
func (f *Fold) sale(o *journeypb.Order) (s sale, err error) {
	s.show = value(o.Show)
	show, err := f.catalog.show(s.show)
	if err != nil {
		return s, err
	}
	s.inLive = s.show != "" && (show.GetEndMs() == 0 || o.OrderedMs <= show.GetEndMs())
	if s.esol, err = f.catalog.seller(value(o.Esol), show, value(o.Code)); err != nil {
		return s, err
	}
	ids := slices.Clone(show.GetCampaignIds())
	if s.esol != "" {
		named, _, err := f.catalog.byEsol.Get(s.esol)
		if err != nil {
			return s, err
		}
		ids = append(ids, named.GetIds()...)
	}
	if named := value(o.Campaign); named != "" {
		ids = append(ids, named)
	}
	s.campaigns, err = f.running(ids, o.OrderedMs)
	return s, err
}

// running are those campaigns that the catalog has and that run at a time, in order of id.
func (f *Fold) running(ids []string, ms int64) (all []campaign, err error) {
	slices.SortFunc(ids, strings.Compare)
	for _, id := range slices.Compact(ids) {
		c, ok, err := f.catalog.campaigns.Get(id)
		if err != nil {
			return nil, err
		}
		if ok && c.StartMs <= ms && (c.EndMs == 0 || ms < c.EndMs) {
			all = append(all, campaign{id, c})
		}
	}
	return all, nil
}

// Bounds of what an order asks, so that neither the question nor the answer outgrows a record: it asks about the parts of
// so many brands, the first; under so many campaigns over all parts; and names so many products over all (of others,
// touches of their brand still count, where the catalog knows it). The parts beyond stay with the order's own ESOL. No
// cart holds so much.
const (
	maxAsked    = 32
	maxModels   = 32
	maxProducts = 64
)

// governing are the campaigns whose model decides about a brand's part: those that the order counts for by itself; for
// an order that names no ESOL, all that the brand runs. The first governs what ESOLs are credited: one of the brand's
// own before one of all brands, then the one that began last, then the least id. The others decide about their own
// deals.
func (f *Fold) governing(s *sale, brand string, orderedMS int64) ([]campaign, error) {
	var all []campaign
	for _, c := range s.campaigns {
		if c.covers(brand) && c.hasModel() {
			all = append(all, c)
		}
	}
	if len(all) == 0 && s.esol == "" {
		var ids []string
		for _, key := range []string{brand, ""} {
			i, _, err := f.catalog.models.Get(key)
			if err != nil {
				return nil, err
			}
			ids = append(ids, i.GetIds()...)
		}
		var err error
		if all, err = f.running(ids, orderedMS); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, precedence)
	return all, nil
}

func precedence(a, b campaign) int {
	return cmp.Or(-cmp.Compare(a.BrandId, b.BrandId), -cmp.Compare(a.StartMs, b.StartMs), cmp.Compare(a.id, b.id))
}
