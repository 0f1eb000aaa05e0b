package show

import (
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: do they know what they talk about? K is the share of the brand's facts that were stated and not
// contradicted since the show began, of the ESOL and of the audience (MODEL §2). All facts weigh the same: how rare one is
// among shows, a single show cannot know. [JUDG]
type knowledge struct {
	esol, audience facts
}

// facts are those that somebody stated and those that somebody contradicted.
type facts struct{ stated, contradicted map[beatID]bool }

// factsMax bounds each set; MODEL §2 has no more of a brand.
const factsMax = 256

func (k *knowledge) step(sc *scene) {
	for _, c := range sc.said {
		for _, w := range c.terms {
			e, ok := sc.lx.entry(w)
			if !ok || e.Class != text.Fact && e.Class != text.Contradiction {
				continue
			}
			who := &k.esol
			if audience(c.role) {
				who = &k.audience
			}
			set := who.stated
			if e.Class == text.Contradiction {
				set = who.contradicted
			}
			if len(set) < factsMax {
				set[beatID{e.Brand, e.ID}] = true
			}
		}
	}
}

// share is K over the facts of a lexicon.
func (f *facts) share(lx *lexicon) *eventpb.Estimate {
	e := &eventpb.Estimate{}
	known := 0.
	for i := range lx.len() {
		entry := lx.text.Entry(uint16(i))
		if entry.Class != text.Fact {
			continue
		}
		e.N++
		if id := (beatID{entry.Brand, entry.ID}); f.stated[id] && !f.contradicted[id] {
			known++
		}
	}
	if e.N == 0 {
		e.Insufficient = "no_facts"
		return e
	}
	e.Value = known / e.N
	e.Grade = eventpb.Grade_GRADE_B // counted, not estimated; that a form stands for its fact is a judgement
	return e
}

// sets are its four sets, in the order of the state.
func (k *knowledge) sets() []map[beatID]bool {
	return []map[beatID]bool{k.esol.stated, k.esol.contradicted, k.audience.stated, k.audience.contradicted}
}
