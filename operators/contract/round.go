package contract

import (
	"math"
	"math/bits"
)

// roundDiv is hi:lo / by, half to even. The quotient must be below 2^63.
func roundDiv(hi, lo, by uint64) int64 {
	q, rest := bits.Div64(hi, lo, by)
	if left := by - rest; rest > left || rest == left && q%2 == 1 {
		q++
	}
	return int64(q)
}

// mulDiv is a × b / by, half to even; none is negative, b is at most by, and by is not 0.
func mulDiv(a, b, by int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	return roundDiv(hi, lo, uint64(by))
}

// scale is minor × ppm / 10^6, half to even; ppm is at most 10^6.
func scale(minor, ppm int64) int64 { return mulDiv(minor, ppm, PPM) }

// times is a × b, at most the greatest int64; neither is negative, but a b below zero counts as zero.
func times(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(max(0, b)))
	if hi != 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}
