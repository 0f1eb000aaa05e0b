package ledger_test

import (
	"testing"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// What was spent counts once an event, whatever comes again, beside what the catalog says, in its own currency; ROIMS and
// the fees of a campaign that has no order yet are of it.
func TestSpendIsPartOfTheCost(t *testing.T) {
	o := newOffice(t, &eventpb.Campaign{SpendMinor: 1000, EsolIds: []string{"e"}, StartMs: 1, EndMs: 1e9,
		Contract: &eventpb.Contract{FixedFeeMinor: 300}})
	spend := func(id uint64, currency string, minor int64) {
		o.nowMS += 100
		o.apply(&eventpb.Event{Kind: eventpb.Kind_KIND_SPEND, IdHi: 1, IdLo: id, CampaignId: "c", AmountMinor: minor,
			Currency: currency})
	}
	spend(1, "JPY", 50)
	spend(2, "JPY", 7)
	spend(1, "JPY", 50)
	spend(3, "USD", 400)
	o.nowMS += 100
	o.apply(tick)
	costs := o.last["campaign/c/cost"].Cost.Costs
	if len(costs) != 2 || costs[0].SpendMinor != 1057 || costs[0].TotalMinor != 1357 || costs[1].Currency != "USD" ||
		costs[1].TotalMinor != 400 {
		t.Errorf("costs %v", costs)
	}
	o.nowMS += 100
	o.apply(campaignCredit("1", 1, 5000, 0), tick)
	if v := variantOf(o.returns("campaign/c"), "net"); v.NumeratorMinor != 5000 || v.DenominatorMinor != 1357 {
		t.Errorf("ROIMS %v", v)
	}
}
