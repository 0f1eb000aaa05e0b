package livemeter

import (
	"slices"
	"time"
)

// subscription is what is remembered of a Sub, or of a watch, across connections. Guarded by Client.mu.
type subscription struct {
	Sub
	when    string  // of a watch: its condition
	answer  *Answer // of a watch: what the user was told last; nil: nothing yet
	off     bool    // let go of, or refused
	dropped bool    // no update of it is to be told; guarded by line.mu

	// cursor is the last of any frame that came while the feed was sending this subscription's events: what came before it
	// has been read. "": there is none yet.
	cursor string
	held   *Held // the last document that was proven; nil: none yet
	// reached is the age of the last document of a rehearsal, "": it has none yet.
	reached string
	seen    recent

	// Of the connection.
	number uint64 // the feed's; 0: it is not subscribed
	asked  int64  // the id of the sub frame whose ack is awaited; 0: none is

	failed int       // how often in a row it was out of step, or the feed was full
	after  time.Time // not to be asked for before
}

func (s *subscription) is(o *subscription) bool {
	return s.Topic == o.Topic && s.when == o.when && (s.Fields == nil) == (o.Fields == nil) && slices.Equal(s.Fields, o.Fields) &&
		s.Basis == o.Basis && s.From.Equal(o.From) && s.Speed == o.Speed
}

// resumes tells whether it comes back with the place that it has reached: a watch begins anew, and a tape has times.
func (s *subscription) resumes() bool { return s.when == "" && !s.rehearses() }

// needsLive tells whether it is to be asked for once the feed has read its logs: what was missed is not known before, and what a
// condition comes to, and which model governs a campaign, is of the past.
func (s *subscription) needsLive() bool { return s.when != "" || s.cursor != "" || s.Basis.Model != "" }

// update is an update of it.
func (s *subscription) update(u Update) Update {
	if s.when != "" {
		u.Watch = Watch{s.Topic, s.when}
	} else {
		u.Sub = s.Sub
	}
	return u
}

// subFrame asks for a topic, or for a watch.
type subFrame struct {
	T      string       `json:"t"`
	ID     int64        `json:"id"`
	Topic  string       `json:"topic"`
	When   string       `json:"when,omitempty"`
	Fields *[]string    `json:"fields,omitempty"`
	Basis  *Basis       `json:"basis,omitempty"`
	MaxHz  float64      `json:"max_hz,omitempty"`
	From   string       `json:"from,omitempty"`
	Speed  float64      `json:"speed,omitempty"`
	Resume *resumeFrame `json:"resume,omitempty"`
}

type resumeFrame struct {
	Cursor string `json:"cursor"`
	Hash   string `json:"hash,omitempty"`
}

// frame asks for it, from where it is if it has been there.
func (s *subscription) frame() subFrame {
	if s.when != "" {
		return subFrame{T: "watch", ID: s.asked, Topic: s.Topic, When: s.when}
	}
	f := subFrame{T: "sub", ID: s.asked, Topic: s.Topic, MaxHz: s.MaxHz, Speed: s.Speed}
	if s.Fields != nil {
		f.Fields = &s.Fields
	}
	if s.Basis != (Basis{}) {
		f.Basis = &s.Basis
	}
	switch {
	case s.reached != "":
		f.From = s.reached
	case s.rehearses():
		f.From = s.From.UTC().Format(time.RFC3339Nano)
	case s.cursor != "":
		f.Resume = &resumeFrame{Cursor: s.cursor}
		if s.held != nil {
			f.Resume.Hash = s.held.Hash
		}
	}
	return f
}

// lost forgets what was of the connection.
func (s *subscription) lost() {
	s.number, s.asked = 0, 0
}

const (
	firstAgain = time.Second
	lastAgain  = 30 * time.Second
)

// again says that it is to be asked for once more: at once the first time, then later and later, so that a document that the
// two will never agree on costs little.
func (s *subscription) again(now time.Time) {
	s.number, s.asked, s.after = 0, 0, now
	if s.failed > 0 {
		s.after = now.Add(min(lastAgain, firstAgain<<min(s.failed-1, 10)))
	}
	s.failed++
}

// recent remembers the ids of the latest events, so that one that the feed sends again is told once. The feed sends again 128
// at most, of those after the cursor that a subscription resumed from; up to twice as many may be on their way beside them.
type recent struct {
	ids  map[string]struct{}
	ring []string // oldest at next once it is full
	next int
}

const maxRecent = 1024

// add notes an id; false if it was there. An event without one is always new.
func (r *recent) add(id string) bool {
	if id == "" {
		return true
	}
	if _, was := r.ids[id]; was {
		return false
	}
	if r.ids == nil {
		r.ids = map[string]struct{}{}
	}
	r.ids[id] = struct{}{}
	if len(r.ring) < maxRecent {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % maxRecent
	return true
}
