package show

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

const (
	partRoom    = "room"
	partInsight = "insight"
)

// publish says the show's room, and the chunks of its trend that have changed.
func (f *Fold) publish(s *show, out *operators.Outputs) {
	i := f.catalog.show(s.id)
	r := &eventpb.Room{
		ShowId:      s.id,
		EsolId:      f.esolOf(s),
		Platform:    cmp.Or(i.GetPlatform(), s.platform),
		Title:       i.GetTitle(),
		State:       s.state,
		StartedMs:   s.room.start * 1000,
		LastEventMs: s.maxEventMS,
		WatermarkMs: s.watermarkMS,
		LateTotal:   s.lateTotal,
		LateSample:  slices.Clone(s.lateSample),
		BrandIds:    f.brandsSold(s),
	}
	if s.final.started {
		r.Final = s.final.publish()
	}
	if s.room.started {
		r.Provisional = s.room.publish()
	}
	out.Meter(f.meter(s, partRoom, &eventpb.Meter{Room: r}))
	s.trend.publish(f, s, out)
}

func (f *Fold) meter(s *show, part string, m *eventpb.Meter) *eventpb.Meter {
	m.Version, m.Scope, m.Part, m.AppendMs = event.Version, event.Scope(event.ScopeShow, s.id), part, f.appendMS
	return m
}

func (r *room) publish() *eventpb.RoomView {
	v := &eventpb.RoomView{
		Pane: r.pane, Heat: r.view(&r.heat), PeopleTotal: r.people, BuyersTotal: r.buyers, OrdersTotal: r.orders,
		Raw: r.view(&r.raw), Sources: r.balance.sources(), Sinks: r.balance.sinks(),
	}
	for k, t := range r.totals {
		if t.events > 0 {
			v.Totals = append(v.Totals,
				&eventpb.KindTotal{Kind: eventpb.Kind(k), Events: t.events, Microjoules: t.microjoules})
		}
	}
	return v
}
