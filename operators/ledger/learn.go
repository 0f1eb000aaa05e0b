package ledger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/attribution"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// learn takes what the catalog says of contracts, tiers, payouts and rates of exchange.
//
// The catalog comes to every partition of the credits, but a campaign's deals are in one. Which it is, the campaign's
// first credit shows.
func (f *Fold) learn(c *eventpb.Catalog) error {
	switch {
	case c == nil:
		return nil
	case c.Kind == "campaign" && c.Campaign != nil && !c.Deleted:
		return f.learnCampaign(strings.Clone(c.Id), c.Campaign)
	case c.Kind == "esol" && !c.Deleted:
		return f.learnTier(c.Id, c.Esol.GetTier())
	case c.Kind == "show":
		return f.learnShow(strings.Clone(c.Id), c.Show, c.Deleted)
	case c.Kind == "payout" && c.Payout != nil && !c.Deleted:
		return f.payout(c.Payout)
	case c.Kind == "fx":
		return f.learnRate(strings.Clone(c.Id), c.Fx, c.Deleted)
	}
	// A campaign that is taken back leaves its contract in force, and an ESOL her tier: what was earned is not forfeited by
	// a deletion. A payout that is taken back was made all the same.
	return nil
}

func (f *Fold) learnCampaign(id string, in *eventpb.Campaign) error {
	is := terms(in)
	row, _, err := f.campaigns.Get(id)
	if err != nil || row.GetCampaign() != nil && row.Campaign.EqualVT(is) {
		return err
	}
	if row, err = f.openCampaign(id); err != nil {
		return err
	}
	was := row.Campaign
	row.Campaign = is
	delete(f.compiled, id)
	if sameTerms(was, is) {
		if row.Mine {
			f.changed(event.Scope(event.ScopeCampaign, id))
		}
		return nil
	}
	if was != nil && row.Mine {
		f.restating(event.Scope(event.ScopeCampaign, id), eventpb.Restatement_TERMS_CHANGED)
	}
	for _, esol := range row.Esols {
		if err := f.goThrough(event.DealID(id, esol)); err != nil {
			return err
		}
	}
	if !row.Mine {
		return nil
	}
	f.changed(event.Scope(event.ScopeCampaign, id))
	return f.openNamed(id, is)
}

// sameTerms tells whether two entries differ in whose the campaign is or in its model, and in nothing that it owes: that moves
// no money (another model does, by the credits that it has made), so nothing is gone through again and nothing restated. An
// entry kept by a program that did not ask has nobody and no model. It writes to was, which nobody has use for any more.
func sameTerms(was, is *eventpb.Campaign) bool {
	if was == nil {
		return false
	}
	was.BrandId, was.AttributionModel = is.BrandId, is.AttributionModel
	return was.EqualVT(is)
}

// terms is a copy of what of a campaign is its contract, of whose it is and of which model governs it.
func terms(in *eventpb.Campaign) *eventpb.Campaign {
	is := &eventpb.Campaign{
		StartMs: in.StartMs, EndMs: in.EndMs, Currency: strings.Clone(in.Currency), SpendMinor: in.SpendMinor,
		GmvCommitmentMinor: in.GmvCommitmentMinor, MarginPpm: in.MarginPpm, CommissionPpm: in.CommissionPpm,
		EsolIds: operators.OwnedList(in.EsolIds), HoldoutPpm: in.HoldoutPpm, BrandId: strings.Clone(in.BrandId),
		AttributionModel: governing(in),
	}
	slices.Sort(is.EsolIds)
	is.EsolIds = slices.Compact(is.EsolIds)
	if in.Contract != nil {
		is.Contract = operators.Owned(in.Contract)
	}
	return is
}

// governing names the model that shares a campaign's orders, or noModel. Words of the catalog that are no model are one answer.
func governing(in *eventpb.Campaign) string {
	return cmp.Or(attribution.ParseModel(in.AttributionModel).String(), noModel)
}

// noModel is said of a campaign whose orders are their own ESOLs' whole; "" would be that nobody has said.
const noModel = "none"

// openNamed opens a deal with every ESOL that the campaign names where that alone is worth something.
func (f *Fold) openNamed(id string, c *eventpb.Campaign) error {
	if c.GetContract().GetFixedFeeMinor() == 0 && c.GetContract().GetGuaranteeMinor() == 0 {
		return nil
	}
	for _, esol := range c.EsolIds {
		deal := event.DealID(id, esol)
		if _, err := f.openDeal(deal, id, esol); err != nil {
			return err
		}
		f.changed(dealPrefix + deal)
	}
	return nil
}

// own notes that the campaign's deals are in this partition: a credit of its scope has come.
func (f *Fold) own(id string) error {
	row, _, err := f.campaigns.Get(id)
	if err != nil || row.GetMine() {
		return err
	}
	id = strings.Clone(id)
	if row, err = f.openCampaign(id); err != nil {
		return err
	}
	row.Mine = true
	if row.Campaign == nil {
		return nil
	}
	return f.openNamed(id, row.Campaign)
}

func (f *Fold) learnTier(id, tier string) error {
	e, _, err := f.esols.Get(id)
	if err != nil || e.GetTier() == tier {
		return err
	}
	id = strings.Clone(id)
	if e, err = f.openEsol(id); err != nil {
		return err
	}
	e.Tier = strings.Clone(tier)
	for _, campaign := range e.Campaigns {
		if err := f.goThrough(event.DealID(campaign, id)); err != nil {
			return err
		}
	}
	return nil
}

// payout notes that the statements up to a time have been paid, and has the orders on them gone through. It covers what
// the ledger had on a statement when it came: what gets on one of that time later, because it came late or was held, is
// on the next. So only a payout through a later time than the one before counts, and the same one again does nothing.
func (f *Fold) payout(p *eventpb.Payout) error {
	row, _, err := f.campaigns.Get(p.CampaignId)
	if err != nil {
		return err
	}
	through := min(p.ThroughMs, f.clock.SettledMs)
	for _, esol := range row.GetEsols() {
		if p.EsolId != "" && p.EsolId != esol {
			continue
		}
		deal := event.DealID(p.CampaignId, esol)
		d, err := f.openDeal(deal, p.CampaignId, esol)
		if err != nil {
			return err
		}
		if through <= d.ThroughMs {
			continue
		}
		d.ThroughMs, d.PayoutEntries = through, d.Entries
		if err := f.goThrough(deal); err != nil {
			return err
		}
	}
	return nil
}
