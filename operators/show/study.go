package show

import (
	"cmp"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators"
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// study is what a show's final panes amount to beyond heat. It looks at each pane once, when it has become final, in pane
// order: so it needs no undo, and is a function of the set of events whatever their order of arrival. Each question is a
// file of its own, with a step for each pane and a view for people.
type study struct {
	pane  int64 // the last one that is in
	quiet int64 // panes in a row up to now in which nobody did anything

	heard    hearing  // of who is believed
	everyone *hearing // of all; nil: the same as heard
	trust    *trust.State
	outlook  *outlook // nil where nothing was listened to

	ear       ear
	prompts   prompts
	people    people
	products  products
	bodies    bodies
	knowledge knowledge
	questions questions
	pins      pins
	beats     beats
	spread    spread
	ignition  ignition
	owners    owners
	diagnoses diagnoses
	glance    glance

	marked bool                          // its keys are in the next cut
	twin   struct{ stored, marked bool } // the keys of everyone: there are some, and they are in the next cut
}

// never is a pane long before any.
const never = -1 << 40

// insightPanes is how often the study is said.
const insightPanes = 10

func newStudy() *study {
	st := &study{heard: *newHearing(), trust: trust.New()}
	st.products.all, st.beats.all = map[string]*tally{}, map[beatID]*beat{}
	for _, f := range []*facts{&st.knowledge.esol, &st.knowledge.audience} {
		f.stated, f.contradicted = map[beatID]bool{}, map[beatID]bool{}
	}
	st.rest()
	return st
}

// rest is what silence leaves: who has been here and what they did, whom to believe, and the words; nothing else that
// fades. A room that wakes begins anew. (Trust must not be forgotten at once: panes beyond this one may have been evaluated
// by it already.)
func (st *study) rest() {
	st.heard.rest()
	st.everyone = nil
	st.ear, st.prompts = ear{heardAt: never}, prompts{}
	st.bodies.rest()
	st.questions.rest()
	st.pins.rest()
	st.spread.rest()
	st.ignition.rest()
	st.diagnoses.rest()
	st.glance = glance{}
}

// scene is one final pane, in order: what the questions look at.
type scene struct {
	show   *show
	fold   *Fold
	pane   int64
	room   *room
	heat   *eventpb.Heat // the room's
	heads  []touched     // who radiated, and how much
	acts   []*act        // of known people of the audience, in no order
	said   []*remark     // by (time, id), without what was taken back
	deeds  []deed        // by (time, id, product)
	sales  []extra       // orders that heated, by time
	heated []event.ID    // their acts, by id
	lx     *lexicon
}

// ms is the end of the pane.
func (sc *scene) ms() int64 { return (sc.pane + 1) * 1000 }

// trusted tells whether a person counts where only trusted people do.
func (sc *scene) trusted(person event.ID) bool {
	return sc.show.study.trust.Weight(person, sc.pane) >= trustedWeight
}

// trustedWeight is below what a person is suspect (MODEL §4).
const trustedWeight = .5

// stage makes a scene of pane k, which has just become final.
func (f *Fold) stage(s *show, u *undo, k int64, h *eventpb.Heat) *scene {
	sc := &f.scene
	*sc = scene{
		show: s, fold: f, pane: k, room: &s.final, heat: h, heads: u.touched, sales: u.sales, lx: f.lexiconOf(s),
		acts: sc.acts[:0], said: sc.said[:0], deeds: sc.deeds[:0], heated: sc.heated[:0],
	}
	for i := range sc.sales {
		sc.heated = append(sc.heated, sc.sales[i].id)
	}
	slices.SortFunc(sc.heated, compareIDs)
	p := s.panes[k]
	if p == nil {
		return sc
	}
	s.takeBack(k)
	for i := range p.acts {
		if a := &p.acts[i]; a.base > 0 && !a.person.IsZero() && !s.retracted(a) {
			sc.acts = append(sc.acts, a)
		}
	}
	for i := range p.said {
		if c := &p.said[i]; !s.takenBack(c.id) {
			sc.said = append(sc.said, c)
		}
	}
	slices.SortFunc(sc.said, func(a, b *remark) int { return cmp.Or(cmp.Compare(a.ms, b.ms), compareIDs(a.id, b.id)) })
	sc.deeds = append(sc.deeds, p.deeds...)
	slices.SortFunc(sc.deeds, func(a, b deed) int {
		return cmp.Or(cmp.Compare(a.ms, b.ms), compareIDs(a.id, b.id), strings.Compare(a.product, b.product))
	})
	return sc
}

// study takes a pane that has become final into the study, and says what there is to say. A room in which nobody has done
// anything for five minutes has nothing left to study: it rests until somebody does.
func (f *Fold) study(s *show, u *undo, k int64, h *eventpb.Heat, out *operators.Outputs) {
	st := s.study
	if st == nil || s.panes[k] == nil && st.quiet >= activePanes { // a study that is away is of a room without panes
		return
	}
	sc := f.stage(s, u, k, h)
	st.quiet = streak(st.quiet, sc.empty())
	f.markStudy(s)
	switch {
	case st.quiet < activePanes:
	case st.quiet == activePanes:
		st.rest()
		f.markTwin(s)
		f.sayProfile(sc, out)
		return
	default:
		return
	}
	st.pane = k
	st.step(sc)
	f.markTwin(s)
	f.markPeople(s)
	f.markTrust(s)
	f.profile(sc, out)
	f.diagnose(sc, out)
	if due(k, insightPanes) {
		out.Meter(f.meter(s, partInsight, &eventpb.Meter{Insight: st.view(sc)}))
	}
}

// empty tells a pane in which nobody said or did anything.
func (sc *scene) empty() bool { return len(sc.acts)+len(sc.said)+len(sc.deeds)+len(sc.sales) == 0 }

func (st *study) step(sc *scene) {
	st.prompts.step(sc)
	st.judge(sc)
	st.listen(sc)
	st.people.step(sc)
	st.products.step(sc)
	st.bodies.step(sc)
	st.knowledge.step(sc)
	st.questions.step(sc)
	st.pins.step(sc)
	st.beats.step(sc)
	st.spread.step(sc)
	st.ignition.step(sc)
	st.owners.step(sc)
	st.overhear(sc)
}
