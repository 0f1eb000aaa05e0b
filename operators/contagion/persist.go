package contagion

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"github.com/netsu/netsu/operators/codec"
)

// The state, in this order; a Frozen one is the first byte alone:
//
//	started
//	pane, silent, young, quiet, uses, tokens, seen, prompts, transcript, pins
//	words     slot, flags; num, exp; panes since the prompt, X, Y where the flags say that there are such
//	window    panes since it began; both generations: panes since the use, slot, person, sorted by them
//	lexical, reply   whether it is there; its sums
//	total     the ring from its oldest second: 2·acts + call; what came before it, where it is full
//
// Of the older generation only what still counts is written.

const (
	hasPrompt = 1 << iota
	hasTrace
	hasReply
	isMasked
)

// Encode writes the state. Equal histories, whatever the order within their panes, write the same bytes.
func (s *State) Encode(w *codec.Writer) {
	w.Bool(s.started)
	if !s.started {
		return
	}
	w.Int(s.pane)
	w.Int(s.silent)
	w.Int(s.young)
	w.Int(s.quiet)
	floats(w, []float64{s.uses, s.tokens, s.seen, s.prompts})
	w.Bool(s.transcript)
	w.Bool(s.pins)
	w.Uint(uint64(len(s.words)))
	for i := range s.words {
		s.words[i].encode(w, s.pane)
	}
	s.window.encode(w, s.pane)
	s.lexical.encode(w)
	s.reply.encode(w)
	s.total.encode(w)
}

// Decode is the inverse of Encode. What no Encode has written is the reader's error, and leaves the state Frozen.
func (s *State) Decode(r *codec.Reader) {
	*s = State{}
	if s.started = r.Bool(); !s.started {
		return
	}
	s.pane = r.Int()
	s.silent = inRange(r, r.Int(), silentPanes-1)
	s.young = inRange(r, r.Int(), math.MaxInt64)
	s.quiet = inRange(r, r.Int(), math.MaxInt32)
	for _, x := range []*float64{&s.uses, &s.tokens, &s.seen, &s.prompts} {
		*x = amount(r)
	}
	s.transcript, s.pins = r.Bool(), r.Bool()
	last := -1
	for range limited(r, 18, Slots) {
		var w word
		w.decode(r, s.pane)
		if int(w.slot) <= last {
			r.Fail(errors.New("slots are out of order"))
			break
		}
		last = int(w.slot)
		s.words = append(s.words, w)
	}
	s.window.decode(r, s.pane)
	s.lexical = decodeSums(r, kernels)
	s.reply = decodeSums(r, kernels+replyKernels)
	s.total.decode(r)
	if r.Err() != nil {
		*s = State{}
		return
	}
	s.index()
}

func floats(w *codec.Writer, v []float64) {
	for _, x := range v {
		w.Float(x)
	}
}

// inRange reads what is in [0, most].
func inRange(r *codec.Reader, v, most int64) int64 {
	if v < 0 || v > most {
		r.Fail(errors.New("a number is out of its range"))
		return 0
	}
	return v
}

// amount reads what is not negative and of a size that no show reaches, so that nothing that it is added to becomes
// infinite.
func amount(r *codec.Reader) float64 {
	v := number(r)
	if v < 0 || v > 1e18 {
		r.Fail(errors.New("an amount is out of its range"))
		return 0
	}
	return v
}

func number(r *codec.Reader) float64 {
	v := r.Float()
	if !(math.Abs(v) <= 1e60) {
		r.Fail(errors.New("a number is out of its range"))
		return 0
	}
	return v
}

// limited is a count of items of at least size bytes, at most most.
func limited(r *codec.Reader, size, most int) int {
	return int(inRange(r, int64(r.Count(size)), int64(most)))
}

func (w *word) encode(to *codec.Writer, pane int64) {
	flags := uint64(0)
	if w.ever {
		flags |= hasPrompt
	}
	if w.trace != [kernels]float64{} {
		flags |= hasTrace
	}
	if w.reply != [replyKernels]float64{} {
		flags |= hasReply
	}
	if w.masked {
		flags |= isMasked
	}
	to.Uint(uint64(w.slot))
	to.Uint(flags)
	to.Float(w.num)
	to.Float(w.exp)
	if w.ever {
		to.Int(pane - w.prompted)
	}
	if flags&hasTrace != 0 {
		floats(to, w.trace[:])
	}
	if flags&hasReply != 0 {
		floats(to, w.reply[:])
	}
}

func (w *word) decode(r *codec.Reader, pane int64) {
	w.slot = uint16(inRange(r, int64(r.Uint()&math.MaxInt64), Slots-1))
	flags := r.Uint()
	w.masked = flags&isMasked != 0
	w.num, w.exp = amount(r), amount(r)
	if w.ever = flags&hasPrompt != 0; w.ever {
		w.prompted = pane - inRange(r, r.Int(), math.MaxInt32)
	}
	if flags&hasTrace != 0 {
		for j := range w.trace {
			w.trace[j] = amount(r)
		}
	}
	if flags&hasReply != 0 {
		for j := range w.reply {
			w.reply[j] = amount(r)
		}
	}
}

func (w *window) encode(to *codec.Writer, pane int64) {
	to.Int(pane - w.began)
	for _, t := range []*table{&w.young, &w.old} {
		var uses []use
		for _, e := range t.uses {
			if e.used && (t == &w.young || since(&e, pane) < firstPanes) {
				e.pane = min(since(&e, pane), firstPanes)
				uses = append(uses, e)
			}
		}
		slices.SortFunc(uses, func(a, b use) int {
			return cmp.Or(cmp.Compare(a.pane, b.pane), cmp.Compare(a.slot, b.slot), cmp.Compare(a.person, b.person))
		})
		to.Uint(uint64(len(uses)))
		for _, e := range uses {
			to.Uint(uint64(e.pane))
			to.Uint(uint64(e.slot))
			to.Hash(e.person)
		}
	}
}

func (w *window) decode(r *codec.Reader, pane int64) {
	w.began = pane - inRange(r, r.Int(), firstPanes)
	for _, t := range []*table{&w.young, &w.old} {
		for range r.Count(10) {
			age := inRange(r, int64(r.Uint()&math.MaxInt64), firstPanes)
			slot := inRange(r, int64(r.Uint()&math.MaxInt64), Slots-1)
			e, found := t.put(r.Hash(), uint16(slot))
			if found {
				r.Fail(errors.New("a use is there twice"))
				return
			}
			e.pane = uint32(pane) - uint32(age)
		}
	}
}

func (s *sums) encode(w *codec.Writer) {
	w.Bool(s != nil)
	if s != nil {
		floats(w, s.first)
		floats(w, s.second)
	}
}

func decodeSums(r *codec.Reader, p int) *sums {
	if !r.Bool() {
		return nil
	}
	s := newSums(p)
	for i := range s.first {
		s.first[i] = number(r)
	}
	for i := range s.second {
		s.second[i] = number(r)
	}
	return s
}

func (t *total) encode(w *codec.Writer) {
	w.Uint(uint64(len(t.ring)))
	for i := range t.ring {
		at := t.ring[(t.head+i)%len(t.ring)]
		v := uint64(at.acts) << 1
		if at.call {
			v |= 1
		}
		w.Uint(v)
	}
	if len(t.ring) == ringPanes {
		floats(w, t.trace[:])
		floats(w, t.pulse[:])
	}
}

func (t *total) decode(r *codec.Reader) {
	n := limited(r, 1, ringPanes)
	for range n {
		v := inRange(r, int64(r.Uint()&math.MaxInt64), 1<<31+1)
		t.ring = append(t.ring, second{int32(v >> 1), v&1 == 1})
	}
	if n < ringPanes {
		return
	}
	for j := range t.trace {
		t.trace[j] = amount(r)
	}
	for j := range t.pulse {
		t.pulse[j] = amount(r)
	}
}
