package amounts_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/netsu/netsu/operators/amounts"
	"github.com/netsu/netsu/operators/codec"
	"github.com/netsu/netsu/stream/event"
	"pgregory.net/rapid"
)

var draws = rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-1<<53, 1<<53)), 0, 40)

func sum(t interface{ Fatal(...any) }, of []int64) (s amounts.Sum) {
	for _, x := range of {
		if err := s.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestSumIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := draws.Draw(t, "amounts")
		squares, n := new(big.Int), int64(0)
		total := int64(0)
		for _, x := range of {
			squares.Add(squares, new(big.Int).Mul(big.NewInt(x), big.NewInt(x)))
			total += x
			if x != 0 {
				n++
			}
		}
		s := sum(t, of)
		got := new(big.Int).SetUint64(s.Squares.Hi)
		got.Add(got.Lsh(got, 64), new(big.Int).SetUint64(s.Squares.Lo))
		if got.Cmp(squares) != 0 || s.Minor != total || s.N != n {
			t.Fatalf("%+v, want n %d, sum %d, squares %v", s, n, total, squares)
		}
		if n < 2 {
			return
		}
		of2 := new(big.Int).Mul(squares, big.NewInt(n))
		of2.Sub(of2, new(big.Int).Mul(big.NewInt(total), big.NewInt(total)))
		want, _ := new(big.Rat).SetFrac(of2, new(big.Int).Mul(big.NewInt(n), big.NewInt(n-1))).Float64()
		if got := s.Variance(); math.Abs(got-want) > 1e-14*want {
			t.Fatalf("variance %v, want %v", got, want)
		}
	})
}

// Any order of the amounts, versions that replace each other: the same to the bit.
func TestSumIsAFunctionOfTheAmounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := draws.Draw(t, "amounts")
		want := sum(t, of)
		shuffled := rapid.Permutation(of).Draw(t, "order")
		a := sum(t, shuffled)
		former, amount := rapid.Int64Range(-1<<40, 1<<40).Draw(t, "former"), rapid.Int64Range(0, 1<<40).Draw(t, "amount")
		if err := errors.Join(a.Replace(former, amount), a.Replace(amount, former)); err != nil {
			t.Fatal(err)
		}
		if a != want {
			t.Fatalf("%+v, want %+v", a, want)
		}
		w := codec.NewWriter(1)
		a.Encode(w)
		r := codec.NewReader(w.Done(), 1)
		if got := amounts.Decode(r); got != want || r.End() != nil {
			t.Fatalf("decoded %+v, %v", got, r.End())
		}
	})
}

func TestClosedForms(t *testing.T) {
	s := sum(t, []int64{3, 0, 4, 5}) // the zero is no order
	if s.N != 3 || s.Mean() != 4 || s.Variance() != 1 || s.Spread() != math.Sqrt(50)/12 {
		t.Errorf("n %d, mean %v, variance %v, spread %v", s.N, s.Mean(), s.Variance(), s.Spread())
	}
	if s = sum(t, []int64{-7}); s.Mean() != -7 || s.Variance() != 0 || s.Spread() != 0 {
		t.Errorf("one refund: mean %v, variance %v, spread %v", s.Mean(), s.Variance(), s.Spread())
	}
	if s = (amounts.Sum{}); s.Mean() != 0 || s.Variance() != 0 || s.Spread() != 0 {
		t.Error("nothing must be zero")
	}
}

// Two amounts of 9e15 that differ by 2 have variance 2, of which floats would see nothing.
func TestVarianceDoesNotCancel(t *testing.T) {
	if got := sum(t, []int64{9e15, 9e15 + 2}).Variance(); got != 2 {
		t.Errorf("variance %v, want 2", got)
	}
	// Three times the squares needs more than 128 bits, with a carry between the words.
	s := amounts.Sum{N: 3, Squares: amounts.Squares{Hi: math.MaxUint64 / 3, Lo: math.MaxUint64}}
	if got, want := s.Variance(), s.Squares.Float()/2; math.Abs(got/want-1) > 1e-14 {
		t.Errorf("variance %v, want %v", got, want)
	}
}

func TestOverflowIsRefusedAndChangesNothing(t *testing.T) {
	s := sum(t, []int64{math.MaxInt64})
	before := s
	for name, err := range map[string]error{
		"add": s.Add(1), "take": s.Take(-1), "replace": s.Replace(-1, 5),
	} {
		if !errors.Is(err, event.ErrOverflow) || s != before {
			t.Errorf("%s: %v, %+v", name, err, s)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{1, 2, 4, 0, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := codec.NewReader(b, 1)
		s := amounts.Decode(r)
		if r.End() != nil {
			return
		}
		_, _, _ = s.Mean(), s.Variance(), s.Spread() // no panic, whatever was read
	})
}
