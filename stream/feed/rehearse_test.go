package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// taped runs the recorder beside the rig.
func (r *rig) taped() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.server.record(ctx) // nil
	}()
	return func() {
		cancel()
		<-done
		synctest.Wait() // until the files are closed
	}
}

func inTapedBubble(t *testing.T, f func(t *testing.T, r *rig)) {
	dir := t.TempDir()
	inBubble(t, Config{Tape: Taping{Dir: dir}}, f)
}

// A show that was on the air is said again as it was, at the pace that is asked for, and its states prove themselves.
func TestAShowIsRehearsed(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		stop := r.taped()
		defer stop()
		began := time.Now()
		r.apply(roomMeter("S1", "hanako", 40, 1))
		for i := range 60 {
			time.Sleep(500 * time.Millisecond)
			r.apply(roomMeter("S1", "hanako", 41+int64(i), 1), moneyMeter("show/S1", int64(100*i)))
			if i == 40 {
				r.alert(3, exampleMoment(3))
			}
		}
		time.Sleep(2 * time.Second)
		last := r.document("show/S1")
		ended := roomMeter("S1", "hanako", 0, 0)
		ended.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
		r.apply(ended)
		time.Sleep(tapeLinger + 5*time.Second)
		synctest.Wait()

		c := r.client()
		defer c.close()
		start := time.Now()
		c.say(fmt.Sprintf(`{"t":"sub","id":8,"topic":"show/S1","from":%q,"speed":10}`, began.Add(10*time.Second).UTC().Format(time.RFC3339Nano)))
		for c.last("notice").Code != "end" && time.Since(start) < time.Minute {
			time.Sleep(50 * time.Millisecond)
		}
		took := time.Since(start)
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Errorf("at its end: %v", err)
		}
		if ack := c.last("ack"); ack.ID != 8 || ack.Sub == 0 {
			t.Errorf("acknowledged with %s", ack.raw)
		}
		kinds := map[string]int{}
		sawLast := false
		for _, f := range c.all() {
			kinds[f.T]++
			sawLast = sawLast || f.T == "delta" && strings.Contains(f.raw, `"net":`)
		}
		if kinds["snap"] != 1 || kinds["event"] != 1 || kinds["delta"] < 18 || kinds["delta"] > 26 || !sawLast {
			t.Errorf("from the tenth second of 32 came %v", kinds)
		}
		if took < 2*time.Second || took > 10*time.Second { // 22 s and the end of the show, ten times as fast
			t.Errorf("it took %v", took)
		}
		if !json.Valid([]byte(last)) || r.metric("netsu_feed_subscribers", "") != 1 || r.metric("netsu_feed_frames_total", "snap") != 1 {
			t.Errorf("the recorder is counted as a client: %v subscribers, %v snaps",
				r.metric("netsu_feed_subscribers", ""), r.metric("netsu_feed_frames_total", "snap"))
		}
		if n := r.server.hub.subs; n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
	})
}

// The tape is what a client with max_hz 1 has had.
func TestTheTapeIsWhatAClientHad(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		stop := r.taped()
		r.apply(roomMeter("S1", "hanako", 40, 1))
		time.Sleep(1500 * time.Millisecond) // it has begun
		c := r.client()
		defer c.close()
		c.subscribe("show/S1", "")
		for i := range 20 {
			time.Sleep(1200 * time.Millisecond)
			r.apply(roomMeter("S1", "hanako", 41+int64(i), 1))
			time.Sleep(300 * time.Millisecond) // of two kinds of frames at one moment, either may go first
			r.alert(int64(i), exampleMoment(i))
		}
		time.Sleep(time.Second)
		stop()
		synctest.Wait()
		lines, status := r.lines(t, "/v1/export?topic=show/S1", nil, time.Minute)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, lines)
		}
		var got, want []string
		for _, line := range lines {
			var l struct {
				At    time.Time
				Frame json.RawMessage
			}
			if err := json.Unmarshal([]byte(line), &l); err != nil || l.At.IsZero() {
				t.Fatalf("%v: %s", err, line)
			}
			got = append(got, string(l.Frame))
		}
		for _, f := range c.all() {
			if onTape[f.T] {
				want = append(want, f.raw)
			}
		}
		// Its ack answers no id, and its snap is of before the client came.
		if len(got) < 40 || !slices.Equal(got[2:], want[2:]) {
			t.Errorf("on tape are %d frames, the client had %d\n%.300s\n%.300s", len(got), len(want), got[len(got)-1], want[len(want)-1])
		}
	})
}

func TestRehearsalsThatCannotBe(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		for frame, code := range map[string]string{
			`{"t":"sub","topic":"show/none","from":"2026-05-01T20:00:00Z"}`:                        "NO_TAPE",
			`{"t":"sub","topic":"esol/e","from":"2026-05-01T20:00:00Z"}`:                           "NO_TAPE",
			`{"t":"sub","topic":"show/S1","from":"noon"}`:                                          "BAD_FIELD",
			`{"t":"sub","topic":"show/S1","from":"2026-05-01T20:00:00Z","speed":0}`:                "BAD_FIELD",
			`{"t":"sub","topic":"show/S1","from":"2026-05-01T20:00:00Z","speed":1001}`:             "BAD_FIELD",
			`{"t":"sub","topic":"show/S1","from":"2026-05-01T20:00:00Z","fields":["money"]}`:       "BAD_FIELD",
			`{"t":"sub","topic":"show/S1","from":"2026-05-01T20:00:00Z","resume":{"cursor":"x:"}}`: "BAD_FIELD",
			`{"t":"sub","topic":"show/S1","speed":2}`:                                              "MISSING_FIELD",
		} {
			c.say(frame)
			synctest.Wait()
			time.Sleep(time.Second)
			if e := c.last("err"); e.Code != code {
				t.Errorf("%s: %s, want %s", frame, e.raw, code)
			}
		}
		for query, want := range map[string]int{
			"topic=show/none": 404, "topic=esol/e": 404, "topic=x": 400, "topic=show/S1&from=noon": 400, "topic=show/S1&speed=2": 400,
		} {
			w := httptest.NewRecorder()
			r.server.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/v1/export?"+query, nil))
			if w.Code != want {
				t.Errorf("%s: %d %s", query, w.Code, w.Body)
			}
		}
	})
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		c.say(`{"t":"sub","topic":"show/S1","from":"2026-05-01T20:00:00Z"}`)
		synctest.Wait()
		if e := c.last("err"); e.Code != "NO_TAPE" {
			t.Errorf("without tapes: %s", e.raw)
		}
	})
}

// Rehearsals are bounded, end with unsub and with the connection, and leave nothing behind.
func TestRehearsalsEnd(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		stop := r.taped()
		for i := range 20 {
			r.apply(roomMeter("S1", "hanako", 40+int64(i), 1))
			time.Sleep(time.Second)
		}
		stop()
		c := r.client()
		for i := range maxRehearsals + 1 {
			c.say(fmt.Sprintf(`{"t":"sub","id":%d,"topic":"show/S1","from":"1999-01-01T00:00:00Z","speed":0.01}`, i))
			synctest.Wait()
		}
		if e := c.last("err"); e.Code != "TOO_MANY_SUBS" || e.ID != maxRehearsals {
			t.Errorf("one more than there may be: %s", e.raw)
		}
		c.say(fmt.Sprintf(`{"t":"unsub","sub":%d}`, c.last("ack").Sub))
		synctest.Wait()
		if n := r.server.hub.subs; n != maxRehearsals-1 {
			t.Errorf("%d are left after one was given up", n)
		}
		c.close()
		time.Sleep(time.Second)
		synctest.Wait()
		if n := r.server.hub.subs; n != 0 {
			t.Errorf("%d are left after the connection", n)
		}
	})
}

// A rehearsal waits for a client that is slow: all of it comes.
func TestARehearsalWaits(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		stop := r.taped()
		const n = 2 * maxWaiting
		r.apply(roomMeter("S1", "hanako", 40, 1))
		time.Sleep(2 * time.Second)
		for i := range n {
			r.alert(int64(i), exampleMoment(i))
			time.Sleep(10 * time.Millisecond)
		}
		stop()
		c := r.client()
		defer c.close()
		c.pause()
		c.say(`{"t":"sub","topic":"show/S1","from":"1999-01-01T00:00:00Z","speed":1000}`)
		time.Sleep(3 * time.Second) // less than a write may take
		c.unpause()
		time.Sleep(5 * time.Second)
		got := 0
		for _, f := range c.all() {
			if f.T == "event" {
				got++
			}
		}
		if got != n || c.last("notice").Code != "end" {
			t.Errorf("%d events of %d came; %v", got, n, c.last("bye").raw)
		}
	})
}

// A stream's client that goes takes its rehearsal along.
func TestAStreamRehearses(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		stop := r.taped()
		for i := range 20 {
			r.apply(roomMeter("S1", "hanako", 40+int64(i), 1))
			time.Sleep(time.Second)
		}
		stop()
		lines, status := r.lines(t, "/v1/stream?topic=show/S1&from=1999-01-01T00:00:00Z&speed=0.5", nil, 5*time.Second)
		if text := strings.Join(lines, ""); status != http.StatusOK || strings.Count(text, `"t":"snap"`) != 1 || strings.Count(text, `"t":"delta"`) != 2 {
			t.Errorf("in five seconds at half the speed: %d %q", status, lines)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := r.server.hub.subs; n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}

// A tape says everything, so it is for those to whom everything of the show is granted.
func TestWhoMayHaveATape(t *testing.T) {
	dir := t.TempDir()
	g, key := guarded(t, access.Limits{})
	inBubble(t, Config{Guard: g, Tape: Taping{Dir: dir}}, func(t *testing.T, r *rig) {
		stop := r.taped()
		for i := range 20 {
			r.apply(roomMeter("S1", "hanako", 40+int64(i), 1))
			time.Sleep(time.Second)
		}
		stop()
		for _, c := range []struct {
			scopes, fields []string
			want           int
		}{
			{[]string{"show/S1"}, []string{"*"}, http.StatusOK},
			{[]string{"esol/hanako"}, []string{"*"}, http.StatusOK},
			{[]string{"show/S1"}, []string{"room", "money"}, http.StatusForbidden},
			{[]string{"show/S2"}, []string{"*"}, http.StatusForbidden},
		} {
			header := map[string]string{"Authorization": "Bearer " + token(t, key, "p", c.scopes, c.fields)}
			if lines, status := r.lines(t, "/v1/export?topic=show/S1", header, time.Minute); status != c.want {
				t.Errorf("export to %v: %d %.200s", c, status, lines)
			}
			lines, _ := r.lines(t, "/v1/stream?topic=show/S1&from=1999-01-01T00:00:00Z&speed=1000", header, 3*time.Second)
			if snap := strings.Contains(strings.Join(lines, ""), `"t":"snap"`); snap != (c.want == http.StatusOK) {
				t.Errorf("rehearsal to %v: %.300q", c, lines)
			}
		}
	})
}

// A disk that takes no more ends a recording and nothing else.
func TestARecorderWithoutADisk(t *testing.T) {
	dir := t.TempDir()
	blocked := dir + "/file"
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	inBubble(t, Config{Tape: Taping{Dir: blocked}}, func(t *testing.T, r *rig) {
		stop := r.taped()
		defer stop()
		r.apply(roomMeter("S1", "hanako", 40, 1))
		c := r.client()
		defer c.close()
		c.subscribe("show/S1", "")
		time.Sleep(3 * time.Second)
		if n := r.metric("netsu_feed_untaped_shows", ""); n != 1 {
			t.Errorf("%v shows are said not to be recorded", n)
		}
		if err := c.has("show/S1", r.document("show/S1")); err != nil {
			t.Error(err)
		}
	})
}
