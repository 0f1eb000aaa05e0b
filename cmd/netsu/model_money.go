package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/sim/commerce"
)

func modelROIMSCommand() *cobra.Command {
	var p commerce.CoveragePlan
	c := &cobra.Command{
		Use:   "roims",
		Short: "Simulate sales whose law is known, and print how often the interval of ROIMS holds",
		Long: `Simulate campaigns whose expected GMV is known, and print how often the 95 % interval of ROIMS holds it: Netsu's
log-delta beside two others, by number of orders, and again with orders that come in flocks (φ = 4).

The same flags print the same table.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if p.Reps < 1 || p.Reps > 1_000_000 || len(p.Orders) == 0 {
				return fmt.Errorf("--reps must be from 1 to 1000000, and --orders at least one")
			}
			for _, n := range p.Orders {
				if n < 1 || n > 100_000 {
					return fmt.Errorf("--orders %d is not from 1 to 100000", n)
				}
			}
			done := progress(c, "campaigns", &p.Progress)
			table, err := commerce.RunCoverage(c.Context(), p)
			if err != nil {
				return err
			}
			done()
			return commerce.PrintCoverage(c.OutOrStdout(), p, table)
		},
	}
	fs := c.Flags()
	fs.IntVar(&p.Reps, "reps", 4000, "campaigns per line of the table")
	fs.Uint64Var(&p.Seed, "seed", 1, "which campaigns")
	fs.IntSliceVar(&p.Orders, "orders", []int{10, 30, 100, 300}, "expected numbers of orders")
	return c
}

func modelPacingCommand() *cobra.Command {
	var p commerce.PacePlan
	c := &cobra.Command{
		Use:   "pacing",
		Short: "Simulate shows with a target, and print what its probability was worth",
		Long: `Simulate shows with a target of GMV, ask at 40 % of each whether it will be reached, and print what the answers
were worth: Brier scores, and by fifths what was said and how often it happened. Last comes the calibration that was
fitted, step by step: what was said, how often it happened, of how many shows.

The same flags print the same table.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if p.Shows < 100 || p.Shows > 1_000_000 {
				return fmt.Errorf("--shows must be from 100 to 1000000")
			}
			if p.Wander < time.Second || p.Wander > 24*time.Hour {
				return fmt.Errorf("--wander %s is not from 1s to 24h", p.Wander)
			}
			done := progress(c, "shows", &p.Progress)
			r, err := commerce.RunPace(c.Context(), p)
			if err != nil {
				return err
			}
			done()
			return commerce.PrintPace(c.OutOrStdout(), p, r)
		},
	}
	fs := c.Flags()
	fs.IntVar(&p.Shows, "shows", 10_000, "shows to judge by; as many others are simulated to fit the calibration on")
	fs.Uint64Var(&p.Seed, "seed", 1, "which shows")
	fs.DurationVar(&p.Wander, "wander", 5*time.Minute, "how long the rate of orders stays high or low; longer is harder")
	return c
}

// progress sets what is called as a simulation goes on: a line on stderr now and then. What it returns says how long it
// took.
func progress(c *cobra.Command, what string, call *func(done, total int)) (done func()) {
	began := time.Now()
	said := began
	*call = func(done, total int) {
		if time.Since(said) >= barEvery {
			said = time.Now()
			fmt.Fprintf(c.ErrOrStderr(), "%d of %d %s after %s\n", done, total, what, time.Since(began).Round(time.Second))
		}
	}
	return func() { fmt.Fprintf(c.ErrOrStderr(), "took %s\n", time.Since(began).Round(time.Second)) }
}
