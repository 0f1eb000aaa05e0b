package trust

import (
	"errors"
	"fmt"
	"math"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/operators/shardset"
)

// version of the encoding. Of 1 is the whole state in one value (whole.go).
const version = 2

// Encode writes what is neither of a person nor of a text: how far the state is, and the listed floods.
func (s *State) Encode() []byte {
	w := codec.NewWriter(version)
	w.Bool(s.started)
	w.Int(s.pane)
	w.Uint(s.numbered)
	n := 0
	for _, f := range s.floods {
		if !f.over {
			n++
		}
	}
	w.Uint(uint64(n))
	for _, f := range s.floods {
		if f.over {
			continue
		}
		w.Uint(f.number)
		w.Hash(f.hash)
		w.Int(f.accounts)
		w.Int(f.comments)
		w.Int(f.sinceMS)
		w.Int(s.pane - f.last)
		names(w, f.evidence)
	}
	return w.Done()
}

// EncodePeople writes the people of a shard, and what is ruled of those whose id is in it. About 60 bytes a person.
func (s *State) EncodePeople(shard int) []byte {
	s.parts.inCut.people.Remove(shard)
	w := codec.NewWriter(version)
	ids := s.parts.known[uint16(shard)]
	w.Uint(uint64(len(ids)))
	for _, id := range ids {
		w.ID(id)
		encodePerson(w, s.people[id])
	}
	ids = s.parts.ruled[uint16(shard)]
	w.Uint(uint64(len(ids)))
	for _, id := range ids {
		w.ID(id)
		w.Uint(uint64(len(s.verdicts[id])))
		for _, v := range s.verdicts[id] {
			w.Int(v.from)
			w.Float(v.weight)
		}
	}
	return w.Done()
}

// EncodeTexts writes the texts last said in a pane, in the order in which they were entered: that is their order within a
// band. About 50 bytes a text.
func (s *State) EncodeTexts(pane int64) []byte {
	bit := uint64(1) << (uint64(pane) % 64)
	s.parts.inCut.texts &^= bit
	s.parts.written |= bit
	w := codec.NewWriter(version)
	list := s.texts.panes[uint64(pane)%64]
	n := 0
	for _, t := range list {
		if t.last == pane {
			n++
		}
	}
	w.Uint(uint64(n))
	for _, t := range list {
		if t.last == pane {
			encodeText(w, t)
		}
	}
	return w.Done()
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

func encodeText(w *codec.Writer, t *text) {
	w.Hash(t.hash)
	w.Hash(t.sim)
	w.Uint(uint64(t.kind))
	w.Int(t.sinceMS)
	w.Int(t.comments)
	w.Int(t.listed)
	w.Hash(t.below)
	w.Uint(t.flood)
	w.Uint(uint64(len(t.voices)))
	for _, v := range t.voices {
		w.ID(v.person)
		w.Int(t.last - v.pane)
		w.Uint(uint64(v.number))
		w.Str(v.name)
	}
}

// Decode is the inverse of Encode: the state to which LoadPeople and LoadTexts add the rest. Bytes that make no sense are
// an error, here and there.
func Decode(b []byte) (*State, error) {
	r := codec.NewReader(b, version)
	s := New()
	s.started, s.pane, s.numbered = r.Bool(), r.Int(), r.Uint()
	check(r, s.pane > -paneBound && s.pane < paneBound, "pane")
	s.decodeFloods(r, func() uint64 { return r.Uint() })
	return s, ended(r)
}

// Readable tells whether a part is of the version that is read here.
func Readable(b []byte) error { return codec.NewReader(b, version).Err() }

// LoadPeople adds a shard of the people.
func (s *State) LoadPeople(shard int, b []byte) error {
	r := codec.NewReader(b, version)
	check(r, shard >= 0 && shard < shardset.Shards, "a shard that there is not")
	s.decodePeople(r, shard)
	s.decodeVerdicts(r, 0, shard)
	if r.Err() == nil {
		s.parts.stored.people.Add(shard)
	}
	return ended(r)
}

// LoadTexts adds the texts of a pane. Panes come in order.
func (s *State) LoadTexts(pane int64, b []byte) error {
	r := codec.NewReader(b, version)
	check(r, pane <= s.pane && pane > s.pane-textPanes, "a pane outside the window")
	for range r.Count(31) {
		if r.Err() != nil {
			break
		}
		t := &text{hash: r.Hash(), sim: r.Hash(), kind: textKind(min(r.Uint(), 255)), last: pane}
		s.decodeText(r, t, pane)
	}
	if r.Err() == nil {
		slot := uint64(pane) % 64
		s.parts.panes[slot] = pane
		s.parts.stored.texts |= 1 << slot
		s.parts.written |= 1 << slot
	}
	return ended(r)
}

func ended(r *codec.Reader) error {
	if err := r.End(); err != nil {
		return fmt.Errorf("decoding trust: %w", err)
	}
	return nil
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

// anyShard is where people may be of any.
const anyShard = -1

func (s *State) decodePeople(r *codec.Reader, shard int) {
	n := r.Count(30)
	check(r, n <= peopleMax-len(s.people), "people")
	for range n {
		if r.Err() != nil {
			return
		}
		id := r.ID()
		check(r, s.people[id] == nil, "a person twice")
		check(r, shard == anyShard || shard == shardOf(id), "a person of another shard")
		s.people[id] = s.decodePerson(r)
		s.parts.known.add(id)
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

// decodeVerdicts reads what is ruled; the panes from which it is are after base.
func (s *State) decodeVerdicts(r *codec.Reader, base int64, shard int) {
	for range r.Count(17) {
		if r.Err() != nil {
			return
		}
		id := r.ID()
		n := r.Count(9)
		check(r, n > 0 && n <= DelayPanes+1 && s.verdicts[id] == nil, "verdicts")
		check(r, shard == anyShard || shard == shardOf(id), "verdicts of another shard")
		if r.Err() != nil {
			return
		}
		v := make(verdicts, n)
		for i := range v {
			v[i] = verdict{r.Int() + base, r.Float()}
			check(r, v[i].from <= s.pane+DelayPanes && v[i].from > s.pane-2*paneBound, "verdict")
			check(r, i == 0 || v[i].from > v[i-1].from, "order of verdicts")
			check(r, v[i].weight >= minWeight && v[i].weight <= 1, "weight")
		}
		s.verdicts[id] = v
		s.parts.ruled.add(id)
		if p := s.people[id]; p != nil {
			p.weight = v.latest()
		}
		if v.latest() < SuspectBelow {
			check(r, s.people[id] != nil && s.people[id].why != nil, "a suspect nobody knows")
			s.suspects[id] = struct{}{}
		}
	}
}

func (s *State) decodeFloods(r *codec.Reader, number func() uint64) {
	n := r.Count(13)
	check(r, n <= floodsMax, "floods")
	for range n {
		if r.Err() != nil {
			return
		}
		f := &flood{number: number()}
		check(r, f.number > 0 && f.number <= s.numbered && s.listed(f.number) == nil, "number of a flood")
		f.hash, f.accounts, f.comments, f.sinceMS = r.Hash(), r.Int(), r.Int(), r.Int()
		f.last = s.pane - r.Int()
		check(r, f.last <= s.pane && f.last > s.pane-textPanes, "flood")
		f.evidence = decodeNames(r)
		s.floods = append(s.floods, f)
	}
}

// decodeText reads what a text has beside its pane, and enters it; its voices' panes are before base.
func (s *State) decodeText(r *codec.Reader, t *text, base int64) {
	check(r, t.kind <= long, "kind of text")
	check(r, s.texts.byHash[t.hash] == nil && len(s.texts.byHash) < textPanes*textsMax, "texts")
	t.sinceMS, t.comments, t.listed, t.below = r.Int(), r.Int(), r.Int(), r.Hash()
	t.flood = r.Uint()
	check(r, t.flood <= s.numbered, "flood of a text")
	t.voices = s.decodeVoices(r, base)
	check(r, t.kind == trivial || len(t.voices) > 0, "a text that nobody said")
	if r.Err() != nil {
		return
	}
	s.texts.byHash[t.hash] = t
	s.texts.enter(t)
}

func (s *State) decodeVoices(r *codec.Reader, base int64) []voice {
	n := r.Count(19)
	check(r, n <= voicesMax, "voices")
	if r.Err() != nil {
		return nil
	}
	list := make([]voice, n)
	for i := range list {
		id, ago := r.ID(), r.Int()
		check(r, ago >= 0 && ago < paneBound, "voice")
		list[i] = voice{id, base - ago, bits32(r), r.Str()}
	}
	return list
}
