package trust

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
)

const (
	textPanes  = 60    // a text is remembered for that long after it was last said
	textsMax   = 8_192 // texts of one pane
	voicesMax  = 16    // of one text
	nearBits   = 3     // SimHashes this near are one text
	bandsMax   = 256   // texts of one band's value that are looked at, the newest
	longRunes  = 12    // from here on texts are compared by SimHash
	shortRunes = 4     // below, they are never copies
)

// text is what somebody said in the last 60 panes, and who said it.
type text struct {
	hash, sim uint64
	kind      textKind
	last      int64 // pane in which it was last said
	sinceMS   int64
	comments  int64 // since then
	listed    int64 // how many of them are in its flood's count
	// below is the rank under which all voices are in voices: MaxUint64 as long as there are at most 16.
	below  uint64
	voices []voice
	one    [1]voice // room for the first, which is all that most have
	flood  uint64   // number of the flood that it belongs or belonged to; 0: none
	node   uint64   // its node in bands, as number + 1
	seen   uint64   // scratch of near
}

// textKind is what can be told from a text's being said again.
type textKind uint8

const (
	trivial textKind = iota // nothing
	short                   // something, if many say it; exact hash
	long                    // copies: SimHash
)

// voice is one account that said a text, with its latest comment.
type voice struct {
	person event.ID
	pane   int64
	number uint32 // of the comment, in person.said
	name   string
}

// rank spreads the accounts evenly over 64 bits.
func rank(id event.ID) uint64 { return scramble(id.Hi ^ bits.RotateLeft64(id.Lo, 32)) }

// texts is the window of what was said.
type texts struct {
	byHash map[uint64]*text
	bands  bands
	panes  [64][]*text // those last said in a pane, mod 64; also some that were said again since
	query  uint64
	found  []*text // scratch of near
}

func newTexts() texts { return texts{byHash: map[uint64]*text{}} }

// expire forgets what was last said in panes from, …, to.
func (x *texts) expire(from, to int64) {
	for k := max(from, to-63); k <= to; k++ {
		list := &x.panes[uint64(k)%64]
		for _, t := range *list {
			if t.last <= to {
				delete(x.byHash, t.hash)
			}
		}
		clear(*list)
		*list = (*list)[:0]
	}
	x.bands.expire(to)
}

// say enters one comment, and returns its text.
func (x *texts) say(a *Act, pane int64, number uint32) *text {
	t := x.byHash[a.Hash]
	if t == nil {
		t = &text{hash: a.Hash, sim: a.SimHash, kind: kindOf(a), last: pane - 1, sinceMS: a.MS, below: math.MaxUint64}
		t.voices = t.one[:0]
		x.byHash[t.hash] = t
	}
	if t.last != pane {
		t.last = pane
		x.enter(t)
	}
	t.comments++
	if t.kind != trivial { // else nobody asks who said it
		t.hear(voice{a.Person, pane, number, strings.Clone(a.Name)})
	}
	return t
}

// enter puts a text where its last pane has it.
func (x *texts) enter(t *text) {
	list := &x.panes[uint64(t.last)%64]
	*list = append(*list, t)
	if t.kind == long {
		x.bands.push(t)
	}
}

func kindOf(a *Act) textKind {
	switch {
	case a.Command || a.Runes < shortRunes:
		return trivial
	case a.Runes < longRunes:
		return short
	}
	return long
}

// hear remembers a voice: the latest comment of each, and of more than 16 those of the smallest ranks.
func (t *text) hear(v voice) {
	for i := range t.voices {
		if t.voices[i].person == v.person {
			t.voices[i] = v
			return
		}
	}
	r := rank(v.person)
	if r >= t.below {
		return
	}
	if len(t.voices) < voicesMax {
		t.voices = append(t.voices, v)
		return
	}
	t.voices = slices.DeleteFunc(t.voices, func(o voice) bool { return o.pane <= v.pane-textPanes })
	t.voices = append(t.voices, v)
	if len(t.voices) <= voicesMax {
		return
	}
	most := 0
	for i := range t.voices {
		if rank(t.voices[i].person) > rank(t.voices[most].person) {
			most = i
		}
	}
	t.below = rank(t.voices[most].person)
	t.voices = slices.Delete(t.voices, most, most+1)
}

// near lists the texts that are one with t, t among them, in no order that counts. It is good until the next call.
func (x *texts) near(t *text) []*text {
	x.found = x.found[:0]
	if t.kind != long {
		x.found = append(x.found, t)
		return x.found
	}
	x.query++
	x.found = x.bands.near(t, x.query, x.found)
	return x.found
}
