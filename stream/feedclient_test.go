package stream_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/feed/delta"
	"github.com/netsu/netsu/stream/feed/livemeter"
)

// follower is a client of a feed and what it was told.
type follower struct {
	name   string
	client *livemeter.Client
	subs   []livemeter.Sub
	slow   atomic.Bool

	mu    sync.Mutex
	docs  map[string]json.RawMessage                   // by sub
	told  map[string]map[livemeter.Kind]map[string]int // how often of each event, by sub and kind
	count tally
	acks  int
	beats int // heartbeats since the last ack
	at    string
	just  map[uint64]bool // subs whose ack was their last frame
}

// tally counts what happened to a client.
type tally struct {
	roads    map[string]int // how resumed subs went on
	resyncs  int            // documents that did not agree with their hash
	gaps     []string       // as the user was told
	refused  string
	proofs   int // documents that did
	replayed int // events that followed an ack at once: they were sent again
	wire     int // events and restatements that came
	again    int // of them, those that had come before
}

func (t *tally) add(o tally) {
	t.proofs += o.proofs
	t.replayed += o.replayed
	t.again += o.again
	if t.roads == nil {
		t.roads = map[string]int{}
	}
	for road, n := range o.roads {
		t.roads[road] += n
	}
}

func (t *tally) resumes() (n int) {
	for _, times := range t.roads {
		n += times
	}
	return n
}

func subKey(s livemeter.Sub) string {
	return fmt.Sprintf("%s %v %t", s.Topic, s.Fields, s.Fields == nil)
}

// follower runs a client of the feed at an address; read, where there is one, is how it reads from its socket.
func (s *feedStorm) follower(name, addr string, read func(net.Conn) net.Conn, subs ...livemeter.Sub) *follower {
	w := &follower{name: name, subs: subs, docs: map[string]json.RawMessage{}, told: map[string]map[livemeter.Kind]map[string]int{},
		count: tally{roads: map[string]int{}}, just: map[uint64]bool{}}
	dialer := &websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	if read != nil {
		dialer.NetDialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return read(c), nil
		}
	}
	var err error
	w.client, err = livemeter.New(livemeter.Config{
		URL: "http://" + addr, Name: "storm", Dialer: dialer, Frames: w.frame, Logger: slog.New(resyncs{slog.DiscardHandler, w}),
	})
	if err != nil {
		s.Fatal(err)
	}
	for _, sub := range subs {
		if err := w.client.Subscribe(sub); err != nil {
			s.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.client.Run(ctx, w.take) }()
	s.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.Errorf("%s: %v", name, err)
		}
	})
	return w
}

// dawdle makes the user slow: of documents it gets fewer, of events all.
func (w *follower) dawdle() { w.slow.Store(true) }

func (w *follower) take(u livemeter.Update) error {
	if w.slow.Load() {
		<-time.After(20 * time.Millisecond)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	key := subKey(u.Sub)
	switch u.Kind {
	case livemeter.Document:
		w.docs[key] = u.Data
		w.count.proofs++
	case livemeter.Event, livemeter.Restate:
		var e struct{ ID string }
		if err := json.Unmarshal(u.Data, &e); err != nil || e.ID == "" {
			return errors.Join(err, fmt.Errorf("an event without an id: %s", u.Data))
		}
		if w.told[key] == nil {
			w.told[key] = map[livemeter.Kind]map[string]int{livemeter.Event: {}, livemeter.Restate: {}}
		}
		w.told[key][u.Kind][e.ID]++
	case livemeter.Gap:
		w.count.gaps = append(w.count.gaps, key+": "+u.Reason)
	case livemeter.Refused:
		w.count.refused = fmt.Sprint(key, ": ", u.Reason, ": ", u.Message)
	}
	return nil
}

// frame notes what a frame tells of how the client came back.
func (w *follower) frame(b []byte) {
	var f livemeter.Frame
	if err := json.Unmarshal(b, &f); err != nil {
		return // the client says so
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch f.T {
	case "welcome":
		clear(w.just)
	case "ack":
		w.acks++
		w.beats = 0
		if f.Resumed != "" {
			w.count.roads[f.Resumed]++
			w.just[f.Sub] = true
		}
	case "hb":
		w.beats++
		w.at = f.Cursor
		clear(w.just)
	case "event", "restate":
		w.count.wire++
		if w.just[f.Sub] {
			w.count.replayed++
		}
	case "snap", "delta":
		delete(w.just, f.Sub)
	}
}

// resyncs is a logger that counts how often a client found itself out of step.
type resyncs struct {
	slog.Handler
	of *follower
}

func (r resyncs) Enabled(context.Context, slog.Level) bool { return true }

func (r resyncs) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "subscribing again" {
		r.of.mu.Lock()
		r.of.count.resyncs++
		r.of.mu.Unlock()
	}
	return nil
}

// unready says what a client lacks before it can come back: acks, and a heartbeat that says where in the logs it is.
func (w *follower) unready() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.acks < len(w.subs) || w.beats < 2 {
		return fmt.Sprintf("%s: %d acks of %d, %d heartbeats", w.name, w.acks, len(w.subs), w.beats)
	}
	return ""
}

func (w *follower) lacks(topic string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if d := w.docs[subKey(livemeter.Sub{Topic: topic})]; bytes.Contains(d, []byte(`"gmv_net":[{`)) {
		return ""
	}
	return w.name + " has seen no money on " + topic
}

func (w *follower) proven() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count.proofs
}

func (w *follower) cursor() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *follower) counts() tally {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.count
	n.roads = maps.Clone(n.roads)
	told := 0
	for _, kinds := range w.told {
		for _, ids := range kinds {
			for _, times := range ids {
				told += times
			}
		}
	}
	n.again = n.wire - told
	return n
}

// ids are the events of a kind that a client was told of by a sub, and how often.
func (w *follower) ids(sub livemeter.Sub, kind livemeter.Kind) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.told[subKey(sub)][kind])
}

func (w *follower) doc(sub livemeter.Sub) json.RawMessage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.docs[subKey(sub)]
}

// differs says what a client has otherwise than the one that was never cut; gaps: events may be missing.
func (w *follower) differs(control *follower, gaps bool) string {
	for _, sub := range w.subs {
		if why := unlike(sub, w.doc(sub), control.doc(sub)); why != "" {
			return w.name + ": " + why
		}
		for _, kind := range []livemeter.Kind{livemeter.Event, livemeter.Restate} {
			got, want := w.ids(sub, kind), control.ids(sub, kind)
			if why := missing(got, want); why != "" && !gaps {
				return fmt.Sprintf("%s: %s: %s", w.name, sub.Topic, why)
			}
			if why := twice(got); why != "" {
				return fmt.Sprintf("%s: %s: %s", w.name, sub.Topic, why)
			}
		}
	}
	return ""
}

func unlike(sub livemeter.Sub, got, want json.RawMessage) string {
	if bytes.Equal(got, want) && delta.Hash(got) == delta.Hash(want) {
		return ""
	}
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	around := func(b []byte) []byte { return b[max(0, min(i-60, len(b))):min(len(b), i+100)] }
	return fmt.Sprintf("%s %v: at byte %d it has\n…%s\nthe control\n…%s", sub.Topic, sub.Fields, i, around(got), around(want))
}

func missing(got, want map[string]int) string {
	for id := range want {
		if got[id] == 0 {
			return fmt.Sprintf("it was not told of %s (of %d it was told %d)", id, len(want), len(got))
		}
	}
	for id := range got {
		if want[id] == 0 {
			return "it was told of " + id + ", which the control was not"
		}
	}
	return ""
}

func twice(got map[string]int) string {
	for id, n := range got {
		if n > 1 {
			return fmt.Sprintf("it was told %d times of %s", n, id)
		}
	}
	return ""
}

// slowRead takes some tens of kilobytes a second from its socket.
func slowRead(c net.Conn) net.Conn { return slowConn{c} }

type slowConn struct{ net.Conn }

func (c slowConn) Read(b []byte) (int, error) {
	<-time.After(20 * time.Millisecond)
	return c.Conn.Read(b[:min(len(b), 2<<10)])
}

// balancer is an address in front of two feeds: connections go to the first, and to the other while that is not there.
type balancer struct {
	addr          string
	first, second string

	mu     sync.Mutex
	closed bool
	ragged bool              // every second connection is cut after some kilobytes, amid what is sent again
	served int64             // connections
	over   map[net.Conn]bool // to the second
	brief  map[net.Conn]bool // will be cut
	all    map[net.Conn]bool
}

func newBalancer(t testing.TB, first, second string) *balancer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{addr: l.Addr().String(), first: first, second: second, over: map[net.Conn]bool{}, brief: map[net.Conn]bool{}, all: map[net.Conn]bool{}}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { b.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		b.shut(true)
		serving.Wait()
	})
	return b
}

func (b *balancer) serve(c net.Conn) {
	defer c.Close()
	to, err := net.Dial("tcp", b.first)
	other := err != nil
	if other {
		if to, err = net.Dial("tcp", b.second); err != nil {
			return
		}
	}
	defer to.Close()
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.all[c] = true
	brings := int64(0)
	if b.served++; b.ragged && b.served%2 == 0 {
		brings = 1000 + b.served*977%5000
		b.brief[c] = true
	}
	if other {
		b.over[c] = true
	}
	b.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(to, c) // its end is the connection's
		to.Close()
	}()
	if brings > 0 {
		_, _ = io.CopyN(c, to, brings)
	} else {
		_, _ = io.Copy(c, to)
	}
	c.Close()
	to.Close()
	<-done
	b.mu.Lock()
	delete(b.all, c)
	delete(b.over, c)
	delete(b.brief, c)
	b.mu.Unlock()
}

func (b *balancer) rag(ragged bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ragged = ragged
}

// home cuts the connections to the second feed, and when no more are to be cut those that would be: their clients come back
// to the first.
func (b *balancer) home() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.over {
		c.Close()
	}
	for c := range b.brief {
		if !b.ragged {
			c.Close()
		}
	}
}

// lasting tells whether n clients are connected to the first feed, for good.
func (b *balancer) lasting(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.all) == n && len(b.over)+len(b.brief) == 0
}

// shut cuts all connections and takes no more, or takes them again.
func (b *balancer) shut(closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = closed
	for c := range b.all {
		if closed {
			c.Close()
		}
	}
}

// listener reads a stream of the feed, as server-sent events or as lines, and comes back with the last cursor when it is cut.
type listener struct {
	name   string
	sub    livemeter.Sub
	events bool

	mu   sync.Mutex
	last string
	doc  json.RawMessage
	told map[livemeter.Kind]map[string]int
	seen map[string]bool
	back int
}

func (s *feedStorm) listener(sub livemeter.Sub, events bool) *listener {
	l := &listener{name: "stream of " + sub.Topic, sub: sub, events: events, seen: map[string]bool{},
		told: map[livemeter.Kind]map[string]int{livemeter.Event: {}, livemeter.Restate: {}}}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			l.listen(ctx, s.at)
			s.pause(ctx, 200*time.Millisecond)
		}
	}()
	s.Cleanup(func() {
		stop()
		<-ended
	})
	return l
}

// listen follows one answer to its end.
func (l *listener) listen(ctx context.Context, addr string) {
	cursor := l.cursor()
	q := url.Values{"topic": {l.sub.Topic}}
	if cursor != "" && !l.events {
		q.Set("cursor", cursor)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/v1/stream?"+q.Encode(), nil)
	if err != nil {
		panic(err)
	}
	if l.events {
		req.Header.Set("Accept", "text/event-stream")
		if cursor != "" {
			req.Header.Set("Last-Event-ID", cursor)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return // the feed is not there
	}
	defer res.Body.Close()
	var frames livemeter.Follower
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 8<<20)
	last := ""
	for lines.Scan() {
		text, isData := strings.CutPrefix(lines.Text(), "data: ")
		if id, isID := strings.CutPrefix(lines.Text(), "id: "); isID {
			last = id // in force once its event is there
		}
		if l.events && !isData || text == "" {
			continue
		}
		f, err := frames.Take([]byte(text))
		if err != nil {
			return // cut within a frame; or out of step, which the document will show
		}
		if !l.events && f.State != "catching_up" {
			last = f.Position()
		}
		l.heard(f, &frames, last)
	}
}

func (l *listener) heard(f *livemeter.Frame, frames *livemeter.Follower, at string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch f.T {
	case "ack":
		if f.Resumed != "" {
			l.back++
		}
	case "snap", "delta":
		l.doc = frames.Sub(f.Sub).Text
	case "event", "restate":
		var e struct{ ID string }
		_ = json.Unmarshal(f.Data, &e) // without an id it is one that nobody else has
		kind := livemeter.Event
		if f.T == "restate" {
			kind = livemeter.Restate
		}
		if !l.seen[e.ID] {
			l.told[kind][e.ID]++
		}
		l.seen[e.ID] = true
	}
	if at != "" {
		l.last = at
	}
}

func (l *listener) cursor() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

func (l *listener) resumed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.back
}

func (l *listener) differs(control *follower) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if why := unlike(l.sub, l.doc, control.doc(l.sub)); why != "" {
		return l.name + ": " + why
	}
	for kind, got := range l.told {
		if why := missing(got, control.ids(l.sub, kind)); why != "" {
			return l.name + ": " + why
		}
	}
	return ""
}
