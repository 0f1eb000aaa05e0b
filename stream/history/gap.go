package history

import "slices"

// gap is a span of time in which rows may be missing, because records of the meters log had been cleaned away before they
// were read. Both ends are in it, epoch seconds; from 0: the beginning is not known.
type gap struct{ from, to int64 }

// maxGaps bounds those of a table. One more joins the two that lie nearest to each other: what is said to be missing then
// is more than may be, never less.
const maxGaps = 64

// addGap adds a gap to those that are there, which are in order and do not touch. It changes gaps.
func addGap(gaps []gap, g gap) []gap {
	i := len(gaps)
	for i > 0 && gaps[i-1].to >= g.from-1 { // those that it reaches, or that lie after it
		i--
	}
	j := i
	for j < len(gaps) && gaps[j].from <= g.to+1 {
		g = gap{min(g.from, gaps[j].from), max(g.to, gaps[j].to)}
		j++
	}
	gaps = slices.Replace(gaps, i, j, g)
	if len(gaps) <= maxGaps {
		return gaps
	}
	near := 1
	for i := 2; i < len(gaps); i++ {
		if gaps[i].from-gaps[i-1].to < gaps[near].from-gaps[near-1].to {
			near = i
		}
	}
	gaps[near-1].to = gaps[near].to
	return append(gaps[:near], gaps[near+1:]...)
}

// hole is the latest place in a partition of the meters log at which records were missing.
type hole struct {
	End    int64 `json:"end"`    // offset of the first record after it; 0: there was none
	Append int64 `json:"append"` // append time of that record, epoch seconds: what is missing was said until then
}
