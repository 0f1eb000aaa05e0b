package feed

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/broker"
)

// held is what a client says of itself when it comes back.
func (c *client) held(topic string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprintf(`,"resume":{"cursor":%q,"hash":%q}`, c.latest, c.hash[topic])
}

// back takes over what a lost connection held.
func (c *client) back(from *client, topic string) {
	c.state[topic], c.cursor[topic], c.hash[topic] = from.state[topic], from.cursor[topic], from.hash[topic]
	c.rules[topic], c.latest = from.rules[topic], from.latest
}

func TestAClientThatComesBackGetsWhatItMissed(t *testing.T) {
	for _, c := range []struct {
		name    string
		between func(r *rig)
		resumed string
		frames  []string
	}{
		{"nothing happened", func(*rig) {}, "in_step", nil},
		{"a change", func(r *rig) { r.apply(moneyMeter("show/S1", 700)) }, "delta", []string{"delta"}},
		{"a moment", func(r *rig) { r.alert(5, exampleMoment(5)) }, "in_step", []string{"event"}},
		{"more changes than are remembered", func(r *rig) {
			for i := range 2 * pastStates {
				r.apply(moneyMeter("show/S1", int64(i)))
			}
		}, "snapshot", []string{"snap"}},
		{"more moments than are sent again", func(r *rig) {
			for i := range maxMissed + 1 {
				r.alert(int64(5+i), exampleMoment(5+i))
			}
		}, "too_old", append(slices.Repeat([]string{"event"}, maxMissed), "snap")},
		{"as many moments as are held", func(r *rig) {
			for i := range maxPastEvents {
				a := exampleMoment(5 + i)
				a.Scope, a.ShowID, a.EsolID = "show/S2", "S2", "another"
				r.alert(int64(5+i), a)
			}
		}, "in_step", nil},
		{"more moments than are held", func(r *rig) {
			for i := range maxPastEvents + 1 {
				a := exampleMoment(5 + i)
				a.Scope, a.ShowID, a.EsolID = "show/S2", "S2", "another"
				r.alert(int64(5+i), a)
			}
		}, "too_old", []string{"snap"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, r *rig) {
				r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
				r.alert(4, exampleMoment(4))
				keeper := r.client() // of the view: somebody else looks at it meanwhile
				defer keeper.close()
				keeper.subscribe("show/S1", "")
				first := r.client()
				first.subscribe("show/S1", "")
				held := first.held("show/S1")
				first.close()
				synctest.Wait()
				c.between(r)
				again := r.client()
				defer again.close()
				again.back(first, "show/S1")
				again.subscribe("show/S1", held)
				time.Sleep(time.Second)
				if ack := again.last("ack"); ack.Resumed != c.resumed {
					t.Errorf("resumed %q, want %q", ack.Resumed, c.resumed)
				}
				if kinds := again.kinds()[2:]; !slices.Equal(kinds, c.frames) {
					t.Errorf("after welcome and ack came %v, want %v", kinds, c.frames)
				}
				// Until all of them have been read, what was missed is missed since then; with the last, it is read.
				var cursors []string
				for _, f := range again.all() {
					if f.T == "event" {
						cursors = append(cursors, f.Cursor)
					}
				}
				for i, cursor := range cursors {
					if last := i == len(cursors)-1; strings.Contains(held, cursor) == last {
						t.Errorf("event %d of %d that are sent again says %s: %s came back", i+1, len(cursors), cursor, held)
					}
				}
				if err := again.has("show/S1", r.document("show/S1")); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Who had a view for itself finds it again, for a moment; after that it is forgotten.
func TestAViewOutlivesItsLastSubscriber(t *testing.T) {
	for wait, want := range map[time.Duration]string{0: "delta", viewLinger - time.Second: "delta", viewLinger + time.Second: "snapshot"} {
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
			r.alert(0, exampleMoment(0))
			first := r.client()
			first.subscribe("show/S1", "")
			held := first.held("show/S1")
			first.close()
			synctest.Wait()
			r.apply(moneyMeter("show/S1", 700))
			time.Sleep(wait)
			again := r.client()
			again.back(first, "show/S1")
			again.subscribe("show/S1", held)
			if ack := again.last("ack"); ack.Resumed != want {
				t.Errorf("after %v it resumed with %q, want %q", wait, ack.Resumed, want)
			}
			if err := again.has("show/S1", r.document("show/S1")); err != nil {
				t.Error(err)
			}
			time.Sleep(viewLinger / 2)
			again.close()
			synctest.Wait()
			time.Sleep(viewLinger - time.Second)
			if topics, _ := r.kept(); topics != 1 {
				t.Errorf("%d topics are held after a moment", topics)
			}
			time.Sleep(2 * time.Second)
			if topics, views := r.kept(); topics != 0 || views != 0 {
				t.Errorf("%d topics and %d views are left", topics, views)
			}
		})
	}
}

// kept are how many topics the hub holds, and views that nobody has.
func (r *rig) kept() (topics, views int) {
	r.server.hub.mu.Lock()
	defer r.server.hub.mu.Unlock()
	return len(r.server.hub.topics), len(r.server.hub.left)
}

func TestViewsThatNobodyHasAreBounded(t *testing.T) {
	inBubble(t, Config{MaxSubs: 2000}, func(t *testing.T, r *rig) {
		c := r.client()
		for i := range maxLeft + 10 {
			c.subscribe(fmt.Sprint("show/S", i), "")
			time.Sleep(100 * time.Millisecond)
		}
		c.close()
		synctest.Wait()
		if topics, views := r.kept(); topics != maxLeft || views != maxLeft {
			t.Errorf("%d topics and %d views are left", topics, views)
		}
	})
}

func exampleMoment(n int) AlertView {
	return AlertView{ID: fmt.Sprint("a", n), Scope: "show/S1", ShowID: "S1", EsolID: "hanako", Kind: "ignition"}
}

// A client that is cut at any moment, and comes back each time, ends with the state of one that was never cut, and has had
// every event at least once and in order.
func TestCutsLoseNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"meter", "meter", "moment", "moment", "wait", "cut"}), 1, 40).Draw(rt, "steps")
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, Config{})
			defer r.close()
			wrong = cuts(r, steps)
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

func cuts(r *rig, steps []string) error {
	const topic = "show/S1"
	r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter(topic, 100))
	whole, cut := r.client(), r.client()
	defer whole.close()
	whole.subscribe(topic, "")
	cut.subscribe(topic, "")
	seen := map[string]bool{}
	var order []string
	note := func() {
		for _, f := range cut.all() {
			if f.T == "event" {
				id := eventID(f)
				if !seen[id] {
					order = append(order, id)
				}
				seen[id] = true
			}
		}
	}
	var said []string
	for i, step := range steps {
		switch step {
		case "meter":
			r.apply(moneyMeter(topic, int64(i)))
		case "moment":
			r.alert(int64(i), exampleMoment(i))
			said = append(said, fmt.Sprint("a", i))
		case "wait":
			time.Sleep(700 * time.Millisecond)
		case "cut": // without waiting: frames may be on their way
			cut.close()
			note()
			again := r.client()
			again.back(cut, topic)
			again.subscribe(topic, cut.held(topic))
			cut = again
		}
	}
	time.Sleep(time.Second)
	synctest.Wait()
	note()
	defer cut.close()
	if !slices.Equal(order, said) {
		return fmt.Errorf("of the events %v it had %v", said, order)
	}
	if err := whole.has(topic, r.document(topic)); err != nil {
		return fmt.Errorf("whole: %w", err)
	}
	if err := cut.has(topic, r.document(topic)); err != nil {
		return fmt.Errorf("cut: %w", err)
	}
	if whole.hash[topic] != cut.hash[topic] {
		return fmt.Errorf("the hash is %s, and %s for the one that was cut", whole.hash[topic], cut.hash[topic])
	}
	return nil
}

func eventID(f received) string {
	var e struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(f.raw), &e); err != nil {
		panic(err)
	}
	return e.Data.ID
}

func TestAViewIsSentOnlyWhereItChanges(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
		money, events, all := r.client(), r.client(), r.client()
		for _, c := range []*client{money, events, all} {
			defer c.close()
		}
		money.subscribe("show/S1", `,"fields":["money.gmv.net","state"]`)
		events.subscribe("show/S1", `,"fields":[]`)
		all.subscribe("show/S1", "")
		if got := money.part("show/S1", "money"); !strings.HasPrefix(got, `{"gmv":[{"currency":"JPY","net":{"currency":"JPY","exponent":0,"minor":"100"}}`) {
			t.Errorf("the money that was asked for is %s", got)
		}
		for i := range 3 {
			r.apply(roomMeter("S1", "hanako", 41+int64(i), 1))
			synctest.Wait()
		}
		r.apply(moneyMeter("show/S1", 250))
		r.alert(1, exampleMoment(1))
		time.Sleep(time.Second)
		for _, c := range []struct {
			who  *client
			want []string
		}{
			{money, []string{"welcome", "ack", "snap", "delta", "event"}},
			{events, []string{"welcome", "ack", "event"}},
			{all, []string{"welcome", "ack", "snap", "delta", "delta", "delta", "delta", "event"}},
		} {
			got := c.who.kinds()
			slices.Sort(got[3:])
			want := slices.Clone(c.want)
			slices.Sort(want[3:])
			if !slices.Equal(got, want) || len(c.who.broken) > 0 {
				t.Errorf("frames %v, want %v; %v", got, want, c.who.broken)
			}
		}
	})
}

func TestTuneChangesThePace(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(moneyMeter("esol/e", 0))
		c := r.client()
		defer c.close()
		c.subscribe("esol/e", "")
		count := func() int {
			before := len(c.all())
			for i := range 40 {
				r.apply(moneyMeter("esol/e", int64(before*1000+i)))
				time.Sleep(100 * time.Millisecond)
			}
			return len(c.all()) - before
		}
		if n := count(); n != 40 {
			t.Errorf("of 40 changes in 4 s %d came", n)
		}
		c.say(fmt.Sprintf(`{"t":"tune","id":9,"sub":%d,"max_hz":1}`, c.sub("esol/e")))
		synctest.Wait()
		if ack := c.last("ack"); ack.ID != 9 {
			t.Errorf("tune was not acknowledged: %s", ack.raw)
		}
		if n := count(); n < 4 || n > 5 {
			t.Errorf("at once a second, %d came in 4 s", n)
		}
		c.say(fmt.Sprintf(`{"t":"tune","sub":%d}`, c.sub("esol/e")))
		synctest.Wait()
		time.Sleep(time.Second)
		if n := count(); n < 38 {
			t.Errorf("without a limit again, %d came in 4 s", n)
		}
		c.say(`{"t":"tune","sub":999}`)
		synctest.Wait()
		if e := c.last("err"); e.Code != "NOT_SUBSCRIBED" {
			t.Errorf("tuning what is not there: %s", e.raw)
		}
	})
}

func TestResumingWaitsUntilEventsHaveBeenRead(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.server.hub.live = false
		c := r.client()
		defer c.close()
		c.subscribe("show/S1", `,"resume":{"cursor":"e0:AAA"}`)
		if e := c.last("err"); e.Code != "CATCHING_UP" {
			t.Errorf("resuming while catching up: %s", e.raw)
		}
		r.server.hub.goLive()
		c.subscribe("show/S1", `,"resume":{"cursor":"e0:AAA"}`)
		if ack := c.last("ack"); ack.Resumed != "snapshot" {
			t.Errorf("resuming once live: %s", ack.raw)
		}
		c.subscribe("show/S2", `,"resume":{"cursor":"e1:AAA"}`)
		if ack := c.last("ack"); ack.Resumed != "foreign" {
			t.Errorf("resuming with a cursor of other topics: %s", ack.raw)
		}
	})
}

// A client that is slow, but does read, gets less often and is told, and then gets more again.
func TestASlowClientIsSlowedDown(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1))
		c := r.client()
		defer c.close()
		c.subscribe("show/S1", "")
		for i := range 8 { // reads once in two seconds
			c.pause()
			for j := range 20 {
				r.apply(roomMeter("S1", "hanako", int64(50+20*i+j), 1))
				time.Sleep(100 * time.Millisecond)
			}
			c.unpause()
			synctest.Wait()
		}
		if n := c.last("notice"); n.Code != "slow" || n.Hz <= 0 || n.Hz > 2.5 {
			t.Errorf("the slow client was told %s", n.raw)
		}
		before := len(c.all())
		for i := range 30 {
			r.apply(roomMeter("S1", "hanako", int64(500+i), 1))
			time.Sleep(100 * time.Millisecond)
		}
		if n := len(c.all()) - before; n > 3 {
			t.Errorf("in the 3 s after that it was sent %d frames", n)
		}
		for range 1200 { // two minutes well
			r.apply(roomMeter("S1", "hanako", 40, 1))
			time.Sleep(100 * time.Millisecond)
		}
		if n := c.last("notice"); n.Code != "well" {
			t.Errorf("after two minutes without a wait it was last told %s", n.raw)
		}
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
	})
}

// lines reads an answer that does not end, for as long as given.
func (r *rig) lines(t *testing.T, path string, header map[string]string, d time.Duration) (lines []string, status int) {
	t.Helper()
	tr := &http.Transport{DialContext: r.net.DialContext}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+rigAddr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	stop := time.AfterFunc(d, func() { res.Body.Close() })
	defer stop.Stop()
	s := bufio.NewScanner(res.Body)
	for s.Buffer(nil, 1<<20); s.Scan(); {
		lines = append(lines, s.Text())
	}
	res.Body.Close()
	return lines, res.StatusCode
}

func TestTheStreamHasTheSameFrames(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
		ws := r.client()
		defer ws.close()
		ws.subscribe("show/S1", `,"fields":["money"]`)
		time.AfterFunc(time.Second, func() { r.apply(moneyMeter("show/S1", 250)) })
		time.AfterFunc(1500*time.Millisecond, func() { r.alert(7, exampleMoment(7)) })
		lines, status := r.lines(t, "/v1/stream?topic=show/S1&fields=money", nil, 3*time.Second)
		if status != http.StatusOK {
			t.Fatal(status, lines)
		}
		var kinds, bodies []string
		for _, line := range lines {
			var f received
			if err := json.Unmarshal([]byte(line), &f); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			if f.T != "hb" {
				kinds, bodies = append(kinds, f.T), append(bodies, line)
			}
		}
		var want []string
		for _, f := range ws.all() {
			want = append(want, f.raw)
		}
		if !slices.Equal(kinds, []string{"welcome", "ack", "snap", "delta", "event"}) || !slices.Equal(bodies[2:], want[2:]) {
			t.Errorf("the stream had\n%s\nthe websocket\n%s", strings.Join(bodies, "\n"), strings.Join(want, "\n"))
		}
		synctest.Wait()
		if n := r.metric("netsu_feed_subscribers", ""); n != 1 {
			t.Errorf("%v connections are left beside the websocket's", n)
		}
	})
}

func TestServerSentEventsResume(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1))
		r.alert(3, exampleMoment(3))
		sse := map[string]string{"Accept": "text/event-stream"}
		lines, _ := r.lines(t, "/v1/stream?topic=show/S1", sse, 1500*time.Millisecond)
		var last string
		for _, line := range lines {
			if id, ok := strings.CutPrefix(line, "id: "); ok {
				last = id
			}
		}
		if last == "" {
			t.Fatalf("no frame had an id: %q", lines)
		}
		r.alert(4, exampleMoment(4))
		sse["Last-Event-ID"] = last
		lines, _ = r.lines(t, "/v1/stream?topic=show/S1", sse, 1500*time.Millisecond)
		text := strings.Join(lines, "\n")
		if strings.Count(text, `"id":"a4"`) != 1 || strings.Contains(text, `"id":"a3"`) || !strings.Contains(text, `"resumed":"snapshot"`) {
			t.Errorf("after coming back: %s", text)
		}
	})
}

func TestStreamsThatCannotBe(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		for query, code := range map[string]string{
			"":                          "BAD_PARAMETER",
			"topic=show/S1&max_hz=x":    "BAD_PARAMETER",
			"topic=show/S1&max_hz=99":   "BAD_PARAMETER",
			"topic=room/S1":             "UNKNOWN_TOPIC",
			"topic=show/S1&fields=heat": "UNKNOWN_FIELD",
			"topic=show/S1&sped=2":      "UNKNOWN_PARAMETER",
			"topic=show/S1&cursor=x":    "BAD_PARAMETER",
			"topic=show/S1&speed=2":     "BAD_PARAMETER",
			"topic=show/S1&from=noon":   "BAD_PARAMETER",
			"topic=show/S1&from=2026-05-01T20:00:00Z&speed=0":      "BAD_PARAMETER",
			"topic=show/S1&from=2026-05-01T20:00:00Z&fields=money": "BAD_PARAMETER",
			strings.Repeat("topic=shows&", 33):                     "BAD_PARAMETER",
		} {
			lines, status := r.lines(t, "/v1/stream?"+query, nil, time.Second)
			if status != http.StatusBadRequest || !strings.Contains(strings.Join(lines, ""), `"`+code+`"`) {
				t.Errorf("%.60s: %d %s", query, status, lines)
			}
		}
	})
}

func TestCursorsMeanTheSameEverywhere(t *testing.T) {
	topics := broker.TopicsWithPrefix("netsu.")
	layout := &broker.Layout{
		Partitions: map[string]int32{topics.Meters: 3, topics.Alerts: 2},
		IDs:        map[string]string{topics.Meters: "a", topics.Alerts: "b"},
	}
	rapid.Check(t, func(t *rapid.T) {
		p, q := newPosition(layout, topics), newPosition(layout, topics)
		for i := range p.meters {
			p.reachMeter(int32(i), rapid.Int64Range(0, 1<<60).Draw(t, "offset"))
		}
		for i := range p.alerts {
			p.reachAlert(int32(i), rapid.Int64Range(0, 1<<60).Draw(t, "offset"))
		}
		got, err := q.parse(p.cursor())
		if err != nil || !slices.Equal(got.meters, p.meters) || !slices.Equal(got.alerts, p.alerts) {
			t.Fatalf("%v became %v: %v", p, got, err)
		}
		other := *layout
		other.IDs = map[string]string{topics.Meters: "c", topics.Alerts: "b"}
		foreign := newPosition(&other, topics)
		if _, err := foreign.parse(p.cursor()); err != errForeignCursor {
			t.Fatalf("a cursor of topics that were made anew: %v", err)
		}
	})
}
