package show

import (
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: how many in the room own what the ESOL shows? What people own is not in the journal, but who has bought in
// this show is, and who says to own something that she owns (by the catalog) or has put on air. While neither has happened
// nobody can know, which is not the same as nobody owning anything.
type owners struct {
	shown []string // products put on air, ascending; beyond productsMax none is added
	known bool     // somebody has bought, or says to own

	// baseless: the catalog does not say of every product how many own it anyway. Then what chance gives is not all taken
	// off. Of the last count.
	baseless bool
}

// What a person is known to own.
const (
	saysToOwn = 1 << iota
	boughtOften
	doubtedlySays // says to own, and was not believed at the time
)

// holding is what somebody owns: two orders that stand, by hash, and flags. Who places a third is an owner for good, as
// which of many are cancelled is not followed.
type holding struct {
	orders [2]uint32
	flags  uint8
}

func (h *holding) owns() bool { return h.orders != [2]uint32{} || h.flags&^doubtedlySays != 0 }

// claims tells whether somebody owns something, if everything is believed.
func (h *holding) claims() bool { return h.owns() || h.flags != 0 }

func (h *holding) buy(order uint32) {
	switch free := slices.Index(h.orders[:], 0); {
	case slices.Contains(h.orders[:], order):
	case free < 0:
		h.flags |= boughtOften
	default:
		h.orders[free] = order
	}
}

func (h *holding) cancel(order uint32) {
	if i := slices.Index(h.orders[:], order); i >= 0 {
		h.orders[i] = 0
	}
}

func shortRef(order event.ID) uint32 { return max(uint32(order.Lo), 1) }

func (o *owners) step(sc *scene) {
	for i := range sc.deeds {
		if d := &sc.deeds[i]; d.kind == eventpb.Kind_KIND_PIN && d.product != "" {
			at, known := slices.BinarySearch(o.shown, d.product)
			if !known && len(o.shown) < productsMax {
				o.shown = slices.Insert(o.shown, at, strings.Clone(d.product))
			}
		}
	}
	for _, x := range sc.sales {
		if h := sc.holding(x.buyer); h != nil {
			h.buy(shortRef(x.ref))
			o.known = true
		}
	}
	if p := sc.show.panes[sc.pane]; p != nil {
		for _, x := range p.extras {
			if !x.void {
				continue
			}
			if h := sc.holding(x.buyer); h != nil {
				h.cancel(shortRef(x.ref))
			}
		}
	}
	for _, c := range sc.said {
		if !c.own || !audience(c.role) || !o.means(sc, c) {
			continue
		}
		switch h := sc.holding(c.person); {
		case h == nil:
		case sc.trusted(c.person):
			h.flags |= saysToOwn
			o.known = true
		default:
			h.flags |= doubtedlySays
		}
	}
}

// holding finds what somebody owns, and has it written; nil: they are not remembered.
func (sc *scene) holding(id event.ID) *holding {
	p := &sc.show.study.people
	who := p.get(id)
	if id.IsZero() || who == nil {
		return nil
	}
	p.dirty.Add(partOf(id))
	return &who.holding
}

// means tells whether who says to own something says it of what counts: a product that it names, or if it names none the
// one on air.
func (o *owners) means(sc *scene, c *remark) bool {
	named := false
	for _, w := range c.terms {
		if id, ok := sc.lx.productOf(w); ok {
			named = true
			if _, shown := slices.BinarySearch(o.shown, id); shown || slices.Contains(sc.owned(), id) {
				return true
			}
		}
	}
	return !named && sc.show.study.pins.onAir != ""
}

// owned are the products that the show's ESOL owns, by the catalog alone: which ESOL an event named first depends on when
// it came.
func (sc *scene) owned() []string {
	c := &sc.fold.catalog
	return c.get("esol", c.show(sc.show.id).GetEsolId()).GetEsol().GetOwns()
}

// possess counts the owners among the trusted people who have done anything in five minutes, and among all of them, for the
// sync rates. It walks all people.
func (st *study) possess(sc *scene) {
	o := &st.owners
	if st.heard.sync == nil || !o.known && st.everyone == nil {
		return
	}
	var own, active, allOwn, all int64
	for i := range st.people.shards {
		for _, slot := range st.people.shards[i].slots {
			if !slot.used || slot.value.last <= sc.pane-activePanes {
				continue
			}
			all++
			allOwn += count(slot.value.claims())
			if sc.trusted(slot.id) {
				active++
				own += count(slot.value.owns())
			}
		}
	}
	base := 0.
	base, o.baseless = o.base(sc)
	if o.known {
		st.heard.sync.SetPossession(own, active, base)
	}
	if st.everyone != nil && (o.known || allOwn > 0) {
		st.everyone.sync.SetPossession(allOwn, all, base)
	}
}

// base is the share of people who would own one of the products anyway, as if they were owned independently of each
// other. [JUDG]
func (o *owners) base(sc *scene) (share float64, baseless bool) {
	without := 1.
	products := slices.Concat(o.shown, sc.owned())
	slices.Sort(products)
	for _, id := range slices.Compact(products) {
		ppm := sc.fold.catalog.get("product", id).GetProduct().GetBaseOwnedPpm()
		baseless = baseless || ppm == 0
		without = float64(without * (1 - float64(ppm)/1e6))
	}
	return 1 - without, baseless || len(products) == 0
}

func (w writer) owners(o *owners) {
	w.Bool(o.known)
	w.Uint(uint64(len(o.shown)))
	for _, id := range o.shown {
		w.Str(id)
	}
}

func (r reader) owners(o *owners) {
	o.known = r.Bool()
	for range r.Count(1) {
		o.shown = append(o.shown, r.Str())
	}
}

func (w writer) holding(h *holding) {
	w.Uint(uint64(h.orders[0]))
	w.Uint(uint64(h.orders[1]))
	w.Uint(uint64(h.flags))
}

func (r reader) holding() holding {
	return holding{[2]uint32{uint32(r.Uint()), uint32(r.Uint())}, uint8(r.Uint())}
}
