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
	all := held[:0]
	bodies := map[string]map[string]*body{event.ScopeEsol: {}, event.ScopeBrand: {}}
	for _, s := range held {
		switch s.Kind {
		case event.ScopeShow:
			s.Moments = moments[s.ID]
			if e := s.Room.GetEsolId(); e != "" {
				bodyIn(bodies[event.ScopeEsol], e).add(&s)
			}
			for _, brand := range s.Room.GetBrandIds() {
				bodyIn(bodies[event.ScopeBrand], brand).add(&s)
			}
		case event.ScopeEsol, event.ScopeBrand:
			e := bodyIn(bodies[s.Kind], s.ID)
			e.money, e.asOf = s.Money, max(e.asOf, s.AsOfMS)
			continue
		}
		all = append(all, s)
	}
	for kind, of := range bodies {
		for id, e := range of {
			g := gauges.Scope{Kind: kind, ID: id, Money: e.money, AsOfMS: e.asOf, OnAir: e.onAir}
			if r := rollUp(e.heats); r != nil {
				g.Heat = &gauges.Heat{Score: r.Gauge, Temperature: r.Temperature, ActiveHeads: r.ActiveHeads}
			}
			all = append(all, g)
		}
	}
	return all, true
}

// body is an ESOL or a brand: what it sold, and its shows on the air.
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

func (e *body) add(show *gauges.Scope) {
	e.asOf = max(e.asOf, show.AsOfMS)
	if !show.Room.OnAir() {
		return
	}
	e.onAir++
	if heat := show.Room.Newest().GetHeat(); heat != nil {
		e.heats = append(e.heats, heat)
	}
}

// snapshot copies what a scrape needs, and no more: the feed stands still meanwhile. What it points to is replaced whole
// and never written to, so that pointers do.
func (h *hub) snapshot() (held []gauges.Scope, moments map[string]map[string]int64, live bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.live {
		return nil, nil, false
	}
	held = make([]gauges.Scope, 0, len(h.meters.scopes))
	for _, s := range h.meters.scopes {
		if s.kind != event.ScopeDeal { // shown with its campaign, and without series of its own
			held = append(held, gauges.Scope{
				Kind: s.kind, ID: s.name[len(s.kind)+1:], Room: s.room, Insight: s.insight, Money: s.money, Cost: s.cost,
				Returns: s.returns, Brand: s.brand, AsOfMS: s.asOf,
			})
		}
	}
	return held, h.alerts.moments(), true
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
