package trust

import (
	"cmp"
	"math"
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// Act is what trust needs of an event of the audience.
type Act struct {
	ID     event.ID // of the event
	Name   string   // the event's id as people know it, for evidence; "" where there is none. Cloned where it is kept
	Person event.ID // zero: nobody is known, and the act is ignored
	MS     int64    // event time, in the pane that it is given with
	// Comment tells a comment from a reaction of some kind; what follows down to Command is of comments.
	Comment bool
	Kind    uint8
	// Hash is the identity of the normalised text, SimHash its likeness (meaningful from 12 runes on), Runes its
	// length; 0 runes: no text.
	Hash, SimHash uint64
	Runes         int
	Prompted      bool  // the ESOL has asked for this text or word
	Command       bool  // a chat command such as "!vote 3"
	AccountMS     int64 // when the account was made; 0: unknown
}

// State is the trust of one show. Not safe for concurrent use.
type State struct {
	pane     int64 // the last final one
	started  bool
	people   map[event.ID]*person
	verdicts map[event.ID]verdicts // of those only whose weight is not, was not a moment ago, or will not be Default
	suspects map[event.ID]struct{} // whose latest verdict is below SuspectBelow
	texts    texts
	floods   []*flood // by time of recognition
	numbered uint64   // floods so far
	parts    parts

	// Scratch of Step.
	order   []int32
	hashes  []uint64
	said    []utterance
	byText  []textRef
	voices  []heard
	touched []toucher
}

type toucher struct {
	id event.ID
	p  *person
}

// New is the trust of a show before its first pane.
func New() *State {
	return &State{people: map[event.ID]*person{}, verdicts: map[event.ID]verdicts{},
		suspects: map[event.ID]struct{}{}, texts: newTexts(), parts: parts{known: index{}, ruled: index{}}}
}

// Step folds the next final pane: its acts, in any order, and how many heads were active in the last 300 s. Panes
// ascend; empty ones may be left out. It keeps nothing of acts.
func (s *State) Step(pane int64, acts []Act, activeHeads int64) {
	if s.started && pane <= s.pane {
		panic("cannot happen: trust is given a pane that is not after the last")
	}
	s.advance(pane)
	s.sort(acts)
	limit := s.textLimit(acts)
	for _, i := range s.order {
		s.see(&acts[i], limit)
	}
	s.judgeTexts(activeHeads)
	for _, t := range s.touched {
		t.p.marked = false
		weight := Default
		if r := t.p.features(); r != (Features{}) {
			weight = Score(r)
		}
		if weight != t.p.weight {
			t.p.weight = weight
			s.rule(t.id, weight)
		}
	}
	s.forget()
	clear(s.said)
	clear(s.byText)
	clear(s.touched)
	clear(s.voices)
	s.said, s.touched = s.said[:0], s.touched[:0]
}

func (s *State) advance(pane int64) {
	if s.started {
		s.sweep(pane)
		s.texts.expire(s.pane-textPanes+1, pane-textPanes)
		s.parts.expire(s.pane-textPanes+1, pane-textPanes)
	}
	s.pane, s.started = pane, true
	s.expireFloods()
}

// sort puts the acts of people in order of (time, id), each once.
func (s *State) sort(acts []Act) {
	s.order = s.order[:0]
	for i := range acts {
		if !acts[i].Person.IsZero() {
			s.order = append(s.order, int32(i))
		}
	}
	slices.SortFunc(s.order, func(i, j int32) int {
		if c := cmp.Compare(acts[i].MS, acts[j].MS); c != 0 {
			return c
		}
		return compareIDs(acts[i].ID, acts[j].ID)
	})
	s.order = slices.CompactFunc(s.order, func(i, j int32) bool { return acts[i].ID == acts[j].ID })
}

// textLimit is the greatest hash of a text that is looked at: where a pane has more than 8,192 texts, those of the
// smallest hashes are.
func (s *State) textLimit(acts []Act) uint64 {
	if len(s.order) <= textsMax {
		return math.MaxUint64
	}
	s.hashes = s.hashes[:0]
	for _, i := range s.order {
		if acts[i].Comment && !acts[i].Prompted {
			s.hashes = append(s.hashes, acts[i].Hash)
		}
	}
	slices.Sort(s.hashes)
	s.hashes = slices.Compact(s.hashes)
	if len(s.hashes) <= textsMax {
		return math.MaxUint64
	}
	return s.hashes[textsMax-1]
}

// see enters one act into what is remembered of its person and of its text.
func (s *State) see(a *Act, limit uint64) {
	p := s.people[a.Person]
	if p == nil {
		p = &person{minute: minuteOf(a.MS), weight: Default}
		s.people[a.Person] = p
		s.parts.known.add(a.Person)
	}
	p.lastMS = a.MS
	if a.AccountMS != 0 {
		if p.isNew = a.MS-a.AccountMS < dayMS; p.isNew {
			p.reasons().young = keep(p.reasons().young, a.Name)
		}
	}
	s.touch(a.Person, p)
	if !a.Comment {
		return
	}
	p.rhythm.add(a.MS)
	p.reg = p.rhythm.reg()
	p.count(a.MS)
	if p.reg > 0 {
		p.reasons().reg = keep(p.reasons().reg, a.Name)
	}
	if a.Prompted {
		return
	}
	number := p.comment()
	if a.Runes > 0 && a.Hash <= limit {
		s.said = append(s.said, utterance{s.say(a, number), a.Person, p, number, a.Name})
	}
}

// say enters a comment into its text, which leaves the part of the pane that it was last said in.
func (s *State) say(a *Act, number uint32) *text {
	if t := s.texts.byHash[a.Hash]; t != nil && t.last != s.pane {
		s.parts.changeText(t)
	}
	t := s.texts.say(a, s.pane, number)
	s.parts.changeText(t)
	return t
}

// touch has a person's weight looked at when the pane is through.
func (s *State) touch(id event.ID, p *person) {
	if !p.marked {
		p.marked = true
		s.parts.changePerson(id)
		s.touched = append(s.touched, toucher{id, p})
	}
}
