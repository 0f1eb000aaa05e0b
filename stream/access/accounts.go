package access

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits are each principal's share of a port. Those of everyone together are the feed's.
type Limits struct {
	Connections int // at once; zero: 50
	Subs        int // of all its connections; zero: 1,000
	PerSecond   int // requests and frames, sustained; zero: 100, and ten times that at once
}

func (l Limits) filled() Limits {
	if l.Connections == 0 {
		l.Connections = 50
	}
	if l.Subs == 0 {
		l.Subs = 1_000
	}
	if l.PerSecond == 0 {
		l.PerSecond = 100
	}
	return l
}

// maxIdle bounds the accounts of principals without a connection; one more forgets who was here longest ago, and with it how
// much of a burst was used up. Those with connections are bounded by the connections.
const maxIdle = 4096

// accounts say what principals use.
type accounts struct {
	limits Limits

	mu   sync.Mutex
	of   map[string]*account
	idle *list.List // of *account without connections, the latest first
}

type account struct {
	subject     string
	connections int
	subs        int
	messages    *rate.Limiter
	at          *list.Element // in idle
}

func newAccounts(l Limits) *accounts {
	return &accounts{limits: l.filled(), of: map[string]*account{}, idle: list.New()}
}

// get finds or makes an account; the caller holds mu.
func (a *accounts) get(subject string) *account {
	c := a.of[subject]
	if c == nil {
		c = &account{subject: subject, messages: rate.NewLimiter(rate.Limit(a.limits.PerSecond), 10*a.limits.PerSecond)}
		a.of[subject] = c
		a.rest(c)
	} else if c.at != nil {
		a.idle.MoveToFront(c.at)
	}
	return c
}

func (a *accounts) rest(c *account) {
	c.at = a.idle.PushFront(c)
	if a.idle.Len() > maxIdle {
		last := a.idle.Remove(a.idle.Back()).(*account)
		delete(a.of, last.subject)
	}
}

// count takes a request of p; the error is a *Refusal.
func (g *Guard) count(p *Principal) error {
	if g == nil || p.Subject == "" {
		return nil
	}
	g.limits.mu.Lock()
	c := g.limits.get(p.Subject)
	g.limits.mu.Unlock()
	if !c.messages.AllowN(time.Now(), 1) {
		return errMessages
	}
	return nil
}

// Session is a connection of a principal: a share of what the principal may have.
type Session struct {
	*Principal
	all *accounts
	of  *account // nil: without limits
}

// Admit begins a connection, unless the principal has as many as it may. End it with Close.
func (g *Guard) Admit(p *Principal) (*Session, error) {
	if g == nil || p.Subject == "" {
		return &Session{Principal: p}, nil
	}
	a := g.limits
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.get(p.Subject)
	if c.connections >= a.limits.Connections {
		return nil, errConnections
	}
	c.connections++
	if c.at != nil {
		a.idle.Remove(c.at)
		c.at = nil
	}
	return &Session{p, a, c}, nil
}

// Message counts a frame; false if it is one too many.
func (s *Session) Message() bool { return s.of == nil || s.of.messages.AllowN(time.Now(), 1) }

// Subscribe counts a subscription; false if it is one too many. Unsubscribe gives n back.
func (s *Session) Subscribe() bool {
	if s.of == nil {
		return true
	}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if s.of.subs >= s.all.limits.Subs {
		return false
	}
	s.of.subs++
	return true
}

// Unsubscribe is the opposite of n times Subscribe.
func (s *Session) Unsubscribe(n int) {
	if s.of == nil {
		return
	}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.of.subs -= n
}

// Close ends the connection. Call it once.
func (s *Session) Close() {
	if s.of == nil {
		return
	}
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	if s.of.connections--; s.of.connections == 0 {
		s.all.rest(s.of)
	}
}
