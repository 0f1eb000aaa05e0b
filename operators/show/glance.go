package show

import (
	"fmt"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// What is slow to make is also slow to change: sync and contagion look back on five and fifteen minutes, and the
// diagnostics of trust walk all people. So they are made less often than the rest of an insight is said, which stands as
// of its own pane; in between they are said as they were. What they were is a part of the state: a restored show says
// the same.
//
//	panes      10   20   30   40   50   60
//	insight    ▲    ▲    ▲    ▲    ▲    ▲
//	sync, trust          ▲              ▲
//	contagion, outlook                  ▲
const (
	syncPanes      = 30
	trustPanes     = 30
	contagionPanes = 60
	outlookPanes   = 60
)

// glance is sync, contagion, trust and the outlook as they were last looked at; nil: not yet, or not since the room woke,
// or the brands have no corpus.
type glance struct {
	sync      *eventpb.Sync
	contagion *eventpb.Contagion
	trust     *eventpb.Trust
	outlook   *eventpb.Alignment // worldview and direction alone
}

// look makes anew what is due at the end of the pane.
func (g *glance) look(st *study, sc *scene) {
	if due(st.pane, syncPanes) || g.sync == nil {
		st.possess(sc)
		g.sync = st.syncView()
	}
	if due(st.pane, trustPanes) || g.trust == nil {
		g.trust = trustView(st.trust)
	}
	if due(st.pane, contagionPanes) || g.contagion == nil {
		g.contagion = st.contagionView(sc)
	}
	switch {
	case sc.lx.stance == nil:
		g.outlook = nil
	case due(st.pane, outlookPanes) || g.outlook == nil:
		g.outlook = st.outlook.view(st.pane, sc.lx.stance)
	}
}

// due tells whether something that is done every so many panes is done at the end of pane k.
func due(k, every int64) bool { return event.FloorDiv(k+1, every)*every == k+1 }

// glance writes what was said as the message that it is a part of.
func (w writer) glance(g *glance) {
	said := eventpb.Insight{Sync: g.sync, Contagion: g.contagion, Trust: g.trust, Alignment: g.outlook}
	b, err := said.MarshalVTStrict()
	if err != nil {
		panic("cannot happen: marshalling a part of an insight: " + err.Error())
	}
	w.Bytes(b)
}

func (r reader) glance(g *glance) {
	said := &eventpb.Insight{}
	if err := said.UnmarshalVT(r.Bytes()); err != nil {
		r.Fail(fmt.Errorf("reading a part of an insight: %w", err))
	}
	if a := said.Alignment; a != nil && (a.Worldview == nil || a.WorldviewEsol == nil || a.Direction == nil) {
		r.Fail(errOutlook)
	}
	*g = glance{said.Sync, said.Contagion, said.Trust, said.Alignment}
}
