package syncrate

import (
	"cmp"
	"math"
	"slices"
)

// acts is who has done what in the last 20 panes, and how many had at each of the last 128.
//
// A head is in it once per action, and once more for any action at all; what it remembers is the last pane. So the
// number of entries of an action is the number of different heads in the 20 panes, at every pane, and a head acts for
// the first time since a call when its last act was not after it: no call needs a set of its own.
type acts struct {
	last    map[actKey]int64
	byPane  [32][]actKey // mod 32: who acted in a pane; those who did again since are still listed
	live    [Actions]int64
	history [128]moment // mod 128
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

func newActs() acts { return acts{last: map[actKey]int64{}} }

func (a *acts) in(pane int64) *[]actKey { return &a.byPane[uint64(pane)%uint64(len(a.byPane))] }
func (a *acts) at(pane int64) *moment   { return &a.history[uint64(pane)%uint64(len(a.history))] }

// step takes in pane k; each is called for every head that does an action for the first time in this pane, with the
// pane in which it did before, or never. When there is no place left, who is new is not counted.
func (a *acts) step(k int64, acted []Acted, active int64, called bool, each func(action uint8, before int64)) {
	a.expire(k - responsePanes)
	if len(a.last)+2*len(acted) > actsMax {
		acted = slices.Clone(acted)
		slices.SortFunc(acted, func(x, y Acted) int {
			return compareActs(actKey{x.Person, x.Action}, actKey{y.Person, y.Action})
		})
	}
	for _, d := range acted {
		a.act(k, actKey{d.Person, AnyAction}, each)
		if d.Action != AnyAction && d.Action < Actions {
			a.act(k, actKey{d.Person, d.Action}, each)
		}
	}
	*a.at(k) = moment{true, called, active, a.live}
}

func (a *acts) act(k int64, key actKey, each func(uint8, int64)) {
	before, known := a.last[key]
	switch {
	case known && before == k:
		return
	case !known && len(a.last) >= actsMax:
		return
	case !known:
		before = never
		a.live[key.action]++
	}
	a.last[key] = k
	list := a.in(k)
	*list = append(*list, key)
	each(key.action, before)
}

func (a *acts) expire(pane int64) {
	list := a.in(pane)
	for _, key := range *list {
		if last, ok := a.last[key]; ok && last == pane {
			delete(a.last, key)
			a.live[key.action]--
		}
	}
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
