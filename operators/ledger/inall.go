package ledger

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/fx"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// What has a campaign sold in all, where its buyers paid in several currencies? The brand asks, and reads beside it by
// which rates, and what is not in it.

// Why there is no total.
const (
	noRate   = "no_rate"
	overflow = "overflow"
)

// inAll is a campaign's total in its own currency; nil of a deal, and where all was paid in that currency or the catalog
// does not have the campaign (yet).
func (f *Fold) inAll(scope string, r *returns) (*eventpb.Total, error) {
	campaign, ok := strings.CutPrefix(scope, campaignPrefix)
	if !ok {
		return nil, nil
	}
	terms, err := f.terms(campaign)
	if err != nil {
		return nil, err
	}
	own := terms.Currency()
	sold := r.sold()
	mixed := own != "" && slices.ContainsFunc(sold, func(in returnsIn) bool { return in.currency != own })
	was, had, err := f.mixed.Get(campaign)
	if err != nil || !mixed {
		if had {
			f.mixed.Delete(campaign)
		}
		return nil, err
	}
	table, err := f.fxTable()
	if err != nil {
		return nil, err
	}
	is := &ledgerpb.Mixed{Total: convert(amountsOf(sold), own, table, f.clock.SettledMs), Sold: amountsOf(sold)}
	if !had || !is.EqualVT(was) {
		f.restateTotal(scope, was.GetTotal(), convert(was.GetSold(), own, table, f.clock.SettledMs))
		f.mixed.Put(campaign, is)
	}
	return is.Total, nil
}

func amountsOf(sold []returnsIn) (amounts []*ledgerpb.Sold) {
	for _, in := range sold {
		amounts = append(amounts, &ledgerpb.Sold{
			Currency: in.currency, Net: in.sums.Net.Minor, Paid: in.sums.Paid.Minor,
		})
	}
	return amounts
}

// restateTotal notes by how much what was said of a campaign's total is otherwise by other rates, of the same amounts. What
// was said in another currency, or not at all, cannot be; a difference beyond int64 has no amount.
func (f *Fold) restateTotal(scope string, was, is *eventpb.Total) {
	if was == nil || was.Insufficient != "" || was.Currency != is.Currency || was.Version == is.Version ||
		was.NetMinor == is.NetMinor && was.PaidMinor == is.PaidMinor {
		return
	}
	r := f.restating(scope, eventpb.Restatement_RATE_CHANGED)
	r.Version = is.Version
	net, err1 := event.Sub(is.NetMinor, was.NetMinor)
	paid, err2 := event.Sub(is.PaidMinor, was.PaidMinor)
	if err1 == nil && err2 == nil {
		a := f.restated(r, is.Currency)
		a.TotalNetMinor, a.TotalPaidMinor = net, paid
	}
}

// convert sums over the currencies, by the rates in force at a time.
func convert(sold []*ledgerpb.Sold, to string, table *fx.Table, atMS int64) *eventpb.Total {
	var amounts, paidAmounts []fx.Amount
	for _, in := range sold {
		amounts = append(amounts, fx.Amount{Minor: in.Net, Currency: in.Currency})
		paidAmounts = append(paidAmounts, fx.Amount{Minor: in.Paid, Currency: in.Currency})
	}
	net, paid := table.Sum(amounts, to, atMS), table.Sum(paidAmounts, to, atMS)
	digits, _ := event.Exponent(to)
	t := &eventpb.Total{
		Currency: to, Exponent: uint32(digits), Version: net.Version, AsOfMs: net.FromMS, LeftOut: net.Missing,
	}
	converted := func(in *ledgerpb.Sold) bool { return in.Currency != to && !slices.Contains(net.Missing, in.Currency) }
	switch {
	case !slices.ContainsFunc(sold, converted):
		t.Insufficient = noRate
	case net.Overflow || paid.Overflow:
		t.Insufficient = overflow
	default:
		t.NetMinor, t.PaidMinor = net.Minor, paid.Minor
	}
	return t
}
