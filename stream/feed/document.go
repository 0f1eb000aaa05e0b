package feed

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// trendSeconds is how much trend a show's document has.
const trendSeconds = 600

// timestamp writes epoch milliseconds for people; 0 is "not known".
func timestamp(ms int64) *string {
	if ms == 0 {
		return nil
	}
	s := instant(ms)
	return &s
}

func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

// paneEnd is the end of the pane that starts at the epoch second given.
func paneEnd(pane int64) string { return instant((pane + 1) * 1000) }

// finite turns what JSON has no word for into null, and rounds to four decimals: nobody reads the fifth, and a phone
// pays for each of them ten times a second.
func finite(f float64) *float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	if math.Abs(f) < 1e11 { // beyond, a float64 has no fifth decimal to cut
		f = math.Round(f*1e4) / 1e4
	}
	return &f
}

func nonEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func age(asOf, watermark int64) Age {
	a := Age{AsOf: timestamp(asOf), Watermark: timestamp(watermark)}
	if asOf != 0 && watermark != 0 {
		f := asOf - watermark
		a.FreshnessMS = &f
	}
	return a
}

// showDocument merges the parts of a show; room, money and insight may be nil, trends are in order of time. Its context
// is what the trends alone say, without the other shows.
func showDocument(
	scope string, room *eventpb.Room, money *eventpb.Money, insight *eventpb.Insight, trends []*eventpb.Trend, asOf int64,
) *Show {
	_, id, _ := event.SplitScope(scope)
	d := &Show{
		Scope: scope, Kind: event.ScopeShow, ID: id, State: roomState(room),
		Room: roomDocument(room), Money: moneyDocument(money), Conversion: conversion(room, money),
		Context: contextDocument(paceOf(trends), nil), Insight: insightDocument(insight),
		Age: age(asOf, room.GetWatermarkMs()),
	}
	d.EsolID, d.Platform, d.Title = room.GetEsolId(), room.GetPlatform(), room.GetTitle()
	d.Started, d.LastEvent = timestamp(room.GetStartedMs()), timestamp(room.GetLastEventMs())
	d.Trend, d.Marks = trendDocument(trends)
	d.BrandIDs = append([]string{}, room.GetBrandIds()...)
	return d
}

func roomState(room *eventpb.Room) string {
	switch room.GetState() {
	case eventpb.RoomState_ROOM_STATE_ON_AIR:
		return "on_air"
	case eventpb.RoomState_ROOM_STATE_IDLE:
		return "idle"
	case eventpb.RoomState_ROOM_STATE_ENDED:
		return "ended"
	}
	return "unknown"
}

func roomDocument(room *eventpb.Room) *Room {
	if room == nil {
		return nil
	}
	return &Room{
		Final: roomView(room.Final), Provisional: roomView(room.Provisional),
		LateTotal: room.LateTotal, LateSample: append([]string{}, room.LateSample...),
	}
}

func roomView(v *eventpb.RoomView) *RoomView {
	if v == nil {
		return nil
	}
	d := &RoomView{
		At: paneEnd(v.Pane), Heat: heatDocument(v.Heat), Totals: []KindTotal{},
		PeopleTotal: v.PeopleTotal, BuyersTotal: v.BuyersTotal, OrdersTotal: v.OrdersTotal,
		Raw: heatDocument(v.Raw), Sources: []Source{}, Sinks: []Sink{},
	}
	for _, s := range v.Sources {
		d.Sources = append(d.Sources, Source{s.Name, finite(s.Amount), finite(s.Share)})
	}
	for _, s := range v.Sinks {
		d.Sinks = append(d.Sinks, Sink{s.Name, finite(s.Amount), finite(s.Share)})
	}
	for _, t := range v.Totals {
		d.Totals = append(d.Totals, KindTotal{kindName(t.Kind), t.Events, joules(t.Microjoules)})
	}
	return d
}

func joules(micro int64) *float64 { return finite(float64(micro) / 1e6) }

func kindName(k eventpb.Kind) string {
	return strings.ToLower(strings.TrimPrefix(k.String(), "KIND_"))
}

func heatDocument(h *eventpb.Heat) *Heat {
	if h == nil {
		return nil
	}
	d := &Heat{
		Insufficient: nonEmpty(h.Insufficient), Temperature: finite(h.Temperature),
		Joules: finite(h.HeatJoules), JoulesTotal: joules(h.MicrojoulesTotal), PowerWatts: finite(h.PowerWatts),
		ActiveHeads: h.ActiveHeads, CapacityHeads: finite(h.CapacityHeads), EffectiveActs: finite(h.EffectiveActs),
		Viewers: viewers(h),
	}
	d.Gauge, d.GaugeLo, d.GaugeHi, d.Grade = gauge(h)
	if d.GaugeLo != nil {
		d.TemperatureLo, d.TemperatureHi = finite(h.TemperatureLo), finite(h.TemperatureHi)
	}
	return d
}

func viewers(h *eventpb.Heat) *int64 {
	if h == nil || h.Viewers < 0 {
		return nil
	}
	v := h.Viewers
	return &v
}

// gauge is the gauge with its interval and grade: all nil where it is insufficient, the interval nil where there is
// none.
func gauge(h *eventpb.Heat) (g, lo, hi *float64, grade *string) {
	if h == nil || h.Insufficient != "" {
		return nil, nil, nil, nil
	}
	g = finite(h.Gauge)
	if h.GaugeHi > 0 {
		lo, hi = finite(h.GaugeLo), finite(h.GaugeHi)
	}
	return g, lo, hi, gradeName(h.Grade)
}

func gradeName(g eventpb.Grade) *string {
	if g == eventpb.Grade_GRADE_UNSPECIFIED {
		return nil
	}
	return nonEmpty(strings.TrimPrefix(g.String(), "GRADE_"))
}

func moneyDocument(m *eventpb.Money) *MoneyView {
	if m == nil {
		return nil
	}
	d := &MoneyView{GMV: []GMV{}, Buyers: m.Buyers, OrdersTotal: m.OrdersTotal, LastOrder: timestamp(m.LastOrderMs)}
	for _, g := range m.Gmv {
		d.GMV = append(d.GMV, gmvDocument(g))
	}
	return d
}

func gmvDocument(g *eventpb.Gmv) GMV {
	amount := amounts(g.Currency, g.Exponent)
	d := GMV{
		Currency: g.Currency, Created: amount(g.CreatedMinor), Paid: amount(g.PaidMinor), Net: amount(g.NetMinor),
		Settled: amount(g.SettledMinor), Refunded: amount(g.RefundedMinor),
		RefundedUnknown: amount(g.RefundedUnknownMinor), Cancelled: amount(g.CancelledMinor),
		OrdersCreated: g.OrdersCreated, OrdersPaid: g.OrdersPaid, OrdersCancelled: g.OrdersCancelled,
		OrdersRefunded: g.OrdersRefunded, RefundsUnknown: g.RefundsUnknown, Units: g.Units, Buyers: g.Buyers,
	}
	if g.OrdersPaid > 0 {
		a := amount(g.AverageOrderMinor)
		d.AverageOrder = &a
	}
	return d
}

func conversion(room *eventpb.Room, money *eventpb.Money) Conversion {
	var c Conversion
	view := room.Newest()
	if view != nil {
		c.People = &view.PeopleTotal
	}
	if money != nil {
		c.Buyers = &money.Buyers
	}
	because := func(reason string) Conversion {
		c.Reason = &reason
		return c
	}
	switch {
	case view == nil:
		return because("no_room")
	case money == nil:
		return because("no_money")
	case view.PeopleTotal <= 0:
		return because("no_people")
	case money.Buyers > view.PeopleTotal:
		return because("buyers_outside_room")
	}
	c.Ratio = finite(float64(money.Buyers) / float64(view.PeopleTotal))
	return c
}

// trendDocument is the last ten minutes of chunks that are in order of time.
func trendDocument(chunks []*eventpb.Trend) ([]TrendPoint, []Mark) {
	points, marks := []TrendPoint{}, []Mark{}
	after := int64(math.MinInt64) // the pane that the window begins after
	for _, c := range chunks {
		for _, p := range c.Points {
			after = max(after, p.Pane-trendSeconds)
		}
	}
	for _, c := range chunks {
		for _, p := range c.Points {
			if p.Pane > after {
				points = append(points, trendPoint(p))
			}
		}
		for _, m := range c.Marks {
			if m.TimeMs/1000 > after {
				marks = append(marks, Mark{kindName(m.Kind), instant(m.TimeMs), nonEmpty(m.ProductId), m.Id})
			}
		}
	}
	return points, marks
}

func trendPoint(p *eventpb.TrendPoint) TrendPoint {
	h := p.Heat
	d := TrendPoint{
		At: paneEnd(p.Pane), Insufficient: nonEmpty(h.GetInsufficient()), Temperature: finite(h.GetTemperature()),
		PowerWatts: finite(h.GetPowerWatts()), ActiveHeads: h.GetActiveHeads(), Comments: p.Comments, Orders: p.Orders,
	}
	if p.Viewers >= 0 {
		v := p.Viewers
		d.Viewers = &v
	}
	d.Gauge, d.GaugeLo, d.GaugeHi, d.Grade = gauge(h)
	return d
}

// row is a show's essentials in a currency, or ("") in all, but for what needs attention.
func row(s *scope, currency string) Row {
	_, id, _ := event.SplitScope(s.name)
	room := s.room
	h := room.Newest().GetHeat()
	d := Row{
		Scope: s.name, ID: id, EsolID: room.GetEsolId(), Platform: room.GetPlatform(), Title: room.GetTitle(),
		State: roomState(room), Started: timestamp(room.GetStartedMs()),
		Insufficient: nonEmpty(h.GetInsufficient()), Temperature: finite(h.GetTemperature()),
		PowerWatts: finite(h.GetPowerWatts()), ActiveHeads: h.GetActiveHeads(), Viewers: viewers(h),
		GMVNet: []Money{}, Trend: s.pace[paceTemperature].change(), Age: age(s.asOf, room.GetWatermarkMs()),
	}
	d.Gauge, d.GaugeLo, d.GaugeHi, d.Grade = gauge(h)
	if i := s.insight; i != nil {
		d.Sync = sure(i.GetSync().GetRate())
		d.ContagionLo, d.ContagionHi = sure(i.GetContagion().GetLexical()), sure(i.GetContagion().GetTotal())
		if d.ContagionLo != nil {
			d.ContagionGrade = gradeName(i.Contagion.Lexical.Grade)
		}
		d.IgnitionLevel = ptr(i.GetIgnition().GetLevel())
	}
	for _, g := range s.money.GetGmv() {
		if !is(currency, g.Currency) {
			continue
		}
		d.GMVNet = append(d.GMVNet, amounts(g.Currency, g.Exponent)(g.NetMinor))
		d.Orders += g.OrdersPaid
	}
	return d
}

// hotter orders rows for the board: a gauge before none, then by temperature, then by id.
func hotter(a, b Row) int {
	if (a.Gauge == nil) != (b.Gauge == nil) {
		if a.Gauge != nil {
			return -1
		}
		return 1
	}
	return cmp.Or(-cmp.Compare(number(a.Temperature), number(b.Temperature)), cmp.Compare(a.ID, b.ID))
}

func number(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}

// boardDocument lists the first boardRows of the rows given, which are of shows on the air.
func boardDocument(rows []Row, campaigns []CampaignRow, asOf, watermark int64) *Board {
	slices.SortFunc(rows, hotter)
	slices.SortFunc(campaigns, func(a, b CampaignRow) int { return cmp.Compare(a.ID, b.ID) })
	return &Board{
		Kind: boardTopic, OnAir: len(rows), Shows: rows[:min(len(rows), boardRows)],
		Campaigns: campaigns[:min(len(campaigns), boardCampaigns)], Age: age(asOf, watermark),
	}
}

func alertDocument(a *eventpb.Alert) AlertView {
	d := AlertView{
		ID: a.Id, Scope: a.Scope, ShowID: a.ShowId, EsolID: a.EsolId, Kind: a.Kind, At: instant(a.TimeMs),
		timeMS: a.TimeMs, Restatement: restatementDocument(a.Restatement),
		Numbers: make(map[string]*float64, len(a.Numbers)),
	}
	for _, n := range a.Numbers {
		d.Numbers[n.Name] = finite(n.Value)
	}
	return d
}
