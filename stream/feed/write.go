package feed

import (
	"time"

	"github.com/gorilla/websocket"
)

// write is the connection's writer: it sleeps until nudged, until a held subscription is due, or until a ping is, and
// writes what there is then. It ends with the connection.
func (c *conn) write() {
	defer close(c.wrote)
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	due := time.NewTimer(time.Hour)
	defer due.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-ping.C:
			if err := c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)); err != nil {
				c.broken()
				return
			}
			continue
		case <-c.wake:
		case <-due.C:
		}
		b := c.take(time.Now())
		if !c.writeBatch(b) {
			c.broken()
			return
		}
		if b.leaving != nil {
			c.goodbye(b.leaving)
			return
		}
		if b.wait > 0 {
			due.Reset(b.wait)
		}
	}
}

// batch is what there is to write at one moment.
type batch struct {
	frames  []*frame
	subs    []*subscription
	leaving *goodbye
	wait    time.Duration // until the next held subscription is due; 0: none is held
}

// take empties the queues of what may be written now. Subscriptions that max_hz holds stay marked.
func (c *conn) take(now time.Time) batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := batch{frames: c.waiting, leaving: c.leaving}
	c.waiting = nil
	if c.leaving != nil {
		return b
	}
	kept := c.marked[:0]
	for _, s := range c.marked {
		switch wait := s.next.Sub(now); {
		case s.off:
		case wait > 0:
			kept = append(kept, s)
			if b.wait == 0 || wait < b.wait {
				b.wait = wait
			}
		default:
			s.marked = false // from here on a new edition marks it again
			b.subs = append(b.subs, s)
		}
	}
	clear(c.marked[len(kept):])
	c.marked = kept
	if c.beat != nil {
		b.frames = append(b.frames, c.beat)
		c.beat = nil
	}
	return b
}

func (c *conn) writeBatch(b batch) bool {
	for _, f := range b.frames {
		if !c.writeFrame(f) {
			return false
		}
	}
	for _, s := range b.subs {
		e := s.topic.edition.Load()
		if e.seq == s.held {
			continue // an edition taken with the mark before
		}
		if !c.writeFrame(e.from(s.held)) {
			return false
		}
		now := time.Now()
		if s.held != 0 && e.appendMS != 0 {
			c.hub.metrics.appendToWrite.Observe(float64(now.UnixMilli()-e.appendMS) / 1e3)
		}
		s.held, s.next = e.seq, now.Add(s.every)
	}
	return true
}

func (c *conn) writeFrame(f *frame) bool {
	if c.ws.SetWriteDeadline(time.Now().Add(writeWait)) != nil || c.ws.WritePreparedMessage(f.wire) != nil {
		return false
	}
	c.hub.metrics.wrote(f)
	return true
}

// broken ends a connection that cannot be written to; closing it ends the reader.
func (c *conn) broken() {
	c.fail(closeWrite)
	c.ws.Close()
}

// goodbye says why, closes, and leaves the reader a moment to see the peer's answer.
func (c *conn) goodbye(why *goodbye) {
	if why.code != 0 {
		if !c.writeFrame(encodeFrame("bye", byeFrame{"bye", why.name, why.message, why.retry})) {
			c.ws.Close()
			return
		}
		message := websocket.FormatCloseMessage(why.code, why.name)
		// If it does not go out, the read deadline ends the connection all the same.
		_ = c.ws.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeWait))
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(closeWait))
}
