package stable

const (
	// Factors of erfc and its argument, rounded once.
	inverseSqrt2  = 0x1.6a09e667f3bcdp-1 // 1/√2
	twoOverSqrtPi = 0x1.20dd750429b6dp+0 // 2/√π
	inverseSqrtPi = 0x1.20dd750429b6dp-1 // 1/√π

	// erfcFrom is where erfc changes from its series to its continued fraction.
	// 1 minus the series loses what the value lacks to 1: 2e-12 of it if the change were at 2.5, 2e-14 at 1.5.
	erfcFrom = 1.5
	// erfcDepth is how deep the fraction is taken: at erfcFrom what is left out is below 2e-15 of the value.
	erfcDepth = 80
)

// Normal is the distribution function of the standard normal: the probability of a value below z. Its relative error is
// below 2e-13 for z > -25, in the lower tail too; far below that it is 0, far above 1, and NaN stays NaN.
func Normal(z float64) float64 {
	return float64(.5 * erfc(-float64(z*inverseSqrt2)))
}

// erfc is 2/√π ∫ e^(-t²) dt from x on.
//
// Near 0, erf x = 2/√π·e^(-x²)·Σ 2^n x^(2n+1)/(2n+1)!!, whose terms are all of one sign, so that nothing cancels; above
// erfcFrom, erfc x = e^(-x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), taken backwards (Laplace).
func erfc(x float64) float64 {
	switch {
	case x != x:
		return x
	case x < -6:
		return 2
	case x < 0:
		return 2 - erfc(-x)
	case x > 27.3:
		return 0
	}
	square := float64(x * x)
	if x < erfcFrom {
		term, sum := x, x
		for n := 1; term > float64(sum*0x1p-56); n++ {
			term = float64(term * float64(2*square) / float64(2*n+1))
			sum += term
		}
		return 1 - float64(float64(twoOverSqrtPi*Exp(-square))*sum)
	}
	f := x
	for k := erfcDepth; k > 0; k-- {
		f = x + float64(k)/2/f
	}
	return float64(inverseSqrtPi*Exp(-square)) / f
}
