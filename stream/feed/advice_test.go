package feed

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/budget"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// spentMeters are those of a deal with orders of the same net amount each.
func spentMeters(campaign, esol, currency string, orders, each, owed int64) []*eventpb.Meter {
	meters := dealMeters(campaign, esol, orders, orders*each, owed, 0)
	meters[0].Earnings.Earned[0].Currency = currency
	in := meters[1].Returns.Returns[0]
	in.Currency = currency
	in.NetSquaresHi, in.NetSquaresLo = bits.Mul64(uint64(each*each), uint64(orders))
	return meters
}

func appended(ms int64, meters []*eventpb.Meter) []*eventpb.Meter {
	for _, m := range meters {
		m.AppendMs = ms
	}
	return meters
}

func (r *rig) advice(path string) (int, Advice, string) {
	r.t.Helper()
	code, body, _ := r.get("/v1/campaigns/" + path)
	var d Advice
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		r.t.Fatalf("%s: %v in %s", path, err, body)
	}
	return code, d, body
}

func (d *Advice) of(esol string) AdviceShare {
	for _, s := range d.Shares {
		if s.EsolID == esol {
			return s
		}
	}
	return AdviceShare{}
}

func minor(t interface{ Fatal(...any) }, m Money) int64 {
	n, err := strconv.ParseInt(m.Minor, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestAdvice: hanako has returned much in two campaigns, yuki less, and of jiro only 29 orders are known.
func TestAdvice(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(slices.Concat(
			appended(noon*1000, campaignMeters("spring")),
			appended(noon*1000, spentMeters("spring", "hanako", "JPY", 20, 6000, 20_000)),
			appended(noon*1000, spentMeters("winter", "hanako", "JPY", 40, 6000, 50_000)),
			appended(noon*1000, spentMeters("spring", "yuki", "JPY", 60, 3000, 60_000)),
			appended(noon*1000, spentMeters("spring", "jiro", "JPY", 29, 90_000, 30_000)),
			appended(noon*1000, spentMeters("winter", "mateo", "JPY", 400, 6000, 20_000)), // of another campaign
		)...)
		code, d, body := r.advice("spring/advice?budget=100000")
		if code != 200 {
			t.Fatalf("%d %s", code, body)
		}
		golden(t, "example_advice.json", indented(t, json.RawMessage(body)))
		jiro := d.of("jiro")
		if jiro.Reason != budget.BelowMinimumSample || jiro.Amount.Minor != "0" || jiro.Orders != 29 || jiro.Best != nil ||
			jiro.Marginal != nil || jiro.Lo != nil || jiro.Hi != nil {
			t.Errorf("of 29 orders nothing follows: %+v", jiro)
		}
		if hanako := d.of("hanako"); hanako.Orders != 60 || hanako.Reason != budget.Given || number(hanako.Best) < .5 {
			t.Errorf("her orders of both campaigns count: %+v", hanako)
		}
		if d.of("mateo").Reason != "" || d.Shares[0].EsolID != "hanako" {
			t.Errorf("shares are of the campaign's ESOLs, the largest first: %s", body)
		}

		r.apply(spentMeters("spring", "jiro", "JPY", 30, 90_000, 30_000)...)
		if _, d, body := r.advice("spring/advice?budget=100000"); d.of("jiro").Reason != budget.Given {
			t.Errorf("30 orders are enough: %s", body)
		}
	})
}

// TestAdviceIsOfOneCurrency: what was sold and owed in another is no past spend, however much it is.
func TestAdviceIsOfOneCurrency(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(campaignMeters("spring")...)
		r.apply(spentMeters("spring", "yuki", "JPY", 60, 3000, 60_000)...)
		_, before, _ := r.advice("spring/advice?budget=100000")
		r.apply(spentMeters("spring", "kai", "USD", 4000, 90_000, 1000)...)
		r.apply(spentMeters("winter", "yuki", "USD", 4000, 90_000, 1000)...)
		feeInYen := spentMeters("winter", "kai", "USD", 4000, 90_000, 1000)
		feeInYen[0].Earnings.Earned[0].Currency = "JPY"
		r.apply(feeInYen...)
		_, after, body := r.advice("spring/advice?budget=100000")
		if kai := after.of("kai"); kai.Orders != 0 || kai.Reason != budget.BelowMinimumSample || after.Currency != "JPY" {
			t.Errorf("%s", body)
		}
		was, is := fmt.Sprint(indented(t, before.of("yuki"))), fmt.Sprint(indented(t, after.of("yuki")))
		if was != is {
			t.Errorf("without dollars %+v, with %+v", before.of("yuki"), after.of("yuki"))
		}
	})
}

// TestAdviceCountsWhatSoldNothing: a fee that brought no order was spent. A deal whose squares are not known is left out.
func TestAdviceCountsWhatSoldNothing(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(campaignMeters("spring")...)
		r.apply(spentMeters("spring", "yuki", "JPY", 60, 3000, 20_000)...)
		_, before, _ := r.advice("spring/advice?budget=100000")
		old := spentMeters("autumn", "yuki", "JPY", 5000, 3000, 20_000)
		old[1].Returns.Returns[0].NetSquaresLo = 0
		r.apply(old...)
		if _, d, body := r.advice("spring/advice?budget=100000"); d.of("yuki").Orders != 60 {
			t.Errorf("orders whose spread nobody knows: %s", body)
		}
		r.apply(spentMeters("winter", "yuki", "JPY", 0, 0, 20_000)[0])
		_, after, body := r.advice("spring/advice?budget=100000")
		if number(after.of("yuki").Marginal) > number(before.of("yuki").Marginal)-.2 {
			t.Errorf("a fee for nothing must lower the return of %v: %s", *before.of("yuki").Marginal, body)
		}
	})
}

// TestAdviceIsOverDispersedAsItsOrders: the campaign's φ widens what is said of an ESOL.
func TestAdviceIsOverDispersedAsItsOrders(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		width := func(phi float64) float64 {
			meters := campaignMeters("spring")
			meters[2].Returns.Returns[1].Phi = phi
			r.apply(meters...)
			_, d, _ := r.advice("spring/advice?budget=100000")
			return number(d.of("yuki").Hi) - number(d.of("yuki").Lo)
		}
		r.apply(spentMeters("spring", "yuki", "JPY", 60, 3000, 20_000)...)
		if narrow, wide := width(0), width(20); wide < 1.3*narrow {
			t.Errorf("80 %% are %.2f wide, and with φ of 20 %.2f", narrow, wide)
		}
	})
}

func TestAdviceThatIsNotGiven(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(campaignMeters("spring")...)
		r.apply(campaignMeters("other/one")...)
		r.apply(spentMeters("spring", "yuki", "JPY", 60, 3000, 20_000)...)
		marginless := campaignMeters("free")
		marginless[2].Returns.Returns[1].Variants[2].DenominatorMinor = 0
		r.apply(marginless...)
		r.apply(spentMeters("free", "yuki", "JPY", 60, 3000, 20_000)...)
		foreign := campaignMeters("foreign")
		foreign[2].Returns.Returns = foreign[2].Returns.Returns[:1]
		r.apply(foreign...)
		r.apply(spentMeters("unsold", "jiro", "JPY", 1, 3000, 20_000)...)
		misnamed := spentMeters("spring", "kai", "JPY", 60, 3000, 20_000)[1]
		misnamed.Scope = "deal/06:springkai"
		r.apply(misnamed)
		const way = "?budget=50000 is what there is to give, in minor units of the campaign's currency: a whole number from 1 to " +
			"1000000000000000"
		for _, c := range []struct {
			path string
			code int
			has  string
		}{
			{"spring/advice?budget=1", 200, `"left":{"minor":"0","currency":"JPY"`},
			{"spring/advice?budget=1000000000000000", 200, `"budget":{"minor":"1000000000000000"`},
			{"other%2Fone/advice?budget=7", 200, `"left":{"minor":"7","currency":"JPY","exponent":0},"left_reason":"nobody_known"`},
			{"free/advice?budget=7", 200, `"left_reason":"no_margin","shares":[{"esol_id":"yuki","amount":{"minor":"0",` +
				`"currency":"JPY","exponent":0},"reason":"not_judged","orders":120,"best":null`},
			{"free/advice?budget=7", 200, `"unit":null`},
			{"foreign/advice?budget=7", 404, `"message":"nothing is known of what the campaign returned in its own currency"`},
			{"unsold/advice?budget=7", 404, `"message":"nothing is known of what the campaign returned in its own currency"`},
			{"nobody/advice?budget=7", 404, `"code":"NOT_FOUND","message":"nothing is known of the campaign"`},
			{"spring/advice", 400, way},
			{"spring/advice?budget=", 400, way},
			{"spring/advice?budget=0", 400, way},
			{"spring/advice?budget=-5", 400, way},
			{"spring/advice?budget=1.5", 400, way},
			{"spring/advice?budget=5e4", 400, way},
			{"spring/advice?budget=JPY5", 400, `"code":"BAD_PARAMETER","message":"budget is missing, or not an amount that can be"`},
			{"spring/advice?budget=1000000000000001", 400, way},
			{"spring/advice?budget=99999999999999999999", 400, way},
			{"spring/advice?budget=5&unit=1", 400, `"code":"UNKNOWN_PARAMETER"`},
			{"spring/advise?budget=5", 404, `/v1/campaigns/{id}/advice`},
		} {
			code, _, body := r.advice(c.path)
			if code != c.code || !strings.Contains(body, c.has) {
				t.Errorf("%s: %d %s\nwant %d with %s", c.path, code, body, c.code, c.has)
			}
		}
		r.server.hub.live = false
		if code, _, body := r.advice("spring/advice?budget=5"); code != 503 || !strings.Contains(body, "CATCHING_UP") {
			t.Errorf("while catching up: %d %s", code, body)
		}
	})
}

// TestAdviceIsAFunctionOfTheMeters: whatever came first, the answer is the same bytes; and all of the budget is in it.
func TestAdviceIsAFunctionOfTheMeters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		meters := campaignMeters("spring")
		for _, campaign := range []string{"spring", "winter"} {
			for i := range rapid.IntRange(0, 5).Draw(t, campaign) {
				meters = append(meters, spentMeters(campaign, fmt.Sprint("e", i),
					rapid.SampledFrom([]string{"JPY", "JPY", "USD"}).Draw(t, "currency"), rapid.Int64Range(0, 90).Draw(t, "orders"),
					rapid.Int64Range(1, 50_000).Draw(t, "each"), rapid.Int64Range(-10, 90_000).Draw(t, "owed"))...)
			}
		}
		for i, m := range meters {
			m.AppendMs = noon*1000 + int64(i)*rapid.Int64Range(0, 600_000).Draw(t, "age")
		}
		units := rapid.Int64Range(1, maxBudget).Draw(t, "budget")
		advise := func(meters []*eventpb.Meter) (*Advice, string) {
			held := newMeters(1000)
			for i, m := range meters {
				value, err := m.MarshalVTStrict()
				if err != nil {
					t.Fatal(err)
				}
				c, err := decodeMeter([]byte(m.Scope+"/"+m.Part), value, fmt.Sprintf("show/0/%d/0", i))
				if err != nil {
					t.Fatal(err)
				}
				held.apply(c, func(string) {})
			}
			s, known := held.spending("spring", everybody(t))
			if !known {
				t.Fatal("the campaign is not known")
			}
			d := s.advise(units)
			b, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			return d, string(b)
		}
		d, said := advise(meters)
		total := minor(t, d.Left)
		for _, s := range d.Shares {
			given := minor(t, s.Amount)
			if given < 0 || given > 0 && s.Orders < 30 {
				t.Fatalf("%+v", s)
			}
			total += given
		}
		if total != units {
			t.Fatalf("%d of %d: %s", total, units, said)
		}
		if _, again := advise(rapid.Permutation(meters).Draw(t, "order")); again != said {
			t.Fatalf("%s\nin another order %s", said, again)
		}
	})
}

// TestAdviceIsBounded: of more ESOLs than are listed, those that are given anything are.
func TestAdviceIsBounded(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(campaignMeters("spring")...)
		for i := range maxDeals + 30 {
			r.apply(spentMeters("spring", fmt.Sprintf("%03d", i), "JPY", int64(40+i), 3000, 20_000)...)
		}
		_, d, body := r.advice("spring/advice?budget=1000003")
		total := minor(t, d.Left)
		for _, s := range d.Shares {
			total += minor(t, s.Amount)
		}
		if len(d.Shares) != maxDeals || total != 1_000_003 || d.Shares[0].EsolID < "200" {
			t.Errorf("%d shares of %d: %s", len(d.Shares), total, body)
		}
	})
}

// TestAdviceStaysForAnHour of meters, not of the wall.
func TestAdviceStaysForAnHour(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		seed := func(ms int64) string {
			r.apply(appended(ms, campaignMeters("spring"))...)
			r.apply(appended(ms, spentMeters("spring", "yuki", "JPY", 60, 3000, 20_000))...)
			_, d, _ := r.advice("spring/advice?budget=100000")
			return d.Seed
		}
		first := seed(noon * 1000)
		time.Sleep(2 * time.Hour)
		if seed((noon+3599)*1000) != first {
			t.Error("within the hour it is drawn anew")
		}
		if seed((noon+3600)*1000) == first {
			t.Error("in another hour it is not drawn anew")
		}
	})
}
