package feed

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/broker"
)

func TestExplainGoesFromANumberToWhatIsBehindIt(t *testing.T) {
	inBubble(t, Config{Topics: broker.TopicsWithPrefix("netsu.")}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100), insightMeter("S1", exampleInsight()),
			moneyMeter("esol/hanako", 900))
		r.alert(3, exampleMoment(3))
		r.take("ledger/0/17/0", exampleRestatement())
		c := r.client()
		defer c.close()
		ask := func(topic, path string) (e Explanation) {
			t.Helper()
			c.say(fmt.Sprintf(`{"t":"explain","id":7,"topic":%q,"path":%q}`, topic, path))
			synctest.Wait()
			f := c.last("explanation")
			if err := json.Unmarshal([]byte(f.raw), &e); err != nil {
				t.Fatalf("%s %s: %v %s", topic, path, err, c.last("err").raw)
			}
			status, body, _ := r.get("/v1/explain?topic=" + topic + "&path=" + url.QueryEscape(path))
			e.T, e.ID = "", nil
			again, err := encode(e)
			if err != nil || status != 200 || !sameJSON(t, body, string(again)) {
				t.Errorf("by HTTP: %d %v\n%s\nby the websocket\n%s", status, err, body, again)
			}
			return e
		}
		keys := func(e Explanation) (all []string) {
			for _, p := range e.Records {
				all = append(all, p.Key+"@"+p.Log)
			}
			return all
		}

		heat := ask("show/S1", "room.provisional.heat.gauge")
		doc := r.document("show/S1")
		if !strings.Contains(doc, `"gauge":`+string(heat.Value)) || !strings.Contains(string(heat.Within), `"active_heads":40`) ||
			!strings.HasPrefix(string(heat.Sources), `[{"joules"`) || heat.Metric != nil || len(heat.Corrections) != 0 || len(heat.Alerts) != 1 {
			t.Errorf("heat: %+v", heat)
		}
		if got := keys(heat); !slices.Equal(got, []string{"show/S1/room@netsu.journal"}) || heat.Records[0].Offset != 1 {
			t.Errorf("heat stands in %v %+v", got, heat.Records)
		}

		net := ask("esol/hanako", "money.gmv.JPY.net.minor")
		if string(net.Value) != `"900"` || net.Metric == nil || net.Metric.Name != "gmv_net" || len(net.Corrections) != 1 ||
			!slices.Equal(net.Corrections[0].Restatement.OrderIDs, []string{"1001", "1002"}) {
			t.Errorf("net: %s %+v", net.Value, net)
		}
		if got := keys(net); !slices.Equal(got, []string{"esol/hanako/money@netsu.journal"}) { // the rig's stage is show
			t.Errorf("net stands in %v", got)
		}
		if got := keys(ask("show/S1", "sync.rate.value")); !slices.Equal(got, []string{"show/S1/insight@netsu.journal"}) {
			t.Errorf("sync stands in %v", got)
		}
		if got := keys(ask("shows", "shows.S1.gauge")); len(got) != 3 {
			t.Errorf("a row stands in %v", got)
		}
		if e := ask("esol/hanako", "heat.gauge"); !slices.Equal(keys(e), []string{"show/S1/insight@netsu.journal", "show/S1/room@netsu.journal"}) {
			t.Errorf("a roll-up stands in %v", keys(e))
		}
		if e := ask("show/none", "money.gmv.JPY.net"); string(e.Value) != "null" || len(e.Records) != 0 {
			t.Errorf("of nothing: %+v", e)
		}
	})
}

func sameJSON(t *testing.T, a, b string) bool {
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatal(err, a)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err, b)
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

// Every metric that a path is said to be exists, and every pattern is of a place that some document has.
func TestMetricsOfPathsExist(t *testing.T) {
	for _, m := range metricOf {
		path := strings.Split(m.path, ".")
		if d := metricAt(path); d == nil || d.Name != m.metric || d.JA == "" {
			t.Errorf("%s: no metric %s", m.path, m.metric)
		}
		if !reached(path) {
			t.Errorf("%s ends no path of a document", m.path)
		}
	}
	if d := metricAt([]string{"room", "final", "heat", "gauge"}); d != nil {
		t.Errorf("a gauge is %s", d.Name)
	}
}

// reached tells whether a pattern ends some path of some kind of document.
func reached(pattern []string) bool {
	for topic := range shapes {
		name := topic
		if topic != boardTopic {
			name += "/x"
		}
		for _, before := range []string{"", "money.", "returns.JPY.", "shows.S.", "campaigns.C."} {
			if _, err := readPath(name, before+strings.ReplaceAll(strings.Join(pattern, "."), "*", "X")); err == nil {
				return true
			}
		}
	}
	return false
}

func TestExplainTellsNothingThatIsNotGranted(t *testing.T) {
	g, key := guarded(t, access.Limits{})
	s := served(t, Config{Guard: g})
	r := &rig{t: t, server: s}
	a := exampleRestatement()
	a.Id, a.Scope, a.EsolId = "x", "show/S1", ""
	r.take("ledger/0/17/0", a)
	for _, c := range []struct {
		scopes, fields []string
		topic, path    string
		status         int
		corrections    int
	}{
		{[]string{"show/S1"}, []string{"room"}, "show/S1", "room.final.heat.gauge", 200, 0},
		{[]string{"show/S1"}, []string{"room"}, "show/S1", "money.gmv.JPY.net", 403, 0},
		{[]string{"show/S1"}, []string{"room"}, "show/S1", "conversion.ratio", 403, 0},
		{[]string{"show/S1"}, []string{"money"}, "show/S1", "money.gmv.JPY.net", 200, 1},
		{[]string{"show/S1"}, []string{"*"}, "campaign/autumn", "money.gmv.JPY.net", 403, 0},
		{[]string{"show/S1"}, []string{"*"}, "campaign/none", "money.gmv.JPY.net", 403, 0},
		{[]string{"esol/hana"}, []string{"money"}, "show/S1", "money.gmv.JPY.net", 200, 1},
	} {
		w := ask(s, "/v1/explain?topic="+c.topic+"&path="+c.path, token(t, key, "p", c.scopes, c.fields))
		var e Explanation
		if w.Code != c.status {
			t.Errorf("%+v: %d %s", c, w.Code, w.Body)
		} else if w.Code == 200 && (json.Unmarshal(w.Body.Bytes(), &e) != nil || len(e.Corrections) != c.corrections ||
			len(e.Alerts) != 0) { // whose numbers are of room and insight
			t.Errorf("%+v: %s", c, w.Body)
		}
	}
	for query, want := range map[string]int{
		"topic=show/S1&path=nothing": 400, "topic=x&path=room": 400, "topic=show/S1": 400, "path=room&topic=show/S1&x=1": 400,
	} {
		if w := ask(s, "/v1/explain?"+query, token(t, key, "p", []string{"*"}, []string{"*"})); w.Code != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
}
