package livemeter

import (
	"context"
	"encoding/json"
	"slices"
)

// Watch is a condition that the feed looks at in every state of a document, and not only in those that are sent.
type Watch struct {
	Topic string
	// When is as stream/feed/condition has it: room.final.heat.gauge >= 60 && money.gmv.JPY.net.minor > 100000
	When string
}

// Answer is what a watch's condition comes to.
type Answer struct {
	Holds *bool `json:"holds"` // nil: not known
	Was   *bool `json:"was"`   // what the user was told before; nil: that it was not known, or nothing yet
	// Changes is how often it changed since: more than one where it went back and forth. After a lost connection it is at least so
	// often: what happened meanwhile is not known.
	Changes int                        `json:"changes"`
	Values  map[string]json.RawMessage `json:"values"` // what it rests on, by path
}

// Watch asks to be told when a condition holds, from now on: what it comes to is told first, and then each change of that, at
// most once a second. It outlives connections: after one that was lost, the user is told if the answer is otherwise than it
// was. A condition that cannot be read is refused, which comes as an update, as for Subscribe.
//
//	err := client.Watch(livemeter.Watch{Topic: "show/S42", When: "room.final.heat.gauge >= 60"})
//	…
//	func(u livemeter.Update) error {
//		if u.Kind == livemeter.Watched && u.Answer.Holds != nil && *u.Answer.Holds {
//			ring(u.Watch, u.Answer.Values)
//		}
//		return nil
//	}
func (c *Client) Watch(w Watch) error { return c.add(w.subscription()) }

// Unwatch lets go of a watch. No update of it follows.
func (c *Client) Unwatch(w Watch) { c.remove(w.subscription()) }

func (w Watch) subscription() *subscription {
	return &subscription{Sub: Sub{Topic: w.Topic}, when: w.When}
}

// watched tells what a condition comes to, if it was not told that before.
func (n *connection) watched(ctx context.Context, f *Frame) error {
	s := n.numbered(f)
	if s == nil {
		return nil // let go of
	}
	now := f.Answer
	n.c.mu.Lock()
	if told := s.answer; told != nil {
		if same(told.Holds, now.Holds) && now.Changes == 0 { // the first of another connection
			n.c.mu.Unlock()
			return nil
		}
		now.Was, now.Changes = told.Holds, max(1, now.Changes)
	}
	s.answer = &now
	n.c.mu.Unlock()
	return n.tell(ctx, s, Update{Kind: Watched, Cursor: f.Cursor, Answer: now})
}

func same(a, b *bool) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// ended tells that a rehearsal is over, and forgets it.
func (n *connection) ended(ctx context.Context, f *Frame) error {
	s := n.numbered(f)
	if s == nil {
		return nil
	}
	n.c.mu.Lock()
	s.off = true
	n.c.subs = slices.DeleteFunc(n.c.subs, func(o *subscription) bool { return o == s })
	n.c.mu.Unlock()
	n.follower.Forget(f.Sub)
	return n.tell(ctx, s, Update{Kind: Over})
}
