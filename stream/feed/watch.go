package feed

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/netsu/netsu/stream/feed/condition"
)

// watch is a condition that the server looks at for a client, in every state of a document and not only in those that are
// sent. What it comes to is told at once; after that each change of it, but no oftener than once in watchEvery: what changed
// back and forth in between is told as a count. Its frames are never left out.
type watch struct {
	conn   *conn
	topic  *topic
	number uint64 // per connection
	when   *condition.Condition

	// Guarded by hub.mu.
	holds   condition.Answer // as of the latest state
	told    condition.Answer // as of the last frame
	changes int              // since the last frame
	next    time.Time        // no frame before
}

const (
	watchEvery = time.Second
	maxWatches = 32 // of one connection
)

var errWatchesLimit = errors.New("this connection has as many watches as it may; unwatch one")

type watchFrame struct {
	T      string                     `json:"t"`
	Watch  uint64                     `json:"watch"`
	Topic  string                     `json:"topic"`
	When   string                     `json:"when"`
	Cursor string                     `json:"cursor"`
	Holds  condition.Answer           `json:"holds"`   // null: not known
	Was    condition.Answer           `json:"was"`     // in the frame before, null in the first
	Count  int                        `json:"changes"` // since the frame before: more than one where it went back and forth
	Values map[string]json.RawMessage `json:"values"`  // what it rests on
}

// watch puts a condition on a topic, acknowledges it, and says what it comes to.
func (h *hub) watch(c *conn, r *request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, attached := h.conns[c]; !attached {
		return errNotAttached
	}
	if h.subs >= h.maxSubs {
		return errSubsLimit
	}
	if len(c.watches) >= maxWatches {
		return errWatchesLimit
	}
	if err := h.mayWatch(c.who.Principal, r); err != nil {
		return err
	}
	if !c.who.Subscribe() {
		return errSubsShare
	}
	t := h.topicOf(r.topic)
	c.watchN++
	w := &watch{conn: c, topic: t, number: c.watchN, when: r.when}
	t.watches = append(t.watches, w)
	c.watches[w.number] = w
	h.count(1)
	c.send(encodeFrame("ack", ackFrame{T: "ack", ID: r.id, Watch: w.number, Topic: t.name, Deprecations: []string{}}))
	w.holds = w.when.Holds(t.whole)
	w.tell(h.now())
	return nil
}

// unwatch takes one of a connection's watches away; false where it has no such.
func (h *hub) unwatch(c *conn, number uint64) (*watch, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := c.watches[number]
	if w == nil {
		return nil, false
	}
	h.dropWatch(w)
	return w, true
}

func (h *hub) dropWatch(w *watch) {
	delete(w.conn.watches, w.number)
	t := w.topic
	for i := range t.watches {
		if t.watches[i] == w {
			t.watches = append(t.watches[:i], t.watches[i+1:]...)
			break
		}
	}
	w.conn.who.Unsubscribe(1)
	h.count(-1)
	h.leaveIfUnused(t)
}

// look asks again, of a new state.
func (w *watch) look(now time.Time) {
	holds := w.when.Holds(w.topic.whole)
	if holds != w.holds {
		w.holds = holds
		w.changes++
	}
	if w.changes > 0 && !now.Before(w.next) {
		w.tell(now)
	}
}

// late tells what changed too soon after a frame.
func (w *watch) late(now time.Time) {
	if w.changes > 0 && !now.Before(w.next) {
		w.tell(now)
	}
}

func (w *watch) tell(now time.Time) {
	t := w.topic
	w.conn.send(encodeFrame("watch", watchFrame{"watch", w.number, t.name, w.when.String(), t.hub.at.cursor(), w.holds, w.told,
		w.changes, w.when.Values(t.whole)}))
	w.told, w.changes, w.next = w.holds, 0, now.Add(watchEvery)
}
