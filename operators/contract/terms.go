package contract

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// PPM is a rate of one, in parts per million.
const PPM = 1_000_000

// Parties that the contract itself knows. Others (agency, platform …) are whatever its legs name.
const (
	Brand = "brand"
	Esol  = "esol"
)

// defaultCloseMS is how long after its end a campaign stays open for refunds where it does not say: 30 days [JUDG], a
// return window of 14 and some days of transport.
const defaultCloseMS = 30 * 24 * 3600 * 1000

// Terms are those of a campaign, ready for rating. They do not change.
type Terms struct {
	campaign *eventpb.Campaign
	contract *eventpb.Contract
	versions []version // in order of from; the first is in force from the beginning of time
	cuts     []int64   // where any version's brackets begin, above 0, in order
	legs     []*eventpb.Leg
	legsPPM  int64
	basePPM  int64
}

// version is a set of rates and when it comes into force.
type version struct {
	fromMS   int64
	standard int64
	rates    []*eventpb.Rate
	tiers    []*eventpb.Tier // in order of from_minor
}

// New makes the terms of a campaign that Check has no objection to; with others it does not fail, and what they say
// is as impossible as they are. A campaign without a contract pays its commission_ppm on the net.
func New(c *eventpb.Campaign) *Terms {
	k := c.GetContract()
	t := &Terms{campaign: c, contract: k, basePPM: PPM}
	if k.GetBase() == "margin" {
		t.basePPM = int64(c.GetMarginPpm())
	}
	t.versions = append(t.versions, newVersion(math.MinInt64, c.GetCommissionPpm(), k.GetRates(), k.GetTiers()))
	for _, v := range k.GetVersions() {
		t.versions = append(t.versions, newVersion(v.ValidFromMs, v.CommissionPpm, v.Rates, v.Tiers))
	}
	slices.SortStableFunc(t.versions, func(a, b version) int { return cmp.Compare(a.fromMS, b.fromMS) })
	for _, v := range t.versions {
		for _, b := range v.tiers {
			if b.FromMinor > 0 {
				t.cuts = append(t.cuts, b.FromMinor)
			}
		}
	}
	slices.Sort(t.cuts)
	t.cuts = slices.Compact(t.cuts)
	for _, l := range k.GetLegs() {
		if l.Party != Brand {
			t.legs = append(t.legs, l)
			t.legsPPM += int64(l.Ppm)
		}
	}
	return t
}

func newVersion(fromMS int64, standard uint32, rates []*eventpb.Rate, tiers []*eventpb.Tier) version {
	v := version{fromMS, int64(standard), rates, slices.Clone(tiers)}
	slices.SortStableFunc(v.tiers, func(a, b *eventpb.Tier) int { return cmp.Compare(a.FromMinor, b.FromMinor) })
	return v
}

// Currency is that of caps, brackets and fees; "": there are none.
func (t *Terms) Currency() string { return t.campaign.GetCurrency() }

// ByMonth tells whether what an order earns depends on the orders before it in its month.
func (t *Terms) ByMonth() bool { return len(t.cuts) > 0 || t.contract.GetCapMonthMinor() > 0 }

// Month is the calendar month of a time, counted from year 0 in the contract's own offset from UTC.
func (t *Terms) Month(ms int64) int64 {
	at := time.UnixMilli(ms + t.contract.GetMonthOffsetMs()).UTC()
	return int64(at.Year())*12 + int64(at.Month()) - 1
}

// monthStart is when a month of Month begins.
func (t *Terms) monthStart(month int64) int64 {
	return time.Date(0, time.Month(month+1), 1, 0, 0, 0, 0, time.UTC).UnixMilli() - t.contract.GetMonthOffsetMs()
}

// PayableMS is when what was approved at a time is on a statement: the payout delay later, counted from the end of the
// month where statements are monthly.
func (t *Terms) PayableMS(approvedMS int64) int64 {
	if t.contract.GetPayoutMonthly() {
		approvedMS = t.monthStart(t.Month(approvedMS) + 1)
	}
	return event.AddCapped(approvedMS, t.contract.GetPayoutDelayMs())
}

// EndMS is when the campaign ends, and CloseMS when what depends on its total is approved. A campaign without an end
// does neither: ok is false.
func (t *Terms) EndMS() (ms int64, ok bool) { return t.campaign.GetEndMs(), t.campaign.GetEndMs() != 0 }

// CloseMS is close_ms after the end.
func (t *Terms) CloseMS() int64 {
	return event.AddCapped(t.campaign.GetEndMs(), cmp.Or(t.contract.GetCloseMs(), defaultCloseMS))
}
