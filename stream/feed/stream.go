package feed

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The feed without a websocket: GET /v1/stream answers with the frames that a client would get which had said, for each
// topic, {"t":"sub","topic":…,"fields":…,"max_hz":…}. With Accept: text/event-stream they come as server-sent events, whose
// id is the cursor, so that a browser that reconnects gets the events that it missed; otherwise one frame a line. Heartbeats of a
// feed that is still reading its logs have no id: their cursor is the feed's place, and not the client's. A stream of which one
// topic finds no room is given none of them: an err says so, and a bye OVERLOADED ends it, to be asked for again with the same
// cursor. A topic that is refused for good (FORBIDDEN, TOO_MANY_SUBS of the connection) has its err, and the others go on.
//
//	?topic=show/S42&topic=esol/hana   at least one, each with everything else that is given
//	&fields=money,room.final.heat     of every topic; absent: all
//	&currency=JPY&model=linear        the basis (basis.go) of every topic
//	&max_hz=2
//	&from=TIME&speed=10               a rehearsal (rehearse.go); with none of fields, currency, model, max_hz, cursor
//	&cursor=…                         where to resume; Last-Event-ID, where it is there, goes before it

const maxStreamTopics = 32

// getStream holds the request until its client goes or the server stops.
func (s *Server) getStream(w http.ResponseWriter, r *http.Request) {
	subs, err := streamRequests(r)
	if err != nil {
		fail(w, http.StatusBadRequest, err.code, err.message, "GET /v1/stream?topic=show/ID&max_hz=2, with topics as on /v1/feed")
		return
	}
	who, ok := s.session(w, r, s.who(r))
	if !ok {
		return
	}
	defer who.Close()
	if !s.admit(w) {
		return
	}
	defer func() { <-s.conns }()
	ctx, end := context.WithCancel(r.Context())
	defer end()
	events := strings.Contains(r.Header.Get("Accept"), "text/event-stream")
	c := newConn(&answer{w: w, rc: http.NewResponseController(w), events: events, end: end}, s, who, name(), s.c.MaxSubs)
	c.coming = subs[0].rehearse == nil
	if !s.hub.attach(c, &s.ending) { // closed since
		fail(w, http.StatusServiceUnavailable, "GOING_AWAY", closeGoingAway.message, "try again in a moment")
		return
	}
	kind := "application/x-ndjson"
	if events {
		kind = "text/event-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // proxies that would keep frames until there are many
	w.WriteHeader(http.StatusOK)
	defer c.untilExpiry()()
	c.welcome(nil)
	go func() {
		defer s.ending.Done()
		<-ctx.Done()
		s.metrics.closed.WithLabelValues(c.ends(closeGone).name).Inc()
		s.hub.detach(c)
		c.rehearsing.Wait()
		close(c.done)
	}()
	c.follow(ctx, subs)
	<-c.wrote
}

// follow subscribes for a client that cannot ask again. One that comes back before the feed is live waits until it is: what it
// has missed is not known before, and as a new one it would miss it for good. So does one with a model, of which it is not known
// whether it is the campaign's.
func (c *conn) follow(ctx context.Context, all []*request) {
	first := all[0] // they differ by their topics alone
	if (first.resume != nil || first.basis.model != "") && !c.hub.awaitLive(ctx) {
		return // it has gone
	}
	c.subscribeAll(all)
}

// awaitLive waits until the hub is live; false once ctx has ended.
func (h *hub) awaitLive(ctx context.Context) bool {
	const every = 100 * time.Millisecond
	look := time.NewTicker(every)
	defer look.Stop()
	for !h.isLive() {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
	}
	return true
}

// streamRequests are the subs that a query amounts to.
func streamRequests(r *http.Request) ([]*request, *refusal) {
	q := r.URL.Query()
	for name := range q {
		switch name {
		case "topic", "fields", "currency", "model", "max_hz", "cursor", "from", "speed":
		default:
			return nil, &refusal{code: "UNKNOWN_PARAMETER", message: fmt.Sprintf("unknown parameter %.40q", name)}
		}
	}
	topics := q["topic"]
	if len(topics) == 0 || len(topics) > maxStreamTopics {
		return nil, &refusal{code: "BAD_PARAMETER", message: fmt.Sprintf("expected 1 to %d topics", maxStreamTopics)}
	}
	all := request{kind: "sub"}
	if text := q.Get("max_hz"); text != "" {
		hz, err := strconv.ParseFloat(text, 64)
		if err != nil || !(hz >= minHz && hz <= maxHz) {
			return nil, &refusal{code: "BAD_PARAMETER", message: fmt.Sprintf("expected max_hz from %v to %v", minHz, maxHz)}
		}
		all.every = time.Duration(float64(time.Second) / hz)
	}
	all.basis = basis{q.Get("currency"), q.Get("model")}
	if b := all.basis; q.Has("currency") && !currencyForm.MatchString(b.currency) {
		return nil, &refusal{code: "BAD_PARAMETER", message: "expected currency to be " + currencyWanted}
	} else if q.Has("model") && !modelForm.MatchString(b.model) {
		return nil, &refusal{code: "BAD_PARAMETER", message: "expected model to be " + modelWanted}
	}
	cursor := q.Get("cursor")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		cursor = last
	}
	if cursor != "" {
		if _, _, err := readCursor(cursor); err != nil {
			return nil, &refusal{code: "BAD_PARAMETER", message: err.Error()}
		}
		all.resume = &resume{cursor: cursor, shared: len(topics) > 1}
	}
	if from := q.Get("from"); from != "" {
		speed := 1.0
		var err error
		if text := q.Get("speed"); text != "" {
			if speed, err = strconv.ParseFloat(text, 64); err != nil {
				return nil, &refusal{code: "BAD_PARAMETER", message: "speed is not a number"}
			}
		}
		if q.Has("fields") || q.Has("max_hz") || all.basis != (basis{}) || cursor != "" {
			return nil, &refusal{code: "BAD_PARAMETER", message: "a tape is said again as it is: from goes with speed alone"}
		}
		if all.rehearse, err = rehearsalOf(from, speed); err != nil {
			return nil, &refusal{code: "BAD_PARAMETER", message: err.Error()}
		}
	} else if q.Has("speed") {
		return nil, &refusal{code: "BAD_PARAMETER", message: "speed needs from"}
	}
	var subs []*request
	for _, topic := range topics {
		sub := all
		sub.topic = topic
		if err := checkTopic(topic); err != nil {
			return nil, &refusal{code: "UNKNOWN_TOPIC", message: fmt.Sprintf("topic %.60q: %v", topic, err)}
		}
		if text := q.Get("fields"); text != "" {
			var err error
			if sub.chosen, err = chooseFields(topic, strings.Split(text, ",")); err != nil {
				return nil, &refusal{code: "UNKNOWN_FIELD", message: fmt.Sprintf("%s: %v", topic, err)}
			}
		}
		subs = append(subs, &sub)
	}
	return subs, nil
}
