package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/dashboards/live"
	"github.com/netsu/netsu/stream/feed/delta"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8099", "where to serve")
	hz := flag.Int("hz", 4, "how often a second each document changes: more than a feed says, to see what hours come to in minutes")
	flag.Parse()
	if *hz < 1 || *hz > 1000 {
		slog.Error("-hz is not 1 to 1000", "hz", *hz)
		os.Exit(2)
	}
	if err := http.ListenAndServe(*listen, handler(*hz)); err != nil {
		slog.Error("serving", "err", err)
		os.Exit(1)
	}
}

func handler(hz int) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", live.Handler())
	mux.HandleFunc("GET /v1/alerts", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"alerts": past(r.URL.Query(), time.Now())})
	})
	mux.HandleFunc("GET /v1/feed", func(w http.ResponseWriter, r *http.Request) { serveFeed(w, r, hz) })
	return mux
}

type clientFrame struct {
	T     string  `json:"t"`
	ID    int     `json:"id"`
	Sub   int     `json:"sub"`
	Topic string  `json:"topic"`
	MaxHz float64 `json:"max_hz"`
}

// feed is one connection. The loop in serveFeed owns it; a second goroutine only reads.
type feed struct {
	conn *websocket.Conn
	hz   int
	subs map[int]*sub
	beat int
	err  error
}

type sub struct {
	topic  string
	cursor int
	text   []byte // of the document that the subscriber holds, canonically; nil: none
}

func serveFeed(w http.ResponseWriter, r *http.Request, hz int) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"livemeter.v1.json"}}
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer conn.Close()
	frames := make(chan clientFrame)
	go func() {
		defer close(frames)
		for {
			var f clientFrame
			if conn.ReadJSON(&f) != nil {
				return
			}
			select {
			case frames <- f:
			case <-r.Context().Done():
				return
			}
		}
	}()
	f := &feed{conn: conn, hz: hz, subs: map[int]*sub{}}
	f.send(map[string]any{
		"t": "welcome", "session": "fake", "server_time": stamp(time.Now()), "heartbeat_ms": 1000,
	})
	f.run(frames)
	for range frames { // let the reader end
		conn.Close()
	}
}

func (f *feed) run(frames <-chan clientFrame) {
	step := time.NewTicker(time.Second / time.Duration(f.hz))
	defer step.Stop()
	for f.err == nil {
		select {
		case c, ok := <-frames:
			if !ok {
				return
			}
			f.answer(c)
		case now := <-step.C:
			f.publish(now)
		}
	}
}

func (f *feed) send(frame any) {
	if f.err != nil {
		return
	}
	f.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	f.err = f.conn.WriteJSON(frame)
}

// number is the server's number of a topic, the same for every subscriber.
func number(topic string) int {
	n := 7
	for _, c := range topic {
		n = (n*31 + int(c)) % 1_000_003
	}
	return n
}

func (f *feed) answer(c clientFrame) {
	switch c.T {
	case "sub":
		n := number(c.Topic)
		s := &sub{topic: c.Topic, cursor: 1}
		f.subs[n] = s
		f.send(map[string]any{"t": "ack", "id": c.ID, "sub": n, "topic": c.Topic})
		f.snap(n, s, time.Now())
	case "unsub":
		delete(f.subs, c.Sub)
		f.send(map[string]any{"t": "ack", "id": c.ID, "sub": c.Sub})
	default:
		f.send(map[string]any{"t": "err", "id": c.ID, "code": "unknown_frame", "message": "expected sub or unsub"})
	}
}

func (f *feed) snap(n int, s *sub, now time.Time) {
	doc := document(s.topic, now)
	frame := map[string]any{"t": "snap", "sub": n, "topic": s.topic, "cursor": cursor(s.cursor), "data": doc}
	if doc == nil {
		frame["reason"] = "not_yet"
	} else {
		s.text = canonical(doc)
		frame["hash"] = delta.Hash(s.text)
	}
	f.send(frame)
}

// canonical is a document as its hash is made of.
func canonical(doc map[string]any) []byte {
	text, err := delta.State(doc)
	if err != nil {
		panic("cannot happen: encoding what was made of plain values: " + err.Error())
	}
	return text
}

func (f *feed) publish(now time.Time) {
	f.beat++
	for n, s := range f.subs {
		doc := document(s.topic, now)
		if doc == nil || s.text == nil {
			continue
		}
		next := canonical(doc)
		p := delta.Diff(nil, delta.Members(s.text, nil), delta.Members(next, nil))
		frame := fmt.Appendf(nil, `{"t":"delta","sub":%d,"from":%q,"to":%q,"hash":%q`, n, cursor(s.cursor), cursor(s.cursor+1), delta.Hash(next))
		f.send(json.RawMessage(append(p.AppendMembers(frame), '}')))
		s.text = next
		s.cursor++
		if strings.HasPrefix(s.topic, "show/S42") && f.beat%(20*f.hz) == 0 {
			a := alert("hot", "S42", now, map[string]any{"gauge": 76.2, "temperature_j_per_head": 1.61})
			f.send(map[string]any{"t": "event", "sub": n, "cursor": cursor(s.cursor), "kind": "hot", "data": a})
		}
	}
	if f.beat%f.hz == 0 {
		f.send(map[string]any{"t": "hb", "n": f.beat / f.hz, "state": "live", "server_time": stamp(now), "cursor": "fake:0"})
	}
}

func cursor(n int) string { return fmt.Sprintf("fake:%d", n) }
