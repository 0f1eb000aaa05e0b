package feed

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/access"
)

const (
	heartbeatEvery = time.Second
	writeWait      = 5 * time.Second        // a frame not taken by then ends the connection
	pingBeats      = 25                     // heartbeats to a ping of the websocket
	pongWait       = 75 * time.Second       // two pings and a half, more or less
	beatWithin     = 300 * time.Millisecond // of a write, a heartbeat waits for the next one
	closeWait      = time.Second            // for the peer to answer our close
	maxFrameBytes  = 4096                   // of a client's frame
	framesPerS     = 10.0                   // a client's frames, sustained
	framesBurst    = 220.0                  // and at once: subscribing to everything allowed, and a few more
	maxRefused     = 20                     // frames refused before the connection is
	// maxWaiting bounds acks, errors and events that wait for a client; one more ends it as slow. A burst of events is there at
	// once, before anyone could have been written to, and is many in a busy hour; they are encoded once for all.
	maxWaiting = 4_096
)

// subscription is a connection's interest in a view, and its slot: marked or not. What is sent is looked up when its turn
// comes, so the slot holds the latest state by construction and never grows.
type subscription struct {
	conn  *conn
	view  *view
	every atomic.Int64 // least time between two frames, ns

	at     int  // index in view.subs, -1 when off; guarded by hub.mu
	marked bool // waiting in conn.marked; guarded by conn.mu
	off    bool // unsubscribed; guarded by conn.mu

	held uint64    // the edition that the client has; the writer's own once it is marked
	next time.Time // not to be sent before; the writer's own
}

// conn is one connection: somebody who obeys the client, and a writer that comes and goes and is the only one to
// write. A stalled peer blocks its own writer and nobody else.
type conn struct {
	wire    wire
	hub     *hub
	who     *access.Session
	session string
	maxSubs int
	pace    slowness // the writer's own

	server *Server
	own    bool // of the recorder: counted nowhere
	coming bool // its subs are not there yet, and it has one cursor for all: a heartbeat's would skip what they missed; guarded by hub.mu

	rehearsals map[uint64]context.CancelFunc // by number; at most maxRehearsals; guarded by hub.mu
	rehearsing sync.WaitGroup

	watches map[uint64]*watch // by number; at most maxWatches; guarded by hub.mu, as watchN
	watchN  uint64

	mu      sync.Mutex
	waiting []*frame // in order, at most maxWaiting
	beat    *frame   // latest wins
	marked  []*subscription
	subs    map[uint64]*subscription // by the number of the view
	leaving *goodbye                 // set once; nothing is queued after

	writing bool        // there is a writer, or it has ended for good
	busy    time.Time   // when something was last taken to be written
	beats   uint64      // heartbeats taken
	due     *time.Timer // for what max_hz holds; nil: nothing was held yet

	done  chan struct{} // closed when the client is gone
	wrote chan struct{} // closed when the writer has ended for good
}

func newConn(w wire, s *Server, who *access.Session, session string, maxSubs int) *conn {
	return &conn{
		wire: w, server: s, hub: s.hub, who: who, session: session, maxSubs: maxSubs, subs: map[uint64]*subscription{}, watches: map[uint64]*watch{},
		rehearsals: map[uint64]context.CancelFunc{},
		done:       make(chan struct{}), wrote: make(chan struct{}),
	}
}

// send queues a frame that must not be lost. If there is no room, the client is too slow for what it asked for.
func (c *conn) send(f *frame) {
	c.mu.Lock()
	switch {
	case c.leaving != nil:
	case len(c.waiting) >= maxWaiting:
		c.leave(closeSlow)
	default:
		c.waiting = append(c.waiting, f)
	}
	c.kick()
	c.mu.Unlock()
}

// heartbeat replaces the one that still waits. To a client that is being written to many times a second it goes with the next
// of that, by one call.
func (c *conn) heartbeat(f *frame, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.beat != nil {
		c.hub.metrics.conflatedSlow.Inc()
	}
	late := c.beat != nil || now.Sub(c.busy) > beatWithin
	c.beat = f
	if late {
		c.kick()
	}
}

// mark says that s's view has a new edition.
func (c *conn) mark(s *subscription) {
	c.mu.Lock()
	if s.marked {
		c.hub.metrics.conflate(s)
	} else if c.leaving == nil && !s.off {
		s.marked = true
		c.marked = append(c.marked, s)
		c.kick()
	}
	c.mu.Unlock()
}

// fail ends the connection, after what is being written.
func (c *conn) fail(why *goodbye) {
	c.mu.Lock()
	c.leave(why)
	c.kick()
	c.mu.Unlock()
}

// ends is fail, and says why the connection ends if that was settled before.
func (c *conn) ends(why *goodbye) *goodbye {
	c.fail(why)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving
}

// leave sets why the connection ends, once; the caller holds mu.
func (c *conn) leave(why *goodbye) {
	if c.leaving == nil {
		c.leaving = why
		c.marked = nil // what waits is bounded, and an err is worth sending before the bye that follows from it
	}
}

func (c *conn) add(s *subscription) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subs[s.view.number] != nil {
		return false
	}
	c.subs[s.view.number] = s
	return true
}

// drop takes all subscriptions off the connection.
func (c *conn) drop() []*subscription {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*subscription, 0, len(c.subs))
	for _, s := range c.subs {
		s.off = true
		all = append(all, s)
	}
	clear(c.subs)
	return all
}

// read obeys a websocket's client until the connection ends. It owns the end: it detaches, and closes done.
func (c *conn) read(ws *websocket.Conn) {
	defer close(c.done)
	defer ws.Close()
	defer c.hub.detach(c)
	ws.SetReadLimit(maxFrameBytes)
	alive := func() { _ = ws.SetReadDeadline(time.Now().Add(pongWait)) } // a dead connection shows at the next read
	alive()
	ws.SetPongHandler(func(string) error {
		alive()
		return nil
	})
	ws.SetPingHandler(func(data string) error {
		c.send(&frame{kind: "pong", socket: socketFrame(wholePong, []byte(data))})
		return nil
	})
	bucket := bucket{level: framesBurst, at: time.Now()}
	refused := 0
	for {
		kind, b, err := ws.ReadMessage()
		if err != nil {
			c.over(err)
			return
		}
		alive()
		switch {
		case c.isLeaving(): // only waiting for the client's close
			_ = ws.SetReadDeadline(time.Now().Add(closeWait))
		case !bucket.take(time.Now()) || !c.who.Message():
			c.fail(closeRate)
		case kind != websocket.TextMessage:
			c.fail(closeText)
		case !c.obeyAside(b):
			if refused++; refused >= maxRefused {
				c.fail(closeRefused)
			}
		}
	}
}

// over sees the connection off after its last read: a peer that was merely silent is told why, if it will listen.
func (c *conn) over(err error) {
	why := closeGone
	var n net.Error
	if errors.As(err, &n) && n.Timeout() {
		why = closeNoPong
	}
	why = c.ends(why)
	c.hub.metrics.closed.WithLabelValues(why.name).Inc()
	if why != closeNoPong {
		return
	}
	wait := time.NewTimer(closeWait)
	defer wait.Stop()
	select {
	case <-c.wrote:
	case <-wait.C:
	}
}

func (c *conn) isLeaving() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.leaving != nil
}

// obeyAside is obey, aside.
func (c *conn) obeyAside(b []byte) (ok bool) {
	aside(func() { ok = c.obey(b) })
	return ok
}

// aside does what needs a deep stack on a goroutine that ends with it, and waits. A stack that has grown to 8 kB for it stays so
// while its goroutine waits for a socket, and there are two goroutines for each of many connections.
func aside(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// obey does what a frame asks; false if it is refused.
func (c *conn) obey(b []byte) bool {
	r, err := parseRequest(b)
	if err == nil {
		err = c.do(r)
	}
	var no *refusal
	if errors.As(err, &no) {
		c.send(encodeFrame("err", errFrame{"err", no.id, no.code, no.message}))
	}
	return err == nil
}

func (c *conn) do(r *request) error {
	switch r.kind {
	case "hello":
		if r.token != "" && c.hub.keyed { // else nobody asks for one
			return &refusal{"TOKEN_TAKEN", "a connection is of one token, from its beginning to its end; open another", r.id}
		}
		c.welcome(r.id)
	case "ping":
		c.send(encodeFrame("pong", pongFrame{"pong", r.id, instant(time.Now().UnixMilli())}))
	case "sub":
		return c.subscribe(r)
	case "tune":
		return c.tune(r)
	case "watch":
		return c.watch(r)
	case "unwatch":
		return c.unwatch(r)
	case "explain":
		return c.explain(r)
	case "unsub":
		return c.unsubscribe(r)
	}
	return nil
}

func (c *conn) welcome(id *int64) {
	state := "catching_up"
	if c.hub.isLive() {
		state = "live"
	}
	c.send(encodeFrame("welcome", welcomeFrame{
		T: "welcome", ID: id, Session: c.session, ServerTime: instant(time.Now().UnixMilli()),
		HeartbeatMS: heartbeatEvery.Milliseconds(), State: state, Schema: schemaVersion,
		Limits: limits{c.maxSubs, maxHz, maxFrameBytes, framesPerS, framesBurst},
	}))
}

func (c *conn) subscribe(r *request) error {
	if r.rehearse != nil {
		return c.rehearse(r)
	}
	return refusalOf(c.hub.subscribe(c, r), r)
}

// subscribeAll subscribes a client that has one cursor for all of its subs, which are of one kind. A tape has no cursors.
func (c *conn) subscribeAll(all []*request) {
	if all[0].rehearse == nil {
		c.hub.subscribeAll(c, all)
		return
	}
	for _, r := range all {
		if err := c.rehearse(r); err != nil {
			c.refuse(err, r)
		}
	}
}

// refuse tells a client that cannot ask again why its sub is not.
func (c *conn) refuse(err error, r *request) {
	if no, ok := refusalOf(err, r).(*refusal); ok {
		c.send(encodeFrame("err", errFrame{"err", no.id, no.code, no.message}))
	}
}

// full tells that a connection has as many subscriptions as it may.
func (c *conn) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.subs) >= c.maxSubs
}

// refusalOf is what the client is told of why its sub is not.
func refusalOf(err error, r *request) error {
	if no, ok := err.(*refusal); ok {
		no.id = r.id
		return no
	}
	switch {
	case errors.Is(err, errSubsMine):
		return &refusal{"TOO_MANY_SUBS", err.Error(), r.id}
	case errors.Is(err, errSubscribed):
		return &refusal{"ALREADY_SUBSCRIBED", err.Error(), r.id}
	case errors.Is(err, errCatchingUp):
		return &refusal{"CATCHING_UP", err.Error(), r.id}
	case errors.Is(err, errNotGranted), errors.Is(err, errFieldNotGranted):
		return &refusal{"FORBIDDEN", err.Error(), r.id}
	case errors.Is(err, errSubsShare):
		return &refusal{"TOO_MANY_SUBS", err.Error(), r.id}
	case errors.Is(err, errSubsLimit):
		return &refusal{"OVERLOADED", err.Error(), r.id}
	}
	return nil // errNotAttached: nobody is there to be told
}

// errNotSubscribed is for a sub that the connection does not have.
func errNotSubscribed(id *int64) error {
	return &refusal{"NOT_SUBSCRIBED", "expected sub to be the number that an ack gave, and not unsubscribed since", id}
}

// tune changes how often a sub's document comes, from its next frame on.
func (c *conn) tune(r *request) error {
	c.mu.Lock()
	s := c.subs[r.sub]
	c.mu.Unlock()
	if s == nil {
		return errNotSubscribed(r.id)
	}
	s.every.Store(int64(r.every))
	c.acknowledge(r, s)
	return nil
}

func (c *conn) unsubscribe(r *request) error {
	if c.hub.rehearsed(c, r.sub) {
		c.send(encodeFrame("ack", ackFrame{T: "ack", ID: r.id, Sub: r.sub, Deprecations: []string{}}))
		return nil
	}
	c.mu.Lock()
	s := c.subs[r.sub]
	if s != nil {
		s.off = true
		delete(c.subs, r.sub)
	}
	c.mu.Unlock()
	if s == nil {
		return errNotSubscribed(r.id)
	}
	c.hub.unsubscribe(s)
	c.acknowledge(r, s)
	return nil
}

func (c *conn) acknowledge(r *request, s *subscription) {
	c.send(encodeFrame("ack", ackFrame{T: "ack", ID: r.id, Sub: r.sub, Topic: s.view.topic.name, Deprecations: []string{}}))
}

func (c *conn) watch(r *request) error {
	switch err := c.hub.watch(c, r); {
	case errors.Is(err, errWatchesLimit):
		return &refusal{"TOO_MANY_WATCHES", err.Error(), r.id}
	case errors.Is(err, errNotGranted), errors.Is(err, errFieldNotGranted):
		return &refusal{"FORBIDDEN", err.Error(), r.id}
	case errors.Is(err, errSubsShare):
		return &refusal{"TOO_MANY_SUBS", err.Error(), r.id}
	case errors.Is(err, errSubsLimit):
		return &refusal{"OVERLOADED", err.Error(), r.id}
	}
	return nil
}

func (c *conn) unwatch(r *request) error {
	w, ok := c.hub.unwatch(c, r.sub)
	if !ok {
		return &refusal{"NOT_WATCHED", "expected watch to be the number that an ack gave, and not unwatched since", r.id}
	}
	c.send(encodeFrame("ack", ackFrame{T: "ack", ID: r.id, Watch: w.number, Topic: w.topic.name, Deprecations: []string{}}))
	return nil
}

// bucket is a token bucket: framesPerS a second, at most framesBurst at once.
type bucket struct {
	level float64
	at    time.Time
}

func (b *bucket) take(now time.Time) bool {
	b.level = min(framesBurst, b.level+framesPerS*now.Sub(b.at).Seconds())
	b.at = now
	if b.level < 1 {
		return false
	}
	b.level--
	return true
}
