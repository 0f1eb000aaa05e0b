package event

import "errors"

// ErrOverflow says that a sum of money or of units left the range of an int64 (9.2·10^18 minor units).
var ErrOverflow = errors.New("the sum leaves the range of an int64")

// Add is a + b, or ErrOverflow: a total is right or it is refused, it never wraps.
func Add(a, b int64) (int64, error) {
	if s := a + b; (s > a) == (b > 0) {
		return s, nil
	}
	return 0, ErrOverflow
}

// Sub is a - b, or ErrOverflow.
func Sub(a, b int64) (int64, error) {
	if d := a - b; (d < a) == (b > 0) {
		return d, nil
	}
	return 0, ErrOverflow
}
