package show

import (
	"cmp"
	"iter"
	"slices"

	"github.com/netsu/netsu/operators/syncrate"
	"github.com/netsu/netsu/operators/vocab"
	"github.com/netsu/netsu/stream/event"
)

// A reader asks: what has distrust changed of sync and contagion? So a room is heard twice where it must be: as far as it is
// believed, and all of it.
//
//	pane ──believed──▶ hearing  heard      ──▶ sync, contagion
//	     └─everyone──▶ hearing  everyone   ──▶ their raw twins
//	                            nil while nobody who is not believed has done anything for an hour: the two are one then
//
// The second is a copy of the first, made before the first pane in which somebody speaks or acts who is not believed. An
// hour after the last such pane it is dropped: of what they said contagion's sums hold a sixteenth by then, all else less.
// So a room of which everybody is believed costs what it did, and a room with bots at most twice as much.
type hearing struct {
	words     *vocab.Vocabulary
	pinned    int64 // version of the catalog whose words have slots; -1: none
	contagion *contagionState
	sync      *syncrate.State // nil: too few people to be in step with anybody. By far the largest part of a sleeping study

	// Of the pane at hand.
	said  []*remark // comments of known people of the audience, by person
	acted []syncrate.Acted
	uses  []vocab.Use
	slots []uint16
	panes
}

// twinPanes is how long the room is heard twice after the last pane in which somebody who is not believed had a part.
const twinPanes = 3600

func newHearing() *hearing {
	return &hearing{words: vocab.New(), pinned: -1, contagion: &contagionState{}}
}

// rest is what silence leaves: the words.
func (h *hearing) rest() {
	*h = hearing{words: h.words, pinned: h.pinned, contagion: &contagionState{}}
}

// gather takes the comments and acts of the pane that are of known people of the audience, and believed where that is asked.
// It tells whether any was not.
func (h *hearing) gather(sc *scene, everyone bool) (doubted bool) {
	h.said, h.acted = h.said[:0], h.acted[:0]
	for _, c := range sc.said {
		if !audience(c.role) || c.person.IsZero() {
			continue
		}
		if everyone || sc.trusted(c.person) {
			h.said = append(h.said, c)
		} else {
			doubted = true
		}
	}
	slices.SortFunc(h.said, func(a, b *remark) int { return compareIDs(a.person, b.person) })
	if h.sync == nil {
		return doubted
	}
	for _, a := range sc.acts {
		action := actionOf(a.kind)
		switch {
		case action == 0:
		case everyone || sc.trusted(a.person):
			h.acted = append(h.acted, syncrate.Acted{Person: a.person.Hi, Action: action})
		default:
			doubted = true
		}
	}
	return doubted
}

// follow keeps the vocabulary: the lexicon's words have slots, the rest go to what the room says most.
func (h *hearing) follow(sc *scene) {
	if h.pinned != sc.fold.catalog.version {
		h.renew(h.words.Pin(sc.lx.all))
		h.pinned = sc.fold.catalog.version
	}
	h.uses = h.uses[:0]
	for from := 0; from < len(h.said); {
		to := from + 1
		for to < len(h.said) && h.said[to].person == h.said[from].person {
			to++
		}
		h.use(h.said[from:to])
		from = to
	}
	h.renew(h.words.Step(sc.pane, h.uses))
}

// use adds the words of a person's comments, each once. Within one comment they are distinct already.
func (h *hearing) use(comments []*remark) {
	from := len(h.uses)
	for _, c := range comments {
		for _, list := range [2][]uint64{c.terms, c.words} {
			for _, w := range list {
				h.uses = append(h.uses, vocab.Use{Person: c.person.Hi, Word: w})
			}
		}
	}
	if len(comments) > 1 {
		own := h.uses[from:]
		slices.SortFunc(own, func(a, b vocab.Use) int { return cmp.Compare(a.Word, b.Word) })
		h.uses = h.uses[:from+len(slices.Compact(own))]
	}
}

func (h *hearing) renew(slots []uint16) {
	for _, slot := range slots {
		h.contagion.Renew(slot)
		if h.sync != nil {
			h.sync.Renew(slot)
		}
	}
}

// copied is the same hearing in memory of its own. It goes through the encoding, which is all that there is of it.
func (h *hearing) copied() *hearing {
	c := &hearing{
		words: decoded(h.words, vocab.Decode), pinned: h.pinned, contagion: decoded(h.contagion, decodeContagion),
	}
	if h.sync != nil {
		c.sync = decoded(h.sync, syncrate.Decode)
	}
	return c
}

func decoded[V interface{ Encode() []byte }](v V, decode func([]byte) (V, error)) V {
	c, err := decode(v.Encode())
	if err != nil {
		panic("cannot happen: a state does not read what it wrote: " + err.Error())
	}
	return c
}

// doubted counts who is not believed and has done something in the last five minutes, as of the pane before: suspects whose
// verdict counts by now. They are few.
func (sc *scene) doubted(suspects iter.Seq[event.ID]) (n int64) {
	people := &sc.show.study.people
	for id := range suspects {
		who := people.get(id)
		n += count(who != nil && who.last > sc.pane-activePanes && !sc.trusted(id))
	}
	return n
}
