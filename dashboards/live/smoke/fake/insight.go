package main

import (
	"math"
	"time"
)

// depth is how much is known of a show beyond its heat.
type depth int

const (
	nothing depth = iota // no insight has come yet
	scarce               // one has come, and there is too little for most of it
	without              // plenty, but neither a transcript nor a brand
	whole
)

type object = map[string]any

func balance() (sources, sinks []object) {
	return []object{
			{"name": "comment", "joules": 121.4, "share": .51}, {"name": "order", "joules": 61.2, "share": .26},
			{"name": "product_click", "joules": 32.9, "share": .14}, {"name": "like", "joules": 20.8, "share": .09},
		}, []object{
			{"name": "cooling", "watts": 2.61, "share": .67}, {"name": "leaving", "watts": .62, "share": .16},
			{"name": "repetition", "watts": .41, "share": .1},
		}
}

func known(value, spread float64, grade string) object {
	return object{
		"value": value, "lo": value - spread, "hi": value + spread, "grade": grade, "insufficient": nil, "n": 120,
	}
}

func missing(why string) object {
	return object{"value": nil, "lo": nil, "hi": nil, "grade": nil, "insufficient": why, "n": 2}
}

// ranked is a rank among others, which has no interval.
func ranked(above, others float64) object {
	return object{"value": above / others, "lo": nil, "hi": nil, "grade": "C", "insufficient": nil, "n": others}
}

// pick is a number where it is known, and the reason where it is not.
func pick(is bool, value object, why string) object {
	if is {
		return value
	}
	return missing(why)
}

// wave swings between -1 and 1, a step each ten seconds, as insights do.
func wave(at time.Time, seconds float64) float64 { return math.Sin(float64(at.Unix()/10*10) / seconds) }

func (s show) rowInsight(row object, now time.Time) {
	for _, k := range []string{"sync", "contagion_lo", "contagion_hi", "contagion_grade", "ignition_level", "trend"} {
		row[k] = nil
	}
	row["attention"] = s.attention
	if s.insight == nothing {
		return
	}
	row["ignition_level"], row["trend"] = 0, .12*wave(now, 300)
	if s.insight == scarce {
		return
	}
	row["sync"] = 48.2 + 6*wave(now, 90)
	row["contagion_lo"], row["contagion_hi"], row["contagion_grade"] = .12, .41, "C"
	if s.insight == whole {
		row["contagion_grade"], row["ignition_level"] = "B", 2
	}
}

func (s show) context(now time.Time) any {
	if s.insight == nothing {
		return nil
	}
	rank := func(p float64) any {
		if s.insight != whole {
			return nil
		}
		return p
	}
	change := any(nil)
	if s.insight != scarce {
		change = .12 * wave(now, 300)
	}
	minutes := 10.0
	if s.insight != whole {
		minutes = 6.2
	}
	relative := func(last, before, change, percentile any) object {
		return object{
			"last_10m": last, "before_10m": before, "change_ratio": change, "percentile": percentile, "last_minutes": 10,
			"before_minutes": minutes,
		}
	}
	return object{
		"temperature_j_per_head": relative(s.base*1.05, s.base, change, rank(.82)),
		"comments":               relative(870, 540, change, rank(.7)),
		"orders":                 relative(30, 34, -.12, rank(.7)),
		"viewers":                relative(s.viewers, s.viewers, .004, nil),
	}
}

var insightNames = []string{
	"bodies", "flows", "alignment", "sync", "contagion", "trust", "funnel", "products", "beats", "questions", "pins",
	"ignition", "backed_share", "reference", "insight_at",
}

// insightParts are the parts of an insight as of at.
func (s show) insightParts(at, now time.Time) object {
	parts := object{}
	for _, name := range insightNames {
		parts[name] = nil
	}
	if s.insight == nothing {
		return parts
	}
	enough, heard := s.insight != scarce, s.insight == whole
	parts["insight_at"], parts["reference"], parts["products"] = stamp(at), "2026-03/1", []object{}
	s.heatParts(parts, enough, heard)
	s.talkParts(parts, at, enough, heard)
	s.buyParts(parts, at, enough)
	parts["trust"] = trust(s.insight)
	parts["ignition"] = object{"level": 0, "people": 0, "goal": 10, "expires_at": nil, "best_level": 0, "started_at": nil}
	if heard {
		left := 90 - now.Unix()%90
		parts["ignition"] = object{
			"level": 2, "people": 17, "goal": 25, "expires_at": stamp(now.Add(time.Duration(left) * time.Second)),
			"best_level": 3, "started_at": stamp(at),
		}
	}
	return parts
}

func (s show) heatParts(parts object, enough, heard bool) {
	seller := 1.12
	if heard {
		seller = 1.9
	}
	parts["backed_share"] = .34
	parts["bodies"] = []object{
		{"role": "audience", "theta": pick(enough, known(1.59, .3, "A"), "too_few_acts")},
		{"role": "esol", "theta": pick(enough, known(seller, .25, "B"), "too_few_acts")},
		{"role": "brand", "theta": pick(heard, known(2.2, .6, "C"), "no_brand")},
	}
	parts["flows"] = []object{
		{"from": "brand", "to": "esol", "match": pick(heard, known(.86, .1, "C"), "no_brand"), "reverse": false,
			"conductance": nil},
		{
			"from": "esol", "to": "audience", "match": pick(enough, known(.7, .13, "B"), "too_few_acts"),
			"reverse": enough && !heard, "conductance": pick(enough, known(.0041, .003, "C"), "too_few_panes"),
		},
	}
	parts["alignment"] = object{
		"total":              pick(enough, known(.66, .15, "B"), "too_few_acts"),
		"heat_match":         pick(enough, known(.7, .13, "B"), "too_few_acts"),
		"knowledge_esol":     pick(heard, known(.72, .05, "A"), "no_transcript"),
		"knowledge_audience": pick(heard, known(.28, .05, "A"), "no_facts"),
		"worldview":          pick(enough, ranked(6, 7), "too_few_texts"),
		"worldview_esol":     pick(heard, ranked(7, 7), "too_few_texts"),
		"direction":          missing("no_movement"), "missing": []string{"direction"},
	}
	parts["beats"] = []object{}
	if heard {
		parts["beats"] = []object{
			{"brand_id": "hana", "id": "創業の話", "told": 3, "retold_people": 14, "joules": 22.5},
			{"brand_id": "hana", "id": "紅花", "told": 1, "retold_people": 0, "joules": 0},
			{"brand_id": "hana", "id": "職人", "told": 0, "retold_people": 0, "joules": 0},
		}
	}
}

func (s show) talkParts(parts object, at time.Time, enough, heard bool) {
	call := func(ago time.Duration, action string, uplift object, people int) object {
		return object{"at": stamp(at.Add(-ago)), "action": action, "uplift": uplift, "people": people}
	}
	calls := []object{}
	latency := any(nil)
	if enough {
		calls = []object{
			call(5*time.Minute, "like", known(.21, .1, "A"), 31), call(time.Minute, "", missing("too_few_people"), 4),
		}
	}
	if heard {
		latency = 8.4
	}
	parts["sync"] = object{
		"rate":       pick(enough, known(48.2+6*wave(at, 90), 11, "B"), "too_few_words"),
		"amount":     pick(heard, known(.61, .09, "A"), "no_transcript"),
		"echo":       pick(heard, known(.44, .13, "B"), "no_transcript"),
		"action":     pick(enough, known(.38, .16, "B"), "no_calls"),
		"possession": missing("no_possessions"), "missing": []string{"possession"},
		"echo_latency_seconds": latency, "calls": calls,
	}
	grade := "C"
	if heard {
		grade = "B"
	}
	parts["contagion"] = object{
		"lexical":        pick(enough, known(.12, .06, grade), "too_few_tokens"),
		"total":          pick(enough, known(.41, .12, grade), "too_few_tokens"),
		"secondary_uses": pick(heard, known(1.8, .6, "B"), "no_transcript"), "infection_watts": .19, "tokens": 1840,
		"shares": 6, "joins": 138, "first_actors": 27,
		"reproduction": pick(enough, known(1.15, .35, "C"), "too_few_people"),
	}
}

func (s show) buyParts(parts object, at time.Time, enough bool) {
	if !enough {
		parts["funnel"] = object{"stages": []object{
			{"name": "seen", "people": 12, "bought": 0, "trusted": 12},
			{"name": "engaged", "people": 4, "bought": 0, "trusted": 4},
		}}
		parts["questions"] = object{"asked": 1, "answered": 0, "bought": 0, "seconds_to_buy": nil}
		parts["pins"] = []object{}
		return
	}
	stages := []object{}
	for _, st := range []struct {
		name           string
		people, bought int
	}{
		{"seen", 1320, 31}, {"engaged", 412, 31}, {"asked", 64, 11}, {"clicked", 148, 29}, {"carted", 54, 28},
		{"checked_out", 36, 31}, {"bought", 31, 31}, {"came_back", 9, 4},
	} {
		stages = append(stages, object{"name": st.name, "people": st.people, "bought": st.bought, "trusted": st.people - st.people/60})
	}
	parts["funnel"] = object{"stages": stages}
	parts["questions"] = object{"asked": 64, "answered": 41, "bought": 11, "seconds_to_buy": 212}
	parts["pins"] = []object{
		{
			"product_id": "lip-01", "at": stamp(at.Add(-9 * time.Minute)), "clicks": 41, "clicks_before": 12, "orders": 6,
			"orders_before": 1, "lift": known(3.1, 1.4, "C"),
		},
		{
			"product_id": "cheek-02", "at": stamp(at.Add(-2 * time.Minute)), "clicks": 3, "clicks_before": 2, "orders": 0,
			"orders_before": 0, "lift": missing("too_few_people"),
		},
	}
}

func trust(d depth) object {
	t := object{
		"share": .97, "suspects": 0, "people": 41, "worst": []object{}, "floods": []object{}, "simpson": .02, "gini": .4,
		"entropy": .9, "missing": []string{"lock", "refund", "view"},
	}
	if d == scarce { // two are doubted: too few for details
		t["share"], t["suspects"], t["people"] = .71, 2, 4
	}
	if d == whole {
		t["share"], t["suspects"], t["people"] = .94, 5, 86
		t["worst"] = []object{
			{"weight": .08, "reasons": []object{
				{"name": "dup", "score": .92, "evidence": []string{"netsu.comments/2/18102", "netsu.comments/2/18117"}},
				{"name": "reg", "score": .71, "evidence": []string{"netsu.comments/2/18117"}},
			}},
			{"weight": .22, "reasons": []object{{"name": "new", "score": 1, "evidence": []string{"netsu.comments/0/990"}}}},
		}
		t["floods"] = []object{
			{"accounts": 9, "comments": 44, "evidence": []string{"netsu.comments/2/18102"}, "chant": false},
			{"accounts": 38, "comments": 61, "evidence": []string{"netsu.comments/1/771"}, "chant": true},
		}
	}
	return t
}
