package feed

import (
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/feed/gauges"
)

// gauges are all scopes as they are now, for a scrape; false until the meters have been read.
func (h *hub) gauges() ([]gauges.Scope, bool) {
	held, moments, live := h.snapshot()
	if !live {
		return nil, false
	}
	all := make([]gauges.Scope, 0, len(held))
	esols := map[string]*body{}
	for i := range held {
		s := &held[i]
		g := gauges.Scope{
			Kind: s.kind, ID: s.name[len(s.kind)+1:], Room: s.room, Insight: s.insight, Money: s.money, AsOfMS: s.asOf,
			Cost: s.cost, Returns: s.returns,
		}
		switch {
		case s.kind == event.ScopeShow:
			g.Moments = moments[g.ID]
			if s.esol != "" {
				bodyIn(esols, s.esol).add(s)
			}
		case s.kind == event.ScopeEsol:
			e := bodyIn(esols, g.ID)
			e.money, e.asOf = s.money, max(e.asOf, s.asOf)
			continue
		}
		all = append(all, g)
	}
	for id, e := range esols {
		g := gauges.Scope{Kind: event.ScopeEsol, ID: id, Money: e.money, AsOfMS: e.asOf, OnAir: e.onAir}
		if r := rollUp(e.heats); r != nil {
			g.Heat = &gauges.Heat{Score: r.Gauge, Temperature: r.Temperature, ActiveHeads: r.ActiveHeads}
		}
		all = append(all, g)
	}
	return all, true
}

// body is an ESOL: what it sold, and its shows on the air.
type body struct {
	money *eventpb.Money
	asOf  int64
	onAir int
	heats []*eventpb.Heat
}

func bodyIn(all map[string]*body, id string) *body {
	if all[id] == nil {
		all[id] = &body{}
	}
	return all[id]
}

func (e *body) add(show *held) {
	e.asOf = max(e.asOf, show.asOf)
	if !show.room.OnAir() {
		return
	}
	e.onAir++
	if heat := show.room.Newest().GetHeat(); heat != nil {
		e.heats = append(e.heats, heat)
	}
}

// held is a scope as it was at a moment. What it points to is replaced whole and never written to, so that pointers do.
type held struct {
	kind, name, esol string
	room             *eventpb.Room
	insight          *eventpb.Insight
	money            *eventpb.Money
	cost             *eventpb.Cost
	returns          *eventpb.Returns
	asOf             int64
}

// snapshot copies what a scrape needs, and no more: the feed stands still meanwhile.
func (h *hub) snapshot() (all []held, moments map[string]map[string]int64, live bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.live {
		return nil, nil, false
	}
	all = make([]held, 0, len(h.meters.scopes))
	for _, s := range h.meters.scopes {
		if s.kind != event.ScopeDeal { // shown with its campaign, and without series of its own
			all = append(all, held{s.kind, s.name, s.esol, s.room, s.insight, s.money, s.cost, s.returns, s.asOf})
		}
	}
	return all, h.alerts.moments(), true
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
