package feed

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/access"
)

// open dials with a query and more subprotocols.
func (r *rig) open(query string, header http.Header, protocols ...string) (*client, *http.Response, error) {
	d := websocket.Dialer{
		NetDialContext: r.net.DialContext, Subprotocols: append([]string{subprotocol}, protocols...),
	}
	ws, res, err := d.Dial("ws://"+rigAddr+"/v1/feed"+query, header)
	if err != nil {
		return nil, res, err
	}
	return follow(ws), res, nil
}

func (r *rig) as(t *testing.T, bearer string) *client {
	t.Helper()
	c, _, err := r.open("", http.Header{"Authorization": {"Bearer " + bearer}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// withKeys runs a test against a rig whose port has keys.
func withKeys(t *testing.T, l access.Limits, f func(t *testing.T, r *rig, key access.Key)) {
	synctest.Test(t, func(t *testing.T) {
		g, key := guarded(t, l)
		r := newRig(t, Config{Guard: g})
		defer r.close()
		r.apply(roomMeter("S1", "hana", 40, 1), moneyMeter("show/S1", 4711), insightMeter("S1", exampleInsight()), roomMeter("S2", "mika", 40, 1))
		f(t, r, key)
	})
}

func partsOf(f received) []string {
	var names []string
	for name := range f.Data {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestEveryWayToSayWhoOneIs(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		bearer := token(t, key, "p", []string{"show/S1"}, []string{"room"})
		address, err := access.SignAddress(key, "show/S1", access.Room, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		for way, dial := range map[string]func() (*client, *http.Response, error){
			"header": func() (*client, *http.Response, error) {
				return r.open("", http.Header{"Authorization": {"Bearer " + bearer}})
			},
			"protocol": func() (*client, *http.Response, error) { return r.open("", nil, "bearer."+bearer) },
			"address":  func() (*client, *http.Response, error) { return r.open("?"+address.Encode(), nil) },
			"hello": func() (*client, *http.Response, error) {
				c, res, err := r.open("", nil)
				if err != nil {
					return c, res, err
				}
				time.Sleep(helloWait - time.Second)
				if got := len(c.all()) + len(c.heartbeats()); got != 0 {
					t.Errorf("%d frames for a stranger", got)
				}
				c.say(fmt.Sprintf(`{"t":"hello","id":9,"token":%q}`, bearer))
				synctest.Wait()
				return c, res, err
			},
		} {
			c, res, err := dial()
			if err != nil {
				t.Fatalf("%s: %v", way, err)
			}
			if got := res.Header["Sec-Websocket-Protocol"]; !slices.Equal(got, []string{subprotocol}) {
				t.Errorf("%s: answered with the subprotocols %v", way, got)
			}
			for _, topic := range []string{"show/S1", "show/S2", "show/S404", "esol/hana", "shows"} {
				c.subscribe(topic, "")
				switch f := c.last("err"); {
				case topic == "show/S1" && (f.Code != "" || c.part(topic, "room") == ""):
					t.Errorf("%s: %s: %s, %v", way, topic, f.raw, c.kinds())
				case topic == "show/S1":
				case f.Code != "FORBIDDEN" || !strings.Contains(f.Message, "or does not exist"):
					t.Errorf("%s: %s: %s", way, topic, f.raw)
				}
			}
			if got, want := partsOf(c.last("snap")), readable("show/S1", access.Room); !slices.Equal(got, want) {
				t.Errorf("%s: the parts\n%v, expected\n%v", way, got, want)
			}
			c.close()
			synctest.Wait()
		}
	})
}

// readable are the parts of a topic that need no more than the fields given.
func readable(topic string, have access.Fields) []string {
	kind, _, _ := strings.Cut(topic, "/")
	var names []string
	for name, need := range kindsOf[kind] {
		if need&^have == 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestStrangersAreSentAway(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		for name, c := range map[string]struct {
			first string
			code  int
			err   string
		}{
			"silent":         {"", closeStranger.code, "NO_TOKEN"},
			"sub first":      {`{"t":"sub","id":1,"topic":"shows"}`, closeStranger.code, "NO_TOKEN"},
			"hello without":  {`{"t":"hello","id":1,"v":1}`, closeStranger.code, "NO_TOKEN"},
			"nonsense":       {`{{{{`, closeStranger.code, "BAD_FRAME"},
			"a wrong token":  {`{"t":"hello","token":"a.b.c"}`, closeStranger.code, "TOKEN_MALFORMED"},
			"an ended token": {fmt.Sprintf(`{"t":"hello","token":%q}`, tokenFor(t, key, "p", -time.Minute, []string{"*"}, []string{"*"})), closeExpired.code, "TOKEN_EXPIRED"},
		} {
			cl, _, err := r.open("", nil)
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			if c.first != "" {
				cl.say(c.first)
			}
			<-cl.ended
			if !websocket.IsCloseError(cl.err, c.code) || cl.last("err").Code != c.err {
				t.Errorf("%s: closed with %v after %v", name, cl.err, cl.kinds())
			}
			if took := time.Since(begun); c.first == "" && took != helloWait {
				t.Errorf("a silent stranger stayed for %v", took)
			}
			if len(cl.heartbeats()) > 0 || slices.Contains(cl.kinds(), "welcome") {
				t.Errorf("%s: was told %v", name, cl.kinds())
			}
			cl.ws.Close()
			synctest.Wait()
		}
		for name, header := range map[string]http.Header{
			"basic":      {"Authorization": {"Basic eDp5"}},
			"wrong":      {"Authorization": {"Bearer a.b.c"}},
			"two tokens": {"Authorization": {"Bearer " + token(t, key, "p", []string{"*"}, []string{"*"}), "Bearer x"}},
		} {
			if _, res, err := r.open("", header); err == nil || res == nil || res.StatusCode/100 != 4 {
				t.Errorf("%s was let in: %v", name, err)
			}
		}
	})
}

func TestAStrangerTakesNoMoreThanItsPlace(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		var held []*client
		for range maxStrangersOfOne {
			c, _, err := r.open("", nil)
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, c)
		}
		if _, res, err := r.open("", nil); err == nil || res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more stranger: %v", err)
		}
		c := r.as(t, token(t, key, "p", []string{"*"}, []string{"*"}))
		c.subscribe("shows", "")
		if c.last("snap").Topic != "shows" {
			t.Error("whoever says who it is waits for strangers")
		}
		c.close()
		time.Sleep(helloWait)
		for _, c := range held {
			<-c.ended
			c.ws.Close()
		}
		synctest.Wait()
		if _, _, err := r.open("", nil); err != nil {
			t.Errorf("once they are gone: %v", err)
		}
	})
}

func TestAConnectionEndsWithItsToken(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		begun := time.Now()
		c := r.as(t, tokenFor(t, key, "p", time.Minute, []string{"show/S1"}, []string{"*"}))
		c.subscribe("show/S1", "")
		<-c.ended
		if took := time.Since(begun); took < 59*time.Second || took > 61*time.Second {
			t.Errorf("a token of a minute was good for %v", took)
		}
		if bye := c.last("bye"); !websocket.IsCloseError(c.err, closeExpired.code) || !strings.Contains(bye.raw, `"retry":true`) {
			t.Errorf("%v, %s", c.err, bye.raw)
		}
		c.ws.Close()
	})
}

// TestAShowThatChangesHandsIsRevoked: who sees it as one of its ESOL's shows sees nothing of it under the next ESOL; who has
// it by name still does.
func TestAShowThatChangesHandsIsRevoked(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		hers := r.as(t, token(t, key, "hana", []string{"esol/hana"}, []string{"*"}))
		byName := r.as(t, token(t, key, "name", []string{"show/S1"}, []string{"*"}))
		defer hers.close()
		defer byName.close()
		for _, c := range []*client{hers, byName} {
			c.subscribe("show/S1", "")
		}
		hers.say(`{"t":"watch","topic":"show/S1","when":"room.provisional.heat.active_heads > 700"}`)
		synctest.Wait()
		time.Sleep(time.Second)
		r.apply(roomMeter("S1", "mika", 777, 1))
		time.Sleep(time.Second)
		r.apply(roomMeter("S1", "mika", 778, 1))
		synctest.Wait()
		ended := map[string]bool{}
		for _, f := range hers.all() {
			if f.Code == "REVOKED" {
				ended[f.raw[strings.LastIndex(f.raw, `,"`):]] = true
			}
		}
		if !ended[fmt.Sprintf(`,"sub":%d}`, hers.sub("show/S1"))] || !ended[`,"watch":1}`] {
			t.Errorf("she was told that these have ended: %v", ended)
		}
		for _, f := range hers.all() {
			if strings.Contains(f.raw, "mika") || strings.Contains(f.raw, ":777") {
				t.Errorf("she saw %s", f.raw)
			}
		}
		if err := byName.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
		hers.subscribe("show/S1", "")
		if f := hers.last("err"); f.Code != "FORBIDDEN" {
			t.Errorf("asked for again: %s", f.raw)
		}
		if n := r.metric("netsu_feed_subscriptions", ""); n != 1 {
			t.Errorf("%v subscriptions are left", n)
		}
		next := r.as(t, token(t, key, "mika", []string{"esol/mika"}, []string{"room"}))
		defer next.close()
		next.subscribe("show/S1", `,"fields":["trend"]`)
		if f := next.last("snap"); f.Topic != "show/S1" {
			t.Errorf("its next ESOL: %v", next.kinds())
		}
	})
}

func TestAFieldThatIsNotGrantedIsNotGiven(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		c := r.as(t, token(t, key, "p", []string{"show/S1"}, []string{"room", "insight"}))
		defer c.close()
		for _, fields := range []string{`["money"]`, `["room","money.gmv"]`, `["conversion"]`} {
			c.subscribe("show/S1", `,"fields":`+fields)
			if f := c.last("err"); f.Code != "FORBIDDEN" {
				t.Errorf("%s: %v", fields, c.kinds())
			}
			c.mu.Lock()
			c.frames = nil
			c.mu.Unlock()
		}
		for when, code := range map[string]string{
			"money.orders_total > 1": "FORBIDDEN", "room.late_total >= 0 || money.orders_total > 1": "FORBIDDEN", "room.late_total >= 0": "",
		} {
			c.say(fmt.Sprintf(`{"t":"watch","id":1,"topic":"show/S1","when":%q}`, when))
			c.say(`{"t":"watch","id":2,"topic":"show/S2","when":"room.late_total >= 0"}`)
			synctest.Wait()
			for _, f := range c.all() {
				if want := map[int64]string{1: code, 2: "FORBIDDEN"}[f.ID]; f.Code != want {
					t.Errorf("watch %s: %s", when, f.raw)
				}
			}
			c.mu.Lock()
			c.frames = nil
			c.mu.Unlock()
		}
		c.subscribe("show/S1", "")
		for i := range 5 {
			time.Sleep(time.Second)
			r.apply(moneyMeter("show/S1", 4711+int64(i)), roomMeter("S1", "hana", 41+int64(i), 1))
		}
		synctest.Wait()
		for _, f := range c.all() {
			if strings.Contains(f.raw, "47") && strings.Contains(f.raw, `"minor"`) {
				t.Fatalf("money went out: %s", f.raw)
			}
		}
		var whole map[string]json.RawMessage
		if err := json.Unmarshal([]byte(r.document("show/S1")), &whole); err != nil {
			t.Fatal(err)
		}
		for _, name := range readable("show/S1", access.Room|access.Insight) {
			if c.part("show/S1", name) == "" {
				t.Errorf("%s is granted, and was not given", name)
			}
		}
	})
}

func TestAlertsGoToThoseWhoseTheyAre(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		all := []string{"*"}
		who := map[string]*client{
			"everything": r.as(t, token(t, key, "1", all, all)), "shows": r.as(t, token(t, key, "2", []string{"show/*"}, all)),
			"hana": r.as(t, token(t, key, "3", []string{"esol/hana"}, all)), "mika": r.as(t, token(t, key, "4", []string{"esol/mika"}, all)),
			"money": r.as(t, token(t, key, "5", []string{"*"}, []string{"money"})),
		}
		for name, c := range who {
			defer c.close()
			topic := "shows"
			if name == "hana" || name == "mika" {
				topic = "esol/" + name
			}
			c.subscribe(topic, "")
		}
		before := who["everything"].last("snap").Cursor
		r.server.hub.alert(place{origin{"show", 0}, parsed(1)}, complete(AlertView{ID: "1", Scope: "show/S1", ShowID: "S1", EsolID: "hana", Kind: "hot"}), 0, 1)
		r.server.hub.alert(place{origin{"ledger", 0}, parsed(2)}, complete(AlertView{ID: "2", Scope: "campaign/c", Kind: "cold"}), 0, 2)
		synctest.Wait()
		for subject, scopes := range map[string][]string{"shows again": {"show/*"}, "everything again": all} { // who comes back
			c := r.as(t, token(t, key, subject, scopes, all))
			defer c.close()
			c.subscribe("shows", fmt.Sprintf(`,"resume":{"cursor":%q}`, before))
			who[subject] = c
		}
		for name, want := range map[string]int{
			"everything": 2, "shows": 1, "hana": 1, "mika": 0, "money": 0, "shows again": 1, "everything again": 2,
		} {
			got := 0
			for _, k := range who[name].kinds() {
				if k == "event" {
					got++
				}
			}
			if got != want {
				t.Errorf("%s: %d alerts, expected %d", name, got, want)
			}
		}
	})
}

func TestEachSubjectHasItsShare(t *testing.T) {
	withKeys(t, access.Limits{Connections: 2, Subs: 3, PerSecond: 5}, func(t *testing.T, r *rig, key access.Key) {
		bearer := token(t, key, "p", []string{"*"}, []string{"*"})
		header := http.Header{"Authorization": {"Bearer " + bearer}}
		a, b := r.as(t, bearer), r.as(t, bearer)
		defer b.close()
		if _, res, err := r.open("", header); err == nil || res.StatusCode != http.StatusTooManyRequests {
			t.Errorf("a third connection: %v", err)
		}
		late, _, err := r.open("", nil)
		if err != nil {
			t.Fatal(err)
		}
		late.say(fmt.Sprintf(`{"t":"hello","token":%q}`, bearer))
		<-late.ended
		late.ws.Close()
		if !websocket.IsCloseError(late.err, closeShare.code) {
			t.Errorf("a third connection by hello: %v", late.err)
		}
		other := r.as(t, token(t, key, "q", []string{"*"}, []string{"*"}))
		defer other.close()

		a.subscribe("show/S1", "")
		a.subscribe("show/S2", "")
		b.subscribe("show/S1", "")
		b.subscribe("show/S2", "")
		if f := b.last("err"); f.Code != "TOO_MANY_SUBS" {
			t.Errorf("a fourth sub: %s", f.raw)
		}
		a.close()
		synctest.Wait()
		b.subscribe("show/S2", "")
		if b.last("snap").Topic != "show/S2" {
			t.Errorf("after two were given back: %v", b.kinds())
		}
		c, _, err := r.open("", header)
		if err != nil {
			t.Fatalf("after one was closed: %v", err)
		}
		for range 60 { // a flood: the burst of 50, and those of before
			if c.ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"ping"}`)) != nil {
				break
			}
		}
		<-c.ended
		c.ws.Close()
		if !websocket.IsCloseError(c.err, closeRate.code) {
			t.Errorf("a flood: %v", c.err)
		}
		other.say(`{"t":"ping"}`)
		synctest.Wait()
		if other.last("pong").T != "pong" {
			t.Error("one subject's flood is another's")
		}
	})
}
