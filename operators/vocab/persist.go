package vocab

import (
	"errors"
	"math"
	"slices"

	"github.com/netsu/netsu/operators/codec"
)

// encodingVersion is that of the state.
const encodingVersion = 1

// Encode is the whole state: equal vocabularies give equal bytes.
func (v *Vocabulary) Encode() []byte {
	w := codec.NewWriter(encodingVersion)
	w.Bool(v.started)
	w.Int(v.pane)
	w.Uint(uint64(len(v.slots)))
	for i, word := range v.words {
		if word != 0 {
			w.Uint(uint64(i))
			w.Bool(v.pinned[i])
			w.Hash(word)
		}
	}
	words := make([]uint64, 0, len(v.counts))
	for word := range v.counts { // sorted below
		words = append(words, word)
	}
	slices.Sort(words)
	w.Uint(uint64(len(words)))
	for _, word := range words {
		w.Hash(word)
		w.Float(v.counts[word])
	}
	return w.Done()
}

var errState = errors.New("the vocabulary's state makes no sense")

// Decode is the inverse of Encode. Bytes that Encode cannot have written are an error.
func Decode(b []byte) (*Vocabulary, error) {
	r := codec.NewReader(b, encodingVersion)
	v := New()
	v.started, v.pane = r.Bool(), r.Int()
	v.decodeSlots(r)
	last := uint64(0)
	for i := range r.Count(16) {
		word, count := r.Hash(), r.Float()
		if i >= candidates || word <= last || !(count > 0) || math.IsInf(count, 0) {
			r.Fail(errState)
			break
		}
		last, v.counts[word] = word, count
	}
	if err := r.End(); err != nil {
		return nil, err
	}
	return v, nil
}

func (v *Vocabulary) decodeSlots(r *codec.Reader) {
	next, pinned := uint64(0), 0
	for range r.Count(10) {
		slot, pin, word := r.Uint(), r.Bool(), r.Hash()
		if _, twice := v.slots[word]; twice || word == 0 || slot < next || slot >= Slots {
			r.Fail(errState)
			return
		}
		if pin {
			pinned++
		}
		v.words[slot], v.pinned[slot], v.slots[word] = word, pin, uint16(slot)
		next = slot + 1
	}
	if pinned > PinnedMax {
		r.Fail(errState)
	}
}
