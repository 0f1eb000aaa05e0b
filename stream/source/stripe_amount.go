package source

import (
	"strings"

	"github.com/netsu/netsu/stream/event"
)

// decimalsOf is how many decimals Stripe's smallest unit of a currency has: those of ISO 4217, but for the ariary,
// which Stripe takes whole, and for krona and shilling, of which it takes hundredths that must be zero.
func decimalsOf(currency string) int {
	switch currency {
	case "MGA":
		return 0
	case "ISK", "UGX":
		return 2
	}
	digits, _ := event.Exponent(currency)
	return digits
}

// amount is decimal text of Stripe's units. Hundredths of a krona would be lost; they are an error.
func (s stripe) amount(units int64, currency string) (string, error) {
	text := event.FormatMinor(units, "JPY")
	if digits := decimalsOf(currency); digits > 0 {
		sign := ""
		if units < 0 {
			sign, text = "-", text[1:]
		}
		text = strings.Repeat("0", max(0, digits+1-len(text))) + text
		text = sign + text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	minor, err := event.ParseMinor([]byte(text), currency)
	if err != nil {
		return "", err
	}
	return event.FormatMinor(minor, currency), nil
}
