package main

import (
	"strconv"
	"time"
)

// spring is the one campaign: S42's sales in yen, towards a commitment that it comes near to while one looks on.
const spring = "spring"

var springTarget, springSpend = int64(9_000_000), int64(1_200_000)

func springRow(now time.Time) object {
	m := shows[0].sales(now).(map[string]any)["gmv"].([]map[string]any)[0]
	return object{
		"id": spring, "gmv_net": []any{m["net"]}, "roims": roims(shows[0].orders(now)), "probability": .71, "hit": false,
	}
}

func roims(orders int64) object {
	yen := shows[0].currencies[0]
	sold := (orders - 2) * yen.perOrder
	value := float64(sold) / float64(springSpend)
	return object{
		"name": "net", "claim": "attributed", "basis": "net", "numerator": money(sold, yen),
		"denominator": money(springSpend, yen), "value": value, "lo": value * .9, "hi": value * 1.1, "grade": "B",
		"orders": orders, "insufficient": nil,
	}
}

// campaign is the document of campaign/spring; deals and their advice are left to a running program.
func campaign(id string, now time.Time) map[string]any {
	if id != spring {
		return nil
	}
	s := shows[0]
	yen := s.currencies[0]
	sales := s.sales(now).(map[string]any)
	current := (s.orders(now) - 2) * yen.perOrder
	doc := age(map[string]any{
		"scope": "campaign/" + spring, "kind": "campaign", "id": spring, "money": sales, "holdout_ppm": 0, "total": nil,
		"deals": []any{}, "costs": []any{object{
			"currency": yen.code, "total": money(springSpend, yen), "spend": money(springSpend, yen), "commission": object{
				"estimated": money(0, yen), "approved": money(0, yen), "payable": money(0, yen), "paid": money(0, yen),
				"clawed_back": money(0, yen),
			},
		}},
		"returns": []any{object{
			"currency": yen.code, "variants": []any{roims(s.orders(now))}, "expected": nil, "pace": object{
				"target": money(springTarget, yen), "current": money(current, yen), "hit": current >= springTarget,
				"elapsed_seconds": now.Sub(started).Seconds(), "left_seconds": 3600, "run_rate_per_hour": nil,
				"needed_rate_per_hour": nil, "probability": .71, "final": nil, "final_lo": nil, "final_hi": nil,
				"calibration": nil, "insufficient": nil,
			},
		}},
	}, now, now)
	doc["watermark"], doc["freshness_ms"] = nil, nil // money is never late
	return doc
}

// corrections are of the campaign, and of the show that it is of.
func corrections(scope string, now time.Time) []map[string]any {
	if scope != "campaign/"+spring && scope != "show/"+shows[0].id {
		return []map[string]any{}
	}
	restate := func(n int64, reason string, orders int, net, commission int64) map[string]any {
		at := now.Add(-time.Duration(n) * 4 * time.Minute)
		a := alert("restate", shows[0].id, at, object{})
		a["scope"], a["id"] = scope, scope+"/restate/"+strconv.FormatInt(n, 10)
		yen := shows[0].currencies[0]
		amounts := object{"currency": yen.code}
		for _, name := range []string{
			"created", "paid", "settled", "refunded", "refunded_unknown", "cancelled", "total_net", "total_paid",
		} {
			amounts[name] = money(0, yen)
		}
		amounts["net"], amounts["commission"] = money(net, yen), money(commission, yen)
		a["restatement"] = object{
			"reason": reason, "revision": 10 - n, "amounts": []any{amounts}, "orders": orders,
			"order_ids": []string{"1001", "1002"}[:min(orders, 2)], "from": stamp(at.Add(-20 * time.Minute)),
			"to": stamp(at.Add(-5 * time.Minute)), "rates_version": nil,
		}
		return a
	}
	return []map[string]any{
		restate(1, "refund", 2, -9800, -980), restate(2, "reattributed", 1, 0, 310), restate(3, "held", 1, 0, 0),
		restate(4, "order_found", 3, 12426, 1242),
	}
}
