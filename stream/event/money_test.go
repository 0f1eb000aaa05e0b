package event_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/bojanz/currency"
	"github.com/govalues/decimal"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/event"
)

func TestExponentAgreesWithOracle(t *testing.T) {
	known := map[string]bool{"XCG": true} // in ISO 4217 since 2025, newer than the oracle's list
	for _, code := range currency.GetCurrencyCodes() {
		known[code] = true
		want, _ := currency.GetDigits(code)
		if got, ok := event.Exponent(code); !ok || got != int(want) {
			t.Errorf("Exponent(%s) = %d, %v; the oracle says %d", code, got, ok, want)
		}
	}
	// And nothing else, over all possible codes.
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			for c := 'A'; c <= 'Z'; c++ {
				code := string([]rune{a, b, c})
				if _, ok := event.Exponent(code); ok && !known[code] {
					t.Errorf("Exponent(%s) is known here and not to the oracle", code)
				}
			}
		}
	}
	for _, bad := range []string{"", "usd", "US", "USDX", "U\x00D", "XXX", "XAU", "ÄB"} {
		if _, ok := event.Exponent(bad); ok {
			t.Errorf("Exponent(%q) is ok", bad)
		}
	}
}

func TestParseMinor(t *testing.T) {
	tests := []struct {
		text, currency string
		want           int64
		err            error
	}{
		{"12990.50", "USD", 1299050, nil},
		{"12800", "JPY", 12800, nil},
		{"12800.00", "JPY", 12800, nil},
		{"12800.5", "JPY", 0, event.ErrTooPrecise},
		{"150000", "IDR", 15000000, nil},
		{"1.2345", "KWD", 0, event.ErrTooPrecise},
		{"1.2340", "KWD", 1234, nil},
		{"-0.01", "USD", -1, nil},
		{"-0", "USD", 0, nil},
		{"92233720368547758.07", "USD", math.MaxInt64, nil},
		{"92233720368547758.08", "USD", 0, event.ErrOverflow},
		{"-92233720368547758.07", "USD", -math.MaxInt64, nil},
		{"99999999999999999999", "JPY", 0, event.ErrOverflow},
		{"9223372036854775807", "USD", 0, event.ErrOverflow},
		{"1e3", "USD", 0, event.ErrAmount},
		{"99999999999999999999e1", "USD", 0, event.ErrAmount},
		{"+1", "USD", 0, event.ErrAmount},
		{"1,000", "USD", 0, event.ErrAmount},
		{"1.", "USD", 0, event.ErrAmount},
		{".5", "USD", 0, event.ErrAmount},
		{"", "USD", 0, event.ErrAmount},
		{"-", "USD", 0, event.ErrAmount},
		{"1.2.3", "USD", 0, event.ErrAmount},
		{"1.00x", "USD", 0, event.ErrAmount},
		{"NaN", "USD", 0, event.ErrAmount},
		{"1", "XXX", 0, event.ErrCurrency},
		{"1", "usd", 0, event.ErrCurrency},
	}
	for _, tt := range tests {
		got, err := event.ParseMinor([]byte(tt.text), tt.currency)
		if got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("ParseMinor(%q, %s) = %d, %v; want %d, %v", tt.text, tt.currency, got, err, tt.want, tt.err)
		}
	}
	if _, err := event.ParseMinor([]byte(strings.Repeat("0", 65)), "USD"); err == nil {
		t.Error("65 bytes of amount are accepted")
	}
}

func TestParseMinorAgreesWithDecimal(t *testing.T) {
	codes := currency.GetCurrencyCodes()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(codes).Draw(t, "currency")
		text := rapid.StringMatching(`-?[0-9]{1,14}(\.[0-9]{1,5})?`).Draw(t, "text")
		digits, _ := currency.GetDigits(code)
		got, err := event.ParseMinor([]byte(text), code)
		d := decimal.MustParse(text)
		exact := d.Trim(0)
		if exact.Scale() > int(digits) {
			if !errors.Is(err, event.ErrTooPrecise) {
				t.Fatalf("ParseMinor(%s, %s) = %d, %v; want too precise", text, code, got, err)
			}
			return
		}
		scaled, err2 := d.Mul(decimal.MustNew(int64(math.Pow10(int(digits))), 0))
		if err2 != nil {
			t.Skip("beyond the oracle")
		}
		want, _, _ := scaled.Int64(0)
		if err != nil || got != want {
			t.Fatalf("ParseMinor(%s, %s) = %d, %v; want %d", text, code, got, err, want)
		}
	})
}

func TestFormatMinorIsInverse(t *testing.T) {
	codes := currency.GetCurrencyCodes()
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(codes).Draw(t, "currency")
		minor := rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(t, "minor")
		text := event.FormatMinor(minor, code)
		if got, err := event.ParseMinor([]byte(text), code); err != nil || got != minor {
			t.Fatalf("%d %s is written %q and read %d, %v", minor, code, text, got, err)
		}
	})
	if got := event.FormatMinor(math.MinInt64, "USD"); got != "-92233720368547758.08" {
		t.Errorf("the least int64 is written %s", got)
	}
}

func TestAddSubAreChecked(t *testing.T) {
	edge := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := edge.Draw(t, "a"), edge.Draw(t, "b")
		check := func(op string, got int64, err error, want *big.Int) {
			if want.IsInt64() != (err == nil) || err == nil && got != want.Int64() {
				t.Fatalf("%d %s %d = %d, %v; want %s", a, op, b, got, err, want)
			}
		}
		sum, err := event.Add(a, b)
		check("+", sum, err, new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		difference, err := event.Sub(a, b)
		check("-", difference, err, new(big.Int).Sub(big.NewInt(a), big.NewInt(b)))
	})
}

func TestAllocWorkedCases(t *testing.T) {
	tests := []struct {
		total   int64
		weights []int64
		want    []int64
	}{
		{1000, []int64{1, 1, 1}, []int64{334, 333, 333}},
		{999, []int64{40, 20, 40}, []int64{400, 200, 399}},
		{1000, []int64{1 << 32, 1 << 31}, []int64{667, 333}},
		{25, []int64{1500, 1500, 900, 500, 500, 200}, []int64{7, 7, 4, 3, 3, 1}},
		{26, []int64{1500, 1500, 900, 500, 500, 200}, []int64{8, 8, 5, 2, 2, 1}},
		{139, []int64{814, 974, 403}, []int64{52, 62, 25}},
		{138, []int64{814, 974, 403}, []int64{51, 61, 26}},
		{10, []int64{5, 5, 5, 1}, []int64{3, 3, 3, 1}},
		{-1000, []int64{1, 1, 1}, []int64{-334, -333, -333}},
		{5, []int64{0, 0}, []int64{3, 2}},
		{5, []int64{0, 7, 0}, []int64{0, 5, 0}},
		{0, []int64{3, 4}, []int64{0, 0}},
		{5, nil, nil},
		{math.MinInt64, []int64{1}, []int64{math.MinInt64}},
		{9e15, []int64{9e14, 9e14}, []int64{45e14, 45e14}},
	}
	for _, tt := range tests {
		if got := event.Alloc(tt.total, tt.weights); !slices.Equal(got, tt.want) {
			t.Errorf("Alloc(%d, %v) = %v, want %v", tt.total, tt.weights, got, tt.want)
		}
	}
}

func TestAllocConservesAndKeepsQuota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		weights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/16), 1, 16).Draw(t, "weights")
		shares := event.Alloc(total, weights)
		sum, weightSum := new(big.Int), new(big.Int)
		for i := range shares {
			sum.Add(sum, big.NewInt(shares[i]))
			weightSum.Add(weightSum, big.NewInt(weights[i]))
		}
		if sum.Cmp(big.NewInt(total)) != 0 {
			t.Fatalf("shares %v sum to %s, not %d", shares, sum, total)
		}
		if weightSum.Sign() == 0 {
			return
		}
		for i := range shares { // |share*W - total*w| < W
			gap := new(big.Int).Mul(big.NewInt(shares[i]), weightSum)
			gap.Sub(gap, new(big.Int).Mul(big.NewInt(total), big.NewInt(weights[i])))
			if gap.CmpAbs(weightSum) >= 0 {
				t.Fatalf("share %d of %v is a unit or more from its quota", i, shares)
			}
		}
	})
}

func TestAllocOfHugeWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.Int64().Draw(t, "total")
		n := rapid.IntRange(1, 9).Draw(t, "n")
		weights := slices.Repeat([]int64{math.MaxInt64}, n)
		var sum int64
		for _, s := range event.Alloc(total, weights) {
			sum += s
		}
		if sum != total {
			t.Fatalf("shares sum to %d, not %d", sum, total)
		}
	})
}

func TestDealIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		campaign, esol := rapid.String().Draw(t, "campaign"), rapid.String().Draw(t, "esol")
		id := event.DealID(campaign, esol)
		if c, e, ok := event.SplitDealID(id); c != campaign || e != esol || !ok {
			t.Fatalf("%q is of %q and %q", id, c, e)
		}
	})
	for _, id := range []string{"", "abc", "4:abc", "-1:abc", ":abc"} {
		if _, _, ok := event.SplitDealID(id); ok {
			t.Errorf("%q is a deal", id)
		}
	}
}
