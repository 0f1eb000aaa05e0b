package show

import (
	"math"

	"github.com/netsu/netsu/operators/syncrate"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// syncView is the sync rate for people, with its raw twin. Components are 0 to 1, the rate 0 to 100.
func (st *study) syncView() *eventpb.Sync {
	s := st.rate(&st.heard)
	twin := s
	if st.everyone != nil {
		twin = st.rate(st.everyone)
	}
	s.Raw = &eventpb.SyncTwin{
		Rate: twin.Rate, Amount: twin.Amount, Echo: twin.Echo, Action: twin.Action, Possession: twin.Possession,
		Missing: twin.Missing,
	}
	return s
}

// rate is the sync rate of one hearing.
func (st *study) rate(h *hearing) *eventpb.Sync {
	if h.sync == nil {
		none := &eventpb.Estimate{Insufficient: syncrate.TooFewPeople}
		return &eventpb.Sync{Rate: none, Amount: none, Echo: none, Action: none, Possession: none}
	}
	v := h.sync.View()
	s := &eventpb.Sync{
		Rate:   interval(v.Sync, v.SyncLo, v.SyncHi, 0, v.Insufficient),
		Amount: component(v.Amount), Echo: component(v.Echo), Action: component(v.Action),
		Possession: component(v.Possession), Missing: v.Missing,
	}
	if st.owners.baseless && v.Possession.Missing == "" {
		s.Possession.Grade = eventpb.Grade_GRADE_C
	}
	if !math.IsNaN(v.EchoLatencySeconds) {
		s.EchoLatencySeconds = v.EchoLatencySeconds
	}
	for _, c := range v.Calls {
		s.Calls = append(s.Calls, &eventpb.CallSync{
			Pane: c.Pane, Action: actionName(c.Action), People: c.People, Concentration: c.Concentration,
			Uplift: interval(c.Uplift, c.UpliftLo, c.UpliftHi, float64(c.Active), c.Missing),
			Sync:   interval(c.Sync, c.SyncLo, c.SyncHi, float64(c.Active), c.Missing),
		})
	}
	return s
}

func component(c syncrate.Component) *eventpb.Estimate {
	return interval(c.Value, c.Lo, c.Hi, c.N, c.Missing)
}

// interval is a number with its interval, graded by how wide that is; or the reason why there is none.
func interval(value, lo, hi, n float64, insufficient string) *eventpb.Estimate {
	e := &eventpb.Estimate{N: finite(n), Insufficient: insufficient}
	if insufficient != "" {
		return e
	}
	e.Value, e.Lo, e.Hi = finite(value), finite(lo), finite(hi)
	e.Grade = eventpb.Grade_GRADE_C
	if e.Lo > 0 {
		e.Grade = grade(e.Hi / e.Lo)
	}
	return e
}

// finite takes what no reader could show for nothing.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}
