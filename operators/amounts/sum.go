package amounts

import (
	"math"

	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/stream/event"
)

// Sum is of amounts of one currency, in its minor units. Its zero value is empty.
type Sum struct {
	N       int64 // amounts that are not zero
	Minor   int64
	Squares Squares
}

// Add takes x in. The error is event.ErrOverflow, and then nothing has changed.
func (s *Sum) Add(x int64) error {
	minor, err := event.Add(s.Minor, x)
	if err != nil {
		return err
	}
	s.Minor = minor
	if x != 0 {
		s.N++
		s.Squares.Add(x)
	}
	return nil
}

// Take takes x out again: the inverse of Add.
func (s *Sum) Take(x int64) error {
	minor, err := event.Sub(s.Minor, x)
	if err != nil {
		return err
	}
	s.Minor = minor
	if x != 0 {
		s.N--
		s.Squares.Take(x)
	}
	return nil
}

// Replace is what a later version of an order does: its former amount out, its new one in. Either may be 0.
func (s *Sum) Replace(former, amount int64) error {
	next := *s
	if err := next.Take(former); err != nil {
		return err
	}
	if err := next.Add(amount); err != nil {
		return err
	}
	*s = next
	return nil
}

// Mean is the mean amount, 0 of none.
func (s Sum) Mean() float64 {
	if s.N <= 0 {
		return 0
	}
	return float64(s.Minor) / float64(s.N)
}

// Variance is the amounts' variance (n-1 below the line), 0 of fewer than two. Σx² - n·m² is exact before it is divided:
// as one float less another it would be noise where amounts are large and alike.
func (s Sum) Variance() float64 {
	if s.N < 2 {
		return 0
	}
	return s.deviations() / float64(s.N) / float64(s.N-1)
}

// Spread is √Σx²/Σx: the relative standard deviation of the sum when amounts come as a Poisson process (MODEL §5). 0
// where the sum is not above zero.
func (s Sum) Spread() float64 {
	if s.Minor <= 0 {
		return 0
	}
	return math.Sqrt(s.Squares.Float()) / float64(s.Minor)
}

// Encode writes s; Decode reads it.
func (s Sum) Encode(w *codec.Writer) {
	w.Int(s.N)
	w.Int(s.Minor)
	w.Uint(s.Squares.Hi)
	w.Uint(s.Squares.Lo)
}

// Decode is the inverse of Encode.
func Decode(r *codec.Reader) Sum {
	return Sum{N: r.Int(), Minor: r.Int(), Squares: Squares{Hi: r.Uint(), Lo: r.Uint()}}
}
