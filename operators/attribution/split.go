package attribution

import "github.com/netsu/netsu/stream/event"

// Rounding says how a split rounds.
type Rounding uint8

// The roundings: the largest remainder unless a contract asks for Webster's, under which a refund never raises
// anybody's credit.
const (
	LargestRemainder Rounding = iota
	Webster
)

// ParseRounding reads "webster"; everything else is the largest remainder.
func ParseRounding(name string) Rounding {
	if name == "webster" {
		return Webster
	}
	return LargestRemainder
}

func (r Rounding) String() string { return [...]string{"largest_remainder", "webster"}[r] }

// Split divides total by weights, which are not negative; the parts sum to total exactly. Of equals the lowest index
// comes first.
func (r Rounding) Split(total int64, weights []int64) []int64 {
	if r == Webster {
		return event.AllocWebster(total, weights)
	}
	return event.Alloc(total, weights)
}
