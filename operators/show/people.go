package show

import (
	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A producer asks: of the people in my room, how many got how far? The stages are no ladder: a person may enter any of
// them first, and several at once (learning, interest and buying in one live).
type stage uint16

const (
	stageSeen    stage = 1 << iota // did anything at all, joining included
	stageEngaged                   // said, liked, gave, shared, followed or claimed something
	stageAsked                     // asked something
	stageClicked                   // a product or a link
	stageCarted
	stageCheckedOut
	stageBought   // placed an order
	stageCameBack // placed another one in the same show
)

var stageNames = []string{"seen", "engaged", "asked", "clicked", "carted", "checked_out", "bought", "came_back"}

// stageOf is what an act of the audience makes its head.
func stageOf(k eventpb.Kind) stage {
	switch k {
	case eventpb.Kind_KIND_COMMENT, eventpb.Kind_KIND_LIKE, eventpb.Kind_KIND_GIFT, eventpb.Kind_KIND_SHARE,
		eventpb.Kind_KIND_FOLLOW, eventpb.Kind_KIND_COUPON_CLAIM:
		return stageSeen | stageEngaged
	case eventpb.Kind_KIND_INQUIRY:
		return stageSeen | stageEngaged | stageAsked
	case eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_LINK_VISIT:
		return stageSeen | stageClicked
	case eventpb.Kind_KIND_ADD_TO_CART:
		return stageSeen | stageCarted
	case eventpb.Kind_KIND_CHECKOUT:
		return stageSeen | stageCheckedOut
	case eventpb.Kind_KIND_ORDER:
		return stageSeen | stageBought
	}
	return stageSeen
}

// tally counts people by stage: all, and those who also bought.
type tally struct{ people, bought [8]int64 }

// enter moves somebody from the stages before to those after.
func (t *tally) enter(before, after stage) {
	buys := after&stageBought != 0
	for i := range t.people {
		s := stage(1) << i
		switch {
		case after&s == 0:
		case before&s == 0:
			t.people[i]++
			if buys {
				t.bought[i]++
			}
		case buys && before&stageBought == 0:
			t.bought[i]++
		}
	}
}

// view is the tally beside how many of each stage are not believed. A tally is of whoever has been there, and what is
// thought of them changes later: so the doubted are counted anew for each view. They are few.
func (t *tally) view(doubted [8]int64) []*eventpb.Stage {
	all := make([]*eventpb.Stage, len(stageNames))
	for i, name := range stageNames {
		all[i] = &eventpb.Stage{Name: name, People: t.people[i], Bought: t.bought[i], Doubted: doubted[i]}
	}
	return all
}

// count adds somebody to the stages where they have been.
func (s stage) count(of *[8]int64) {
	for i := range of {
		if s>>i&1 != 0 {
			of[i]++
		}
	}
}

// view is the room's funnel. Who was forgotten is not doubted any more.
func (p *people) view(t *trust.State) *eventpb.Funnel {
	var doubted [8]int64
	for id := range t.Suspected() {
		if who := p.get(id); who != nil {
			who.stages.count(&doubted)
		}
	}
	return &eventpb.Funnel{Stages: p.tally.view(doubted)}
}

// person is what the study remembers of somebody in the room.
type person struct {
	stages stage
	last   int64 // pane of the latest act
	asked  int64 // event time of the first question that no order has followed yet, ms; 0: none
	heat   int64 // microjoules radiated so far, believed
	holding
}

// peopleMax bounds who is remembered: beyond it a tenth is forgotten, least recently active first. They stay counted, and
// count anew when they come back.
const peopleMax = 50_000

// people is the funnel of the room. They are written in parts like heads: only what has changed.
type people struct {
	tally  tally
	shards [shards]idMap[person]
	n      int
	dirty  shardset.Set // parts that have changed in the pane
	inCut  shardset.Set // those whose key is in the next cut
	stored shardset.Set // those that have a key
	listed []event.ID   // of listedOf, ascending; nil: not listed since somebody came or went
	fresh  int64        // people whose first act beyond joining was in the pane

	listedOf int // a shard

	// Is the heat backed by sales? Microjoules of all, and of those who have bought, before or after.
	heat, backed int64
}

// get finds somebody, or nobody.
func (p *people) get(id event.ID) *person { return p.shards[shardOf(id)].get(id) }

// at finds somebody, or begins to remember them.
func (p *people) at(id event.ID, pane int64) *person {
	n := shardOf(id)
	who, known := p.shards[n].put(id)
	if !known {
		p.n++
		p.listed = nil
	}
	who.last = pane
	p.dirty.Add(partOf(id))
	return who
}

func (p *people) enter(who *person, s stage) {
	if after := who.stages | s; after != who.stages {
		if who.stages&^stageSeen == 0 && s&^stageSeen != 0 {
			p.fresh++
		}
		if after&stageBought != 0 && who.stages&stageBought == 0 {
			p.backed += who.heat
		}
		p.tally.enter(who.stages, after)
		who.stages = after
	}
}

// backedShare is the share of the room's heat that came from people who bought: what is hot and sells.
func (p *people) backedShare() float64 {
	if p.heat == 0 {
		return 0
	}
	return float64(p.backed) / float64(p.heat)
}

func (p *people) step(sc *scene) {
	p.fresh = 0
	for i := range sc.heads {
		if h := &sc.heads[i]; !h.id.IsZero() {
			who := p.at(h.id, sc.pane)
			who.heat += h.believed
			p.heat += h.believed
			if who.stages&stageBought != 0 {
				p.backed += h.believed
			}
		}
	}
	for _, a := range sc.acts {
		p.enter(p.at(a.person, sc.pane), stageOf(a.kind))
	}
	for _, c := range sc.said {
		if c.question && audience(c.role) && !c.person.IsZero() {
			p.enter(p.at(c.person, sc.pane), stageSeen|stageEngaged|stageAsked)
		}
	}
	for _, x := range sc.sales {
		if x.buyer.IsZero() {
			continue
		}
		who := p.at(x.buyer, sc.pane)
		if who.stages&stageBought != 0 {
			p.enter(who, stageCameBack)
		}
		p.enter(who, stageOf(eventpb.Kind_KIND_ORDER))
	}
	p.forget()
}

func (p *people) forget() {
	for _, id := range oldest(p.n, peopleMax, func(add func(event.ID, int64)) {
		for i := range p.shards {
			for _, slot := range p.shards[i].slots {
				if slot.used {
					add(slot.id, slot.value.last)
				}
			}
		}
	}) {
		p.shards[shardOf(id)].del(id)
		p.n--
		p.listed = nil
		p.dirty.Add(partOf(id))
	}
}

// inPart are the ids of part n, ascending. One shard is sorted once for all of its parts, which are asked for in order.
func (p *people) inPart(n int) []event.ID {
	if at := shardOfPart(n); p.listed == nil || p.listedOf != at {
		p.listed, p.listedOf = sortedIDs(&p.shards[at]), at
	}
	return inPart(p.listed, n, func(id event.ID) event.ID { return id })
}
