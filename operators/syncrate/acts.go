package syncrate

import (
	"cmp"
	"math"
	"slices"
)

// acts is who has done what in the last 20 panes, and how many had at each of the last 128.
//
// A head's latest pane is remembered by action, and once more for any action at all. So the number of heads that an
// action is remembered of is the number of different heads in the 20 panes, at every pane, and a head acts for the first
// time since a call when its last act was not after it: no call needs a set of its own.
type acts struct {
	heads   map[uint64]*head
	pairs   int        // of head and action that are remembered
	byPane  [32][]deed // mod 32: who acted in a pane; those who did again since are still listed
	live    [Actions]int64
	history [128]moment // mod 128
	free    []*head     // forgotten ones, to be used again
}

// head is what is remembered of a person, at least one action.
type head struct {
	person uint64
	did    uint16         // bit a: last[a] says something
	last   [Actions]uint8 // the pane mod 256, which is enough: it is at most 20 panes ago
}

// when is the pane of the latest act of a kind, as of pane k.
func (h *head) when(action uint8, k int64) int64 { return k - int64(uint8(k)-h.last[action]) }

type deed struct {
	*head
	action uint8
}

type actKey struct {
	person uint64
	action uint8
}

func compareActs(a, b actKey) int {
	if c := cmp.Compare(a.person, b.person); c != 0 {
		return c
	}
	return cmp.Compare(a.action, b.action)
}

// moment is what the acts were at the end of a pane.
type moment struct {
	known  bool
	called bool
	active int64
	acting [Actions]int64 // different heads in the 20 panes up to it
}

const (
	responsePanes = 20 // H, and as many bins of one second
	actsMax       = 32_768
	never         = math.MinInt64
)

func newActs() acts { return acts{heads: map[uint64]*head{}} }

func (a *acts) in(pane int64) *[]deed { return &a.byPane[uint64(pane)%uint64(len(a.byPane))] }
func (a *acts) at(pane int64) *moment { return &a.history[uint64(pane)%uint64(len(a.history))] }

// step takes in pane k; each is called for every head that does an action for the first time in this pane, with the
// pane in which it did before, or never. When there is no place left, who is new is not counted.
func (a *acts) step(k int64, acted []Acted, active int64, called bool, each func(action uint8, before int64)) {
	a.expire(k - responsePanes)
	if a.pairs+2*len(acted) > actsMax {
		acted = slices.Clone(acted)
		slices.SortFunc(acted, func(x, y Acted) int {
			return compareActs(actKey{x.Person, x.Action}, actKey{y.Person, y.Action})
		})
	}
	for _, d := range acted {
		h := a.act(k, a.heads[d.Person], d.Person, AnyAction, each)
		if d.Action != AnyAction && d.Action < Actions {
			a.act(k, h, d.Person, d.Action, each)
		}
	}
	*a.at(k) = moment{true, called, active, a.live}
}

// act notes what a head did, nil being one of which nothing is remembered yet, and returns the head as it is then.
func (a *acts) act(k int64, h *head, person uint64, action uint8, each func(uint8, int64)) *head {
	known := h != nil && h.did>>action&1 == 1
	switch {
	case known && h.last[action] == uint8(k):
		return h
	case !known && a.pairs >= actsMax:
		return h
	}
	before := int64(never)
	if known {
		before = h.when(action, k)
	} else {
		h = a.remember(h, person, action)
	}
	h.last[action] = uint8(k)
	list := a.in(k)
	*list = append(*list, deed{h, action})
	each(action, before)
	return h
}

func (a *acts) remember(h *head, person uint64, action uint8) *head {
	if h == nil {
		if n := len(a.free); n > 0 {
			h, a.free = a.free[n-1], a.free[:n-1]
		} else {
			h = &head{}
		}
		h.person = person
		a.heads[person] = h
	}
	h.did |= 1 << action
	a.pairs++
	a.live[action]++
	return h
}

// expire forgets what was last done in a pane. Panes expire one after the other, so a head that is forgotten is listed
// nowhere any more.
func (a *acts) expire(pane int64) {
	list := a.in(pane)
	for _, d := range *list {
		if d.did>>d.action&1 == 0 || d.last[d.action] != uint8(pane) {
			continue
		}
		d.did &^= 1 << d.action
		a.pairs--
		a.live[d.action]--
		if d.did == 0 {
			delete(a.heads, d.person)
			a.free = append(a.free, d.head)
		}
	}
	clear(*list)
	*list = (*list)[:0]
}

// before is what share of the active heads did the action in up to three windows of 20 panes before or at pane k that
// no call reaches into, on average, and how many heads were active then on average. The windows do not overlap and are
// as late as they can be; to know that no call reaches in, 20 panes more before each must be known.
func (a *acts) before(k int64, action uint8) (share, active float64, windows int) {
	for end := k; windows < 3 && end-2*responsePanes+1 > k-int64(len(a.history)); {
		if m := a.at(end); !a.quiet(end) || m.active == 0 {
			end--
			continue
		}
		m := a.at(end)
		share += min(float64(m.acting[action])/float64(m.active), 1)
		active += float64(m.active)
		windows++
		end -= responsePanes
	}
	if windows > 0 {
		share /= float64(windows)
		active /= float64(windows)
	}
	return share, active, windows
}

// quiet says whether the 20 panes up to end are known and within 20 panes of no call.
func (a *acts) quiet(end int64) bool {
	for k := end - 2*responsePanes + 1; k < end; k++ {
		m := a.at(k)
		if m.called || !m.known && k > end-responsePanes {
			return false
		}
	}
	return a.at(end).known
}
