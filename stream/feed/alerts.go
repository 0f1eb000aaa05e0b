package feed

// alerts are the latest alerts, oldest first: at most maxAlerts, the oldest goes first. It is not safe for concurrent
// use.
type alerts struct {
	latest []AlertView
	places map[string]place // by id
}

const maxAlerts = 500

func newAlerts() alerts { return alerts{places: map[string]place{}} }

// add takes an alert in; false if it is a re-emission of one that is held.
func (l *alerts) add(p place, a AlertView) bool {
	if held, ok := l.places[a.ID]; ok && !p.supersedes(held) {
		return false
	}
	if _, again := l.places[a.ID]; again {
		for i := range l.latest {
			if l.latest[i].ID == a.ID {
				l.latest = append(l.latest[:i], l.latest[i+1:]...)
				break
			}
		}
	}
	if len(l.latest) == maxAlerts {
		delete(l.places, l.latest[0].ID)
		l.latest = append(l.latest[:0], l.latest[1:]...)
	}
	l.latest = append(l.latest, a)
	l.places[a.ID] = p
	return true
}

// find lists the newest n that concern scope ("" is all), newest first.
func (l *alerts) find(scope string, n int) []AlertView {
	out := []AlertView{}
	for i := len(l.latest) - 1; i >= 0 && len(out) < n; i-- {
		a := l.latest[i]
		if scope == "" || scope == a.Scope || scope == "show/"+a.ShowID || scope == "esol/"+a.EsolID {
			out = append(out, a)
		}
	}
	return out
}
