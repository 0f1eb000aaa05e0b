package oracle

import (
	"math"

	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/source"
)

// Oracle keeps everything it is given. One goroutine at a time.
type Oracle struct {
	rules  Rules
	rooms  map[string]*room
	orders map[string]map[string]*placed // by order id, then by event id: the set of versions
	// The latest catalog entries by kind/id: what a scope is, not what it was.
	catalog map[string]*eventpb.Catalog
	// What the last tick said; 0 before the first.
	ingestedMS int64
}

// placed is a version of an order and who and where its event says.
type placed struct {
	*Version
	id                           string
	timeMS                       int64
	show, esol, campaign, person string
}

// room is one show: all its acts, and which of them count.
type room struct {
	acts       map[int64][]*act   // by pane: what was neither late nor a duplicate
	seen       map[string]*act    // by event id, the latest pane's
	retracts   map[string][]int64 // by the event id that they name: panes of the retractions
	maxMS      int64
	watermark  int64
	ingestedMS int64 // Oracle.ingestedMS when its last event was added
	first      int64 // least pane
	late       int64
	lateIDs    []string
}

// act is one accepted event.
type act struct {
	Event
	pane      int64
	retracted bool
}

// New makes an oracle of the given rules.
func New(r Rules) *Oracle {
	return &Oracle{rules: r, rooms: map[string]*room{}, orders: map[string]map[string]*placed{},
		catalog: map[string]*eventpb.Catalog{}}
}

// AddRaw decodes and adds one record; reason is that of the dead letter it is instead.
func (o *Oracle) AddRaw(r source.Record, place string, nowMS, minMS int64) (reason string) {
	e, reason := Decode(r, place, nowMS, minMS)
	if reason == "" {
		o.Add(e)
	}
	return reason
}

// Add adds one event. For rooms the order of adding is the order of arrival in the journal: it decides what is late,
// and nothing else. For money the order means nothing.
func (o *Oracle) Add(e Event) {
	switch {
	case e.Catalog != nil:
		o.catalog[e.Catalog.Kind+"/"+e.Catalog.Id] = e.Catalog
		return
	case e.Order != nil:
		versions := o.orders[e.Order.OrderID]
		if versions == nil {
			versions = map[string]*placed{}
			o.orders[e.Order.OrderID] = versions
		}
		if versions[e.ID] == nil {
			versions[e.ID] = &placed{e.Order, e.ID, e.TimeMS, e.Show, e.Esol, e.Campaign, e.Person}
		}
	}
	if e.Show != "" {
		r := o.room(e.Show)
		r.add(e, &o.rules)
		r.ingestedMS = o.ingestedMS
	}
}

// Tick says that everything up to ingestedMS has been added: shows in which nothing happens move on.
func (o *Oracle) Tick(ingestedMS int64) {
	o.ingestedMS = ingestedMS
	for _, r := range o.rooms {
		if r.ingestedMS == 0 { // the first tick ever: idleness is counted from here
			r.ingestedMS = ingestedMS
		}
		if ingestedMS-r.ingestedMS >= o.rules.IdleAfter {
			r.watermark = max(r.watermark, ingestedMS-o.rules.IdleBehind)
		}
	}
}

func (o *Oracle) room(show string) *room {
	r := o.rooms[show]
	if r == nil {
		r = &room{acts: map[int64][]*act{}, seen: map[string]*act{}, retracts: map[string][]int64{},
			maxMS: math.MinInt64, watermark: math.MinInt64, first: math.MaxInt64}
		o.rooms[show] = r
	}
	return r
}

// lateSample is how many ids of late events a room shows.
const lateSample = 8

func (r *room) add(e Event, rules *Rules) {
	pane := floorDiv(e.TimeMS, 1000)
	switch {
	case r.isFinal(pane, rules):
		r.late++
		if r.lateIDs = append(r.lateIDs, e.ID); len(r.lateIDs) > lateSample {
			r.lateIDs = r.lateIDs[1:]
		}
	case r.seen[e.ID] != nil && !r.isFinal(r.seen[e.ID].pane, rules):
		// A duplicate within the open panes.
	default:
		r.accept(&act{Event: e, pane: pane}, rules)
	}
	// An event from the future counts up to the append time only.
	t := e.TimeMS
	if e.AppendMS != 0 {
		t = min(t, e.AppendMS)
	}
	r.maxMS = max(r.maxMS, t)
	r.watermark = max(r.watermark, r.maxMS-rules.Lag)
}

func (r *room) accept(a *act, rules *Rules) {
	r.acts[a.pane] = append(r.acts[a.pane], a)
	r.seen[a.ID] = a
	r.first = min(r.first, a.pane)
	switch a.Kind {
	case "retract":
		r.retracts[a.Ref] = append(r.retracts[a.Ref], a.pane)
		if c := r.seen[a.Ref]; c != nil && c.Kind == "comment" && !r.isFinal(c.pane, rules) {
			c.retracted = c.retracted || rules.takesBack(a.pane, c.pane)
		}
	case "comment":
		for _, pane := range r.retracts[a.ID] {
			a.retracted = a.retracted || rules.takesBack(pane, a.pane)
		}
	}
}

// takesBack tells whether a retraction comes soon enough after a comment, by their event times.
func (r *Rules) takesBack(retraction, comment int64) bool {
	return comment <= retraction && retraction <= comment+r.RetractPanes
}

// isFinal tells whether nothing can change a pane any more: the watermark is Lateness past its end.
func (r *room) isFinal(pane int64, rules *Rules) bool {
	return r.watermark != math.MinInt64 && r.watermark >= (pane+1)*1000+rules.Lateness
}

// LastFinal is the last pane of a show that is final; ok is false where none is.
func (o *Oracle) LastFinal(show string) (pane int64, ok bool) {
	r := o.rooms[show]
	if r == nil || r.watermark == math.MinInt64 {
		return 0, false
	}
	pane = floorDiv(r.watermark-o.rules.Lateness, 1000) - 1
	return pane, pane >= r.first
}

// LastPane is the pane of a show's greatest event time.
func (o *Oracle) LastPane(show string) (pane int64, ok bool) {
	r := o.rooms[show]
	if r == nil || len(r.acts) == 0 {
		return 0, false
	}
	return floorDiv(r.maxMS, 1000), true
}

// Late is how many events of a show came after their pane was final, and the ids of the last few.
func (o *Oracle) Late(show string) (total int64, sample []string) {
	if r := o.rooms[show]; r != nil {
		return r.late, r.lateIDs
	}
	return 0, nil
}

// Shows are the ids of the shows that anything was said of, in no order.
func (o *Oracle) Shows() []string {
	var all []string
	for id := range o.rooms {
		all = append(all, id)
	}
	return all
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
