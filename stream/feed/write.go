package feed

import (
	"runtime"
	"sync"
	"time"
)

// A connection's writer is there only while there is something to write. Where the socket takes it at once, it is one of a few
// workers that write for all connections, one after the other; a client that does not take it at once gets a goroutine of
// its own to wait for it, and so does each whose wire always waits. So a stalled peer holds up nobody, and what is quick costs
// neither a stack nor a change of goroutines.

// crew is the connections that have something to be written, and who works at it. Its queue is bounded by the connections: each
// is in it once at most.
type crew struct {
	mu      sync.Mutex
	queue   []*conn
	at      int // the first that is waiting
	workers int
}

// add has a connection written to.
func (w *crew) add(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, c)
	if w.workers < runtime.GOMAXPROCS(0) {
		w.workers++
		c.server.ending.Add(1)
		go w.work(&c.server.ending)
	}
}

func (w *crew) work(ending *sync.WaitGroup) {
	defer ending.Done()
	var b batch
	for {
		c := w.next()
		if c == nil {
			return
		}
		c.run(&b, false)
	}
}

// next is who is to be written to; nil: nobody, and the worker has left.
func (w *crew) next() *conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.at == len(w.queue) {
		w.queue, w.at = w.queue[:0], 0
		w.workers--
		return nil
	}
	c := w.queue[w.at]
	w.queue[w.at] = nil
	w.at++
	return c
}

// write is a writer of the connection's own, which may wait.
func (c *conn) write() {
	defer c.server.ending.Done()
	c.run(&batch{}, true)
}

// run writes what there is to write, until there is nothing more, or until that means waiting and it is not to wait: then a
// writer of the connection's own goes on. b is the caller's, to be filled again and again. A
// delivery that does not wait reads the clock once: that is dear.
func (c *conn) run(b *batch, wait bool) {
	for began := time.Now(); ; {
		if c.wire.finish() != nil { // nothing, unless it is to wait
			c.broken()
			return
		}
		now := began
		if wait {
			now = time.Now()
		}
		if !c.take(b, now) {
			return
		}
		c.framesOf(b, now)
		whole, sound := c.writeFrames(b.frames)
		if !sound {
			c.broken()
			return
		}
		if !wait && (!whole || b.leaving != nil) {
			c.server.ending.Add(1)
			go c.write()
			return
		}
		ended := time.Now()
		if n := c.pace.judge(began, ended); n != nil {
			c.send(encodeFrame("notice", n))
		}
		began = ended
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
	if c.wire.waits() {
		c.server.ending.Add(1)
		go c.write()
		return
	}
	c.server.crew.add(c)
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
	docs    []changed
	leaving *goodbye
}

// changed is a subscription whose view has something new. What that is is looked up with the frames that wait, and not later:
// an edition's cursor says that the events before it were sent, and one that came between would not have been.
type changed struct {
	*subscription
	e *edition
}

// take empties the queues of what may be written now into b; false where there is nothing, and the writer ends. Subscriptions
// that max_hz holds stay marked, and the writer is started again when the first is due.
func (c *conn) take(b *batch, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.frames, b.docs, b.leaving = append(b.frames[:0], c.waiting...), b.docs[:0], c.leaving
	c.waiting = nil
	if c.leaving != nil {
		return true
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
			b.docs = append(b.docs, changed{s, s.view.edition.Load()})
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
	if len(b.frames)+len(b.docs) > 0 {
		c.busy = now
		return true
	}
	c.writing = false
	if wait > 0 {
		c.wait(wait)
	}
	return false
}

// wait starts the writer again after a while; the caller holds mu.
func (c *conn) wait(d time.Duration) {
	if c.due == nil {
		c.due = time.AfterFunc(d, c.nudge)
		return
	}
	c.due.Reset(d)
}

// framesOf adds to the frames of a batch those of its documents, as they were when it was taken.
func (c *conn) framesOf(b *batch, now time.Time) {
	for _, d := range b.docs {
		s, e := d.subscription, d.e
		if e.seq == s.held {
			continue // an edition taken with the mark before, or the one that it came back with
		}
		if !c.who.Sees(s.view.topic.name, e.owner) {
			continue // it changed hands since it was marked, and revoke ends the sub
		}
		b.frames = append(b.frames, e.from(s.held))
		if s.held != 0 && e.appendMS != 0 && !c.own {
			c.hub.metrics.appendToWrite.Observe(float64(now.UnixMilli()-e.appendMS) / 1e3)
		}
		s.held, s.next = e.seq, now.Add(max(time.Duration(s.every.Load()), c.pace.every))
	}
}

// writeFrames writes frames, if there are any; whole is false where finish has to write the rest.
func (c *conn) writeFrames(frames []*frame) (whole, sound bool) {
	if len(frames) == 0 {
		return true, true
	}
	whole, err := c.wire.write(frames)
	if err != nil {
		return false, false
	}
	if !c.own {
		for _, f := range frames {
			c.hub.metrics.wrote(f)
		}
	}
	return whole, true
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
	if why.code != 0 {
		bye := encodeFrame("bye", byeFrame{"bye", why.name, why.message, why.retry})
		if _, sound := c.writeFrames([]*frame{bye}); !sound || c.wire.finish() != nil {
			c.wire.drop()
			return
		}
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
