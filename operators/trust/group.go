package trust

import (
	"cmp"
	"math"
	"slices"

	"github.com/netsu/netsu/stream/event"
)

// When a text that several accounts say in 60 s is a flood, and when a chant.
//
// [JUDG] The model asks for 3 others, and calls what more than 5 % of the active heads say a chant. Recorded shows
// without any known bot say more:
//
//   - Of comments that four people have made within a minute, 70 to 85 % have one to three runes in the Indonesian
//     shows (a letter, an emoji); on a German day 69 % are votes ("!kino …"). Most of the rest are shouts and answers
//     of 4 to 11 runes ("なるほど", "billig"): 57 of the 70 floods that the model's rule, with 9 accounts for short texts,
//     still saw in five shows. So few runes are shared by chance, and posting them sells nothing. Below 4 runes and for
//     commands they are no evidence (text.go, kindOf). From 4 to 11, they are if 9 accounts say it that never say
//     anything of their own. From 12 runes on, coincidence ends.
//   - A share alone lets a botnet acquit itself by being large. So a chant of 12 runes and more needs voices that say
//     things of their own too. Short ones do not: a show begins with everybody's greeting, and nobody has said more.
//
// Voices say things of their own if a quarter of those remembered have, among their last 20 comments, one that nobody
// else said in the 60 s before. Only floods of voices that do not are listed for people to look at: of 13 others in
// those five shows (57,000 comments), 12 were many saying the same in their own right, and one is still listed.
const (
	floodLong   = 4 // accounts, of whom each has 3 others
	floodShort  = 9 // likewise
	chantPeople = 8
	chantPart   = 20 // 1/20 of the active heads
	chantOwn    = 4  // 1/4 of the voices
	floodsMax   = 64
)

// flood is a listed lookalike flood.
type flood struct {
	number   uint64 // from 1 on
	hash     uint64 // of the text it was recognised by
	accounts int64  // in the last 60 s, when it was last said
	comments int64  // since sinceMS
	sinceMS  int64
	last     int64 // pane
	evidence []string
	over     bool // no longer listed
}

// utterance is a comment of the pane at hand.
type utterance struct {
	text   *text
	id     event.ID
	who    *person
	number uint32
	name   string
}

// textRef is the place of a comment in s.said, by what its text is judged with: itself, or of long texts all that have
// the same likeness, since they are near to the same others.
type textRef struct {
	like uint64
	long bool
	at   int32
	text *text
}

// voicesPerPane bounds the work of a pane in which thousands of texts are all but the same: groups beyond it, those of
// the greatest likeness, are not judged in this pane.
const voicesPerPane = 1 << 16

// judgeTexts looks at the texts of the pane, group by group.
func (s *State) judgeTexts(active int64) {
	s.byText = s.byText[:0]
	for i, u := range s.said {
		switch u.text.kind {
		case trivial:
		case long:
			s.byText = append(s.byText, textRef{like: u.text.sim, long: true, at: int32(i), text: u.text})
		default:
			s.byText = append(s.byText, textRef{like: u.text.hash, at: int32(i), text: u.text})
		}
	}
	slices.SortFunc(s.byText, func(a, b textRef) int {
		switch {
		case a.like != b.like:
			return cmp.Compare(a.like, b.like)
		case a.text != b.text:
			return cmp.Compare(a.text.hash, b.text.hash)
		}
		return cmp.Compare(a.at, b.at)
	})
	voices := 0
	for said := s.byText; len(said) > 0 && voices < voicesPerPane; {
		n := 1
		for n < len(said) && said[n].like == said[0].like && said[n].long == said[0].long {
			n++
		}
		s.judge(said[0].text, said[:n], active)
		voices += len(s.voices)
		said = said[n:]
	}
}

// judge decides what a text, with those near it, is by now.
func (s *State) judge(t *text, said []textRef, active int64) {
	group := s.texts.near(t)
	accounts := s.gather(group)
	if accounts == 1 {
		for _, r := range said {
			s.said[r.at].who.ownWords(s.said[r.at].number)
		}
		return
	}
	many := accounts >= chantPeople && accounts*chantPart > active
	own := s.haveOwnWords()
	flooded := accounts >= floodShort && !many && !own
	if t.kind == long {
		flooded = accounts >= floodLong && !(many && own)
	}
	switch {
	case flooded:
		s.markVoices(true)
		for _, r := range said { // those too many to be remembered, too
			u := &s.said[r.at]
			u.who.mark(u.number, u.name, true)
		}
		if !own { // see above
			s.list(group, t, accounts)
		}
	case many:
		s.markVoices(false)
		for _, g := range group {
			if g.flood == 0 {
				continue
			}
			if f := s.listed(g.flood); f != nil {
				f.over = true
			}
			g.flood = 0
			s.parts.changeText(g)
		}
	}
}

// heard is a voice of the group at hand, and who it is; p is nil for whom nobody remembers.
type heard struct {
	*voice
	p *person
}

// gather collects in s.voices who said the texts of a group in the last 60 s, one voice for each of their comments that
// is remembered, those of a person side by side; and estimates how many accounts they are.
func (s *State) gather(group []*text) int64 {
	s.voices = s.voices[:0]
	below := uint64(math.MaxUint64)
	for _, t := range group {
		below = min(below, t.below)
	}
	for _, t := range group {
		for i := range t.voices {
			v := &t.voices[i]
			if v.pane > s.pane-textPanes && (below == math.MaxUint64 || rank(v.person) < below) {
				s.voices = append(s.voices, heard{voice: v})
			}
		}
	}
	n := len(s.voices)
	if len(group) > 1 { // a text has each person once
		slices.SortFunc(s.voices, func(a, b heard) int {
			if c := compareIDs(a.person, b.person); c != 0 {
				return c
			}
			return cmp.Compare(a.number, b.number)
		})
		for i := 1; i < len(s.voices); i++ {
			if s.voices[i].person == s.voices[i-1].person {
				n--
			}
		}
	}
	if n > 1 {
		for i := range s.voices {
			s.voices[i].p = s.people[s.voices[i].person]
		}
	}
	if below == math.MaxUint64 {
		return int64(n)
	}
	return int64(math.Round(float64(n) / (float64(below) / (1 << 64))))
}

// haveOwnWords tells whether at least a quarter of the voices also say things that nobody else says: other things than
// the one at hand.
func (s *State) haveOwnWords() bool {
	people, own := 0, 0
	s.unown()
	for i, v := range s.voices {
		if i > 0 && v.person == s.voices[i-1].person {
			continue
		}
		people++
		if v.p != nil && v.p.own != 0 {
			own++
		}
	}
	return own*chantOwn >= people
}

// unown says that what the voices said is not theirs alone.
func (s *State) unown() {
	for _, v := range s.voices {
		if v.p != nil {
			if back := v.p.said - v.number; back < copiesOf {
				if bit := uint32(1) << back; v.p.own&bit != 0 {
					v.p.own &^= bit
					s.parts.changePerson(v.person)
				}
			}
		}
	}
}

func (s *State) markVoices(copied bool) {
	for _, v := range s.voices {
		if v.p != nil {
			v.p.mark(v.number, v.name, copied)
			s.touch(v.person, v.p)
		}
	}
}

// list enters a flood, or goes on with it. Beyond 64 floods at a time, further ones are not listed.
func (s *State) list(group []*text, t *text, accounts int64) {
	var f *flood
	for _, g := range group {
		if l := s.listed(g.flood); l != nil && (f == nil || compareFloods(l, f) < 0) {
			f = l
		}
	}
	if f == nil {
		if len(s.floods) >= floodsMax {
			return
		}
		s.numbered++
		f = &flood{number: s.numbered, hash: t.hash, sinceMS: t.sinceMS}
		s.floods = append(s.floods, f)
	}
	for _, g := range group {
		if g.flood == f.number && g.listed == g.comments {
			continue
		}
		s.parts.changeText(g)
		if g.flood != f.number {
			g.flood = f.number
			g.listed = 0
			f.sinceMS = min(f.sinceMS, g.sinceMS)
		}
		f.comments += g.comments - g.listed
		g.listed = g.comments
	}
	f.accounts, f.last = accounts, s.pane
	if len(f.evidence) == evidenceMax {
		return
	}
	slices.SortFunc(s.voices, func(a, b heard) int {
		if c := cmp.Compare(a.pane, b.pane); c != 0 {
			return c
		}
		return cmp.Compare(a.name, b.name)
	})
	for _, v := range s.voices {
		if len(f.evidence) < evidenceMax && !slices.Contains(f.evidence, v.name) {
			f.evidence = keep(f.evidence, v.name)
		}
	}
}

// listed is the flood of a number, nil where it is over.
func (s *State) listed(number uint64) *flood {
	for _, f := range s.floods {
		if f.number == number && !f.over {
			return f
		}
	}
	return nil
}

func compareFloods(a, b *flood) int {
	if c := cmp.Compare(a.sinceMS, b.sinceMS); c != 0 {
		return c
	}
	return cmp.Compare(a.hash, b.hash)
}

// expireFloods takes off the list what nobody has said for 60 s.
func (s *State) expireFloods() {
	s.floods = slices.DeleteFunc(s.floods, func(f *flood) bool {
		f.over = f.over || f.last <= s.pane-textPanes
		return f.over
	})
}
