package ledger_test

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/ledger"
	"github.com/netsu/netsu/operators/ledger/ledgerpb"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const day = 24 * 3600 * 1000

// truth is what the ledger was told, as it ends: what each order of a deal is worth follows from it alone.
type truth struct {
	campaigns map[string]*eventpb.Campaign
	tiers     map[string]string
	credits   map[[2]string]*eventpb.Credit // by deal and order
}

func newTruth() *truth {
	return &truth{map[string]*eventpb.Campaign{}, map[string]string{}, map[[2]string]*eventpb.Credit{}}
}

// owed is what each order is worth to each party: "order party currency" → minor. It is written for being read: exact
// fractions, every order of the deal looked at again for each.
func (tr *truth) owed(deal string) map[string]int64 {
	campaign, esol, _ := event.SplitDealID(deal)
	c := tr.campaigns[campaign]
	if c == nil {
		c = &eventpb.Campaign{}
	}
	k := c.Contract
	if k == nil {
		k = &eventpb.Contract{}
	}
	type placed struct {
		id string
		*eventpb.Credit
	}
	var orders []placed
	for key, credit := range tr.credits {
		if key[0] == deal {
			orders = append(orders, placed{key[1], credit})
		}
	}
	slices.SortFunc(orders, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.OrderedMs, b.OrderedMs), cmp.Compare(a.id, b.id))
	})
	gmv, full := map[string]*big.Int{}, map[string]int64{} // of a month and currency
	out := map[string]int64{}
	for _, o := range orders {
		if o.NetMinor <= 0 {
			continue
		}
		month := time.UnixMilli(o.OrderedMs+k.MonthOffsetMs).UTC().Format("2006-01 ") + o.Currency
		if gmv[month] == nil {
			gmv[month] = new(big.Int)
		}
		foreign := o.Currency != c.Currency
		rates := []*eventpb.RateVersion{{ValidFromMs: -1 << 62, CommissionPpm: c.CommissionPpm, Rates: k.Rates,
			Tiers: k.Tiers}}
		rates = append(rates, k.Versions...)
		var counted []*eventpb.RateVersion
		for i, v := range rates {
			if v.ValidFromMs > o.OrderedMs {
				continue
			}
			until := int64(1 << 62)
			if i+1 < len(rates) {
				until = rates[i+1].ValidFromMs
			}
			counts := o.OrderedMs < until || o.OrderedMs < until+k.NoticeMs
			for _, other := range orders {
				locked := other.OrderedMs >= v.ValidFromMs && other.OrderedMs < until && other.OrderedMs >= o.OrderedMs-k.LockMs
				counts = counts || locked && o.OrderedMs < until+k.LockMs
			}
			if counts {
				counted = append(counted, v)
			}
		}
		margin := int64(1_000_000)
		if k.Base == "margin" {
			margin = int64(c.MarginPpm)
		}
		base := round(big.NewRat(o.NetMinor, 1), margin)
		// Lay the lines end to end, unit by unit of the brackets' edges.
		var lines []*eventpb.CreditLine
		weights := []int64{}
		for _, l := range o.Lines {
			lines, weights = append(lines, l), append(weights, max(0, l.NetMinor))
		}
		if sum(weights) == 0 {
			lines, weights = []*eventpb.CreditLine{{Units: o.Units}}, []int64{1}
		}
		commission := int64(0)
		at := gmv[month].Int64()
		if foreign {
			at = 0
		}
		for i, net := range event.Alloc(o.NetMinor, weights) {
			exact := new(big.Rat)
			for x := int64(0); x < net; {
				point, step := at+x, net-x
				if foreign {
					point = 0
				}
				best := uint32(0)
				for _, v := range counted {
					rate, next := rateAt(v, lines[i].ProductId, tr.tiers[esol], point)
					best = max(best, rate)
					if next > point && !foreign {
						step = min(step, next-point)
					}
				}
				for _, l := range k.Legs {
					if l.Party != "brand" {
						if l == k.Legs[0] || k.Legs[0].Party == "brand" && l == k.Legs[1] {
							best = 0
						}
						best += l.Ppm
					}
				}
				exact.Add(exact, new(big.Rat).Mul(big.NewRat(step, 1), big.NewRat(int64(best), 1_000_000)))
				x += step
			}
			minor := round(exact, margin)
			if k.CapItemMinor > 0 && !foreign {
				minor = min(minor, k.CapItemMinor*max(0, lines[i].Units))
			}
			commission += minor
			if !foreign {
				at += net
			}
		}
		commission = min(commission, base)
		if k.CapOrderMinor > 0 && !foreign {
			commission = min(commission, k.CapOrderMinor)
		}
		gmv[month].Add(gmv[month], big.NewInt(o.NetMinor))
		before := full[month]
		full[month] += commission
		if k.CapMonthMinor > 0 && !foreign {
			commission = min(commission, max(0, k.CapMonthMinor-before))
		}
		if len(k.Legs) == 0 {
			out[o.id+" esol "+o.Currency] = commission
			continue
		}
		var parties []string
		var ppm []int64
		for _, l := range k.Legs {
			if l.Party != "brand" {
				parties, ppm = append(parties, l.Party), append(ppm, int64(l.Ppm))
			}
		}
		for i, share := range event.Alloc(commission, ppm) {
			out[o.id+" "+parties[i]+" "+o.Currency] = share
		}
	}
	for key, minor := range out {
		if minor == 0 {
			delete(out, key)
		}
	}
	return out
}

func sum(list []int64) (n int64) {
	for _, x := range list {
		n += x
	}
	return n
}

// rateAt is what a version pays at a point, and where that may change next.
func rateAt(v *eventpb.RateVersion, product, tier string, point int64) (ppm uint32, next int64) {
	next = 1 << 62
	for _, want := range [][2]string{{product, tier}, {product, ""}, {"", tier}} {
		for _, r := range v.Rates {
			if r.ProductId == want[0] && r.EsolTier == want[1] && want != [2]string{} {
				return r.Ppm, next
			}
		}
	}
	ppm = v.CommissionPpm
	for _, b := range v.Tiers {
		if b.FromMinor <= point {
			ppm = b.Ppm
		} else {
			next = min(next, b.FromMinor)
		}
	}
	return ppm, next
}

// round is r × ppm, half to even.
func round(r *big.Rat, ppm int64) int64 {
	r = new(big.Rat).Mul(r, big.NewRat(ppm, 1_000_000))
	q, rest := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(r.Denom()); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return q.Int64()
}

// audit reads a campaign's books as an accountant would: entries against balances, orders against the truth.
func audit(t testing.TB, d *desk, tr *truth, campaign string, nowMS int64) {
	t.Helper()
	d.checkpoint()
	books, err := ledger.ReadBooks(d.memory, campaign, "")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int64{}
	for _, b := range books {
		deal := event.DealID(b.Campaign, b.Esol)
		balances, byOrder, states := map[string]int64{}, map[string]int64{}, map[string]string{}
		for _, e := range b.Entries {
			if e.Amount <= 0 {
				t.Fatalf("%s: entry %v", deal, e)
			}
			for account, minor := range map[string]int64{e.From: -e.Amount, e.To: e.Amount} {
				balances[account+" "+e.Currency] += minor
				all[e.Currency] += minor
				party, state, _ := strings.Cut(account, ":")
				if party != "brand" && e.Fee == "" {
					key := e.Order + " " + party + " " + e.Currency
					if byOrder[key] += minor; byOrder[key] == 0 {
						delete(byOrder, key)
					}
					states[key+" "+state] = ""
				}
			}
		}
		for _, a := range b.Balances {
			for state, minor := range map[string]int64{
				"estimated": a.Estimated, "approved": a.Approved, "payable": a.Payable, "paid": a.Paid, "clawback": a.Clawed,
			} {
				key := a.Party + ":" + state + " " + a.Currency
				if balances[key] != minor {
					t.Fatalf("%s: %s is kept as %d, its entries sum to %d", deal, key, minor, balances[key])
				}
				delete(balances, key)
			}
		}
		for key, minor := range balances {
			if minor != 0 && !strings.HasPrefix(key, "brand:accrued ") {
				t.Fatalf("%s: %s has %d and no account", deal, key, minor)
			}
		}
		want := tr.owed(deal)
		if !maps.Equal(byOrder, want) {
			for _, key := range slices.Sorted(maps.Keys(want)) {
				if byOrder[key] != want[key] {
					t.Errorf("%s: %s: posted %d, worth %d", deal, key, byOrder[key], want[key])
				}
			}
			for key, minor := range byOrder {
				if want[key] == 0 {
					t.Errorf("%s: %s: posted %d, worth nothing", deal, key, minor)
				}
			}
			t.FailNow()
		}
		tr.checkStates(t, b, deal, nowMS)
	}
	for currency, minor := range all {
		if minor != 0 {
			t.Fatalf("the trial balance of %s is %d %s", campaign, minor, currency)
		}
	}
}

// checkStates holds what is not paid against the state that the order must have.
func (tr *truth) checkStates(t testing.TB, b *ledger.Book, deal string, nowMS int64) {
	t.Helper()
	open := map[string]int64{}
	for _, e := range b.Entries {
		if e.Fee != "" {
			continue
		}
		open[e.Order+" "+stateOf(e.From)] -= e.Amount
		open[e.Order+" "+stateOf(e.To)] += e.Amount
	}
	k := tr.campaigns[b.Campaign].GetContract()
	for key, minor := range open {
		i := strings.LastIndexByte(key, ' ')
		order, state := key[:i], key[i+1:]
		if minor == 0 || state == "accrued" || state == "paid" || state == "clawback" {
			continue
		}
		c, want := tr.credits[[2]string{deal, order}], "estimated"
		if c.Paid && c.SettlesMs != 0 && len(c.Holds) == 0 && c.SettlesMs <= nowMS {
			if want = "approved"; c.SettlesMs+k.GetPayoutDelayMs() <= nowMS {
				want = "payable"
			}
		}
		if state != want {
			t.Fatalf("%s: %d of order %s are %s, want %s", deal, minor, order, state, want)
		}
	}
}

func stateOf(account string) string {
	_, state, _ := strings.Cut(account, ":")
	return state
}

// world makes random events of a few campaigns.
type world struct {
	*rand.Rand
	*truth
	nowMS  int64
	orders int
}

func (w *world) pick(from ...string) string { return from[w.IntN(len(from))] }

// campaign draws terms: each rule is there often, and amounts are small enough that all of them bite.
func (w *world) campaign() *eventpb.Campaign {
	ppm := func() uint32 { return uint32(w.IntN(400_000)) }
	tiers := func() (out []*eventpb.Tier) {
		at := int64(0)
		for range w.IntN(3) {
			at += 1 + w.Int64N(20_000)
			out = append(out, &eventpb.Tier{FromMinor: at, Ppm: ppm()})
		}
		return out
	}
	rates := func() (out []*eventpb.Rate) {
		if w.IntN(2) == 0 {
			out = append(out, &eventpb.Rate{ProductId: "p1", Ppm: ppm()})
		}
		if w.IntN(2) == 0 {
			out = append(out, &eventpb.Rate{EsolTier: "gold", Ppm: ppm()})
		}
		return out
	}
	or := func(n int64) int64 { return n * w.Int64N(2) }
	k := &eventpb.Contract{
		Base: w.pick("net", "margin"), CapOrderMinor: or(300), CapItemMinor: or(200),
		CapMonthMinor: or(3000 + w.Int64N(9000)),
		PayoutDelayMs: or(5 * day), LockMs: or(30 * day), NoticeMs: or(2 * day), MonthOffsetMs: or(9 * 3600 * 1000),
		FixedFeeMinor: or(5000), GuaranteeMinor: or(2000),
	}
	c := &eventpb.Campaign{
		Currency: "JPY", MarginPpm: 300_000 + ppm(), EsolIds: []string{"e1", "e2"}, Contract: k, EndMs: or(90 * day),
		SpendMinor: or(100),
	}
	if w.IntN(4) == 0 {
		k.Legs = []*eventpb.Leg{{Party: "esol", Ppm: ppm()}, {Party: "agency", Ppm: ppm() / 4}}
		return c
	}
	c.CommissionPpm, k.Rates, k.Tiers = ppm(), rates(), tiers()
	for i := range w.IntN(3) {
		k.Versions = append(k.Versions, &eventpb.RateVersion{
			ValidFromMs: int64(i*35+10)*day + w.Int64N(20*day), CommissionPpm: ppm(), Rates: rates(), Tiers: tiers(),
		})
	}
	return c
}

// credit draws what a deal has of a new or known order. Late ones are as frequent as those in time.
func (w *world) credit(campaigns, esols int) *eventpb.Event {
	deal := event.DealID(fmt.Sprint("c", w.IntN(campaigns)), fmt.Sprint("e", 1+w.IntN(esols)))
	order := fmt.Sprint("o", w.IntN(w.orders))
	key := [2]string{deal, order}
	c := &eventpb.Credit{Scope: "deal/" + deal, OrderId: order}
	e := &eventpb.Event{Kind: eventpb.Kind_KIND_CREDIT, Credit: c}
	was := w.credits[key]
	if was != nil && w.IntN(20) == 0 {
		delete(w.credits, key)
		return e
	}
	c.Currency = "JPY"
	if w.IntN(12) == 0 {
		c.Currency = "USD"
	}
	c.OrderedMs = w.Int64N(90 * day)
	if was != nil && w.IntN(10) > 0 {
		c.OrderedMs, c.Currency = was.OrderedMs, was.Currency
	}
	c.Paid = w.IntN(8) > 0
	for range w.IntN(3) {
		net := w.Int64N(1500) - 100
		c.Lines = append(c.Lines, &eventpb.CreditLine{ProductId: w.pick("p1", "p2"), Units: w.Int64N(3), NetMinor: net})
		c.NetMinor += net
	}
	c.NetMinor += w.Int64N(300)
	if !c.Paid {
		c.NetMinor, c.Lines = 0, nil
	}
	c.PaidMinor, c.Units = max(0, c.NetMinor), 1
	if c.Paid {
		c.SettlesMs = c.OrderedMs + 14*day
	}
	if w.IntN(10) == 0 {
		c.Holds = []string{"brushing"}
	}
	w.credits[key] = c
	return e
}

func catalogEvent(c *eventpb.Catalog) *eventpb.Event {
	return &eventpb.Event{Kind: eventpb.Kind_KIND_CATALOG, Catalog: c}
}

// catalog draws a change of terms, of a tier, or a payout.
func (w *world) catalog(campaigns, esols int) *eventpb.Event {
	id := fmt.Sprint("c", w.IntN(campaigns))
	switch w.IntN(4) {
	case 0:
		w.campaigns[id] = w.campaign()
		return catalogEvent(&eventpb.Catalog{Kind: "campaign", Id: id, Campaign: w.campaigns[id]})
	case 1:
		esol := fmt.Sprint("e", 1+w.IntN(esols))
		w.tiers[esol] = w.pick("", "gold")
		return catalogEvent(&eventpb.Catalog{Kind: "esol", Id: esol, Esol: &eventpb.Esol{Tier: w.tiers[esol]}})
	default:
		return catalogEvent(&eventpb.Catalog{Kind: "payout", Id: fmt.Sprint(w.nowMS), Payout: &eventpb.Payout{
			CampaignId: id, EsolId: w.pick("", "e1"), ThroughMs: w.nowMS - w.Int64N(20*day),
		}})
	}
}

// After random orders, refunds, late credits, changes of rates and tiers, payouts, crashes and replays, the trial
// balance is zero, the accounts are what their entries sum to, and what was posted for every order is what it is worth
// by the final set of credits and terms, in the state that it must have; no entry was ever changed.
//
// With -trial.steps=100000 it is 100,000 credits and takes two minutes of CPU.
func TestTrialBalance(t *testing.T) {
	trial(t, 1, *trialSteps, 3, 3, *trialSteps/20)
	seeds := uint64(40)
	if raceEnabled {
		seeds = 10
	}
	for seed := range seeds {
		trial(t, seed+100, 300, 2, 2, 30)
	}
}

var trialSteps = flag.Int("trial.steps", 4000,
	"records of the long trial of the commission ledger, of one credit on average")

func trial(t *testing.T, seed uint64, steps, campaigns, esols, orders int) {
	t.Helper()
	w := &world{rand.New(rand.NewPCG(seed, 0)), newTruth(), 1, orders}
	d := newDesk(t, 64<<10)
	var replay []*operators.Record // since the checkpoint
	said := map[string]*ledgerpb.Entry{}
	apply := func(events ...*eventpb.Event) {
		r := &operators.Record{AppendMS: w.nowMS, Events: events}
		replay = append(replay, r)
		if err := d.fold.Apply(r, &operators.Outputs{}); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for step := range steps {
		w.nowMS += w.Int64N(2 * 90 * day / int64(steps))
		var events []*eventpb.Event
		for range w.IntN(3) {
			events = append(events, w.credit(campaigns, esols))
		}
		if w.IntN(1+steps/40) == 0 {
			events = append(events, w.catalog(campaigns, esols))
		}
		if w.IntN(4) == 0 {
			events = append(events, tick)
		}
		apply(events...)
		switch w.IntN(200) {
		case 0:
			d.checkpoint()
			replay = nil
		case 1:
			d.restart()
			for _, r := range replay {
				if err := d.fold.Apply(r, &operators.Outputs{}); err != nil {
					t.Fatalf("seed %d, again: %v", seed, err)
				}
			}
		}
		if step == steps/2 {
			d.checkpoint()
			replay = nil
			for c := range campaigns {
				remember(t, d, fmt.Sprint("c", c), said)
			}
		}
	}
	for range 100 { // more than enough to go through everything
		w.nowMS += 1000
		apply(tick)
	}
	entries := 0
	for c := range campaigns {
		audit(t, d, w.truth, fmt.Sprint("c", c), w.nowMS)
		now := map[string]*ledgerpb.Entry{}
		entries += remember(t, d, fmt.Sprint("c", c), now)
		for key, e := range said {
			if n := now[key]; n != nil && !n.EqualVT(e) || n == nil && strings.HasPrefix(key, fmt.Sprint("c", c, "/")) {
				t.Fatalf("seed %d: entry %s was %v and is %v", seed, key, e, n)
			}
		}
	}
	if t.Failed() {
		t.Fatalf("seed %d", seed)
	}
	t.Logf("seed %d: %d steps, %d orders, %d entries", seed, steps, len(w.credits), entries)
}

func remember(t *testing.T, d *desk, campaign string, into map[string]*ledgerpb.Entry) (n int) {
	t.Helper()
	books, err := ledger.ReadBooks(d.memory, campaign, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range books {
		for i, e := range b.Entries {
			into[fmt.Sprintf("%s/%s/%d", campaign, b.Esol, i)] = e
			n++
		}
	}
	return n
}
