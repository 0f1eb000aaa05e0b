package ledger

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// sayEarnings says what a deal has earned.
func (f *Fold) sayEarnings(scope string, out *operators.Outputs) error {
	deal := scope[len(dealPrefix):]
	d, ok, err := f.deals.Get(deal)
	if err != nil || !ok {
		return err
	}
	terms, err := f.terms(d.Campaign)
	if err != nil {
		return err
	}
	e := &eventpb.Earnings{CampaignId: d.Campaign, EsolId: d.Esol}
	for _, t := range d.Totals {
		in := earnedIn(e, t.Currency)
		in.Orders, in.OrdersHeld, in.NetMinor, in.BaseMinor = t.Orders, t.Held, t.Net, t.Base
		in.VariableMinor = t.Variable
	}
	for _, a := range d.Accounts {
		in := earnedIn(e, a.Currency)
		to := in.Others
		if a.Party == contract.Esol {
			to = in.Esol
		}
		if err := addStates(to, a); err != nil {
			return err
		}
	}
	if terms.Names(d.Esol) && (terms.Fees() || terms.Commitment() > 0) {
		if err := f.addFees(earnedIn(e, terms.Currency()), deal, terms); err != nil {
			return err
		}
	}
	out.Meter(&eventpb.Meter{Version: event.Version, Scope: scope, Part: "earnings", AppendMs: f.nowMS, Earnings: e})
	costs := map[string]int64{}
	for _, in := range e.Earned {
		var owed int64
		for _, to := range []*eventpb.States{in.Esol, in.Others} {
			if err := addAll(&owed, to); err != nil {
				return err
			}
		}
		costs[in.Currency] = owed
	}
	return f.sayReturns(scope, d.Campaign, costs, out)
}

// addFees says what else the ESOL is owed as of now, posted yet or not.
func (f *Fold) addFees(in *eventpb.Earned, deal string, terms *contract.Terms) error {
	end, ends := terms.EndMS()
	ended := ends && f.clock.SettledMs >= end
	in.FixedFeeMinor = terms.FixedFee(in.NetMinor, ended)
	in.TopUpMinor = terms.TopUp(in.VariableMinor)
	in.CommitmentMinor, in.ShortfallMinor = terms.Commitment(), terms.Shortfall(in.NetMinor)
	penalty, _, err := f.fees.Get(scoped(deal, feePenalty))
	if err == nil && penalty != nil {
		_, minor := minors(penalty.Parts)
		in.PenaltyMinor = -minor
	}
	return err
}

func earnedIn(e *eventpb.Earnings, currency string) *eventpb.Earned {
	i, found := slices.BinarySearchFunc(e.Earned, currency, func(in *eventpb.Earned, c string) int {
		return cmp.Compare(in.Currency, c)
	})
	if !found {
		digits, _ := event.Exponent(currency)
		e.Earned = slices.Insert(e.Earned, i, &eventpb.Earned{
			Currency: currency, Exponent: uint32(digits), Esol: &eventpb.States{}, Others: &eventpb.States{},
		})
	}
	return e.Earned[i]
}

func addStates(to *eventpb.States, a *ledgerpb.Account) error {
	for _, sum := range []struct {
		to       *int64
		sign, of int64
	}{
		{&to.EstimatedMinor, +1, a.Estimated}, {&to.ApprovedMinor, +1, a.Approved}, {&to.PayableMinor, +1, a.Payable},
		{&to.PaidMinor, +1, a.Paid}, {&to.ClawedBackMinor, -1, a.Clawed},
	} {
		if err := add(sum.to, sum.sign, sum.of); err != nil {
			return err
		}
	}
	return nil
}

// sayCampaign says what a campaign costs, where it costs or has promised anything, and what its money returned. money is
// what it has sold, if it has.
func (f *Fold) sayCampaign(scope string, money *eventpb.Money, out *operators.Outputs) error {
	campaign := scope[len(campaignPrefix):]
	m, err := f.cost(campaign, money)
	if err != nil {
		return err
	}
	costs := map[string]int64{}
	for _, in := range m.GetCosts() {
		costs[in.Currency] = in.TotalMinor
	}
	if err := f.sayCost(scope, campaign, m, out); err != nil {
		return err
	}
	return f.sayReturns(scope, campaign, costs, out)
}

// sayCost says what a campaign costs, or takes back what it said (m is nil).
func (f *Fold) sayCost(scope, campaign string, m *eventpb.Cost, out *operators.Outputs) error {
	row, _, err := f.campaigns.Get(campaign)
	if err != nil {
		return err
	}
	said := m != nil
	if said != row.GetCostSaid() {
		if row, err = f.openCampaign(campaign); err != nil {
			return err
		}
		row.CostSaid = said
		if !said {
			out.DropMeter(scope, "cost")
		}
	}
	if !said {
		return nil
	}
	meter, err := f.meter(scope, "cost")
	if err != nil {
		return err
	}
	meter.Cost = m
	out.Meter(meter)
	return nil
}

// cost is what a campaign costs; nil: nothing, and it has promised nothing.
func (f *Fold) cost(campaign string, money *eventpb.Money) (*eventpb.Cost, error) {
	terms, err := f.terms(campaign)
	if err != nil {
		return nil, err
	}
	cost, ok, err := f.costs.Get(campaign)
	if err != nil || !ok && terms.Spend() == 0 && terms.Goal() == 0 {
		return nil, err
	}
	m := &eventpb.Cost{}
	for _, a := range cost.GetAccounts() {
		if err := addStates(costIn(m, a.Currency).Commission, a); err != nil {
			return nil, err
		}
	}
	for _, fee := range cost.GetFees() {
		in := costIn(m, fee.Currency)
		switch fee.Name {
		case feeVariable:
			in.VariableMinor = fee.Minor
		case feeFixed:
			in.FixedFeeMinor = fee.Minor
		case feeGuarantee:
			in.TopUpMinor = fee.Minor
		case feePenalty:
			in.PenaltyMinor = -fee.Minor
		case feeSpend:
			in.SpendMinor = fee.Minor
		}
	}
	if terms.Spend() != 0 || terms.Goal() != 0 {
		in := costIn(m, terms.Currency())
		in.CommitmentMinor = terms.Goal()
		if err := add(&in.SpendMinor, +1, terms.Spend()); err != nil {
			return nil, err
		}
	}
	for _, in := range m.Costs {
		if err := total(in, money); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func costIn(m *eventpb.Cost, currency string) *eventpb.CostIn {
	i, found := slices.BinarySearchFunc(m.Costs, currency, func(in *eventpb.CostIn, c string) int {
		return cmp.Compare(in.Currency, c)
	})
	if !found {
		digits, _ := event.Exponent(currency)
		m.Costs = slices.Insert(m.Costs, i, &eventpb.CostIn{
			Currency: currency, Exponent: uint32(digits), Commission: &eventpb.States{},
		})
	}
	return m.Costs[i]
}

// addAll adds money in all its states.
func addAll(to *int64, s *eventpb.States) error {
	for _, sum := range []struct{ sign, of int64 }{
		{+1, s.EstimatedMinor}, {+1, s.ApprovedMinor}, {+1, s.PayableMinor}, {+1, s.PaidMinor}, {-1, s.ClawedBackMinor},
	} {
		if err := add(to, sum.sign, sum.of); err != nil {
			return err
		}
	}
	return nil
}

// total is what a campaign costs in a currency in all: what it spends, what it owes and what it has paid.
func total(in *eventpb.CostIn, money *eventpb.Money) error {
	in.TotalMinor = in.SpendMinor
	if err := addAll(&in.TotalMinor, in.Commission); err != nil {
		return err
	}
	if i, found := find(cmp.Or(money, &eventpb.Money{}), in.Currency); found {
		in.NetMinor = money.Gmv[i].NetMinor
	}
	in.ShortfallMinor = max(0, in.CommitmentMinor-max(0, in.NetMinor))
	return nil
}
