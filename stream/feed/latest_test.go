package feed

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// op is one thing that happens in the property below.
type op struct {
	kind   string
	show   int
	n      int64
	client int
	hz     string
}

var opKinds = []string{
	"room", "room", "room", "money", "trend", "take back room", "take back money", "take back trend", "again",
	"esol", "pause", "unpause", "sub", "unsub", "wait", "wait", "alert", "diagnosis", "insight", "take back insight",
}

func drawOps(t *rapid.T) []op {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) op {
		return op{
			kind:   rapid.SampledFrom(opKinds).Draw(t, "kind"),
			show:   rapid.IntRange(0, 2).Draw(t, "show"),
			n:      rapid.Int64Range(1, 500).Draw(t, "n"),
			client: rapid.IntRange(0, 1).Draw(t, "client"),
			hz:     rapid.SampledFrom([]string{"", `,"max_hz":10`, `,"max_hz":1.5`}).Draw(t, "hz"),
		}
	}), 1, 60).Draw(t, "ops")
}

var latestTopics = []string{"show/S0", "show/S1", "show/S2", "esol/E0", "esol/E1", "shows", "campaign/C"}

// TestLatestWins: whatever meters come, in whatever rhythm, with re-emissions and tombstones, and however a client
// stalls, is held by max_hz, subscribes and unsubscribes: each delta starts from what the client holds, and once things
// are quiet it holds the view.
func TestLatestWins(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ops := drawOps(rt)
		var err error
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, Config{})
			defer r.close()
			err = runOps(r, ops)
		})
		if err != nil {
			rt.Fatal(err)
		}
	})
}

func runOps(r *rig, ops []op) error {
	clients := []*client{r.client(), r.client()}
	paused := make([]time.Time, len(clients)) // since when; zero: it reads
	var seen []change
	unpause := func(i int) {
		if !paused[i].IsZero() {
			clients[i].unpause()
			paused[i] = time.Time{}
			synctest.Wait()
		}
	}
	defer func() {
		for i, c := range clients {
			unpause(i)
			c.close()
		}
	}()
	apply := func(m *eventpb.Meter) {
		c := r.change(m)
		seen = append(seen, c)
		r.server.hub.apply([]change{c}, r.reached())
	}
	for _, o := range ops {
		show, topic := fmt.Sprint("S", o.show), latestTopics[int(o.n)%len(latestTopics)]
		switch o.kind {
		case "room":
			apply(roomMeter(show, fmt.Sprint("E", o.show%2), o.n, float64(o.n)/100))
		case "esol":
			apply(roomMeter(show, fmt.Sprint("E", o.n%2), o.n, 1))
		case "money":
			apply(moneyMeter([]string{"show/" + show, "esol/E0", "campaign/C"}[o.n%3], o.n))
		case "trend":
			chunk := exampleTrend()
			for _, p := range chunk.Points {
				p.Pane += 600 * (o.n % 4)
				p.Comments = o.n
			}
			chunk.FromPane += 600 * (o.n % 4)
			apply(&eventpb.Meter{
				Version: event.Version, Scope: "show/" + show, Part: fmt.Sprint(partTrend, chunk.FromPane), Trend: chunk,
			})
		case "insight":
			i := exampleInsight()
			i.Sync.Rate.Value = float64(o.n)
			apply(insightMeter(show, i))
		case "take back room", "take back money", "take back insight":
			r.takeBack("show/"+show, o.kind[len("take back "):])
		case "take back trend":
			r.takeBack("show/"+show, fmt.Sprint(partTrend, exampleTrend().FromPane+600*(o.n%4)))
		case "again":
			before := r.document(topic)
			r.server.hub.apply(seen[max(0, len(seen)-int(o.n)%10):], nil)
			if after := r.document(topic); after != before {
				return errors.New("a re-emission changed a document")
			}
		case "alert":
			a := AlertView{ID: fmt.Sprint(o.n), ShowID: show, EsolID: "E0", Kind: "ignition"}
			r.alert(o.n, a)
		case "diagnosis":
			a := alertDocument(&eventpb.Alert{
				Id: fmt.Sprint("d", o.n), ShowId: show, EsolId: "E0", Kind: "no_order", TimeMs: noon * 1000,
			})
			r.alert(o.n, a)
		case "pause":
			if paused[o.client].IsZero() {
				clients[o.client].pause()
				paused[o.client] = time.Now()
			}
		case "unpause":
			unpause(o.client)
		case "sub":
			clients[o.client].say(fmt.Sprintf(`{"t":"sub","id":1,"topic":%q%s}`, topic, o.hz))
		case "unsub":
			unpause(o.client)
			synctest.Wait()
			c := clients[o.client]
			if n := c.sub(topic); n != 0 {
				c.say(fmt.Sprintf(`{"t":"unsub","sub":%d}`, n))
				synctest.Wait()
				c.mu.Lock()
				delete(c.topics, n)
				delete(c.state, topic)
				delete(c.cursor, topic)
				c.mu.Unlock()
			}
		case "wait":
			time.Sleep(time.Duration(o.n) * time.Millisecond)
			for i := range clients {
				if !paused[i].IsZero() && time.Since(paused[i]) > 3*time.Second { // longer, and it would be given up
					unpause(i)
				}
			}
		}
	}
	for i := range clients {
		unpause(i)
	}
	time.Sleep(2 * time.Second) // longer than any max_hz holds
	synctest.Wait()
	return agree(r, clients)
}

func agree(r *rig, clients []*client) error {
	for i, c := range clients {
		select {
		case <-c.ended:
			return fmt.Errorf("client %d was closed: %w", i, c.err)
		default:
		}
		c.mu.Lock()
		names := slices.Collect(maps.Values(c.topics))
		c.mu.Unlock()
		for _, name := range names {
			if err := c.has(name, r.document(name)); err != nil {
				return fmt.Errorf("client %d: %w\n%v", i, err, c.kinds())
			}
		}
	}
	return nil
}

// TestMetersForgetEndedShowsFirst: the bound holds whatever comes, ended shows go before others, and the indexes agree.
func TestMetersForgetEndedShowsFirst(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.IntRange(2, 40).Draw(rt, "limit")
		m := newMeters(limit)
		live := map[string]bool{}
		for i, id := range rapid.SliceOfN(rapid.IntRange(0, 100), 1, 200).Draw(rt, "shows") {
			meter := roomMeter(fmt.Sprint(id), fmt.Sprint("E", id%3), 5, 1)
			ended := id%2 == 0
			if ended {
				meter.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
			}
			hadEnded := slices.ContainsFunc(values(m.scopes), func(s *scope) bool { return !s.room.OnAir() })
			before := len(m.scopes)
			meter.AppendMs = int64(i + 1)
			key := meterKey{scope: meter.Scope, part: partRoom}
			at := place{origin{"show", 0}, parsed(int64(i))}
			m.apply(change{key: meter.Scope + "/room", place: at, meter: meter, meterKey: key}, func(string) {})
			live[meter.Scope] = !ended
			if len(m.scopes) > limit {
				rt.Fatalf("%d scopes of at most %d", len(m.scopes), limit)
			}
			lost := 0
			for name, air := range live {
				if m.scopes[name] == nil {
					if air {
						lost++
					}
					delete(live, name)
				}
			}
			if before == limit && lost > 0 && hadEnded {
				rt.Fatal("a show on the air was forgotten while an ended one was kept")
			}
			indexed := 0
			for e, shows := range m.esols {
				indexed += len(shows)
				for name, s := range shows {
					if m.scopes[name] != s || s.room.EsolId != e {
						rt.Fatalf("%s is listed under %s", name, e)
					}
				}
			}
			if indexed != len(m.scopes) {
				rt.Fatalf("%d shows, %d of them listed", len(m.scopes), indexed)
			}
		}
	})
}

func values(m map[string]*scope) []*scope {
	var out []*scope
	for _, s := range m {
		out = append(out, s)
	}
	return out
}
