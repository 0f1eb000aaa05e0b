package feed

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// hub holds the meters and who wants them. One goroutine feeds it batches; connections subscribe, and read editions.
//
// A batch is applied whole, and then every topic that it changed and that has subscribers gets one new edition: so a
// burst, or the restore at start, costs one encoding a topic and not one a record. Topics without subscribers are never
// encoded.
//
// Locks: mu, then a connection's own. Nothing under mu waits for a connection.
type hub struct {
	epoch   string // of this process's cursors
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time

	mu     sync.Mutex
	meters *meters
	alerts alerts
	topics map[string]*topic // those with subscribers
	dirty  map[*topic]int64  // to be published: append time of the newest change
	conns  map[*conn]struct{}
	subs   int // of all connections
	seq    uint64
	topicN uint64
	beat   uint64
	live   bool // caught up with the meters
	closed bool

	maxSubs int // of all connections together
}

// topic is what someone has subscribed to.
type topic struct {
	hub     *hub
	name    string
	number  uint64 // what frames call it: its sub
	paced   bool   // made once in boardEvery at most
	edition atomic.Pointer[edition]
	// Guarded by hub.mu.
	subs      []*subscription
	published time.Time
}

// boardEvery is how often the board, or a campaign's document, is made at most: every meter of every show changes the
// board, and of every show of its ESOLs a campaign's; and they are the longest documents.
const boardEvery = 200 * time.Millisecond

func newHub(epoch string, maxScopes, maxSubs int, m *metrics, log *slog.Logger) *hub {
	h := &hub{
		epoch: epoch, log: log, metrics: m, now: time.Now, meters: newMeters(maxScopes), alerts: newAlerts(),
		topics: map[string]*topic{}, dirty: map[*topic]int64{}, conns: map[*conn]struct{}{}, maxSubs: maxSubs,
	}
	h.meters.alerts = &h.alerts
	return h
}

// apply takes a batch of changes in and publishes what they change.
func (h *hub) apply(batch []change) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range batch {
		var appendMS int64
		if c.meter != nil {
			appendMS = c.meter.AppendMs
		}
		fresh := h.meters.apply(c, func(name string) {
			if t := h.topics[name]; t != nil {
				h.dirty[t] = max(h.dirty[t], appendMS)
			}
		})
		if !fresh {
			h.metrics.recordsDropped.WithLabelValues("seen").Inc()
		}
	}
	h.metrics.scopes.Set(float64(len(h.meters.scopes)))
	h.flush()
}

// flush publishes the dirty topics, except a board or campaign that was published a moment ago: the next flush will.
func (h *hub) flush() {
	now := h.now()
	for t, appendMS := range h.dirty {
		if t.paced && now.Sub(t.published) < boardEvery {
			continue
		}
		delete(h.dirty, t)
		h.publish(t, appendMS, now)
	}
}

func (h *hub) publish(t *topic, appendMS int64, now time.Time) {
	prev := t.edition.Load()
	p, err := h.meters.document(t.name)
	if err != nil {
		h.log.Error("encoding a document; its subscribers keep the one before", "topic", t.name, "err", err)
		return
	}
	why := "not_yet"
	if prev != nil && (prev.parts != nil || prev.why == "gone") {
		why = "gone"
	}
	h.seq++
	t.edition.Store(t.follow(prev, h.seq, p, appendMS, why))
	if p != nil { // what was not there is not held back when it comes
		t.published = now
	}
	for _, s := range t.subs {
		s.conn.mark(s)
	}
}

// tick publishes what was held back. It is called ten times a second.
func (h *hub) tick() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.flush()
}

var (
	errSubscribed  = errors.New("already subscribed to this topic on this connection; unsub first")
	errSubsLimit   = errors.New("the server has as many subscriptions as it allows; try again later")
	errNotAttached = errors.New("the connection is closing")
)

// subscribe puts c on a topic, acknowledges it, and marks it for its snap.
func (h *hub) subscribe(c *conn, name string, every time.Duration, id *int64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, attached := h.conns[c]; !attached {
		return errNotAttached
	}
	if h.subs >= h.maxSubs {
		return errSubsLimit
	}
	t := h.topics[name]
	if t == nil {
		h.topicN++
		kind, _, _ := event.SplitScope(name)
		t = &topic{hub: h, name: name, number: h.topicN, paced: name == boardTopic || kind == event.ScopeCampaign}
		h.topics[name] = t
		h.publish(t, 0, h.now())
	} else if appendMS, held := h.dirty[t]; held {
		delete(h.dirty, t) // a new subscriber does not begin with a document of the past
		h.publish(t, appendMS, h.now())
	}
	s := &subscription{conn: c, topic: t, every: every, at: len(t.subs)}
	if !c.add(s) {
		h.leaveIfEmpty(t)
		return errSubscribed
	}
	t.subs = append(t.subs, s)
	h.count(1)
	c.send(encodeFrame("ack", ackFrame{"ack", id, t.number, name}))
	c.mark(s)
	return nil
}

// unsubscribe takes a subscription off its topic.
func (h *hub) unsubscribe(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
}

func (h *hub) remove(s *subscription) {
	t, last := s.topic, len(s.topic.subs)-1
	if s.at < 0 {
		return
	}
	t.subs[s.at] = t.subs[last]
	t.subs[s.at].at = s.at
	t.subs[last] = nil
	t.subs = t.subs[:last]
	s.at = -1
	h.count(-1)
	h.leaveIfEmpty(t)
}

func (h *hub) leaveIfEmpty(t *topic) {
	if len(t.subs) == 0 {
		delete(h.topics, t.name)
		delete(h.dirty, t)
	}
}

func (h *hub) count(n int) {
	h.subs += n
	h.metrics.subscriptions.Set(float64(h.subs))
}

// attach makes a connection known, and its two goroutines to whoever waits for their end; false once the hub is closed.
func (h *hub) attach(c *conn, goroutines *sync.WaitGroup) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	goroutines.Add(2)
	h.conns[c] = struct{}{}
	h.metrics.subscribers.Set(float64(len(h.conns)))
	return true
}

// detach forgets a connection and its subscriptions.
func (h *hub) detach(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range c.drop() {
		h.remove(s)
	}
	delete(h.conns, c)
	h.metrics.subscribers.Set(float64(len(h.conns)))
}

// heartbeat sends one to everyone; called every second.
func (h *hub) heartbeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.beat++
	now := h.now()
	asOf, watermark := h.meters.pulse()
	hb := heartbeatFrame{
		T: "hb", N: h.beat, State: h.state(), ServerTime: instant(now.UnixMilli()),
		Cursor: fmt.Sprintf("%s:%d", h.epoch, h.seq), AsOf: timestamp(asOf), Watermark: timestamp(watermark),
	}
	if asOf != 0 {
		lag := now.UnixMilli() - asOf
		hb.LagMS = &lag
	}
	f := encodeFrame("hb", hb)
	for c := range h.conns {
		c.heartbeat(f)
	}
}

func (h *hub) state() string {
	if h.live {
		return "live"
	}
	return "catching_up"
}

// goLive is called once the meters have been read to where they ended at the start.
func (h *hub) goLive() {
	h.mu.Lock()
	h.meters.profiles.refresh() // here of all ESOLs, and nobody waits yet; later of the few that changed
	h.live = true
	h.mu.Unlock()
	h.metrics.caughtUp.Set(1)
	h.heartbeat()
}

func (h *hub) isLive() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.live
}

func (h *hub) isClosed() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// alert takes an alert in and tells its subscribers, unless it was seen or is history.
func (h *hub) alert(p place, a AlertView) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.alerts.add(p, a) {
		h.metrics.recordsDropped.WithLabelValues("seen").Inc()
		return
	}
	if isDiagnosis(a.Kind) {
		h.attend(a)
	}
	if !h.live {
		return
	}
	h.metrics.alerts.WithLabelValues(gauges.KindName(a.Kind)).Inc()
	names := []string{boardTopic}
	if a.ShowID != "" {
		names = append(names, event.Scope(event.ScopeShow, a.ShowID))
	}
	if a.EsolID != "" {
		names = append(names, event.Scope(event.ScopeEsol, a.EsolID))
	}
	if a.Scope != "" && !slices.Contains(names, a.Scope) {
		names = append(names, a.Scope)
	}
	for _, name := range names {
		t := h.topics[name]
		if t == nil {
			continue
		}
		f := encodeFrame("event", eventFrame{"event", t.number, fmt.Sprintf("%s:%d", h.epoch, h.seq), a.Kind, a})
		for _, s := range t.subs {
			s.conn.send(f)
		}
	}
}

// attend publishes the rows of a show that asks for attention. Whose they are is what its room says, whatever the alert
// does.
func (h *hub) attend(a AlertView) {
	name := event.Scope(event.ScopeShow, a.ShowID)
	s := h.meters.scopes[name]
	if s == nil {
		return
	}
	h.meters.touch(s, func(topic string) {
		if t := h.topics[topic]; t != nil && topic != name {
			h.dirty[t] = max(h.dirty[t], 0)
		}
	})
	h.flush()
}

// close says goodbye to everyone and takes nobody in any more.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for c := range h.conns {
		c.fail(closeGoingAway)
	}
}

// cut closes the connections that are still there.
func (h *hub) cut() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.conns {
		c.ws.Close()
	}
}
