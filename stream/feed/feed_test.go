package feed

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// inBubble runs a test against a rig in virtual time.
func inBubble(t *testing.T, c Config, f func(t *testing.T, r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, c)
		defer r.close()
		f(t, r)
	})
}

func TestAChangedMeterIsOnTheWireAtOnce(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		r.apply(roomMeter("S1", "hanako", 40, 1))
		c.subscribe("show/S1", "")
		for i := range 20 {
			time.Sleep(37 * time.Millisecond)
			before := time.Now()
			r.apply(roomMeter("S1", "hanako", 40, 1+float64(i)/10))
			synctest.Wait()
			if f := c.last("delta"); !f.at.Equal(before) {
				t.Fatalf("change %d waited: applied at %v, received at %v", i, before, f.at)
			}
			if err := c.has("show/S1", r.document("show/S1")); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestADeltaHoldsOnlyWhatChanged(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
		c.subscribe("show/S1", "")
		time.Sleep(time.Second)
		r.apply(moneyMeter("show/S1", 250))
		synctest.Wait()
		f := c.last("delta")
		var names []string
		for _, changed := range []map[string]any{f.Set, f.Add, f.Max} {
			names = append(names, slices.Sorted(maps.Keys(changed))...)
		}
		if got := fmt.Sprint(names); got != "[freshness_ms money as_of]" {
			t.Errorf("a change of money sent %s: %s", got, f.raw)
		}
	})
}

func TestAScopeThatIsNotThereYetIsFilledWhenItComes(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		for _, topic := range []string{"show/S9", "esol/hanako", "campaign/spring", "brand/b1"} {
			c.subscribe(topic, "")
			if f := c.last("snap"); f.Data != nil || f.Reason != "not_yet" || f.Topic != topic {
				t.Errorf("%s: expected an empty snap with its reason, got %s", topic, f.raw)
			}
		}
		c.subscribe("shows", "")
		r.apply(roomMeter("S9", "hanako", 40, 1), moneyMeter("campaign/spring", 1), moneyMeter("brand/b1", 1))
		time.Sleep(boardEvery + 100*time.Millisecond)
		synctest.Wait()
		for _, topic := range []string{"show/S9", "esol/hanako", "campaign/spring", "brand/b1", "shows"} {
			if err := c.has(topic, r.document(topic)); err != nil {
				t.Error(err)
			}
			if r.document(topic) == "null" {
				t.Errorf("%s has no document", topic)
			}
		}
	})
}

func TestATrendThatGrowsReachesTheClient(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		trend := func(points int) *eventpb.Meter {
			chunk := exampleTrend()
			chunk.Points = chunk.Points[:points]
			part := fmt.Sprint(partTrend, chunk.FromPane)
			return &eventpb.Meter{Version: 1, Scope: "show/S1", Part: part, Trend: chunk}
		}
		r.apply(roomMeter("S1", "hanako", 40, 1), trend(2))
		c.subscribe("show/S1", "")
		r.apply(trend(3))
		synctest.Wait()
		if n := strings.Count(c.part("show/S1", "trend"), `"at"`); n != 3 {
			t.Errorf("of 3 points the client holds %d", n)
		}
	})
}

func TestAShowThatChangesHandsLeavesItsFormerESOL(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		r.apply(roomMeter("S1", "hanako", 40, 1), roomMeter("S2", "hanako", 40, 1))
		c.subscribe("esol/hanako", "")
		c.subscribe("esol/taro", "")
		r.apply(roomMeter("S1", "taro", 40, 1))
		synctest.Wait()
		for _, topic := range []string{"esol/hanako", "esol/taro"} {
			if err := c.has(topic, r.document(topic)); err != nil {
				t.Error(err)
			}
			if n := strings.Count(c.part(topic, "shows"), `"scope"`); n != 1 {
				t.Errorf("%s lists %d shows", topic, n)
			}
		}
	})
}

func TestTombstonesTakeAScopeBackPartByPart(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
		c.subscribe("show/S1", "")
		c.subscribe("esol/hanako", "")
		late := r.change(moneyMeter("show/S1", 777)) // emitted before the tombstone, read again after it
		r.takeBack("show/S1", "money")
		synctest.Wait()
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
		if got := c.part("show/S1", "money"); got != "null" {
			t.Errorf("money was taken back and is %s", got)
		}
		r.takeBack("show/S1", "room")
		synctest.Wait()
		for _, topic := range []string{"show/S1", "esol/hanako"} {
			if err := c.has(topic, "null"); err != nil {
				t.Errorf("%s is gone: %v", topic, err)
			}
		}
		if f := c.last("snap"); f.Reason != "gone" {
			t.Errorf("expected the reason to be gone, got %s", f.raw)
		}
		r.server.hub.apply([]change{late}, nil)
		if d := r.document("show/S1"); d != "null" {
			t.Errorf("a re-emission raised what was taken back: %s", d)
		}
		r.apply(roomMeter("S1", "hanako", 41, 1))
		synctest.Wait()
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error("a show that came back:", err)
		}
	})
}

func TestMaxHzHoldsAndThenSendsTheLatest(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		r.apply(roomMeter("S1", "hanako", 40, 1))
		c.subscribe("show/S1", `,"max_hz":2`)
		for i := range 100 { // 10 s at 10 Hz
			time.Sleep(100 * time.Millisecond)
			r.apply(roomMeter("S1", "hanako", 40+int64(i), 1))
		}
		synctest.Wait()
		var at []time.Time
		for _, f := range c.all() {
			if f.T == "delta" {
				at = append(at, f.at)
			}
		}
		if len(at) < 19 || len(at) > 21 {
			t.Errorf("at 2 Hz, 10 s of changes took %d deltas", len(at))
		}
		for i := 1; i < len(at); i++ {
			if d := at[i].Sub(at[i-1]); d < 500*time.Millisecond {
				t.Errorf("two deltas came %v apart", d)
			}
		}
		time.Sleep(time.Second)
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error("the last change was held for ever:", err)
		}
	})
}

// TestAStalledReaderCostsOthersNothing: one client never reads. Others get every change at the moment it is made,
// before and after the stalled one is given up, and what waits for it does not grow.
func TestAStalledReaderCostsOthersNothing(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1))
		stalled, well := r.client(), r.client()
		defer stalled.close()
		defer well.close()
		stalled.subscribe("show/S1", "")
		well.subscribe("show/S1", "")
		stalled.pause()
		for i := range 100 {
			time.Sleep(100 * time.Millisecond)
			now := time.Now()
			r.apply(roomMeter("S1", "hanako", 41+int64(i), 1))
			synctest.Wait()
			if f := well.last("delta"); !f.at.Equal(now) {
				t.Fatalf("change %d reached the other client %v late", i, f.at.Sub(now))
			}
		}
		if n := r.metric("netsu_feed_closed_total", "WRITE_FAILED"); n != 1 {
			t.Errorf("the stalled connection should have been given up after %v; given up: %v", writeWait, n)
		}
		if n := r.metric("netsu_feed_subscribers", ""); n != 1 {
			t.Errorf("%v connections are left", n)
		}
		stalled.unpause()
	})
}

func TestAClientThatCatchesUpGetsTheLatestOnly(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1))
		c := r.client()
		defer c.close()
		c.subscribe("show/S1", "")
		c.pause()
		for i := range 40 { // 4 s: less than the write deadline
			time.Sleep(100 * time.Millisecond)
			r.apply(roomMeter("S1", "hanako", 41+int64(i), 1))
		}
		c.unpause()
		synctest.Wait()
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
		n := 0
		for _, k := range c.kinds() {
			if k == "delta" {
				n++
			}
		}
		if n > 5 { // what the pipe and the blocked write held, and then the latest
			t.Errorf("40 changes to a paused client came as %d deltas", n)
		}
	})
}

func TestEventsReachTheirTopicsAndASlowClientIsToldToComeBack(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		well, slow := r.client(), r.client()
		defer well.close()
		defer slow.close()
		for _, topic := range []string{"show/S1", "esol/hanako", "shows", "show/S2"} {
			well.subscribe(topic, "")
		}
		slow.subscribe("shows", "")
		slow.pause()
		const n = 3 * maxWaiting
		for i := range n {
			p := place{origin{"show", 0}, parsed(int64(i))}
			a := AlertView{ID: fmt.Sprint("a", i), Scope: "show/S1", ShowID: "S1", EsolID: "hanako", Kind: "ignition"}
			r.server.hub.alert(p, complete(a), 0, int64(i))
			r.server.hub.alert(p, complete(a), 0, int64(i)) // a re-emission
			if i%50 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		got := map[string]int{}
		for _, f := range well.all() {
			if f.T == "event" {
				got[well.name(f.Sub)]++
			}
		}
		if got["show/S1"] != n || got["esol/hanako"] != n || got["shows"] != n || got["show/S2"] != 0 {
			t.Errorf("of %d alerts each topic got %v", n, got)
		}
		slow.unpause()
		<-slow.ended
		if !websocket.IsCloseError(slow.err, closeSlow.code) {
			t.Errorf("the slow client was closed with %v", slow.err)
		}
		if bye := slow.last("bye"); bye.Code != "SLOW" || !strings.Contains(bye.raw, `"retry":true`) {
			t.Errorf("its goodbye was %s", bye.raw)
		}
	})
}

func TestHeartbeatsCountAndTellTheWatermark(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		time.Sleep(1500 * time.Millisecond)
		r.apply(roomMeter("S1", "hanako", 40, 1))
		time.Sleep(8400 * time.Millisecond)
		beats := c.heartbeats()
		if len(beats) != 9 {
			t.Fatalf("in 9.9 s came %d heartbeats", len(beats))
		}
		for i, b := range beats {
			if b.N != uint64(i+1) || b.State != "live" {
				t.Errorf("heartbeat %d is %s", i, b.raw)
			}
		}
		if b := beats[0]; b.LagMS != nil || b.Watermark != nil {
			t.Errorf("nothing is on the air and the heartbeat says %s", b.raw)
		}
		if b := beats[1]; b.LagMS == nil || *b.LagMS != 500 || b.Watermark == nil {
			t.Errorf("half a second after a meter the heartbeat says %s", b.raw)
		}
	})
}

func TestAConnectionThatFallsSilentIsClosed(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c, _, err := r.dial(nil, func(ws *websocket.Conn) {
			ws.SetPingHandler(func(string) error { return nil }) // reads, and never answers a ping
		})
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		begun := time.Now()
		<-c.ended
		if d := time.Since(begun); d < pongWait-time.Second || d > pongWait+2*time.Second {
			t.Errorf("it was closed after %v", d)
		}
		if !websocket.IsCloseError(c.err, closeNoPong.code) {
			t.Errorf("it was closed with %v", c.err)
		}
	})
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		time.Sleep(10 * time.Minute)
		select {
		case <-c.ended:
			t.Errorf("a client that answers pings was closed: %v", c.err)
		default:
		}
	})
}

func TestStoppingSaysGoodbye(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		c.subscribe("shows", "")
		r.server.stop()
		<-c.ended
		if !websocket.IsCloseError(c.err, websocket.CloseGoingAway) || c.last("bye").Code != "GOING_AWAY" {
			t.Errorf("closed with %v after %v", c.err, c.kinds())
		}
		if _, _, err := r.dial(nil); err == nil {
			t.Error("a stopped server took a connection")
		}
	})
}

func TestAClientThatComesBackGetsTheWholeState(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		for i := range 5 {
			r.apply(roomMeter("S1", "hanako", 40+int64(i), 1))
			c := r.client()
			c.subscribe("show/S1", "")
			if err := c.has("show/S1", r.document("show/S1")); err != nil {
				t.Error(err)
			}
			c.close()
			time.Sleep(viewLinger + time.Second)
			topics, views := r.kept()
			subs := r.metric("netsu_feed_subscriptions", "")
			if topics != 0 || views != 0 || subs != 0 || len(r.server.conns) != 0 {
				t.Errorf("after it left there are %d topics, %d views, %v subscriptions, %d connections", topics, views, subs, len(r.server.conns))
			}
		}
	})
}

func TestLimits(t *testing.T) {
	t.Run("connections", func(t *testing.T) {
		inBubble(t, Config{MaxConnections: 2}, func(t *testing.T, r *rig) {
			a, b := r.client(), r.client()
			defer b.close()
			_, res, err := r.dial(nil)
			if err == nil || res.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("a third connection got %v", res)
			}
			a.close()
			synctest.Wait()
			c := r.client()
			c.close()
		})
	})
	t.Run("subscriptions of a connection", func(t *testing.T) {
		inBubble(t, Config{MaxSubs: 3}, func(t *testing.T, r *rig) {
			c := r.client()
			defer c.close()
			for i := range 4 {
				c.subscribe(fmt.Sprintf("show/S%d", i), "")
			}
			if e := c.last("err"); e.Code != "TOO_MANY_SUBS" {
				t.Errorf("the fourth subscription got %s", e.raw)
			}
			c.say(fmt.Sprintf(`{"t":"unsub","id":5,"sub":%d}`, c.sub("show/S0")))
			c.subscribe("show/S3", "")
			if err := c.has("show/S3", "null"); err != nil {
				t.Error("after an unsub:", err)
			}
		})
	})
	t.Run("subscriptions of all", func(t *testing.T) {
		inBubble(t, Config{MaxSubsTotal: 1}, func(t *testing.T, r *rig) {
			a, b := r.client(), r.client()
			defer a.close()
			defer b.close()
			a.subscribe("shows", "")
			b.subscribe("shows", "")
			if e := b.last("err"); e.Code != "OVERLOADED" {
				t.Errorf("the second subscription got %s", e.raw)
			}
		})
	})
	t.Run("frames a second", func(t *testing.T) {
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			c := r.client()
			defer c.close()
			for range 600 { // 60 s at the sustained rate
				c.say(`{"t":"ping"}`)
				time.Sleep(100 * time.Millisecond)
			}
			if n := len(c.kinds()); n != 601 {
				t.Fatalf("10 frames a second: %d answers", n)
			}
			for range int(framesBurst) + 1 {
				if c.ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"ping"}`)) != nil {
					break
				}
				synctest.Wait()
			}
			<-c.ended
			if !websocket.IsCloseError(c.err, closeRate.code) {
				t.Errorf("a flood was answered with %v", c.err)
			}
		})
	})
	t.Run("bytes of a frame", func(t *testing.T) {
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			c := r.client()
			defer c.close()
			_ = c.ws.WriteMessage(websocket.TextMessage, []byte(strings.Repeat(" ", maxFrameBytes+1)))
			<-c.ended
			if !websocket.IsCloseError(c.err, websocket.CloseMessageTooBig) {
				t.Errorf("closed with %v", c.err)
			}
		})
	})
	t.Run("refused frames", func(t *testing.T) {
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			c := r.client()
			defer c.close()
			for range maxRefused {
				c.say("nonsense")
			}
			<-c.ended
			if !websocket.IsCloseError(c.err, closeRefused.code) || !strings.Contains(c.last("bye").raw, `"retry":false`) {
				t.Errorf("closed with %v", c.err)
			}
		})
	})
	t.Run("binary", func(t *testing.T) {
		inBubble(t, Config{}, func(t *testing.T, r *rig) {
			c := r.client()
			defer c.close()
			_ = c.ws.WriteMessage(websocket.BinaryMessage, []byte("{}"))
			<-c.ended
			if !websocket.IsCloseError(c.err, websocket.CloseUnsupportedData) {
				t.Errorf("closed with %v", c.err)
			}
		})
	})
}

func TestOrigins(t *testing.T) {
	inBubble(t, Config{Origins: []string{"https://overlay.example"}}, func(t *testing.T, r *rig) {
		for origin, allowed := range map[string]bool{
			"":                                true,
			"http://" + rigAddr:               true,
			"http://localhost:5173":           true,
			"http://[::1]:80":                 true,
			"https://overlay.example":         true,
			"https://overlay.example.evil.io": false,
			"https://evil.io":                 false,
			"null":                            false,
			"http://127.0.0.1.evil.io":        false,
		} {
			h := http.Header{}
			if origin != "" {
				h.Set("Origin", origin)
			}
			c, res, err := r.dial(h)
			if (err == nil) != allowed {
				t.Errorf("origin %q: %v", origin, err)
			}
			if err == nil {
				c.close()
			} else if res.StatusCode != http.StatusForbidden {
				t.Errorf("origin %q: %d", origin, res.StatusCode)
			}
		}
	})
}

func TestTheBoardListsTheShowsOnTheAirHottestFirst(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		c.subscribe("shows", "")
		ended, idle := roomMeter("S4", "a", 50, 9), roomMeter("S3", "a", 50, .5)
		ended.Room.State, idle.Room.State = eventpb.RoomState_ROOM_STATE_ENDED, eventpb.RoomState_ROOM_STATE_IDLE
		few := roomMeter("S5", "b", 2, 8)
		few.Room.Provisional.Heat.Insufficient = "too_few_people"
		r.apply(roomMeter("S1", "a", 50, 1), roomMeter("S2", "b", 50, 2), idle, ended, few)
		time.Sleep(time.Second)
		synctest.Wait()
		var ids []string
		for _, f := range strings.Split(c.part("shows", "shows"), `"scope":"show/`)[1:] {
			ids = append(ids, f[:2])
		}
		if got := fmt.Sprint(ids); got != "[S2 S1 S3 S5]" {
			t.Errorf("the board is %s", got)
		}
		if n := c.part("shows", "on_air"); n != "4" {
			t.Errorf("%s are on the air", n)
		}
		if err := c.has("shows", r.document("shows")); err != nil {
			t.Error(err)
		}
	})
}
