package ledger

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
)

// Fees of a deal, and feeVariable and feeSpend, which are beside them in a campaign's cost. They are owed to ESOLs that the campaign
// names. The fixed fee is an estimate from the campaign's first credit on; a shortfall cuts it when the campaign has
// ended. The top-up to the guarantee is posted when it has ended, a penalty when it closes: before, both move with
// every order. All are approved at the close.
const (
	feeFixed     = "fixed"
	feeGuarantee = "guarantee"
	feePenalty   = "penalty"
	feeVariable  = "variable"
	feeSpend     = "spend"
)

// conclude rates what is to be rated, and brings the fees of the deals that have changed up to date.
func (f *Fold) conclude() error {
	if err := f.rate(); err != nil {
		return err
	}
	i, _ := slices.BinarySearch(f.clock.Pending, dealPrefix)
	var deals []string
	for ; i < len(f.clock.Pending) && strings.HasPrefix(f.clock.Pending[i], dealPrefix); i++ {
		deals = append(deals, f.clock.Pending[i][len(dealPrefix):])
	}
	for _, deal := range deals {
		if err := f.settleFees(deal); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fold) settleFees(deal string) error {
	d, ok, err := f.deals.Get(deal)
	if err != nil || !ok {
		return err
	}
	f.deals.Put(deal, d)
	terms, err := f.terms(d.Campaign)
	if err != nil {
		return err
	}
	now, variable, net := f.clock.SettledMs, int64(0), int64(0)
	for _, t := range d.Totals {
		if t.Currency == terms.Currency() {
			variable, net = t.Variable, t.Net
		}
	}
	end, ends := terms.EndMS()
	ended, closed := ends && now >= end, ends && now >= terms.CloseMS()
	named := terms.Names(d.Esol)
	for _, fee := range []struct {
		name  string
		minor int64
	}{
		{feeFixed, when(named, terms.FixedFee(net, ended))},
		{feeGuarantee, when(named && ended, terms.TopUp(variable))},
		{feePenalty, when(named && closed, -terms.PenaltyMinor(net))},
	} {
		if err := f.settleFee(deal, d, terms, fee.name, fee.minor); err != nil {
			return err
		}
	}
	turn := int64(0)
	switch {
	case !named || !ends || !terms.Fees():
	case !ended:
		turn = end
	default:
		turn = f.approvedAt(terms, terms.CloseMS()).turnMS
	}
	f.turnAt("f"+deal, &d.TurnMs, turn)
	return nil
}

// settleFee posts what a fee has changed by, in amount, state or payment.
func (f *Fold) settleFee(deal string, d *ledgerpb.Deal, terms *contract.Terms, name string, minor int64) error {
	key := scoped(deal, name)
	o, ok, err := f.fees.Get(key)
	if err != nil || !ok && minor == 0 {
		return err
	}
	if !ok {
		o = &ledgerpb.Owed{}
	}
	f.fees.Put(key, o)
	currency := terms.Currency()
	if _, was := minors(o.Parts); was != minor || o.Currency != currency {
		if err := f.countFee(d.Campaign, name, o.Currency, -was); err != nil {
			return err
		}
		if err := f.countFee(d.Campaign, name, currency, minor); err != nil {
			return err
		}
		o.Currency, o.Parts = currency, []*ledgerpb.Part{{Party: contract.Esol, Minor: minor}}
		o.Why = name
	}
	return f.post(deal, d, "", name, o)
}

// feeStanding is that of all fees of a campaign.
func (f *Fold) feeStanding(terms *contract.Terms) standing {
	if _, ends := terms.EndMS(); !ends {
		return standing{}
	}
	return f.approvedAt(terms, terms.CloseMS())
}

// countFee moves what a campaign's deals have of one kind of money.
func (f *Fold) countFee(campaign, name, currency string, minor int64) error {
	if minor == 0 {
		return nil
	}
	cost, err := f.openCost(campaign)
	if err != nil {
		return err
	}
	i, found := slices.BinarySearchFunc(cost.Fees, [2]string{name, currency}, func(a *ledgerpb.Fee, k [2]string) int {
		return cmp.Or(cmp.Compare(a.Name, k[0]), cmp.Compare(a.Currency, k[1]))
	})
	if !found {
		cost.Fees = slices.Insert(cost.Fees, i, &ledgerpb.Fee{Name: name, Currency: currency})
	}
	f.changed(event.Scope(event.ScopeCampaign, campaign))
	return add(&cost.Fees[i].Minor, +1, minor)
}
