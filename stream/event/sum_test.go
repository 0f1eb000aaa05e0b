package event_test

import (
	"math/big"
	"testing"

	"github.com/netsu/netsu/stream/event"
	"pgregory.net/rapid"
)

// Add and Sub agree with arithmetic that has no bounds, also at the edges.
func TestAddAndSubAreExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		check := func(name string, got int64, err error, want *big.Int) {
			if want.IsInt64() != (err == nil) || err == nil && got != want.Int64() {
				t.Fatalf("%s(%d, %d) = %d, %v; want %v", name, a, b, got, err, want)
			}
		}
		sum, err := event.Add(a, b)
		check("Add", sum, err, new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		diff, err := event.Sub(a, b)
		check("Sub", diff, err, new(big.Int).Sub(big.NewInt(a), big.NewInt(b)))
	})
}
