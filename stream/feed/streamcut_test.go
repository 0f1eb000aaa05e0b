package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// streamReader is a client of /v1/stream with one cursor for all of its topics, as a browser's EventSource has, or as a script has
// that reads lines. It has seen a prefix of what was written to it, to any byte.
type streamReader struct {
	r      *rig
	events bool
	path   string
	cursor string
	had    map[string]bool // sub topic and id of each event
}

// connect reads for a while, meanwhile does what it is given, and sees as many bytes of what came as cut says.
func (s *streamReader) connect(meanwhile func(), d time.Duration, cut func(n int) int) error {
	tr := &http.Transport{DialContext: s.r.net.DialContext}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequest(http.MethodGet, "http://"+rigAddr+s.path, nil)
	if err != nil {
		return err
	}
	if s.events {
		req.Header.Set("Accept", "text/event-stream")
		req.Header.Set("Last-Event-ID", s.cursor)
	} else if s.cursor != "" {
		req.URL.RawQuery += "&cursor=" + s.cursor
	}
	go meanwhile()
	res, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		return err
	}
	time.AfterFunc(d, func() { res.Body.Close() })
	body, _ := io.ReadAll(res.Body) // ends with the body's being closed
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return s.read(body[:cut(len(body))])
}

// read takes in whole frames alone: of server-sent events one counts with the empty line behind it.
func (s *streamReader) read(b []byte) error {
	end := "\n"
	if s.events {
		end = "\n\n"
	}
	topics := map[uint64]string{}
	for {
		frame, rest, whole := bytes.Cut(b, []byte(end))
		if !whole {
			return nil
		}
		b = rest
		id := ""
		if s.events {
			first, data, _ := strings.Cut("\n"+string(frame), "\ndata: ")
			id, frame = strings.TrimPrefix(first, "\nid: "), []byte(data)
		}
		var f struct {
			T, To, Cursor, Topic, State string
			Sub                         uint64
			Data                        json.RawMessage
		}
		if err := json.Unmarshal(frame, &f); err != nil {
			return fmt.Errorf("%w: %s", err, frame)
		}
		if !s.events && f.State != "catching_up" { // the lines have no id: it is what a frame says
			id = f.Cursor + f.To
		}
		switch f.T {
		case "ack":
			topics[f.Sub] = f.Topic
		case "event":
			var e struct{ ID string }
			if err := json.Unmarshal(f.Data, &e); err != nil {
				return err
			}
			s.had[topics[f.Sub]+" "+e.ID] = true
		}
		if id != "" {
			s.cursor = id
			if err := s.covered(); err != nil {
				return fmt.Errorf("after %.200s: %w", frame, err)
			}
		}
	}
}

// covered holds the cursor against what was had: who is cut here comes back with it.
func (s *streamReader) covered() error {
	_, offsets, err := readCursor(s.cursor)
	if err != nil {
		return err
	}
	s.r.server.hub.mu.Lock()
	defer s.r.server.hub.mu.Unlock()
	for _, e := range s.r.server.hub.past.held {
		for _, topic := range e.topics {
			if e.offset < offsets[1] && strings.Contains(s.path+"&", "="+topic+"&") && !s.had[topic+" "+e.data.ID] {
				return fmt.Errorf("the cursor is behind %s of %s, which was not sent", e.data.ID, topic)
			}
		}
	}
	return nil
}

// A stream of several topics that is cut after any byte, again and again, and comes back with the last cursor that it saw, has
// had every event of every topic.
func TestCutStreamsLoseNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := rapid.Bool().Draw(rt, "events")
		topics := rapid.Permutation([]string{"show/S1", "show/S2", "esol/hanako", "shows"}).Draw(rt, "topics")
		rounds := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) round {
			return round{
				rapid.IntRange(0, 1000).Draw(t, "cut"), rapid.IntRange(1, 14).Draw(t, "missed"), rapid.Bool().Draw(t, "starting"),
				rapid.IntRange(0, len(topics)).Draw(t, "room"),
			}
		}), 1, 4).Draw(rt, "rounds")
		var wrong error
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, Config{})
			defer r.close()
			wrong = cutStreams(r, events, topics, rounds)
		})
		if wrong != nil {
			rt.Fatal(wrong)
		}
	})
}

// round is a connection: how many thousandths of it are seen, how many alerts of each show were missed before it (of two shows and four
// rounds fewer than maxMissed, else some are said to be missing), and whether the
// feed is still reading its logs when it begins. room is how many subscriptions the server still has to give.
type round struct {
	cut, missed int
	starting    bool
	room        int
}

// cutStreams has a first connection of which all is seen, the rounds, and one that sees all.
func cutStreams(r *rig, events bool, topics []string, rounds []round) error {
	h := r.server.hub
	r.apply(roomMeter("S1", "hanako", 40, 1), roomMeter("S2", "hanako", 30, 1))
	s := &streamReader{r: r, events: events, path: "/v1/stream?topic=" + strings.Join(topics, "&topic="), had: map[string]bool{}}
	n := int64(0)
	var said []string
	say := func() {
		for _, show := range []string{"S1", "S2"} {
			a := AlertView{ID: fmt.Sprint("a", n), Scope: "show/" + show, ShowID: show, EsolID: "hanako", Kind: "ignition"}
			for _, topic := range topicsOf(&a) {
				said = append(said, topic+" "+a.ID)
			}
			r.alert(n, a)
			n++
		}
	}
	all := func(n int) int { return n }
	if err := s.connect(func() {}, 2*time.Second, all); err != nil {
		return err
	}
	live := func(yes bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.live = yes
	}
	room := func(n int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.maxSubs = h.subs + n
	}
	for i, round := range rounds {
		room(round.room)
		for range round.missed {
			say()
		}
		live(!round.starting)
		meanwhile := func() {
			if round.starting {
				time.Sleep(250 * time.Millisecond) // between two looks of who waits for it
			}
			live(true)
			h.heartbeat()
			say()
			r.apply(moneyMeter("show/S1", int64(i)))
		}
		if err := s.connect(meanwhile, 1500*time.Millisecond, func(n int) int { return n * round.cut / 1000 }); err != nil {
			return err
		}
		synctest.Wait()
	}
	room(len(topics))
	if err := s.connect(func() {}, 2*time.Second, all); err != nil {
		return err
	}
	if missed := slices.DeleteFunc(said, func(e string) bool { return s.had[e] }); len(missed) > 0 {
		return fmt.Errorf("missed %v", missed)
	}
	return nil
}
