package feed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// wire is how frames reach one client: a websocket, or the body of an HTTP answer. Only the connection's writer uses it,
// except for drop.
type wire interface {
	// waits tells whether write may have to wait for the client.
	waits() bool
	// write writes all frames within writeWait, or, where it does not wait, as much as the client takes at once: false, and finish
	// writes the rest.
	write(frames []*frame) (whole bool, err error)
	finish() error
	leave(why *goodbye) // the last word, after the bye
	drop()              // at once; ends whoever reads or writes
}

// frame is one encoded frame. It never changes, and is shared by all who get it.
type frame struct {
	kind   string // the "t"; of a websocket's own frames, ping or pong
	cursor string // "": it has none
	body   []byte // its text
	socket []byte // the same as a websocket has it: a header before it
}

// The opcodes of a websocket's frames (RFC 6455 §5.2), with the bit that says that they are whole.
const (
	wholeText = 0x80 | websocket.TextMessage
	wholePing = 0x80 | websocket.PingMessage
	wholePong = 0x80 | websocket.PongMessage
)

func newFrame(kind, cursor string, body []byte) *frame {
	socket := socketFrame(wholeText, body)
	return &frame{kind: kind, cursor: cursor, body: socket[len(socket)-len(body):], socket: socket}
}

// pingFrame asks the client's websocket for a sign of life.
var pingFrame = &frame{kind: "ping", socket: socketFrame(wholePing, nil)}

// socketFrame writes a frame of the server's: without a mask, and not compressed, as was agreed.
func socketFrame(op byte, body []byte) []byte {
	b := make([]byte, 0, len(body)+10)
	switch n := len(body); {
	case n < 126:
		b = append(b, op, byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, op, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, op, 127), uint64(n))
	}
	return append(b, body...)
}

// socket is a websocket. Its frames are whole texts that were made once for all, so they are written to the connection below
// it as they are, many by one call. The library writes nothing but the close: its answers to pings are the writer's too.
type socket struct {
	ws   *websocket.Conn
	raw  syscall.RawConn // nil: not a plain socket, and each write waits
	rest []byte          // what the client did not take at once

	// Of a write that does not wait: what is left of it, and why it ended.
	out   []byte
	ended error
	take  func(fd uintptr) // is s.attempt: a function for each write would be garbage for each
}

func newSocket(ws *websocket.Conn) *socket {
	s := &socket{ws: ws}
	if plain, ok := ws.NetConn().(*net.TCPConn); ok {
		if raw, err := plain.SyscallConn(); err == nil {
			s.raw, s.take = raw, s.attempt
		}
	}
	return s
}

func (s *socket) waits() bool { return s.raw == nil }

func (s *socket) write(frames []*frame) (bool, error) {
	out := frames[0].socket
	if len(frames) > 1 {
		buffer := buffers.Get().(*[]byte)
		defer buffers.Put(buffer)
		*buffer = (*buffer)[:0]
		for _, f := range frames {
			*buffer = append(*buffer, f.socket...)
		}
		out = *buffer
	}
	if s.raw == nil {
		s.rest = out
		return true, s.finish()
	}
	s.out, s.ended = out, nil
	// Control keeps the descriptor open meanwhile, as Write would, and spares readying the poller for a wait that there is none of.
	err := s.raw.Control(s.take)
	left, ended := s.out, s.ended
	s.out = nil
	if err != nil || ended != nil {
		return false, errors.Join(err, ended)
	}
	if len(left) > 0 {
		s.rest = bytes.Clone(left)
		return false, nil
	}
	return true, nil
}

// attempt writes what the socket takes, and does not wait for more: that is for finish.
func (s *socket) attempt(fd uintptr) {
	for len(s.out) > 0 {
		n, err := syscall.Write(int(fd), s.out)
		switch {
		case n > 0:
			s.out = s.out[n:]
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return
		default:
			s.ended = err
			return
		}
	}
}

// buffers are where frames are put together that go by one call.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (s *socket) finish() error {
	if s.rest == nil {
		return nil
	}
	rest := s.rest
	s.rest = nil
	conn := s.ws.NetConn()
	if err := conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if _, err := conn.Write(rest); err != nil {
		return err
	}
	return conn.SetWriteDeadline(time.Time{}) // one that has passed would end the next write that does not wait
}

// leave closes, and leaves the reader a moment to see the peer's answer.
func (s *socket) leave(why *goodbye) {
	if why.code != 0 {
		// If it does not go out, the read deadline ends the connection all the same.
		_ = s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(why.code, why.name), time.Now().Add(closeWait))
	}
	_ = s.ws.SetReadDeadline(time.Now().Add(closeWait))
}

func (s *socket) drop() { s.ws.Close() }

// answer is an HTTP answer that does not end: server-sent events, or one frame a line.
type answer struct {
	w      http.ResponseWriter
	rc     *http.ResponseController
	events bool   // server-sent events
	end    func() // of the request
}

func (b *answer) waits() bool { return true }

func (b *answer) finish() error { return nil }

func (b *answer) write(frames []*frame) (bool, error) {
	if err := b.rc.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return false, err
	}
	var out []byte
	for _, f := range frames {
		out = b.append(out, f)
	}
	if _, err := b.w.Write(out); err != nil {
		return false, err
	}
	return true, b.rc.Flush()
}

func (b *answer) append(out []byte, f *frame) []byte {
	if f.body == nil { // a websocket's own
		return out
	}
	if b.events {
		if f.cursor != "" { // what Last-Event-ID will be
			out = append(append(append(out, "id: "...), f.cursor...), '\n')
		}
		out = append(out, "data: "...)
	}
	out = append(append(out, f.body...), '\n')
	if b.events {
		out = append(out, '\n')
	}
	return out
}

func (b *answer) leave(*goodbye) {} // the answer ends with its handler

func (b *answer) drop() { b.end() }
