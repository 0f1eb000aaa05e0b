package main

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// show is one invented show.
type show struct {
	id, esol, platform, title, state string
	base                             float64 // J/head, about which its temperature swings
	insufficient                     string
	viewers                          any
	currencies                       []currency
	behind                           time.Duration // its watermark is so far behind
	still                            bool          // its watermark does not move
	insight                          depth
	attention                        any // what its row asks attention for
}

type currency struct {
	code     string
	exponent int
	perOrder int64 // minor units
}

var started = time.Now().Add(-31 * time.Minute)

var shows = []show{
	{id: "S42", esol: "hanako", platform: "tiktok", title: "春の新作 リップ&チーク", state: "on_air", base: 1.15,
		viewers: 1320, currencies: []currency{{"JPY", 0, 4142}, {"USD", 2, 2598}}, insight: whole,
		attention: "hot_not_buying"},
	{id: "S45", esol: "sari", platform: "shopee", title: "Ramadan night sale: everything for the kitchen",
		state: "on_air", base: 0.62, viewers: 20418, insight: whole,
		currencies: []currency{{"IDR", 2, 18_500_000}, {"SGD", 2, 3990}, {"KWD", 3, 12500}}},
	{id: "S47", esol: "mateo", platform: "youtube", title: "Zapatillas de trail: preguntas y respuestas", state: "on_air",
		base: 0.33, viewers: 88, currencies: []currency{{"EUR", 2, 8990}}, behind: 4 * time.Minute, insight: without,
		attention: "reverse_flow"},
	{id: "S48", esol: "mateo", platform: "youtube", title: "Standing still", state: "on_air", base: 0.28, viewers: nil,
		currencies: []currency{{"EUR", 2, 8990}}, still: true},
	{id: "S44", esol: "hanako", platform: "instagram", title: "朝のスキンケア", state: "idle", base: 0.12, viewers: 12,
		currencies: []currency{{"JPY", 0, 2980}}, insight: scarce},
	{id: "S43", esol: "kenji", platform: "tiktok", title: "夜のスキンケア", state: "on_air", base: 0.2,
		insufficient: "too_few_people", viewers: nil},
	{id: "S49", esol: "ليلى", platform: "tiktok", state: "on_air", base: 0.4, viewers: 7, insight: whole,
		title: "تخفيضات العيد: كل ما يحتاجه المطبخ 🍲🔥👩‍🍳 Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüssel " +
			"春の大感謝祭春の大感謝祭春の大感謝祭春の大感謝祭春の大感謝祭春の大感謝祭春の大感謝祭",
		currencies: []currency{{"AED", 2, 1_234_567_890_123}}},
	{id: "S46", esol: "hanako", platform: "tiktok", title: "冬物セール", state: "ended", base: 0.05, viewers: 0,
		currencies: []currency{{"JPY", 0, 5400}}, insight: whole},
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// gaugeOf is the gauge of a temperature by the reference quartiles 0.3 and 1.5 J/head.
func gaugeOf(t float64) float64 {
	return 100 / (1 + math.Pow(math.Sqrt(0.45)/t, math.Log(9)/math.Log(5)))
}

// temperature swings slowly enough to look like a room.
func (s show) temperature(at time.Time) float64 {
	x := float64(at.UnixMilli()) / 1000
	return s.base * (1 + 0.3*math.Sin(x/47) + 0.08*math.Sin(x/7) + 0.02*math.Sin(x))
}

func (s show) gauged(at time.Time) map[string]any {
	t := s.temperature(at)
	m := map[string]any{
		"gauge": nil, "gauge_lo": nil, "gauge_hi": nil, "grade": nil, "insufficient": s.insufficient,
		"temperature_j_per_head": t, "power_watts": t * 2.44, "active_heads": 2, "viewers": s.viewers,
	}
	if s.insufficient != "" {
		return m
	}
	m["gauge"], m["gauge_lo"], m["gauge_hi"] = gaugeOf(t), gaugeOf(t/1.25), gaugeOf(t*1.25)
	m["grade"], m["insufficient"], m["active_heads"] = "A", nil, 80+int(10*math.Sin(float64(at.Unix())/20))
	if s.base < 0.5 {
		m["gauge_lo"], m["gauge_hi"], m["grade"] = gaugeOf(t/1.5), gaugeOf(t*1.5), "B"
	}
	return m
}

func money(minor int64, c currency) map[string]any {
	return map[string]any{"minor": strconv.FormatInt(minor, 10), "currency": c.code, "exponent": c.exponent}
}

func (s show) orders(at time.Time) int64 { return 20 + int64(at.Sub(started)/time.Second)/2 }

func (s show) sales(at time.Time) any {
	var gmv []map[string]any
	for i, c := range s.currencies {
		n := s.orders(at) / int64(1+5*i)
		paid := n * c.perOrder
		gmv = append(gmv, map[string]any{
			"currency": c.code, "created": money(paid+3*c.perOrder, c), "paid": money(paid, c),
			"net": money(paid-2*c.perOrder, c), "refunded": money(2*c.perOrder, c), "average_order": money(c.perOrder, c),
			"orders_created": n + 3, "orders_paid": n,
		})
	}
	if gmv == nil {
		return nil
	}
	return map[string]any{
		"gmv": gmv, "buyers": s.orders(at) - 7, "orders_total": s.orders(at) + 3, "last_order_at": stamp(at),
	}
}

func (s show) watermark(now time.Time) time.Time {
	if s.still {
		return started
	}
	return now.Add(-5*time.Second - s.behind)
}

func age(doc map[string]any, now, watermark time.Time) map[string]any {
	doc["as_of"], doc["watermark"] = stamp(now), stamp(watermark)
	doc["freshness_ms"] = now.Sub(watermark).Milliseconds()
	return doc
}

func (s show) names() map[string]any {
	return map[string]any{
		"scope": "show/" + s.id, "id": s.id, "esol_id": s.esol, "platform": s.platform, "title": s.title, "state": s.state,
		"started_at": stamp(started),
	}
}

func (s show) row(now time.Time) map[string]any {
	row := age(s.names(), now, s.watermark(now))
	for k, v := range s.gauged(now) {
		row[k] = v
	}
	net := []map[string]any{}
	for i, c := range s.currencies {
		net = append(net, money((s.orders(now)/int64(1+5*i)-2)*c.perOrder, c))
	}
	s.rowInsight(row, now)
	row["gmv_net"], row["orders_paid"] = net, 0
	if len(net) > 0 {
		row["orders_paid"] = s.orders(now)
	}
	return row
}

func (s show) view(at time.Time) map[string]any {
	raw := s
	raw.base *= 1.12
	sources, sinks := balance()
	if s.insufficient != "" {
		sources, sinks = sources[:1], sinks[:0]
	}
	return map[string]any{
		"at": stamp(at), "heat": s.gauged(at), "people_total": 3 * s.orders(at), "buyers_total": s.orders(at) - 7,
		"orders_total": s.orders(at), "raw": raw.gauged(at), "sources": sources, "sinks": sinks,
	}
}

func (s show) document(now time.Time) map[string]any {
	w := s.watermark(now)
	doc := age(s.names(), now, w)
	doc["kind"] = "show"
	doc["last_event_at"] = stamp(w.Add(5 * time.Second))
	if s.state == "idle" {
		doc["last_event_at"] = stamp(now.Add(-40 * time.Second))
	}
	doc["room"] = map[string]any{"final": s.view(w.Add(-30 * time.Second)), "provisional": s.view(w), "late_total": 3}
	doc["money"] = s.sales(now)
	buyers, people := s.orders(now)-7, 3*s.orders(now)
	ratio := float64(buyers) / float64(people)
	doc["conversion"] = map[string]any{"ratio": ratio, "buyers": buyers, "people": people, "reason": nil}
	if doc["money"] == nil {
		doc["conversion"] = map[string]any{"ratio": nil, "buyers": nil, "people": people, "reason": "no_money"}
	}
	doc["trend"], doc["marks"] = s.trend(w.Add(-30*time.Second)), s.marks(w)
	doc["context"] = s.context(now)
	for k, v := range s.insightParts(w.Add(-40*time.Second), now) {
		doc[k] = v
	}
	return doc
}

func (s show) trend(end time.Time) []map[string]any {
	points := []map[string]any{}
	for at := end.Truncate(10 * time.Second).Add(-10 * time.Minute); !at.After(end); at = at.Add(10 * time.Second) {
		p := s.gauged(at)
		p["at"], p["comments"], p["orders"] = stamp(at), 12, 1
		points = append(points, p)
	}
	return points
}

func (s show) marks(end time.Time) []map[string]any {
	marks := []map[string]any{}
	for at := end.Truncate(130 * time.Second).Add(-520 * time.Second); !at.After(end); at = at.Add(130 * time.Second) {
		marks = append(marks,
			map[string]any{"kind": "pin", "at": stamp(at), "product_id": "lip-01", "id": "pin-" + stamp(at)},
			map[string]any{"kind": "call", "at": stamp(at.Add(25 * time.Second)), "product_id": nil, "id": "call-" + stamp(at)})
	}
	return marks
}

func alert(kind, id string, at time.Time, numbers map[string]any) map[string]any {
	return map[string]any{
		"id": "show/" + id + "/" + kind + "/" + strconv.FormatInt(at.Unix(), 10), "scope": "show/" + id, "show_id": id,
		"esol_id": "hanako", "kind": kind, "at": stamp(at), "numbers": numbers,
	}
}

// past is what is remembered of a scope: its corrections where those are asked for, else its alerts.
func past(q url.Values, now time.Time) []map[string]any {
	if q.Get("kind") == "restate" {
		return corrections(q.Get("scope"), now)
	}
	return alerts(q.Get("scope"), now)
}

func alerts(scope string, now time.Time) []map[string]any {
	all := []map[string]any{
		alert("hot_not_buying", "S42", now.Add(-70*time.Second), map[string]any{
			"gauge": 78.2, "product_talk_share": .08, "orders_10m": 4, "conversion_10m": .012, "conversion_before": .034,
		}),
		alert("ignition", "S42", now.Add(-3*time.Minute), map[string]any{"level": 1, "people": 10, "goal": 15}),
		alert("reverse_flow", "S47", now.Add(-5*time.Minute), map[string]any{"theta_esol": 1.1, "theta_audience": 1.62}),
		alert("no_order", "S44", now.Add(-12*time.Minute), map[string]any{
			"minutes": 12, "people_active": 9, "orders_before_per_10m": 2.4,
		}),
		alert("raid", "S42", now.Add(-95*time.Second), map[string]any{"joins_10s": 41, "joins_before_mean_10s": 3.2}),
		alert("hot", "S42", now.Add(-4*time.Minute), map[string]any{"gauge": 77.4}),
		alert("cold", "S42", now.Add(-22*time.Minute), map[string]any{"gauge": 24.1}),
		alert("cold", "S47", now.Add(-6*time.Minute), map[string]any{"gauge": 22.8}),
	}
	return slices.DeleteFunc(all, func(a map[string]any) bool { return a["scope"] != scope })
}

// document is what a topic says now; nil: there is no such thing.
func document(topic string, now time.Time) map[string]any {
	kind, id, _ := strings.Cut(topic, "/")
	switch kind {
	case "shows":
		rows := rowsOf(now, func(s show) bool { return s.state != "ended" })
		return age(map[string]any{"kind": "shows", "on_air": len(rows), "shows": rows, "campaigns": []object{springRow(now)}}, now, started)
	case "show":
		for _, s := range shows {
			if s.id == id {
				return s.document(now)
			}
		}
	case "esol":
		return esol(id, now)
	case "campaign":
		return campaign(id, now)
	}
	return nil
}

func rowsOf(now time.Time, want func(show) bool) []map[string]any {
	rows := []map[string]any{}
	for _, s := range shows {
		if want(s) {
			rows = append(rows, s.row(now))
		}
	}
	return rows
}

// esol takes the first show of an ESOL for all of them: near enough to look at.
func esol(id string, now time.Time) map[string]any {
	rows := rowsOf(now, func(s show) bool { return s.esol == id })
	for _, s := range shows {
		if s.esol != id {
			continue
		}
		heat := s.gauged(now)
		heat["roll_up"], heat["shows"] = true, len(rows)
		heat["gauge_lo"], heat["gauge_hi"], heat["grade"] = nil, nil, nil
		return age(map[string]any{
			"scope": "esol/" + id, "kind": "esol", "id": id, "money": s.sales(now), "heat": heat, "shows": rows,
		}, now, now.Add(-5*time.Second))
	}
	return nil
}
