package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// cable is the network of one process: whole, cut (connections stay open and nothing comes through, either way), or reset
// (connections end, and new ones are refused). Before that it may lose the answers to some requests.
type cable struct {
	dial func(context.Context, string, string) (net.Conn, error)

	mu     sync.Mutex
	whole  chan struct{} // closed while nothing is the matter
	reset  bool
	conns  map[*strand]bool
	loses  func(request []byte) bool // whose answers do not come, nor any after them on their connection; nil: none
	lost   int                       // connections on which that is so
	spoken chan struct{}             // closed once they come
}

func newCable(dial func(context.Context, string, string) (net.Conn, error)) *cable {
	c := &cable{dial: dial, whole: make(chan struct{}), conns: map[*strand]bool{}, spoken: make(chan struct{})}
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

// lose keeps the answers to some requests, which come through as they did, until mend.
func (c *cable) lose(which func(request []byte) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loses = which
}

// underWay is on how many connections an answer is kept.
func (c *cable) underWay() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lost
}

// loss tells whether the answer to a request is kept; nil if it is not.
func (c *cable) loss(request []byte) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loses == nil || !c.loses(request) {
		return nil
	}
	c.lost++
	return c.spoken
}

func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reset, c.loses, c.lost = false, nil, 0
	close(c.spoken)
	c.spoken = make(chan struct{})
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
	read, write time.Time       // deadlines
	lost        <-chan struct{} // closed once answers come again; nil: they do
}

// pass waits until the way is open, the deadline or the end.
func (s *strand) pass(open <-chan struct{}, deadline time.Time) error {
	select {
	case <-open:
		return nil
	default:
	}
	var late <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-open:
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
	deadline, lost := s.read, s.lost
	s.mu.Unlock()
	if lost != nil {
		if late := s.pass(lost, deadline); late != nil {
			return 0, late
		}
	}
	whole, _ := s.cable.gate()
	if gate := s.pass(whole, deadline); gate != nil {
		return 0, gate
	}
	return n, err
}

// Write writes a request: the client does so at once.
func (s *strand) Write(p []byte) (int, error) {
	s.mu.Lock()
	deadline := s.write
	s.mu.Unlock()
	whole, _ := s.cable.gate()
	if err := s.pass(whole, deadline); err != nil {
		return 0, err
	}
	s.mu.Lock()
	if s.lost == nil {
		s.lost = s.cable.loss(p)
	}
	s.mu.Unlock()
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

// TestFaultNoNetwork: one of two processes has no network for half a minute, by silence or by refusals, in the middle of a checkpoint
// of each of its tasks and with events on their way to the logs: all of that has come to the broker, and no answer back. The
// process's session ends, and the other takes all over. It waits for no transaction that is open, since it ends it by raising the
// epoch; and events that were written and not committed are in the logs again. Then the first comes back as a zombie with what it
// had under way. And one alone has no network.
//
// Whether a write that fails counts as written, this does not tell: in silence none fails, and who is refused has lost its
// partitions before. Leaders that move tell it.
func TestFaultNoNetwork(t *testing.T) {
	seed, want := undisturbed(t)
	for _, c := range []struct {
		what      string
		processes int
		harm      func(*cable)
		lasts     time.Duration
		brief     bool // without -long too
	}{
		{"silence, two processes", 2, (*cable).cut, 30 * time.Second, true},
		{"refusals, two processes", 2, (*cable).tear, 30 * time.Second, false},
		{"silence, one process", 1, (*cable).cut, 30 * time.Second, false},
		{"refusals, one process", 1, (*cable).tear, 30 * time.Second, false},
		{"silence shorter than the session, two processes", 2, (*cable).cut, 6 * time.Second, false},
		{"refusals shorter than the session, two processes", 2, (*cable).tear, 6 * time.Second, false},
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
				w.until("running", time.Minute, func() bool { return held(all...) })
				if n := len(first.Folds()[0].Tasks); n != 4/c.processes {
					t.Fatalf("the first has %d tasks of a stage", n)
				}
				wait := w.begin()
				time.Sleep(25 * time.Second)
				w.keepAnswers(line, 12/c.processes)
				c.harm(line)
				cut := time.Now()
				if c.processes == 2 && c.lasts > 10*time.Second {
					// Ten seconds are the session. A transaction that nobody ends is open for thirty, and keeps who restores waiting.
					felt := w.until("the other having all", 20*time.Second, func() bool { return held(all[1]) })
					t.Logf("the other has all and is fresh after %v", felt)
				}
				time.Sleep(c.lasts - time.Since(cut))
				line.mend()
				again := w.until("running again", 2*time.Minute, func() bool { return held(all...) })
				wait()
				twice := w.doubled(w.root.Topics.Journal)
				t.Logf("%v without a network; all fresh %v after it; %d events lie in the journal twice", c.lasts, again, twice)
				if c.processes == 2 && c.lasts > 10*time.Second && twice == 0 {
					t.Error("nothing was written again: the test has lost its teeth")
				}
			})
		})
	}
}

// held tells whether processes have all tasks among them, and those are fresh.
func held(ms ...*member) bool {
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

// keepAnswers keeps the broker's answers to checkpoints until all of a process's tasks wait for one, then those to what ingest
// writes too.
func (w *world) keepAnswers(line *cable, tasks int) {
	w.t.Helper()
	line.lose(checkpoints)
	w.until("checkpoints under way", 20*time.Second, func() bool { return line.underWay() == tasks })
	line.lose(func(request []byte) bool { return checkpoints(request) || w.events(request) })
	w.until("events under way", 5*time.Second, func() bool { return line.underWay() == tasks+1 })
	time.Sleep(3 * time.Second) // some more of them
}

// checkpoints tells whether a request writes to a changelog, by its transactional id.
func checkpoints(request []byte) bool {
	for _, stage := range []string{"show", "journey", "ledger"} {
		if writes(request, []byte("netsu-"+stage+"-")) {
			return true
		}
	}
	return false
}

// events tells whether a request writes to the journal.
func (w *world) events(request []byte) bool { return writes(request, w.journal[:]) }

func writes(request, what []byte) bool {
	return len(request) > 6 && binary.BigEndian.Uint16(request[4:]) == uint16(kmsg.Produce) && bytes.Contains(request, what)
}
