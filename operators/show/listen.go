package show

import (
	"cmp"
	"slices"

	"github.com/netsu/netsu/operators/contagion"
	"github.com/netsu/netsu/operators/syncrate"
	"github.com/netsu/netsu/operators/vocab"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// transcriptPanes is for how long after the ESOL was last heard a show counts as one whose transcript is known.
const transcriptPanes = 120

// ear is what listening needs beside its libraries: when the ESOL was last heard, and scratch.
type ear struct {
	heardAt int64 // pane of the latest utterance; never: not yet
	pinned  bool  // a product was put on air in this show

	counted   []*remark // of trusted people, by person
	uses      []vocab.Use
	slots     []uint16
	contagion contagion.Pane
	sync      syncrate.Pane
}

// listen counts the words of a pane, by whom: what sync and contagion are made of. Only trusted people count.
func (st *study) listen(sc *scene) {
	st.follow(sc)
	st.contagion.Step(st.contagionPane(sc))
	if st.sync == nil && sc.room.active >= peopleMin {
		st.sync = syncrate.New()
	}
	if st.sync != nil {
		st.sync.Step(st.syncPane(sc))
	}
}

// follow keeps the vocabulary: the lexicon's words have slots, the rest go to what the room says most.
func (st *study) follow(sc *scene) {
	if st.pinned != sc.fold.catalog.version {
		st.renew(st.words.Pin(sc.lx.all))
		st.pinned = sc.fold.catalog.version
	}
	e := &st.ear
	e.counted, e.uses = e.counted[:0], e.uses[:0]
	for _, c := range sc.said {
		if sc.counts(c) {
			e.counted = append(e.counted, c)
		}
	}
	slices.SortFunc(e.counted, func(a, b *remark) int { return compareIDs(a.person, b.person) })
	for from := 0; from < len(e.counted); {
		to := from + 1
		for to < len(e.counted) && e.counted[to].person == e.counted[from].person {
			to++
		}
		e.use(e.counted[from:to])
		from = to
	}
	st.renew(st.words.Step(sc.pane, st.ear.uses))
}

// use adds the words of a person's comments, each once. Within one comment they are distinct already.
func (e *ear) use(comments []*remark) {
	from := len(e.uses)
	for _, c := range comments {
		for _, list := range [2][]uint64{c.terms, c.words} {
			for _, w := range list {
				e.uses = append(e.uses, vocab.Use{Person: c.person.Hi, Word: w})
			}
		}
	}
	if len(comments) > 1 {
		own := e.uses[from:]
		slices.SortFunc(own, func(a, b vocab.Use) int { return cmp.Compare(a.Word, b.Word) })
		e.uses = e.uses[:from+len(slices.Compact(own))]
	}
}

func (st *study) renew(slots []uint16) {
	for _, slot := range slots {
		st.contagion.Renew(slot)
		if st.sync != nil {
			st.sync.Renew(slot)
		}
	}
}

// counts tells whether a comment is one of the room's own: of a known and trusted person of the audience.
func (sc *scene) counts(c *remark) bool {
	return audience(c.role) && !c.person.IsZero() && sc.trusted(c.person)
}

// slotsOf are the slots of the words of a comment, distinct and ascending.
func (st *study) slotsOf(into []uint16, lists ...[]uint64) []uint16 {
	from := len(into)
	for _, list := range lists {
		for _, w := range list {
			if slot, ok := st.words.Slot(w); ok {
				into = append(into, slot)
			}
		}
	}
	own := into[from:]
	slices.Sort(own)
	return into[:from+len(slices.Compact(own))]
}

// contagionPane is who said which words, and which of them somebody had put into their mouths.
func (st *study) contagionPane(sc *scene) *contagion.Pane {
	e := &st.ear
	p := &e.contagion
	*p = contagion.Pane{Number: sc.pane, Said: p.Said[:0], Prompted: p.Prompted[:0]}
	e.slots = e.slots[:0]
	for i, c := range e.counted {
		from := len(e.slots)
		e.slots = st.slotsOf(e.slots, c.terms, c.words)
		p.Said = append(p.Said, contagion.Said{Person: c.person.Hi, Slots: e.slots[from:len(e.slots):len(e.slots)]})
		p.Acts += count(i == 0 || e.counted[i-1].person != c.person)
	}
	for _, c := range sc.said {
		if !audience(c.role) {
			e.heardAt = sc.pane
			p.Prompted = st.slotsOf(p.Prompted, c.terms, c.words)
		}
	}
	for i := range sc.deeds {
		switch d := &sc.deeds[i]; d.kind {
		case eventpb.Kind_KIND_PIN:
			e.pinned, p.Call = true, true
			if w, ok := sc.lx.product(d.product); ok {
				p.Prompted = st.slotsOf(p.Prompted, []uint64{w})
			}
		case eventpb.Kind_KIND_CALL:
			p.Call = true
			p.Prompted = st.slotsOf(p.Prompted, d.asks)
		}
	}
	slices.Sort(p.Prompted)
	p.Prompted = slices.Compact(p.Prompted)
	p.Transcript = sc.pane-e.heardAt <= transcriptPanes
	p.Pins = e.pinned
	return p
}

// syncPane is who spoke which words how often, what was called for, and who did something.
func (st *study) syncPane(sc *scene) *syncrate.Pane {
	e := &st.ear
	p := &e.sync
	*p = syncrate.Pane{
		Number: sc.pane, Active: sc.room.active, AudienceTokens: int64(len(e.uses)), Audience: p.Audience[:0],
		Esol: p.Esol[:0], Brand: p.Brand[:0], Uses: p.Uses[:0], Calls: p.Calls[:0], Acted: p.Acted[:0],
	}
	for _, u := range e.uses { // distinct people and words
		if slot, ok := st.words.Slot(u.Word); ok {
			p.Audience = append(p.Audience, syncrate.Count{Slot: slot, N: 1})
			p.Uses = append(p.Uses, syncrate.Use{Person: u.Person, Slot: slot})
		}
	}
	for _, c := range sc.said {
		switch c.role {
		case eventpb.Role_ROLE_ESOL:
			p.Esol, p.EsolTokens = st.speak(p.Esol, p.EsolTokens, c)
		case eventpb.Role_ROLE_BRAND:
			p.Brand, p.BrandTokens = st.speak(p.Brand, p.BrandTokens, c)
		}
	}
	for i := range sc.deeds {
		if d := &sc.deeds[i]; d.kind == eventpb.Kind_KIND_CALL {
			p.Calls = append(p.Calls, syncrate.Call{ID: d.id.Lo, Action: actionOf(d.action)})
		}
	}
	for _, a := range sc.acts {
		if action := actionOf(a.kind); action != 0 && sc.trusted(a.person) {
			p.Acted = append(p.Acted, syncrate.Acted{Person: a.person.Hi, Action: action})
		}
	}
	for _, x := range sc.sales {
		if !x.buyer.IsZero() {
			p.Acted = append(p.Acted, syncrate.Acted{Person: x.buyer.Hi, Action: actionOf(eventpb.Kind_KIND_ORDER)})
		}
	}
	return p
}

// speak adds the words of a sender's comment, each occurrence once.
func (st *study) speak(counts []syncrate.Count, tokens int64, c *remark) ([]syncrate.Count, int64) {
	for _, list := range [2][]uint64{c.terms, c.words} {
		for _, w := range list {
			if slot, ok := st.words.Slot(w); ok {
				counts = append(counts, syncrate.Count{Slot: slot, N: 1})
			}
		}
		tokens += int64(len(list))
	}
	return counts, tokens
}

// actions are the acts that a call may call for, as syncrate has them: 1 to 15; 0 is anything, or nothing of the kind.
var actions = []eventpb.Kind{
	eventpb.Kind_KIND_COMMENT, eventpb.Kind_KIND_LIKE, eventpb.Kind_KIND_GIFT, eventpb.Kind_KIND_SHARE,
	eventpb.Kind_KIND_FOLLOW, eventpb.Kind_KIND_PRODUCT_CLICK, eventpb.Kind_KIND_ADD_TO_CART,
	eventpb.Kind_KIND_CHECKOUT, eventpb.Kind_KIND_INQUIRY, eventpb.Kind_KIND_COUPON_CLAIM,
	eventpb.Kind_KIND_LINK_VISIT, eventpb.Kind_KIND_ORDER,
}

func actionOf(k eventpb.Kind) uint8 { return uint8(slices.Index(actions, k) + 1) }

func actionName(action uint8) string {
	if action == 0 || int(action) > len(actions) {
		return ""
	}
	return kindName(actions[action-1])
}
