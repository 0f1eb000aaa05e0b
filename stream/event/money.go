package event

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
)

// What is wrong with an amount. ParseMinor wraps none of the input into its errors: an amount can be personal.
var (
	ErrCurrency    = errors.New("not an active ISO 4217 currency code (three capital letters)")
	ErrAmount      = errors.New("not a decimal number (digits, an optional minus sign, one optional point; no exponent)")
	ErrTooPrecise  = errors.New("more decimals than the currency has")
	ErrOverflow    = errors.New("beyond the range of an int64 of minor units")
	errAmountBytes = errors.New("amount longer than 64 bytes")
)

// maxAmountBytes bounds the text of an amount: 19 digits are enough for any int64, the rest is zeros.
const maxAmountBytes = 64

// ParseMinor reads decimal text ("12990.50", "-3", "7.500") as minor units of a currency: 1299050 for USD. It is
// exact: no float is involved, nothing is rounded. Decimals beyond the currency's are refused unless they are zeros,
// and so are exponent forms, a plus sign, grouping, and an empty integer or fraction part. The range is symmetric:
// ±(2^63-1).
func ParseMinor(text []byte, currency string) (int64, error) {
	digits, ok := Exponent(currency)
	if !ok {
		return 0, ErrCurrency
	}
	return parseDecimal(text, digits)
}

// ParsePPM reads a rate ("0.125") as parts per million: 125000. The same grammar as ParseMinor, six decimals at most.
func ParsePPM(text []byte) (int64, error) { return parseDecimal(text, 6) }

func parseDecimal(text []byte, decimals int) (int64, error) {
	if len(text) > maxAmountBytes {
		return 0, errAmountBytes
	}
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	whole, fraction := text, []byte(nil)
	for i, c := range text {
		if c == '.' {
			whole, fraction = text[:i], text[i+1:]
			if len(fraction) == 0 {
				return 0, ErrAmount
			}
			break
		}
	}
	if len(whole) == 0 {
		return 0, ErrAmount
	}
	minor, err := appendDigits(0, whole)
	if err != nil {
		return 0, err
	}
	kept := min(decimals, len(fraction))
	if minor, err = appendDigits(minor, fraction[:kept]); err != nil {
		return 0, err
	}
	for range decimals - kept {
		if minor, err = appendDigits(minor, []byte{'0'}); err != nil {
			return 0, err
		}
	}
	if err := onlyZeros(fraction[kept:]); err != nil {
		return 0, err
	}
	if negative {
		return -minor, nil
	}
	return minor, nil
}

// appendDigits writes digits behind those of n.
func appendDigits(n int64, digits []byte) (int64, error) {
	overflow := false
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, ErrAmount
		}
		d := int64(c - '0')
		if n > (math.MaxInt64-d)/10 {
			overflow = true // go on: what follows may not even be a number, and that is the better message
			continue
		}
		n = n*10 + d
	}
	if overflow {
		return 0, ErrOverflow
	}
	return n, nil
}

func onlyZeros(digits []byte) error {
	precise := false
	for _, c := range digits {
		if c < '0' || c > '9' {
			return ErrAmount
		}
		precise = precise || c != '0'
	}
	if precise {
		return ErrTooPrecise
	}
	return nil
}

// FormatMinor is the inverse of ParseMinor, with all the decimals of the currency: 1299050 USD is "12990.50". An
// unknown currency is written without decimals.
func FormatMinor(minor int64, currency string) string {
	digits, _ := Exponent(currency)
	if digits == 0 {
		return strconv.FormatInt(minor, 10)
	}
	sign, magnitude := "", uint64(minor)
	if minor < 0 {
		sign, magnitude = "-", -magnitude
	}
	unit := uint64(1)
	for range digits {
		unit *= 10
	}
	return fmt.Sprintf("%s%d.%0*d", sign, magnitude/unit, digits, magnitude%unit)
}

// Add is a + b, or ErrOverflow.
func Add(a, b int64) (int64, error) {
	sum := a + b
	if (sum > a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return sum, nil
}

// AddCapped is a + b, at most the greatest int64: for times, and for weights, whose sum need not be exact.
func AddCapped(a, b int64) int64 {
	if sum, err := Add(a, b); err == nil {
		return sum
	}
	return math.MaxInt64
}

// Sub is a - b, or ErrOverflow.
func Sub(a, b int64) (int64, error) {
	difference := a - b
	if (difference < a) != (b > 0) && b != 0 {
		return 0, ErrOverflow
	}
	return difference, nil
}

// Alloc divides total among weights by the largest remainder: every share differs from its exact quota by less than
// one minor unit, the shares sum to total exactly, and of equal remainders the lowest index comes first. A negative
// total is divided as its magnitude. Weights that are all zero count as equal, so that nothing is lost; no weights
// give nil. A negative weight is a programming error and panics. Exact for weights that sum to less than 2^64; above,
// all are halved until they do.
func Alloc(total int64, weights []int64) []int64 {
	if len(weights) == 0 {
		return nil
	}
	w, sum := allocWeights(weights)
	magnitude := magnitudeOf(total)
	shares := make([]int64, len(w))
	remainders := make([]uint64, len(w))
	left := magnitude
	for i := range w {
		// hi < sum because magnitude*w/sum <= magnitude < 2^64: Div64 cannot panic.
		hi, lo := bits.Mul64(magnitude, w[i])
		quota, remainder := bits.Div64(hi, lo, sum)
		shares[i], remainders[i] = int64(quota), remainder
		left -= quota
	}
	for _, i := range byRemainder(remainders)[:left] {
		shares[i]++
	}
	return signed(total, shares)
}

// AllocWebster divides total among weights by the method of Webster and Sainte-Laguë: no share ever grows when the
// total's magnitude falls, which Alloc cannot promise (the Alabama paradox); in return a share may be a unit or more
// from its quota. All else is as Alloc's.
//
// Each quota is rounded, which is Webster's division of what the shares then sum to; from there one unit after the
// other goes to the greatest w/(2·share+1), or comes from the least w/(2·share-1), at most one for each weight.
func AllocWebster(total int64, weights []int64) []int64 {
	if len(weights) == 0 {
		return nil
	}
	w, sum := allocWeights(weights)
	magnitude := magnitudeOf(total)
	shares := make([]int64, len(w))
	left := int64(magnitude)
	for i := range w {
		hi, lo := bits.Mul64(magnitude, w[i])
		quota, remainder := bits.Div64(hi, lo, sum)
		if remainder > sum-remainder {
			quota++
		}
		shares[i] = int64(quota)
		left -= shares[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range w {
			if prior(w[i], shares[i], w[best], shares[best], 1) {
				best = i
			}
		}
		shares[best]++
	}
	for ; left < 0; left++ {
		worst := -1
		for i := range w {
			if shares[i] > 0 && (worst < 0 || !prior(w[i], shares[i], w[worst], shares[worst], -1)) {
				worst = i
			}
		}
		shares[worst]--
	}
	return signed(total, shares)
}

// prior tells whether v/(2·m+step) > w/(2·n+step).
func prior(v uint64, m int64, w uint64, n, step int64) bool {
	leftHi, leftLo := bits.Mul64(v, uint64(2*n+step))
	rightHi, rightLo := bits.Mul64(w, uint64(2*m+step))
	return leftHi > rightHi || leftHi == rightHi && leftLo > rightLo
}

func magnitudeOf(total int64) uint64 {
	if total < 0 {
		return -uint64(total)
	}
	return uint64(total)
}

// signed gives the shares of a magnitude the sign of the total.
func signed(total int64, shares []int64) []int64 {
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares
}

// allocWeights returns the weights as Alloc uses them and their sum, which is between 1 and 2^64-1.
func allocWeights(weights []int64) (w []uint64, sum uint64) {
	w = make([]uint64, len(weights))
	var hi, lo, carry uint64
	for i, x := range weights {
		if x < 0 {
			panic("cannot happen: a negative weight")
		}
		w[i] = uint64(x)
		lo, carry = bits.Add64(lo, w[i], 0)
		hi += carry
	}
	if hi == 0 && lo == 0 {
		for i := range w {
			w[i] = 1
		}
		return w, uint64(len(w))
	}
	shift := bits.Len64(hi)
	if shift == 0 {
		return w, lo
	}
	for i := range w {
		w[i] >>= shift
		sum += w[i]
	}
	return w, sum
}

// byRemainder lists the indexes, greatest remainder first, lowest index first among equals.
func byRemainder(remainders []uint64) []int {
	order := make([]int, len(remainders))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainders[a] > remainders[b]:
			return -1
		case remainders[a] < remainders[b]:
			return 1
		}
		return 0
	})
	return order
}
