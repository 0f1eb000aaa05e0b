package feed

import (
	"strconv"
	"sync"

	"github.com/netsu/netsu/stream/feed/delta"
)

// edition is one state of a view, ready for the wire. It never changes once published, so connections read it without a
// lock; the frames made from it are made once and shared.
type edition struct {
	view *view
	state
	past []state // those before it that a delta can start from, oldest first; at most pastStates, all of one unbroken run
	// appendMS is the append time of the newest meter in it, for the histogram; 0: none.
	appendMS int64
	owner    string // whose it is: meters.owner
	asOf     *string
	mark     *string // watermark
	gone     bool    // there was a document, and there is none any more

	mu     sync.Mutex
	frames map[uint64]*frame // by the edition that a delta starts from; 0 is the snap
}

// state is what a subscriber holds.
type state struct {
	seq     uint64 // where in the hub's count of editions
	cursor  string
	hash    uint32         // of the text of members
	members []delta.Member // nil: no document. Those that did not change share their text from state to state.
}

// pastStates bounds what is remembered of a view: a subscriber that holds an older state gets a snap. At ten editions a
// second it reaches 3 s back, so that who asks for one frame every two seconds gets deltas.
const pastStates = 32

// framesPerEdition bounds the deltas kept of an edition. Subscribers that keep up share one or two; beyond the bound,
// frames are made for one subscriber and thrown away.
const framesPerEdition = 32

// follow makes the edition that comes after prev (nil: none).
func (v *view) follow(prev *edition, seq uint64, members []delta.Member, appendMS int64) *edition {
	t := v.topic
	e := &edition{
		view: v, appendMS: appendMS, owner: t.owner, asOf: t.parts.text("as_of"), mark: t.parts.text("watermark"), gone: t.was,
		state: state{seq: seq, cursor: t.hub.at.cursor(), members: members},
	}
	e.hash = delta.Sum(members)
	if prev != nil && prev.members != nil && members != nil {
		first := max(0, len(prev.past)+1-pastStates)
		e.past = append(append(make([]state, 0, len(prev.past)+1-first), prev.past[first:]...), prev.state)
	}
	return e
}

// before is the past state that a subscriber holds; nil where it is not remembered.
func (e *edition) before(held uint64) *state {
	for i := range e.past {
		if e.past[i].seq == held {
			return &e.past[i]
		}
	}
	return nil
}

// hashed is the state, present or past, that has a hash; 0 where none has.
func (e *edition) hashed(hash string) uint64 {
	for i := len(e.past); i >= 0; i-- {
		s := &e.state
		if i < len(e.past) {
			s = &e.past[i]
		}
		if s.members != nil && hash == string(delta.AppendHash(nil, s.hash)) {
			return s.seq
		}
	}
	return 0
}

// from is the frame that brings a subscriber who holds edition held (0: nothing) to this one.
func (e *edition) from(held uint64) *frame {
	past := e.before(held)
	if past == nil || e.members == nil {
		held = 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.frames[held]
	if f == nil {
		if held == 0 {
			f = e.snap()
		} else {
			f = e.delta(past)
		}
		if e.frames == nil {
			e.frames = map[uint64]*frame{}
		}
		if len(e.frames) < framesPerEdition {
			e.frames[held] = f
		}
	}
	return f
}

func (e *edition) snap() *frame {
	b := append([]byte(`{"t":"snap","sub":`), strconv.FormatUint(e.view.number, 10)...)
	b = appendString(append(b, `,"topic":`...), e.view.topic.name)
	b = appendString(append(b, `,"cursor":`...), e.cursor)
	b = e.appendAge(b)
	if e.members == nil {
		why := "not_yet"
		if e.gone {
			why = "gone"
		}
		b = appendString(append(b, `,"data":null,"reason":`...), why)
		return newFrame("snap", e.cursor, append(b, '}'))
	}
	b = appendMembers(append(b, `,"data":`...), e.members)
	return newFrame("snap", e.cursor, append(e.appendProof(b), '}'))
}

func (e *edition) delta(past *state) *frame {
	b := append([]byte(`{"t":"delta","sub":`), strconv.FormatUint(e.view.number, 10)...)
	b = appendString(append(b, `,"from":`...), past.cursor)
	b = appendString(append(b, `,"to":`...), e.cursor)
	b = e.appendAge(b)
	p := delta.Diff(e.view.topic.shape.rule, past.members, e.members)
	b = p.AppendMembers(b)
	return newFrame("delta", e.cursor, append(e.appendProof(b), '}'))
}

func (e *edition) appendAge(b []byte) []byte {
	b = appendText(append(b, `,"as_of":`...), e.asOf)
	return appendText(append(b, `,"watermark":`...), e.mark)
}

func (e *edition) appendProof(b []byte) []byte {
	return append(delta.AppendHash(append(b, `,"hash":"`...), e.hash), '"')
}

func appendMembers(b []byte, members []delta.Member) []byte {
	b = append(b, '{')
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, m.Name...), ':'), m.Value...)
	}
	return append(b, '}')
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
