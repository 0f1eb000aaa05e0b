package likeness

import (
	"math"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event"
)

// SketchSize is k, the minima of a sketch.
const SketchSize = 128

// Sketch is the MinHash of a set of people: one permutation, cut into 128 parts, the least of each part (Li, Owen,
// Zhang 2012, "One permutation hashing"). One hash a person, whatever the k; nothing has to be known of who is in
// already. The union of two sets has the minima of both.
//
// The zero Sketch is of nobody: a part holds how far its least value is below the greatest there is.
type Sketch [SketchSize]uint32

// Add takes a person in, again or not. A person's id is a keyed hash; the mixing is for ids that are not.
func (s *Sketch) Add(person event.ID) {
	h := mix(person.Hi ^ mix(person.Lo))
	part, value := h>>57, uint32(h)
	s[part] = max(s[part], ^value, 1)
}

// Merge is the union.
func (s *Sketch) Merge(o *Sketch) {
	for i := range s {
		s[i] = max(s[i], o[i])
	}
}

// Jaccard estimates how much of two sets together is in both: of the parts that hold anybody, those with the same
// least. It is unbiased; se is sqrt(J(1-J)/parts), at most .044 where all parts hold somebody.
func (s *Sketch) Jaccard(o *Sketch) (j, se float64) {
	same, held := 0, 0
	for i := range s {
		if s[i] == 0 && o[i] == 0 {
			continue
		}
		held++
		if s[i] == o[i] {
			same++
		}
	}
	if held == 0 {
		return 0, 0
	}
	j = float64(same) / float64(held)
	return j, math.Sqrt(float64(j*(1-j)) / float64(held))
}

// Size estimates how many people were added, within some 9 % (1/sqrt(k)). The least of a part to which λ of them fell
// is (1-e^-λ)/λ of the way up, on average, where that of an empty part is all the way.
func (s *Sketch) Size() float64 {
	var below uint64
	for _, v := range s {
		below += uint64(v)
	}
	if below == 0 {
		return 0
	}
	up := 1 - float64(below)/(SketchSize*float64(1<<32))
	lo, hi := 0., float64(1<<32)
	for range 80 { // it falls with λ: halve until there is nothing between
		λ := (lo + hi) / 2
		if (1-stable.Exp(-λ))/λ > up {
			lo = λ
		} else {
			hi = λ
		}
	}
	return (lo + hi) / 2 * SketchSize
}
