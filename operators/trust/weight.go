package trust

import "github.com/netsu/netsu/stream/event"

// DelayPanes is how many panes after the pane that showed it a verdict begins to count. Heat looks at most 38 panes
// past the last final one (5 s of disorder and 30 s of lateness, and a little).
const DelayPanes = 40

// verdict is a weight that is in force from a pane on.
type verdict struct {
	from   int64
	weight float64
}

// verdicts of one person, ascending: the one in force at the last final pane and those to come. There is at most one
// for each pane from which evidence came, so there are at most DelayPanes + 1.
type verdicts []verdict

func (v verdicts) at(pane int64) float64 {
	for i := len(v) - 1; i >= 0; i-- {
		if v[i].from <= pane {
			return v[i].weight
		}
	}
	return Default
}

// live is v without what is behind the one in force at the last final pane, and empty where that says Default at the
// end.
func (v verdicts) live(final int64) verdicts {
	for len(v) > 1 && v[1].from <= final {
		v = v[1:]
	}
	if len(v) == 1 && v[0].from <= final && v[0].weight == Default {
		return nil
	}
	return v
}

// latest is the newest verdict, in force or to come.
func (v verdicts) latest() float64 {
	if len(v) == 0 {
		return Default
	}
	return v[len(v)-1].weight
}

// rule gives a person a new weight, as of the last final pane.
func (s *State) rule(id event.ID, weight float64) {
	v := s.verdicts[id]
	if v.latest() == weight {
		return
	}
	if v == nil {
		s.parts.ruled.add(id)
	}
	s.parts.changePerson(id)
	v = append(verdicts(nil), v.live(s.pane)...)
	s.verdicts[id] = append(v, verdict{s.pane + DelayPanes, weight})
	if weight < SuspectBelow {
		s.suspects[id] = struct{}{}
	} else {
		delete(s.suspects, id)
	}
}

// sweep drops the verdicts that are no news any more, of each 40 panes at their end: before what the pane says is ruled,
// and as of the end itself, so that panes which were left out make no difference to what is dropped. It frees memory and
// changes no answer.
func (s *State) sweep(pane int64) {
	end := pane - (pane%DelayPanes+DelayPanes)%DelayPanes
	if end <= s.pane {
		return
	}
	for id, v := range s.verdicts {
		if len(v.live(end)) == 0 {
			delete(s.verdicts, id)
			s.parts.ruled.remove(id)
			s.parts.changePerson(id)
		}
	}
}

// Weight is w for what a person does in a pane: at or after the last final pane. It is the newest verdict that counts
// by then, or Default. For panes up to DelayPanes past the last final one the answer is definite.
func (s *State) Weight(person event.ID, pane int64) float64 { return s.verdicts[person].at(pane) }
