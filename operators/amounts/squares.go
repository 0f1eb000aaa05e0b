package amounts

import "math/bits"

// Squares is a sum of squares of int64, as an unsigned integer of 128 bits. Its zero value is 0.
type Squares struct{ Hi, Lo uint64 }

// Add adds x².
func (s *Squares) Add(x int64) { s.Merge(square(x)) }

// Take subtracts x². It may come before the Add that it undoes, for instance in another partition.
func (s *Squares) Take(x int64) {
	q, borrow := square(x), uint64(0)
	s.Lo, borrow = bits.Sub64(s.Lo, q.Lo, 0)
	s.Hi, _ = bits.Sub64(s.Hi, q.Hi, borrow)
}

// Merge adds the sum of another.
func (s *Squares) Merge(o Squares) {
	var carry uint64
	s.Lo, carry = bits.Add64(s.Lo, o.Lo, 0)
	s.Hi, _ = bits.Add64(s.Hi, o.Hi, carry)
}

// Float is the nearest float, or its neighbour: for a view, never to be summed.
func (s Squares) Float() float64 { return float64(float64(s.Hi)*0x1p64) + float64(s.Lo) }

func square(x int64) (q Squares) {
	magnitude := uint64(x)
	if x < 0 {
		magnitude = -magnitude
	}
	q.Hi, q.Lo = bits.Mul64(magnitude, magnitude)
	return q
}

// deviations is n·Σx² - (Σx)², which is n·(n-1) times the variance: in 192 bits, as n·Σx² may need more than 128.
func (s Sum) deviations() float64 {
	n := uint64(s.N)
	h1, l1 := bits.Mul64(s.Squares.Lo, n)
	h2, l2 := bits.Mul64(s.Squares.Hi, n)
	mid, carry := bits.Add64(h1, l2, 0)
	top := h2 + carry
	mean := square(s.Minor)
	lo, borrow := bits.Sub64(l1, mean.Lo, 0)
	mid, borrow = bits.Sub64(mid, mean.Hi, borrow)
	if top, borrow = bits.Sub64(top, 0, borrow); borrow != 0 {
		return 0 // no multiset of amounts has it: a part of a sum whose other part is elsewhere
	}
	return float64(float64(top)*0x1p128) + float64(float64(mid)*0x1p64) + float64(lo)
}
