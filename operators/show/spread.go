package show

import (
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: am I reaching people, or does it catch? Reach is shares and joins. Catching is people who act for the
// first time, and how many of them follow on those of the minute before.
type spread struct {
	panes [spreadPanes]spreadPane
	fill  int64 // panes that are in, at most spreadPanes

}

type spreadPane struct{ shares, joins, first int32 }

const (
	spreadPanes     = 300
	generationPanes = 60
)

func (s *spread) rest() { *s = spread{} }

func (s *spread) step(sc *scene) {
	slot := &s.panes[uint64(sc.pane)%spreadPanes]
	*slot = spreadPane{first: int32(sc.show.study.people.fresh)}
	for _, a := range sc.acts {
		switch a.kind {
		case eventpb.Kind_KIND_SHARE:
			slot.shares++
		case eventpb.Kind_KIND_JOIN:
			slot.joins++
		}
	}
	s.fill = min(s.fill+1, spreadPanes)
}

// sum adds up the n panes that end skip panes before the last one.
func (s *spread) sum(pane, skip, n int64) (t spreadPane) {
	for k := pane - skip - n + 1; k <= pane-skip; k++ {
		p := &s.panes[uint64(k)%spreadPanes]
		t.shares, t.joins, t.first = t.shares+p.shares, t.joins+p.joins, t.first+p.first
	}
	return t
}

// reproduction is R_t: those who first acted in the last minute for each of the minute before.
func (s *spread) reproduction(pane int64) *eventpb.Estimate {
	if s.fill < 2*generationPanes {
		return &eventpb.Estimate{Insufficient: "too_young"}
	}
	return ratioOf(int(s.sum(pane, 0, generationPanes).first), int(s.sum(pane, generationPanes, generationPanes).first))
}
