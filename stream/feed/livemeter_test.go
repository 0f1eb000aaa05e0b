package feed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/delta"
	"github.com/netsu/netsu/stream/feed/livemeter"
)

// cuttable is a network whose connections can be cut, also in the middle of a frame.
type cuttable struct {
	net *kfake.VirtualNetwork

	mu    sync.Mutex
	conns []*cutConn
}

type cutConn struct {
	net.Conn
	mu   sync.Mutex
	left int // bytes that it will still bring; negative: all
}

func (n *cuttable) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := n.net.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	cut := &cutConn{Conn: c, left: -1}
	n.conns = append(n.conns, cut)
	return cut, nil
}

// cut ends the latest connection after so many more bytes.
func (n *cuttable) cut(after int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.conns) == 0 {
		return
	}
	c := n.conns[len(n.conns)-1]
	c.mu.Lock()
	c.left = after
	c.mu.Unlock()
	if after == 0 {
		c.Close()
	}
}

func (c *cutConn) Read(b []byte) (int, error) {
	read, err := c.Conn.Read(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left < 0 {
		return read, err
	}
	if c.left -= read; c.left <= 0 {
		read += c.left
		c.left = 0
		c.Close()
		return max(0, read), errors.Join(err, net.ErrClosed)
	}
	return read, err
}

// listener is a user of the package: what it was told.
type listener struct {
	net    *cuttable
	client *livemeter.Client
	stop   context.CancelFunc
	ended  chan error

	mu     sync.Mutex
	docs   map[string]json.RawMessage // by topic and fields
	events map[string][]string        // ids, likewise
	gaps   []string
	broken []string
	during func(livemeter.Update) // nil: nothing
}

func subName(s livemeter.Sub) string { return fmt.Sprintf("%s%#v", s.Topic, s.Fields) }

// nameOfS1 is that of all of show/S1.
var nameOfS1 = subName(livemeter.Sub{Topic: "show/S1"})

// listen runs a client of the rig's server, or of one at an address of its network.
func listen(t *testing.T, network *kfake.VirtualNetwork, c livemeter.Config, subs ...livemeter.Sub) *listener {
	t.Helper()
	l := &listener{
		net: &cuttable{net: network}, ended: make(chan error, 1), docs: map[string]json.RawMessage{}, events: map[string][]string{},
	}
	if c.URL == "" {
		c.URL = "http://" + rigAddr
	}
	c.Logger, c.Dialer = slog.New(slog.DiscardHandler), &websocket.Dialer{NetDialContext: l.net.dial}
	var err error
	if l.client, err = livemeter.New(c); err != nil {
		t.Fatal(err)
	}
	for _, s := range subs {
		if err := l.client.Subscribe(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go func() { l.ended <- l.client.Run(ctx, l.take) }()
	return l
}

func (l *listener) take(u livemeter.Update) error {
	l.mu.Lock()
	during := l.during
	l.mu.Unlock()
	if during != nil {
		during(u)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	name := subName(u.Sub)
	switch u.Kind {
	case livemeter.Document:
		l.docs[name] = u.Data
	case livemeter.Event, livemeter.Restate:
		var e struct{ ID string }
		if err := json.Unmarshal(u.Data, &e); err != nil {
			return err
		}
		l.events[name] = append(l.events[name], e.ID)
	case livemeter.Gap:
		l.gaps = append(l.gaps, name+" "+u.Reason)
	case livemeter.Refused:
		l.broken = append(l.broken, name+" was refused: "+u.Reason)
	}
	return nil
}

// close ends the client and says how it did.
func (l *listener) close() error {
	l.stop()
	return <-l.ended
}

// settle waits until the client is connected and has what there is: longer than the longest wait between two attempts.
func settle() {
	time.Sleep(20 * time.Second)
	synctest.Wait()
}

var heldSubs = []livemeter.Sub{
	{Topic: "show/S1"},
	{Topic: "show/S1", Fields: []string{"money.gmv.net", "state"}, MaxHz: 2},
	{Topic: "esol/hanako"},
	{Topic: "show/S1", Fields: []string{}},
	{Topic: "shows", MaxHz: 1},
}

// sameTelling compares what two listeners were told, event for event.
func sameTelling(cut, whole *listener, said []string) error {
	for _, l := range []*listener{cut, whole} {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.broken)+len(l.gaps) > 0 {
			return fmt.Errorf("%v; gaps %v", l.broken, l.gaps)
		}
	}
	for _, s := range heldSubs {
		name := subName(s)
		if a, b := cut.docs[name], whole.docs[name]; string(a) != string(b) || delta.Hash(a) != delta.Hash(b) {
			return fmt.Errorf("%s: the one that was cut holds\n%s, the other\n%s", name, a, b)
		}
		if got := cut.events[name]; !slices.Equal(got, said) {
			return fmt.Errorf("%s: of the events %v it was told %v", name, said, got)
		}
	}
	return nil
}

// A client that is cut at any moment, also within a frame, ends with the documents of one that was never cut, and has been told
// of every event once and in order, for each of its subscriptions.
func TestAClientOfTheFeedIsCutAndMissesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			does string
			n    int
		}
		steps := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{rapid.SampledFrom([]string{"meter", "meter", "room", "moment", "moment", "wait", "cut"}).Draw(rt, "does"),
				rapid.IntRange(0, 4000).Draw(rt, "n")}
		}), 1, 40).Draw(rt, "steps")
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, Config{})
			defer r.close()
			r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
			whole, cut := listen(t, r.net, livemeter.Config{}, heldSubs...), listen(t, r.net, livemeter.Config{Name: "cut"}, heldSubs...)
			synctest.Wait()
			time.Sleep(1200 * time.Millisecond) // a heartbeat: who was never told of a place in the logs cannot come back to it
			var said []string
			for i, s := range steps {
				switch s.does {
				case "meter":
					r.apply(moneyMeter("show/S1", int64(i)), moneyMeter("esol/hanako", int64(i)))
				case "room":
					r.apply(roomMeter("S1", "hanako", int64(s.n), 1))
				case "moment":
					r.alert(int64(len(said)), exampleMoment(i))
					said = append(said, fmt.Sprint("a", i))
				case "wait":
					time.Sleep(time.Duration(s.n) * time.Millisecond)
				case "cut":
					cut.net.cut(s.n)
				}
			}
			settle()
			wrong = sameTelling(cut, whole, said)
			for _, l := range []*listener{cut, whole} {
				wrong = errors.Join(wrong, l.close())
			}
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// Processes of the feed come and go over the same logs, also while nobody serves and while one is still reading: a client
// that was there before them has every event once, and the document of the last.
func TestAClientOfTheFeedOutlivesItsServers(t *testing.T) {
	for seed := range 4 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { outlive(t, seed) })
		})
	}
}

func outlive(t *testing.T, seed int) {
	k := brokertest.Bubble(t)
	layout := k.Create(t, 3)
	producer := k.Client(t)
	produced, said := 0, []string{}
	produce := func(n int) {
		var records []*kgo.Record
		for range n {
			produced++
			source := fmt.Sprintf("ledger/0/%d/0", produced)
			m := moneyMeter("show/S1", int64(produced))
			m.AppendMs = time.Now().UnixMilli()
			records = append(records, record(t, k.Topics.Meters, "show/S1/money", m, source))
			if (produced+seed)%3 == 0 {
				id := fmt.Sprint("a", produced)
				said = append(said, id)
				records = append(records, record(t, k.Topics.Alerts, "hanako", &eventpb.Alert{
					Id: id, Scope: "show/S1", ShowId: "S1", EsolId: "hanako", Kind: "ignition", TimeMs: 1,
				}, source+"1"))
			}
		}
		if err := producer.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	network := &kfake.VirtualNetwork{}
	serve := func() (stop func()) {
		r := rigOn(t, network, Config{Cluster: k.Cluster, Topics: k.Topics, Layout: layout})
		r.server.hub.mu.Lock()
		r.server.hub.live = false
		r.server.hub.mu.Unlock()
		time.Sleep(time.Duration(seed) * 400 * time.Millisecond) // it answers, and has read nothing
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- r.server.Run(ctx) }()
		return func() {
			cancel()
			if err := <-ran; err != nil {
				t.Error(err)
			}
			r.close()
		}
	}
	m := roomMeter("S1", "hanako", 40, 1)
	m.AppendMs = time.Now().UnixMilli()
	if err := producer.ProduceSync(t.Context(), record(t, k.Topics.Meters, "show/S1/room", m, "show/0/1/0")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	stop := serve()
	cut := listen(t, network, livemeter.Config{}, heldSubs...)
	time.Sleep(5 * time.Second)
	for i := range 4 {
		produce(5 + i)
		if (i+seed)%2 == 0 {
			time.Sleep(700 * time.Millisecond)
		}
		cut.net.cut(300 * i * seed)
		stop()
		produce(4)
		time.Sleep(time.Duration(i) * time.Second)
		produce(3)
		stop = serve()
		time.Sleep(time.Duration(i*seed) * time.Second)
	}
	produce(3)
	settle()
	whole := listen(t, network, livemeter.Config{}, heldSubs...)
	settle()
	for _, s := range heldSubs {
		whole.events[subName(s)] = said // it came late
	}
	if err := sameTelling(cut, whole, said); err != nil {
		t.Error(err)
	}
	if err := errors.Join(cut.close(), whole.close()); err != nil {
		t.Error(err)
	}
	stop()
}

// forger stands between a client and the feed, and changes frames on the way.
type forger struct {
	net   *kfake.VirtualNetwork
	forge func(frame string) string // "": it is lost

	mu   sync.Mutex
	true map[string]bool // documents' hashes, as the feed said them
	subs int             // sub frames that went by
}

const forgerAddr = "127.0.0.1:8081"

func (f *forger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{subprotocol}}
	ours, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ours.Close()
	theirs, _, err := (&websocket.Dialer{NetDialContext: f.net.DialContext}).Dial("ws://"+rigAddr+"/v1/feed", nil)
	if err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		for {
			kind, b, err := ours.ReadMessage()
			if err != nil || theirs.WriteMessage(kind, b) != nil {
				return
			}
			if strings.HasPrefix(string(b), `{"t":"sub"`) {
				f.mu.Lock()
				f.subs++
				f.mu.Unlock()
			}
		}
	}()
	for {
		kind, b, err := theirs.ReadMessage()
		if err != nil {
			break
		}
		var said struct{ Hash string }
		if json.Unmarshal(b, &said) == nil && said.Hash != "" {
			f.mu.Lock()
			f.true[said.Hash] = true
			f.mu.Unlock()
		}
		if text := f.forge(string(b)); text != "" && ours.WriteMessage(kind, []byte(text)) != nil {
			break
		}
	}
	ours.Close()
	<-done
}

// What is changed or lost on its way never reaches the user: the client finds out by the hash, or by where a delta starts, and
// asks again.
func TestAForgedFrameIsAskedForAgain(t *testing.T) {
	for name, forge := range map[string]func(i int, frame string) string{
		"another number": func(i int, frame string) string {
			return strings.Replace(frame, `"minor":"1`, `"minor":"9`, 1)
		},
		"a delta lost": func(i int, frame string) string {
			if strings.HasPrefix(frame, `{"t":"delta"`) {
				return ""
			}
			return frame
		},
		"another hash": func(i int, frame string) string {
			return strings.Replace(frame, `"hash":"crc32c:`, `"hash":"crc32c:0`, 1)
		},
		"something to be cut": func(i int, frame string) string {
			return strings.Replace(frame, `"as_of":`, `"cut":["/nothing/here"],"as_of":`, 1)
		},
		"a snap of something":  func(i int, frame string) string { return strings.Replace(frame, `"data":{`, `"data":{"A":1,`, 1) },
		"a place further back": func(i int, frame string) string { return strings.Replace(frame, `"from":"e0`, `"from":"e1`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, r *rig) {
				r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 100))
				forged := 0
				f := &forger{net: r.net, true: map[string]bool{}}
				f.forge = func(frame string) string {
					isDoc := strings.HasPrefix(frame, `{"t":"delta"`) || strings.HasPrefix(frame, `{"t":"snap"`)
					if !isDoc || forged == 5 {
						return frame
					}
					other := forge(forged, frame)
					if other != frame {
						forged++
					}
					return other
				}
				l, err := r.net.Listen("tcp", forgerAddr)
				if err != nil {
					t.Fatal(err)
				}
				served := make(chan struct{})
				srv := &http.Server{Handler: f}
				go func() {
					defer close(served)
					_ = srv.Serve(l)
				}()
				user := listen(t, r.net, livemeter.Config{URL: "ws://" + forgerAddr}, livemeter.Sub{Topic: "show/S1"})
				user.mu.Lock()
				user.during = func(u livemeter.Update) {
					if u.Kind == livemeter.Document && !f.hasSaid(delta.Hash(u.Data)) {
						t.Errorf("the user was given what the feed never said: %s", u.Data)
					}
				}
				user.mu.Unlock()
				time.Sleep(2 * time.Second)
				for i := range 400 { // 100 s: the fifth time takes 15 s to be asked again
					r.apply(moneyMeter("show/S1", int64(1000+i)))
					if i%5 == 0 {
						r.alert(int64(i/5), exampleMoment(i))
					}
					time.Sleep(250 * time.Millisecond)
				}
				settle()
				if forged != 5 {
					t.Errorf("%d frames were forged", forged)
				}
				want, err := delta.Canonical([]byte(r.document("show/S1")))
				if err != nil {
					t.Fatal(err)
				}
				user.mu.Lock()
				if got := user.docs[nameOfS1]; string(got) != string(want) {
					t.Errorf("at last it holds %s, want %s", got, want)
				}
				if got := len(user.events[nameOfS1]); got != 80 || len(user.gaps) > 0 {
					t.Errorf("of 80 events it was told %d, gaps %v", got, user.gaps)
				}
				user.mu.Unlock()
				if f.subs < 2 || f.subs > 6 {
					t.Errorf("after 5 forged frames it had asked %d times", f.subs)
				}
				if err := user.close(); err != nil {
					t.Error(err)
				}
				_ = srv.Close()
				<-served
			})
		})
	}
}

func (f *forger) hasSaid(hash string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.true[hash]
}

// A user that is busy for long holds up nobody: it is given the latest document, and all events. What is too much for line and
// feed together is said to have been missed.
func TestAUserThatIsBusyIsToldAllTheSame(t *testing.T) {
	for _, c := range []struct {
		name   string
		events int
		gap    bool
	}{{"as many as wait", 900, false}, {"more than that", 1600, true}} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, Config{}, func(t *testing.T, r *rig) {
				r.apply(roomMeter("S1", "hanako", 40, 1), moneyMeter("show/S1", 0))
				user := listen(t, r.net, livemeter.Config{}, livemeter.Sub{Topic: "show/S1"})
				synctest.Wait()
				time.Sleep(2 * time.Second)
				busy := make(chan struct{})
				documents := 0
				user.mu.Lock()
				user.during = func(u livemeter.Update) {
					<-busy
					if u.Kind == livemeter.Document {
						documents++
					}
				}
				user.mu.Unlock()
				for i := range c.events {
					r.apply(moneyMeter("show/S1", int64(i)))
					r.alert(int64(i), exampleMoment(i))
					time.Sleep(10 * time.Millisecond)
				}
				if got := user.client.Link().State; got != livemeter.Open { // its silence is the user's, not the feed's
					t.Errorf("while the user was busy the link was %s", got)
				}
				close(busy)
				settle()
				got := user.events[nameOfS1]
				if !c.gap && (len(got) != c.events || len(user.gaps) > 0) {
					t.Errorf("of %d events it was told %d, and gaps %v", c.events, len(got), user.gaps)
				}
				if c.gap && (len(got) == c.events || len(user.gaps) == 0 || len(got) < 1024) {
					t.Errorf("of %d events it was told %d, and gaps %v", c.events, len(got), user.gaps)
				}
				if !slices.IsSortedFunc(got, byNumber) {
					t.Errorf("not in order: %v", got)
				}
				if documents > 5 {
					t.Errorf("%d documents waited for it", documents)
				}
				if err := user.close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// byNumber orders ids as exampleMoment makes them.
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }
