package contract_test

import (
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/operators/contract"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A contract that cannot be is refused with the field's name.
func TestCheck(t *testing.T) {
	leg := func(party string, ppm uint32) *eventpb.Leg { return &eventpb.Leg{Party: party, Ppm: ppm} }
	for _, c := range []struct {
		want     string // "": fine
		contract *eventpb.Contract
		campaign *eventpb.Campaign
	}{
		{"", nil, nil},
		{"", &eventpb.Contract{Legs: []*eventpb.Leg{leg("esol", 300_000)}}, &eventpb.Campaign{}},
		{"legs: expected at most 1000000 ppm", &eventpb.Contract{Legs: []*eventpb.Leg{leg("esol", 600_000),
			leg("agency", 400_001)}},
			&eventpb.Campaign{}},
		{"legs: expected exactly 1000000 ppm", &eventpb.Contract{Legs: []*eventpb.Leg{leg("esol", 600_000), leg("brand",
			300_000)}},
			&eventpb.Campaign{}},
		{"legs: expected each party once", &eventpb.Contract{Legs: []*eventpb.Leg{leg("esol", 1), leg("esol", 2)}},
			&eventpb.Campaign{}},
		{"legs: expected no commission_ppm", &eventpb.Contract{Legs: []*eventpb.Leg{leg("esol", 1)}},
			&eventpb.Campaign{CommissionPpm: 1}},
		{"cap_month: expected zero or more", &eventpb.Contract{CapMonthMinor: -1}, nil},
		{"currency: expected one", &eventpb.Contract{FixedFeeMinor: 1}, &eventpb.Campaign{}},
		{"base: expected a margin_ppm", &eventpb.Contract{Base: "margin"}, nil},
		{"base: expected net or margin", &eventpb.Contract{Base: "gross"}, nil},
		{"tiers: expected each from above", &eventpb.Contract{Tiers: []*eventpb.Tier{{FromMinor: 5}, {FromMinor: 5}}}, nil},
		{"rates: expected one for each", &eventpb.Contract{Rates: []*eventpb.Rate{{ProductId: "a"}, {ProductId: "a",
			Ppm: 1}}}, nil},
		{"rates: expected a product_id", &eventpb.Contract{Rates: []*eventpb.Rate{{Ppm: 1}}}, nil},
		{"versions: expected each valid_from", &eventpb.Contract{Versions: []*eventpb.RateVersion{{ValidFromMs: 5},
			{ValidFromMs: 5}}}, nil},
		{"shortfall: expected a commitment", &eventpb.Contract{Shortfall: "penalty", FixedFeeMinor: 1}, nil},
		{"shortfall: expected a fixed_fee", &eventpb.Contract{Shortfall: "pro_rata", CommitmentMinor: 1}, nil},
		{"penalty_ppm: expected 1 to 1000000", &eventpb.Contract{Shortfall: "penalty", CommitmentMinor: 1,
			FixedFeeMinor: 1}, nil},
	} {
		if c.campaign == nil {
			c.campaign = &eventpb.Campaign{Currency: "JPY"}
		}
		c.campaign.Contract = c.contract
		if err := contract.Check(c.campaign); (err == nil) != (c.want == "") || err != nil &&
			!strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.contract, err, c.want)
		}
	}
}

// Statements: so long after approval, or after the end of its month where the contract's clock has it.
func TestPayable(t *testing.T) {
	at := func(text string) int64 {
		v, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return v.UnixMilli()
	}
	const hour = 3600_000
	for _, c := range []struct {
		contract       *eventpb.Contract
		approved, want string
	}{
		{&eventpb.Contract{}, "2026-01-31T16:00:00Z", "2026-01-31T16:00:00Z"},
		{&eventpb.Contract{PayoutDelayMs: 2 * hour}, "2026-01-31T16:00:00Z", "2026-01-31T18:00:00Z"},
		{&eventpb.Contract{PayoutMonthly: true, PayoutDelayMs: hour}, "2026-12-31T16:00:00Z", "2027-01-01T01:00:00Z"},
		{&eventpb.Contract{PayoutMonthly: true, MonthOffsetMs: 9 * hour}, "2026-01-31T16:00:00Z", "2026-02-28T15:00:00Z"},
	} {
		terms := contract.New(&eventpb.Campaign{Contract: c.contract})
		if got := terms.PayableMS(at(c.approved)); got != at(c.want) {
			t.Errorf("%v: %s, want %s", c.contract, time.UnixMilli(got).UTC(), c.want)
		}
	}
}

// Fees and what a shortfall does to them.
func TestFees(t *testing.T) {
	of := func(k *eventpb.Contract) *contract.Terms { return contract.New(campaign(k, 0, 0)) }
	rata := of(&eventpb.Contract{FixedFeeMinor: 1000, CommitmentMinor: 300, Shortfall: contract.ProRata})
	penalty := of(&eventpb.Contract{FixedFeeMinor: 50, CommitmentMinor: 300, Shortfall: contract.Penalty,
		PenaltyPpm: 250_000})
	guarantee := of(&eventpb.Contract{GuaranteeMinor: 500})
	for _, c := range []struct {
		name      string
		got, want int64
	}{
		{"a fee in full while the campaign runs", rata.FixedFee(0, false), 1000},
		{"in proportion when it has ended", rata.FixedFee(200, true), 667},
		{"not above it", rata.FixedFee(400, true), 1000},
		{"nothing of nothing", rata.FixedFee(-5, true), 0},
		{"a penalty leaves the fee", penalty.FixedFee(0, true), 50},
		{"a part of the shortfall", penalty.PenaltyMinor(180), 30},
		{"at most the fee", penalty.PenaltyMinor(0), 50},
		{"none when the commitment is met", penalty.PenaltyMinor(300), 0},
		{"what is missing of a guarantee", guarantee.TopUp(499), 1},
		{"nothing is", guarantee.TopUp(501), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.name, c.got, c.want)
		}
	}
}
