package livemeter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/feed/delta"
)

// snap is a frame with a document of one number.
func snap(sub int, cursor string, n int) string {
	return fmt.Sprintf(`{"t":"snap","sub":%d,"cursor":%q,"data":{"a":%d,"n":%d},"hash":%q}`, sub, cursor, n, n, hashed(n))
}

func hashed(n int) string { return delta.Hash(fmt.Appendf(nil, `{"a":%d,"n":%d}`, n, n)) }

// resumed is what the client says of a subscription when it comes back.
func resumed(id int, cursor, hash string) string {
	if hash != "" {
		hash = fmt.Sprintf(`,"hash":%q`, hash)
	}
	return fmt.Sprintf(`[{"id":%d,"resume":{"cursor":%q%s},"t":"sub","topic":"show/S1"}]`, id, cursor, hash)
}

func (s *stage) last(kind Kind) Update {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range slices.Backward(s.updates) {
		if u.Kind == kind {
			return u
		}
	}
	return Update{}
}

// back is the next connection, up to where the client has said hello and been welcomed.
func (s *stage) back(n int, state string) *theirs {
	s.t.Helper()
	time.Sleep(backoff(n, 1))
	c := s.conn(n)
	c.asks()
	c.says(`{"t":"welcome","heartbeat_ms":1000,"state":%q}`, state)
	return c
}

func TestResuming(t *testing.T) {
	perform(t, Config{}, []Sub{{Topic: "show/S1"}}, func(s *stage) {
		s.run()
		c := s.back(1, "catching_up")
		if got := c.asks(); got != `[{"id":1,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("at first it said %s", got)
		}
		c.says(`{"t":"ack","id":1,"sub":7,"topic":"show/S1","keys":{}}`)
		c.says("%s", snap(7, "e0:A", 1))
		c.says(`{"t":"hb","state":"catching_up","cursor":"e0:B"}`)
		c.hangsUp(1001)

		// A place in logs that are still being read is nobody's.
		c = s.back(2, "live")
		if got := c.asks(); got != `[{"id":2,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("after a feed that was never live it said %s", got)
		}
		c.says(`{"t":"ack","id":2,"sub":7,"topic":"show/S1","keys":{}}`)
		c.says("%s", snap(7, "e0:C", 2))
		c.hangsUp(1001)

		// What was missed is known to a feed that is live, and not before.
		c = s.back(3, "catching_up")
		c.says(`{"t":"hb","state":"catching_up","cursor":"e0:B"}`)
		if got := c.asks(); got != `null` {
			t.Errorf("to a feed that is catching up it said %s", got)
		}
		c.says(`{"t":"hb","state":"live","cursor":"e0:D"}`)
		if got := c.asks(); got != resumed(3, "e0:C", hashed(2)) {
			t.Errorf("once it was live it said %s", got)
		}
		// Another process has come to the same state elsewhere.
		c.says(`{"t":"ack","id":3,"sub":9,"topic":"show/S1","keys":{},"resumed":"delta"}`)
		c.says(`{"t":"delta","sub":9,"from":"e0:Z","to":"e0:E","set":{"a":3,"n":3},"hash":%q}`, hashed(3))
		if u := s.last(Document); string(u.Data) != `{"a":3,"n":3}` || u.Cursor != "e0:E" {
			t.Errorf("after the delta the user has %s at %s", u.Data, u.Cursor)
		}
		c.hangsUp(1001)

		// A state that broke half way is not resumed from.
		c = s.back(4, "live")
		if got := c.asks(); got != resumed(4, "e0:E", hashed(3)) {
			t.Errorf("back again it said %s", got)
		}
		c.says(`{"t":"ack","id":4,"sub":7,"topic":"show/S1","keys":{},"resumed":"in_step"}`)
		c.says(`{"t":"delta","sub":7,"from":"e0:E","to":"e0:F","set":{"a":4},"add":{"n":"x"},"hash":%q}`, hashed(4))
		if got := c.asks(); got != `[{"sub":7,"t":"unsub"},`+resumed(5, "e0:F", "")[1:] {
			t.Errorf("out of step it said %s", got)
		}
		if u := s.last(Document); string(u.Data) != `{"a":3,"n":3}` {
			t.Errorf("the user was given %s", u.Data)
		}
		c.says(`{"t":"ack","id":5,"sub":7,"topic":"show/S1","keys":{},"resumed":"foreign"}`)
		if u := s.last(Gap); u.Reason != "foreign" || u.Sub.Topic != "show/S1" {
			t.Errorf("the user was told %+v", u)
		}
	})
}

// The feed goes live between two heartbeats, and sends an event at once.
func TestAnEventSaysThatTheFeedIsLive(t *testing.T) {
	perform(t, Config{}, []Sub{{Topic: "show/S1"}}, func(s *stage) {
		s.run()
		c := s.back(1, "catching_up")
		c.says(`{"t":"ack","id":1,"sub":7,"topic":"show/S1","keys":{}}`)
		c.says(`{"t":"restate","sub":7,"cursor":"e0:B","reason":"refund","data":{"id":"r1"}}`)
		if u := s.last(Restate); u.Reason != "refund" || string(u.Data) != `{"id":"r1"}` {
			t.Errorf("the user was told %+v", u)
		}
		c.hangsUp(1006)
		if got := s.back(2, "live").asks(); got != resumed(2, "e0:B", "") {
			t.Errorf("back again it said %s", got)
		}
	})
}

// A document that the two never agree on is asked for less and less often, and so is one for which the feed has no room.
func TestWhatDoesNotAgreeIsAskedForLessOften(t *testing.T) {
	for name, answer := range map[string]string{
		"out of step": strings.Replace(snap(7, "e0:A", 1), `"n":1`, `"n":2`, 1),
		"overloaded":  "",
	} {
		perform(t, Config{}, []Sub{{Topic: "show/S1"}}, func(s *stage) {
			s.run()
			c := s.back(1, "live")
			var asked []int
			began := time.Now()
			for range 150 {
				for range strings.Count(c.asks(), `"t":"sub"`) {
					asked = append(asked, int(time.Since(began).Seconds()))
					id := len(asked)
					if answer == "" {
						c.says(`{"t":"err","id":%d,"code":"OVERLOADED"}`, id)
						continue
					}
					c.says(`{"t":"ack","id":%d,"sub":7,"topic":"show/S1","keys":{}}`, id)
					c.says("%s", answer)
				}
				time.Sleep(time.Second)
				c.says(`{"t":"hb","state":"live","cursor":"e0:A"}`)
			}
			if want := []int{0, 1, 2, 4, 8, 16, 32, 62, 92}; len(asked) < 8 || len(asked) > 12 || asked[len(asked)-1]-asked[len(asked)-2] < 29 {
				t.Errorf("%s: asked at %v s, want about %v", name, asked, want)
			}
			if s.link() != Open {
				t.Errorf("%s: %s", name, s.link())
			}
		})
	}
}

func TestAFeedThatRefusesMuchIsLeft(t *testing.T) {
	perform(t, Config{}, nil, func(s *stage) {
		for i := range maxRefusals + 1 {
			if err := s.client.Subscribe(Sub{Topic: fmt.Sprint("show/S", i)}); err != nil {
				t.Fatal(err)
			}
		}
		s.run()
		c := s.back(1, "live")
		for i := range maxRefusals + 1 {
			if s.link() != Open {
				t.Errorf("left after %d", i)
			}
			c.says(`{"t":"err","id":%d,"code":"FORBIDDEN","message":"m"}`, i+1)
		}
		if s.link() != Waiting {
			t.Errorf("%s", s.link())
		}
		if got := s.back(2, "live").asks(); strings.Count(got, `"t":"sub"`) != 1 {
			t.Errorf("what was refused is asked for again: %s", got)
		}
	})
}

func TestWhatWasDroppedIsNotTold(t *testing.T) {
	l, kept, dropped := newLine(), &subscription{}, &subscription{}
	put := func(s *subscription, n string) {
		l.latest(s, Update{Cursor: "d" + n})
		l.every(t.Context(), s, Update{Cursor: "e" + n})
	}
	put(kept, "1")
	put(dropped, "1")
	l.drop(dropped)
	put(dropped, "2")
	put(kept, "2")
	var got []string
	l.end()
	for u, ok := l.take(context.Background()); ok; u, ok = l.take(context.Background()) {
		got = append(got, u.Cursor)
	}
	if want := []string{"d2", "e1", "e2"}; !slices.Equal(got, want) || l.events != 0 || len(l.docs) != 0 {
		t.Errorf("told %v, want %v; %d events wait", got, want, l.events)
	}
}
