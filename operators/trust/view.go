package trust

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/stream/event"
)

// suspectsMax bounds what Suspects lists.
const suspectsMax = 100

// Suspect is somebody whose latest verdict is below SuspectBelow.
type Suspect struct {
	Person  event.ID
	Weight  float64
	Reasons []Reason // what is held against them, in the order dup, reg, new
}

// Reason is one feature that is above 0.
type Reason struct {
	Name     string  // "dup", "reg", "new"
	Score    float64 // the feature, in (0,1]
	Evidence []string
}

// Flood is a text that at least 4 accounts say in 60 s, who say nothing of their own (group.go), and that is neither a
// chant nor asked for.
type Flood struct {
	Hash     uint64 // of the text by which it was recognised
	Accounts int64  // in the last 60 s, when it was last said; an estimate above 16
	Comments int64  // since SinceMS
	SinceMS  int64
	Evidence []string // ids of comments, at most 5, the first ones
}

// View is the room in sum.
type View struct {
	People   int // remembered and judged
	Suspects int
	Doubted  int // people whose latest weight is not Default, suspects among them
	// Of the comments of the minute at hand and the four before it (4 to 5 minutes):
	Comments     int64
	Speakers     int64
	SuspectShare float64 // by those who are suspects now; 0 without comments
	// Diagnostics only, never part of a weight: how unevenly the speakers speak.
	Simpson  float64 // P(two comments are of one person), unbiased; 0 with fewer than 2 comments
	Gini     float64
	Evenness float64 // entropy / ln speakers; 0 with fewer than 2
	// NotJudged names the features that one show cannot judge: they are 0 in all its weights.
	NotJudged []string
}

// Suspects lists at most 100, the worst first, ties by person.
func (s *State) Suspects() []Suspect {
	out := make([]Suspect, 0, len(s.suspects))
	for id := range s.suspects {
		out = append(out, Suspect{Person: id, Weight: s.verdicts[id].latest()})
	}
	slices.SortFunc(out, func(a, b Suspect) int {
		if c := cmp.Compare(a.Weight, b.Weight); c != 0 {
			return c
		}
		return compareIDs(a.Person, b.Person)
	})
	out = out[:min(len(out), suspectsMax)]
	for i := range out {
		out[i].Reasons = s.people[out[i].Person].why.reasons(s.Features(out[i].Person))
	}
	return out
}

// Suspected are all of them, in no order.
func (s *State) Suspected() iter.Seq[event.ID] { return maps.Keys(s.suspects) }

func (w *evidence) reasons(r Features) (out []Reason) {
	add := func(name string, score float64, names []string) {
		if score > 0 {
			out = append(out, Reason{name, score, slices.Clone(names)})
		}
	}
	add("dup", r.Dup, w.dup)
	add("reg", r.Reg, w.reg)
	add("new", r.New, w.young)
	return out
}

// Features is what is held against a person now; zero for whom nobody remembers.
func (s *State) Features(person event.ID) Features {
	if p := s.people[person]; p != nil {
		return p.features()
	}
	return Features{}
}

// Floods lists those that were said in the last 60 s, by (since, hash).
func (s *State) Floods() []Flood {
	out := make([]Flood, 0, len(s.floods))
	for _, f := range s.floods {
		if !f.over {
			out = append(out, Flood{f.hash, f.accounts, f.comments, f.sinceMS, slices.Clone(f.evidence)})
		}
	}
	slices.SortFunc(out, func(a, b Flood) int {
		if c := cmp.Compare(a.SinceMS, b.SinceMS); c != 0 {
			return c
		}
		return cmp.Compare(a.Hash, b.Hash)
	})
	return out
}

// View sums the room up. It walks all people (some 20 ns each).
func (s *State) View() View {
	v := View{People: len(s.people), Suspects: len(s.suspects), NotJudged: []string{"lock", "refund", "view"}}
	for _, of := range s.verdicts {
		if of.latest() != Default {
			v.Doubted++
		}
	}
	minute := minuteOf(s.pane * 1000)
	speakers := map[int64]int64{} // by how much they say
	var suspect int64
	for id, p := range s.people {
		n := p.recent(minute)
		if n == 0 {
			continue
		}
		speakers[n]++
		v.Comments += n
		v.Speakers++
		if _, yes := s.suspects[id]; yes {
			suspect += n
		}
	}
	if v.Comments > 0 {
		v.SuspectShare = float64(suspect) / float64(v.Comments)
	}
	v.spread(speakers)
	return v
}

// spread computes the diagnostics from how many people said how much.
func (v *View) spread(speakers map[int64]int64) {
	counts := make([]int64, 0, len(speakers))
	for n := range speakers {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	all, people := float64(v.Comments), float64(v.Speakers)
	var pairs, below int64
	var gini, entropy float64
	for _, n := range counts {
		m := speakers[n]
		pairs += m * n * (n - 1)
		// Ranks below+1 … below+m hold n: Σ(2·rank - people - 1)·n.
		gini += float64(float64(m*(2*below+m)-m*v.Speakers) * float64(n))
		below += m
		share := float64(n) / all
		entropy -= float64(float64(m) * float64(share*stable.Log(share)))
	}
	if v.Comments > 1 {
		v.Simpson = float64(pairs) / float64(all*(all-1))
	}
	if v.Speakers > 1 {
		v.Gini = gini / float64(people*all)
		v.Evenness = min(1, entropy/stable.Log(people))
	}
}

func minuteOf(ms int64) int64 { return ms / 60_000 }
