package journey

import (
	"cmp"
	"math/bits"
	"slices"
)

// split divides an amount over weights by largest remainder (MODEL §5): the shares sum to the amount exactly, each is
// less than one unit from its quota, equal remainders go to the lower index. Weights are not negative; where all are
// zero, all count alike. Weights are halved together while their sum leaves an int64. There must be at least one.
func split(amount int64, weights []int64) []int64 {
	w, sum := summable(weights)
	abs, sign := uint64(amount), int64(1)
	if amount < 0 {
		abs, sign = -uint64(amount), -1
	}
	shares := make([]int64, len(w))
	rest := make([]uint64, len(w))
	left := abs
	for i, weight := range w {
		hi, lo := bits.Mul64(abs, weight)
		var q uint64
		q, rest[i] = bits.Div64(hi, lo, sum) // fits: weight ≤ sum, so q ≤ abs
		shares[i] = sign * int64(q)
		left -= q
	}
	if left == 0 {
		return shares
	}
	order := make([]int, len(w))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rest[b], rest[a]) })
	for _, i := range order[:left] {
		shares[i] += sign
	}
	return shares
}

// summable returns the weights as numbers whose sum fits, and that sum, which is not zero.
func summable(weights []int64) (w []uint64, sum uint64) {
	w = make([]uint64, len(weights))
	for shift := uint(0); ; shift++ {
		sum = 0
		var over uint64
		for i, weight := range weights {
			var carry uint64
			w[i] = uint64(weight) >> shift
			sum, carry = bits.Add64(sum, w[i], 0)
			over |= carry
		}
		if over == 0 {
			break
		}
	}
	if sum == 0 {
		for i := range w {
			w[i] = 1
		}
		sum = uint64(len(w))
	}
	return w, sum
}
