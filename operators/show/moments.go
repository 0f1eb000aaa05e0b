package show

import (
	"fmt"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: what has just happened in my room? The moments are told from final panes only, so that none is ever
// taken back, and with hysteresis, so that none is told twice. Hot needs a grade of A or B; cold needs a gauge only,
// because a room that cools has ever fewer acts to be sure by. All thresholds are [JUDG].
const (
	hotGauge, hotAgain   = 75, 65
	coldGauge, coldAgain = 25, 40
	raidJoins            = 20 // in raidPanes
	raidFactor           = 5  // times the mean of the raidBefore panes before
	raidPanes            = 10
	raidBefore           = 300
	raidHistoryMin       = 60 // a show's first minute, when everybody joins, is no raid
)

// moments is what telling them needs to remember.
type moments struct {
	hot, raid bool // told, and not yet over
	warm      bool // has been at coldAgain since cold was told
	joins     [raidPanes + raidBefore]int32
	recent    int64 // sum of the last raidPanes
	before    int64 // sum of the raidBefore panes before those
}

// watchMoments looks at pane k, which has just become final as s.final.
func (f *Fold) watchMoments(s *show, k int64, h *eventpb.Heat, joins int64, out *operators.Outputs) {
	m := &s.moments
	known := h.Insufficient == ""
	sure := h.Grade == eventpb.Grade_GRADE_A || h.Grade == eventpb.Grade_GRADE_B
	switch {
	case known && sure && h.Gauge >= hotGauge && !m.hot:
		m.hot = true
		f.alert(s, "hot", k, out, gaugeNumbers(h)...)
	case known && h.Gauge <= coldGauge && m.warm:
		m.warm = false
		f.alert(s, "cold", k, out, gaugeNumbers(h)...)
	}
	if gauge(h.Temperature) < hotAgain { // known or not: a room that is merely unsure is not over
		m.hot = false
	}
	if known && h.Gauge >= coldAgain {
		m.warm = true
	}
	f.watchRaid(s, k, joins, out)
}

func (f *Fold) watchRaid(s *show, k, joins int64, out *operators.Outputs) {
	m := &s.moments
	at := func(pane int64) *int32 { return &m.joins[uint64(pane)%uint64(len(m.joins))] }
	m.before += int64(*at(k - raidPanes)) - int64(*at(k - raidPanes - raidBefore))
	m.recent += joins - int64(*at(k - raidPanes))
	*at(k) = int32(joins) // at most openEventsMax
	history := min(k+1-s.final.start-raidPanes, raidBefore)
	if m.recent < raidJoins/2 {
		m.raid = false
	}
	if m.raid || history < raidHistoryMin || m.recent < raidJoins {
		return
	}
	mean := float64(m.before*raidPanes) / float64(history)
	if float64(m.recent) > raidFactor*mean {
		m.raid = true
		f.alert(s, "raid", k, out,
			&eventpb.Number{Name: "joins_10s", Value: float64(m.recent)},
			&eventpb.Number{Name: "joins_before_mean_10s", Value: mean})
	}
}

func gaugeNumbers(h *eventpb.Heat) []*eventpb.Number {
	return []*eventpb.Number{
		{Name: "gauge", Value: h.Gauge},
		{Name: "temperature_joules_per_head", Value: h.Temperature},
		{Name: "power_watts", Value: h.PowerWatts},
		{Name: "active_heads", Value: float64(h.ActiveHeads)},
	}
}

// alert tells a moment. Its id is made of scope, kind and pane, so that telling it again is the same alert.
func (f *Fold) alert(s *show, kind string, k int64, out *operators.Outputs, numbers ...*eventpb.Number) {
	scope := event.Scope(event.ScopeShow, s.id)
	out.Alert(&eventpb.Alert{
		Id:      fmt.Sprintf("%s/%s/%d", scope, kind, k),
		Scope:   scope,
		ShowId:  s.id,
		EsolId:  f.esolOf(s),
		Kind:    kind,
		TimeMs:  (k + 1) * 1000,
		Numbers: numbers,
	})
}

// alert tells a moment of the scene's pane.
func (sc *scene) alert(out *operators.Outputs, kind string, numbers ...*eventpb.Number) {
	sc.fold.alert(sc.show, kind, sc.pane, out, numbers...)
}

func number(name string, value float64) *eventpb.Number {
	return &eventpb.Number{Name: name, Value: value}
}
