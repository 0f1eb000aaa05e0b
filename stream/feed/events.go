package feed

import (
	"slices"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// pastEvent is an alert as it lay in the log, with the topics that it went to.
type pastEvent struct {
	partition int32
	offset    int64
	topics    []string
	data      AlertView
}

// pastEvents are the latest alerts in the order in which this process read them: what a client that comes back may have
// missed. At most maxPastEvents; the oldest goes first, and raises the floor of its partition.
type pastEvents struct {
	held  []pastEvent // oldest first
	floor []int64     // per partition: the lowest offset from which on all are held
	known []bool      // per partition: whether the floor is one yet
}

const maxPastEvents = 4096

func newPastEvents(partitions int) pastEvents {
	return pastEvents{floor: make([]int64, partitions), known: make([]bool, partitions)}
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
}

// since are a topic's events from a position on; false where older ones that it may have had are no longer held.
func (l *pastEvents) since(topic string, alerts []int64) (found []*pastEvent, whole bool) {
	whole = true
	for p, next := range alerts {
		whole = whole && next >= l.floor[p]
	}
	for i := range l.held {
		e := &l.held[i]
		if e.offset >= alerts[e.partition] && slices.Contains(e.topics, topic) {
			found = append(found, e)
		}
	}
	return found, whole
}

// alert takes an alert in, which lay at an offset of the log, and tells its subscribers, unless it was seen or is history.
func (h *hub) alert(p place, a AlertView, partition int32, offset int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	reach(h.at.alerts, partition, offset+1)
	if !h.alerts.add(p, a) {
		h.metrics.recordsDropped.WithLabelValues("seen").Inc()
		return
	}
	names := topicsOf(&a)
	h.past.add(pastEvent{partition, offset, names, a})
	if isDiagnosis(a.Kind) {
		h.attend(a)
	}
	if !h.live {
		return
	}
	h.metrics.alerts.WithLabelValues(gauges.KindName(a.Kind)).Inc()
	cursor := h.at.cursor()
	for _, name := range names {
		if t := h.topics[name]; t != nil {
			for _, v := range t.views {
				f := encodeFrame("event", eventFrame{"event", v.number, cursor, a.Kind, a})
				for _, s := range v.subs {
					s.conn.send(f)
				}
			}
		}
	}
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
