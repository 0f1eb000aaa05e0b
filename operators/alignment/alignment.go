package alignment

import "github.com/netsu/netsu/operators/stable"

// Terms are what an alignment is made of.
type Terms struct{ Heat, Knowledge, Worldview, Direction Term }

// View is an alignment: Value in [.02, 1], 0 where Insufficient has a reason. Used and Missing name the terms.
type View struct {
	Value         float64
	Used, Missing []string
	Insufficient  string
}

const (
	least    = .02 // what stands for 0, as in the sync rate: one term of 0 must not hide the others [JUDG]
	termsMin = 2
)

// Align is HA = HM^.4 · K^.2 · WV^.2 · DIR^.2; where a term is missing, the weights of the others grow to 1.
func Align(t Terms) (v View) {
	var weight, sum float64
	for _, part := range []struct {
		name   string
		weight float64
		term   Term
	}{
		{"heat", .4, t.Heat}, {"knowledge", .2, t.Knowledge}, {"worldview", .2, t.Worldview},
		{"direction", .2, t.Direction},
	} {
		if part.term.Missing != "" {
			v.Missing = append(v.Missing, part.name)
			continue
		}
		v.Used = append(v.Used, part.name)
		weight += part.weight
		sum += float64(part.weight * stable.Log(max(part.term.Value, least)))
	}
	if len(v.Used) < termsMin {
		v.Insufficient = TooFewTerms
		return v
	}
	v.Value = stable.Exp(min(sum/weight, 0))
	return v
}
