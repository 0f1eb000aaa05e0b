package feed

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

func campaignMeters(id string) []*eventpb.Meter {
	scope := event.Scope(event.ScopeCampaign, id)
	cost := &eventpb.Cost{Costs: []*eventpb.CostIn{{
		Currency: "JPY", SpendMinor: 200_000, TotalMinor: 271_500, Commission: &eventpb.States{EstimatedMinor: 60_000,
			ApprovedMinor: 8_000, PaidMinor: 4_000, ClawedBackMinor: 500},
	}}}
	returns := &eventpb.Returns{CampaignId: id, HoldoutPpm: 100_000, Returns: []*eventpb.ReturnsIn{
		{Currency: "IDR", Exponent: 2, Variants: []*eventpb.Variant{{Name: "net", Claim: "attributed", Basis: "net",
			NumeratorMinor: 900, Orders: 1, Insufficient: "no_cost"}}},
		{Currency: "JPY", Variants: []*eventpb.Variant{
			{Name: "net", Claim: "attributed", Basis: "net", NumeratorMinor: 610_000, DenominatorMinor: 271_500, Value: 2.2468,
				Lo: 1.71, Hi: 2.95, Grade: "B", Orders: 88},
			{Name: "incremental", Claim: "incremental", Basis: "net", NumeratorMinor: 402_000, DenominatorMinor: 271_500, Value: 1.4807,
				Lo: .62, Hi: 2.34, Grade: "C", Orders: 231},
			{Name: "break_even", Claim: "threshold", Basis: "net", NumeratorMinor: 1_000_000, DenominatorMinor: 450_000,
				Value: 2.2222, Lo: 2.2222, Hi: 2.2222},
		}, Pace: &eventpb.Pace{TargetMinor: 1_000_000, CurrentMinor: 610_000, Orders: 88, ElapsedSeconds: 5400, LeftSeconds: 3600,
			RunRatePerHour: 406_666.6, NeededRatePerHour: 390_000, Probability: .58, Final: 1_016_667.4, FinalLo: 890_000,
			FinalHi: 1_200_000, Calibration: "simulated-1"},
			Expected: &eventpb.Expected{NetMinor: 571_000, ComingMinor: 39_000, Curve: "judged-1"}},
	}, Total: &eventpb.Total{Currency: "JPY", NetMinor: 613_897, PaidMinor: 132_297, Version: "3f2a9c1d5e7b8a60",
		AsOfMs: 1_772_928_000_000, LeftOut: []string{"IDR"}}}
	return []*eventpb.Meter{
		moneyMeter(scope, 610_000),
		{Version: event.Version, Scope: scope, Part: partCost, Cost: cost},
		{Version: event.Version, Scope: scope, Part: partReturns, Returns: returns},
	}
}

func exampleCampaign() *scope {
	s := &scope{name: "campaign/spring", kind: event.ScopeCampaign}
	for _, m := range campaignMeters("spring") {
		s.set(change{meter: m, meterKey: meterKey{part: m.Part}})
	}
	return s
}

// dealMeters are of an ESOL in a campaign; roims of zero is not known.
func dealMeters(campaign, esol string, orders, net, owed int64, roims float64) []*eventpb.Meter {
	scope := event.Scope(event.ScopeDeal, event.DealID(campaign, esol))
	v := &eventpb.Variant{Name: "net", Claim: "attributed", Basis: "net", NumeratorMinor: net, DenominatorMinor: owed,
		Orders: orders, Value: roims, Lo: roims / 1.3, Hi: roims * 1.3, Grade: "B"}
	if roims == 0 {
		v.Value, v.Lo, v.Hi, v.Grade, v.Insufficient = 0, 0, 0, "", "too_few_orders"
	}
	return []*eventpb.Meter{
		{Version: event.Version, Scope: scope, Part: partEarnings, Earnings: &eventpb.Earnings{
			CampaignId: campaign, EsolId: esol, Earned: []*eventpb.Earned{{Currency: "JPY", Orders: orders, OrdersHeld: 1,
				NetMinor: net, Esol: &eventpb.States{EstimatedMinor: owed}, Others: &eventpb.States{}, CommitmentMinor: 500_000,
				ShortfallMinor: max(0, 500_000-net)}},
		}},
		{Version: event.Version, Scope: scope, Part: partReturns, Returns: &eventpb.Returns{
			CampaignId: campaign, Returns: []*eventpb.ReturnsIn{{Currency: "JPY", Variants: []*eventpb.Variant{v}}},
		}},
	}
}

// TestCampaignDocument follows a campaign's meters and those of its deals, which are ranked by what they return and not by
// who is there to see it.
func TestCampaignDocument(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		if got := r.document("campaign/spring"); got != "null" {
			t.Errorf("of a campaign that nobody has spoken of: %s", got)
		}
		r.apply(roomMeter("S1", "mateo", 4000, 1))
		r.apply(dealMeters("spring", "mateo", 12, 90_000, 9_000, 0)...)
		r.apply(dealMeters("spring", "hanako", 44, 220_000, 30_000, 7.33)...)
		r.apply(dealMeters("spring", "yuki", 44, 300_000, 60_000, 5)...)
		r.apply(dealMeters("spring", "nobody", 1, 95_000, 1, 0)...)
		r.apply(dealMeters("spring2", "hanako", 1, 1, 1, 0)...) // another campaign's
		r.apply(campaignMeters("spring")...)
		got := r.document("campaign/spring")
		golden(t, "example_campaign.json", indented(t, json.RawMessage(got)))
		var order []string
		for part := range strings.SplitSeq(got, `"esol_id":"`) {
			order = append(order, part[:strings.IndexByte(part+`"`, '"')])
		}
		if want := "hanako yuki nobody mateo"; strings.Join(order[1:], " ") != want {
			t.Errorf("the deals are in order %v, want %s", order[1:], want)
		}
		for _, want := range []string{`"active_heads":4000`, `"claim":"incremental"`, `"holdout_ppm":100000`, `"run_rate_per_hour":{"minor":"406667"`} {
			if !strings.Contains(got, want) {
				t.Errorf("the document lacks %s: %s", want, got)
			}
		}
		for _, part := range []string{"earnings", "returns"} {
			r.takeBack("deal/6:springhanako", part)
		}
		r.takeBack("campaign/spring", "cost")
		if got := r.document("campaign/spring"); strings.Contains(got, "hanako") || !strings.Contains(got, `"costs":null`) {
			t.Errorf("what was taken back is still there: %s", got)
		}
	})
}

// TestDealsAreRankedWithinACurrency: of what returns as much, amounts of one currency are compared as numbers, and those of
// two never.
func TestDealsAreRankedWithinACurrency(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		for _, d := range []struct {
			esol, currency string
			net            int64
		}{{"a", "USD", 100}, {"b", "JPY", 9}, {"c", "JPY", 10_000}, {"d", "USD", 2_000_000}, {"e", "JPY", 10_000}, {"f", "JPY", -5}} {
			meters := dealMeters("spring", d.esol, 1, d.net, 1, 0)
			meters[0].Earnings.Earned[0].Currency = d.currency
			meters[1].Returns.Returns[0].Currency = d.currency
			r.apply(meters...)
		}
		r.apply(dealMeters("spring", "known", 44, 1, 1, .1)...)
		var d Campaign
		if err := json.Unmarshal([]byte(r.document("campaign/spring")), &d); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, deal := range d.Deals {
			order = append(order, deal.EsolID)
		}
		if got := strings.Join(order, " "); got != "known c e b f d a" {
			t.Errorf("the deals are in order %s", got)
		}
	})
}

// TestTheCampaignsOwnCurrencyLeads, also where nothing can be said of it yet and nothing was committed to: the page shows
// the first, and of another currency it would say that nothing was spent.
func TestTheCampaignsOwnCurrencyLeads(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		few := func(currency, why string, pace *eventpb.Pace) *eventpb.ReturnsIn {
			return &eventpb.ReturnsIn{Currency: currency, Pace: pace, Variants: []*eventpb.Variant{{Name: "net", Insufficient: why}}}
		}
		r.apply(&eventpb.Meter{Version: event.Version, Scope: "campaign/spring", Part: partReturns, Returns: &eventpb.Returns{
			CampaignId: "spring", Returns: []*eventpb.ReturnsIn{few("EUR", "no_cost", nil), few("IDR", "no_cost", nil),
				few("JPY", "too_few_orders", &eventpb.Pace{Insufficient: "no_commitment"}), few("USD", "no_cost", nil)},
		}})
		var d Campaign
		if err := json.Unmarshal([]byte(r.document("campaign/spring")), &d); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, in := range d.Returns {
			order = append(order, in.Currency)
		}
		if got := strings.Join(order, " "); got != "JPY EUR IDR USD" {
			t.Errorf("returns are of %s", got)
		}
	})
}

// TestATotalIsThereOrSaysWhyNot: a number never without the version of its rates, and none at all is not zero.
func TestATotalIsThereOrSaysWhyNot(t *testing.T) {
	for name, c := range map[string]struct {
		total *eventpb.Total
		want  string
	}{
		"nothing to convert": {nil, `null`},
		"no rate": {&eventpb.Total{Currency: "JPY", LeftOut: []string{"THB", "USD"}, Insufficient: "no_rate"},
			`{"net":null,"paid":null,"rates":null,"rates_from":null,"left_out":["THB","USD"],"insufficient":"no_rate"}`},
		"overflow": {&eventpb.Total{Currency: "JPY", Version: "3f2a", AsOfMs: 1_772_928_000_000, Insufficient: "overflow"},
			`{"net":null,"paid":null,"rates":"3f2a","rates_from":"2026-03-08T00:00:00.000Z","left_out":[],"insufficient":"overflow"}`},
		"a sum of rates without a date": {&eventpb.Total{Currency: "USD", Exponent: 2, NetMinor: -7, Version: "3f2a"},
			`{"net":{"minor":"-7","currency":"USD","exponent":2},"paid":{"minor":"0","currency":"USD","exponent":2},` +
				`"rates":"3f2a","rates_from":null,"left_out":[],"insufficient":null}`},
	} {
		got, err := json.Marshal(totalDocument(c.total))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, want %s (%v)", name, got, c.want, err)
		}
	}
}

// TestAShowTouchesTheCampaignsOfItsESOL: whoever watches a campaign sees how many are there now, and is not sent it ten
// times a second for that.
func TestAShowTouchesTheCampaignsOfItsESOL(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1))
		r.apply(campaignMeters("spring")...)
		r.apply(dealMeters("spring", "hanako", 44, 220_000, 30_000, 7.33)...)
		r.apply(dealMeters("spring", "yuki", 44, 220_000, 30_000, 7)...)
		c := r.client()
		defer c.close()
		c.subscribe("campaign/spring", "")
		there := func(want string) {
			t.Helper()
			time.Sleep(boardEvery + 100*time.Millisecond)
			synctest.Wait()
			var deals []Deal
			if err := json.Unmarshal([]byte(c.part("campaign/spring", "deals")), &deals); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range deals {
				got = append(got, fmt.Sprint(d.EsolID, d.ActiveHeads))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("the subscriber sees %v, want %s", got, want)
			}
		}
		there("hanako40 yuki0")
		r.apply(roomMeter("S1", "nobody", 40, 1))
		there("hanako0 yuki0")
		r.apply(roomMeter("S1", "yuki", 40, 1))
		there("hanako0 yuki40")
		before := len(c.all())
		for i := range 50 {
			r.apply(roomMeter("S1", "yuki", int64(i), 1))
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(c.all()) - before; n < 20 || n > 26 {
			t.Errorf("%d frames in 5 s, want one in %v", n, boardEvery)
		}
		ended := roomMeter("S1", "yuki", 40, 1)
		ended.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
		r.apply(ended)
		there("hanako0 yuki0")
	})
}

// TestCampaignsOfAnESOL: the list is right when deals come, are taken back and are evicted.
func TestCampaignsOfAnESOL(t *testing.T) {
	inBubble(t, Config{MaxScopes: 3}, func(t *testing.T, r *rig) {
		listed := func(want string) {
			t.Helper()
			if got := fmt.Sprint(r.server.hub.meters.campaigns); got != "map["+want+"]" {
				t.Errorf("listed are %s, want map[%s]", got, want)
			}
		}
		r.apply(dealMeters("spring", "hanako", 1, 1, 1, 0)...)
		r.apply(dealMeters("summer", "hanako", 1, 1, 1, 0)...)
		listed("hanako:map[spring:true summer:true]")
		r.takeBack("deal/6:springhanako", partEarnings)
		listed("hanako:map[spring:true summer:true]")
		r.takeBack("deal/6:springhanako", partReturns)
		listed("hanako:map[summer:true]")
		for _, esol := range []string{"mateo", "yuki", "jiro"} {
			time.Sleep(time.Second)
			r.apply(dealMeters("spring", esol, 1, 1, 1, 0)...)
		}
		listed("jiro:map[spring:true] mateo:map[spring:true] yuki:map[spring:true]")
	})
}

// TestADealTouchesItsCampaign: whoever watches the campaign hears of it.
func TestADealTouchesItsCampaign(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(campaignMeters("spring")...)
		c := r.client()
		defer c.close()
		c.subscribe("campaign/spring", "")
		r.apply(dealMeters("spring", "hanako", 44, 220_000, 30_000, 7.33)...)
		time.Sleep(time.Second)
		if err := c.has("campaign/spring", r.document("campaign/spring")); err != nil {
			t.Error(err)
		}
		if got := c.part("campaign/spring", "deals"); !strings.Contains(got, `"esol_id":"hanako"`) {
			t.Errorf("deals: %s", got)
		}
	})
}
