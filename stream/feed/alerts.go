package feed

import (
	"cmp"
	"slices"
	"strings"
)

// alerts are the latest alerts by their time, oldest first: at most maxAlerts, the oldest goes first. Which those are does not
// depend on which partition was read first, so every feed process lists the same. It is not safe for concurrent use.
type alerts struct {
	latest    []AlertView
	places    map[string]place     // by id, of the last toldMax that came
	came      []string             // their ids
	diagnoses map[string]AlertView // by show: the latest one; of those in latest, so bounded with them
}

const maxAlerts = 500

// toldMax bounds those of which a re-emission is known to be one, however old they are. One of an earlier alert is told again.
const toldMax = 2 * maxAlerts

func newAlerts() alerts {
	return alerts{places: map[string]place{}, diagnoses: map[string]AlertView{}}
}

// attentionMS is how long a diagnosis asks for attention.
const attentionMS = 5 * 60 * 1000

// isDiagnosis tells what somebody should do something about from what has merely happened.
func isDiagnosis(kind string) bool {
	switch kind {
	case "hot_not_buying", "cold_brand", "cooled_after_call", "reverse_flow", "lookalike_flood", "no_order":
		return true
	}
	return false
}

// attention is the kind of a show's latest diagnosis of the five minutes up to its watermark; "": there is none. The
// watermark rather than a clock, so that a replay of the past asks as the past did.
func (l *alerts) attention(show string, watermarkMS int64) string {
	if a, ok := l.diagnoses[show]; ok && watermarkMS-a.timeMS <= attentionMS {
		return a.Kind
	}
	return ""
}

func compareAlerts(a, b AlertView) int {
	return cmp.Or(cmp.Compare(a.timeMS, b.timeMS), strings.Compare(a.ID, b.ID))
}

// add takes an alert in; false if it is a re-emission. One that is older than all of maxAlerts is news, but not listed.
func (l *alerts) add(p place, a AlertView) bool {
	if !l.news(p, a.ID) {
		return false
	}
	if i := slices.IndexFunc(l.latest, func(held AlertView) bool { return held.ID == a.ID }); i >= 0 {
		l.drop(i)
	}
	at, _ := slices.BinarySearchFunc(l.latest, a, compareAlerts)
	if len(l.latest) == maxAlerts {
		if at == 0 {
			return true
		}
		l.drop(0)
		at--
	}
	l.latest = slices.Insert(l.latest, at, a)
	if held, ok := l.diagnoses[a.ShowID]; isDiagnosis(a.Kind) && (!ok || compareAlerts(a, held) >= 0) {
		l.diagnoses[a.ShowID] = a
	}
	return true
}

// news takes note of an alert, and tells whether it is not a re-emission.
func (l *alerts) news(p place, id string) bool {
	held, again := l.places[id]
	if again && !p.supersedes(held) {
		return false
	}
	if l.places[id] = p; again {
		return true
	}
	if l.came = append(l.came, id); len(l.came) > toldMax {
		delete(l.places, l.came[0])
		l.came = slices.Delete(l.came, 0, 1)
	}
	return true
}

// drop takes the i-th alert out. A show whose latest diagnosis it was has none until its next.
func (l *alerts) drop(i int) {
	a := l.latest[i]
	if l.diagnoses[a.ShowID].ID == a.ID {
		delete(l.diagnoses, a.ShowID)
	}
	l.latest = slices.Delete(l.latest, i, i+1)
}

// find lists the newest n of a kind that concern scope ("" is all) and may be read, newest first.
func (l *alerts) find(scope, kind string, n int, may func(*AlertView) bool) []AlertView {
	out := []AlertView{}
	for i := len(l.latest) - 1; i >= 0 && len(out) < n; i-- {
		a := l.latest[i]
		if kind != "" && kind != a.Kind || !may(&a) {
			continue
		}
		if scope == "" || scope == a.Scope || scope == "show/"+a.ShowID || scope == "esol/"+a.EsolID {
			out = append(out, a)
		}
	}
	return out
}
