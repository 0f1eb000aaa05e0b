package feed

import "slices"

// A client that comes back says, per sub, the last cursor that it saw in any frame and the hash of the document that it
// holds. The hash says what state it needs: none, a delta, or a snap. The cursor says which events it has missed; they are sent
// again before anything else, and where not all of them are held any more that is said.

// resume is what a sub frame says of what its client holds.
type resume struct {
	cursor string
	hash   string
	shared bool // the client keeps one cursor for several subs: events of this one do not tell how far another has come
}

// How a resumed sub goes on, as its ack says.
const (
	resumedInStep = "in_step"  // the document is the one that the client holds
	resumedDelta  = "delta"    // a delta from the one that the client holds follows
	resumedSnap   = "snapshot" // the state it holds is not known here: a snap follows
	resumedTooOld = "too_old"  // a snap follows, and events may be missing between the cursor and the first that is sent
	resumedNone   = "foreign"  // the cursor is not of these topics: everything begins anew
)

// maxMissed bounds the events that are sent again to one sub. They are encoded for it alone, and after a restart everyone comes
// back at once.
const maxMissed = 128

// missed is what a client that comes back is to be sent.
type missed struct {
	how    *string // nil: it does not come back
	events []*pastEvent
	// cursor is the one that it came with: if the connection is lost before all events were read, the rest are still missed.
	cursor string
	shared bool
}

// resume sets what s holds, and finds what it has missed.
func (h *hub) resume(s *subscription, r *resume) missed {
	if r == nil {
		return missed{}
	}
	from, err := h.at.parse(r.cursor)
	if err != nil { // its form was checked with the frame: it is of other topics
		return missed{how: ptr(resumedNone)}
	}
	m := missed{how: ptr(resumedSnap), cursor: r.cursor, shared: r.shared}
	if e := s.view.edition.Load(); r.hash != "" {
		switch s.held = e.hashed(r.hash); s.held {
		case 0:
		case e.seq:
			m.how = ptr(resumedInStep)
		default:
			m.how = ptr(resumedDelta)
		}
	}
	var whole bool
	m.events, whole = h.past.since(s.view, from.alerts)
	if len(m.events) > maxMissed {
		m.events, whole = m.events[len(m.events)-maxMissed:], false
	}
	if !whole {
		m.how, s.held = ptr(resumedTooOld), 0
	}
	return m
}

// replay sends the events again, and with the last of them where the logs have been read to: who has that one has those before it.
// Without, who is cut before a heartbeat comes, and has no document, would come back from further and further away.
func (m *missed) replay(s *subscription) {
	h := s.conn.hub
	events := slices.DeleteFunc(m.events, func(e *pastEvent) bool { return !h.mayAlert(s.conn.who.Principal, &e.data) })
	for i, e := range events {
		cursor := m.cursor
		if i == len(events)-1 && !m.shared {
			cursor = h.at.cursor()
		}
		s.conn.send(e.frame(s.view, cursor))
	}
}
