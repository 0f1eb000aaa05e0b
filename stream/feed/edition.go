package feed

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"
)

// edition is one state of a topic's document, ready for the wire. It never changes once published, so connections read
// it without a lock; the frames made from it are made once and shared.
type edition struct {
	topic *topic
	seq   uint64 // where in the hub's count of editions; what cursors show
	birth uint64 // the first of the unbroken run of editions with a document that this one belongs to
	parts parts  // nil: no document
	// appendMS is the append time of the newest meter in it, for the histogram; 0: none.
	appendMS int64
	why      string // reason of a snap without data

	mu     sync.Mutex
	frames map[uint64]*frame // by the edition that a delta starts from; 0 is the snap
}

// frame is one encoded frame.
type frame struct {
	kind string // the "t"
	size int
	wire *websocket.PreparedMessage
}

func newFrame(kind string, body []byte) *frame {
	pm, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
	if err != nil {
		panic("cannot happen: preparing a text message: " + err.Error())
	}
	return &frame{kind: kind, size: len(body), wire: pm}
}

// framesPerEdition bounds the deltas kept of an edition. Subscribers that keep up share one or two; beyond the bound,
// frames are made for one subscriber and thrown away.
const framesPerEdition = 32

// follow makes the edition that comes after prev (nil: none).
func (t *topic) follow(prev *edition, seq uint64, p parts, appendMS int64, why string) *edition {
	e := &edition{topic: t, seq: seq, birth: seq, parts: p, appendMS: appendMS, why: why}
	comparable := prev != nil && len(prev.parts) == len(p) && p != nil
	if comparable {
		e.birth = prev.birth
	}
	for i := range p {
		p[i].since = seq
		if comparable && bytes.Equal(prev.parts[i].json, p[i].json) {
			p[i].since = prev.parts[i].since
		}
	}
	return e
}

// from is the frame that brings a subscriber who holds edition held (0: nothing) to this one. Between birth and now
// every edition held will do, since each part knows since when it has been so.
func (e *edition) from(held uint64) *frame {
	if held < e.birth || e.parts == nil {
		held = 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.frames[held]
	if f == nil {
		f = e.encode(held)
		if e.frames == nil {
			e.frames = map[uint64]*frame{}
		}
		if len(e.frames) < framesPerEdition {
			e.frames[held] = f
		}
	}
	return f
}

func (e *edition) encode(held uint64) *frame {
	kind := "delta"
	if held == 0 {
		kind = "snap"
	}
	b := fmt.Appendf(nil, `{"t":"%s","sub":%d,`, kind, e.topic.number)
	if held == 0 {
		b = append(b, `"topic":`...)
		b = appendString(b, e.topic.name)
		b = e.topic.hub.appendCursor(append(b, `,"cursor":`...), e.seq)
	} else {
		b = e.topic.hub.appendCursor(append(b, `"from":`...), held)
		b = e.topic.hub.appendCursor(append(b, `,"to":`...), e.seq)
	}
	b = appendText(append(b, `,"as_of":`...), e.parts.text("as_of"))
	b = appendText(append(b, `,"watermark":`...), e.parts.text("watermark"))
	switch {
	case held != 0:
		b = e.parts.appendObject(append(b, `,"set":`...), held)
	case e.parts == nil:
		b = appendString(append(b, `,"data":null,"reason":`...), e.why)
	default:
		b = e.parts.appendObject(append(b, `,"data":`...), 0)
	}
	return newFrame(kind, append(b, '}'))
}

func appendText(b []byte, s *string) []byte {
	if s == nil {
		return append(b, "null"...)
	}
	return appendString(b, *s)
}

func appendString(b []byte, s string) []byte {
	raw, err := encode(s)
	if err != nil {
		panic("cannot happen: encoding a string: " + err.Error())
	}
	return append(b, raw...)
}

func (h *hub) appendCursor(b []byte, seq uint64) []byte {
	b = append(b, '"')
	b = append(b, h.epoch...)
	b = append(b, ':')
	b = strconv.AppendUint(b, seq, 10)
	return append(b, '"')
}
