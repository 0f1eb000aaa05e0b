package show

import (
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// judge takes a pane into the judgement of who is to be believed. What it finds counts from 40 s later on (trust.DelayPanes),
// beyond every pane that has been evaluated: so no heat that was shown depends on when it was looked at.
func (st *study) judge(sc *scene) {
	acts := sc.fold.judged[:0]
	for _, c := range sc.said {
		if !audience(c.role) || c.person.IsZero() {
			continue
		}
		acts = append(acts, trust.Act{
			ID: c.id, Name: c.name, Person: c.person, MS: c.ms, Comment: true, Kind: uint8(eventpb.Kind_KIND_COMMENT),
			Hash: c.hash, SimHash: c.sim, Runes: int(c.runes), Prompted: st.prompts.asked(c), Command: c.command,
			AccountMS: c.account,
		})
	}
	sc.fold.judged = acts
	st.trust.Step(sc.pane, acts, sc.room.active)
}

// prompts are the words that calls have asked for in the last two minutes: who writes them does as asked.
type prompts struct{ words []prompt }

type prompt struct {
	word uint64
	pane int64
}

const (
	promptPanes = 120
	promptsMax  = 64
)

func (p *prompts) step(sc *scene) {
	p.words = slices.DeleteFunc(p.words, func(w prompt) bool { return w.pane+promptPanes < sc.pane })
	for i := range sc.deeds {
		for _, w := range sc.deeds[i].asks {
			if len(p.words) < promptsMax {
				p.words = append(p.words, prompt{w, sc.pane})
			}
		}
	}
}

// asked tells whether a comment says nothing but what was asked for: it names such a word, and little else.
func (p *prompts) asked(c *remark) bool {
	if len(p.words) == 0 || c.runes > promptRunes {
		return false
	}
	has := func(w uint64) bool { return slices.ContainsFunc(p.words, func(a prompt) bool { return a.word == w }) }
	return slices.ContainsFunc(c.terms, has) || slices.ContainsFunc(c.words, has)
}

// promptRunes is how long a comment may be that does as asked.
const promptRunes = 24

// weight is how far a head is believed in a pane, for its heat: 1 for who is as good as anybody.
func (s *show) weight(person event.ID, pane int64) float64 {
	if s.study == nil || person.IsZero() {
		return 1
	}
	return min(1, s.study.trust.Weight(person, pane)/trust.Default)
}

// watchFloods tells a flood of lookalike comments when it has become one that a producer should look at. It looks when an
// insight is said: a flood is a matter of a minute, and to list them is dear.
func (d *diagnoses) watchFloods(sc *scene, out *operators.Outputs) {
	if !due(sc.pane, insightPanes) {
		return
	}
	d.floods = slices.DeleteFunc(d.floods, func(f toldFlood) bool { return f.last+floodOver < sc.pane })
	for _, f := range sc.show.study.trust.Floods() {
		if seconds := float64(max(0, sc.ms()-f.SinceMS)) / 1000; f.Accounts < floodAccounts ||
			float64(f.Comments)*60 < floodComments*max(seconds, 60) {
			continue
		}
		at := slices.IndexFunc(d.floods, func(t toldFlood) bool { return t.hash == f.Hash })
		if at >= 0 {
			d.floods[at].last = sc.pane
			continue
		}
		if len(d.floods) == floodsTold {
			return
		}
		d.floods = append(d.floods, toldFlood{f.Hash, sc.pane})
		sc.alert(out, "lookalike_flood", number("accounts", float64(f.Accounts)), number("comments", float64(f.Comments)),
			number("seconds", float64(max(0, sc.ms()-f.SinceMS))/1000))
	}
}
