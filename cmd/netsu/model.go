package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/sim/branching"
)

func modelCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "model",
		Short: "What the model's numbers are worth: simulations with known truth",
	}
	c.AddCommand(modelContagionCommand(), modelTrustCommand(), modelROIMSCommand(), modelPacingCommand())
	return c
}

func modelContagionCommand() *cobra.Command {
	var p branching.Plan
	c := &cobra.Command{
		Use:   "contagion",
		Short: "Simulate rooms whose contagion is known, and print what is recovered of it",
		Long: `Simulate rooms whose branching ratio n is known, and print what the estimators recover of it: Netsu's two, and
two from the literature for comparison. First the rooms with a hidden modulation that all words share, by rate and n;
then other scenarios, among them one in which Netsu's lexical contagion fails, and is graded accordingly.

The same flags print the same table. The default takes about three minutes on two free cores.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runModelContagion(c, p) },
	}
	fs := c.Flags()
	fs.IntVar(&p.Reps, "reps", 40, "rooms per line of the table; three quarters of it per line of the scenarios")
	fs.Uint64Var(&p.Seed, "seed", 1, "which rooms")
	fs.IntVar(&p.Seconds, "seconds", 900, "how long each is watched")
	fs.Float64SliceVar(&p.Rates, "rates", []float64{.1, 1, 10, 100}, "utterances a second; scenarios take those from 1 up")
	fs.StringVar(&p.Scenario, "scenario", "", "one scenario's table only, such as S0; empty means S4's and all scenarios")
	return c
}

func runModelContagion(c *cobra.Command, p branching.Plan) error {
	if p.Reps < 1 || p.Seconds < 20 || len(p.Rates) == 0 {
		return fmt.Errorf("--reps must be at least 1, --seconds at least 20, and --rates at least one")
	}
	for _, rate := range p.Rates {
		if !(rate > 0 && rate <= 10_000) {
			return fmt.Errorf("--rates %g is not between 0 and 10000", rate)
		}
	}
	done := progress(c, "rooms", &p.Progress)
	table, rows, err := branching.Run(c.Context(), p)
	if err != nil {
		return err
	}
	done()
	return branching.Print(c.OutOrStdout(), p, table, rows)
}
