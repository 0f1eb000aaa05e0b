package livemeter

import (
	"context"
	"sync"
)

// line is where updates wait for the user. An event waits in its turn; of a subscription's document, and of the link, only the
// latest waits, in the place of the one that it replaces. So at most maxWaiting events wait, and one document for each
// subscription; who brings one event more waits until there is room.
type line struct {
	mu      sync.Mutex
	waiting []*item
	docs    map[*subscription]*item // those of waiting that may still be replaced; nil: of the link
	events  int                     // of waiting
	ended   bool

	more chan struct{} // room for one: something has come, or it has ended
	room chan struct{} // room for one: an event has gone
}

type item struct {
	sub    *subscription
	latest bool
	update Update
}

const maxWaiting = 1024

func newLine() *line {
	return &line{docs: map[*subscription]*item{}, more: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is known already
	}
}

// latest puts what replaces the one of the same subscription that still waits.
func (l *line) latest(s *subscription, u Update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s != nil && s.dropped {
		return
	}
	if i := l.docs[s]; i != nil {
		i.update = u
		return
	}
	i := &item{s, true, u}
	l.docs[s] = i
	l.waiting = append(l.waiting, i)
	signal(l.more)
}

// every puts what must not be left out; false if ctx ended before there was room. Only the reader calls it.
func (l *line) every(ctx context.Context, s *subscription, u Update) bool {
	for {
		l.mu.Lock()
		if s.dropped {
			l.mu.Unlock()
			return true
		}
		if l.events < maxWaiting {
			l.events++
			l.waiting = append(l.waiting, &item{s, false, u})
			l.mu.Unlock()
			signal(l.more)
			return true
		}
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return false
		case <-l.room:
		}
	}
}

// take waits for the next update; false once ctx has ended, or the line has and is empty.
func (l *line) take(ctx context.Context) (Update, bool) {
	for ctx.Err() == nil {
		l.mu.Lock()
		if len(l.waiting) > 0 {
			i := l.waiting[0]
			l.waiting[0] = nil
			l.waiting = l.waiting[1:]
			l.gone(i)
			l.mu.Unlock()
			return i.update, true
		}
		ended := l.ended
		l.mu.Unlock()
		if ended {
			return Update{}, false
		}
		select {
		case <-ctx.Done():
		case <-l.more:
		}
	}
	return Update{}, false
}

// gone notes that an item waits no more.
func (l *line) gone(i *item) {
	if i.latest {
		delete(l.docs, i.sub)
		return
	}
	l.events--
	signal(l.room)
}

// drop takes out what is of a subscription, and keeps out what is still to come of it.
func (l *line) drop(s *subscription) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.dropped = true
	kept := l.waiting[:0]
	for _, i := range l.waiting {
		if i.sub == s {
			l.gone(i)
			continue
		}
		kept = append(kept, i)
	}
	clear(l.waiting[len(kept):])
	l.waiting = kept
}

// end says that nothing more will come.
func (l *line) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	signal(l.more)
}
