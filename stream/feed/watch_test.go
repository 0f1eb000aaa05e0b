package feed

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// answers are the watch frames that a client has had, in short.
func (c *client) answers(t *testing.T) (out []string) {
	for _, f := range c.all() {
		if f.T != "watch" {
			continue
		}
		var w struct {
			Watch   uint64          `json:"watch"`
			Holds   json.RawMessage `json:"holds"`
			Was     json.RawMessage `json:"was"`
			Changes int             `json:"changes"`
			Values  json.RawMessage `json:"values"`
		}
		if err := json.Unmarshal([]byte(f.raw), &w); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %s←%s %d %s", w.Watch, w.Holds, w.Was, w.Changes, w.Values))
	}
	return out
}

func TestAWatchTellsEachChange(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		c := r.client()
		defer c.close()
		c.say(`{"t":"watch","id":4,"topic":"esol/e","when":"money.gmv.JPY.net.minor >= 1000"}`)
		synctest.Wait()
		for _, net := range []int64{500, 1000, 1500, 400} {
			time.Sleep(2 * time.Second)
			r.apply(moneyMeter("esol/e", net))
		}
		time.Sleep(2 * time.Second)
		want := []string{
			`1 null←null 0 {"money.gmv.JPY.net.minor":null}`,
			`1 false←null 1 {"money.gmv.JPY.net.minor":"500"}`,
			`1 true←false 1 {"money.gmv.JPY.net.minor":"1000"}`,
			`1 false←true 1 {"money.gmv.JPY.net.minor":"400"}`,
		}
		if got := c.answers(t); !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		c.say(`{"t":"unwatch","id":5,"watch":1}`)
		synctest.Wait()
		r.apply(moneyMeter("esol/e", 5000))
		time.Sleep(2 * time.Second)
		if got := c.answers(t); len(got) != len(want) {
			t.Errorf("after unwatch it was told %s", got[len(want):])
		}
		if n := len(r.server.hub.topics) + r.server.hub.subs; n != 0 {
			t.Errorf("%d topics and subscriptions are left", n)
		}
		c.say(`{"t":"unwatch","id":6,"watch":1}`)
		synctest.Wait()
		if e := c.last("err"); e.Code != "NOT_WATCHED" {
			t.Errorf("unwatching twice: %s", e.raw)
		}
	})
}

// What goes back and forth faster than it may be told is counted, and the last answer comes without another change.
func TestAWatchThatFlaps(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(moneyMeter("esol/e", 0))
		c := r.client()
		defer c.close()
		c.subscribe("esol/e", `,"max_hz":0.01`) // whatever is sent of the document
		c.say(`{"t":"watch","topic":"esol/e","when":"money.gmv.JPY.net.minor > 0"}`)
		for i := range int64(7) { // 1 0 1 0 1 0 1
			time.Sleep(100 * time.Millisecond)
			r.apply(moneyMeter("esol/e", (i+1)%2))
		}
		time.Sleep(3 * time.Second)
		want := []string{
			`1 false←null 0 {"money.gmv.JPY.net.minor":"0"}`,
			`1 true←false 7 {"money.gmv.JPY.net.minor":"1"}`,
		}
		if got := c.answers(t); !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestWatchesAreBounded(t *testing.T) {
	inBubble(t, Config{MaxSubsTotal: maxWatches + 2}, func(t *testing.T, r *rig) {
		ask := `{"t":"watch","topic":"shows","when":"on_air > 0"}`
		a, b := r.client(), r.client()
		defer b.close()
		for range maxWatches {
			a.say(ask)
		}
		synctest.Wait()
		if e := a.last("err"); e.T != "" {
			t.Fatalf("refused within the bound: %s", e.raw)
		}
		a.say(ask)
		synctest.Wait()
		if e := a.last("err"); e.Code != "TOO_MANY_WATCHES" {
			t.Errorf("one more than a connection may: %s", e.raw)
		}
		for range 3 {
			b.say(ask)
		}
		synctest.Wait()
		if e := b.last("err"); e.Code != "OVERLOADED" {
			t.Errorf("more than the server allows: %s", e.raw)
		}
		a.close()
		synctest.Wait()
		if n := r.server.hub.subs; n != 2 {
			t.Errorf("%d watches are counted after one of two clients left, want 2", n)
		}
	})
}
