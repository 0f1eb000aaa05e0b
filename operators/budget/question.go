package budget

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/amounts"
)

// RuleVersion names the rule of doc.go.
const RuleVersion = "marginal-roims-thompson-1"

const (
	ordersMin = 30
	esolsMax  = 200
	pastMax   = 64
	unitsMax  = 1000
	drawsBest = 1000 // for P(best) and the interval
)

// Past is one spend on an ESOL and the net GMV that was attributed to it, over like periods.
type Past struct {
	SpendMinor int64
	Net        amounts.Sum
}

// ESOL is one that could be given more.
type ESOL struct {
	ID string
	// SpentMinor is what it has been given in this period so far.
	SpentMinor int64
	Past       []Past // this period so far can be one of them
}

// Question is what to decide, in minor units of one currency.
type Question struct {
	Campaign string
	Hour     int64 // unix time in hours: advice stays the same within one
	ESOLs    []ESOL
	// BudgetMinor is to be divided, UnitMinor at a time; the last unit may be smaller. UnitMinor of 0 is a tenth.
	BudgetMinor, UnitMinor int64
	MarginPPM              int64
	// HurdlePPM is the marginal ROIMS that a unit must exceed: 0 is break-even.
	HurdlePPM int64
	// Phi is how over-dispersed orders come (pacing.State.Phi); below 1 counts as 1.
	Phi float64
}

// sample is what counts of an ESOL.
type sample struct {
	id     string
	spent  int64
	past   []Past
	orders int64
	spends int64 // past spends above zero
}

// enough tells whether s is the minimum sample.
func (s sample) enough() bool { return s.spends > 0 && s.orders >= ordersMin }

// samples are of the ESOLs by id, with their past in an order of its own. Each id is there once: the first that q has.
func (q Question) samples() []sample {
	all := make([]sample, 0, len(q.ESOLs))
	for _, e := range q.ESOLs {
		s := sample{id: e.ID, spent: max(0, e.SpentMinor), past: slices.Clone(e.Past)}
		slices.SortFunc(s.past, func(a, b Past) int {
			return cmp.Or(cmp.Compare(b.Net.N, a.Net.N), cmp.Compare(a.SpendMinor, b.SpendMinor),
				cmp.Compare(a.Net.Minor, b.Net.Minor), cmp.Compare(a.Net.Squares.Hi, b.Net.Squares.Hi),
				cmp.Compare(a.Net.Squares.Lo, b.Net.Squares.Lo))
		})
		s.past = slices.DeleteFunc(s.past, func(p Past) bool { return p.SpendMinor <= 0 })
		s.spends = int64(len(s.past))
		s.past = s.past[:min(len(s.past), pastMax)]
		for _, p := range s.past {
			s.orders += max(0, p.Net.N)
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b sample) int { return strings.Compare(a.id, b.id) })
	return slices.CompactFunc(all, func(a, b sample) bool { return a.id == b.id })
}

// hash64 is FNV-1a of the texts, each ended by a zero, and the numbers.
func hash64(text string, number int64) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	h.Write([]byte{0})
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(number)))
	return h.Sum64()
}
