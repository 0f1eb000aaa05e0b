package contagion

import "slices"

// Slots is how many words a show follows. What is said beyond them counts only in the total rate.
const Slots = 512

// silentPanes without anything leave exactly nothing, as of a room (operators/show).
const silentPanes = 1800

// Said is one trusted comment of the audience (w ≥ .5, MODEL §4): who, and the followed words in it, each once.
type Said struct {
	Person uint64
	Slots  []uint16
}

// Pane is one second of a show. The order of what is in it does not matter. Slots that are not below Slots are
// ignored.
type Pane struct {
	Number   int64
	Said     []Said
	Prompted []uint16 // words uttered by ESOL, brand or moderators, or of a product pinned, in this pane

	// What is part of this show's input: utterances of the ESOL (some in the last 120 s), pins (one, ever).
	Transcript, Pins bool

	Acts int64 // people who commented
	Call bool  // a call to action or a pin
}

func (p *Pane) empty() bool {
	return len(p.Said) == 0 && len(p.Prompted) == 0 && p.Acts <= 0 && !p.Call
}

// State is what a show's infections are estimated from. The zero State is that of a show in which nothing has been
// said.
type State struct {
	started bool
	pane    int64 // the last one stepped
	silent  int64 // empty panes up to it
	young   int64 // panes since the first that was not empty

	at     [Slots]uint16 // 1 + where a slot is in words; zero means it is not in use
	words  []word        // in use, in order of their slots
	quiet  int64         // panes that words have not faded for yet: nothing was said and no trace was left
	uses   float64       // first uses that the shares were learnt from, fading
	window window

	tokens  float64 // first uses that the regression saw, forgetting
	seen    float64 // those of them that were said while there was a transcript
	lexical *sums   // b
	reply   *sums   // b, then those of Y; nil while nothing was prompted
	prompts float64 // prompts that it saw, forgetting

	transcript, pins bool
	total            total

	// Scratch of a pane.
	lexicalScore lexicalScore
	replyScore   replyScore
}

// New is a show in which nothing has been said.
func New() *State { return &State{} }

// Frozen is true of a show that is exactly as New: nothing was ever said, or nothing for 1800 panes. Empty panes do
// not change it, so they may be left out; the next pane may have any number.
func (s *State) Frozen() bool { return !s.started }

// Step takes the next pane; while the state is not Frozen its number is that of the last one and one. It keeps nothing
// of p.
func (s *State) Step(p *Pane) {
	if p.empty() {
		if s.silent++; !s.started || s.silent >= silentPanes {
			*s = State{}
			return
		}
	} else {
		s.silent = 0
	}
	if !s.started {
		s.started, s.window.began = true, p.Number
	}
	s.pane = p.Number
	s.young++
	s.transcript, s.pins = p.Transcript, p.Pins
	s.step(p)
	s.total.step(p.Acts, p.Call)
}

// Renew is for a slot that stands for another word from now on: of the former one, its traces, share, prompts and who
// said it are forgotten. What it has told about the room stays, as part of the sums over all words.
func (s *State) Renew(slot uint16) {
	if int(slot) >= Slots {
		return
	}
	if i := s.at[slot]; i != 0 {
		s.words = slices.Delete(s.words, int(i)-1, int(i))
		s.at[slot] = 0
		s.index()
	}
	s.window.drop(slot, s.pane)
}

// index says where words are, from the first that has moved.
func (s *State) index() {
	for i := range s.words {
		s.at[s.words[i].slot] = uint16(i + 1)
	}
}

// enter takes words into use.
func (s *State) enter(words []word) {
	if len(words) == 0 {
		return
	}
	s.words = append(s.words, words...)
	slices.SortFunc(s.words, func(a, b word) int { return int(a.slot) - int(b.slot) })
	s.index()
}
