package feed

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// Config says where meters come from and who may have them.
type Config struct {
	Cluster *broker.Cluster
	Topics  broker.Topics
	Layout  *broker.Layout
	Logger  *slog.Logger // nil: slog.Default()

	Registerer prometheus.Registerer // of the feed's metrics; nil: none
	Gatherer   prometheus.Gatherer   // for /metrics; nil: there is none

	Gauges gauges.Limits // how many scopes have series there; zero: the defaults

	// Ready says what the rest of the program knows, for /readyz; nil: the feed alone decides.
	Ready func() Readiness
	// Series answers GET /v1/series (stream/history); nil: there is none.
	Series http.Handler
	// SeriesNeeds are the kinds of fields that a request for series asks for; nil: all there are.
	SeriesNeeds func(*http.Request) access.Fields
	// Trouble is told what keeps meters or alerts from being read, and with nil that it does not any more; nil: nobody.
	Trouble func(topic string, err error)
	// TapeTrouble is told why shows on the air are not recorded, again and again, and with nil when all are; nil: nobody.
	TapeTrouble func(err error)
	// Tape says what is kept of shows, to be rehearsed and exported; zero: nothing.
	Tape Taping
	// Page answers what no path of the feed does; nil: 404.
	Page http.Handler

	// Guard decides who may read what; nil: everyone everything. New tells it whose a show or campaign is.
	Guard *access.Guard

	// Origins are web origins ("https://overlay.example") whose pages may open the feed, beside the server's own and
	// those on a loopback address.
	Origins []string

	// MaxScopes bounds the shows, ESOLs, campaigns, brands and deals in memory; one more evicts ended shows, then the least
	// lately changed. Zero means 10,000 (about 100 MB if all are shows with a trend).
	MaxScopes int
	// MaxConnections bounds the websockets; one more gets 503. Zero means 10,000.
	MaxConnections int
	// MaxSubs bounds the subscriptions of one connection; zero means 200. MaxSubsTotal those of all; zero means
	// 100,000.
	MaxSubs, MaxSubsTotal int
	// AlertsBack is how many alerts are read back at the start, per partition, and restatements with them. Zero means 1,000.
	AlertsBack int64
}

// Server is the feed. Handler serves from the start; Run fills it.
type Server struct {
	c       Config
	hub     *hub
	metrics *metrics
	upgrade websocket.Upgrader
	conns   chan struct{} // a slot for each connection
	ending  sync.WaitGroup
	crew    crew
	porch   porch // connections whose first frame is to say who they are

	firstMalformed sync.Once
}

// New makes a server. It does not connect: Run does.
func New(c Config) *Server {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.MaxScopes, 10_000)
	def(&c.MaxConnections, 10_000)
	def(&c.MaxSubs, 200)
	def(&c.MaxSubsTotal, 100_000)
	if c.AlertsBack == 0 {
		c.AlertsBack = 1000
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Trouble == nil {
		c.Trouble = func(string, error) {}
	}
	if c.TapeTrouble == nil {
		c.TapeTrouble = func(error) {}
	}
	if c.SeriesNeeds == nil {
		c.SeriesNeeds = func(*http.Request) access.Fields { return access.All }
	}
	m := newMetrics(c.Registerer)
	s := &Server{
		c: c, metrics: m, hub: newHub(newPosition(c.Layout, c.Topics), c.MaxScopes, c.MaxSubsTotal, m, c.Logger),
		conns: make(chan struct{}, c.MaxConnections),
	}
	s.hub.logs = map[string]string{"show": c.Topics.Journal, "journey": c.Topics.Journeys, "ledger": c.Topics.Credits}
	if c.Registerer != nil {
		c.Registerer.MustRegister(gauges.New(c.Gauges, s.hub.gauges))
	}
	if c.Guard != nil {
		c.Guard.Owner, s.hub.keyed = s.hub.owner, c.Guard.Keyed()
	}
	s.upgrade = websocket.Upgrader{
		ReadBufferSize: 512, WriteBufferPool: &sync.Pool{}, HandshakeTimeout: writeWait,
		Subprotocols: []string{subprotocol}, CheckOrigin: s.allowed,
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			fail(w, status, "HANDSHAKE", reason.Error(), "open /v1/feed as a websocket, from an allowed origin")
		},
	}
	return s
}

// subprotocol is offered to clients that ask for it; none need.
const subprotocol = "livemeter.v1.json"

// name is a random name, of a session.
func name() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// stopWait is how long Run waits for clients to take their goodbye before it closes on them.
const stopWait = 2 * time.Second

// Run reads meters and alerts until ctx ends, then says goodbye to all clients and returns nil. An error means that the
// topics cannot be read; clients are sent away as well.
func (s *Server) Run(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.consume(gctx) })
	g.Go(func() error { return s.clock(gctx) })
	g.Go(func() error { return s.record(gctx) })
	err := g.Wait()
	s.stop()
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// clock beats and publishes what was held back.
func (s *Server) clock(ctx context.Context) error {
	beat, tick := time.NewTicker(heartbeatEvery), time.NewTicker(100*time.Millisecond)
	defer beat.Stop()
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-beat.C:
			s.hub.heartbeat()
		case <-tick.C:
			s.hub.tick()
		}
	}
}

// stop ends all connections and waits for them.
func (s *Server) stop() {
	s.hub.close()
	s.porch.close()
	force := time.AfterFunc(stopWait, s.hub.cut)
	defer force.Stop()
	s.ending.Wait()
}

// admit takes a slot for a connection, or refuses it.
func (s *Server) admit(w http.ResponseWriter) bool {
	if s.hub.isClosed() {
		fail(w, http.StatusServiceUnavailable, "GOING_AWAY", closeGoingAway.message,
			"try again in a moment, perhaps elsewhere")
		return false
	}
	select {
	case s.conns <- struct{}{}:
		return true
	default:
	}
	s.metrics.refusedConns.WithLabelValues("max_connections").Inc()
	w.Header().Set("Retry-After", "10")
	fail(w, http.StatusServiceUnavailable, "OVERLOADED", "the server has as many connections as it allows", "try again later")
	return false
}

// feed upgrades the request and leaves a goroutine behind: the handler returns, which frees its buffers.
func (s *Server) feed(w http.ResponseWriter, r *http.Request) {
	who, ok := s.enter(w, r)
	if !ok {
		return
	}
	if !s.admit(w) {
		s.leave(who, r)
		return
	}
	ws, err := s.upgrade.Upgrade(w, r, nil)
	if err != nil { // the upgrader has answered
		s.metrics.refusedConns.WithLabelValues("handshake").Inc()
		s.leave(who, r)
		<-s.conns
		return
	}
	if who == nil {
		s.introduce(ws, r)
		return
	}
	s.begin(ws, who, nil)
}

// begin gives a websocket to the goroutine that reads it. id is of the hello that the welcome answers, if it does.
func (s *Server) begin(ws *websocket.Conn, who *access.Session, id *int64) {
	c := newConn(newSocket(ws), s, who, name(), s.c.MaxSubs)
	if !s.hub.attach(c, &s.ending) { // closed since
		<-s.conns
		who.Close()
		ws.Close()
		return
	}
	expiry := c.untilExpiry()
	c.welcome(id)
	go func() {
		defer s.ending.Done()
		c.read(ws)
		c.rehearsing.Wait()
		expiry()
		who.Close()
		<-s.conns
	}()
}

// Ready adds what the feed knows to what the program does.
func (s *Server) Ready() Readiness {
	r := Readiness{Assigned: true, Restored: true, Fresh: true}
	if s.c.Ready != nil {
		r = s.c.Ready()
	}
	if !s.hub.isLive() {
		r.Restored = false
		r.Reasons = append(r.Reasons, "the feed has not read all meters yet")
	}
	return r
}
