package ingest

import (
	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// contractFields are the members of a campaign's contract; nil: it has none. With one, the campaign must have a
// currency.
func (d *Decoder) contractFields() *fields {
	t := d.top.get(fContract)
	switch {
	case d.bad != nil || t.shape == absent:
		return nil
	case t.shape != object:
		d.fail(BadField, fContract, "an object", t)
		return nil
	}
	d.members(t)
	f := d.part // a copy: its lists are read into d.part
	return &f
}

// contract reads a contract's terms, and refuses those that cannot be together.
func (d *Decoder) contract(c *eventpb.Campaign, f *fields) {
	if f == nil || d.bad != nil {
		return
	}
	k := &eventpb.Contract{}
	for _, a := range []struct {
		name field
		to   *int64
	}{
		{fFixedFee, &k.FixedFeeMinor}, {fCapOrder, &k.CapOrderMinor}, {fCapItem, &k.CapItemMinor},
		{fCapMonth, &k.CapMonthMinor}, {fGuarantee, &k.GuaranteeMinor}, {fCommitment, &k.CommitmentMinor},
	} {
		*a.to = d.optionalAmount(f, a.name, c.Currency)
	}
	for _, t := range []struct {
		name  field
		least int64
		most  int64
		to    *int64
	}{
		{fLockMS, 0, 1 << 53, &k.LockMs}, {fNoticeMS, 0, 1 << 53, &k.NoticeMs},
		{fPayoutDelayMS, 0, 1 << 53, &k.PayoutDelayMs}, {fCloseMS, 0, 1 << 53, &k.CloseMs},
		{fMonthOffsetMS, -maxOffsetMS, maxOffsetMS, &k.MonthOffsetMs},
	} {
		*t.to, _ = d.integer(f, t.name, t.least, t.most)
	}
	k.Base = d.strOf(fBase, f.get(fBase), maxWordBytes)
	k.Shortfall = d.strOf(fShortfall, f.get(fShortfall), maxWordBytes)
	k.PenaltyPpm = d.ppmOf(f, fPenaltyPPM)
	k.PayoutMonthly = d.flagOf(f, fPayoutMonthly)
	k.Rates, k.Tiers = d.rates(f.get(fRates)), d.tiers(f.get(fTiers), c.Currency)
	d.each(fVersions, f.get(fVersions), func() { k.Versions = append(k.Versions, d.rateVersion(c.Currency)) })
	d.each(fLegs, f.get(fLegs), func() {
		k.Legs = append(k.Legs, &eventpb.Leg{
			Party: d.requiredWord(fParty), Ppm: d.ppmOf(&d.part, fPPM),
		})
	})
	c.Contract = k
	if d.bad != nil {
		return
	}
	if err := contract.Check(c); err != nil {
		d.bad = reject(BadField, "contract: %v", err)
	}
}

// maxOffsetMS bounds what a calendar may be ahead of UTC or behind it: no country's is more than 14 hours.
const maxOffsetMS = 14 * 3600 * 1000

func (d *Decoder) rates(list token) (rates []*eventpb.Rate) {
	d.each(fRates, list, func() {
		rates = append(rates, &eventpb.Rate{
			ProductId: d.strOf(fProductID, d.part.get(fProductID), maxIDBytes),
			EsolTier:  d.strOf(fEsolTier, d.part.get(fEsolTier), maxWordBytes),
			Ppm:       d.ppmOf(&d.part, fPPM),
		})
	})
	return rates
}

func (d *Decoder) tiers(list token, currency string) (tiers []*eventpb.Tier) {
	d.each(fTiers, list, func() {
		tiers = append(tiers, &eventpb.Tier{
			FromMinor: d.optionalAmount(&d.part, fFrom, currency), Ppm: d.ppmOf(&d.part, fPPM),
		})
	})
	return tiers
}

func (d *Decoder) rateVersion(currency string) *eventpb.RateVersion {
	v := &eventpb.RateVersion{CommissionPpm: d.ppmOf(&d.part, fCommissionPPM)}
	if t := d.part.get(fValidFrom); t.shape == absent {
		d.fail(MissingField, fValidFrom, "a time", t)
	}
	v.ValidFromMs = d.time(&d.part, fValidFrom)
	rates, tiers := d.part.get(fRates), d.part.get(fTiers)
	v.Rates, v.Tiers = d.rates(rates), d.tiers(tiers, currency)
	return v
}

// payout is what has been paid: a campaign's statements up to a time, of one ESOL or of all.
func (d *Decoder) payout() *eventpb.Payout {
	p := &eventpb.Payout{CampaignId: d.requiredID(fCampaignID), EsolId: d.id(fEsolID)}
	if t := d.top.get(fThrough); t.shape == absent {
		d.fail(MissingField, fThrough, "a time", t)
	}
	p.ThroughMs = d.time(&d.top, fThrough)
	return p
}
