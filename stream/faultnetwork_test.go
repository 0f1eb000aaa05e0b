package stream_test

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// cable is the network of one process: whole, cut (connections stay open and nothing comes through, either way), or reset
// (connections end, and new ones are refused).
type cable struct {
	dial func(context.Context, string, string) (net.Conn, error)

	mu    sync.Mutex
	whole chan struct{} // closed while nothing is the matter
	reset bool
	conns map[*strand]bool
}

func newCable(dial func(context.Context, string, string) (net.Conn, error)) *cable {
	c := &cable{dial: dial, whole: make(chan struct{}), conns: map[*strand]bool{}}
	close(c.whole)
	return c
}

// cut lets nothing through until mend.
func (c *cable) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.whole = make(chan struct{})
}

// tear ends all connections and refuses new ones until mend.
func (c *cable) tear() {
	c.mu.Lock()
	c.reset = true
	all := c.conns
	c.conns = map[*strand]bool{}
	c.mu.Unlock()
	for s := range all {
		s.Close()
	}
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reset = false
	select {
	case <-c.whole:
	default:
		close(c.whole)
	}
}

func (c *cable) gate() (<-chan struct{}, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.whole, c.reset
}

func (c *cable) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	whole, reset := c.gate()
	if reset {
		return nil, errors.New("connection refused")
	}
	select {
	case <-whole:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	conn, err := c.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	s := &strand{Conn: conn, cable: c, closed: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conns[s] = true
	return s, nil
}

// strand is one connection through a cable.
type strand struct {
	net.Conn
	cable  *cable
	once   sync.Once
	closed chan struct{}

	mu          sync.Mutex
	read, write time.Time // deadlines
}

// pass waits until the cable is whole, the deadline or the end.
func (s *strand) pass(deadline time.Time) error {
	whole, _ := s.cable.gate()
	var late <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-whole:
		return nil
	default:
	}
	select {
	case <-whole:
		return nil
	case <-late:
		return os.ErrDeadlineExceeded
	case <-s.closed:
		return net.ErrClosed
	}
}

func (s *strand) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.mu.Lock()
	deadline := s.read
	s.mu.Unlock()
	if gate := s.pass(deadline); gate != nil {
		return 0, gate
	}
	return n, err
}

func (s *strand) Write(p []byte) (int, error) {
	s.mu.Lock()
	deadline := s.write
	s.mu.Unlock()
	if err := s.pass(deadline); err != nil {
		return 0, err
	}
	return s.Conn.Write(p)
}

func (s *strand) SetDeadline(t time.Time) error {
	s.mu.Lock()
	s.read, s.write = t, t
	s.mu.Unlock()
	return s.Conn.SetDeadline(t)
}

func (s *strand) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	s.read = t
	s.mu.Unlock()
	return s.Conn.SetReadDeadline(t)
}

func (s *strand) SetWriteDeadline(t time.Time) error {
	s.mu.Lock()
	s.write = t
	s.mu.Unlock()
	return s.Conn.SetWriteDeadline(t)
}

func (s *strand) Close() error {
	s.once.Do(func() { close(s.closed) })
	return s.Conn.Close()
}

// TestFaultNoNetwork: one of two processes has no network for half a minute, by silence or by refusals; its session ends, the other
// takes all over, and the first comes back as a zombie with what it had under way. And one alone has none.
func TestFaultNoNetwork(t *testing.T) {
	seed, want := undisturbed(t)
	for _, c := range []struct {
		what      string
		processes int
		harm      func(*cable)
		lasts     time.Duration
		brief     bool // without -long too
	}{
		{"silence, two processes", 2, (*cable).cut, 30 * time.Second, false},
		{"refusals, two processes", 2, (*cable).tear, 30 * time.Second, true},
		{"silence, one process", 1, (*cable).cut, 30 * time.Second, false},
		{"refusals, one process", 1, (*cable).tear, 30 * time.Second, false},
		{"silence shorter than the session, two processes", 2, (*cable).cut, 6 * time.Second, false},
	} {
		if !c.brief && !*long {
			continue
		}
		t.Run(c.what, func(t *testing.T) {
			hurt(t, seed, want, 1, func(w *world) {
				line := newCable(w.net.DialContext)
				first := w.start(w.as("netsu", line.Dial), t.TempDir())
				all := []*member{first}
				if c.processes == 2 {
					all = append(all, w.start(w.as("netsu", w.net.DialContext), t.TempDir()))
				}
				held := func(ms ...*member) bool {
					n := 0
					for _, m := range ms {
						for _, f := range m.Folds() {
							if !f.Ready() {
								return false
							}
							n += len(f.Tasks)
						}
						if !m.fresh() {
							return false
						}
					}
					return n == 12
				}
				w.until("running", time.Minute, func() bool { return held(all...) })
				if n := len(first.Folds()[0].Tasks); n != 4/c.processes {
					t.Fatalf("the first has %d tasks of a stage", n)
				}
				wait := w.begin()
				time.Sleep(30 * time.Second)
				c.harm(line)
				cut := time.Now()
				if c.processes == 2 && c.lasts > 10*time.Second {
					felt := w.until("the other having all", c.lasts, func() bool { return held(all[1]) })
					t.Logf("the other has all and is fresh after %v", felt)
				}
				time.Sleep(c.lasts - time.Since(cut))
				line.mend()
				back := w.until("running again", 2*time.Minute, func() bool { return held(all...) })
				t.Logf("%v without a network; all fresh %v after it", c.lasts, back)
				wait()
			})
		})
	}
}
