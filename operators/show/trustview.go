package show

import (
	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/event/eventpb"
)

func trustView(t *trust.State) *eventpb.Trust {
	v := t.View()
	e := &eventpb.Trust{
		Share: 1 - v.SuspectShare, Suspects: int64(v.Suspects), People: int64(v.People), Simpson: v.Simpson, Gini: v.Gini,
		Entropy: v.Evenness, Missing: v.NotJudged,
	}
	for _, s := range t.Suspects() {
		if len(e.Worst) == worstMax {
			break
		}
		w := &eventpb.Suspect{PersonHi: s.Person.Hi, PersonLo: s.Person.Lo, Weight: s.Weight}
		for _, r := range s.Reasons {
			w.Reasons = append(w.Reasons, &eventpb.Reason{Name: r.Name, Score: r.Score, Evidence: r.Evidence})
		}
		e.Worst = append(e.Worst, w)
	}
	for _, f := range t.Floods() {
		if len(e.Floods) == floodsMax {
			break
		}
		e.Floods = append(e.Floods, &eventpb.Flood{
			Accounts: f.Accounts, Comments: f.Comments, SinceMs: f.SinceMS, Evidence: f.Evidence,
		})
	}
	return e
}

const (
	worstMax  = 20
	floodsMax = 8
)
