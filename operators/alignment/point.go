package alignment

import "math"

// Point is where one text is, packed: so that it can be kept until its place in time is final, when the text itself is
// not. Numbers are shares of the largest, in 127ths; those that round to 0 are left out. Not more than 256 bytes:
//
//	dimension, share, dimension, share …   dimensions ascending, up to 127 pairs
//	share, share … (256)                   where there are more
type Point []byte

const pointSteps = 127

// Pack appends the point of a normalised text; of one of less than two runes, nothing.
func (w *Weights) Pack(text []rune, into []byte) []byte {
	v := w.raw(text)
	largest := int32(0)
	v.each(func(_ int, x int32) { largest = max(largest, x, -x) })
	if largest == 0 {
		return into
	}
	from, steps := len(into), float64(pointSteps)/float64(largest)
	v.each(func(i int, x int32) {
		if q := nearest(float64(x) * steps); q != 0 {
			into = append(into, byte(i), byte(q))
		}
	})
	if len(into)-from < Dimensions {
		return into
	}
	into = into[:from] // too many to name
	for _, x := range v.of {
		into = append(into, byte(nearest(float64(x)*steps)))
	}
	return into
}

func nearest(x float64) int8 { return int8(math.Round(x)) }

// Valid tells whether Take can take it: all that Pack writes is valid.
func (p Point) Valid() bool {
	if len(p) == 0 || len(p) > Dimensions || len(p)%2 != 0 {
		return false
	}
	if len(p) == Dimensions {
		return p.squares() > 0
	}
	for i := 0; i < len(p); i += 2 {
		if p[i+1] == 0 || i > 0 && p[i-2] >= p[i] {
			return false
		}
	}
	return true
}

func (p Point) squares() (sum int64) {
	from, step := p.shares()
	for i := from; i < len(p); i += step {
		sum += int64(int8(p[i])) * int64(int8(p[i]))
	}
	return sum
}

// shares are at every step-th byte from the first on.
func (p Point) shares() (first, step int) {
	if len(p) == Dimensions {
		return 0, 1
	}
	return 1, 2
}

// Take takes in the text that a valid point was packed of.
func (t *Texts) Take(p Point) {
	length := math.Sqrt(float64(p.squares()))
	first, step := p.shares()
	for i := first; i < len(p); i += step {
		dimension := i
		if step == 2 {
			dimension = int(p[i-1])
		}
		t.Sum[dimension] += toLength(int64(int8(p[i])), length)
	}
	t.N++
}
