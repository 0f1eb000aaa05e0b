package event

// Exponent is the number of minor-unit digits of an ISO 4217 currency; ok is false for a code that is not one.
func Exponent(currency string) (digits int, ok bool) {
	switch currency {
	case "JPY", "KRW", "VND":
		return 0, true
	case "USD", "EUR", "GBP", "IDR", "THB", "CNY":
		return 2, true
	case "KWD", "BHD":
		return 3, true
	}
	return 0, false
}
