package feed

import (
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/feed/livemeter"
)

// Over real sockets, where a write may be taken in part: whoever reads ends with the state that all have, however slowly he
// reads, and those who read nothing hold up nobody, though there are more of them than workers. The documents are as large as a board of 200 rows, so that a socket
// never takes one at once.
func TestOverRealSockets(t *testing.T) {
	s := New(Config{Logger: slog.New(slog.DiscardHandler)})
	srv := httptest.NewUnstartedServer(s.Handler())
	srv.Listener = narrow{srv.Listener}
	srv.Start()
	defer srv.Close()
	r := &rig{t: t, server: s}
	change := func(i int) {
		var batch []change
		for j := range 200 {
			m := roomMeter(fmt.Sprint("S", j), strings.Repeat("e", 200), int64(40+i), 1+float64(i*200+j)/1e4)
			batch = append(batch, r.change(m))
		}
		s.hub.apply(batch, r.reached())
	}
	change(0)
	dial := func() *websocket.Conn {
		ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"/v1/feed", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := ws.WriteMessage(websocket.TextMessage, []byte(`{"t":"sub","topic":"shows"}`)); err != nil {
			t.Fatal(err)
		}
		return ws
	}
	for range 2 * runtime.GOMAXPROCS(0) { // more than there are workers
		stalled := dial()
		defer stalled.Close()
		if err := stalled.NetConn().(*net.TCPConn).SetReadBuffer(4096); err != nil {
			t.Fatal(err)
		}
	}
	var readers sync.WaitGroup
	reached := make([]chan string, 6)
	for i := range reached {
		reached[i] = make(chan string, 1000)
		ws := dial()
		readers.Go(func() {
			defer ws.Close()
			defer close(reached[i])
			proveAll(ws, time.Duration(i%3)*5*time.Millisecond, reached[i])
		})
	}
	for i := range 40 {
		change(1 + i)
		s.hub.mu.Lock()
		for _, topic := range s.hub.topics { // the board is held back otherwise
			topic.published = time.Time{}
		}
		s.hub.flush()
		s.hub.mu.Unlock()
	}
	var want string
	s.hub.mu.Lock()
	for _, v := range s.hub.topics[boardTopic].views {
		want = fmt.Sprintf("crc32c:%08x", v.edition.Load().hash)
	}
	s.hub.mu.Unlock()
	for i, states := range reached {
		last := ""
		for late := time.After(writeWait - time.Second); last != want; {
			select {
			case last = <-states:
				if last == "" || strings.HasPrefix(last, "bad") {
					t.Fatalf("client %d ended with %q", i, last)
				}
			case <-late:
				t.Fatalf("client %d has %s last, and the board is %s", i, last, want)
			}
		}
	}
	s.stop()
	readers.Wait()
}

// narrow is a listener whose connections take little at once.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(4096)
	}
	return c, err
}

// proveAll proves each state, and tells its hash; it rests after each frame.
func proveAll(ws *websocket.Conn, rest time.Duration, states chan<- string) {
	var f livemeter.Follower
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		frame, err := f.Take(text)
		if err != nil {
			states <- "bad " + err.Error()
			return
		}
		if frame.Hash != "" {
			states <- frame.Hash
		}
		time.Sleep(rest)
	}
}
