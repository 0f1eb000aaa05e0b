package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"go.uber.org/goleak"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/delta"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a server within a synctest bubble, served over pipes, with its clock running and no Kafka: tests apply changes
// to the hub themselves.
type rig struct {
	t      *testing.T
	server *Server
	net    *kfake.VirtualNetwork
	http   *http.Server
	reg    *prometheus.Registry
	cancel context.CancelFunc
	ticks  sync.WaitGroup
	offset int64 // of the meters applied
	taken  int64 // of the alerts taken
}

const rigAddr = "127.0.0.1:8080"

func newRig(t *testing.T, c Config) *rig {
	t.Helper()
	return rigOn(t, &kfake.VirtualNetwork{}, c)
}

// rigOn is a rig at the same address of a network as one before it, which has been closed.
func rigOn(t *testing.T, net *kfake.VirtualNetwork, c Config) *rig {
	t.Helper()
	r := &rig{t: t, net: net, reg: prometheus.NewRegistry()}
	c.Registerer, c.Gatherer, c.Logger = r.reg, r.reg, slog.New(slog.DiscardHandler)
	r.server = New(c)
	r.server.hub.live = true
	l, err := r.net.Listen("tcp", rigAddr)
	if err != nil {
		t.Fatal(err)
	}
	r.http = &http.Server{Handler: witnessed(r.server.Handler(), func(err error) { t.Error(err) })}
	r.ticks.Go(func() { _ = r.http.Serve(l) })
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	r.ticks.Go(func() { _ = r.server.clock(ctx) })
	return r
}

// close stops everything; a bubble cannot end before.
func (r *rig) close() {
	r.cancel()
	r.server.stop()
	_ = r.http.Close()
	r.ticks.Wait()
}

// apply gives the hub meters at the next positions.
func (r *rig) apply(meters ...*eventpb.Meter) {
	var batch []change
	for _, m := range meters {
		batch = append(batch, r.change(m))
	}
	r.server.hub.apply(batch, r.reached())
}

func (r *rig) change(m *eventpb.Meter) change {
	r.offset++
	if m.AppendMs == 0 {
		m.AppendMs = time.Now().UnixMilli()
	}
	value, err := m.MarshalVTStrict()
	if err != nil {
		panic(err)
	}
	c, err := decodeMeter([]byte(m.Scope+"/"+m.Part), value, fmt.Sprintf("show/0/%d/0", r.offset))
	if err != nil {
		panic(err)
	}
	return c
}

func (r *rig) takeBack(scope, part string) {
	r.t.Helper()
	r.offset++
	c, err := decodeMeter([]byte(scope+"/"+part), nil, fmt.Sprintf("show/0/%d/0", r.offset))
	if err != nil {
		r.t.Fatal(err)
	}
	r.server.hub.apply([]change{c}, r.reached())
}

// reached is how far the meters have been read.
func (r *rig) reached() map[int32]int64 { return map[int32]int64{0: r.offset + 1} }

// alert gives the hub an alert at an offset of the log, which is also its place.
func (r *rig) alert(offset int64, a AlertView) {
	r.server.hub.alert(place{origin{"show", 0}, parsed(offset)}, complete(a), 0, offset)
}

// complete is an alert with what every alert has, whatever a test cares about.
func complete(a AlertView) AlertView {
	if a.At == "" {
		a.At = instant(noon * 1000)
	}
	if a.Numbers == nil {
		a.Numbers = map[string]*float64{}
	}
	return a
}

// document is the view as it is now, made from nothing that was encoded before.
func (r *rig) document(topic string) string {
	r.t.Helper()
	r.server.hub.mu.Lock()
	defer r.server.hub.mu.Unlock()
	if s := r.server.hub.meters.scopes[topic]; s != nil {
		held := *s
		s.trendJSON, s.marksJSON, s.contextJSON, s.insightJSON = nil, nil, nil, nil
		defer func() { *s = held }()
	}
	p, err := r.server.hub.meters.document(topic)
	if err != nil {
		r.t.Fatal(err)
	}
	if p == nil {
		return "null"
	}
	return string(p.appendObject(nil))
}

func roomMeter(show, esol string, heads int64, temperature float64) *eventpb.Meter {
	return &eventpb.Meter{
		Version: event.Version, Scope: "show/" + show, Part: partRoom, Room: exampleRoom(show, esol, heads, temperature),
	}
}

func moneyMeter(scope string, net int64) *eventpb.Meter {
	m := exampleMoney()
	m.Gmv[0].NetMinor = net
	return &eventpb.Meter{Version: event.Version, Scope: scope, Part: partMoney, Money: m}
}

func insightMeter(show string, i *eventpb.Insight) *eventpb.Meter {
	return &eventpb.Meter{Version: event.Version, Scope: "show/" + show, Part: partInsight, Insight: i}
}

// received is a frame as a client sees it.
type received struct {
	T         string         `json:"t"`
	ID        int64          `json:"id"`
	Sub       uint64         `json:"sub"`
	Topic     string         `json:"topic"`
	Cursor    string         `json:"cursor"`
	From      string         `json:"from"`
	To        string         `json:"to"`
	AsOf      *string        `json:"as_of"`
	Watermark *string        `json:"watermark"`
	LagMS     *int64         `json:"lag_ms"`
	Data      map[string]any `json:"data"`
	delta.Ops
	Hash    string            `json:"hash"`
	Keys    map[string]string `json:"keys"`
	Resumed string            `json:"resumed"`
	Kind    string            `json:"kind"`
	Hz      float64           `json:"hz"`
	Reason  string            `json:"reason"`
	Code    string            `json:"code"`
	Message string            `json:"message"`
	State   string            `json:"state"`
	N       uint64            `json:"n"`
	raw     string
	at      time.Time
}

// client is a well-behaved client of the protocol, as doc.go describes one. While paused it reads nothing.
type client struct {
	ws *websocket.Conn
	mu sync.Mutex

	frames []received // all but heartbeats
	beats  []received
	topics map[uint64]string
	rules  map[string]*delta.Rule
	state  map[string]map[string]any
	cursor map[string]string
	hash   map[string]string
	again  map[string]bool // it has come back to the topic, by its hash, and nothing has followed: see delta
	latest string          // cursor of any frame
	broken []string        // what a client must never see
	err    error           // of the connection's end

	gate  chan struct{} // holds a token unless paused; a channel, since time stands still while someone waits for a mutex
	ended chan struct{}
}

// dial connects; prepare runs before anything is read.
func (r *rig) dial(headers http.Header, prepare ...func(*websocket.Conn)) (*client, *http.Response, error) {
	d := websocket.Dialer{NetDialContext: r.net.DialContext, Subprotocols: []string{subprotocol}}
	ws, res, err := d.Dial("ws://"+rigAddr+"/v1/feed", headers)
	if err != nil {
		return nil, res, err
	}
	return follow(ws, prepare...), res, nil
}

// follow is the client of a websocket.
func follow(ws *websocket.Conn, prepare ...func(*websocket.Conn)) *client {
	c := &client{
		ws: ws, topics: map[uint64]string{}, state: map[string]map[string]any{}, cursor: map[string]string{},
		rules: map[string]*delta.Rule{}, hash: map[string]string{}, again: map[string]bool{}, ended: make(chan struct{}), gate: make(chan struct{}, 1),
	}
	c.gate <- struct{}{}
	for _, f := range prepare {
		f(ws)
	}
	go c.read()
	return c
}

func (r *rig) client() *client {
	r.t.Helper()
	c, _, err := r.dial(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

func (c *client) read() {
	defer close(c.ended)
	for {
		<-c.gate
		c.gate <- struct{}{}
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			c.err = err
			return
		}
		c.take(b)
	}
}

func (c *client) take(b []byte) {
	f := received{raw: string(b), at: time.Now()}
	if err := json.Unmarshal(b, &f); err != nil {
		panic(err)
	}
	if err := validFrame("server", b); err != nil {
		panic(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if cursor := f.Cursor + f.To; cursor != "" {
		c.latest = cursor
	}
	if f.T == "hb" {
		c.beats = append(c.beats, f)
		return
	}
	c.frames = append(c.frames, f)
	switch f.T {
	case "ack":
		if f.Sub == 0 { // of a watch
			break
		}
		c.topics[f.Sub] = f.Topic
		c.again[f.Topic] = f.Resumed == resumedInStep || f.Resumed == resumedDelta
		if f.Keys != nil {
			c.rules[f.Topic] = (&delta.Places{Union: f.Keys}).From()
		}
	case "snap":
		if c.topics[f.Sub] != f.Topic {
			c.broken = append(c.broken, "snap before its ack: "+f.raw)
		}
		c.state[f.Topic] = f.Data
		c.proved(f.Topic, f.Cursor, &f)
	case "delta":
		topic := c.topics[f.Sub]
		if err := validChanges(topic, b); err != nil {
			c.broken = append(c.broken, err.Error())
		}
		if c.cursor[topic] != f.From && !c.again[topic] { // a document that was so before has more than one cursor
			c.broken = append(c.broken, "delta from another state than "+c.cursor[topic]+": "+f.raw)
		}
		if err := delta.Apply(c.rules[topic], c.state[topic], &f.Ops); err != nil {
			c.broken = append(c.broken, err.Error()+": "+f.raw)
		}
		c.proved(topic, f.To, &f)
	}
}

// proved notes a state that is held, and that it is what its frame's hash says.
func (c *client) proved(topic, cursor string, f *received) {
	c.cursor[topic], c.hash[topic], c.again[topic] = cursor, f.Hash, false
	if c.state[topic] == nil {
		return
	}
	text, err := delta.State(c.state[topic])
	if err != nil || delta.Hash(text) != f.Hash {
		c.broken = append(c.broken, fmt.Sprintf("%v; not what the hash says: %s\nheld %s", err, f.raw, text))
	}
}

func (c *client) pause() { <-c.gate }

func (c *client) unpause() { c.gate <- struct{}{} }

func (c *client) say(frame string) {
	if err := c.ws.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		panic(err)
	}
}

// subscribe subscribes and waits for the snap.
func (c *client) subscribe(topic string, more string) {
	c.say(fmt.Sprintf(`{"t":"sub","id":1,"topic":%q%s}`, topic, more))
	synctest.Wait()
}

func (c *client) sub(topic string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n, name := range c.topics {
		if name == topic {
			return n
		}
	}
	return 0
}

// has compares what the client holds of a topic with a document.
func (c *client) has(topic, document string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.broken) > 0 {
		return fmt.Errorf("protocol broken: %s", c.broken[0])
	}
	got, ok := c.state[topic]
	if !ok {
		return fmt.Errorf("%s: no snap came", topic)
	}
	held, err := json.Marshal(got)
	if err != nil {
		return err
	}
	want, err := delta.Canonical([]byte(document))
	if err != nil {
		return err
	}
	if held, err = delta.Canonical(held); err != nil || string(held) != string(want) {
		return fmt.Errorf("%s: %v: the client holds\n%s, the view is\n%s", topic, err, held, want)
	}
	return nil
}

func (c *client) kinds() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, f := range c.frames {
		out = append(out, f.T)
	}
	return out
}

func (c *client) last(kind string) received {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range slices.Backward(c.frames) {
		if f.T == kind {
			return f
		}
	}
	return received{}
}

func (c *client) close() {
	c.ws.Close()
	<-c.ended
}

func parsed(offset int64) event.Position { return event.Position{Offset: offset} }

// metric is the value of a counter or gauge; label is the value of its one label, "" if it has none.
func (r *rig) metric(name, label string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			labels := m.GetLabel()
			if f.GetName() == name && (len(labels) == 0 && label == "" || len(labels) == 1 && labels[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return 0
}

// all are the frames so far but heartbeats.
func (c *client) all() []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.frames)
}

func (c *client) heartbeats() []received {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.beats)
}

// part is a part of what the client holds of a topic.
func (c *client) part(topic, name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, err := encode(c.state[topic][name])
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (c *client) name(sub uint64) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.topics[sub]
}
