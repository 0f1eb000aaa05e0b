package source

import (
	"math"

	"github.com/netsu/netsu/stream/event"
)

// stripeMinor is an amount of Stripe's smallest units in the minor units of its currency. They are the same, but for the
// ariary, which Stripe takes whole, and for krona and shilling, of which it takes hundredths that must be zero: others
// would be lost, and are an error.
func stripeMinor(units int64, currency string) (int64, error) {
	switch currency {
	case "MGA":
		if units > math.MaxInt64/100 || units < math.MinInt64/100 {
			return 0, event.ErrOverflow
		}
		return units * 100, nil
	case "ISK", "UGX":
		if units%100 != 0 {
			return 0, event.ErrTooPrecise
		}
		return units / 100, nil
	}
	return units, nil
}

// amount is decimal text of Stripe's units.
func (s stripe) amount(units int64, currency string) (string, error) {
	minor, err := stripeMinor(units, currency)
	if err != nil {
		return "", err
	}
	return event.FormatMinor(minor, currency), nil
}
