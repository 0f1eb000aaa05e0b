package feed

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// wire is how frames reach one client: a websocket, or the body of an HTTP answer. Only the connection's writer uses it,
// except for drop.
type wire interface {
	write(f *frame) error // within writeWait
	flush() error
	ping() error
	leave(why *goodbye) // the last word, after the bye
	drop()              // at once; ends whoever reads or writes
}

// socket is a websocket.
type socket struct{ ws *websocket.Conn }

func (s socket) write(f *frame) error {
	if err := s.ws.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	return s.ws.WritePreparedMessage(f.wire)
}

func (s socket) flush() error { return nil }

func (s socket) ping() error {
	return s.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
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

func (b *answer) write(f *frame) error {
	if err := b.rc.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	out := make([]byte, 0, len(f.body)+len(f.cursor)+20)
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
	_, err := b.w.Write(out)
	return err
}

func (b *answer) flush() error { return b.rc.Flush() }

func (b *answer) ping() error { return nil } // heartbeats do

func (b *answer) leave(*goodbye) { _ = b.rc.Flush() } // the answer ends with its handler

func (b *answer) drop() { b.end() }
