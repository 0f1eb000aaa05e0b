package gauges

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// number is one series of a show: what it is called, and its value where there is one.
type number struct {
	desc  *prometheus.Desc
	value func(s *Scope, now time.Time) (float64, bool)
}

func show(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("netsu_show_"+name, help, append([]string{"show", "esol"}, labels...), nil)
}

// showNumbers are the gauges of a show. Each is there only where it is known.
var showNumbers = []number{
	{show("heat_score", "How hot, 0 to 100: the gauge of the live page. Not a count of people or comments."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return h.Gauge, true })},
	{show("heat_score_lo", "Lower end of the 95 % interval of heat_score."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return h.GaugeLo, h.GaugeHi > 0 })},
	{show("heat_score_hi", "Upper end of the 95 % interval of heat_score."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return h.GaugeHi, h.GaugeHi > 0 })},
	{show("heat_grade", "How sure heat is: 1 is A, 2 is B, 3 is C (the widest interval)."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return float64(h.Grade), h.Grade > 0 })},
	{show("temperature_joules_per_head", "Heat per person in the room; 1 J is one plain comment of one person."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return h.Temperature, true })},
	{show("temperature_lo_joules_per_head", "Lower end of the 95 % interval of the temperature."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return h.TemperatureLo, h.GaugeHi > 0 })},
	{show("temperature_hi_joules_per_head", "Upper end of the 95 % interval of the temperature."),
		ofHeat(func(h *eventpb.Heat) (float64, bool) { return h.TemperatureHi, h.GaugeHi > 0 })},
	{show("power_watts", "What the room radiates now, joules a second."), anyHeat(
		func(h *eventpb.Heat) (float64, bool) { return h.PowerWatts, true })},
	{descHeads, anyHeat(func(h *eventpb.Heat) (float64, bool) { return float64(h.ActiveHeads), true })},
	{show("viewers", "The platform's own count, where it tells one. Displayed popularity is not always people."), anyHeat(
		func(h *eventpb.Heat) (float64, bool) { return float64(h.Viewers), h.Viewers >= 0 })},
	{show("sync_rate", "Words and acts that room and ESOL share, 0 to 100."),
		sure(func(i *eventpb.Insight) *eventpb.Estimate { return i.GetSync().GetRate() })},
	{show("contagion_lexical", "Comments set off per comment, as far as words of the room itself are taken up. "+
		"With contagion_grade 3 it is co-movement and must not be called contagion."),
		sure(func(i *eventpb.Insight) *eventpb.Estimate { return i.GetContagion().GetLexical() })},
	{show("contagion_overall", "Comments set off per comment, whatever makes comments follow comments: the other "+
		"end of the bracket. The two are definitions, not an interval."),
		sure(func(i *eventpb.Insight) *eventpb.Estimate { return i.GetContagion().GetTotal() })},
	{show("contagion_grade", "How sure contagion is: 1 is A, 2 is B, 3 is C (the ESOL's words were not known)."),
		func(s *Scope, _ time.Time) (float64, bool) {
			e := s.Insight.GetContagion().GetLexical()
			return float64(e.GetGrade()), e != nil && e.Insufficient == "" && e.Grade > 0
		}},
	{show("trust_ratio", "Share of the comments of the last 300 s that is believed, by weight. Distrust cools heat; it "+
		"touches no money."), func(s *Scope, _ time.Time) (float64, bool) {
		t := s.Insight.GetTrust()
		return t.GetShare(), t != nil && t.People > 0
	}},
	{show("backed_ratio", "Share of the heat so far that came from people with an order."),
		func(s *Scope, _ time.Time) (float64, bool) { return s.Insight.GetBackedShare(), s.Insight != nil }},
	{show("ignition_level", "Level of the ignition under way; 0 is none."),
		func(s *Scope, _ time.Time) (float64, bool) {
			return float64(s.Insight.GetIgnition().GetLevel()), s.Insight.GetIgnition() != nil
		}},
	{show("freshness_seconds", "Now minus the watermark: the event time up to which the room is complete."),
		func(s *Scope, now time.Time) (float64, bool) {
			ms := s.Room.GetWatermarkMs()
			return now.Sub(time.UnixMilli(ms)).Seconds(), ms > 0 && s.onAir()
		}},
	{show("completeness_ratio", "Share of the accepted events that came in time to count for heat. Money takes all."),
		completeness},
}

var descHeads = show("active_heads", "People who acted in the last 300 s.")

// anyHeat reads a heat whatever is known of its certainty.
func anyHeat(f func(*eventpb.Heat) (float64, bool)) func(*Scope, time.Time) (float64, bool) {
	return func(s *Scope, _ time.Time) (float64, bool) {
		h := s.heat()
		if h == nil {
			return 0, false
		}
		return f(h)
	}
}

// ofHeat reads a heat that is sufficient.
func ofHeat(f func(*eventpb.Heat) (float64, bool)) func(*Scope, time.Time) (float64, bool) {
	return anyHeat(func(h *eventpb.Heat) (float64, bool) {
		if h.Insufficient != "" {
			return 0, false
		}
		return f(h)
	})
}

func sure(f func(*eventpb.Insight) *eventpb.Estimate) func(*Scope, time.Time) (float64, bool) {
	return func(s *Scope, _ time.Time) (float64, bool) {
		e := f(s.Insight)
		return e.GetValue(), e != nil && e.Insufficient == ""
	}
}

func completeness(s *Scope, _ time.Time) (float64, bool) {
	var events int64
	for _, t := range s.Room.GetFinal().GetTotals() {
		events += t.Events
	}
	all := events + s.Room.GetLateTotal()
	return float64(events) / float64(all), all > 0
}

var (
	descInfo = show("info", "Always 1: what is known of the show.", "platform", "title")
	descWhy  = show("insufficient", "1 where there is no number: of what, and why.", "of", "reason")
	descWhen = show("moment_timestamp_seconds", "When a moment or diagnosis of this kind happened last, of the latest 500 "+
		"of all shows.", "kind")
	descStage = show("funnel_people", "Distinct people who have been at a stage of the funnel; a person may "+
		"enter any first.", "stage")
	descComments = show("comments_total", "Comments since the start of the show.")
	descOrders   = show("room_orders_total", "Distinct orders seen in the room since the start of the show.")
	descLate     = show("late_events_total", "Accepted events that came too late to count for heat.")
)

// reasons are the closed list of why there is no number; what else a fold may say one day is "other".
var reasons = words("too_young", "too_few_acts", "too_few_people", "too_few_words", "too_few_panes", "too_few_tokens",
	"too_few_texts", "too_few_components", "too_uncertain", "no_heat", "no_movement", "no_esol_words", "no_quiet_before",
	"no_calls", "no_transcript")

// kinds are the moments and diagnoses that have series; others are "other".
var kinds = words("hot", "cold", "raid", "ignition", "ignition_up", "hot_not_buying", "cold_brand", "cooled_after_call",
	"reverse_flow", "lookalike_flood", "no_order")

// KindName is a kind of moment as a label.
func KindName(kind string) string { return kinds.word(kind) }

// Kinds are all that KindName gives, in order.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds.with("other"))) }

var stages = words("seen", "engaged", "asked", "clicked", "carted", "checked_out", "bought", "came_back")

// closed is a list of words that a label may have.
type closed map[string]bool

func words(all ...string) closed {
	c := closed{}
	for _, w := range all {
		c[w] = true
	}
	return c
}

func (c closed) with(w string) closed {
	c = maps.Clone(c)
	c[w] = true
	return c
}

func (c closed) word(w string) string {
	if c[w] {
		return w
	}
	return "other"
}

// ShowSeries is the most that one show has: its gauges, info, three counters, why four numbers are not there, the
// stages of the funnel and the kinds of moment (with "other"), and money.
var ShowSeries = len(showNumbers) + 1 + 3 + 4 + len(stages) + len(kinds) + 1 + moneySeries

// EsolSeries is the most that one ESOL has: four of its heat, and money.
const EsolSeries = 4 + moneySeries

// BrandSeries is the most that one brand has, likewise.
const BrandSeries = 4 + moneySeries

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
