package likeness

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Profile is what is known of an ESOL, of one show or of several: counts, absolute. Times are panes, energies
// microjoules.
type Profile struct {
	Esol string
	Name string // as of Pane
	Pane int64  // the latest that is in

	Shows       int64
	Largest     int64 // people of the largest show: there were at least as many
	Microjoules int64 // believed
	Theta       Theta
	Words       [64]int64 // person-panes by WordDim
	Prices      [8]int64  // order lines by PriceBand
	Hours       [24]int64 // microjoules by hour of the day, UTC
	Named       []Named   // by (Dim, ID), each once
	People      Sketch
}

// Named is something of the catalog: a term that the audience says (comments), a category (microjoules), or an interest
// (people). A term counts in Words as well: here it only has its name.
type Named struct {
	Dim    int
	ID     string
	Name   string
	Amount int64
}

// NamedMax bounds what a show names of each kind: the largest stay.
const NamedMax = 24

// Minimum samples, all [JUDG]: one show is one evening, and fewer than 50 people can be told apart.
const (
	ShowsMin  = 2
	PeopleMin = 50
)

// Why a profile is insufficient.
const (
	TooFewShows  = "too_few_shows"
	TooFewPeople = "too_few_people"
	TooShort     = "too_short" // heat was known for less than half an hour
	NoTraits     = "no_traits"
)

// Merge adds the shows of another profile of the same ESOL to this one. Each show may be added once.
func (p *Profile) Merge(o *Profile) {
	p.Esol = max(p.Esol, o.Esol)
	if o.Pane > p.Pane || o.Pane == p.Pane && o.Name > p.Name {
		p.Pane, p.Name = o.Pane, o.Name
	}
	p.Shows += o.Shows
	p.Largest = max(p.Largest, o.Largest)
	p.Microjoules += o.Microjoules
	p.Theta.merge(&o.Theta)
	add(p.Words[:], o.Words[:])
	add(p.Prices[:], o.Prices[:])
	add(p.Hours[:], o.Hours[:])
	p.Named = mergeNamed(p.Named, o.Named)
	p.People.Merge(&o.People)
}

func add(to, from []int64) {
	for i := range to {
		to[i] += from[i]
	}
}

// mergeNamed makes one list of two. Of two names of one thing the greater stays, so that it does not matter which came
// first.
func mergeNamed(a, b []Named) []Named {
	if len(b) == 0 {
		return a
	}
	return unite(slices.Concat(a, b))
}

// unite sorts a list and adds up what is in it more than once, in place.
func unite(all []Named) []Named {
	slices.SortFunc(all, compareNamed)
	kept := all[:0]
	for _, n := range all {
		if k := len(kept) - 1; k >= 0 && compareNamed(kept[k], n) == 0 {
			kept[k].Name, kept[k].Amount = max(kept[k].Name, n.Name), kept[k].Amount+n.Amount
		} else {
			kept = append(kept, n)
		}
	}
	return kept
}

// Collect makes of what a show names, in any order and with repetitions, what a profile holds: the NamedMax largest of
// each kind, by (Dim, ID). It works in place.
func Collect(all []Named) []Named {
	all = unite(all)
	slices.SortFunc(all, func(a, b Named) int {
		return cmp.Or(cmp.Compare(kindOf(a.Dim), kindOf(b.Dim)), -cmp.Compare(a.Amount, b.Amount), compareNamed(a, b))
	})
	var of [kinds]int
	all = slices.DeleteFunc(all, func(n Named) bool {
		of[kindOf(n.Dim)]++
		return of[kindOf(n.Dim)] > NamedMax
	})
	slices.SortFunc(all, compareNamed)
	return all
}

func compareNamed(a, b Named) int {
	return cmp.Or(cmp.Compare(a.Dim, b.Dim), strings.Compare(a.ID, b.ID))
}

// Audience is how many people: counted where there is one show, else estimated from the sketch (some 9 %).
func (p *Profile) Audience() int64 {
	if p.Shows <= 1 {
		return p.Largest
	}
	return max(p.Largest, int64(math.Round(p.People.Size())))
}
