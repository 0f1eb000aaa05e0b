package trust

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/stream/event"
)

// version of the encoding.
const version = 1

// Encode writes the state: equal bytes for equal states. About 60 bytes a person, 50 a text of the last minute.
func (s *State) Encode() []byte {
	w := codec.NewWriter(version)
	w.Bool(s.started)
	w.Int(s.pane)
	w.Uint(uint64(len(s.people)))
	for _, id := range sorted(s.people) {
		w.ID(id)
		encodePerson(w, s.people[id])
	}
	s.encodeVerdicts(w)
	listed := s.encodeFloods(w)
	s.encodeTexts(w, listed)
	return w.Done()
}

func sorted[V any](m map[event.ID]V) []event.ID {
	return slices.SortedFunc(maps.Keys(m), compareIDs)
}

func encodePerson(w *codec.Writer, p *person) {
	w.Int(p.lastMS)
	w.Int(p.rhythm.lastMS)
	w.Uint(uint64(p.rhythm.n))
	for _, g := range p.rhythm.gaps[:min(p.rhythm.n, rhythmGaps)] {
		w.Uint(uint64(g))
	}
	w.Uint(uint64(p.said))
	w.Uint(uint64(p.copies))
	w.Uint(uint64(p.own))
	w.Bool(p.isNew)
	w.Int(p.minute)
	for _, n := range p.counts {
		w.Uint(uint64(n))
	}
	w.Bool(p.why != nil)
	if p.why != nil {
		names(w, p.why.dup)
		names(w, p.why.reg)
		names(w, p.why.young)
	}
}

func names(w *codec.Writer, list []string) {
	w.Uint(uint64(len(list)))
	for _, s := range list {
		w.Str(s)
	}
}

func (s *State) encodeVerdicts(w *codec.Writer) {
	live := map[event.ID]verdicts{}
	for id, v := range s.verdicts {
		if v = v.live(s.pane); len(v) > 0 {
			live[id] = v
		}
	}
	w.Uint(uint64(len(live)))
	for _, id := range sorted(live) {
		w.ID(id)
		w.Uint(uint64(len(live[id])))
		for _, v := range live[id] {
			w.Int(v.from - s.pane)
			w.Float(v.weight)
		}
	}
}

// encodeFloods writes the listed floods and returns their numbers, from 1.
func (s *State) encodeFloods(w *codec.Writer) map[*flood]int {
	number := map[*flood]int{}
	for _, f := range s.floods {
		if !f.over {
			number[f] = len(number) + 1
		}
	}
	w.Uint(uint64(len(number)))
	for _, f := range s.floods {
		if f.over {
			continue
		}
		w.Hash(f.hash)
		w.Int(f.accounts)
		w.Int(f.comments)
		w.Int(f.sinceMS)
		w.Int(s.pane - f.last)
		names(w, f.evidence)
	}
	return number
}

// encodeTexts writes the texts by the pane that they were last said in, and in the order there: that is their order
// within a band.
func (s *State) encodeTexts(w *codec.Writer, listed map[*flood]int) {
	w.Uint(uint64(len(s.texts.byHash)))
	for pane := s.pane - textPanes + 1; pane <= s.pane; pane++ {
		for _, t := range s.texts.panes[uint64(pane)%64] {
			if t.last == pane {
				s.encodeText(w, t, listed[t.flood])
			}
		}
	}
}

func (s *State) encodeText(w *codec.Writer, t *text, flood int) {
	w.Hash(t.hash)
	w.Hash(t.sim)
	w.Uint(uint64(t.kind))
	w.Uint(uint64(s.pane - t.last))
	w.Int(t.sinceMS)
	w.Int(t.comments)
	w.Int(t.listed)
	w.Hash(t.below)
	w.Uint(uint64(flood))
	w.Uint(uint64(len(t.voices)))
	for _, v := range t.voices {
		w.ID(v.person)
		w.Int(s.pane - v.pane)
		w.Uint(uint64(v.number))
		w.Str(v.name)
	}
}

// Decode is the inverse of Encode. Bytes that make no sense are an error.
func Decode(b []byte) (*State, error) {
	r := codec.NewReader(b, version)
	s := New()
	s.started, s.pane = r.Bool(), r.Int()
	s.swept = s.pane
	check(r, s.pane > -paneBound && s.pane < paneBound, "pane")
	s.decodePeople(r)
	s.decodeVerdicts(r)
	s.decodeFloods(r)
	s.decodeTexts(r)
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("decoding trust: %w", err)
	}
	return s, nil
}

// paneBound keeps arithmetic on times away from overflow.
const paneBound = 1 << 40

var errState = errors.New("the state makes no sense")

// check fails the reader where what was read breaks an invariant.
func check(r *codec.Reader, ok bool, what string) {
	if !ok {
		r.Fail(fmt.Errorf("%w: %s", errState, what))
	}
}

func (s *State) decodePeople(r *codec.Reader) {
	n := r.Count(30)
	check(r, n <= peopleMax, "people")
	for range n {
		if r.Err() != nil {
			return
		}
		id := r.ID()
		check(r, s.people[id] == nil, "a person twice")
		s.people[id] = s.decodePerson(r)
	}
}

func (s *State) decodePerson(r *codec.Reader) *person {
	p := &person{lastMS: r.Int(), weight: Default}
	p.rhythm.lastMS, p.rhythm.n = r.Int(), uint32(min(r.Uint(), 2*rhythmGaps))
	check(r, p.rhythm.n < 2*rhythmGaps, "rhythm")
	for i := range min(p.rhythm.n, rhythmGaps) {
		g := r.Uint()
		check(r, g <= maxGapMS, "gap")
		p.rhythm.gaps[i] = uint32(g)
	}
	p.reg = p.rhythm.reg()
	p.said, p.copies, p.own = bits32(r), bits32(r), bits32(r)
	check(r, p.copies <= copyBits && p.own <= copyBits, "copies")
	p.isNew = r.Bool()
	p.minute = r.Int()
	check(r, p.minute > -paneBound && p.minute < paneBound, "minute")
	for i := range p.counts {
		n := r.Uint()
		check(r, n < 1<<16, "count")
		p.counts[i] = uint16(n)
	}
	if r.Bool() {
		p.why = &evidence{decodeNames(r), decodeNames(r), decodeNames(r)}
	}
	// Who is judged by something has its evidence, though it may be empty.
	check(r, p.why != nil || p.copies == 0 && p.reg == 0 && !p.isNew, "no evidence")
	return p
}

func bits32(r *codec.Reader) uint32 {
	v := r.Uint()
	check(r, v <= math.MaxUint32, "a number")
	return uint32(v)
}

func decodeNames(r *codec.Reader) (list []string) {
	n := r.Count(1)
	check(r, n <= evidenceMax, "evidence")
	if r.Err() != nil {
		return nil
	}
	for range n {
		list = append(list, r.Str())
	}
	return list
}

func (s *State) decodeVerdicts(r *codec.Reader) {
	for range r.Count(17) {
		if r.Err() != nil {
			return
		}
		id := r.ID()
		n := r.Count(9)
		check(r, n > 0 && n <= DelayPanes+1 && s.verdicts[id] == nil, "verdicts")
		if r.Err() != nil {
			return
		}
		v := make(verdicts, n)
		for i := range v {
			v[i] = verdict{r.Int() + s.pane, r.Float()}
			check(r, v[i].from <= s.pane+DelayPanes && v[i].from > s.pane-2*paneBound, "verdict")
			check(r, i == 0 || v[i].from > v[i-1].from, "order of verdicts")
			check(r, v[i].weight >= minWeight && v[i].weight <= 1, "weight")
		}
		s.verdicts[id] = v
		if p := s.people[id]; p != nil {
			p.weight = v.latest()
		}
		if v.latest() < SuspectBelow {
			check(r, s.people[id] != nil && s.people[id].why != nil, "a suspect nobody knows")
			s.suspects[id] = struct{}{}
		}
	}
}

func (s *State) decodeFloods(r *codec.Reader) {
	n := r.Count(13)
	check(r, n <= floodsMax, "floods")
	for range n {
		if r.Err() != nil {
			return
		}
		f := &flood{hash: r.Hash(), accounts: r.Int(), comments: r.Int(), sinceMS: r.Int()}
		f.last = s.pane - r.Int()
		check(r, f.last <= s.pane && f.last > s.pane-textPanes, "flood")
		f.evidence = decodeNames(r)
		s.floods = append(s.floods, f)
	}
}

func (s *State) decodeTexts(r *codec.Reader) {
	n := r.Count(31)
	check(r, n <= textPanes*textsMax, "texts")
	last := s.pane - textPanes
	for range n {
		if r.Err() != nil {
			return
		}
		t := &text{hash: r.Hash(), sim: r.Hash(), kind: textKind(min(r.Uint(), 255))}
		check(r, t.kind <= long, "kind of text")
		ago := r.Uint()
		check(r, ago < textPanes, "text")
		t.last = s.pane - int64(ago)
		t.sinceMS, t.comments, t.listed, t.below = r.Int(), r.Int(), r.Int(), r.Hash()
		check(r, s.texts.byHash[t.hash] == nil, "a text twice")
		if number := r.Uint(); number > 0 {
			check(r, number <= uint64(len(s.floods)), "flood of a text")
			if r.Err() == nil {
				t.flood = s.floods[number-1]
			}
		}
		t.voices = s.decodeVoices(r)
		check(r, t.kind == trivial || len(t.voices) > 0, "a text that nobody said")
		if r.Err() != nil {
			return
		}
		check(r, t.last >= last, "order of texts")
		last = t.last
		s.texts.byHash[t.hash] = t
		s.texts.enter(t)
	}
}

func (s *State) decodeVoices(r *codec.Reader) []voice {
	n := r.Count(19)
	check(r, n <= voicesMax, "voices")
	if r.Err() != nil {
		return nil
	}
	list := make([]voice, n)
	for i := range list {
		id, ago := r.ID(), r.Int()
		check(r, ago >= 0 && ago < paneBound, "voice")
		list[i] = voice{id, s.pane - ago, bits32(r), r.Str()}
	}
	return list
}
