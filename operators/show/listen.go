package show

import (
	"slices"

	"github.com/netsu/netsu/operators/contagion"
	"github.com/netsu/netsu/operators/syncrate"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// transcriptPanes is for how long after the ESOL was last heard a show counts as one whose transcript is known.
const transcriptPanes = 120

// ear is what listening needs beside its libraries.
type ear struct {
	heardAt int64 // pane of the latest utterance of the ESOL's; never: not yet
	pinned  bool  // a product was put on air in this show
	doubted int64 // the last pane in which somebody who is not believed had a part
}

// panes is scratch: a pane as contagion and sync take it.
type panes struct {
	contagion contagion.Pane
	sync      syncrate.Pane
}

// listen counts the words and acts of a pane, by whom: what sync and contagion are made of. Only trusted people count; where
// somebody else has a part, the room is heard a second time with everyone in it (hearing.go).
func (st *study) listen(sc *scene) {
	st.ear.step(sc)
	if st.heard.sync == nil && sc.room.active >= peopleMin {
		st.heard.sync = syncrate.New()
		if st.everyone != nil {
			st.everyone.sync = syncrate.New()
		}
	}
	if st.heard.gather(sc, false) {
		st.ear.doubted = sc.pane
		if st.everyone == nil {
			st.everyone = st.heard.copied()
		}
	} else if st.everyone != nil && sc.pane-st.ear.doubted >= twinPanes {
		st.everyone = nil
	}
	active := sc.room.active
	if st.everyone != nil {
		st.everyone.gather(sc, true)
		st.everyone.step(sc, &st.ear, active)
		active -= min(active, sc.doubted(st.trust.Suspected()))
	}
	st.heard.step(sc, &st.ear, active)
}

// step notes what the ESOL has done, which all who listen know.
func (e *ear) step(sc *scene) {
	for _, c := range sc.said {
		if !audience(c.role) {
			e.heardAt = sc.pane
		}
	}
	for i := range sc.deeds {
		if sc.deeds[i].kind == eventpb.Kind_KIND_PIN {
			e.pinned = true
		}
	}
}

// step takes in what was gathered of the pane.
func (h *hearing) step(sc *scene, e *ear, active int64) {
	h.follow(sc)
	h.contagion.Step(h.contagionPane(sc, e))
	if h.sync != nil {
		h.sync.Step(h.syncPane(sc, active))
	}
}

// counts tells whether a comment is one of the room's own: of a known and trusted person of the audience.
func (sc *scene) counts(c *remark) bool {
	return audience(c.role) && !c.person.IsZero() && sc.trusted(c.person)
}

// slotsOf are the slots of the words of a comment, distinct and ascending.
func (h *hearing) slotsOf(into []uint16, lists ...[]uint64) []uint16 {
	from := len(into)
	for _, list := range lists {
		for _, w := range list {
			if slot, ok := h.words.Slot(w); ok {
				into = append(into, slot)
			}
		}
	}
	own := into[from:]
	slices.Sort(own)
	return into[:from+len(slices.Compact(own))]
}

// contagionPane is who said which words, and which of them somebody had put into their mouths.
func (h *hearing) contagionPane(sc *scene, e *ear) *contagion.Pane {
	p := &h.panes.contagion
	*p = contagion.Pane{Number: sc.pane, Said: p.Said[:0], Prompted: p.Prompted[:0]}
	h.slots = h.slots[:0]
	for i, c := range h.said {
		from := len(h.slots)
		h.slots = h.slotsOf(h.slots, c.terms, c.words)
		p.Said = append(p.Said, contagion.Said{Person: c.person.Hi, Slots: h.slots[from:len(h.slots):len(h.slots)]})
		p.Acts += count(i == 0 || h.said[i-1].person != c.person)
	}
	for _, c := range sc.said {
		if !audience(c.role) {
			p.Prompted = h.slotsOf(p.Prompted, c.terms, c.words)
		}
	}
	for i := range sc.deeds {
		switch d := &sc.deeds[i]; d.kind {
		case eventpb.Kind_KIND_PIN:
			p.Call = true
			if w, ok := sc.lx.product(d.product); ok {
				p.Prompted = h.slotsOf(p.Prompted, []uint64{w})
			}
		case eventpb.Kind_KIND_CALL:
			p.Call = true
			p.Prompted = h.slotsOf(p.Prompted, d.asks)
		}
	}
	slices.Sort(p.Prompted)
	p.Prompted = slices.Compact(p.Prompted)
	p.Transcript = sc.pane-e.heardAt <= transcriptPanes
	p.Pins = e.pinned
	return p
}

// syncPane is who spoke which words how often, what was called for, and who did something.
func (h *hearing) syncPane(sc *scene, active int64) *syncrate.Pane {
	p := &h.panes.sync
	*p = syncrate.Pane{
		Number: sc.pane, Active: active, AudienceTokens: int64(len(h.uses)), Audience: p.Audience[:0],
		Esol: p.Esol[:0], Brand: p.Brand[:0], Uses: p.Uses[:0], Calls: p.Calls[:0], Acted: h.acted,
	}
	for _, u := range h.uses { // distinct people and words
		if slot, ok := h.words.Slot(u.Word); ok {
			p.Audience = append(p.Audience, syncrate.Count{Slot: slot, N: 1})
			p.Uses = append(p.Uses, syncrate.Use{Person: u.Person, Slot: slot})
		}
	}
	for _, c := range sc.said {
		switch c.role {
		case eventpb.Role_ROLE_ESOL:
			p.Esol, p.EsolTokens = h.speak(p.Esol, p.EsolTokens, c)
		case eventpb.Role_ROLE_BRAND:
			p.Brand, p.BrandTokens = h.speak(p.Brand, p.BrandTokens, c)
		}
	}
	for i := range sc.deeds {
		if d := &sc.deeds[i]; d.kind == eventpb.Kind_KIND_CALL {
			p.Calls = append(p.Calls, syncrate.Call{ID: d.id.Lo, Action: actionOf(d.action)})
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
func (h *hearing) speak(counts []syncrate.Count, tokens int64, c *remark) ([]syncrate.Count, int64) {
	for _, list := range [2][]uint64{c.terms, c.words} {
		for _, w := range list {
			if slot, ok := h.words.Slot(w); ok {
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
