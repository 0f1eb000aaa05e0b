package show

import (
	"math"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/shardset"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Time of a show, DESIGN §4, and limits.
const (
	outOfOrderMS  = 5_000          // the watermark stays this far behind the greatest event time
	latenessMS    = 30_000         // and a pane is final this far behind the watermark
	idleAfterMS   = 10_000         // of ingested time without an event
	endedGraceMS  = 60_000         // after the end that the catalog gives
	dropAfterMS   = 24 * 3_600_000 // of ingested time without an event
	aheadPanesMax = 600            // ingest refuses 300 s already; beyond this an event counts as late
	openEventsMax = 1 << 20        // events in open panes; more count as late (29,000 a second for 36 s)
	lateSampleMax = 8
	retractPanes  = 10            // a comment is taken back by a retraction of its own pane or of the ten after
	undoPanes     = 64            // more than the 37 panes between final and now
	noPane        = math.MaxInt64 // after every pane
)

// show is one show. Three places in its time matter:
//
//	       final                 room                    now
//	─────────┼─────────────────────┼──────────────────────┼──▶ panes
//	 closed: │ tentative: in room, │ not yet evaluated    │ ahead: events from the future wait in their panes
//	 never   │ each with its undo  │                      │
//	 changes │                     │                      │
//
// final ≤ room.pane ≤ now; an event for a pane in (final, room.pane] sets stale, and the next evaluation goes back to
// it.
type show struct {
	id string

	maxEventMS  int64 // greatest event time, an event from the future counting up to its append time
	watermarkMS int64
	closing     int64 // greatest pane that the watermark has made final
	activeAt    int64 // Fold.progress when its last event was folded

	state    eventpb.RoomState
	esol     string // from events, where the catalog has none: the first that named one
	platform string

	lateTotal  int64
	lateSample []string

	final room
	room  room
	stale int64 // least tentative pane that has changed since it was evaluated
	undos []undo

	ids         idMap[int64] // of the acts in open panes → pane
	panes       map[int64]*pane
	last        *pane // most recently looked up
	spare       []*pane
	retractions int // in open panes

	memory  *memory
	past    *past // memory as of final, between two evaluations
	moments moments
	trend   trend
	study   *study // nil: away
	profile profile
	shown   []string // study.owners.shown, while it is away
	unread  bool     // memory is away

	lexicon   *lexicon // of version lexiconOf of the catalog
	lexiconOf int64
	names     map[string]string // of products, each kept once
	sold      *sold             // nil: not asked for yet

	changed   bool         // since it was emitted
	fresh     int64        // events admitted since it was emitted
	freshFrom int64        // the least pane of them
	emittedMS int64        // append time
	marked    bool         // its key is in the next cut
	stored    shardset.Set // parts of the memory that have a key
	inCut     shardset.Set // those whose key is in the next cut

	gone []event.ID // scratch of takeBack
}

func newShow(id string, firstMS int64) *show {
	s := &show{id: id, panes: map[int64]*pane{}, stale: noPane, freshFrom: noPane, study: newStudy()}
	s.final.viewers = viewerUnknown
	s.maxEventMS, s.watermarkMS = firstMS, firstMS-outOfOrderMS
	s.closing = finalBefore(s.watermarkMS)
	s.final.pane = s.closing
	s.room = s.final
	return s
}

// finalBefore is the greatest final pane: k is final when the watermark has reached (k+1)·1000 + latenessMS.
func finalBefore(watermarkMS int64) int64 { return event.FloorDiv(watermarkMS-latenessMS, 1000) - 1 }

func (s *show) undo(k int64) *undo {
	if s.undos == nil {
		s.undos = make([]undo, undoPanes)
	}
	return &s.undos[uint64(k)%undoPanes]
}

// now is the pane that the provisional view reaches.
func (s *show) now() int64 { return event.FloorDiv(s.watermarkMS+outOfOrderMS, 1000) }

// fold takes in one event of the show. Late events and duplicates move nothing.
func (f *Fold) fold(s *show, e *eventpb.Event, out *operators.Outputs) error {
	id := event.ID{Hi: e.IdHi, Lo: e.IdLo}
	k := event.FloorDiv(e.TimeMs, 1000)
	if k <= s.closing || k > f.appendMS/1000+aheadPanesMax || s.ids.n >= openEventsMax {
		f.late(s, e)
		return nil
	}
	if err := f.recall(s); err != nil {
		return err
	}
	s.wake()
	at, known := s.ids.put(id)
	if known && *at <= k {
		return nil
	}
	if known { // the same id with another time: the earlier pane has it, whichever came first
		f.takeOut(s, *at, id)
	}
	*at = k
	f.admit(s, k, id, e)
	s.activeAt = f.progress
	s.state = eventpb.RoomState_ROOM_STATE_ON_AIR
	f.change(s)
	if t := min(e.TimeMs, f.appendMS); t > s.maxEventMS {
		s.maxEventMS = t
		f.moveWatermark(s, t-outOfOrderMS, out)
	}
	return nil
}

func (f *Fold) late(s *show, e *eventpb.Event) {
	s.lateTotal++
	if len(s.lateSample) == lateSampleMax {
		s.lateSample = slices.Delete(s.lateSample, 0, 1)
	}
	s.lateSample = append(s.lateSample, strings.Clone(e.Id))
	f.change(s)
}

// admit puts the event into its pane.
func (f *Fold) admit(s *show, k int64, id event.ID, e *eventpb.Event) {
	p := s.paneAt(k)
	a := act{id: id, person: event.ID{Hi: e.PersonHi, Lo: e.PersonLo}, base: baseMicrojoules(e), kind: e.Kind}
	switch e.Kind {
	case eventpb.Kind_KIND_COMMENT:
		f.hear(s, p, &a, e)
	case eventpb.Kind_KIND_ORDER, eventpb.Kind_KIND_VIEWERS, eventpb.Kind_KIND_RETRACT:
		f.admitExtra(s, p, &a, e)
	case eventpb.Kind_KIND_PIN, eventpb.Kind_KIND_CALL:
		s.trend.mark(e)
	}
	f.do(s, p, &a, e)
	p.acts = append(p.acts, a)
	s.fresh, s.freshFrom = s.fresh+1, min(s.freshFrom, k)
	f.markActs(s, p, len(p.acts)-1)
	if k <= s.room.pane {
		s.stale = min(s.stale, k)
	}
	s.belongs(e)
}

// belongs takes what the event says of whose show it is and where. Of several the least counts, so that it does not matter
// which came first. An order's platform is where it was bought, and may be a shop.
func (s *show) belongs(e *eventpb.Event) {
	if e.EsolId != "" && (s.esol == "" || e.EsolId < s.esol) {
		s.esol = strings.Clone(e.EsolId)
	}
	if e.Kind != eventpb.Kind_KIND_ORDER && e.Platform != "" && (s.platform == "" || e.Platform < s.platform) {
		s.platform = strings.Clone(e.Platform)
	}
}

func (f *Fold) admitExtra(s *show, p *pane, a *act, e *eventpb.Event) {
	x := extra{id: a.id, buyer: a.person, ms: e.TimeMs, kind: a.kind}
	switch a.kind {
	case eventpb.Kind_KIND_VIEWERS:
		x.count = max(e.Count, 0)
	case eventpb.Kind_KIND_ORDER:
		if e.Order == nil {
			return
		}
		x.ref = f.orderRef(e.Order.OrderId)
		live := e.Order.Status == eventpb.OrderStatus_ORDER_STATUS_CREATED ||
			e.Order.Status == eventpb.OrderStatus_ORDER_STATUS_PAID
		x.heats = live && !e.Order.Test
		x.void = e.Order.Status == eventpb.OrderStatus_ORDER_STATUS_CANCELLED ||
			e.Order.Status == eventpb.OrderStatus_ORDER_STATUS_REFUNDED
	case eventpb.Kind_KIND_RETRACT:
		x.ref = event.ID{Hi: e.RefHi, Lo: e.RefLo}
		s.retractions++
		if at := s.ids.get(x.ref); at != nil && *at <= s.room.pane && *at <= p.number && p.number <= *at+retractPanes {
			s.stale = min(s.stale, *at)
		}
	}
	p.extras = append(p.extras, x)
}

func (s *show) paneAt(k int64) *pane {
	if s.last != nil && s.last.number == k {
		return s.last
	}
	p := s.panes[k]
	if p == nil {
		if n := len(s.spare); n > 0 {
			p, s.spare = s.spare[n-1], s.spare[:n-1]
		} else {
			p = &pane{}
		}
		p.number = k
		s.panes[k] = p
	}
	s.last = p
	return p
}

// takeOut removes an act from an open pane.
func (f *Fold) takeOut(s *show, k int64, id event.ID) {
	p := s.panes[k]
	s.freshFrom = min(s.freshFrom, k)
	if k <= s.room.pane {
		s.stale = min(s.stale, k)
	}
	for _, x := range p.extras {
		if x.id == id && x.kind == eventpb.Kind_KIND_RETRACT {
			s.retractions--
			s.stale = min(s.stale, k-retractPanes)
		}
	}
	chunks := chunksOf(len(p.acts))
	from := p.remove(id)
	for i := chunkOf(from); i < chunksOf(len(p.acts)); i++ {
		f.markChunk(s, p, i)
	}
	if chunksOf(len(p.acts)) < chunks {
		f.dropChunk(s, p, chunks-1)
	}
	if len(p.acts) == 0 {
		s.release(p)
	}
}

// release forgets a pane and keeps its memory for the next.
func (s *show) release(p *pane) {
	delete(s.panes, p.number)
	if s.last == p {
		s.last = nil
	}
	clear(p.marked)
	clear(p.said)
	clear(p.deeds)
	p.acts, p.extras, p.said, p.deeds = p.acts[:0], p.extras[:0], p.said[:0], p.deeds[:0]
	p.keep, p.marked, p.inState = keep{long: p.keep.long[:0], bytes: p.keep.bytes[:0]}, p.marked[:0], 0
	if len(s.spare) < 2 {
		s.spare = append(s.spare, p)
	}
}

// moveWatermark takes the watermark to ms, if that is onwards, and makes final what it has passed.
func (f *Fold) moveWatermark(s *show, ms int64, out *operators.Outputs) {
	if ms <= s.watermarkMS {
		return
	}
	s.watermarkMS = ms
	f.markShow(s)
	if c := finalBefore(ms); c > s.closing {
		s.closing = c
		f.finish(s, out)
	}
}

// finish makes panes final, in order, up to closing. A frozen room is taken over silence in one step. With nothing ahead it
// stays at the pane that froze it, whatever the watermark has reached by then (see wake): so the last word on a show is a
// function of its events, not of when ticks came.
func (f *Fold) finish(s *show, out *operators.Outputs) {
	s.refresh()
	for s.final.pane < s.closing {
		if s.final.frozen() && len(s.panes) == 0 {
			s.goBack(s.final.pane)
			return
		}
		if s.final.pane == s.room.pane {
			if s.room.frozen() {
				to := min(s.nextPane(), s.closing+1) - 1
				if to > s.room.pane {
					s.room.pane, s.final.pane = to, to
					continue
				}
			}
			s.evaluate()
		}
		f.promote(s, out)
	}
}

// wake takes a frozen room over the silence before an event, to where the watermark has come meanwhile.
func (s *show) wake() {
	if s.final.pane < s.closing && s.final.frozen() && len(s.panes) == 0 {
		s.goBack(s.final.pane)
		s.room.pane, s.final.pane = s.closing, s.closing
	}
}

// nextPane is the first open pane, all of which come after final.
func (s *show) nextPane() int64 {
	next := int64(noPane)
	for k := range s.panes {
		next = min(next, k)
	}
	return next
}

// refresh goes back to before the first pane that has changed.
func (s *show) refresh() {
	if s.stale <= s.room.pane {
		s.goBack(max(s.stale-1, s.final.pane))
	}
	s.stale = noPane
}

// catchUp evaluates tentatively up to now, or to where a room with nothing ahead freezes: so what is said of it does not
// depend on how often it is said, or on a restart.
func (s *show) catchUp() {
	s.refresh()
	for now := s.now(); s.room.pane < now && !(s.room.frozen() && len(s.panes) == 0); {
		s.evaluate()
	}
}

// promote makes the pane after final final: it is never evaluated again, so its undo, its ids and its acts go.
func (f *Fold) promote(s *show, out *operators.Outputs) {
	k := s.final.pane + 1
	s.past = nil
	u, after := s.undo(k), &s.room
	if s.room.pane > k {
		after = &s.undo(k + 1).before
	}
	before := s.final.totals
	wasFrozen := s.final.frozen()
	s.final = *after
	if s.final.frozen() && wasFrozen {
		return
	}
	f.keep(s, u, k)
	h := s.final.view(&s.final.heat)
	f.study(s, u, k, h, out)
	if p := s.panes[k]; p != nil {
		for i := range p.acts {
			s.ids.del(p.acts[i].id)
		}
		for _, x := range p.extras {
			if x.kind == eventpb.Kind_KIND_RETRACT {
				s.retractions--
			}
		}
		for i := range chunksOf(len(p.acts)) {
			f.dropChunk(s, p, i)
		}
		s.release(p)
	}
	joins := eventpb.Kind_KIND_JOIN
	f.watchMoments(s, k, h, s.final.totals[joins].events-before[joins].events, out)
	s.trend.point(k, &s.final)
	u.reset()
	f.change(s)
}

// settle gives back what a frozen show does not need.
func (s *show) settle() {
	s.goBack(s.final.pane)
	s.undos, s.spare, s.past = nil, nil, nil
	if s.memory != nil && s.memory.orders == 0 {
		s.memory = nil
	}
}
