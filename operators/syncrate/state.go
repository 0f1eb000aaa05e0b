package syncrate

import (
	"github.com/netsu/netsu/operators/fade"
	"github.com/netsu/netsu/operators/vocab"
)

// Slots is how many words are followed; Actions how many kinds of acts. AnyAction stands for all of them.
const (
	Slots     = vocab.Slots
	Actions   = 16
	AnyAction = 0
)

// Count says how often the word of a slot was used in a pane.
type Count struct {
	Slot uint16
	N    int32
}

// Use says that a person used the word of a slot in a pane.
type Use struct {
	Person uint64
	Slot   uint16
}

// Call is a call to action. Action is a code below Actions, AnyAction if all acts follow it; with another code the call
// is not measured, and as a call it spoils the quiet of others all the same.
type Call struct {
	ID     uint64
	Action uint8
}

// Acted says that a person did something in a pane. A code that is not below Actions counts as any action only.
type Acted struct {
	Person uint64
	Action uint8
}

// Pane is one second of a show. All lists may come in any order.
type Pane struct {
	Number int64
	// Words by slot: different people per word for the audience, occurrences for ESOL and brand. A slot may come twice:
	// the counts are added.
	Audience, Esol, Brand []Count
	// All words, counted alike, with those that have no slot.
	AudienceTokens, EsolTokens, BrandTokens int64
	// Uses is Audience with the people, or as much of it as is known: it serves the echo's latency alone.
	Uses   []Use
	Calls  []Call
	Acted  []Acted
	Active int64 // heads active in the last 300 s
}

// The bags of words.
const (
	audience = iota
	esol
	brand
	speakers
)

var halfLife = fade.New(300)

// State is the sync rate of one show. It belongs to one goroutine.
type State struct {
	started    bool
	pane       int64
	bags       [speakers]bag
	recent     recent
	echo       echo
	acts       acts
	calls      calls
	possession possession

	said, sold, told tally // scratch: words of the pane
}

// New is a show of which nothing has been seen.
func New() *State { return &State{acts: newActs()} }

// silencePanes is how long an empty pane may change more than the fading does: all windows have passed by then.
const silencePanes = 256

// Step takes in a final pane. Panes come in order; those that are left out count as empty, with nobody active. A pane
// that is not after the last one is a fault of the caller's and panics.
func (s *State) Step(p *Pane) {
	if !s.started {
		s.started, s.pane = true, p.Number-1
		for slot := range s.echo.since {
			s.echo.since[slot] = s.pane
		}
	}
	if p.Number <= s.pane {
		panic("cannot happen: a pane of the sync rate comes twice or out of order")
	}
	if p.Number-s.pane > 1 {
		for range min(p.Number-s.pane-1, silencePanes) {
			s.advance(&Pane{Number: s.pane + 1})
		}
		s.jump(p.Number - 1)
	}
	s.advance(p)
}

// jump goes on over panes that are empty, after silencePanes others.
func (s *State) jump(to int64) {
	if to <= s.pane {
		return
	}
	s.fadeTo(to)
	for k := to - int64(len(s.acts.history)) + 1; k <= to; k++ {
		*s.acts.at(k) = moment{known: true}
	}
}

func (s *State) fadeTo(pane int64) {
	if times := halfLife.Halvings(s.pane, pane); times > 0 {
		for i := range s.bags {
			s.bags[i].halve(times)
		}
		s.echo.halve(times)
	}
	s.pane = pane
}

func (s *State) advance(p *Pane) {
	s.fadeTo(p.Number)
	w := halfLife.Weight(p.Number)
	words := max(s.said.of(p.Audience), p.AudienceTokens)
	s.bags[audience].add(&s.said, words, w)
	s.bags[esol].add(&s.sold, max(s.sold.of(p.Esol), p.EsolTokens), w)
	s.bags[brand].add(&s.told, max(s.told.of(p.Brand), p.BrandTokens), w)

	s.recent.add(p.Number, &s.said, words)
	s.echo.step(p.Number, &s.recent, &s.sold, p.Uses, w)

	follow := func(action uint8, before int64) { s.calls.follow(p.Number, action, before) }
	s.acts.step(p.Number, p.Acted, max(p.Active, 0), len(p.Calls) > 0, follow)
	s.calls.close(p.Number, max(p.Active, 0))
	s.calls.begin(p.Number, p.Calls, &s.acts)
}

// Renew says that a slot stands for another word from the next pane on: what is known of the old one joins the words
// without a slot.
func (s *State) Renew(slot uint16) {
	if slot >= Slots {
		return
	}
	for i := range s.bags {
		s.bags[i].counts[slot] = 0
	}
	s.recent.renew(slot)
	s.echo.renew(slot, s.pane)
}
