package show

import (
	"github.com/netsu/netsu/operators/contagion"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// contagionView is the bracket of the two definitions, with spread beside it.
func (st *study) contagionView(sc *scene) *eventpb.Contagion {
	v := st.contagion.View()
	sum := st.spread.sum(st.pane, 0, spreadPanes)
	c := &eventpb.Contagion{
		Lexical: &eventpb.Estimate{N: float64(v.Tokens), Insufficient: v.Insufficient},
		Total:   interval(v.Total, v.TotalLo, v.TotalHi, 0, v.TotalInsufficient), Tokens: v.Tokens,
		SecondaryUses: interval(v.RS, v.RSLo, v.RSHi, 0, v.RSInsufficient),
		Shares:        int64(sum.shares), Joins: int64(sum.joins), FirstActors: int64(sum.first),
		Reproduction: st.spread.reproduction(st.pane),
	}
	if v.Insufficient == "" {
		c.Lexical = &eventpb.Estimate{
			Value: finite(v.Lexical), Lo: finite(v.LexicalLo), Hi: finite(v.LexicalHi), N: float64(v.Tokens),
			Grade: gradeOf(v.Grade),
		}
	}
	if v.RSInsufficient == "" && sc.room.acts > 0 {
		// Φ_inf = R_S · mentions a second · mean energy of an act (MODEL §1).
		c.InfectionWatts = finite(float64(float64(v.RS*st.bodies.esol.rate) * (sc.room.heat.q / sc.room.acts)))
	}
	return c
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
