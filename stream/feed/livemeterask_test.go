package feed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/livemeter"
)

// hears collects what a listener is told of some kinds, as text.
func (l *listener) hears(text func(livemeter.Update) string) func() []string {
	var said []string
	l.mu.Lock()
	defer l.mu.Unlock()
	l.during = func(u livemeter.Update) {
		if s := text(u); s != "" {
			l.mu.Lock()
			said = append(said, s)
			l.mu.Unlock()
		}
	}
	return func() []string {
		l.mu.Lock()
		defer l.mu.Unlock()
		out := said
		said = nil
		return out
	}
}

func truth(b *bool) string {
	if b == nil {
		return "unknown"
	}
	return fmt.Sprint(*b)
}

// A watch outlives its connections: what changed while there was none is told after it, and what did not is not told again.
func TestAWatchOutlivesItsConnection(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		l := listen(t, r.net, livemeter.Config{})
		said := l.hears(func(u livemeter.Update) string {
			switch u.Kind {
			case livemeter.Watched:
				return fmt.Sprintf("%s: %s, was %s, %d", u.Watch.Topic, truth(u.Answer.Holds), truth(u.Answer.Was), u.Answer.Changes)
			case livemeter.Refused:
				return u.Watch.When + ": " + u.Reason
			}
			return ""
		})
		w := livemeter.Watch{Topic: "esol/e", When: "money.gmv.JPY.net.minor >= 1000"}
		if err := l.client.Watch(w); err != nil {
			t.Fatal(err)
		}
		if l.client.Watch(w) == nil {
			t.Error("the same watch was taken twice")
		}
		if err := l.client.Watch(livemeter.Watch{Topic: "esol/e", When: "money >"}); err != nil {
			t.Fatal(err)
		}
		expect := func(what string, want ...string) {
			t.Helper()
			synctest.Wait()
			if got := said(); strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s: it was told\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
		time.Sleep(2 * time.Second)
		expect("at first", "esol/e: unknown, was unknown, 0", "money >: BAD_CONDITION")
		r.apply(moneyMeter("esol/e", 1500))
		time.Sleep(2 * time.Second)
		expect("once it holds", "esol/e: true, was unknown, 1")
		l.net.cut(0)
		settle()
		expect("after a cut in which nothing changed")
		l.net.cut(0)
		r.apply(moneyMeter("esol/e", 10))
		settle()
		expect("after a cut in which it changed", "esol/e: false, was true, 1")
		r.apply(moneyMeter("esol/e", 2000))
		time.Sleep(2 * time.Second)
		expect("on the new connection", "esol/e: true, was false, 1")
		l.client.Unwatch(w)
		synctest.Wait()
		r.apply(moneyMeter("esol/e", 3))
		time.Sleep(2 * time.Second)
		expect("after it was let go of")
		r.server.hub.mu.Lock()
		if n := r.server.hub.subs; n != 0 {
			t.Errorf("the feed still counts %d watches", n)
		}
		r.server.hub.mu.Unlock()
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
}

// While the feed is reading its logs, what a condition comes to is of the past: a client that comes back is not told of it.
func TestAWatchWaitsForALiveFeed(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		live := func(is bool) {
			r.server.hub.mu.Lock()
			r.server.hub.live = is
			r.server.hub.mu.Unlock()
		}
		live(false)
		r.apply(moneyMeter("esol/e", 10))
		l := listen(t, r.net, livemeter.Config{})
		said := l.hears(func(u livemeter.Update) string {
			if u.Kind == livemeter.Watched {
				return truth(u.Answer.Holds)
			}
			return ""
		})
		if err := l.client.Watch(livemeter.Watch{Topic: "esol/e", When: "money.gmv.JPY.net.minor >= 1000"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		r.apply(moneyMeter("esol/e", 1500))
		live(true)
		time.Sleep(3 * time.Second)
		if got := said(); len(got) != 1 || got[0] != "true" {
			t.Errorf("it was told %v", got)
		}
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
}

// A question is answered, or refused, or ends with its context; one whose connection is lost is asked again.
func TestAClientAsksWhatIsBehindANumber(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 1234))
		l := listen(t, r.net, livemeter.Config{}, livemeter.Sub{Topic: "show/S1"})
		why, err := l.client.Explain(t.Context(), "show/S1", "money.gmv.JPY.net")
		if err != nil || string(why.Value) != `{"currency":"JPY","exponent":0,"minor":"1234"}` || why.Topic != "show/S1" ||
			len(why.Records) != 1 || why.Records[0].Key != "show/S1/money" || !strings.Contains(string(why.Metric), `"gmv_net"`) {
			t.Errorf("%v: %+v", err, why)
		}
		var no *livemeter.NotTaken
		if _, err := l.client.Explain(t.Context(), "show/S1", "nothing.here"); !errors.As(err, &no) || no.Code != "UNKNOWN_FIELD" {
			t.Errorf("a path that is none: %v", err)
		}
		l.net.cut(0)
		synctest.Wait()
		if _, err := l.client.Explain(t.Context(), "show/S1", "money.gmv.JPY.net"); err != nil {
			t.Errorf("asked while there was no connection: %v", err)
		}
		r.server.hub.mu.Lock()
		r.server.hub.live = false
		r.server.hub.mu.Unlock()
		l.net.cut(0)
		began := time.Now()
		if _, err := l.client.Explain(t.Context(), "show/S1", "title"); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 30*time.Second {
			t.Errorf("of a feed that does not become live, after %s: %v", time.Since(began), err)
		}
		asked := make(chan error, 1)
		go func() {
			_, err := l.client.Explain(t.Context(), "show/S1", "title")
			asked <- err
		}()
		synctest.Wait()
		if err := l.close(); err != nil {
			t.Error(err)
		}
		if err := <-asked; !errors.Is(err, livemeter.ErrEnded) {
			t.Errorf("of a client that ended: %v", err)
		}
	})
}

// A rehearsal comes to its end, also over a connection that is cut, with the documents and events of then, each event once.
func TestAClientRehearses(t *testing.T) {
	inTapedBubble(t, func(t *testing.T, r *rig) {
		stop := r.taped()
		defer stop()
		r.apply(roomMeter("S1", "hanako", 40, 1))
		began := time.Now()
		for i := range 60 {
			time.Sleep(500 * time.Millisecond)
			r.apply(roomMeter("S1", "hanako", 41+int64(i), 1))
			if i%10 == 0 {
				r.alert(int64(i/10), exampleMoment(i))
			}
		}
		time.Sleep(2 * time.Second)
		ended := roomMeter("S1", "hanako", 0, 0)
		ended.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
		r.apply(ended)
		time.Sleep(tapeLinger + 5*time.Second) // until its tape is whole
		l := listen(t, r.net, livemeter.Config{})
		sub := livemeter.Sub{Topic: "show/S1", From: began.Add(8 * time.Second), Speed: 5}
		var heads []string
		said := l.hears(func(u livemeter.Update) string {
			switch u.Kind {
			case livemeter.Document:
				_, after, _ := strings.Cut(string(u.Data), `"active_heads":`)
				heads = append(heads, after[:strings.IndexByte(after, ',')])
			case livemeter.Over:
				return "over"
			case livemeter.Gap, livemeter.Refused:
				return u.Reason
			}
			return ""
		})
		if err := l.client.Subscribe(sub); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		l.net.cut(0)
		settle()
		if got := said(); len(got) != 1 || got[0] != "over" {
			t.Errorf("it was told %v", got)
		}
		l.mu.Lock()
		if n := len(heads); n < 20 || heads[n-1] != "0" || !slices.Contains(heads, "100") {
			t.Errorf("the rooms of then: %v", heads)
		}
		if got := l.events[subName(sub)]; strings.Join(got, " ") != "a20 a30 a40 a50" {
			t.Errorf("the events of then: %v", got)
		}
		l.mu.Unlock()
		if err := l.client.Subscribe(livemeter.Sub{Topic: "show/S2", From: began}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if got := said(); len(got) != 1 || got[0] != "NO_TAPE" {
			t.Errorf("of a show without a tape it was told %v", got)
		}
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
}

// Series are asked for where the feed is, with a token and what the query says.
func TestAClientAsksForSeries(t *testing.T) {
	var asked string
	series := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		if r.URL.Query().Get("scope") == "show/S2" {
			fail(w, http.StatusNotFound, "NOT_FOUND", "no history is kept of it", "")
			return
		}
		reply(w, http.StatusOK, Series{Scope: "show/S1", Step: "1m", From: instant(0), To: instant(120_000), Next: ptr(instant(120_000)),
			Columns: []SeriesColumn{{Name: "time", Unit: "ms"}, {Name: "gauge", Unit: "gauge", Part: ptr("room")}}, Rows: [][]json.RawMessage{}, Gaps: []SeriesGap{}})
	})
	inBubble(t, Config{Series: series}, func(t *testing.T, r *rig) {
		client, err := livemeter.New(livemeter.Config{
			URL: "ws://" + rigAddr + "/v1/feed?sig=x", HTTP: &http.Client{Transport: &http.Transport{DialContext: r.net.DialContext, DisableKeepAlives: true}},
		})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 5, 1, 20, 0, 0, 0, time.FixedZone("", 9*3600))
		s, err := client.Series(t.Context(), livemeter.SeriesQuery{Scope: "show/S1", Names: []string{"gauge", "gmv_net.JPY"}, Step: "1m", From: at, Limit: 5})
		if err != nil || !s.Next.Equal(time.UnixMilli(120_000)) || len(s.Columns) != 2 || *s.Columns[1].Part != "room" || s.Floor != nil {
			t.Errorf("%v: %+v", err, s)
		}
		if want := "/v1/series?from=2026-05-01T11%3A00%3A00Z&limit=5&name=gauge&name=gmv_net.JPY&scope=show%2FS1&step=1m"; asked != want {
			t.Errorf("it asked %s, want %s", asked, want)
		}
		var no *livemeter.NotTaken
		if _, err := client.Series(t.Context(), livemeter.SeriesQuery{Scope: "show/S2", Names: []string{"gauge"}}); !errors.As(err, &no) || no.Code != "NOT_FOUND" {
			t.Errorf("of a show that is not known: %v", err)
		}
	})
}

// A client of events alone whose connections are all shorter than a heartbeat comes no further behind with each.
func TestEventsAloneSurviveManyShortConnections(t *testing.T) {
	inBubble(t, Config{}, func(t *testing.T, r *rig) {
		sub := livemeter.Sub{Topic: "show/S1", Fields: []string{}}
		l := listen(t, r.net, livemeter.Config{}, sub)
		time.Sleep(1500 * time.Millisecond)
		var said []string
		for range 6 {
			l.net.cut(0)
			synctest.Wait()
			for range 50 {
				r.alert(int64(len(said)), exampleMoment(len(said)))
				said = append(said, fmt.Sprint("a", len(said)))
			}
			l.client.Retry()
			time.Sleep(50 * time.Millisecond)
		}
		l.mu.Lock()
		if got := l.events[subName(sub)]; !slices.Equal(got, said) || len(l.gaps) > 0 {
			t.Errorf("of %d events it was told %d, and gaps %v", len(said), len(got), l.gaps)
		}
		l.mu.Unlock()
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
}
