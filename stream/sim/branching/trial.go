package branching

import (
	"math"

	"github.com/netsu/netsu/operators/contagion"
)

// Trial is what each estimator made of one room. NaN is no answer.
type Trial struct {
	HB      float64 // Hardiman–Bouchaud, W = 10 s
	MLE     Interval
	View    contagion.View
	Lexical Interval // n_c, whether or not it is sufficient
	Total   Interval // n_tot
	Bracket Interval // from n_c's lower end to n_tot's upper one
	RS      Interval
}

// Interval is an estimate and its 95% interval.
type Interval struct{ Value, Lo, Hi float64 }

// mleMost is how many utterances the likelihood is maximised for: a million take half a minute.
const mleMost = 200_000

// Judge simulates a room and asks the estimators; the likelihood only if mle.
func Judge(s Setting, mle bool) Trial {
	h := Simulate(s)
	state := contagion.New()
	h.Panes(state.Step)
	v := state.View()
	t := Trial{View: v, MLE: Interval{math.NaN(), math.NaN(), math.NaN()},
		Lexical: Interval{v.Lexical, v.LexicalLo, v.LexicalHi}, Total: Interval{v.Total, v.TotalLo, v.TotalHi},
		Bracket: Interval{(v.Lexical + v.Total) / 2, v.LexicalLo, v.TotalHi}, RS: Interval{v.RS, v.RSLo, v.RSHi}}
	times := h.Times()
	t.HB = HardimanBouchaud(times, float64(s.Seconds), 10)
	if mle && len(times) <= mleMost {
		n, se := MLE(times, float64(s.Seconds))
		t.MLE = Interval{n, n - 1.96*se, n + 1.96*se}
	}
	return t
}

// Score is how an estimator did over trials of one truth.
type Score struct {
	Trials     int // those with an answer
	Bias, RMSE float64
	Covered    float64 // part of the trials whose interval has the truth in it
}

func (s *Score) add(i Interval, truth float64) {
	if math.IsNaN(i.Value) {
		return
	}
	s.Trials++
	s.Bias += i.Value - truth
	s.RMSE += (i.Value - truth) * (i.Value - truth)
	if i.Lo <= truth && truth <= i.Hi {
		s.Covered++
	}
}

func (s *Score) close() {
	n := float64(s.Trials)
	s.Bias, s.RMSE, s.Covered = s.Bias/n, math.Sqrt(s.RMSE/n), s.Covered/n
}
