package journey

import (
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The examples of MODEL §5.
func TestSplitExamples(t *testing.T) {
	for _, c := range []struct {
		name    string
		amount  int64
		weights []int64
		want    []int64
	}{
		{"a thousand in three", 1000, []int64{1, 1, 1}, []int64{334, 333, 333}},
		{"position 40/20/40", 999, []int64{40, 20, 40}, []int64{400, 200, 399}},
		{"largest remainder of 25", 25, []int64{1500, 1500, 900, 500, 500, 200}, []int64{7, 7, 4, 3, 3, 1}},
		{"largest remainder of 26", 26, []int64{1500, 1500, 900, 500, 500, 200}, []int64{8, 8, 5, 2, 2, 1}},
		{"the Alabama paradox above", 139, []int64{814, 974, 403}, []int64{52, 62, 25}},
		{"the Alabama paradox below", 138, []int64{814, 974, 403}, []int64{51, 61, 26}},
		{"no weight at all", 5, []int64{0, 0}, []int64{3, 2}},
		{"a zero weight gets nothing", 5, []int64{0, 7}, []int64{0, 5}},
		{"a debt", -1000, []int64{1, 1, 1}, []int64{-334, -333, -333}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := split(c.amount, c.weights); !slices.Equal(got, c.want) {
				t.Errorf("split(%d, %v) = %v, want %v", c.amount, c.weights, got, c.want)
			}
		})
	}
}

// Shares sum to the amount, and each lies within one unit of its quota, up to the edges of int64.
func TestSplitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64().Draw(t, "amount")
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 9), rapid.Int64Range(0, maxWeight)), 1, 6).
			Draw(t, "weights")
		shares := split(amount, weights)
		sum, whole := new(big.Int), new(big.Int)
		for i := range weights {
			sum.Add(sum, big.NewInt(shares[i]))
			whole.Add(whole, big.NewInt(weights[i]))
		}
		if sum.Cmp(big.NewInt(amount)) != 0 {
			t.Fatalf("shares %v sum to %v, not %d", shares, sum, amount)
		}
		if whole.Sign() == 0 || !whole.IsUint64() {
			return // all count alike, or weights were halved: only the sum is exact
		}
		for i := range weights {
			// |share·whole - amount·weight| < whole
			off := new(big.Int).Mul(big.NewInt(shares[i]), whole)
			off.Sub(off, new(big.Int).Mul(big.NewInt(amount), big.NewInt(weights[i])))
			if off.CmpAbs(whole) >= 0 {
				t.Fatalf("share %d = %d is a unit or more off its quota %d·%d/%v", i, shares[i], amount, weights[i], whole)
			}
		}
	})
}
