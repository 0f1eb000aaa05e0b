package feed

import (
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// pastEvent is an alert or a restatement as it lay in the log, with the topics that it went to.
type pastEvent struct {
	partition int32
	offset    int64
	topics    []string
	data      AlertView
}

// pastEvents are the latest alerts and restatements in the order in which this process read them: what a client that comes back may have
// missed. At most maxPastEvents; the oldest goes first, and raises the floor of its partition.
type pastEvents struct {
	held  []pastEvent // oldest first
	floor []int64     // per partition: the lowest offset from which on all are held
	known []bool      // per partition: whether the floor is one yet
	next  []int64     // per partition: the offset after the newest that is held
}

const maxPastEvents = 8192

func newPastEvents(partitions int) pastEvents {
	return pastEvents{
		floor: make([]int64, partitions), known: make([]bool, partitions), next: make([]int64, partitions),
	}
}

func (l *pastEvents) add(e pastEvent) {
	if int(e.partition) >= len(l.floor) {
		return
	}
	if !l.known[e.partition] {
		l.known[e.partition], l.floor[e.partition] = true, e.offset
	}
	if len(l.held) == maxPastEvents {
		first := &l.held[0]
		l.floor[first.partition] = first.offset + 1
		*first = pastEvent{}
		l.held = l.held[1:]
	}
	l.held = append(l.held, e)
	l.next[e.partition] = max(l.next[e.partition], e.offset+1)
}

// since are a view's events from a position on, in order; false where older ones that it may have had are no longer held. It looks
// back from the newest, and no further than there can be one: a thousand clients may come back at once.
func (l *pastEvents) since(v *view, alerts []int64) (found []*pastEvent, whole bool) {
	whole = true
	open, ends := 0, make([]bool, len(alerts)) // the partitions that have such events, and of which of them all were seen
	for p, next := range alerts {
		whole = whole && next >= l.floor[p]
		if ends[p] = next >= l.next[p]; !ends[p] {
			open++
		}
	}
	for i := len(l.held) - 1; i >= 0 && open > 0; i-- {
		e := &l.held[i]
		switch {
		case ends[e.partition]:
		case e.offset < alerts[e.partition]:
			ends[e.partition] = true
			open--
		case slices.Contains(e.topics, v.topic.name) && v.wants(&e.data):
			found = append(found, e)
		}
	}
	slices.Reverse(found)
	return found, whole
}

// alert takes an alert in, which lay at an offset of the log, and tells its subscribers, unless it was seen or is history.
func (h *hub) alert(p place, a AlertView, partition int32, offset int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at.reachAlert(partition, offset+1)
	if !h.alerts.add(p, a) {
		h.metrics.recordsDropped.WithLabelValues("seen").Inc()
		return
	}
	e := pastEvent{partition, offset, topicsOf(&a), a}
	h.past.add(e)
	if isDiagnosis(a.Kind) {
		h.attend(a)
	}
	if !h.live {
		return
	}
	h.metrics.alerts.WithLabelValues(gauges.KindName(a.Kind)).Inc()
	h.tell(&e)
}

// tell sends an event to the subscribers of its topics.
func (h *hub) tell(e *pastEvent) {
	cursor := h.at.cursor()
	for _, name := range e.topics {
		t := h.topics[name]
		if t == nil {
			continue
		}
		for _, v := range t.views {
			if !v.wants(&e.data) {
				continue
			}
			f := e.frame(v, cursor)
			for _, s := range v.subs {
				if h.mayAlert(s.conn.who.Principal, &e.data) {
					s.conn.send(f)
				}
			}
		}
	}
}

// frame is the event for the subscribers of a view.
func (e *pastEvent) frame(v *view, cursor string) *frame {
	if r := e.data.Restatement; r != nil {
		return encodeFrame("restate", restateFrame{"restate", v.number, cursor, r.Reason, e.data})
	}
	return encodeFrame("event", eventFrame{"event", v.number, cursor, e.data.Kind, e.data})
}

// topicsOf are the topics whose subscribers are told of an alert.
func topicsOf(a *AlertView) []string {
	names := []string{boardTopic}
	if a.ShowID != "" {
		names = append(names, event.Scope(event.ScopeShow, a.ShowID))
	}
	if a.EsolID != "" {
		names = append(names, event.Scope(event.ScopeEsol, a.EsolID))
	}
	if a.Scope != "" && !slices.Contains(names, a.Scope) {
		names = append(names, a.Scope)
	}
	return names
}
