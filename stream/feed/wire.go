package feed

import (
	"encoding/binary"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// wire is how frames reach one client: a websocket, or the body of an HTTP answer. Only the connection's writer uses it,
// except for drop.
type wire interface {
	write(frames []*frame) error // all within writeWait
	leave(why *goodbye)          // the last word, after the bye
	drop()                       // at once; ends whoever reads or writes
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
type socket struct{ ws *websocket.Conn }

func (s socket) write(frames []*frame) error {
	conn := s.ws.NetConn()
	if err := conn.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if len(frames) == 1 {
		_, err := conn.Write(frames[0].socket)
		return err
	}
	all := make(net.Buffers, len(frames))
	for i, f := range frames {
		all[i] = f.socket
	}
	_, err := all.WriteTo(conn)
	return err
}

// leave closes, and leaves the reader a moment to see the peer's answer.
func (s socket) leave(why *goodbye) {
	if why.code != 0 {
		// If it does not go out, the read deadline ends the connection all the same.
		_ = s.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(why.code, why.name), time.Now().Add(closeWait))
	}
	_ = s.ws.SetReadDeadline(time.Now().Add(closeWait))
}

func (s socket) drop() { s.ws.Close() }

// answer is an HTTP answer that does not end: server-sent events, or one frame a line.
type answer struct {
	w      http.ResponseWriter
	rc     *http.ResponseController
	events bool   // server-sent events
	end    func() // of the request
}

func (b *answer) write(frames []*frame) error {
	if err := b.rc.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	var out []byte
	for _, f := range frames {
		out = b.append(out, f)
	}
	if _, err := b.w.Write(out); err != nil {
		return err
	}
	return b.rc.Flush()
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
