package feed

import (
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// hub holds the meters and who wants them. One goroutine feeds it batches; connections subscribe, and read editions.
//
// A batch is applied whole, and then every topic that it changed and that has subscribers gets one new edition: so a
// burst, or the restore at start, costs one encoding a topic and not one a record. Topics without subscribers are not
// encoded, but for a moment after the last has gone: it may come back.
//
// Locks: mu, then a connection's own. Nothing under mu waits for a connection.
type hub struct {
	log     *slog.Logger
	metrics *metrics
	now     func() time.Time

	mu     sync.Mutex
	meters *meters
	alerts alerts
	past   pastEvents
	// Corrections of money lie in the log of the alerts, and are none: restatement.go.
	restatements alerts

	logs   map[string]string // a stage's input, by the stage
	at     position          // how far the logs have been read
	topics map[string]*topic // those with subscribers
	dirty  map[*topic]int64  // to be published: append time of the newest change
	left   []leftView        // views whose last subscriber has gone, in that order; at most maxLeft
	conns  map[*conn]struct{}
	subs   int // of all connections
	seq    uint64
	viewN  uint64
	beat   uint64
	keyed  bool // tokens are asked for; set before anyone is attached
	live   bool // caught up with the meters
	closed bool

	maxSubs int // of all connections together
}

// boardEvery is how often the board, or a campaign's or brand's document, is made at most: every meter of every show changes the
// board, of every show of its ESOLs a campaign's, and of every show that sells it a brand's; and they are the longest documents.
const boardEvery = 200 * time.Millisecond

// pacedKinds are the kinds of topics that are made no oftener.
var pacedKinds = []string{event.ScopeCampaign, event.ScopeBrand}

func newHub(at position, maxScopes, maxSubs int, m *metrics, log *slog.Logger) *hub {
	h := &hub{
		at: at, past: newPastEvents(len(at.alerts)), log: log, metrics: m, now: time.Now, meters: newMeters(maxScopes), alerts: newAlerts(),
		restatements: newAlerts(), topics: map[string]*topic{}, dirty: map[*topic]int64{}, conns: map[*conn]struct{}{}, maxSubs: maxSubs,
	}
	h.meters.alerts = &h.alerts
	return h
}

// apply takes a batch of changes in, which reaches to the offsets given, and publishes what they change.
func (h *hub) apply(batch []change, reached map[int32]int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for partition, next := range reached {
		h.at.reachMeter(partition, next)
	}
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

// flush publishes the dirty topics, except one of those that are paced which was published a moment ago: the next flush will.
func (h *hub) flush() {
	now := h.now()
	for t, appendMS := range h.dirty {
		if t.paced && now.Sub(t.published) < boardEvery {
			continue
		}
		delete(h.dirty, t)
		t.renew(appendMS, now)
	}
}

// tick publishes what was held back. It is called ten times a second.
func (h *hub) tick() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.flush()
	now := h.now()
	for len(h.left) > 0 && now.Sub(h.left[0].at) >= viewLinger {
		h.forgetOldest()
	}
	for _, t := range h.topics {
		for _, w := range t.watches {
			w.late(now)
		}
	}
}

var (
	errSubscribed  = errors.New("already subscribed to this on this connection; unsub or tune it instead")
	errSubsMine    = errors.New("this connection has as many subscriptions as it may; unsub one")
	errSubsLimit   = errors.New("the server has as many subscriptions as it allows; try again later")
	errNotAttached = errors.New("the connection is closing")
	errCatchingUp  = errors.New("events are still being read, so what was missed is not known yet; " +
		"resume once a heartbeat's state is live")
)

// subscribe puts c on a view of a topic, acknowledges it, replays the events that a resumed client has missed, and marks it
// for what its state lacks.
func (h *hub) subscribe(c *conn, r *request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	s, err := h.enter(c, r)
	if err == nil {
		h.acknowledge(s, r)
		s.begin()
	}
	return err
}

// subscribeAll is subscribe of all that a client follows with one cursor; those that cannot be are refused in their turn. Where there
// is no room for one, there is for none: the others' frames would take the cursor past what that one missed meanwhile.
//
// What any of them has missed is queued before the first frame that says how far the logs were read: a document, an event that
// happens meanwhile, a heartbeat. Were the connection cut between such a frame and what another has missed, its cursor would skip
// that. The lock is held for maxStreamTopics times maxMissed events at most.
func (h *hub) subscribeAll(c *conn, all []*request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	entered, refused := make([]*subscription, len(all)), make([]error, len(all))
	for i, r := range all {
		entered[i], refused[i] = h.enter(c, r)
		if err := refused[i]; errors.Is(err, errSubsLimit) || errors.Is(err, errSubsShare) {
			c.refuse(err, r)
			c.fail(closeFull) // whoever reads then detaches it, and what has entered leaves
			return
		}
	}
	for i, r := range all {
		if refused[i] != nil {
			c.refuse(refused[i], r)
			continue
		}
		h.acknowledge(entered[i], r)
	}
	for _, s := range entered {
		if s != nil {
			s.begin()
		}
	}
	c.coming = false
}

// begin marks a new subscription for what its client's state lacks.
func (s *subscription) begin() {
	if !s.view.silent {
		s.conn.mark(s)
	}
}

// enter puts c on a view of a topic, and says nothing of it yet; the caller holds mu.
func (h *hub) enter(c *conn, r *request) (*subscription, error) {
	if _, attached := h.conns[c]; !attached {
		return nil, errNotAttached
	}
	if c.full() {
		return nil, errSubsMine
	}
	if h.subs >= h.maxSubs {
		return nil, errSubsLimit
	}
	if r.resume != nil && !h.live {
		return nil, errCatchingUp
	}
	seen, granted := sightOf(c.who.Principal, r.topic, h.meters.owner(r.topic))
	if !granted {
		return nil, errNotGranted
	}
	t := h.topicOf(r.topic)
	chosen, err := seen.narrow(t.shape, r.chosen)
	if err == nil {
		err = h.allows(seen, r.topic, r.basis.model)
	}
	var in *based
	if err == nil {
		in, err = t.in(r.basis)
	}
	if err == nil && !c.who.Subscribe() {
		err = errSubsShare
	}
	if err != nil {
		h.leaveIfUnused(t)
		return nil, err
	}
	v := t.view(chosen, in)
	s := &subscription{conn: c, view: v, at: len(v.subs)}
	s.every.Store(int64(r.every))
	if !c.add(s) {
		c.who.Unsubscribe(1)
		h.leaveIfEmpty(v)
		return nil, errSubscribed
	}
	v.subs = append(v.subs, s)
	h.count(1)
	return s, nil
}

// acknowledge says that s has begun, and replays the events that a resumed client has missed; the caller holds mu since enter.
func (h *hub) acknowledge(s *subscription, r *request) {
	missed, t := h.resume(s, r.resume), s.view.topic
	s.conn.send(encodeFrame("ack", ackFrame{
		T: "ack", ID: r.id, Sub: s.view.number, Topic: t.name, Keys: t.shape.places.Union, Basis: r.basis.frame(), Resumed: missed.how, Deprecations: []string{},
	}))
	missed.replay(s)
}

// topicOf is a topic with its present document, made if nobody has asked for it before.
func (h *hub) topicOf(name string) *topic {
	t := h.topics[name]
	if t == nil {
		kind, _, _ := event.SplitScope(name)
		t = &topic{hub: h, name: name, shape: shapeOf(name), paced: slices.Contains(pacedKinds, kind) || name == boardTopic}
		h.topics[name] = t
		t.renew(0, h.now())
	} else if appendMS, held := h.dirty[t]; held {
		delete(h.dirty, t) // who comes now does not begin with a document of the past
		t.renew(appendMS, h.now())
		h.topics[name] = t // with its last view, renew may have forgotten it
	}
	return t
}

// unsubscribe takes a subscription off its topic.
func (h *hub) unsubscribe(s *subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.remove(s)
}

func (h *hub) remove(s *subscription) {
	v, last := s.view, len(s.view.subs)-1
	if s.at < 0 {
		return
	}
	v.subs[s.at] = v.subs[last]
	v.subs[s.at].at = s.at
	v.subs[last] = nil
	v.subs = v.subs[:last]
	s.at = -1
	s.conn.who.Unsubscribe(1)
	h.count(-1)
	if len(v.subs) > 0 {
		return
	}
	if len(h.left) == maxLeft {
		h.forgetOldest()
	}
	v.left = h.now()
	h.left = append(h.left, leftView{v, v.left})
}

// leftView is a view that nobody has any more, and since when. It is kept for viewLinger with its past states, so that a client
// that was cut off, and had it for itself, is sent a delta when it comes back. At most maxLeft are kept, the oldest goes first.
type leftView struct {
	view *view
	at   time.Time
}

const (
	viewLinger = 10 * time.Second // about as far back as past states reach
	maxLeft    = 1024
)

// forgetOldest ends the wait for whoever left first, unless somebody has come since.
func (h *hub) forgetOldest() {
	l := h.left[0]
	h.left[0] = leftView{}
	h.left = h.left[1:]
	if l.view.left.Equal(l.at) {
		h.leaveIfEmpty(l.view)
	}
}

// leaveIfEmpty forgets a view that nobody has, and its topic with the last.
func (h *hub) leaveIfEmpty(v *view) {
	t := v.topic
	if len(v.subs) == 0 {
		t.views = slices.DeleteFunc(t.views, func(o *view) bool { return o == v })
	}
	h.leaveIfUnused(t)
}

func (h *hub) leaveIfUnused(t *topic) {
	t.forgetBases()
	if len(t.views) == 0 && len(t.watches) == 0 {
		delete(h.topics, t.name)
		delete(h.dirty, t)
	}
}

func (h *hub) count(n int) {
	h.subs += n
	h.metrics.subscriptions.Set(float64(h.subs))
}

// attach makes a connection known, and the goroutine that sees it off to whoever waits for its end; false once the hub is
// closed.
func (h *hub) attach(c *conn, goroutines *sync.WaitGroup) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	goroutines.Add(1)
	h.conns[c] = struct{}{}
	if !c.own {
		h.metrics.subscribers.Inc()
	}
	return true
}

// detach forgets a connection and its subscriptions.
func (h *hub) detach(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range c.drop() {
		h.remove(s)
	}
	for _, w := range c.watches {
		h.dropWatch(w)
	}
	for _, cancel := range c.rehearsals {
		cancel()
	}
	delete(h.conns, c)
	if !c.own {
		h.metrics.subscribers.Dec()
	}
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
		Cursor: h.at.cursor(), AsOf: timestamp(asOf), Watermark: timestamp(watermark),
	}
	if asOf != 0 {
		lag := now.UnixMilli() - asOf
		hb.LagMS = &lag
	}
	f := encodeFrame("hb", hb)
	for c := range h.conns {
		if !c.coming || !h.live {
			c.heartbeat(f, now)
		}
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
		c.wire.drop()
	}
}
