package branching

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/netsu/netsu/operators/contagion"
)

// Plan is which rooms a table is of.
type Plan struct {
	Rates    []float64 // utterances a second
	Reps     int
	Seconds  int
	Seed     uint64
	Scenario string                // of the only table; empty means S4's table, then all scenarios at n = 0 and .5
	Progress func(done, total int) // of trials; called from one goroutine at a time
}

// Ratios are the truths of a table.
var Ratios = []float64{0, .3, .6, .9}

// Cell is one truth at one rate, over its trials.
type Cell struct {
	Scenario                                   Scenario
	Rate, N                                    float64
	Reps                                       int
	HB, MLE, Total, Lexical, Bracket, Relative Score
	Infectious, Insufficient                   float64         // parts of the trials
	Lo, Hi                                     float64         // mean n_c and n_tot
	Grade                                      contagion.Grade // of the last trial that has one

	mle bool
}

// Run makes the cells of the plan: the table's first, then those of the scenarios. Trials run side by side on all
// cores; which trial is done first changes nothing.
func Run(ctx context.Context, p Plan) (table, rows []*Cell, err error) {
	main, others, err := p.scenarios()
	if err != nil {
		return nil, nil, err
	}
	for _, rate := range p.Rates {
		for _, n := range Ratios {
			table = append(table, &Cell{Scenario: main, Rate: rate, N: n, Reps: p.Reps, mle: true})
		}
	}
	for _, s := range others {
		for _, n := range []float64{0, .5} {
			for _, rate := range p.Rates {
				if rate >= 1 {
					// The likelihood at n = 0 shows what it mistakes for contagion; at .5 it would only take time.
					rows = append(rows, &Cell{Scenario: s, Rate: rate, N: n, Reps: (3*p.Reps + 3) / 4, mle: n == 0})
				}
			}
		}
	}
	return table, rows, p.fill(ctx, append(append([]*Cell(nil), table...), rows...))
}

func (p Plan) scenarios() (main Scenario, others []Scenario, err error) {
	name := p.Scenario
	if name == "" {
		name = "S4"
	}
	main, ok := Find(name)
	if !ok {
		var names []string
		for _, s := range Scenarios {
			names = append(names, s.Name)
		}
		return main, nil, fmt.Errorf("there is no scenario %q, only %s", name, strings.Join(names, ", "))
	}
	if p.Scenario == "" {
		for _, s := range Scenarios {
			if s.Name != name {
				others = append(others, s)
			}
		}
	}
	return main, others, nil
}

// fill runs the trials of the cells.
func (p Plan) fill(ctx context.Context, cells []*Cell) error {
	total := 0
	for _, c := range cells {
		total += c.Reps
	}
	var mu sync.Mutex
	done := 0
	count := func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; p.Progress != nil {
			p.Progress(done, total)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, c := range cells {
		group.Go(func() error { return p.trials(ctx, c, count) })
	}
	return group.Wait()
}

// trials fills one cell, and counts each trial.
func (p Plan) trials(ctx context.Context, c *Cell, count func()) error {
	for rep := range c.Reps {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c.add(Judge(Setting{Scenario: c.Scenario, Rate: c.Rate, N: c.N, Seconds: p.Seconds, Seed: p.Seed, Rep: rep}, c.mle))
		count()
	}
	c.close()
	return nil
}

func (c *Cell) add(t Trial) {
	c.HB.add(Interval{Value: t.HB}, c.N)
	c.MLE.add(t.MLE, c.N)
	c.Total.add(t.Total, c.N)
	c.Lexical.add(t.Lexical, c.N)
	c.Bracket.add(t.Bracket, c.N)
	if c.Scenario.prompt != nil {
		of := RS * c.Rate
		c.Relative.add(Interval{t.RS.Value / of, t.RS.Lo / of, t.RS.Hi / of}, 1)
	}
	if t.View.Infectious {
		c.Infectious++
	}
	if t.View.Insufficient != "" {
		c.Insufficient++
	}
	if t.View.Grade != contagion.None {
		c.Grade = t.View.Grade
	}
	c.Lo += t.Lexical.Value
	c.Hi += t.Total.Value
}

func (c *Cell) close() {
	for _, s := range []*Score{&c.HB, &c.MLE, &c.Total, &c.Lexical, &c.Bracket, &c.Relative} {
		s.close()
	}
	n := float64(c.Reps)
	c.Infectious, c.Insufficient, c.Lo, c.Hi = c.Infectious/n, c.Insufficient/n, c.Lo/n, c.Hi/n
}

// Print writes the tables, at most 120 columns wide.
func Print(w io.Writer, p Plan, table, rows []*Cell) error {
	var b strings.Builder
	s := table[0].Scenario
	fmt.Fprintf(&b, `What is recovered of a known n. %s: %s. %d s, %d rooms a line, seed %d.
Entries are bias/rmse[%% of 95%% intervals that have n]. HB10: Hardiman & Bouchaud, 10 s. MLE: exponential Hawkes.
n_c (CH): the same word again, unprompted. n_tot: the total rate, whatever its cause. [n_c, n_tot] is a bracket of two
definitions; its %% is how often n is between n_c's lower and n_tot's upper end. LB>0: the test says contagion (at n=0:
a false alarm). ins: not shown, for want of tokens or precision.

`, s.Name, s.Says, p.Seconds, p.Reps, p.Seed)
	fmt.Fprintf(&b, "%6s %3s  %-11s %-16s %-16s %-16s %-18s %5s %4s %5s\n", "rate/s", "n", "HB10", "MLE", "n_tot",
		"n_c (CH)", "[n_c, n_tot]", "LB>0", "ins", "grade")
	for _, c := range table {
		fmt.Fprintf(&b, "%6g %3g  %s\n", c.Rate, c.N, c.line())
	}
	if len(rows) > 0 {
		fmt.Fprintf(&b, "\nScenarios, %d rooms a line\n", rows[0].Reps)
	}
	for i, c := range rows {
		if i == 0 || rows[i-1].Scenario.Name != c.Scenario.Name {
			fmt.Fprintf(&b, "%s: %s%s\n", c.Scenario.Name, c.Scenario.Says, c.verdict())
		}
		fmt.Fprintf(&b, "%6g %3g  %s\n", c.Rate, c.N, c.line())
	}
	printReplies(&b, rows)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Cell) line() string {
	return fmt.Sprintf("%-11s %-16s %-16s %-16s %-18s %4.0f%% %3.0f%% %5s", c.HB.pair(), c.MLE, c.Total, c.Lexical,
		fmt.Sprintf("%.2f, %.2f [%.0f]", c.Lo, c.Hi, 100*c.Bracket.Covered), 100*c.Infectious, 100*c.Insufficient, c.Grade)
}

func (c *Cell) verdict() string {
	if c.Scenario.Unheard {
		return ": quick answers only, 0 always in n_c's interval, grade C"
	}
	return ""
}

func (s Score) pair() string {
	if s.Trials == 0 {
		return "not run"
	}
	return strings.NewReplacer("+0.", "+.", "-0.", "-.", "/0.", "/.").Replace(fmt.Sprintf("%+.2f/%.2f", s.Bias, s.RMSE))
}

func (s Score) String() string {
	if s.Trials == 0 || math.IsNaN(s.Bias) {
		return "not run"
	}
	return fmt.Sprintf("%s[%.0f]", s.pair(), 100*s.Covered)
}

// printReplies is R_S over its truth, where the ESOL prompts.
func printReplies(b *strings.Builder, rows []*Cell) {
	head := "\nR_S over its truth (answers to a mention of a word), less one\n"
	for _, c := range rows {
		if c.Relative.Trials > 0 {
			fmt.Fprintf(b, "%s%6g %3g  %-4s %s\n", head, c.Rate, c.N, c.Scenario.Name, c.Relative)
			head = ""
		}
	}
}
