package livemeter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	connectWait = 10 * time.Second // for the handshake, and then for the welcome
	writeWait   = 10 * time.Second
	silentAfter = 3        // heartbeats missed: say so
	deadAfter   = 8        // heartbeats missed: try another connection
	maxFrame    = 64 << 20 // bytes of a frame of the feed; a longer one ends the client
	// The feed takes 220 frames at once and ten a second: these leave room for the unsubs.
	asksAtOnce, asksPerBeat = 200, 4
	maxRefusals             = 15 // on one connection; at 20 the feed would take the client for broken
)

// connection is one websocket. Its reader is the goroutine that runs connect; Follower and all that has no lock is the
// reader's own.
type connection struct {
	c        *Client
	ws       *websocket.Conn
	follower Follower
	beat     time.Duration // between two heartbeats
	welcomed time.Time     // zero: not yet
	bye      *Frame
	refusals int

	silence *time.Timer

	// Guarded by Client.mu.
	live   bool // events are being sent, so what is resumed is known
	silent bool
	asks   int // sub frames that may be sent now
	asked  map[int64]*subscription

	writing sync.Mutex
}

var dialer = &websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: connectWait}

// connect makes a connection and follows it to its end: how long it lasted, and why it ended.
func (c *Client) connect(ctx context.Context) (lasted time.Duration, err error) {
	ws, err := c.dial(ctx)
	if err != nil {
		return 0, err
	}
	n := &connection{c: c, ws: ws, beat: time.Second, asks: asksAtOnce, asked: map[int64]*subscription{}}
	n.silence = time.AfterFunc(time.Hour, n.fellSilent)
	stop := context.AfterFunc(ctx, n.leave)
	defer func() {
		stop()
		n.silence.Stop()
		ws.Close()
		c.mu.Lock()
		c.open = nil
		for _, s := range c.subs {
			s.lost()
		}
		for _, q := range c.calls {
			q.asked = 0
		}
		c.mu.Unlock()
	}()
	ws.SetReadLimit(maxFrame)
	if err := n.say(map[string]any{"t": "hello", "v": 1, "client": c.c.Name}); err != nil {
		return 0, fmt.Errorf("saying hello: %w", err)
	}
	last, err := n.read(ctx)
	if !n.welcomed.IsZero() {
		lasted = last.Sub(n.welcomed)
	}
	return lasted, closed(err, n.bye)
}

func (c *Client) dial(ctx context.Context) (*websocket.Conn, error) {
	header := http.Header{}
	if c.c.Token != nil {
		token, err := c.c.Token(ctx)
		if err != nil {
			return nil, fmt.Errorf("getting a token: %w", err)
		}
		header.Set("Authorization", "Bearer "+token)
	}
	d := *dialer
	if c.c.Dialer != nil {
		d = *c.c.Dialer
	}
	d.Subprotocols = []string{"livemeter.v1.json"}
	ctx, cancel := context.WithTimeout(ctx, connectWait)
	defer cancel()
	ws, res, err := d.DialContext(ctx, c.address, header)
	if err != nil {
		return nil, answered(fmt.Errorf("connecting to the feed: %w", err), res, c.c.Token != nil)
	}
	return ws, nil
}

// leave says goodbye, as far as the feed listens, and closes.
func (n *connection) leave() {
	text := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = n.ws.WriteControl(websocket.CloseMessage, text, time.Now().Add(time.Second)) // the close that follows ends it all the same
	n.ws.Close()
}

// read obeys frames until the connection ends; last is when the last one came.
func (n *connection) read(ctx context.Context) (last time.Time, err error) {
	for {
		wait := connectWait
		if !n.welcomed.IsZero() {
			wait = deadAfter * n.beat
			n.silence.Reset(silentAfter * n.beat)
		}
		if err := n.ws.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return last, err
		}
		kind, b, err := n.ws.ReadMessage()
		// While the user is waited for, the feed's silence is ours.
		n.silence.Stop()
		if err != nil {
			return last, err
		}
		if kind != websocket.TextMessage {
			return last, errors.New("a frame that is not text")
		}
		last = time.Now()
		if n.c.c.Frames != nil {
			n.c.c.Frames(b)
		}
		if err := n.obey(ctx, b); err != nil {
			return last, err
		}
	}
}

func (n *connection) obey(ctx context.Context, b []byte) error {
	f, err := n.follower.Take(b)
	if err != nil && !errors.Is(err, ErrOutOfStep) {
		return err
	}
	n.heard(f)
	switch f.T {
	case "welcome":
		if n.welcomed.IsZero() {
			n.welcomed = time.Now()
		}
		if f.HeartbeatMS > 0 {
			n.beat = time.Duration(f.HeartbeatMS) * time.Millisecond
		}
		n.ask()
	case "hb":
		n.ask()
	case "ack":
		return n.acknowledged(ctx, f)
	case "err":
		return n.refused(ctx, f)
	case "snap", "delta":
		n.document(f, err)
	case "event", "restate":
		return n.event(ctx, f)
	case "watch":
		return n.watched(ctx, f)
	case "explanation":
		n.c.answer(f, b)
	case "bye":
		n.bye = f
	case "notice":
		if f.Code == "end" {
			return n.ended(ctx, f)
		}
		n.c.log.Warn("the feed says", "code", f.Code, "message", f.Message)
	}
	return nil
}

// heard notes what any frame tells: that the feed is there, whether it is live, how far it has been read.
func (n *connection) heard(f *Frame) {
	c := n.c
	c.mu.Lock()
	was := c.link
	n.silent = false
	switch f.T {
	case "welcome":
		c.open = n
		n.live = f.State == "live"
	case "hb":
		n.live = f.State == "live"
		n.asks = min(asksAtOnce, n.asks+asksPerBeat)
		for _, s := range c.subs {
			n.reached(s, f)
		}
	case "event", "restate": // there are none before
		n.live = true
	}
	now := Link{State: Open, Live: n.live}
	changed := c.open == n && was != now
	c.mu.Unlock()
	if changed {
		c.linked(now)
	}
}

// reached notes how far a subscription has been read. While the feed is still reading its logs, its place in them is no one's.
func (n *connection) reached(s *subscription, f *Frame) {
	if at := f.Position(); n.live && s.number != 0 && at != "" && s.resumes() {
		s.cursor = at
	}
}

// fellSilent is called where nothing has come for a while.
func (n *connection) fellSilent() {
	n.c.mu.Lock()
	here := n.c.open == n && !n.silent
	n.silent = n.silent || here
	n.c.mu.Unlock()
	if here {
		n.c.linked(Link{State: Silent})
	}
}

// ask subscribes to what is not subscribed to, and asks what was not asked, as far as that can be now.
func (n *connection) ask() {
	c := n.c
	c.mu.Lock()
	var frames []any
	now := time.Now()
	for _, s := range c.subs {
		if s.number != 0 || s.asked != 0 || now.Before(s.after) || s.needsLive() && !n.live || n.asks == 0 {
			continue
		}
		n.asks--
		c.nextID++
		s.asked = c.nextID
		n.asked[s.asked] = s
		frames = append(frames, s.frame())
	}
	for _, q := range c.calls {
		if q.asked == 0 && n.live && n.asks > 0 {
			n.asks--
			c.nextID++
			q.asked = c.nextID
			frames = append(frames, q.frame())
		}
	}
	c.mu.Unlock()
	for _, f := range frames {
		if n.say(f) != nil {
			return // the reader sees why
		}
	}
}

// say writes a frame; where that fails, the connection ends.
func (n *connection) say(frame any) error {
	n.writing.Lock()
	defer n.writing.Unlock()
	err := n.ws.SetWriteDeadline(time.Now().Add(writeWait))
	if err == nil {
		err = n.ws.WriteJSON(frame)
	}
	if err != nil {
		n.ws.Close()
	}
	return err
}

// letGo unsubscribes from what the feed sends under a number; one that is asked for is let go of with its ack.
func (n *connection) letGo(s *subscription, number uint64) {
	switch {
	case number == 0:
	case s.when != "":
		_ = n.say(map[string]any{"t": "unwatch", "watch": number}) // the reader sees why not
	default:
		_ = n.say(map[string]any{"t": "unsub", "sub": number}) // likewise
	}
}

func (n *connection) acknowledged(ctx context.Context, f *Frame) error {
	s := n.answered(f)
	if s == nil {
		return nil // of an unsub
	}
	n.c.mu.Lock()
	off := s.off
	number := max(f.Sub, f.Watch)
	if !off {
		s.number = number
		if f.Resumed == "in_step" || f.Resumed == "delta" {
			n.follower.Resume(f.Sub, s.held)
			s.held = n.follower.Sub(f.Sub) // the one that deltas change from now on
		}
	}
	n.c.mu.Unlock()
	switch {
	case off:
		n.letGo(s, number)
	case f.Resumed == "too_old" || f.Resumed == "foreign":
		return n.tell(ctx, s, Update{Kind: Gap, Reason: f.Resumed})
	}
	return nil
}

// answered is the subscription that was asked for with the frame's id; nil: none was.
func (n *connection) answered(f *Frame) *subscription {
	if f.ID == nil {
		return nil
	}
	n.c.mu.Lock()
	defer n.c.mu.Unlock()
	s := n.asked[*f.ID]
	if s != nil && s.rehearses() && f.T == "ack" { // its tape may turn out not to be readable
		s.asked = 0
		return s
	}
	delete(n.asked, *f.ID)
	if s != nil {
		s.asked = 0
	}
	return s
}

// refused deals with an err: what can come later is asked for later, the rest is told.
func (n *connection) refused(ctx context.Context, f *Frame) error {
	if f.ID != nil && n.c.answer(f, nil) {
		return nil
	}
	s := n.answered(f)
	if f.Code == "REVOKED" || f.Code == "BASIS_CHANGED" {
		s = n.numbered(f)
	}
	if s == nil {
		n.c.log.Warn("the feed refused a frame", "code", f.Code, "message", f.Message)
		return nil
	}
	if n.refusals++; n.refusals > maxRefusals {
		return fmt.Errorf("much was refused on this connection, at last: %s: %s", f.Code, f.Message)
	}
	n.c.mu.Lock()
	later := true
	switch {
	case f.Code == "CATCHING_UP":
		n.live = false // the next heartbeat says more
	case f.Code == "OVERLOADED", f.Code == "TOO_MANY_BASES", f.Code == "ALREADY_SUBSCRIBED" && s.failed < 3: // what was let go of a moment ago is still there
		s.again(time.Now())
	default:
		later = false
		s.off = true
		n.c.subs = slices.DeleteFunc(n.c.subs, func(o *subscription) bool { return o == s })
	}
	n.c.mu.Unlock()
	if later {
		n.ask()
		return nil
	}
	return n.tell(ctx, s, Update{Kind: Refused, Reason: f.Code, Message: f.Message})
}

// numbered is the subscription, or the watch, that a frame is of: they are numbered apart.
func (n *connection) numbered(f *Frame) *subscription {
	n.c.mu.Lock()
	defer n.c.mu.Unlock()
	for _, s := range n.c.subs {
		if s.number == 0 {
			continue
		}
		if s.when == "" && s.number == f.Sub || s.when != "" && s.number == f.Watch {
			return s
		}
	}
	return nil
}

// document tells of a state that was proven; one that was not is asked for anew.
func (n *connection) document(f *Frame, wrong error) {
	s := n.numbered(f)
	if s == nil { // let go of, or asked for anew
		n.follower.Forget(f.Sub)
		return
	}
	n.c.mu.Lock()
	n.reached(s, f) // whatever the document is, the events before it have come
	if wrong != nil {
		s.again(time.Now())
		n.c.mu.Unlock()
		n.c.log.Warn("subscribing again", "topic", s.Topic, "err", wrong)
		n.letGo(s, f.Sub)
		n.ask()
		return
	}
	held := n.follower.Sub(f.Sub)
	s.held = held
	if s.rehearses() && f.AsOf != "" {
		s.reached = f.AsOf
	}
	if s.failed > 0 && time.Since(s.after) > lastAgain {
		s.failed = 0
	}
	n.c.mu.Unlock()
	n.c.line.latest(s, Update{
		Kind: Document, Sub: s.Sub, Data: held.Text, Cursor: f.Position(), AsOf: f.AsOf, Watermark: f.Watermark, Reason: held.Reason,
	})
}

// event tells of an event that was not told before.
func (n *connection) event(ctx context.Context, f *Frame) error {
	s := n.numbered(f)
	if s == nil {
		return nil
	}
	var said struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(f.Data, &said); err != nil {
		return fmt.Errorf("reading an event: %w", err)
	}
	if s.seen.add(said.ID) { // the reader's own
		u := Update{Kind: Event, Data: f.Data, Cursor: f.Cursor, Name: f.Kind}
		if f.T == "restate" {
			u.Kind, u.Reason = Restate, f.Reason
		}
		if err := n.tell(ctx, s, u); err != nil {
			return err
		}
	}
	n.c.mu.Lock()
	n.reached(s, f)
	n.c.mu.Unlock()
	return nil
}

// tell puts an update in line that must not be left out.
func (n *connection) tell(ctx context.Context, s *subscription, u Update) error {
	if !n.c.line.every(ctx, s, s.update(u)) {
		return ctx.Err()
	}
	return nil
}
