package holdout_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/stream/event"
)

const people = 20_000

// ids are pseudonyms that are as far from chance as can be.
func ids(yield func(event.ID) bool) {
	for i := range uint64(people) {
		if !yield(event.ID{Lo: i}) || !yield(event.ID{Hi: i + 1}) {
			return
		}
	}
}

// within tells whether k of n is what chance p makes of it, but for one time in 16,000.
func within(k, n int, p float64) bool {
	return math.Abs(float64(k)-p*float64(n)) <= 4*math.Sqrt(float64(n)*p*(1-p))
}

// The share is held out, in each of many campaigns.
func TestTheShareIsHeldOut(t *testing.T) {
	for _, ppm := range []uint32{0, 1, 10_000, 200_000, holdout.MaxPPM} {
		for c := range 8 {
			k := 0
			for id := range ids {
				if holdout.Of(fmt.Sprint("c", c), id, ppm) == holdout.Control {
					k++
				}
			}
			if ppm == 0 && k > 0 || !within(k, 2*people, float64(ppm)/1e6) && ppm > 1 {
				t.Errorf("%d ppm, campaign %d: %d of %d are held out", ppm, c, k, 2*people)
			}
		}
	}
}

// Who is held out of one campaign says nothing about another, however alike their names are, and who is next to whom says
// nothing either.
func TestCampaignsDrawByThemselves(t *testing.T) {
	const ppm = 300_000
	for c := range 8 {
		both, runs, before := 0, 0, false
		for id := range ids {
			here := holdout.Of(fmt.Sprint("c", c), id, ppm) == holdout.Control
			if here && holdout.Of(fmt.Sprint("c", c+1), id, ppm) == holdout.Control {
				both++
			}
			if here && before {
				runs++
			}
			before = here
		}
		if !within(both, 2*people, .09) || math.Abs(float64(runs)-.09*2*people) > 5*math.Sqrt(.09*2*people) {
			t.Errorf("campaigns %d and %d hold out %d people both, and %d beside each other", c, c+1, both, runs)
		}
	}
}

// Raising the share takes nobody back in.
func TestAGreaterShareHoldsOutTheSameAndMore(t *testing.T) {
	for id := range ids {
		if holdout.Of("c", id, 100_000) == holdout.Control && holdout.Of("c", id, 100_001) != holdout.Control {
			t.Fatalf("%v is let in", id)
		}
	}
}

// The brand's systems may draw by themselves: the rule is theirs too, and never changes.
func TestTheRuleIsFixed(t *testing.T) {
	got := ""
	for i := range uint64(16) {
		got += string(holdout.Of("autumn", event.ID{Hi: 1, Lo: i}, holdout.MaxPPM)[0])
	}
	if want := "tctttctccttttcct"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func BenchmarkOf(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		holdout.Of("autumn-2026", event.ID{Lo: uint64(i)}, 100_000)
	}
}
