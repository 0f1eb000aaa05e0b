package syncrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/netsu/netsu/operators/fade"
)

// When the same words: an ESOL asks whether the room takes up what she says, and how soon.
//
//	              k-60 ─────────── k ─────────── k+60
//	audience           before      │    after          uses of the word, out of all words
//	ESOL          ·················▲ says it, for the first time in 60 panes
//
// Only a mention with 60 panes before it in which she did not say the word opens a window: what is before must not be
// the echo of an earlier mention. [JUDG] The uses in the pane of the mention count as before.
//
// Windows are pooled as follows. Were there no echo, a use that falls into either window falls into the second with the
// probability q that its share of all words gives; so out of A uses ΣA·q/A were to be expected after, and the odds of
// what is seen over the odds of what was expected is the ratio of the shares, ρ. S = (ρ-1)/(ρ+1).
//
// People copy each other whether she speaks or not, so uses come in bursts and prove less than as many coins: how much
// the windows differ among themselves says how much less (evidence).
type echo struct {
	since [Slots]int64 // the last pane whose uses are not before: a mention, a new word, the start
	open  [Slots]opening
	kept  int // people in all open windows
	// opened are the slots of the open ones, in order of pane and slot; also of some that were dropped since. Those are
	// passed over before they can open again, since a slot that was dropped waits for 60 panes as well.
	opened []uint16

	after    float64   // faded uses after mentions
	uses     fade.Mass // faded uses before and after
	expected float64   // faded Σ A·q
	windows  fade.Mass // faded windows
	spread   spread
	lags     [window]float64 // faded people by the lag of their first use after a mention
}

// spread is what the variance between windows needs, of the weights squared: with r = after - A·q, what Σ(r-δA)² is
// made of for any δ.
type spread struct{ rr, ra, aa float64 }

// opening is a mention whose 60 panes are not over.
type opening struct {
	open        bool
	pane        int64
	uses, words int64    // before
	people      []uint64 // who has used the word since, ascending
}

const (
	echoUsesMin   = 10     // effective uses before and after [JUDG]
	echoLagsMin   = 5      // people beyond the baseline, for the latency [JUDG]
	echoPeopleMax = 16_384 // people remembered in all open windows: the first uses of others are not timed
)

func (e *echo) halve(times int) {
	e.uses.Halve(times)
	if e.uses.Sum == 0 {
		e.after, e.expected, e.lags, e.windows, e.spread = 0, 0, [window]float64{}, fade.Mass{}, spread{}
		return
	}
	e.windows.Halve(times)
	e.spread.rr = math.Ldexp(e.spread.rr, -2*times)
	e.spread.ra = math.Ldexp(e.spread.ra, -2*times)
	e.spread.aa = math.Ldexp(e.spread.aa, -2*times)
	e.after = math.Ldexp(e.after, -times)
	e.expected = math.Ldexp(e.expected, -times)
	for i, n := range e.lags {
		e.lags[i] = math.Ldexp(n, -times)
	}
}

// step takes in pane k, of weight w, of which r already knows.
func (e *echo) step(k int64, r *recent, esol *tally, uses []Use, w float64) {
	if len(uses) > 0 {
		e.time(k, uses, w)
	}
	due := 0
	for ; due < len(e.opened); due++ {
		slot := e.opened[due]
		o := &e.open[slot]
		if o.open && o.pane > k-window {
			break
		}
		if o.open {
			e.close(o, r.uses[slot], r.words, w)
		}
	}
	e.opened = slices.Delete(e.opened, 0, due)
	for _, slot := range esol.slots {
		if o := &e.open[slot]; k-e.since[slot] >= window && !o.open && r.words > 0 {
			o.open, o.pane, o.uses, o.words = true, k, r.uses[slot], r.words
			e.opened = append(e.opened, slot)
		}
		e.since[slot] = k
	}
}

func (e *echo) close(o *opening, uses, words int64, w float64) {
	if n := o.uses + uses; words > 0 && n > 0 {
		q := float64(words) / float64(words+o.words)
		e.after += float64(float64(uses) * w)
		e.uses.Add(n, w)
		e.expected += float64(float64(float64(n)*w) * q)
		e.windows.Add(1, w)
		a := float64(n) * w
		r := float64(float64(uses)*w) - float64(a*q)
		e.spread.rr += float64(r * r)
		e.spread.ra += float64(r * a)
		e.spread.aa += float64(a * a)
	}
	e.drop(o)
}

func (e *echo) drop(o *opening) {
	e.kept -= len(o.people)
	*o = opening{people: o.people[:0]}
}

// time notes the lag of those who use a word for the first time since its mention.
func (e *echo) time(k int64, uses []Use, w float64) {
	if e.kept+len(uses) > echoPeopleMax { // not all may find a place: the order decides who does
		uses = slices.Clone(uses)
		slices.SortFunc(uses, func(a, b Use) int {
			if c := cmp.Compare(a.Slot, b.Slot); c != 0 {
				return c
			}
			return cmp.Compare(a.Person, b.Person)
		})
	}
	var first [window + 1]int64 // by lag
	for _, u := range uses {
		if u.Slot >= Slots || !e.open[u.Slot].open || e.kept == echoPeopleMax {
			continue
		}
		o := &e.open[u.Slot]
		at, found := slices.BinarySearch(o.people, u.Person)
		if found {
			continue
		}
		o.people = slices.Insert(o.people, at, u.Person)
		e.kept++
		first[k-o.pane]++
	}
	for lag, n := range first {
		if n > 0 {
			e.lags[lag-1] += float64(float64(n) * w)
		}
	}
}

func (e *echo) renew(slot uint16, k int64) {
	e.drop(&e.open[slot])
	e.since[slot] = k
}

// component is the echo when one use of now weighs w.
func (e *echo) component(w float64) Component {
	if e.uses.Sum == 0 {
		return Component{Missing: NoESOLWords}
	}
	share, q := clamp(e.after/e.uses.Sum), clamp(e.expected/e.uses.Sum)
	n := e.evidence(share)
	if n < echoUsesMin || e.uses.Sum < float64(w*echoUsesMin)/2 {
		return Component{Missing: TooFewWords}
	}
	lo, hi := wilson(float64(share*n), n)
	return Component{
		Value: max(excess(share, q), 0), Lo: max(excess(lo, q), 0), Hi: max(excess(hi, q), 0), N: n,
	}
}

// evidence is how many independent uses would give a share that is as uncertain: no more than there are, and no more
// than the windows let believe by the variance between them, Σ(r-δA)²/(ΣA)². One window alone says nothing of it.
func (e *echo) evidence(share float64) float64 {
	n, windows := e.uses.Kish(), e.windows.Kish()
	if windows < 2 {
		return 0
	}
	sum := e.uses.Sum
	delta := (e.after - e.expected) / sum
	squares := e.spread.rr - float64(2*delta*e.spread.ra) + float64(float64(delta*delta)*e.spread.aa)
	variance := max(squares, 0) / float64(sum*sum) * windows / (windows - 1)
	share = (float64(share*n) + 2) / (n + 4) // where all uses are after, coins would have no variance
	if coins := float64(share * (1 - share)); float64(variance*n) > coins {
		return coins / variance
	}
	return n
}

// excess is (ρ-1)/(ρ+1), where ρ is the odds of share over those of q.
func excess(share, q float64) float64 {
	up, down := float64(share*(1-q)), float64((1-share)*q)
	if up+down == 0 {
		return 0
	}
	return (up - down) / (up + down)
}

// latency is the median lag of the echo in seconds, NaN when there is too little. A lag is a whole number of panes from
// 1 to 60, so that a plain array is an exact histogram and a sketch would only blur it. Of the uses after a mention
// 1/ρ would have come without it, at any time: that many, spread evenly, are taken off.
func (e *echo) latency(w float64) float64 {
	s := excess(clamp(e.after/max(e.uses.Sum, fade.Forgotten)), clamp(e.expected/max(e.uses.Sum, fade.Forgotten)))
	all := 0.
	for _, n := range e.lags {
		all += n
	}
	baseline := (1 - s) / (1 + s) // 1/ρ
	beyond := float64(all * (1 - baseline))
	if !(beyond >= float64(echoLagsMin*w)) {
		return math.NaN()
	}
	level, half, sum := float64(all*baseline)/window, float64(beyond/2), 0.
	for i, n := range e.lags {
		more := n - level
		if sum+more >= half {
			return float64(i) + .5 + (half-sum)/more
		}
		sum += more
	}
	return math.NaN()
}
