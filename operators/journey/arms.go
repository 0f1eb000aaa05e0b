package journey

import (
	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/operators/journey/journeypb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// What did people buy who were shown a campaign, and what those who were held out? All that the campaign is about and that
// was ordered within its dates by somebody who is known, whoever is credited: what is counted for one side only because
// of the campaign would be no comparison. So neither shows, ESOLs nor touches matter here. Refunds of an order that is not known
// itself do not count: nobody knows when it was made.

// maxArms bounds the experiments that one order counts in: those of the campaigns with the least ids.
const maxArms = 32

// arms is what an order counts as in the experiments of campaigns, for the buyer's arm in each.
func (f *Fold) arms(id string, o *journeypb.Order, r *reading) ([]*eventpb.Credit, error) {
	if !r.asks() {
		return nil, nil
	}
	trials, err := f.trials(o, r)
	if err != nil {
		return nil, err
	}
	var out []*eventpb.Credit
	for _, c := range trials {
		var bought layers
		for i := range r.shares {
			if !c.covers(r.shares[i].brand) {
				continue
			}
			if err := bought.add(r.parts[i].layers); err != nil {
				return nil, err
			}
		}
		if err := bought.finish(); err != nil {
			return nil, err
		}
		if bought.paid == 0 && bought.net == 0 {
			continue // not paid (yet)
		}
		arm := holdout.Of(c.id, r.person, c.HoldoutPpm)
		out = append(out, &eventpb.Credit{
			Scope: event.Scope(event.ScopeArm, event.DealID(c.id, string(arm))), OrderId: id, CampaignId: c.id,
			PersonHi: r.person.Hi, PersonLo: r.person.Lo, Currency: r.currency, PaidMinor: bought.paid,
			RefundedMinor: bought.refunded, CancelledMinor: bought.cancelled, NetMinor: bought.net, Paid: o.EverPaid,
			OrderedMs: o.OrderedMs,
		})
	}
	return out, nil
}

// trials are the campaigns with a holdout that an order counts in.
func (f *Fold) trials(o *journeypb.Order, r *reading) ([]campaign, error) {
	brands := []string{""}
	for i := range r.shares { // in order of brand
		if brand := r.shares[i].brand; brand != "" {
			brands = append(brands, brand)
		}
	}
	var ids []string
	for _, brand := range brands {
		of, _, err := f.catalog.trials.Get(brand)
		if err != nil {
			return nil, err
		}
		ids = append(ids, of.GetIds()...)
	}
	all, err := f.running(ids, o.OrderedMs)
	return all[:min(len(all), maxArms)], err
}

// tried is the brand of a campaign that holds people out.
func tried(c *eventpb.Campaign) []string {
	if c.GetHoldoutPpm() == 0 {
		return nil
	}
	return []string{c.BrandId}
}
