package branching

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"

	"github.com/netsu/netsu/operators/contagion"
)

func scenario(t *testing.T, name string) Scenario {
	t.Helper()
	s, ok := Find(name)
	if !ok {
		t.Fatalf("no scenario %s", name)
	}
	return s
}

// trials judges rooms of one truth, without the likelihood.
func trials(t *testing.T, s Setting, reps int, do func(Trial)) {
	t.Helper()
	s.Seed = 20260501
	for s.Rep = range reps {
		do(Judge(s, false))
	}
}

// The rows of MODEL §3.2 from one utterance a second up: n_c, under hidden modulation. What is asked is a bias within
// .05 of the published one, and three standard errors of these few rooms' mean by the published rmse (its last digit
// is .01, so at least .005 below it).
func TestRecoversThePublishedRows(t *testing.T) {
	for _, row := range []struct {
		rate       float64
		seconds    int
		n          float64
		bias, rmse float64
		reps       int
	}{
		{1, 300, 0, -.01, .02, 12},
		{1, 900, 0, 0, .01, 12},
		{1, 900, .3, -.01, .03, 12},
		{1, 900, .6, .01, .03, 12},
		{1, 900, .9, -.01, .04, 12},
		{10, 300, .3, 0, .02, 8},
		{10, 900, 0, 0, .01, 8},
		{10, 900, .6, 0, .01, 8},
		{10, 900, .9, 0, .01, 8},
		{10, 3600, .3, 0, .01, 3},
		{100, 300, 0, .01, .03, 4},
		{100, 900, .6, .01, .01, 4},
		{1000, 300, .3, 0, .02, 1},
	} {
		var score Score
		room := Setting{Scenario: scenario(t, "S4"), Rate: row.rate, N: row.n, Seconds: row.seconds}
		trials(t, room, row.reps, func(v Trial) {
			score.add(v.Lexical, row.n)
			if row.rate*float64(row.seconds) > 400 && v.View.Grade != contagion.A {
				t.Errorf("%+v: grade %v, insufficient %q", row, v.View.Grade, v.View.Insufficient)
			}
		})
		score.close()
		within := .05 + 3*(row.rmse+.005)/math.Sqrt(float64(row.reps))
		t.Logf("rate %g, T %d, n %.1f: %+.3f/%.3f", row.rate, row.seconds, row.n, score.Bias, score.RMSE)
		if !(math.Abs(score.Bias-row.bias) <= within) {
			t.Errorf("rate %g, T %d, n %g: bias %+.3f, published %+.2f ± %.3f", row.rate, row.seconds, row.n,
				score.Bias, row.bias, within)
		}
	}
}

// Without contagion the test must not find any, whatever drives all words together; where there is some it must.
func TestFalseAlarmsAndPower(t *testing.T) {
	for _, name := range []string{"S0", "S1", "S2", "S3", "S4", "S8"} {
		alarms, found, total := 0, 0, Score{}
		trials(t, Setting{Scenario: scenario(t, name), Rate: 5, Seconds: 600}, 40, func(v Trial) {
			if v.View.Infectious {
				alarms++
			}
			total.add(v.Total, 0)
		})
		trials(t, Setting{Scenario: scenario(t, name), Rate: 5, N: .3, Seconds: 600}, 5, func(v Trial) {
			if v.View.Infectious {
				found++
			}
		})
		// Of 40 tests at 5%, more than 6 have a chance of .3%.
		if alarms > 6 || found < 5 {
			t.Errorf("%s: %d of 40 rooms without contagion called infectious, %d of 5 with n=.3", name, alarms, found)
		}
		if total.close(); name == "S4" && total.Bias < .5 {
			t.Errorf("S4: n_tot has bias %+.2f; nothing is hidden in these rooms", total.Bias)
		}
	}
}

// What the ESOL prompts unheard looks like contagion, so only quick answers count, and no such room is called contagious.
// What is caught is found all the same.
func TestTopicsWithoutTranscriptAreNotContagion(t *testing.T) {
	for _, row := range []struct{ rate, n, within float64 }{{1, 0, .1}, {1, .3, .1}, {1, .6, .1}, {10, 0, .2}, {10, .6, .1}} {
		var score Score
		trials(t, Setting{Scenario: scenario(t, "S5"), Rate: row.rate, N: row.n, Seconds: 900}, 6, func(v Trial) {
			score.add(v.Lexical, row.n)
			if v.View.Grade != contagion.C || v.View.Infectious || v.Lexical.Lo > 0 || v.Lexical.Hi < 0 {
				t.Errorf("%+v: unheard, and yet %+v", row, v.View)
			}
			if v.Total.Value < row.n+.1 && row.n == 0 {
				t.Errorf("n_tot = %.2f: the scenario has lost its teeth", v.Total.Value)
			}
		})
		if score.close(); math.Abs(score.Bias) > row.within {
			t.Errorf("rate %g, n %g: bias %+.2f", row.rate, row.n, score.Bias)
		}
	}
	// The same rooms, heard.
	trials(t, Setting{Scenario: scenario(t, "S10"), Rate: 10, Seconds: 900}, 3, func(v Trial) {
		if math.Abs(v.Lexical.Value) > .1 || v.View.Grade != contagion.A {
			t.Errorf("with a transcript n_c = %.2f, grade %v", v.Lexical.Value, v.View.Grade)
		}
	})
}

func TestPromptedWordsAreLeftOutAndCountedInRS(t *testing.T) {
	for _, n := range []float64{0, .5} {
		var lexical, replies Score
		trials(t, Setting{Scenario: scenario(t, "S8"), Rate: 10, N: n, Seconds: 900}, 6, func(v Trial) {
			lexical.add(v.Lexical, n)
			replies.add(Interval{Value: v.RS.Value / (10 * RS)}, 1)
			if v.View.Grade != contagion.A || v.View.RSInsufficient != "" {
				t.Errorf("grade %v, R_S insufficient: %q", v.View.Grade, v.View.RSInsufficient)
			}
		})
		lexical.close()
		replies.close()
		if math.Abs(lexical.Bias) > .05 || math.Abs(replies.Bias) > .15 {
			t.Errorf("n=%g: bias of n_c %+.3f, relative bias of R_S %+.3f", n, lexical.Bias, replies.Bias)
		}
	}
}

// The room is what the setting says it is: its rate, its answers, and its own source of chance.
func TestSimulate(t *testing.T) {
	s := Setting{Scenario: scenario(t, "S0"), Rate: 20, N: .5, Seconds: 2000, Seed: 1}
	h := Simulate(s)
	if rate := float64(len(h.Uses)) / 2000; math.Abs(rate-20) > 1 {
		t.Errorf("%.2f utterances a second, want 20", rate)
	}
	for i := 1; i < len(h.Uses); i++ {
		if h.Uses[i].At < h.Uses[i-1].At {
			t.Fatal("not in order of time")
		}
	}
	// The process is the one whose likelihood is known.
	if n, se := MLE(h.Times(), 2000); !(math.Abs(n-.5) < 3*se) || se > .06 {
		t.Errorf("MLE of n = %.3f ± %.3f, truth .5", n, se)
	}
	again := Simulate(s)
	if len(again.Uses) != len(h.Uses) || again.Uses[100] != h.Uses[100] {
		t.Error("the same setting gives another room")
	}
	s.Rep = 1
	if other := Simulate(s); other.Uses[0] == h.Uses[0] {
		t.Error("another rep gives the same room")
	}
	uses := 0
	h.Panes(func(p *contagion.Pane) { uses += len(p.Said) })
	if uses != len(h.Uses) {
		t.Errorf("%d of %d utterances are in panes", uses, len(h.Uses))
	}
}

func TestPrintsTheSameTableWhateverTheOrder(t *testing.T) {
	p := Plan{Rates: []float64{1, 2}, Reps: 2, Seconds: 150, Seed: 3}
	print := func() string {
		counted, last := 0, 0
		p.Progress = func(done, total int) {
			if counted++; done != counted { // unlocked, as it says that it may be
				t.Errorf("%d of %d after %d", done, total, counted-1)
			}
			last = total
		}
		table, rows, err := Run(context.Background(), p)
		if err != nil {
			t.Fatal(err)
		}
		if counted == 0 || counted != last {
			t.Errorf("%d of %d trials were counted", counted, last)
		}
		var b bytes.Buffer
		if err := Print(&b, p, table, rows); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	got := print()
	if got != print() {
		t.Error("two runs differ")
	}
	for i, line := range strings.Split(got, "\n") {
		if len(line) > 120 || strings.Contains(line, "NaN") {
			t.Errorf("line %d: %s", i+1, line)
		}
	}
	for _, want := range []string{"n_c (CH)", "S5: ", "quick answers only", "R_S over its truth"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if _, _, err := Run(context.Background(), Plan{Scenario: "S99"}); err == nil || !strings.Contains(err.Error(), "S10") {
		t.Errorf("an unknown scenario: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Run(ctx, p); err == nil {
		t.Error("cancelled, and no error")
	}
}
