package feed

import (
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/access"
)

// A websocket may be opened without a token: then its first frame is a hello with one, within helloWait, and until then
// nothing is sent and nothing else is done.
//
//	enter ─▶ Upgrade ─▶ introduce: one frame ─▶ begin
//	  └ a place on the porch ────────┘

const (
	helloWait = 5 * time.Second
	// maxStrangers bounds the websockets that have not said who they are, of all clients and of one address; one more gets
	// 503 or 429.
	maxStrangers, maxStrangersOfOne = 512, 16
)

// porch is where connections wait that have not said who they are.
type porch struct {
	mu     sync.Mutex
	n      int
	of     map[string]int // by address
	held   map[*websocket.Conn]struct{}
	closed bool
}

var (
	errPorchFull = &access.Refusal{Status: http.StatusServiceUnavailable, Code: "OVERLOADED",
		Message: "too many connections have not said who they are", Hint: "send a token with the request"}
	errPorchOfOne = &access.Refusal{Status: http.StatusTooManyRequests, Code: "TOO_MANY_STRANGERS",
		Message: "too many connections from this address have not said who they are", Hint: "send a token with the request"}
)

func (p *porch) reserve(from string) *access.Refusal {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.n >= maxStrangers:
		return errPorchFull
	case p.of[from] >= maxStrangersOfOne:
		return errPorchOfOne
	}
	if p.of == nil {
		p.of, p.held = map[string]int{}, map[*websocket.Conn]struct{}{}
	}
	p.n++
	p.of[from]++
	return nil
}

// hold keeps a websocket, and counts its goroutine among those that are waited for; false once the porch is closed.
func (p *porch) hold(ws *websocket.Conn, goroutines *sync.WaitGroup) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	goroutines.Add(1)
	p.held[ws] = struct{}{}
	return true
}

// leave gives a place back.
func (p *porch) leave(from string, ws *websocket.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.held, ws)
	p.n--
	if p.of[from]--; p.of[from] == 0 {
		delete(p.of, from)
	}
}

func (p *porch) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for ws := range p.held {
		ws.Close()
	}
}

// session begins one of the principal's connections, or answers that it has as many as it may.
func (s *Server) session(w http.ResponseWriter, r *http.Request, p *access.Principal) (*access.Session, bool) {
	who, err := s.c.Guard.Admit(p)
	if err != nil {
		s.turnAway(w, err)
		return nil, false
	}
	return who, true
}

func (s *Server) turnAway(w http.ResponseWriter, err error) {
	s.metrics.refusedConns.WithLabelValues("access").Inc()
	err.(*access.Refusal).Write(w)
}

// enter tells who opens a connection; nil: its first frame will say. False: it was turned away, and answered.
func (s *Server) enter(w http.ResponseWriter, r *http.Request) (*access.Session, bool) {
	p, err := s.c.Guard.Who(r)
	if access.NoToken(err) && websocket.IsWebSocketUpgrade(r) {
		if no := s.porch.reserve(access.AddressOf(r.RemoteAddr)); no != nil {
			s.turnAway(w, no)
			return nil, false
		}
		return nil, true
	}
	if err != nil {
		s.turnAway(w, err)
		return nil, false
	}
	return s.session(w, r, p)
}

// leave undoes enter.
func (s *Server) leave(who *access.Session, r *http.Request) {
	if who == nil {
		s.porch.leave(access.AddressOf(r.RemoteAddr), nil)
		return
	}
	who.Close()
}

// introduce reads the first frame in a goroutine of its own, and goes on with who it names.
func (s *Server) introduce(ws *websocket.Conn, r *http.Request) {
	remote, from := r.RemoteAddr, access.AddressOf(r.RemoteAddr)
	if !s.porch.hold(ws, &s.ending) { // closed since
		s.porch.leave(from, ws)
		ws.Close()
		<-s.conns
		return
	}
	go func() {
		defer s.ending.Done()
		who, id, err := s.hello(ws, remote)
		s.porch.leave(from, ws)
		if err != nil {
			s.dismiss(ws, err)
			<-s.conns
			return
		}
		s.begin(ws, who, id)
	}()
}

// hello waits for the first frame.
func (s *Server) hello(ws *websocket.Conn, remote string) (*access.Session, *int64, error) {
	ws.SetReadLimit(maxFrameBytes)
	if err := ws.SetReadDeadline(time.Now().Add(helloWait)); err != nil {
		return nil, nil, err
	}
	kind, b, err := ws.ReadMessage()
	if err != nil {
		return nil, nil, err
	}
	if kind != websocket.TextMessage {
		return nil, nil, &refusal{code: "BAD_FRAME", message: "expected text"}
	}
	req, err := parseRequest(b)
	if err != nil {
		return nil, nil, err
	}
	if req.kind != "hello" || req.token == "" {
		return nil, nil, &refusal{"NO_TOKEN", "expected the first frame to be a hello with a token", req.id}
	}
	p, err := s.c.Guard.Introduce(remote, req.token)
	if err != nil {
		return nil, nil, err
	}
	who, err := s.c.Guard.Admit(p)
	return who, req.id, err
}

// dismiss says why, as far as the client listens, and closes.
func (s *Server) dismiss(ws *websocket.Conn, err error) {
	defer ws.Close()
	why := closeStranger
	said := errFrame{T: "err", Code: closeStranger.name, Message: closeStranger.message}
	switch no := err.(type) {
	case *refusal:
		said.ID, said.Code, said.Message = no.id, no.code, no.message
	case *access.Refusal:
		said.Code, said.Message = no.Code, no.Message
		switch no.Code {
		case "TOKEN_EXPIRED":
			why = closeExpired
		case "TOO_MANY_CONNECTIONS":
			why = closeShare
		}
	}
	s.metrics.closed.WithLabelValues(why.name).Inc()
	to := newSocket(ws)
	for _, f := range []*frame{
		encodeFrame("err", said), encodeFrame("bye", byeFrame{"bye", why.name, why.message, why.retry}),
	} {
		if _, err := to.write([]*frame{f}); err != nil || to.finish() != nil {
			return
		}
		s.metrics.wrote(f)
	}
	to.leave(why)
	// The client's answer to the close: without it, unread bytes would make the kernel reset what was just said.
	_, _, _ = ws.NextReader()
}
