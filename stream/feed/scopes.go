package feed

import (
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// gauges are all scopes as they are now, for a scrape; false until the meters have been read. What is held of a scope is
// replaced whole and never written to, so pointers do, and the lock is held for a walk only.
func (h *hub) gauges() ([]gauges.Scope, bool) {
	all, heats, ok := h.snapshot()
	for i := range all {
		if r := rollUp(heats[all[i].ID]); r != nil && all[i].Kind == event.ScopeEsol {
			all[i].Heat = &gauges.Heat{Score: r.Gauge, Temperature: r.Temperature, ActiveHeads: r.ActiveHeads}
		}
	}
	return all, ok
}

// snapshot is gauges without what has to be computed: beside the scopes, the heats of each ESOL's shows on the air.
func (h *hub) snapshot() (all []gauges.Scope, heats map[string][]*eventpb.Heat, live bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.live {
		return nil, nil, false
	}
	m := h.meters
	all = make([]gauges.Scope, 0, len(m.scopes)+len(m.esols))
	heats = map[string][]*eventpb.Heat{}
	moments := h.alerts.moments()
	esols := map[string]int{} // where each is in all
	for _, s := range m.scopes {
		_, id, _ := event.SplitScope(s.name)
		g := gauges.Scope{Kind: s.kind, ID: id, Room: s.room, Insight: s.insight, Money: s.money, AsOfMS: s.asOf}
		switch s.kind {
		case event.ScopeShow:
			g.Moments = moments[id]
		case event.ScopeEsol:
			esols[id] = len(all)
		}
		all = append(all, g)
	}
	for id, shows := range m.esols {
		at, known := esols[id]
		if !known { // it has sold nothing yet
			at = len(all)
			all = append(all, gauges.Scope{Kind: event.ScopeEsol, ID: id})
		}
		g := &all[at]
		for _, s := range shows {
			g.AsOfMS = max(g.AsOfMS, s.asOf)
			if !onAir(s.room) {
				continue
			}
			g.OnAir++
			if heat := newest(s.room).GetHeat(); heat != nil {
				heats[id] = append(heats[id], heat)
			}
		}
	}
	return all, heats, true
}

// moments are when each kind of alert came last, by show.
func (l *alerts) moments() map[string]map[string]int64 {
	all := map[string]map[string]int64{}
	for _, a := range l.latest {
		if a.ShowID == "" {
			continue
		}
		if all[a.ShowID] == nil {
			all[a.ShowID] = map[string]int64{}
		}
		all[a.ShowID][a.Kind] = max(all[a.ShowID][a.Kind], a.timeMS)
	}
	return all
}
