package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/tape"
)

// A rehearsal says a show's tape again, through the protocol that said it first: {"t":"sub","topic":"show/S42","from":TIME,
// "speed":10}. Its frames have the cursors and times of then; the connection's heartbeats are of now. It begins with a snap of
// the moment that was asked for, goes by the times between the frames divided by speed, and ends with a notice, code
// "end". Nothing of it is conflated: a client that is slow gets it later.
//
// GET /v1/export?topic=show/S42&from=TIME&to=TIME answers with the tape's lines, at once: {"at":…,"frame":{…}}.

const (
	maxSpeed      = 1000.0
	maxRehearsals = 4  // of one connection
	roomBelow     = 64 // frames waiting; a rehearsal adds none while there are more
)

// rehearsal is what a sub with from asks for.
type rehearsal struct {
	fromMS int64
	speed  float64
}

// checkRehearsal tells whether who may have the tape of a topic, and whether it can have one. A tape is said as it is, so
// nothing of the show may be kept from who gets it.
func (s *Server) checkRehearsal(who *access.Principal, topic string) *refusal {
	kind, _, _ := event.SplitScope(topic)
	if kind != event.ScopeShow {
		return &refusal{code: "NO_TAPE", message: "only shows are on tape"}
	}
	if !who.Reads(topic, s.hub.owner(topic), access.All) {
		return &refusal{code: "FORBIDDEN", message: errNotGranted.Error() + "; a tape needs all kinds of fields"}
	}
	if s.c.Tape.Dir == "" {
		return &refusal{code: "NO_TAPE", message: "this server keeps no tapes (--tape-keep)"}
	}
	return nil
}

// rehearse acknowledges a rehearsal and runs it beside the connection.
func (c *conn) rehearse(r *request) error {
	if no := c.server.checkRehearsal(c.who.Principal, r.topic); no != nil {
		no.id = r.id
		return no
	}
	ctx, cancel := context.WithCancel(context.Background())
	number, ok := c.hub.rehearses(c, cancel)
	if !ok {
		cancel()
		return &refusal{"TOO_MANY_SUBS", fmt.Sprintf("a connection has at most %d rehearsals; unsub one", maxRehearsals), r.id}
	}
	c.rehearsing.Go(func() {
		defer cancel()
		defer c.hub.rehearsed(c, number)
		err := c.play(ctx, r, number)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, tape.ErrNothing):
			c.send(encodeFrame("err", errFrame{"err", r.id, "NO_TAPE", "there is no tape of " + r.topic + " in that time"}))
		case err != nil:
			c.server.c.Logger.Error("rehearsing", "topic", r.topic, "err", err)
			c.send(encodeFrame("err", errFrame{"err", r.id, "INTERNAL", "the tape cannot be read; see the server's log"}))
		default:
			c.send(encodeFrame("notice", noticeFrame{"notice", number, "end", "none", 0, fmt.Sprintf("the tape of sub %d ends here", number)}))
		}
	})
	return nil
}

// play sends a tape's frames in their time. One with none from then on is as no tape: its sub would end without an ack.
func (c *conn) play(ctx context.Context, r *request, number uint64) error {
	began, first := time.Now(), int64(0)
	err := tape.Read(c.server.c.Tape.Dir, r.topic, r.rehearse.fromMS, 0, func(l tape.Line) error {
		if first == 0 {
			first = l.AtMS
		}
		due := began.Add(time.Duration(float64(l.AtMS-max(first, r.rehearse.fromMS)) / r.rehearse.speed * float64(time.Millisecond)))
		if err := c.whenRoom(ctx, due); err != nil {
			return err
		}
		c.send(newFrame(l.Kind, "", retold(l.Frame, number, r.id, l.Kind == "ack")))
		return nil
	})
	if err == nil && first == 0 {
		return tape.ErrNothing
	}
	return err
}

// whenRoom waits until a time, and until the client has taken most of what waits for it.
func (c *conn) whenRoom(ctx context.Context, due time.Time) error {
	wait := time.NewTimer(time.Until(due))
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.done:
			return errNotAttached
		case <-wait.C:
		}
		c.mu.Lock()
		n, leaving := len(c.waiting), c.leaving != nil
		c.mu.Unlock()
		if leaving {
			return errNotAttached
		}
		if n < roomBelow {
			return nil
		}
		wait.Reset(20 * time.Millisecond)
	}
}

// retold is a frame of the tape with the sub that it has now; an ack says the id of the frame that it answers now.
func retold(frame []byte, number uint64, id *int64, ack bool) []byte {
	const sub = `"sub":`
	at := bytes.Index(frame, []byte(sub)) // before anything that somebody wrote
	if at < 0 {
		return frame
	}
	end := at + len(sub)
	for end < len(frame) && frame[end] >= '0' && frame[end] <= '9' {
		end++
	}
	out := append([]byte{}, frame[:at]...)
	if ack && id != nil {
		out = strconv.AppendInt(append(out, `"id":`...), *id, 10)
		out = append(out, ',')
	}
	out = append(out, sub...)
	out = strconv.AppendUint(out, number, 10)
	return append(out, frame[end:]...)
}

// rehearses gives a rehearsal its number.
func (h *hub) rehearses(c *conn, cancel context.CancelFunc) (uint64, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, attached := h.conns[c]; !attached || len(c.rehearsals) >= maxRehearsals || h.subs >= h.maxSubs || !c.who.Subscribe() {
		return 0, false
	}
	h.viewN++
	c.rehearsals[h.viewN] = cancel
	h.count(1)
	return h.viewN, true
}

// rehearsed forgets a rehearsal; false where there is none of that number.
func (h *hub) rehearsed(c *conn, number uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	cancel, ok := c.rehearsals[number]
	if ok {
		cancel()
		delete(c.rehearsals, number)
		c.who.Unsubscribe(1)
		h.count(-1)
	}
	return ok
}

// getExport answers with a tape's lines.
func (s *Server) getExport(w http.ResponseWriter, r *http.Request) {
	if !query(w, r, "topic", "from", "to") {
		return
	}
	q := r.URL.Query()
	topic := q.Get("topic")
	if checkTopic(topic) != nil {
		fail(w, http.StatusBadRequest, "UNKNOWN_TOPIC", "topic is not one", errTopic.Error())
		return
	}
	if no := s.checkRehearsal(s.who(r), topic); no != nil {
		if no.code == "FORBIDDEN" {
			access.Forbidden().Write(w)
			return
		}
		fail(w, http.StatusNotFound, no.code, no.message, "GET /v1/export?topic=show/ID")
		return
	}
	var times [2]int64
	for i, name := range []string{"from", "to"} {
		if text := q.Get(name); text != "" {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				fail(w, http.StatusBadRequest, "BAD_PARAMETER", name+" is not a time", "RFC 3339, as 2026-05-01T20:00:00Z")
				return
			}
			times[i] = at.UnixMilli()
		}
	}
	s.export(w, topic, times[0], times[1])
}

func (s *Server) export(w http.ResponseWriter, topic string, fromMS, toMS int64) {
	rc, begun := http.NewResponseController(w), false
	err := tape.Read(s.c.Tape.Dir, topic, fromMS, toMS, func(l tape.Line) error {
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "application/x-ndjson")
			w.Header().Set("Cache-Control", "no-store")
		}
		if err := rc.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
			return err
		}
		_, err := w.Write(l.Append(nil))
		return err
	})
	switch {
	case err == nil && begun:
	case !begun && (err == nil || errors.Is(err, tape.ErrNothing)):
		fail(w, http.StatusNotFound, "NO_TAPE", "there is no tape of "+topic+" in that time", "GET /v1/shows lists what is on the air")
	case !begun:
		s.c.Logger.Error("exporting", "topic", topic, "err", err)
		fail(w, http.StatusInternalServerError, "INTERNAL", "the tape could not be read", "see the server's log")
	default: // the answer has begun, and is cut short so that its end is seen to be missing
		panic(http.ErrAbortHandler)
	}
}

// rehearsalOf reads from and speed, as a sub or a stream's query has them.
func rehearsalOf(from string, speed float64) (*rehearsal, error) {
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(from))
	if err != nil {
		return nil, errors.New("expected from to be a time as 2026-05-01T20:00:00Z")
	}
	if !(speed > 0 && speed <= maxSpeed) {
		return nil, fmt.Errorf("expected speed to be above 0 and at most %v", maxSpeed)
	}
	return &rehearsal{at.UnixMilli(), speed}, nil
}
