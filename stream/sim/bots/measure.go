package bots

import (
	"strings"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
)

// DoubtBelow is the weight under which somebody counts as doubted: one full feature does it, one copy among four
// comments does not.
const DoubtBelow = .95

// Result is what trust made of a chat, beside what is true. People are judged by the lowest weight that they ever had.
type Result struct {
	Comments, BotComments int
	Bots, People          int // accounts: bots, and genuine people
	// Accounts ever below .5, and ever below DoubtBelow.
	SuspectBots, SuspectPeople int
	DoubtedBots, DoubtedPeople int
	// Comments that were posted while their account's weight in force was below .5.
	SuspectBotComments, SuspectPeopleComments int
	// Accounts ever held to have copied (dup above 0).
	CopyBots, CopyPeople int
	// Floods that were listed, and how many of them have a bot's comment among their evidence.
	Floods, BotFloods int
}

// Recall and precision of the suspects, by accounts. ok is false where there is nothing to divide by.
func (r Result) Recall() (float64, bool) { return ratio(r.SuspectBots, r.Bots) }

// Precision is the share of bots among the suspects.
func (r Result) Precision() (float64, bool) {
	return ratio(r.SuspectBots, r.SuspectBots+r.SuspectPeople)
}

func ratio(a, b int) (float64, bool) {
	if b == 0 {
		return 0, false
	}
	return float64(a) / float64(b), true
}

// activePanes is for how long somebody who has acted is an active head.
const activePanes = 300

// Acts turns comments into what trust takes. calls tells which texts the ESOL has asked for; nil: none.
func Acts(comments []Comment, calls func(Comment) bool) []trust.Act {
	out := make([]trust.Act, len(comments))
	for i, c := range comments {
		r := ReadText(c.Text)
		out[i] = trust.Act{ID: hasher.Event([]byte(c.ID)), Name: c.ID, Person: hasher.Person([]byte(c.Person)), MS: c.MS,
			Comment: true, Hash: r.Hash, SimHash: r.SimHash, Runes: r.Runes, Command: isCommand(c.Text),
			AccountMS: c.AccountMS, Prompted: calls != nil && calls(c)}
	}
	return out
}

// isCommand tells what is said to a chat's own machinery: votes, bets, questions to its helper.
func isCommand(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), "!") }

// Panes hands each second's acts to each, in order, with the number of heads active in the last 300 s.
func Panes(acts []trust.Act, each func(pane int64, acts []trust.Act, active int64)) {
	last := map[event.ID]int64{} // pane of a head's last act
	var recent []trust.Act       // those of the last 300 panes; the head of the queue may be superseded
	for len(acts) > 0 {
		pane, n := acts[0].MS/1000, 0
		for ; n < len(acts) && acts[n].MS/1000 == pane; n++ {
			last[acts[n].Person] = pane
			recent = append(recent, acts[n])
		}
		for len(recent) > 0 && recent[0].MS/1000 <= pane-activePanes {
			if id := recent[0].Person; last[id] == recent[0].MS/1000 {
				delete(last, id)
			}
			recent = recent[1:]
		}
		each(pane, acts[:n], int64(len(last)))
		acts = acts[n:]
	}
}

// Measure has trust judge a chat, by time, and compares with what is true.
func Measure(comments []Comment) Result {
	acts := Acts(comments, nil)
	m := meter{state: trust.New(), bot: map[event.ID]bool{}, lowest: map[event.ID]float64{}, copied: map[event.ID]bool{},
		botIDs: map[string]bool{}, floods: map[[2]int64]bool{}}
	for i, c := range comments {
		m.bot[acts[i].Person] = c.Bot
		if c.Bot {
			m.botIDs[c.ID] = true
		}
	}
	Panes(acts, m.pane)
	for id := range m.bot { // who was found out by what others did later
		m.look(id)
	}
	return m.result(len(comments))
}

type meter struct {
	state  *trust.State
	bot    map[event.ID]bool
	lowest map[event.ID]float64
	copied map[event.ID]bool
	botIDs map[string]bool
	floods map[[2]int64]bool // by hash and time: a bot's
	r      Result
}

func (m *meter) pane(pane int64, acts []trust.Act, active int64) {
	for _, a := range acts {
		if m.state.Weight(a.Person, pane) < trust.SuspectBelow {
			if m.bot[a.Person] {
				m.r.SuspectBotComments++
			} else {
				m.r.SuspectPeopleComments++
			}
		}
	}
	m.state.Step(pane, acts, active)
	for _, a := range acts {
		m.look(a.Person)
	}
	for _, f := range m.state.Floods() {
		key := [2]int64{int64(f.Hash), f.SinceMS}
		for _, id := range f.Evidence {
			m.floods[key] = m.floods[key] || m.botIDs[id]
		}
	}
}

func (m *meter) look(id event.ID) {
	r := m.state.Features(id)
	if w, known := m.lowest[id]; !known || trust.Score(r) < w {
		m.lowest[id] = trust.Score(r)
	}
	m.copied[id] = m.copied[id] || r.Dup > 0
}

func (m *meter) result(comments int) Result {
	r := m.r
	r.Comments, r.BotComments = comments, len(m.botIDs)
	for id, bot := range m.bot {
		suspect, doubted, copied := &r.SuspectPeople, &r.DoubtedPeople, &r.CopyPeople
		if bot {
			suspect, doubted, copied = &r.SuspectBots, &r.DoubtedBots, &r.CopyBots
			r.Bots++
		} else {
			r.People++
		}
		*suspect += count(m.lowest[id] < trust.SuspectBelow)
		*doubted += count(m.lowest[id] < DoubtBelow)
		*copied += count(m.copied[id])
	}
	for _, bot := range m.floods {
		r.Floods++
		r.BotFloods += count(bot)
	}
	return r
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
