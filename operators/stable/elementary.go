package stable

import "math"

// ln 2 in two parts: the high one has 21 bits, so that its product with an exponent is exact.
const (
	ln2Hi = 0x1.62e42p-1
	ln2Lo = 0x1.fdf473de6af28p-22
	log2e = 0x1.71547652b82fep+0
)

// Log is the natural logarithm of x, for finite x > 0. Log(0) is -Inf; of what has no logarithm it is NaN.
//
// x = m·2^e with m in [√½, √2); ln m = 2·atanh(s), s = (m-1)/(m+1), |s| < .1716, as its odd series.
func Log(x float64) float64 {
	switch {
	case x == 0:
		return math.Inf(-1)
	case !(x > 0):
		return math.NaN()
	case x > math.MaxFloat64:
		return x
	}
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	f := m - 1
	s := f / (2 + f)
	z := float64(s * s)
	// 2·(z/3 + z²/5 + … ), smallest term first; the next term is below 2^-60.
	p := 2.0 / 25
	for _, c := range logSeries {
		p = c + float64(p*z)
	}
	p = float64(p * z)
	// ln m = 2s + s·p, and 2s = f - s·f keeps the rounding of s out of the leading term.
	r := f - float64(s*(f-p))
	k := float64(e)
	return float64(k*ln2Hi) + (r + float64(k*ln2Lo))
}

// logSeries is 2/(2n+1) for n = 11 … 1.
var logSeries = [...]float64{
	2.0 / 23, 2.0 / 21, 2.0 / 19, 2.0 / 17, 2.0 / 15, 2.0 / 13, 2.0 / 11, 2.0 / 9, 2.0 / 7, 2.0 / 5, 2.0 / 3,
}

// Log2 is the binary logarithm of x; powers of two are exact.
func Log2(x float64) float64 {
	m, e := math.Frexp(x)
	if m == .5 {
		return float64(e - 1)
	}
	return float64(Log(x) * log2e)
}

// Exp is e^x: 0 below -745, +Inf above 709.78.
//
// x = k·ln2 + r with |r| ≤ ln2/2; e^r is its series, whose next term is below 2^-60.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709.782712893384:
		return math.Inf(1)
	case x < -745.2:
		return 0
	}
	k := math.Floor(float64(x*log2e) + .5)
	r := (x - float64(k*ln2Hi)) - float64(k*ln2Lo)
	p := expSeries[0]
	for _, c := range expSeries[1:] {
		p = c + float64(p*r)
	}
	// e^r = 1 + r + r²·p: the leading terms are added last, so that their roundings are the only ones that show.
	return math.Ldexp(1+(r+float64(float64(r*r)*p)), int(k))
}

// expSeries is 1/n! for n = 15 … 2.
var expSeries = [...]float64{
	1.0 / 1307674368000, 1.0 / 87178291200, 1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
	1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2,
}
