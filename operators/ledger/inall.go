package ledger

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/fx"
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
	campaign, is := strings.CutPrefix(scope, campaignPrefix)
	if !is {
		return nil, nil
	}
	terms, err := f.terms(campaign)
	if err != nil {
		return nil, err
	}
	own := terms.Currency()
	sold := r.sold()
	mixed := own != "" && slices.ContainsFunc(sold, func(in returnsIn) bool { return in.currency != own })
	if err := f.keepMixed(campaign, mixed); err != nil || !mixed {
		return nil, err
	}
	table, err := f.fxTable()
	if err != nil {
		return nil, err
	}
	return convert(sold, own, table, f.clock.SettledMs), nil
}

// convert sums over the currencies, by the rates in force at a time.
func convert(sold []returnsIn, to string, table *fx.Table, atMS int64) *eventpb.Total {
	var amounts, paidAmounts []fx.Amount
	for _, in := range sold {
		amounts = append(amounts, fx.Amount{Minor: in.sums.Net.Minor, Currency: in.currency})
		paidAmounts = append(paidAmounts, fx.Amount{Minor: in.sums.Paid.Minor, Currency: in.currency})
	}
	net, paid := table.Sum(amounts, to, atMS), table.Sum(paidAmounts, to, atMS)
	digits, _ := event.Exponent(to)
	t := &eventpb.Total{
		Currency: to, Exponent: uint32(digits), Version: net.Version, AsOfMs: net.FromMS, LeftOut: net.Missing,
	}
	converted := func(in returnsIn) bool { return in.currency != to && !slices.Contains(net.Missing, in.currency) }
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
