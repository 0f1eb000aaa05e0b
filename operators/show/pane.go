package show

import (
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// act is one accepted event in an open pane: what evaluation needs of it.
type act struct {
	id, person event.ID
	text       uint64 // of an audience comment; 0: none
	base       int64  // microjoules before novelty and trust
	kind       eventpb.Kind
}

// extra is what an order, a viewers gauge or a retraction says beyond its act.
type extra struct {
	id    event.ID // of the act
	ref   event.ID // order: hash of the order id; retraction: the comment
	buyer event.ID
	ms    int64 // event time
	count int64 // viewers
	kind  eventpb.Kind
	heats bool // order: created or paid, and no test
	void  bool // order: cancelled, or refunded in full
}

// pane is one second of a show that can still change: a set of acts, kept in order of arrival because nothing that is
// made of it depends on that order.
type pane struct {
	number int64
	acts   []act
	extras []extra
	said   []remark
	deeds  []deed
	keep   keep
	marked []*actChunk // chunks that the next cut writes, by number; nil: not marked
	// inState is how many chunks some cut has written, from the first. Where a backlog is read, most panes come and go
	// between two cuts, and the state need not hear of them.
	inState int
}

// remove takes the act id out of the pane and returns the first index that has moved, or -1.
func (p *pane) remove(id event.ID) int {
	i := slices.IndexFunc(p.acts, func(a act) bool { return a.id == id })
	if i >= 0 {
		p.acts = slices.Delete(p.acts, i, i+1)
	}
	p.extras = slices.DeleteFunc(p.extras, func(x extra) bool { return x.id == id })
	p.said = slices.DeleteFunc(p.said, func(c remark) bool { return c.id == id })
	p.deeds = slices.DeleteFunc(p.deeds, func(d deed) bool { return d.id == id })
	return i
}
