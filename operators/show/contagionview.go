package show

import (
	"github.com/netsu/netsu/operators/contagion"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// contagionView is the bracket of the two definitions, with spread beside it, and its raw twin.
func (st *study) contagionView(sc *scene) *eventpb.Contagion {
	v := st.heard.contagion.View()
	sum := st.spread.sum(st.pane, 0, spreadPanes)
	c := &eventpb.Contagion{
		Lexical: lexical(&v), Total: total(&v), Tokens: v.Tokens,
		SecondaryUses: interval(v.RS, v.RSLo, v.RSHi, 0, v.RSInsufficient),
		Shares:        int64(sum.shares), Joins: int64(sum.joins), FirstActors: int64(sum.first),
		Reproduction: st.spread.reproduction(st.pane),
		Raw:          &eventpb.ContagionTwin{},
	}
	if v.RSInsufficient == "" && sc.room.acts > 0 {
		// Φ_inf = R_S · mentions a second · mean energy of an act (MODEL §1).
		c.InfectionWatts = finite(float64(float64(v.RS*st.bodies.esol.rate) * (sc.room.heat.q / sc.room.acts)))
	}
	c.Raw.Lexical, c.Raw.Total, c.Raw.Tokens = c.Lexical, c.Total, c.Tokens
	if st.everyone != nil {
		twin := st.everyone.contagion.View()
		c.Raw.Lexical, c.Raw.Total, c.Raw.Tokens = lexical(&twin), total(&twin), twin.Tokens
	}
	return c
}

// lexical is the lower end of the bracket, graded by whether the words that the ESOL put into mouths are known.
func lexical(v *contagion.View) *eventpb.Estimate {
	if v.Insufficient != "" {
		return &eventpb.Estimate{N: float64(v.Tokens), Insufficient: v.Insufficient}
	}
	return &eventpb.Estimate{
		Value: finite(v.Lexical), Lo: finite(v.LexicalLo), Hi: finite(v.LexicalHi), N: float64(v.Tokens),
		Grade: gradeOf(v.Grade),
	}
}

func total(v *contagion.View) *eventpb.Estimate {
	return interval(v.Total, v.TotalLo, v.TotalHi, 0, v.TotalInsufficient)
}

// gradeOf says whether the words that the ESOL put into mouths are known: without them contagion is only co-movement.
func gradeOf(g contagion.Grade) eventpb.Grade {
	switch g {
	case contagion.A:
		return eventpb.Grade_GRADE_A
	case contagion.B:
		return eventpb.Grade_GRADE_B
	case contagion.C:
		return eventpb.Grade_GRADE_C
	}
	return eventpb.Grade_GRADE_UNSPECIFIED
}
