package show

import (
	"cmp"
	"math"

	"github.com/netsu/netsu/operators/alignment"
	"github.com/netsu/netsu/operators/conductance"
	"github.com/netsu/netsu/operators/stable"
	"github.com/netsu/netsu/operators/text"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// A brand asks: does my heat reach the audience, and is it the same heat? Brand, ESOL and audience are three bodies. Their
// temperatures are not comparable as they are; over the reference of each role (θ) they are.
type bodies struct {
	esol, brand body
	flows       [2]conductance.State // brand to ESOL, ESOL to audience
	contributed int64                // by the audience, microjoules, up to the last pane
}

// body is a sender: one host, no saturation, heated by what it says and does (MODEL §1, Roles).
type body struct {
	q, v2, power float64
	rate         float64 // utterances a second, as power
	acts         int64
}

// Energies of a sender, and its reference temperature. All [JUDG]: nobody has published how warm an ESOL is. Versioned by
// referenceVersion; a new table is a new version.
const (
	referenceVersion = "cold-start-1"

	audienceT50 = 0x1.5775c544ff263p-1 // sqrt(.3·1.5) J/head
	esolT50     = 0x1.65c55827df1d2p+3 // sqrt(5·25)
	brandT50    = 0x1.65c55827df1d2p+5 // sqrt(20·100)

	utteranceJoules = 1.
	factJoules      = .5 // more, for an utterance with a fact
	beatJoules      = .5
	termJoules      = .5
	answerJoules    = 1. // more, for one that answers somebody
	deedJoules      = 3. // a pin or a call

	brandKeep = 0x1.ffffd98b4827fp-1 // 2^(-1/604800): a week
)

// rest cools the ESOL. What the brand has said lasts.
func (b *bodies) rest() {
	b.esol, b.flows = body{acts: b.esol.acts}, [2]conductance.State{}
}

func (b *bodies) step(sc *scene) {
	var esol, brand sent
	for _, c := range sc.said {
		switch c.role {
		case eventpb.Role_ROLE_ESOL:
			esol.add(utterance(sc, c))
		case eventpb.Role_ROLE_BRAND:
			brand.add(utterance(sc, c))
		}
	}
	for i := range sc.deeds {
		if k := sc.deeds[i].kind; k == eventpb.Kind_KIND_PIN || k == eventpb.Kind_KIND_CALL {
			esol.add(deedJoules)
		}
	}
	b.esol.step(stable.Decay, &esol)
	b.brand.step(brandKeep, &brand)
	b.conduct(sc.heat, esol.joules)
}

// conduct has the two flows learn from a pane in which the ESOL radiated so many joules. A room that is too young or too
// small to have a temperature does not count: its first people are few, and each of them is hot.
func (b *bodies) conduct(h *eventpb.Heat, esolJoules float64) {
	brand, esol, audience := b.brand.q/brandT50, b.esol.q/esolT50, h.Temperature/audienceT50
	b.flows[0].Step(esolJoules, brand-esol, b.esol.power)
	power := float64(h.MicrojoulesTotal-b.contributed) / joule
	b.contributed = h.MicrojoulesTotal
	if h.Insufficient != "" {
		b.flows[1].Skip()
		return
	}
	b.flows[1].Step(power/h.CapacityHeads, esol-audience, h.PowerWatts/h.CapacityHeads)
}

// sent is what a sender radiated in a pane. Its energies are multiples of half a joule, so their sums are exact.
type sent struct {
	joules, squares float64
	acts            int64
}

func (s *sent) add(joules float64) {
	s.joules += joules
	s.squares += float64(joules * joules)
	s.acts++
}

// utterance is what a sender's comment is worth: more with what the brand is about, and as an answer.
func utterance(sc *scene, c *remark) float64 {
	e := utteranceJoules
	var fact, beat, term bool
	for _, w := range c.terms {
		entry, _ := sc.lx.entry(w)
		switch entry.Class {
		case text.Fact:
			fact = true
		case text.Beat:
			beat = true
		case text.Term, text.Product:
			term = true
		}
	}
	for _, more := range []struct {
		is     bool
		joules float64
	}{{fact, factJoules}, {beat, beatJoules}, {term, termJoules}, {!c.ref.IsZero(), answerJoules}} {
		if more.is {
			e += more.joules
		}
	}
	return e
}

func (b *body) step(keep float64, in *sent) {
	b.q = float64(b.q*keep) + in.joules
	b.v2 = float64(b.v2*float64(keep*keep)) + in.squares
	b.power = float64(b.power*stable.Decay) + float64((1-stable.Decay)*in.joules)
	b.rate = float64(b.rate*stable.Decay) + float64((1-stable.Decay)*float64(in.acts))
	b.acts += in.acts
}

// theta is a sender's temperature over its reference, with the interval of shot noise.
func (b *body) theta(t50 float64) *eventpb.Estimate {
	e := &eventpb.Estimate{}
	if b.v2 > 0 {
		e.N = float64(b.q*b.q) / b.v2
	}
	if e.N < actsMin {
		e.Insufficient = "too_few_acts"
		return e
	}
	spread := stable.Exp(float64(normal95*math.Sqrt(b.v2)) / b.q)
	e.Value = b.q / t50
	e.Lo, e.Hi = e.Value/spread, float64(e.Value*spread)
	e.Grade = grade(float64(spread * spread))
	return e
}

// audienceTheta is the room's temperature over its reference.
func audienceTheta(h *eventpb.Heat) *eventpb.Estimate {
	e := &eventpb.Estimate{N: h.EffectiveActs, Insufficient: h.Insufficient}
	if e.Insufficient == "" {
		e.Value, e.Lo, e.Hi = h.Temperature/audienceT50, h.TemperatureLo/audienceT50, h.TemperatureHi/audienceT50
		e.Grade = h.Grade
	}
	return e
}

func (b *bodies) view(h *eventpb.Heat) (all []*eventpb.Body, flows []*eventpb.Flow) {
	sender := func(role string, v *body, t50 float64) *eventpb.Body {
		return &eventpb.Body{
			Role: role, HeatJoules: v.q, Temperature: v.q, Theta: v.theta(t50), PowerWatts: v.power, Acts: v.acts,
		}
	}
	audience := &eventpb.Body{
		Role: "audience", HeatJoules: h.HeatJoules, Temperature: h.Temperature, Theta: audienceTheta(h),
		PowerWatts: h.PowerWatts,
	}
	esol := sender("esol", &b.esol, esolT50)
	brand := sender("brand", &b.brand, brandT50)
	return []*eventpb.Body{brand, esol, audience}, []*eventpb.Flow{
		flow(brand, esol, &b.flows[0]), flow(esol, audience, &b.flows[1]),
	}
}

// flow is the heat between two bodies. Heat goes from hot to cold: reverse means that the receiver is the hotter for sure.
func flow(from, to *eventpb.Body, c *conductance.State) *eventpb.Flow {
	f := &eventpb.Flow{From: from.Role, To: to.Role, Match: match(from.Theta, to.Theta)}
	v := c.View()
	f.Conductance = interval(v.Conductance, v.Lo, v.Hi, v.Panes, v.Insufficient)
	if v.Insufficient == "" {
		f.Conductance.Grade = eventpb.Grade_GRADE_C // however narrow: a common cause passes for it
	}
	if f.Match.Insufficient == "" {
		f.Difference = from.Theta.Value - to.Theta.Value
		f.Reverse = to.Theta.Lo > from.Theta.Hi
	}
	return f
}

// match is HM = min θ / max θ. Its bounds are those of the closest and of the farthest pair of θ within the intervals.
func match(a, b *eventpb.Estimate) *eventpb.Estimate {
	e := &eventpb.Estimate{N: min(a.N, b.N), Grade: max(a.Grade, b.Grade)}
	if e.Insufficient = a.Insufficient; e.Insufficient == "" {
		e.Insufficient = b.Insufficient
	}
	if e.Insufficient != "" {
		e.Grade = 0
		return e
	}
	hm := func(a, b float64) float64 { return alignment.HeatMatch(a, b).Value }
	e.Value = hm(a.Value, b.Value)
	e.Lo, e.Hi = min(hm(a.Lo, b.Hi), hm(a.Hi, b.Lo)), 1
	if a.Lo > b.Hi || b.Lo > a.Hi { // apart for sure: then the closest that they can be is no match
		e.Hi = max(hm(a.Lo, b.Hi), hm(a.Hi, b.Lo))
	}
	return e
}

// alignment is HA of brand and room over what is known.
func (st *study) alignment(sc *scene, hm *eventpb.Estimate) *eventpb.Alignment {
	seen := cmp.Or(st.glance.outlook, noOutlook())
	a := &eventpb.Alignment{
		HeatMatch: hm, KnowledgeEsol: st.knowledge.esol.share(sc.lx), KnowledgeAudience: st.knowledge.audience.share(sc.lx),
		Worldview: seen.Worldview, WorldviewEsol: seen.WorldviewEsol, Direction: seen.Direction,
	}
	term := func(e *eventpb.Estimate) alignment.Term {
		return alignment.Term{Value: e.Value, N: e.N, Missing: e.Insufficient}
	}
	v := alignment.Align(alignment.Terms{
		Heat: term(hm), Knowledge: term(a.KnowledgeEsol), Worldview: term(a.Worldview), Direction: term(a.Direction),
	})
	a.Total = &eventpb.Estimate{Value: v.Value, Insufficient: v.Insufficient, N: float64(len(v.Used))}
	if v.Insufficient == "" {
		a.Total.Grade = eventpb.Grade_GRADE_C // a judgement of a judgement: its weights are nobody's measurement
	}
	a.Missing = v.Missing
	return a
}
