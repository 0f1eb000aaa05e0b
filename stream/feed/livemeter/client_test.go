package livemeter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/twmb/franz-go/pkg/kfake"
)

// stage is a feed whose lines the test speaks, and one client of it.
type stage struct {
	t       *testing.T
	net     *kfake.VirtualNetwork
	server  *http.Server
	served  chan struct{}
	refuse  func(w http.ResponseWriter, r *http.Request) bool // nil: nobody
	client  *Client
	log     *bytes.Buffer
	stop    context.CancelFunc
	ended   chan error
	updates []Update

	mu    sync.Mutex
	conns []*theirs
	asked []*http.Request
}

// theirs is a connection as the feed sees it.
type theirs struct {
	ws *websocket.Conn
	at time.Time

	mu   sync.Mutex
	said []map[string]any // by the client
	gone chan struct{}
	code int // what the client closed with
}

func perform(t *testing.T, c Config, subs []Sub, play func(s *stage)) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, net: &kfake.VirtualNetwork{}, served: make(chan struct{}), ended: make(chan error, 1), log: &bytes.Buffer{}}
		l, err := s.net.Listen("tcp", "127.0.0.1:8080")
		if err != nil {
			t.Fatal(err)
		}
		s.server = &http.Server{Handler: s}
		go func() {
			defer close(s.served)
			_ = s.server.Serve(l)
		}()
		if c.URL == "" {
			c.URL = "http://127.0.0.1:8080"
		}
		c.Logger, c.Dialer = slog.New(slog.NewTextHandler(s.log, nil)), &websocket.Dialer{NetDialContext: s.net.DialContext}
		if s.client, err = New(c); err != nil {
			t.Fatal(err)
		}
		for _, sub := range subs {
			if err := s.client.Subscribe(sub); err != nil {
				t.Fatal(err)
			}
		}
		play(s)
		if s.stop != nil {
			s.stop()
			if err := <-s.ended; err != nil {
				t.Errorf("it ended with %v", err)
			}
		}
		_ = s.server.Close()
		<-s.served
		for _, c := range s.conns {
			c.ws.Close()
			<-c.gone
		}
	})
}

// run lets the client run, and collects what it is told.
func (s *stage) run() {
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() {
		s.ended <- s.client.Run(ctx, func(u Update) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.updates = append(s.updates, u)
			return nil
		})
	}()
	synctest.Wait()
}

// result is what Run returned, which it has.
func (s *stage) result() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		s.ended <- nil
		return err
	default:
		s.t.Fatal("it has not ended")
		return nil
	}
}

func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r)
	s.mu.Unlock()
	if s.refuse != nil && s.refuse(w, r) {
		return
	}
	up := websocket.Upgrader{Subprotocols: []string{"livemeter.v1.json"}}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &theirs{ws: ws, at: time.Now(), gone: make(chan struct{})}
	s.mu.Lock()
	s.conns = append(s.conns, c)
	s.mu.Unlock()
	go c.listen()
}

func (c *theirs) listen() {
	defer close(c.gone)
	for {
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			var end *websocket.CloseError
			if errors.As(err, &end) {
				c.code = end.Code
			}
			return
		}
		var f map[string]any
		if err := json.Unmarshal(b, &f); err != nil {
			panic(err)
		}
		c.mu.Lock()
		c.said = append(c.said, f)
		c.mu.Unlock()
	}
}

// conn is the latest connection, which must be the n-th.
func (s *stage) conn(n int) *theirs {
	s.t.Helper()
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) != n {
		s.t.Fatalf("%d connections, want %d", len(s.conns), n)
	}
	return s.conns[n-1]
}

func (s *stage) connected() int {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// says is a frame of the feed.
func (c *theirs) says(format string, args ...any) {
	_ = c.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, format, args...))
	synctest.Wait()
}

func (c *theirs) welcome() { c.says(`{"t":"welcome","heartbeat_ms":1000,"state":"live"}`) }

func (c *theirs) hangsUp(code int) {
	_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "why"), time.Now().Add(time.Second))
	c.ws.Close()
	synctest.Wait()
}

// asks are the frames of the client since the last call.
func (c *theirs) asks() string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	b, err := json.Marshal(c.said)
	if err != nil {
		panic(err)
	}
	c.said = nil
	return string(b)
}

func (s *stage) link() LinkState { return s.client.Link().State }

func TestSilenceIsSaidAndThenEndsTheConnection(t *testing.T) {
	perform(t, Config{}, nil, func(s *stage) {
		s.run()
		c := s.conn(1)
		c.welcome()
		for i := range 5 {
			time.Sleep(time.Second)
			c.says(`{"t":"hb","n":%d,"state":"live","cursor":"e0:A"}`, i)
		}
		time.Sleep(3*time.Second - time.Millisecond)
		if s.link() != Open {
			t.Errorf("after less than 3 heartbeats: %s", s.link())
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s.link() != Silent {
			t.Errorf("after 3 heartbeats: %s", s.link())
		}
		c.says(`{"t":"some_later_frame"}`)
		if s.link() != Open {
			t.Errorf("after a frame: %s", s.link())
		}
		time.Sleep(8*time.Second + time.Millisecond)
		synctest.Wait()
		if s.link() != Waiting {
			t.Errorf("after 8 heartbeats: %s", s.link())
		}
		time.Sleep(firstBackoff)
		s.conn(2)
	})
}

func TestAFeedThatDoesNotWelcomeIsGivenUp(t *testing.T) {
	perform(t, Config{}, nil, func(s *stage) {
		s.run()
		s.conn(1)
		time.Sleep(connectWait + firstBackoff)
		s.conn(2)
	})
}

func TestWaitsGrowAndStartOver(t *testing.T) {
	for n, want := range map[int]time.Duration{1: firstBackoff, 2: 2 * firstBackoff, 3: 4 * firstBackoff, 6: lastBackoff, 1000: lastBackoff} {
		if least, most := backoff(n, 0), backoff(n, 1); most != want || least != want/2 {
			t.Errorf("attempt %d after %v to %v, want half of %v to that", n, least, most, want)
		}
	}
	perform(t, Config{}, nil, func(s *stage) {
		s.run()
		attempt := func(n int, lasting time.Duration) int {
			c := s.conn(n)
			c.welcome()
			for end := time.Now().Add(lasting); time.Now().Before(end); time.Sleep(time.Second) {
				c.says(`{"t":"hb","state":"live"}`)
			}
			c.hangsUp(websocket.CloseGoingAway)
			got := s.client.Link().Attempt
			time.Sleep(backoff(got, 1))
			return got
		}
		got := []int{attempt(1, 0), attempt(2, time.Second), attempt(3, 0), attempt(4, 8*time.Second)}
		if want := []int{1, 2, 3, 1}; !slices.Equal(got, want) {
			t.Errorf("attempts %v, want %v: the last had lasted", got, want)
		}
	})
}

func TestWhatEndsAClient(t *testing.T) {
	for code, final := range map[int]bool{
		1000: false, 1001: false, 1002: true, 1003: true, 1006: false, 1007: true, 1008: true, 1009: true, 1011: false,
		1012: false, 1013: false, 4000: false, 4001: false, 4003: false, 4499: false, 4500: true, 4501: true, 4999: true,
	} {
		if doNotRetry(code) != final {
			t.Errorf("%d: %v", code, !final)
		}
	}
	for name, end := range map[string]func(c *theirs){
		"by its code": func(c *theirs) { c.hangsUp(4500) },
		"by its bye": func(c *theirs) {
			c.says(`{"t":"bye","code":"REFUSED","message":"no","retry":false}`)
			c.ws.Close()
		},
	} {
		perform(t, Config{}, nil, func(s *stage) {
			s.run()
			c := s.conn(1)
			c.welcome()
			end(c)
			synctest.Wait()
			var no *NotTaken
			if err := s.result(); !errors.As(err, &no) {
				t.Errorf("%s: it ended with %v", name, err)
			}
			if s.link() != Ended {
				t.Errorf("%s: %s", name, s.link())
			}
		})
	}
}

func TestAnswersWithoutAWebsocket(t *testing.T) {
	said := func(w http.ResponseWriter, status int, code string) bool {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"error":{"code":%q,"message":"m","hint":"h"}}`, code)
		return true
	}
	for name, c := range map[string]struct {
		refuse func(w http.ResponseWriter, r *http.Request) bool
		final  bool
		within time.Duration
	}{
		"not granted": {func(w http.ResponseWriter, r *http.Request) bool { return said(w, 401, "NO_TOKEN") }, true, 0},
		"not there":   {func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true }, true, 0},
		"a token that has ended": {func(w http.ResponseWriter, r *http.Request) bool {
			return r.Header.Get("Authorization") == "Bearer t1" && said(w, 401, "TOKEN_EXPIRED")
		}, false, firstBackoff},
		"full": {func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "30")
			return r.Header.Get("Authorization") == "Bearer t1" && said(w, 503, "OVERLOADED")
		}, false, 30*time.Second + time.Millisecond},
	} {
		tokens := 0
		give := func(context.Context) (string, error) {
			tokens++
			return fmt.Sprint("t", tokens), nil
		}
		perform(t, Config{Token: give}, nil, func(s *stage) {
			s.refuse = c.refuse
			s.run()
			if c.final {
				var no *NotTaken
				if err := s.result(); !errors.As(err, &no) {
					t.Errorf("%s: it ended with %v", name, err)
				}
				return
			}
			before := max(0, c.within-time.Second)
			time.Sleep(before)
			if before > 0 && s.connected() > 0 { // as long as it asked to be left alone
				t.Errorf("%s: it came back before it should", name)
			}
			time.Sleep(c.within - before)
			s.conn(1).welcome()
			if s.link() != Open || s.asked[1].Header.Get("Authorization") != "Bearer t2" {
				t.Errorf("%s: then %s, with %v", name, s.link(), s.asked[1].Header)
			}
			if strings.Contains(s.log.String(), "t1") {
				t.Errorf("%s: the token is in the log: %s", name, s.log)
			}
		})
	}
}

func TestSubscriptionsComeAndGo(t *testing.T) {
	perform(t, Config{Name: "acme/1"}, []Sub{{Topic: "show/S1", MaxHz: 2}}, func(s *stage) {
		s.run()
		c := s.conn(1)
		if got := c.asks(); got != `[{"client":"acme/1","t":"hello","v":1}]` {
			t.Errorf("before the welcome it said %s", got)
		}
		c.welcome()
		if got := c.asks(); got != `[{"id":1,"max_hz":2,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("after it %s", got)
		}
		// Let go of and taken again before the ack: the feed knows it by one number, and refuses the second.
		s.client.Unsubscribe(Sub{Topic: "show/S1"})
		if err := s.client.Subscribe(Sub{Topic: "show/S1", Fields: []string{}}); err != nil {
			t.Fatal(err)
		}
		if got := c.asks(); got != `[{"fields":[],"id":2,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("then %s", got)
		}
		c.says(`{"t":"ack","id":1,"sub":7,"topic":"show/S1","keys":{}}`)
		c.says(`{"t":"snap","sub":7,"cursor":"e0:A","data":{},"hash":"crc32c:297bd0aa"}`)
		c.says(`{"t":"err","id":2,"code":"ALREADY_SUBSCRIBED"}`)
		if got := c.asks(); got != `[{"sub":7,"t":"unsub"},{"fields":[],"id":3,"t":"sub","topic":"show/S1"}]` {
			t.Errorf("then %s", got)
		}
		c.says(`{"t":"ack","id":3,"sub":8,"topic":"show/S1","keys":{}}`)
		c.says(`{"t":"event","sub":8,"cursor":"e0:B","kind":"ignition","data":{"id":"x"}}`)
		c.says(`{"t":"event","sub":8,"cursor":"e0:B","kind":"ignition","data":{"id":"x"}}`)
		c.says(`{"t":"err","sub":8,"code":"REVOKED","message":"m"}`)
		var told []string
		for _, u := range s.updates {
			if u.Kind != Changed {
				told = append(told, fmt.Sprint(u.Kind, u.Sub.Topic, u.Name, u.Reason))
			}
		}
		if want := []string{"2show/S1ignition", "5show/S1REVOKED"}; !slices.Equal(told, want) {
			t.Errorf("the user was told %v, want %v", told, want)
		}
		if err := s.client.Subscribe(Sub{Topic: "shows"}); err != nil {
			t.Fatal(err)
		}
		s.client.Unsubscribe(Sub{Topic: "shows"})
		if err := s.client.Subscribe(Sub{Topic: "shows"}); err != nil {
			t.Fatal(err)
		}
		if err := s.client.Subscribe(Sub{Topic: "shows"}); err == nil {
			t.Error("subscribed twice")
		}
		s.stop()
		<-c.gone
		if c.code != websocket.CloseNormalClosure {
			t.Errorf("it left with %d", c.code)
		}
	})
}

func TestTheUsersErrorEndsIt(t *testing.T) {
	perform(t, Config{}, nil, func(s *stage) {
		enough := errors.New("enough")
		if err := s.client.Run(s.t.Context(), func(Update) error { return enough }); err != enough {
			t.Errorf("it ended with %v", err)
		}
	})
}

// Many subscriptions are asked for at the pace that the feed allows.
func TestManySubscriptionsAreAskedForInTime(t *testing.T) {
	perform(t, Config{}, nil, func(s *stage) {
		for i := range 250 {
			if err := s.client.Subscribe(Sub{Topic: fmt.Sprint("show/S", i)}); err != nil {
				t.Fatal(err)
			}
		}
		s.run()
		c := s.conn(1)
		c.welcome()
		count := func() int { return strings.Count(c.asks(), `"t":"sub"`) }
		if n := count(); n != asksAtOnce {
			t.Errorf("%d at once", n)
		}
		for range 13 {
			time.Sleep(time.Second)
			c.says(`{"t":"hb","state":"live"}`)
		}
		if n := count(); n != 50 {
			t.Errorf("in 13 s after that %d of 50", n)
		}
	})
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"http://127.0.0.1:8080":                    "ws://127.0.0.1:8080/v1/feed",
		"https://netsu.example/":                   "wss://netsu.example/v1/feed",
		"https://example.com/netsu":                "wss://example.com/netsu/v1/feed",
		"wss://netsu.example/v1/feed?scope=x&sig=": "wss://netsu.example/v1/feed?scope=x&sig=",
		"netsu.example":                            "", "ftp://netsu.example": "", "": "", "https://": "", "://": "",
	} {
		got, err := feedAddress(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q became %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestRecentIsBounded(t *testing.T) {
	var r recent
	for i := range 5 * maxRecent {
		if !r.add(fmt.Sprint(i)) || r.add(fmt.Sprint(i)) || i > 0 && r.add(fmt.Sprint(max(0, i-maxRecent+1))) {
			t.Fatalf("at %d", i)
		}
	}
	if len(r.ids) != maxRecent || len(r.ring) != maxRecent || !r.add("0") {
		t.Errorf("%d ids are held", len(r.ids))
	}
}
