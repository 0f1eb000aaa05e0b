package gauges

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/event/eventpb"
)

func campaign(name, help string, more ...string) *prometheus.Desc {
	return prometheus.NewDesc("netsu_campaign_"+name, help, append([]string{"campaign", "currency"}, more...), nil)
}

var (
	descCampaignInfo = prometheus.NewDesc("netsu_campaign_info", "Always 1: whose the campaign is, as the catalog says; empty: nobody's, or not "+
		"known.", []string{"campaign", "brand"}, nil)

	descRoims = campaign("roims_ratio", "Net GMV credited to the campaign over all that it costs. Credited by rule, which "+
		"is not caused. Not there below 30 orders.")
	descRoimsLo    = campaign("roims_lo_ratio", "Lower end of the 95 % interval of roims_ratio.")
	descRoimsHi    = campaign("roims_hi_ratio", "Upper end of the 95 % interval of roims_ratio.")
	descProfit     = campaign("roims_profit_ratio", "What is left of the margin on net GMV after the cost, over the cost: 0 is break-even.")
	descCost       = campaign("cost", "Spend, commission and fees in all. In units of the currency.")
	descCommission = campaign("commission", "Owed to ESOLs and others, by how far it has come. In units of the currency.", "state")
	descGoal       = campaign("commitment", "Net GMV that the campaign has committed to. In units of the currency.")
	descChance     = campaign("commitment_probability", "Probability that the commitment is reached, calibrated; 1 once it is.")
	descFinalLo    = campaign("forecast_lo", "Final net GMV lies above with 90 %. In units of the currency.")
	descFinalHi    = campaign("forecast_hi", "Final net GMV lies below with 90 %. In units of the currency.")
)

var campaignDescs = []*prometheus.Desc{
	descCampaignInfo, descRoims, descRoimsLo, descRoimsHi, descProfit, descCost, descCommission, descGoal, descChance, descFinalLo, descFinalHi,
}

// states of money owed, as labels.
var states = []struct {
	name string
	of   func(*eventpb.States) int64
}{
	{"estimated", (*eventpb.States).GetEstimatedMinor}, {"approved", (*eventpb.States).GetApprovedMinor},
	{"payable", (*eventpb.States).GetPayableMinor}, {"paid", (*eventpb.States).GetPaidMinor},
	{"clawed_back", (*eventpb.States).GetClawedBackMinor},
}

// CampaignSeries is the most that one campaign has: whose it is, and the rest in each currency.
var CampaignSeries = 1 + moneySeries + maxCurrencies*(len(campaignDescs)-2+len(states))

// campaign says what the money of a campaign returned and what it costs, in the currencies that have series.
func (o scrape) campaign(m *memory, s *Scope) {
	o.gauge(descCampaignInfo, 1, s.ID, clean(s.Brand))
	for _, c := range s.Cost.GetCosts() {
		if !m.owns(c.Currency) {
			continue
		}
		labels := []string{s.ID, clean(c.Currency)}
		o.gauge(descCost, major(c.TotalMinor, c.Exponent), labels...)
		if c.CommitmentMinor > 0 {
			o.gauge(descGoal, major(c.CommitmentMinor, c.Exponent), labels...)
		}
		for _, state := range states {
			o.gauge(descCommission, major(state.of(c.Commission), c.Exponent), append(slices.Clone(labels), state.name)...)
		}
	}
	for _, r := range s.Returns.GetReturns() {
		if m.owns(r.Currency) {
			o.returned(r, []string{s.ID, clean(r.Currency)})
		}
	}
}

func (o scrape) returned(r *eventpb.ReturnsIn, labels []string) {
	for _, v := range r.Variants {
		switch {
		case v.Insufficient != "":
		case v.Name == "net":
			o.gauge(descRoims, v.Value, labels...)
			o.gauge(descRoimsLo, v.Lo, labels...)
			o.gauge(descRoimsHi, v.Hi, labels...)
		case v.Name == "profit":
			o.gauge(descProfit, v.Value, labels...)
		}
	}
	switch p := r.Pace; {
	case p == nil || p.TargetMinor <= 0:
	case p.Hit:
		o.gauge(descChance, 1, labels...)
	case p.Insufficient == "":
		o.gauge(descChance, p.Probability, labels...)
		unit := major(1, r.Exponent)
		o.gauge(descFinalLo, p.FinalLo*unit, labels...)
		o.gauge(descFinalHi, p.FinalHi*unit, labels...)
	}
}
