package feed

import "time"

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
			if err := c.wire.ping(); err != nil {
				c.broken()
				return
			}
			continue
		case <-c.wake:
		case <-due.C:
		}
		began := time.Now()
		b := c.take(began)
		if !c.writeBatch(b) {
			c.broken()
			return
		}
		if n := c.pace.judge(began, time.Now()); n != nil && !c.writeFrame(encodeFrame("notice", n)) {
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
		e := s.view.edition.Load()
		if e.seq == s.held {
			continue // an edition taken with the mark before, or the one that it came back with
		}
		if !c.who.Sees(s.view.topic.name, e.owner) {
			continue // the show changed hands since it was marked, and revoke ends the sub
		}
		if !c.writeFrame(e.from(s.held)) {
			return false
		}
		now := time.Now()
		if s.held != 0 && e.appendMS != 0 && !c.own {
			c.hub.metrics.appendToWrite.Observe(float64(now.UnixMilli()-e.appendMS) / 1e3)
		}
		s.held, s.next = e.seq, now.Add(max(time.Duration(s.every.Load()), c.pace.every))
	}
	return c.wire.flush() == nil
}

func (c *conn) writeFrame(f *frame) bool {
	if c.wire.write(f) != nil {
		return false
	}
	if !c.own {
		c.hub.metrics.wrote(f)
	}
	return true
}

// broken ends a connection that cannot be written to; dropping it ends who reads.
func (c *conn) broken() {
	c.fail(closeWrite)
	c.wire.drop()
}

// goodbye says why, and closes.
func (c *conn) goodbye(why *goodbye) {
	if why.code != 0 && !c.writeFrame(encodeFrame("bye", byeFrame{"bye", why.name, why.message, why.retry})) {
		c.wire.drop()
		return
	}
	c.wire.leave(why)
}
