package feed

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// basisTopics are one of each kind.
var basisTopics = []string{"show/S1", "esol/hanako", "campaign/spring", "brand/acme", boardTopic}

// inOnly is a meter as a world would say it in which there is no other currency.
func inOnly(m *eventpb.Meter, currency string) *eventpb.Meter {
	value, err := m.MarshalVTStrict()
	if err != nil {
		panic(err)
	}
	m = &eventpb.Meter{}
	if err := m.UnmarshalVT(value); err != nil {
		panic(err)
	}
	if m.Money != nil {
		m.Money.Gmv = slices.DeleteFunc(m.Money.Gmv, func(g *eventpb.Gmv) bool { return g.Currency != currency })
	}
	if m.Cost != nil {
		m.Cost.Costs = slices.DeleteFunc(m.Cost.Costs, func(c *eventpb.CostIn) bool { return c.Currency != currency })
	}
	if m.Returns != nil {
		m.Returns.Returns = slices.DeleteFunc(m.Returns.Returns, func(r *eventpb.ReturnsIn) bool { return r.Currency != currency })
		if m.Returns.Total != nil && m.Returns.Total.Currency != currency {
			m.Returns.Total = nil
		}
	}
	if m.Earnings != nil {
		m.Earnings.Earned = slices.DeleteFunc(m.Earnings.Earned, func(e *eventpb.Earned) bool { return e.Currency != currency })
	}
	return m
}

// drawMoney is a meter with money of some scope that the topics show, in some of three currencies.
func drawMoney(t *rapid.T) *eventpb.Meter {
	exponents := map[string]uint32{"JPY": 0, "USD": 2, "KWD": 3}
	in := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"JPY", "USD", "KWD"}), 0, 3, rapid.ID).Draw(t, "in")
	slices.Sort(in)
	amount := rapid.Int64Range(-1000, 1_000_000)
	few := rapid.Int64Range(0, 9)
	m := &eventpb.Meter{Version: event.Version, Scope: "campaign/spring", Model: "linear", BrandId: "acme"}
	returns := func(pace bool) *eventpb.Returns {
		r := &eventpb.Returns{CampaignId: "spring"}
		for i, c := range in {
			one := &eventpb.ReturnsIn{Currency: c, Exponent: exponents[c], Variants: []*eventpb.Variant{{
				Name: "net", Claim: "attributed", Basis: "net", NumeratorMinor: amount.Draw(t, "net"), Value: float64(few.Draw(t, "value")), Orders: 1,
			}}}
			if pace && i == 0 {
				one.Pace = &eventpb.Pace{TargetMinor: 100, CurrentMinor: amount.Draw(t, "current"), Hit: true, Probability: .5}
				r.Total = &eventpb.Total{Currency: c, Exponent: exponents[c], NetMinor: amount.Draw(t, "total"), Version: "v1"}
			}
			r.Returns = append(r.Returns, one)
		}
		return r
	}
	switch kind := rapid.SampledFrom([]string{"money", "money", "money", partCost, partReturns, partEarnings, "deal"}).Draw(t, "kind"); kind {
	case "money":
		m.Scope = rapid.SampledFrom([]string{"show/S1", "show/S2", "esol/hanako", "campaign/spring", "brand/acme"}).Draw(t, "scope")
		m.Part, m.Money = partMoney, &eventpb.Money{Buyers: few.Draw(t, "buyers"), OrdersTotal: few.Draw(t, "orders")}
		for _, c := range in {
			m.Money.Gmv = append(m.Money.Gmv, &eventpb.Gmv{
				Currency: c, Exponent: exponents[c], NetMinor: amount.Draw(t, "net"), OrdersPaid: few.Draw(t, "paid"),
			})
		}
	case partCost:
		m.Part, m.Cost = partCost, &eventpb.Cost{}
		for _, c := range in {
			m.Cost.Costs = append(m.Cost.Costs, &eventpb.CostIn{Currency: c, Exponent: exponents[c], TotalMinor: amount.Draw(t, "cost")})
		}
	case partReturns:
		m.Part, m.Returns = partReturns, returns(rapid.Bool().Draw(t, "pace"))
	default:
		esol := rapid.SampledFrom([]string{"hanako", "yuki"}).Draw(t, "esol")
		m.Scope = event.Scope(event.ScopeDeal, event.DealID("spring", esol))
		if m.Part = partReturns; kind == "deal" {
			m.Returns = returns(false)
			break
		}
		m.Part, m.Earnings = partEarnings, &eventpb.Earnings{CampaignId: "spring", EsolId: esol}
		for _, c := range in {
			m.Earnings.Earned = append(m.Earnings.Earned, &eventpb.Earned{
				Currency: c, Exponent: exponents[c], Orders: few.Draw(t, "orders"), NetMinor: amount.Draw(t, "net"),
				Esol: &eventpb.States{EstimatedMinor: amount.Draw(t, "owed")}, CommitmentMinor: few.Draw(t, "commitment"),
			})
		}
	}
	return m
}

// TestADocumentInACurrencyIsThatOfAWorldWithoutOthers: meters of any money come, are taken back, and clients are cut. What a
// subscriber in a currency holds is, by its hash too, the document that meters without any other currency make.
func TestADocumentInACurrencyIsThatOfAWorldWithoutOthers(t *testing.T) {
	lists := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			does string
			m    *eventpb.Meter
		}
		var steps []step
		for range rapid.IntRange(1, 30).Draw(rt, "steps") { // drawn before: a bubble ends by itself, and not when drawing does
			steps = append(steps, step{rapid.SampledFrom([]string{"say", "say", "say", "say", "room", "take back", "cut"}).Draw(rt, "does"), drawMoney(rt)})
		}
		var wrong error
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			currencies := []string{"JPY", "USD", "KWD", "CHF"}
			worlds, clients := map[string]*meters{}, map[string]*client{}
			first := &eventpb.Meter{Version: event.Version, Scope: "campaign/spring", Part: partCost, Model: "linear", Cost: &eventpb.Cost{}}
			subscribe := func(c *client, currency string, held func(topic string) string) {
				for _, topic := range basisTopics {
					model := ""
					if topic == "campaign/spring" {
						model = `,"model":"linear"`
					}
					c.subscribe(topic, fmt.Sprintf(`,"basis":{"currency":%q%s}%s`, currency, model, held(topic)))
				}
			}
			whole := r.client()
			defer whole.close()
			both := func(m *eventpb.Meter) {
				r.apply(m)
				for _, currency := range currencies {
					r.offset--
					worlds[currency].apply(r.change(inOnly(m, currency)), func(string) {})
				}
			}
			for _, currency := range currencies {
				worlds[currency] = newMeters(1000)
				clients[currency] = r.client()
			}
			both(first)
			for _, currency := range currencies {
				subscribe(clients[currency], currency, func(string) string { return "" })
			}
			for _, topic := range basisTopics {
				whole.subscribe(topic, "")
			}
			for i, s := range steps {
				switch s.does {
				case "say":
					both(s.m)
				case "room":
					m := roomMeter([]string{"S1", "S2"}[i%2], "hanako", int64(10+i), 1)
					m.Room.BrandIds = []string{"acme"}
					both(m)
				case "take back":
					if s.m.Scope == "campaign/spring" && s.m.Part == partCost {
						break // of a campaign that is not there nobody has said which model governs it: who is cut then is refused
					}
					r.takeBack(s.m.Scope, s.m.Part)
					for _, w := range worlds {
						c, err := decodeMeter([]byte(s.m.Scope+"/"+s.m.Part), nil, fmt.Sprintf("show/0/%d/0", r.offset))
						if err != nil {
							panic(err)
						}
						w.apply(c, func(string) {})
					}
				case "cut":
					currency := currencies[i%len(currencies)]
					cut, again := clients[currency], r.client()
					cut.close()
					for _, topic := range basisTopics {
						again.back(cut, topic)
					}
					clients[currency] = again
					subscribe(again, currency, cut.held)
				}
				if i%3 != 0 { // some states are passed over
					continue
				}
				time.Sleep(2 * boardEvery)
				synctest.Wait()
				for _, topic := range basisTopics {
					if err := whole.has(topic, r.document(topic)); wrong == nil && err != nil {
						wrong = fmt.Errorf("without a basis: %w", err)
					}
					for _, currency := range currencies {
						p, err := worlds[currency].document(topic)
						if err != nil {
							panic(err)
						}
						want := "null"
						if p != nil {
							want = string(p.appendObject(nil))
						}
						if err := clients[currency].has(topic, want); wrong == nil && err != nil {
							wrong = fmt.Errorf("step %d, in %s: %w", i, currency, err)
						}
						lists[currency] += strings.Count(want, `"currency":"`+currency)
						lists["total"] += strings.Count(want, `"rates":"v1"`)
					}
				}
			}
			for _, c := range clients {
				c.close()
			}
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
	if lists["JPY"] == 0 || lists["KWD"] == 0 || lists["total"] == 0 || lists["CHF"] != 0 {
		t.Errorf("the test has lost its teeth: %v", lists)
	}
}

// TestViewsInABasisAreSharedAndBounded: one view for all who ask for the same, so many bases to a topic, and none left behind.
func TestViewsInABasisAreSharedAndBounded(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(moneyMeter("show/S1", 100))
		one, other := r.client(), r.client()
		defer other.close()
		for i := range maxBases {
			more := fmt.Sprintf(`,"basis":{"currency":"XX%c"}`, 'A'+i)
			one.subscribe("show/S1", more)
			other.subscribe("show/S1", more)
			if a, b := one.last("ack").Sub, other.last("ack").Sub; a != b || a == 0 {
				t.Errorf("basis %d is sub %d to one, and %d to another", i, a, b)
			}
		}
		other.subscribe("show/S1", `,"basis":{"currency":"JPY"}`)
		if f := other.last("err"); f.Code != "TOO_MANY_BASES" {
			t.Errorf("one more basis than may be: %s", f.raw)
		}
		other.subscribe("show/S1", `,"fields":["id"],"basis":{"currency":"XXA"}`) // one that there is
		other.subscribe("show/S1", "")
		if f := other.last("snap"); f.Data == nil {
			t.Errorf("without a basis: %s", f.raw)
		}
		one.close()
		for _, f := range other.all() {
			if f.T != "ack" {
				continue
			}
			other.say(fmt.Sprintf(`{"t":"unsub","sub":%d}`, f.Sub))
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(viewLinger + time.Second)
		synctest.Wait()
		other.subscribe("show/S1", `,"basis":{"currency":"JPY"}`)
		if f := other.last("snap"); !strings.Contains(f.raw, `"currency":"JPY"`) {
			t.Errorf("after the others have gone: %s", f.raw)
		}
		r.server.hub.mu.Lock()
		defer r.server.hub.mu.Unlock()
		if n := len(r.server.hub.topics["show/S1"].bases); n != 1 {
			t.Errorf("%d bases are held for one subscriber", n)
		}
	})
}

// Which model governs a campaign is for those who may read its money.
func TestAModelIsMoney(t *testing.T) {
	inBubble(t, Config{}, func(_ *testing.T, r *rig) {
		for _, model := range []string{"linear", "shapley"} {
			m := moneyMeter("campaign/spring", 100)
			m.Model = "linear"
			r.apply(m)
			seen, _ := sightOf(&access.Principal{Scopes: []string{"*"}, Fields: access.Room | access.Insight}, "campaign/spring", "")
			if err := r.server.hub.allows(seen, "campaign/spring", model); err != errFieldNotGranted {
				t.Errorf("without money, asked for the model %s: %v", model, err)
			}
		}
	})
}
