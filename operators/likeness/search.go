package likeness

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/stable"
)

// Match is how alike two ESOLs are: Score = Cosine · HeatMatch · LowerBound, each in [0, 1].
type Match struct{ Score, Cosine, HeatMatch, LowerBound float64 }

// ratioMax is how far apart in heat two ESOLs may be to be compared: |log2(θ ratio)| ≤ 1.
const ratioMax = math.Ln2

// rounding is more than what an Exp and a Log may be off.
const rounding = 1e-9

// heats are -ln of heat match and lower bound: the part of a match that is quickly known; false where one of the two is
// insufficient or their heats are more than a factor of two apart.
func heats(a, b *Entry) (apart, unsure float64, ok bool) {
	apart = math.Abs(a.theta - b.theta)
	if a.Insufficient != "" || b.Insufficient != "" || apart > ratioMax {
		return 0, 0, false
	}
	if a.Profile.Esol != b.Profile.Esol { // else their errors are one error
		unsure = float64(normal95 * math.Sqrt(float64(a.se*a.se)+float64(b.se*b.se)))
	}
	return apart, unsure, true
}

func match(a, b *Entry, apart, unsure float64) Match {
	m := Match{Cosine: cosine(&a.vector, &b.vector), HeatMatch: stable.Exp(-apart), LowerBound: stable.Exp(-unsure)}
	m.Score = float64(m.Cosine * float64(m.HeatMatch*m.LowerBound))
	return m
}

// Hit is an ESOL that is like the one asked for.
type Hit struct {
	Entry *Entry
	Match
}

// Options of a search.
type Options struct {
	Limit       int   // at most so many hits
	MinAudience int64 // of people
}

// Search finds those among all that are most like the one asked for, without that one: the best first, of equal ones
// the one whose id comes first. It looks at every entry; the cosine is only taken of those whose heat leaves them a
// chance.
func Search(all []*Entry, asked *Entry, o Options) []Hit {
	var best []Hit                           // sorted
	most, bound := ratioMax, math.MaxFloat64 // of apart; of apart and unsure: beyond, a cosine of 1 is not enough
	if o.Limit <= 0 {
		return nil
	}
	for _, e := range all {
		if math.Abs(asked.theta-e.theta) > most { // most entries end here, before anything else of them is looked at
			continue
		}
		apart, unsure, ok := heats(asked, e)
		if !ok || apart+unsure > bound || e.Audience < o.MinAudience || e.Profile.Esol == asked.Profile.Esol {
			continue
		}
		h := Hit{e, match(asked, e, apart, unsure)}
		at, _ := slices.BinarySearchFunc(best, h, better)
		if at >= o.Limit {
			continue
		}
		if len(best) == o.Limit {
			best = best[:o.Limit-1]
		}
		best = slices.Insert(best, at, h)
		if worst := best[len(best)-1].Score; len(best) == o.Limit && worst > 0 {
			bound = rounding - stable.Log(worst)
			most = min(most, bound)
		}
	}
	return best
}

func better(a, b Hit) int {
	return cmp.Or(-cmp.Compare(a.Score, b.Score), strings.Compare(a.Entry.Profile.Esol, b.Entry.Profile.Esol))
}

// Overlap is what two audiences share.
type Overlap struct {
	Jaccard, SE float64
	People      int64 // in both, estimated
}

// OverlapOf estimates how many people are in both audiences; false where one of them is too small for its people not to
// be told apart.
func OverlapOf(a, b *Entry) (o Overlap, ok bool) {
	if a.Audience < PeopleMin || b.Audience < PeopleMin {
		return o, false
	}
	o.Jaccard, o.SE = a.Profile.People.Jaccard(&b.Profile.People)
	o.People = int64(math.Round(float64(float64(a.Audience+b.Audience) * (o.Jaccard / (1 + o.Jaccard)))))
	return o, true
}
