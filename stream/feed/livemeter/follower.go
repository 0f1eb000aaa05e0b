package livemeter

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/netsu/netsu/stream/feed/delta"
)

// Frame is a frame of the server, of any kind. Fields that its kind does not have are zero.
type Frame struct {
	T     string `json:"t"` // welcome, ack, snap, delta, event, restate, watch, notice, hb, pong, err, bye
	ID    *int64 `json:"id"`
	Sub   uint64 `json:"sub"`
	Watch uint64 `json:"watch"` // of a watch, or the ack of one
	Topic string `json:"topic"` // of a snap or an ack

	Cursor    string `json:"cursor"`
	From      string `json:"from"` // of a delta, as To
	To        string `json:"to"`
	AsOf      string `json:"as_of"`
	Watermark string `json:"watermark"`
	Hash      string `json:"hash"`

	Keys    map[string]string `json:"keys"`    // of the ack of a sub
	Resumed string            `json:"resumed"` // of the ack of a sub with resume
	Data    json.RawMessage   `json:"data"`    // of a snap, an event or a restate
	Kind    string            `json:"kind"`    // of an event
	Answer                    // of a watch
	delta.Ops

	Session     string  `json:"session"` // of the welcome
	ServerTime  string  `json:"server_time"`
	HeartbeatMS int64   `json:"heartbeat_ms"`
	State       string  `json:"state"` // of the welcome and of heartbeats: catching_up, live
	N           uint64  `json:"n"`
	LagMS       *int64  `json:"lag_ms"`
	Code        string  `json:"code"` // of an err, a notice or a bye
	Message     string  `json:"message"`
	Reason      string  `json:"reason"` // of a snap without data: not_yet, gone
	Hz          float64 `json:"hz"`
	Retry       bool    `json:"retry"` // of a bye
}

// Position is the cursor that a frame brings its reader to; "" where it has none.
func (f *Frame) Position() string {
	if f.T == "delta" {
		return f.To
	}
	return f.Cursor
}

// Held is what is held of one sub.
type Held struct {
	Topic string
	// Doc is the document as encoding/json decodes it. It changes with the next frame. Nil: there is none, and Reason says why.
	Doc    map[string]any
	Reason string
	Cursor string
	Hash   string
	// Text is the document as canonical JSON (RFC 8785), which its hash is of. It is not changed.
	Text    json.RawMessage
	rule    *delta.Rule
	resumed bool // a delta may start from it under another cursor than the one it was held by
}

// Follower follows the subs of one connection. It is not safe for concurrent use.
type Follower struct {
	subs map[uint64]*Held
}

// ErrOutOfStep is a document that can no longer be followed: subscribe to it again.
var ErrOutOfStep = errors.New("out of step with the feed")

// Take reads a frame and follows it.
func (f *Follower) Take(text []byte) (*Frame, error) {
	frame := &Frame{}
	if err := json.Unmarshal(text, frame); err != nil {
		return nil, fmt.Errorf("reading a frame: %w", err)
	}
	held := f.subs[frame.Sub]
	switch frame.T {
	case "ack":
		f.acknowledged(frame)
	case "snap":
		if held == nil {
			return frame, nil // of a sub that was given up
		}
		held.Doc, held.Reason = nil, frame.Reason
		if err := json.Unmarshal(frame.Data, &held.Doc); err != nil {
			return frame, fmt.Errorf("reading the document of a snap: %w", err)
		}
		return frame, held.prove(frame)
	case "delta":
		if held == nil {
			return frame, nil
		}
		if held.Doc == nil || held.Cursor != frame.From && !held.resumed {
			return frame, held.lost(errors.New("a delta from a state that is not held"))
		}
		if err := delta.Apply(held.rule, held.Doc, &frame.Ops); err != nil {
			return frame, held.lost(err)
		}
		return frame, held.prove(frame)
	}
	return frame, nil
}

func (f *Follower) acknowledged(frame *Frame) {
	if frame.Keys == nil { // of an unsub or a tune
		return
	}
	if f.subs == nil {
		f.subs = map[uint64]*Held{}
	}
	places := delta.Places{Union: frame.Keys}
	f.subs[frame.Sub] = &Held{Topic: frame.Topic, rule: places.From()}
}

// Sub is what is held of a sub; nil where there is no such.
func (f *Follower) Sub(n uint64) *Held { return f.subs[n] }

// Forget gives a sub up.
func (f *Follower) Forget(n uint64) { delete(f.subs, n) }

// Resume takes over, for a sub whose ack says in_step or delta, what was held on a connection before. The feed knows it by its
// hash: another process may have come to the same state at another place of the logs, so where the next delta starts from is
// not looked at, and its hash proves it all the same.
func (f *Follower) Resume(n uint64, before *Held) {
	if now := f.subs[n]; now != nil && before != nil {
		now.Doc, now.Cursor, now.Hash, now.Text, now.resumed = before.Doc, before.Cursor, before.Hash, before.Text, true
	}
}

func (h *Held) prove(frame *Frame) error {
	h.Cursor, h.Hash, h.Text, h.resumed = frame.Position(), frame.Hash, nil, false
	if h.Doc == nil {
		return nil
	}
	text, err := delta.State(h.Doc)
	if err != nil {
		return h.lost(err)
	}
	if got := delta.Hash(text); got != frame.Hash {
		return h.lost(fmt.Errorf("the hash is %s, the frame's %s", got, frame.Hash))
	}
	h.Text = text
	return nil
}

func (h *Held) lost(err error) error {
	h.Doc, h.Cursor, h.Hash, h.Text, h.resumed = nil, "", "", nil, false
	return fmt.Errorf("%w: %s: %w", ErrOutOfStep, h.Topic, err)
}
