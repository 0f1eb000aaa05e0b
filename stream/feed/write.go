package feed

import "time"

// write is the connection's writer. It is there only while there is something to write: kick starts it, and it ends when the
// queues are empty. A client that is as quick as its topics has no writer most of the time, and no stack for one.
func (c *conn) write() {
	defer c.server.ending.Done()
	for {
		began := time.Now()
		b, ok := c.take(began)
		if !ok {
			return
		}
		if !c.writeBatch(b) {
			c.broken()
			return
		}
		if n := c.pace.judge(began, time.Now()); n != nil && !c.writeFrames(encodeFrame("notice", n)) {
			c.broken()
			return
		}
		if b.leaving != nil {
			c.goodbye(b.leaving)
			return
		}
	}
}

// kick starts the writer, unless it is at work or has ended for good; the caller holds mu.
func (c *conn) kick() {
	if c.writing {
		return
	}
	c.writing = true
	c.server.ending.Add(1)
	go c.write()
}

// nudge is kick for who does not hold mu.
func (c *conn) nudge() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kick()
}

// batch is what there is to write at one moment.
type batch struct {
	frames  []*frame
	subs    []*subscription
	leaving *goodbye
}

// take empties the queues of what may be written now; false where there is nothing, and the writer ends. Subscriptions that
// max_hz holds stay marked, and the writer is started again when the first is due.
func (c *conn) take(now time.Time) (batch, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := batch{frames: c.waiting, leaving: c.leaving}
	c.waiting = nil
	if c.leaving != nil {
		return b, true
	}
	wait := time.Duration(0)
	kept := c.marked[:0]
	for _, s := range c.marked {
		switch left := s.next.Sub(now); {
		case s.off:
		case left > 0:
			kept = append(kept, s)
			if wait == 0 || left < wait {
				wait = left
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
		if c.beats++; c.beats%pingBeats == 0 {
			b.frames = append(b.frames, pingFrame)
		}
	}
	if len(b.frames)+len(b.subs) > 0 {
		c.busy = now
		return b, true
	}
	c.writing = false
	if wait > 0 {
		c.wait(wait)
	}
	return b, false
}

// wait starts the writer again after a while; the caller holds mu.
func (c *conn) wait(d time.Duration) {
	if c.due == nil {
		c.due = time.AfterFunc(d, c.nudge)
		return
	}
	c.due.Reset(d)
}

// batchBytes is about what is written by one call.
const batchBytes = 64 << 10

func (c *conn) writeBatch(b batch) bool {
	frames, bytes := b.frames, 0
	var now time.Time
	for _, s := range b.subs {
		e := s.view.edition.Load()
		if e.seq == s.held {
			continue // an edition taken with the mark before, or the one that it came back with
		}
		if !c.who.Sees(s.view.topic.name, e.owner) {
			continue // the show changed hands since it was marked, and revoke ends the sub
		}
		f := e.from(s.held)
		frames = append(frames, f)
		if bytes += len(f.body); bytes >= batchBytes {
			if !c.writeFrames(frames...) {
				return false
			}
			frames, bytes = nil, 0
		}
		now = time.Now()
		if s.held != 0 && e.appendMS != 0 && !c.own {
			c.hub.metrics.appendToWrite.Observe(float64(now.UnixMilli()-e.appendMS) / 1e3)
		}
		s.held, s.next = e.seq, now.Add(max(time.Duration(s.every.Load()), c.pace.every))
	}
	return c.writeFrames(frames...)
}

func (c *conn) writeFrames(frames ...*frame) bool {
	if len(frames) == 0 {
		return true
	}
	if c.wire.write(frames) != nil {
		return false
	}
	if !c.own {
		for _, f := range frames {
			c.hub.metrics.wrote(f)
		}
	}
	return true
}

// broken ends a connection that cannot be written to; dropping it ends who reads.
func (c *conn) broken() {
	c.fail(closeWrite)
	c.wire.drop()
	c.ended()
}

// goodbye says why, and closes.
func (c *conn) goodbye(why *goodbye) {
	defer c.ended()
	if why.code != 0 && !c.writeFrames(encodeFrame("bye", byeFrame{"bye", why.name, why.message, why.retry})) {
		c.wire.drop()
		return
	}
	c.wire.leave(why)
}

// ended is the writer's end for good: it stays marked as at work, so that nothing starts it again.
func (c *conn) ended() {
	c.mu.Lock()
	if c.due != nil {
		c.due.Stop()
	}
	c.mu.Unlock()
	close(c.wrote)
}
