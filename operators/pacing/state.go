package pacing

import (
	"cmp"
	"errors"
	"slices"

	"github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/stream/event"
)

const (
	slotMS   = 240_000 // the 4 minutes of MODEL §5's Fano factor
	slotsMax = 4096
)

// State is what is kept of a campaign's orders, in one currency. Its zero value is empty.
type State struct {
	Sum   amounts.Sum
	slots []slot // by number
	// Where slots have been forgotten, the first of them: from there on nothing is counted.
	full bool
	end  int64
}

// slot counts the orders of 4 minutes.
type slot struct{ number, n int64 }

// Replace takes an order's former amount out and puts its next one in: 0 before it is known, and after all of it was
// taken back. atMS is when it was placed. The error is event.ErrOverflow, and then nothing has changed.
func (s *State) Replace(atMS, former, next int64) error {
	if err := s.Sum.Replace(former, next); err != nil {
		return err
	}
	s.count(event.FloorDiv(atMS, slotMS), isOrder(next)-isOrder(former))
	return nil
}

func (s *State) count(number, n int64) {
	if n == 0 || s.full && number >= s.end {
		return
	}
	i, there := slices.BinarySearchFunc(s.slots, number, func(b slot, number int64) int {
		return cmp.Compare(b.number, number)
	})
	if !there {
		s.slots = slices.Insert(s.slots, i, slot{number: number})
	}
	if s.slots[i].n += n; s.slots[i].n == 0 {
		s.slots = slices.Delete(s.slots, i, i+1)
	}
	if len(s.slots) > slotsMax {
		s.full, s.end = true, s.slots[slotsMax].number
		s.slots = s.slots[:slotsMax]
	}
}

// Encode writes s; Decode reads it.
func (s *State) Encode(w *codec.Writer) {
	s.Sum.Encode(w)
	w.Uint(uint64(len(s.slots)))
	last := int64(0)
	for _, b := range s.slots {
		w.Int(b.number - last)
		w.Int(b.n)
		last = b.number
	}
	w.Bool(s.full)
	w.Int(s.end)
}

// Decode is the inverse of Encode. Slots out of order are an error of the reader.
func Decode(r *codec.Reader) *State {
	s := &State{Sum: amounts.Decode(r)}
	n, last := r.Count(2), int64(0)
	if n > slotsMax {
		r.Fail(errors.New("more slots of pacing than there can be"))
		return &State{}
	}
	for i := range n {
		b := slot{number: last + r.Int(), n: r.Int()}
		if i > 0 && b.number <= last || b.n == 0 {
			r.Fail(errors.New("slots of pacing out of order, or empty"))
			return &State{}
		}
		s.slots = append(s.slots, b)
		last = b.number
	}
	s.full, s.end = r.Bool(), r.Int()
	return s
}

func isOrder(amount int64) int64 {
	if amount != 0 {
		return 1
	}
	return 0
}
