package show

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// encodeStudy writes what the study remembers beside its libraries' states (keys of their own) and its people (shards of
// their own). It is final, so nothing needs to be gone back on.
func encodeStudy(s *show) []byte {
	st := s.study
	st.marked, st.twin.marked = false, false
	w := newWriter()
	w.Int(st.pane)
	w.Int(st.quiet)
	w.ear(&st.ear)
	w.tally(&st.people.tally)
	w.Int(st.people.heat)
	w.Int(st.people.backed)
	w.products(&st.products)
	for _, b := range []*body{&st.bodies.esol, &st.bodies.brand} {
		w.Float(b.q)
		w.Float(b.v2)
		w.Float(b.power)
		w.Float(b.rate)
		w.Int(b.acts)
	}
	for i := range st.bodies.flows {
		st.bodies.flows[i].Encode(w.Writer)
	}
	w.Int(st.bodies.contributed)
	for _, set := range st.knowledge.sets() {
		w.beatSet(set)
	}
	w.questions(&st.questions)
	w.pins(&st.pins)
	w.beats(&st.beats)
	w.spread(&st.spread)
	w.ignition(&st.ignition)
	w.owners(&st.owners)
	w.prompts(&st.prompts)
	w.diagnoses(&st.diagnoses)
	w.glance(&st.glance)
	return w.Done()
}

func decodeStudy(b []byte) (*show, error) {
	r := newReader(b)
	st := newStudy()
	st.pane, st.quiet = r.Int(), r.Int()
	r.ear(&st.ear)
	r.tally(&st.people.tally)
	st.people.heat, st.people.backed = r.Int(), r.Int()
	r.products(&st.products)
	for _, b := range []*body{&st.bodies.esol, &st.bodies.brand} {
		b.q, b.v2, b.power, b.rate, b.acts = r.Float(), r.Float(), r.Float(), r.Float(), r.Int()
	}
	for i := range st.bodies.flows {
		st.bodies.flows[i].Decode(r.Reader)
	}
	st.bodies.contributed = r.Int()
	for _, set := range st.knowledge.sets() {
		r.beatSet(set)
	}
	r.questions(&st.questions)
	r.pins(&st.pins)
	r.beats(&st.beats)
	r.spread(&st.spread)
	r.ignition(&st.ignition)
	r.owners(&st.owners)
	r.prompts(&st.prompts)
	r.diagnoses(&st.diagnoses)
	r.glance(&st.glance)
	return &show{study: st}, r.End()
}

func (w writer) ear(e *ear) {
	w.Int(e.heardAt)
	w.Bool(e.pinned)
	w.Int(e.doubted)
}

func (r reader) ear(e *ear) { e.heardAt, e.pinned, e.doubted = r.Int(), r.Bool(), r.Int() }

func (w writer) tally(t *tally) {
	for i := range t.people {
		w.Int(t.people[i])
		w.Int(t.bought[i])
	}
}

func (r reader) tally(t *tally) {
	for i := range t.people {
		t.people[i], t.bought[i] = r.Int(), r.Int()
	}
}

// sortedIDs are the ids of a map in the order in which they may reach the state.
func sortedIDs[V any](m *idMap[V]) []event.ID {
	ids := make([]event.ID, 0, m.n)
	for i := range m.slots {
		if m.slots[i].used {
			ids = append(ids, m.slots[i].id)
		}
	}
	slices.SortFunc(ids, compareIDs)
	return ids
}

func (w writer) products(p *products) {
	w.Uint(uint64(len(p.all)))
	for _, id := range slices.Sorted(maps.Keys(p.all)) {
		w.Str(id)
		w.tally(p.all[id])
	}
	w.Uint(uint64(p.pairs.n))
	for _, id := range sortedIDs(&p.pairs) {
		w.ID(id)
		w.Uint(uint64(*p.pairs.get(id)))
	}
}

func (r reader) products(p *products) {
	for range r.Count(17) {
		t := &tally{}
		p.all[r.Str()] = t
		r.tally(t)
	}
	for range r.Count(17) {
		v, _ := p.pairs.put(r.ID())
		*v = stage(r.Uint())
	}
}

func compareBeats(a, b beatID) int {
	return cmp.Or(strings.Compare(a.brand, b.brand), strings.Compare(a.id, b.id))
}

func (w writer) beatSet(set map[beatID]bool) {
	w.Uint(uint64(len(set)))
	for _, id := range slices.SortedFunc(maps.Keys(set), compareBeats) {
		w.Str(id.brand)
		w.Str(id.id)
	}
}

func (r reader) beatSet(set map[beatID]bool) {
	for range r.Count(2) {
		set[beatID{r.Str(), r.Str()}] = true
	}
}

func (w writer) longs(list []uint64) {
	w.Uint(uint64(len(list)))
	for _, v := range list {
		w.Hash(v)
	}
}

func (r reader) longs() (list []uint64) {
	for range r.Count(8) {
		list = append(list, r.Hash())
	}
	return list
}

func (w writer) questions(q *questions) {
	w.Uint(uint64(len(q.open)))
	for i := range q.open {
		w.ID(q.open[i].id)
		w.Int(q.open[i].ms)
		w.longs(q.open[i].about)
	}
	w.Int(q.asked)
	w.Int(q.answered)
	w.Int(q.bought)
	for _, n := range q.delays {
		w.Int(n)
	}
}

func (r reader) questions(q *questions) {
	for range r.Count(18) {
		q.open = append(q.open, question{r.ID(), r.Int(), r.longs()})
	}
	q.asked, q.answered, q.bought = r.Int(), r.Int(), r.Int()
	for i := range q.delays {
		q.delays[i] = r.Int()
	}
}

func (w writer) pins(p *pins) {
	w.Str(p.onAir)
	w.Uint(uint64(len(p.open)))
	for _, o := range p.open {
		w.Int(o.pane)
		w.Str(o.product)
	}
	w.Uint(uint64(len(p.done)))
	for _, l := range p.done {
		b, err := l.MarshalVTStrict()
		if err != nil {
			panic("cannot happen: marshalling a lift: " + err.Error())
		}
		w.Bytes(b)
	}
	for _, list := range p.recent {
		w.Uint(uint64(len(list)))
		for _, x := range list {
			w.Str(x.product)
			w.Hash(x.person)
			w.Bool(x.order)
			w.Bool(x.click)
		}
	}
}

func (r reader) pins(p *pins) {
	p.onAir = r.Str()
	for range r.Count(2) {
		p.open = append(p.open, pin{r.Int(), r.Str()})
	}
	for range r.Count(1) {
		l := &eventpb.PinLift{}
		if err := l.UnmarshalVT(r.Bytes()); err != nil {
			r.Fail(fmt.Errorf("reading a lift: %w", err))
			return
		}
		if l.Lift == nil {
			l.Lift = &eventpb.Estimate{}
		}
		p.done = append(p.done, l)
	}
	for i := range p.recent {
		for range r.Count(11) {
			p.recent[i] = append(p.recent[i], wanted{r.Str(), r.Hash(), r.Bool(), r.Bool()})
		}
	}
}

func (w writer) beats(b *beats) {
	w.Uint(uint64(len(b.all)))
	for _, id := range slices.SortedFunc(maps.Keys(b.all), compareBeats) {
		w.Str(id.brand)
		w.Str(id.id)
		w.Int(b.all[id].told)
		w.Int(b.all[id].people)
		w.Int(b.all[id].microjoules)
	}
	w.Uint(uint64(b.retold.n))
	for _, id := range sortedIDs(&b.retold) {
		w.ID(id)
	}
}

func (r reader) beats(b *beats) {
	for range r.Count(5) {
		b.all[beatID{r.Str(), r.Str()}] = &beat{r.Int(), r.Int(), r.Int()}
	}
	for range r.Count(16) {
		b.retold.put(r.ID())
	}
}

func (w writer) spread(s *spread) {
	w.Int(s.fill)
	for _, p := range s.panes {
		w.Int(int64(p.shares))
		w.Int(int64(p.joins))
		w.Int(int64(p.first))
	}
}

func (r reader) spread(s *spread) {
	s.fill = r.Int()
	for i := range s.panes {
		s.panes[i] = spreadPane{int32(r.Int()), int32(r.Int()), int32(r.Int())}
	}
}

func (w writer) ignition(g *ignition) {
	for _, v := range []int64{g.level, g.goal, g.expires, g.started, g.best, g.rests, g.age} {
		w.Int(v)
	}
	w.Float(g.usual)
	w.ids(sortedIDs(&g.stokers))
	for _, list := range g.recent {
		w.ids(list)
	}
}

func (r reader) ignition(g *ignition) {
	for _, v := range []*int64{&g.level, &g.goal, &g.expires, &g.started, &g.best, &g.rests, &g.age} {
		*v = r.Int()
	}
	g.usual = r.Float()
	for _, id := range r.ids() {
		g.stokers.put(id)
	}
	for i := range g.recent {
		g.recent[i] = r.ids()
		for _, id := range g.recent[i] {
			n, _ := g.window.put(id)
			*n++
		}
	}
}

func (w writer) ids(list []event.ID) {
	w.Uint(uint64(len(list)))
	for _, id := range list {
		w.ID(id)
	}
}

func (r reader) ids() (list []event.ID) {
	for range r.Count(16) {
		list = append(list, r.ID())
	}
	return list
}

func (w writer) prompts(p *prompts) {
	w.Uint(uint64(len(p.words)))
	for _, x := range p.words {
		w.Hash(x.word)
		w.Int(x.pane)
	}
}

func (r reader) prompts(p *prompts) {
	for range r.Count(9) {
		p.words = append(p.words, prompt{r.Hash(), r.Int()})
	}
}

func (w writer) diagnoses(d *diagnoses) {
	for _, p := range d.panes {
		w.Int(int64(p.orders))
		w.Int(int64(p.comments))
		w.Int(int64(p.about))
	}
	for _, v := range []int64{d.age, d.ordersBefore, d.hotFor, d.reverseFor, d.sinceOrder} {
		w.Int(v)
	}
	w.Bool(d.sold)
	w.Uint(uint64(len(d.calls)))
	for _, c := range d.calls {
		w.Int(c.pane)
		w.Float(c.temperature)
		w.Float(c.low)
	}
	for _, t := range d.told {
		w.Bool(t)
	}
	w.Uint(uint64(len(d.floods)))
	for _, f := range d.floods {
		w.Hash(f.hash)
		w.Int(f.last)
	}
}

func (r reader) diagnoses(d *diagnoses) {
	for i := range d.panes {
		p := diagnosePane{int32(r.Int()), int32(r.Int()), int32(r.Int())}
		d.panes[i] = p
		d.sum = diagnosePane{d.sum.orders + p.orders, d.sum.comments + p.comments, d.sum.about + p.about}
	}
	for _, v := range []*int64{&d.age, &d.ordersBefore, &d.hotFor, &d.reverseFor, &d.sinceOrder} {
		*v = r.Int()
	}
	d.sold = r.Bool()
	for range r.Count(17) {
		d.calls = append(d.calls, watchedCall{r.Int(), r.Float(), r.Float()})
	}
	for i := range d.told {
		d.told[i] = r.Bool()
	}
	for range r.Count(9) {
		d.floods = append(d.floods, toldFlood{r.Hash(), r.Int()})
	}
}

// peoplePart is a part of the people of a show, or as decoded its content.
type peoplePart struct {
	show *show
	n    int
	all  []knownPerson
}

type knownPerson struct {
	id event.ID
	person
}

func encodePeople(v *peoplePart) []byte {
	p := &v.show.study.people
	p.inCut.Remove(v.n)
	ids := p.inPart(v.n)
	all := make([]knownPerson, len(ids))
	for i, id := range ids {
		all[i] = knownPerson{id, *p.get(id)}
	}
	return (&peoplePart{all: all}).encode()
}

func (v *peoplePart) encode() []byte {
	w := newWriter()
	w.Uint(uint64(len(v.all)))
	for i := range v.all {
		who := &v.all[i]
		w.ID(who.id)
		w.Uint(uint64(who.stages))
		w.Int(who.last)
		w.Int(who.asked)
		w.Int(who.heat)
		w.holding(&who.holding)
	}
	return w.Done()
}

func decodePeople(b []byte) (*peoplePart, error) {
	r := newReader(b)
	v := &peoplePart{}
	for range r.Count(23) {
		v.all = append(v.all, knownPerson{r.ID(), person{stage(r.Uint()), r.Int(), r.Int(), r.Int(), r.holding()}})
	}
	return v, r.End()
}
