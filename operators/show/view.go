package show

import (
	"github.com/netsu/netsu/stream/event/eventpb"
)

// view is the study for people.
func (st *study) view(sc *scene) *eventpb.Insight {
	st.glance.look(st, sc)
	v := &eventpb.Insight{
		Pane: st.pane, Reference: referenceVersion,
		Sync: st.glance.sync, Contagion: st.glance.contagion, Trust: st.glance.trust,
		BackedShare: st.people.backedShare(),
		Funnel:      st.people.view(st.trust), Products: st.products.view(sc.fold, st.trust),
		Beats: st.beats.view(), Questions: st.questions.view(), Pins: st.pins.done, Ignition: st.ignition.view(),
	}
	v.Bodies, v.Flows = st.bodies.view(sc.heat)
	v.Alignment = st.alignment(sc, v.Flows[1].Match)
	return v
}
