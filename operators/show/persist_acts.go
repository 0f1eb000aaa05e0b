package show

import (
	"fmt"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// What an act of an open pane has beside itself.
const (
	hasExtra = 1 << iota
	hasSaid
	hasDeeds
)

// beside walks the lists of a pane in step with its acts: all are in order of arrival.
type beside struct{ extras, said, deeds int }

// next are the pieces of act a, if it has any.
func (b *beside) next(p *pane, a *act) (x *extra, c *remark, deeds []deed) {
	if b.extras < len(p.extras) && p.extras[b.extras].id == a.id {
		x = &p.extras[b.extras]
		b.extras++
	}
	if b.said < len(p.said) && p.said[b.said].id == a.id {
		c = &p.said[b.said]
		b.said++
	}
	from := b.deeds
	for b.deeds < len(p.deeds) && p.deeds[b.deeds].id == a.id {
		b.deeds++
	}
	return x, c, p.deeds[from:b.deeds]
}

// encodeActs writes acts in order of arrival, each followed by what it has beside itself.
func encodeActs(c *actChunk) []byte {
	p := c.pane
	p.marked[c.n], p.inState = nil, max(p.inState, c.n+1)
	from, to := c.n*chunkActs, min((c.n+1)*chunkActs, len(p.acts))
	w := newWriter()
	w.Uint(uint64(to - from))
	var b beside
	for i := range p.acts[:to] {
		a := &p.acts[i]
		x, c, deeds := b.next(p, a)
		if i >= from {
			w.act(a, x, c, deeds)
		}
	}
	return w.Done()
}

func (w writer) act(a *act, x *extra, c *remark, deeds []deed) {
	w.ID(a.id)
	w.ID(a.person)
	w.Hash(a.text)
	w.Int(a.base)
	w.Uint(uint64(a.kind))
	has := uint64(0)
	if x != nil {
		has |= hasExtra
	}
	if c != nil {
		has |= hasSaid
	}
	if len(deeds) > 0 {
		has |= hasDeeds
	}
	w.Uint(has)
	if x != nil {
		w.ID(x.ref)
		w.Int(x.ms)
		w.Int(x.count)
		w.Bool(x.heats)
		w.Bool(x.void)
	}
	if c != nil {
		w.remark(c)
	}
	if len(deeds) > 0 {
		w.Uint(uint64(len(deeds)))
		for i := range deeds {
			w.deed(&deeds[i])
		}
	}
}

func decodeActs(b []byte) (*actChunk, error) {
	r := newReader(b)
	c := &actChunk{}
	for range r.Count(43) {
		a := act{id: r.ID(), person: r.ID(), text: r.Hash(), base: r.Int(), kind: r.kind()}
		c.acts = append(c.acts, a)
		has := r.Uint()
		if has&hasExtra != 0 {
			c.extras = append(c.extras, extra{
				id: a.id, buyer: a.person, kind: a.kind, ref: r.ID(), ms: r.Int(), count: r.Int(), heats: r.Bool(), void: r.Bool(),
			})
		}
		if has&hasSaid != 0 {
			c.said = append(c.said, r.remark(&a))
		}
		if has&hasDeeds != 0 {
			for range r.Count(5) {
				c.deeds = append(c.deeds, r.deed(&a))
			}
		}
	}
	return c, r.End()
}

// kind reads the kind of an act.
func (r reader) kind() eventpb.Kind {
	k := r.Uint()
	if k == 0 || k >= uint64(kinds) {
		r.Fail(fmt.Errorf("an act of unknown kind %d", k))
		return 0
	}
	return eventpb.Kind(k)
}

func (w writer) remark(c *remark) {
	w.ID(c.ref)
	w.Int(c.ms)
	w.Int(c.base)
	w.Int(c.account)
	w.Hash(c.hash)
	w.Hash(c.sim)
	w.Str(c.name)
	w.longs(c.words)
	w.longs(c.terms)
	w.Int(int64(c.runes))
	w.Uint(uint64(c.role))
	w.Bool(c.question)
	w.Bool(c.own)
	w.Bool(c.command)
	w.Bytes(c.at)
}

func (r reader) remark(a *act) remark {
	return remark{
		id: a.id, person: a.person, ref: r.ID(), ms: r.Int(), base: r.Int(), account: r.Int(), hash: r.Hash(), sim: r.Hash(),
		name: r.Str(), words: r.longs(), terms: r.longs(), runes: int32(r.Int()), role: eventpb.Role(r.Uint()),
		question: r.Bool(), own: r.Bool(), command: r.Bool(), at: r.point(),
	}
}

func (w writer) deed(d *deed) {
	w.Int(d.ms)
	w.Uint(uint64(d.action))
	w.Uint(uint64(d.band))
	w.Str(d.product)
	w.longs(d.asks)
}

func (r reader) deed(a *act) deed {
	return deed{
		id: a.id, person: a.person, kind: a.kind, ms: r.Int(), action: eventpb.Kind(r.Uint()), band: r.band(),
		product: r.Str(), asks: r.longs(),
	}
}
