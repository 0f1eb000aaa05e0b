package show

import (
	"math"
	"slices"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: is it catching fire? Ignition is a train that only different people keep going: it starts when many
// more distinct trusted people than usual do more than talk (share, follow, claim, ask about a product, click, cart, buy)
// within a minute, and each level asks for as many again, and a few more, within a minute. One fan with many gifts, and accounts
// that nobody trusts, do not move it. After the Hype Trains of Twitch, which count money and not people.
type ignition struct {
	level   int64
	goal    int64 // people that the first level asks for; set when it starts
	expires int64 // pane
	started int64 // pane
	best    int64
	rests   int64           // pane before which none starts again
	stokers idMap[struct{}] // at this level
	recent  [ignitionPanes][]event.ID
	window  idMap[int32] // who is in recent, and in how many of its panes
	usual   float64      // people in the window, its half-life five minutes
	age     int64        // panes
}

// All [JUDG].
const (
	ignitionPanes = 60
	ignitionMin   = 5   // people
	ignitionShare = .05 // of the active
	ignitionTimes = 2   // what is usual
	ignitionAge   = 180 // panes after which it is known what is usual
	levelPanes    = 60
	levelSteeper  = .2 // more people for each level
	levelsMax     = 10
	coolPanes     = 300
	stokersMax    = 1024                 // in a pane; more do not count
	usualKeep     = 0x1.fed1824b51373p-1 // 2^(-1/300)
)

// rest ends a train that silence has left alone.
func (g *ignition) rest() {
	best := g.best
	*g = ignition{best: best}
}

// stokes tells whether an act is more than talk.
func stokes(k eventpb.Kind) bool {
	switch k {
	case eventpb.Kind_KIND_SHARE, eventpb.Kind_KIND_FOLLOW, eventpb.Kind_KIND_COUPON_CLAIM, eventpb.Kind_KIND_INQUIRY,
		eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_LINK_VISIT, eventpb.Kind_KIND_ADD_TO_CART,
		eventpb.Kind_KIND_CHECKOUT, eventpb.Kind_KIND_GIFT:
		return true
	}
	return false
}

func (g *ignition) step(sc *scene) {
	slot := &g.recent[uint64(sc.pane)%ignitionPanes]
	for _, who := range *slot {
		if n := g.window.get(who); *n > 1 {
			*n--
		} else {
			g.window.del(who)
		}
	}
	*slot = (*slot)[:0]
	for _, a := range sc.acts {
		if stokes(a.kind) && sc.trusted(a.person) {
			*slot = append(*slot, a.person)
		}
	}
	for _, x := range sc.sales {
		if !x.buyer.IsZero() && sc.trusted(x.buyer) {
			*slot = append(*slot, x.buyer)
		}
	}
	slices.SortFunc(*slot, compareIDs)
	*slot = slices.Compact(*slot)
	*slot = (*slot)[:min(len(*slot), stokersMax)]
	for _, who := range *slot {
		n, _ := g.window.put(who)
		*n++
	}
}

// learn takes the window into what is usual. It comes after the decision, so that a rise is held against what was before.
func (g *ignition) learn() {
	g.usual = float64(g.usual*usualKeep) + float64((1-usualKeep)*float64(g.window.n))
	g.age++
}

// watch moves the train and tells its start and its levels.
func (g *ignition) watch(sc *scene, out *operators.Outputs) {
	defer g.learn()
	if g.level == 0 {
		g.start(sc, out)
		return
	}
	for _, who := range g.recent[uint64(sc.pane)%ignitionPanes] {
		g.stokers.put(who)
	}
	people := int64(g.stokers.n)
	switch {
	case people >= g.asks() && g.level < levelsMax:
		g.reach(sc, g.level+1)
		sc.alert(out, "ignition_up", number("level", float64(g.level)), number("people", float64(people)))
	case sc.pane >= g.expires:
		g.level, g.stokers, g.rests = 0, idMap[struct{}]{}, sc.pane+coolPanes
	}
}

func (g *ignition) start(sc *scene, out *operators.Outputs) {
	if sc.pane < g.rests || g.age < ignitionAge {
		return
	}
	people := int64(g.window.n)
	goal := max(ignitionMin, up(float64(ignitionShare*float64(sc.room.active))), up(float64(ignitionTimes*g.usual)))
	if people < goal {
		return
	}
	g.goal, g.started = goal, sc.pane
	g.reach(sc, 1)
	sc.alert(out, "ignition", number("level", 1), number("people", float64(people)), number("goal", float64(goal)))
}

// asks is how many people the next level takes.
func (g *ignition) asks() int64 {
	return up(float64(float64(g.goal) * (1 + float64(levelSteeper*float64(g.level-1)))))
}

// reach begins a level: its people are counted anew.
func (g *ignition) reach(sc *scene, level int64) {
	g.level, g.best = level, max(g.best, level)
	g.expires, g.stokers = sc.pane+levelPanes, idMap[struct{}]{}
}

func (g *ignition) view() *eventpb.Ignition {
	v := &eventpb.Ignition{BestLevel: g.best}
	if g.level > 0 {
		v.Level, v.People, v.Goal = g.level, int64(g.stokers.n), g.asks()
		v.ExpiresMs, v.StartedMs = (g.expires+1)*1000, g.started*1000
	}
	return v
}

func up(x float64) int64 { return int64(math.Ceil(x)) }
