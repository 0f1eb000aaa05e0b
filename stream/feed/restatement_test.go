package feed

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

func exampleRestatement() *eventpb.Alert {
	return &eventpb.Alert{
		Id: "esol/hanako/restate/7", Scope: "esol/hanako", EsolId: "hanako", Kind: "restate", TimeMs: noon * 1000,
		Restatement: &eventpb.Restatement{
			Reason: eventpb.Restatement_REFUND, Revision: 7, Orders: 2, OrderIds: []string{"1001", "1002"},
			FromMs: noon*1000 - 60_000, ToMs: noon*1000 - 30_000,
			Amounts: []*eventpb.Restated{{
				Money: &eventpb.Gmv{
					Currency: "JPY", NetMinor: -9800, SettledMinor: -1, RefundedMinor: 9800, OrdersRefunded: 2, Units: -3,
				}, CommissionMinor: -980,
			}},
		},
	}
}

// take gives the server a record of the alerts, as it comes from the log.
func (r *rig) take(source string, a *eventpb.Alert) {
	value, err := a.MarshalVTStrict()
	if err != nil {
		r.t.Fatal(err)
	}
	r.taken++
	r.server.takeAlert(&kgo.Record{
		Offset: r.taken, Value: value, Headers: []kgo.RecordHeader{{Key: sourceHeader, Value: []byte(source)}},
	})
}

func (r *rig) alerts(query string) (list []AlertView, body string) {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.server.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/v1/alerts"+query, nil))
	var reply struct{ Alerts []AlertView }
	if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil || w.Code != 200 {
		r.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return reply.Alerts, w.Body.String()
}

// A restatement is listed by its kind, counted by its reason once, and told to nobody as an alert.
func TestRestatementsAreNoAlerts(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		c.subscribe("esol/hanako", "")
		r.take("ledger/0/17/0", exampleRestatement())
		r.take("ledger/0/17/0", exampleRestatement())
		if list, _ := r.alerts(""); len(list) != 0 {
			t.Errorf("among the alerts are %v", list)
		}
		for query, want := range map[string]int{
			"?kind=restate": 1, "?kind=restate&scope=esol/hanako": 1, "?kind=restate&scope=esol/taro": 0, "?kind=hot": 0,
		} {
			if list, _ := r.alerts(query); len(list) != want {
				t.Errorf("%s lists %d, want %d", query, len(list), want)
			}
		}
		synctest.Wait()
		for _, f := range c.all() {
			if f.T == "event" {
				t.Errorf("the client was sent %s", f.raw)
			}
		}
		if n := r.metric("netsu_feed_restatements_total", "refund"); n != 1 {
			t.Errorf("counted %v times", n)
		}
		_, body := r.alerts("?kind=restate")
		golden(t, "example_restatement.json", indented(t, json.RawMessage(body)))
	})
}

// A restatement is sent once to those who see the money that it corrects, and again to who missed it.
func TestRestatementsAreSent(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(moneyMeter("esol/hanako", 100))
		for topic, subs := range map[string]map[string]int{
			"esol/hanako": {"": 1, `,"fields":["money.gmv.net"]`: 1, `,"fields":["heat"]`: 0, `,"fields":[]`: 1},
			"esol/taro":   {"": 0},
			"shows":       {"": 0},
		} {
			for fields, want := range subs {
				c := r.client()
				c.subscribe(topic, fields)
				a := exampleRestatement()
				a.Id = fmt.Sprint(a.Id, topic, fields)
				r.take(fmt.Sprintf("ledger/0/%d/0", r.taken), a)
				r.take(fmt.Sprintf("ledger/0/%d/0", r.taken-1), a)
				synctest.Wait()
				got := 0
				for _, f := range c.all() {
					if f.T == "restate" && strings.Contains(f.raw, `"reason":"refund"`) && strings.Contains(f.raw, `"order_ids":["1001","1002"]`) {
						got++
					}
				}
				if got != want {
					t.Errorf("%s%s was told %d times, want %d", topic, fields, got, want)
				}
				c.close()
			}
		}
		deal := exampleRestatement()
		deal.Id, deal.Scope = "deal", event.Scope(event.ScopeDeal, event.DealID("spring", "hanako"))
		gone := r.client()
		gone.subscribe("campaign/spring", "")
		gone.close()
		r.take("ledger/0/900/0", deal)
		back := r.client()
		defer back.close()
		back.subscribe("campaign/spring", fmt.Sprintf(`,"resume":{"cursor":%q}`, gone.latest))
		if f := back.last("restate"); !strings.Contains(f.raw, `"id":"deal"`) {
			t.Errorf("who came back was sent %v", back.kinds())
		}
	})
}

// However many come, the moments stay, and the latest restatements.
func TestRestatementsPushOutNoMoments(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.take("show/0/1/0", &eventpb.Alert{
			Id: "show/S1/no_order/9", Scope: "show/S1", ShowId: "S1", EsolId: "hanako", Kind: "no_order", TimeMs: noon * 1000,
		})
		const n = maxAlerts + 20
		for i := range n {
			a := exampleRestatement()
			a.Id, a.ShowId, a.TimeMs = fmt.Sprint("esol/hanako/restate/", i), "S1", a.TimeMs+int64(i)
			r.take(fmt.Sprintf("ledger/0/%d/0", i), a)
		}
		if list, _ := r.alerts(""); len(list) != 1 || list[0].Kind != "no_order" {
			t.Errorf("the alerts are %v", list)
		}
		if kind := r.server.hub.alerts.attention("S1", noon*1000); kind != "no_order" {
			t.Errorf("the show asks for attention with %q", kind)
		}
		list, _ := r.alerts("?kind=restate&limit=500")
		if len(list) != maxAlerts || list[0].ID != fmt.Sprint("esol/hanako/restate/", n-1) {
			t.Errorf("%d restatements, the latest %v", len(list), list[0])
		}
	})
}

// What is neither an alert nor a restatement is refused.
func TestStrangeRestatements(t *testing.T) {
	for name, change := range map[string]func(*eventpb.Alert){
		"of another kind":    func(a *eventpb.Alert) { a.Kind = "hot" },
		"without what it is": func(a *eventpb.Alert) { a.Restatement = nil },
		"with many orders":   func(a *eventpb.Alert) { a.Restatement.OrderIds = make([]string, 9) },
		"with many amounts": func(a *eventpb.Alert) {
			for range 256 {
				a.Restatement.Amounts = append(a.Restatement.Amounts, &eventpb.Restated{})
			}
		},
	} {
		a := exampleRestatement()
		change(a)
		if _, _, err := decoded(t, a); err == nil {
			t.Errorf("a restatement %s is taken", name)
		}
	}
}

// A later version's restatement is told as far as it is known.
func TestAnUnknownReasonIsOther(t *testing.T) {
	a := exampleRestatement()
	a.Restatement.Reason, a.Restatement.Amounts[0].Money = 99, nil
	if _, view, err := decoded(t, a); err != nil || view.Restatement.Reason != "other" {
		t.Errorf("%v, %v", view, err)
	}
	if names := reasons(); len(names) != 13 || !slices.Contains(names, "rated_again") {
		t.Errorf("the reasons are %s", names)
	}
}

func decoded(t *testing.T, a *eventpb.Alert) (place, AlertView, error) {
	value, err := a.MarshalVTStrict()
	if err != nil {
		t.Fatal(err)
	}
	return decodeAlert(value, "ledger/0/1/0")
}

// Who sees a show because its ESOL's are granted sees what corrects its money, though no ESOL is named there.
func TestWhoIsToldOfCorrections(t *testing.T) {
	g, key := guarded(t, access.Limits{})
	inBubble(t, Config{Guard: g}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
		a := exampleRestatement()
		a.Id, a.Scope, a.EsolId = "x", "show/S1", ""
		for _, c := range []struct {
			scopes, fields []string
			want           bool
		}{
			{[]string{"esol/hanako"}, []string{"money"}, true},
			{[]string{"show/S1"}, []string{"*"}, true},
			{[]string{"show/S1"}, []string{"room", "insight"}, false},
		} {
			h := http.Header{"Authorization": {"Bearer " + token(t, key, "p", c.scopes, c.fields)}}
			c1, _, err := r.dial(h)
			if err != nil {
				t.Fatal(err)
			}
			c1.subscribe("show/S1", "")
			a.Id += "x"
			r.take(fmt.Sprintf("ledger/0/%d/0", r.taken), a)
			synctest.Wait()
			if told := c1.last("restate").T != ""; told != c.want {
				t.Errorf("%v was told: %v", c, told)
			}
			c1.close()
		}
	})
}
